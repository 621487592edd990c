/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The character tables against UnicodeData.txt itself, against counts known of Unicode 15.0, and against the look-alike classes
 * that were counted by hand.
 */
#include "test.h"

#include "text/char.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>

#define CODE_SPACE 0x110000u

static size_t
count_flag(uint32_t flag)
{
    size_t count = 0;
    for (uint32_t cp = 0; cp < CODE_SPACE; cp++) {
        count += tt_char_is(cp, flag);
    }
    return count;
}

static const struct {
    const char *name;
    uint32_t flag;
    size_t count;
} count_cases[] = {
    {"Default_Ignorable_Code_Point", TT_CHAR_IGNORABLE, 4174},
    {"zero width", TT_CHAR_ZERO_WIDTH, 7},
    {"invisible", TT_CHAR_INVISIBLE, 7 + 12 + 4 + 6 + 8},
    {"tags", TT_CHAR_TAG, 128},
    {"Variation_Selector", TT_CHAR_VARIATION, 260},
    {"Extended_Pictographic", TT_CHAR_PICTOGRAPH, 3537},
    {"Emoji", TT_CHAR_EMOJI, 1424},
    {"Emoji_Modifier", TT_CHAR_MODIFIER, 5},
    {"Regional_Indicator", TT_CHAR_REGIONAL, 26},
    {"White_Space", TT_CHAR_SPACE, 25},
    {"controls of direction", TT_CHAR_BIDI, 12 + 6},
    {"format characters", TT_CHAR_FORMAT, 1 + 2 + 5 + 12 + 4 + 8 + 128 + 3600},
    {"fillers", TT_CHAR_FILLER, 6},
    {"White_Space outside ASCII", TT_CHAR_ODD_SPACE, 25 - 6},
    {"private use and noncharacters", TT_CHAR_PRIVATE, 6400 + 2 * 65534 + 32 + 17 * 2},
    {"line ends", TT_CHAR_LINE_END, 1},
    {"signs", TT_CHAR_SIGN, 29 + 31},
};

static void
test_counts_of_unicode_15(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(count_cases) / sizeof(*count_cases); i++) {
        size_t count = count_flag(count_cases[i].flag);
        if (count != count_cases[i].count) {
            fail_msg("%s: %zu characters, not %zu", count_cases[i].name, count, count_cases[i].count);
        }
    }
}

static const struct look_alikes {
    uint32_t flag;
    uint32_t members[40]; /* ends in 0 */
} classes[] = {
    {TT_CHAR_APOSTROPHE, {0x0027, 0x0060, 0x00B4, 0x02B9, 0x02BB, 0x02BC, 0x02BD, 0x02BE, 0x02C8, 0x02CA,  0x02CB, 0x02F4, 0x0374,
                          0x0384, 0x055A, 0x055D, 0x05D9, 0x05F3, 0x07F4, 0x07F5, 0x144A, 0x16CC, 0x1FBD,  0x1FBF, 0x1FEF, 0x1FFD,
                          0x1FFE, 0x2018, 0x2019, 0x201B, 0x2032, 0x2035, 0xA78C, 0xFF07, 0xFF40, 0x16F51, 0x16F52}},
    {TT_CHAR_HYPHEN,
     {0x002D, 0x02D7, 0x06D4, 0x2010, 0x2011, 0x2012, 0x2013, 0x2043, 0x2212, 0x2796, 0x2CBA, 0xFE58, 0xFE63, 0xFF0D}},
    {TT_CHAR_SLASH,
     {0x002F, 0x1735, 0x2041, 0x2044, 0x2215, 0x2571, 0x27CB, 0x29F8, 0x2CC6, 0x2F03, 0x3033, 0x30CE, 0x31D3, 0x4E3F, 0xFF0F,
      0x1D23A}},
    {TT_CHAR_QUOTE,
     {0x0022, 0x02BA, 0x02DD, 0x02EE, 0x02F6, 0x05F2, 0x05F4, 0x1CD3, 0x201C, 0x201D, 0x201F, 0x2033, 0x2036, 0x3003, 0xFF02}},
    {TT_CHAR_COLON, {0x003A, 0x02D0, 0x02F8, 0x0589, 0x05C3, 0x0703, 0x0704, 0x0903, 0x0A83, 0x16EC,
                     0x1803, 0x1809, 0x205A, 0x2236, 0xA4FD, 0xA789, 0xFE13, 0xFE30, 0xFE55, 0xFF1A}},
};

#define CLASSES (sizeof(classes) / sizeof(*classes))

static bool
is_member(const struct look_alikes *c, uint32_t cp)
{
    for (const uint32_t *m = c->members; *m; m++) {
        if (*m == cp) {
            return true;
        }
    }
    return false;
}

static void
test_look_alike_classes(void **state)
{
    (void) state;
    for (size_t i = 0; i < CLASSES; i++) {
        for (uint32_t cp = 0; cp < CODE_SPACE; cp++) {
            if (tt_char_is(cp, classes[i].flag) != is_member(&classes[i], cp)) {
                fail_msg("U+%04X: class %zu is wrong", (unsigned) cp, i);
            }
        }
    }
    assert_int_equal(count_flag(TT_CHAR_APOSTROPHE), 37);
}

static bool
in_range(uint32_t cp, uint32_t first, uint32_t last)
{
    return cp >= first && cp <= last;
}

static bool
is_private(uint32_t cp)
{
    return in_range(cp, 0xE000, 0xF8FF) || in_range(cp, 0xFDD0, 0xFDEF) || in_range(cp, 0xF0000, 0x10FFFF) ||
           (cp & 0xFFFE) == 0xFFFE;
}

static bool
is_format(uint32_t cp)
{
    return cp == 0xAD || in_range(cp, 0x17B4, 0x17B5) || in_range(cp, 0x2061, 0x2065) || in_range(cp, 0xFFF0, 0xFFFB) ||
           in_range(cp, 0x1BCA0, 0x1BCA3) || in_range(cp, 0x1D173, 0x1D17A) || in_range(cp, 0xE0080, 0xE00FF) ||
           in_range(cp, 0xE01F0, 0xE0FFF);
}

static bool
is_bidi(uint32_t cp)
{
    return cp == 0x61C || in_range(cp, 0x200E, 0x200F) || in_range(cp, 0x202A, 0x202E) || in_range(cp, 0x2066, 0x206F);
}

static bool
is_filler(uint32_t cp)
{
    return in_range(cp, 0x115F, 0x1160) || cp == 0x2800 || cp == 0x3164 || cp == 0xFFA0 || cp == 0x1D159;
}

static bool
is_odd_space(uint32_t cp)
{
    return cp == 0x85 || cp == 0xA0 || cp == 0x1680 || in_range(cp, 0x2000, 0x200A) || in_range(cp, 0x2028, 0x2029) ||
           cp == 0x202F || cp == 0x205F || cp == 0x3000;
}

static bool
is_sign(uint32_t cp)
{
    return in_range(cp, 0x7F, 0x84) || in_range(cp, 0x86, 0x9F) ||
           (cp < ' ' && !in_range(cp, '\t', '\n') && !in_range(cp, '\f', '\r'));
}

/* One that stands for an ASCII sign, and is in no class of its own. */
static bool
is_other_sign(uint32_t cp)
{
    const uint32_t own = TT_CHAR_APOSTROPHE | TT_CHAR_HYPHEN | TT_CHAR_SLASH | TT_CHAR_QUOTE | TT_CHAR_COLON;
    return tt_char_is(cp, TT_CHAR_BESIDE) && !tt_char_is(cp, own);
}

/* TT_CHAR_WAKE, TT_CHAR_BESIDE and the flags that they are made of, spelt out a second time, but for TT_CHAR_COMPOSING, which fills tables. */
static void
test_wake_is_what_the_channels_look_at(void **state)
{
    (void) state;
    for (uint32_t cp = 0; cp < CODE_SPACE; cp++) {
        bool zero_width = in_range(cp, 0x200B, 0x200D) || cp == 0x2060 || cp == 0xFEFF || cp == 0x034F || cp == 0x180E;
        bool selector =
            in_range(cp, 0xFE00, 0xFE0F) || in_range(cp, 0xE0100, 0xE01EF) || in_range(cp, 0x180B, 0x180D) || cp == 0x180F;
        bool wake = zero_width || selector || in_range(cp, 0xE0000, 0xE007F) || is_private(cp) || is_format(cp) || is_bidi(cp) ||
                    is_filler(cp) || is_odd_space(cp) || is_sign(cp) || tt_char_is(cp, TT_CHAR_COMPOSING);
        bool beside = false;
        for (size_t i = 0; i < CLASSES; i++) {
            bool separates = classes[i].flag == TT_CHAR_HYPHEN || classes[i].flag == TT_CHAR_SLASH; /* the parts of a date */
            /* An apostrophe stands in words of any script, but for those that write a letter or mark like one. */
            uint8_t category = tt_char(cp)->category;
            bool joins = classes[i].flag == TT_CHAR_APOSTROPHE && category != TT_LO && category != TT_MN && category != TT_MC;
            wake = wake || ((separates || joins) && is_member(&classes[i], cp));
            beside = beside || is_member(&classes[i], cp);
        }
        if (tt_char_is(cp, TT_CHAR_WAKE) != (wake && cp >= 0x80)) { /* the kernel has rules of its own for ASCII */
            fail_msg("U+%04X: waking is wrong", (unsigned) cp);
        }
        if (!is_other_sign(cp) && tt_char_is(cp, TT_CHAR_BESIDE) != (beside && !wake && cp >= 0x80)) {
            fail_msg("U+%04X: waking beside ASCII is wrong", (unsigned) cp);
        }
        assert_int_equal(tt_char_is(cp, TT_CHAR_ZERO_WIDTH), zero_width);
        assert_int_equal(tt_char_is(cp, TT_CHAR_VARIATION), selector);
        assert_int_equal(tt_char_is(cp, TT_CHAR_PRIVATE), is_private(cp));
        assert_int_equal(tt_char_is(cp, TT_CHAR_FORMAT), is_format(cp));
        assert_int_equal(tt_char_is(cp, TT_CHAR_BIDI), is_bidi(cp));
        assert_int_equal(tt_char_is(cp, TT_CHAR_FILLER), is_filler(cp));
        assert_int_equal(tt_char_is(cp, TT_CHAR_ODD_SPACE), is_odd_space(cp));
        assert_int_equal(tt_char_is(cp, TT_CHAR_SIGN), is_sign(cp));
        assert_int_equal(tt_char_is(cp, TT_CHAR_LINE_END), cp == '\n');
    }
}

static const struct {
    uint32_t cp;
    bool composing, twin;
} neighbour_cases[] = {
    /* Marks that NFC joins to a letter, and others; jamo behind the first of a syllable. */
    {0x0301, true, false},
    {0x0327, true, false},
    {0x0305, false, false},
    {0x3099, true, false},
    {0x1161, true, false},
    {0x11A8, true, false},
    {0x1100, false, false},
    {0x11A7, false, false}, /* the index of "no tail" */
    /* What NFC replaces, and what it composes. */
    {0x0340, true, false},
    {0x037E, true, false},
    {0x0958, true, false},
    {0x212A, true, true}, /* KELVIN SIGN is K by NFC */
    {0xF900, true, false},
    {0x00E9, false, false},
    {0xAC00, false, false},
    /* Letters that look like ASCII ones, and others of the same scripts. */
    {0x0391, false, true},
    {0x0430, false, true},
    {0x0416, false, false},
    {0x03C9, false, false},
    {0x13A0, false, true},
    {0x05D5, false, true}, /* HEBREW LETTER VAV, as l */
    {0x4E00, false, false},
    /* Letters that are ASCII ones by NFKC: fullwidth and mathematical; not the other forms, nor modifiers. */
    {0xFF21, false, true},
    {0xFF5A, false, true},
    {0x1D400, false, true},
    {0x00AA, false, false},
    {0x2160, false, true}, /* ROMAN NUMERAL ONE */
    {0x2161, false, false},
    {0x02B0, false, false},
    /* Decimal digits of every script but ASCII. */
    {'7', false, false},
    {0x0660, false, true},
    {0x0966, false, true},
    {0xFF11, false, true},
    {0x1D7CE, false, true},
    {0x00B2, false, false},
    {'a', false, false},
};

/* A lead may join exactly when a member of the two classes begins with it. */
static void
test_first_bytes_of_joiners(void **state)
{
    bool leads[0x100] = {false};
    (void) state;
    for (uint32_t cp = 0x80; cp < CODE_SPACE; cp++) {
        char text[4];
        if (tt_char_is(cp, TT_CHAR_APOSTROPHE | TT_CHAR_HYPHEN) && tt_utf8_put(cp, text) > 0) {
            leads[(unsigned char) text[0]] = true;
        }
    }
    for (unsigned c = 0; c < 0x100; c++) {
        assert_int_equal(tt_char_may_join((unsigned char) c), leads[c]);
    }
}

static void
test_composing_and_twins(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(neighbour_cases) / sizeof(*neighbour_cases); i++) {
        uint32_t cp = neighbour_cases[i].cp;
        if (tt_char_is(cp, TT_CHAR_COMPOSING) != neighbour_cases[i].composing ||
            tt_char_is(cp, TT_CHAR_TWIN) != neighbour_cases[i].twin) {
            fail_msg("U+%04X: composing or twin is wrong", (unsigned) cp);
        }
    }
    for (uint32_t cp = 0; cp < CODE_SPACE; cp++) {
        if (tt_char_is(cp, TT_CHAR_COMPOSING)) {
            assert_true(cp >= 0x80);
        }
        if (!tt_char_is(cp, TT_CHAR_TWIN)) {
            assert_true(cp < 0x80 || tt_char(cp)->digit < 0);
        } else if (tt_char(cp)->digit < 0) {
            bool numeral = tt_char(cp)->category == TT_NL;
            assert_true(cp >= 0x80 && (numeral || tt_char_is_letter(cp)) && tt_ascii_is_alnum((int) tt_char_ascii(cp)));
        }
    }
}

/* Signs, and no letters or digits. */
static void
test_punctuation(void **state)
{
    static const uint32_t some[] = {0x01C3, 0x037E, 0x066B, 0x0701, 0x201A, 0x2024, 0x207A, 0xFF01, 0xFF20, 0xFF3F, 0xFE50};
    static const uint32_t none[] = {'.', 0x00B7, 0x0660, 0x2019, 0x2010, 0xFF0F, 0xFF1A, 0x3002, 0x4E36, 0x1C0};
    (void) state;
    for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++) {
        assert_true(is_other_sign(some[i]));
    }
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++) {
        assert_false(is_other_sign(none[i]));
    }
    for (uint32_t cp = 0; cp < CODE_SPACE; cp++) {
        if (is_other_sign(cp)) {
            uint32_t ascii = tt_char_ascii(cp);
            assert_true(cp >= 0x80 && ascii > ' ' && ascii < 0x7F && !tt_ascii_is_alnum((int) ascii));
        }
    }
}

static const char category_names[][3] = {"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd",
                                         "Nl", "No", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm",
                                         "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"};

/* One line of UnicodeData.txt. */
struct line {
    uint32_t cp;
    bool first; /* of a range that the next line ends */
    char category[3];
    int combining;
    char bidi[4];
    int digit;
};

static bool
read_line(FILE *file, struct line *line)
{
    char text[1024];
    char *fields[15];
    if (!fgets(text, sizeof(text), file)) {
        return false;
    }
    char *at = text;
    for (int i = 0; i < 15; i++) {
        fields[i] = at ? at : text;
        at = at ? strchr(at, ';') : NULL;
        if (at) {
            *at++ = '\0';
        }
    }
    *line = (struct line) {.cp = (uint32_t) strtoul(fields[0], NULL, 16), .digit = -1};
    line->first = strstr(fields[1], ", First>") != NULL;
    memcpy(line->category, fields[2], 2);
    line->combining = (int) strtol(fields[3], NULL, 10);
    snprintf(line->bidi, sizeof(line->bidi), "%s", fields[4]);
    if (strcmp(line->category, "Nd") == 0) {
        line->digit = (int) strtol(fields[6], NULL, 10);
    }
    return true;
}

static void
assert_is_as_listed(uint32_t cp, const struct line *line)
{
    const struct tt_char *c = tt_char(cp);
    bool rtl = strcmp(line->bidi, "R") == 0 || strcmp(line->bidi, "AL") == 0 || strcmp(line->bidi, "AN") == 0;
    if (strcmp(category_names[c->category], line->category) != 0 || c->digit != line->digit ||
        tt_char_is(cp, TT_CHAR_VIRAMA) != (line->combining == 9) || tt_char_is(cp, TT_CHAR_RTL) != rtl) {
        fail_msg("U+%04X differs from UnicodeData.txt", (unsigned) cp);
    }
}

static void
test_every_line_of_unicode_data(void **state)
{
    (void) state;
    FILE *file = test_open_unicode("UnicodeData.txt");
    struct line line;
    uint32_t expected = 0; /* next code point */
    size_t lines = 0;
    bool range = false;
    while (read_line(file, &line)) {
        for (; expected < line.cp; expected++) {
            if (range) {
                assert_is_as_listed(expected, &line);
            } else {
                assert_int_equal(tt_char(expected)->category, TT_CN);
            }
        }
        assert_is_as_listed(line.cp, &line);
        expected = line.cp + 1;
        range = line.first;
        lines++;
    }
    fclose(file);
    assert_true(lines > 34000);
}

static const struct {
    uint32_t cp;
    uint8_t category, script, joining;
    uint32_t flags; /* all of these */
} property_cases[] = {
    {'a', TT_LL, TT_SCRIPT_LATIN, TT_JOIN_U, 0},
    {' ', TT_ZS, TT_SCRIPT_COMMON, TT_JOIN_U, TT_CHAR_SPACE},
    {0x0301, TT_MN, TT_SCRIPT_INHERITED, TT_JOIN_T, 0},
    {0x03B1, TT_LL, TT_SCRIPT_GREEK, TT_JOIN_U, 0},
    {0x0430, TT_LL, TT_SCRIPT_CYRILLIC, TT_JOIN_U, 0},
    {0x0561, TT_LL, TT_SCRIPT_ARMENIAN, TT_JOIN_U, 0},
    {0x05D0, TT_LO, TT_SCRIPT_HEBREW, TT_JOIN_U, TT_CHAR_RTL},
    {0x0628, TT_LO, TT_SCRIPT_ARABIC, TT_JOIN_D, TT_CHAR_RTL},
    {0x0627, TT_LO, TT_SCRIPT_ARABIC, TT_JOIN_R, TT_CHAR_RTL},
    {0x0640, TT_LM, TT_SCRIPT_COMMON, TT_JOIN_C, TT_CHAR_RTL},
    {0x0660, TT_ND, TT_SCRIPT_ARABIC, TT_JOIN_U, TT_CHAR_RTL},
    {0xA872, TT_LO, TT_SCRIPT_OTHER, TT_JOIN_L, 0}, /* any other script */
    {0x093F, TT_MC, TT_SCRIPT_OTHER, TT_JOIN_U, TT_CHAR_VOWEL_SIGN},
    {0x094D, TT_MN, TT_SCRIPT_OTHER, TT_JOIN_T, TT_CHAR_VIRAMA},
    {0x0995, TT_LO, TT_SCRIPT_BENGALI, TT_JOIN_U, 0},
    {0x0CB0, TT_LO, TT_SCRIPT_KANNADA, TT_JOIN_U, 0},
    {0x0E01, TT_LO, TT_SCRIPT_THAI, TT_JOIN_U, 0},
    {0x0E81, TT_LO, TT_SCRIPT_LAO, TT_JOIN_U, 0},
    {0x1000, TT_LO, TT_SCRIPT_MYANMAR, TT_JOIN_U, 0},
    {0x1780, TT_LO, TT_SCRIPT_KHMER, TT_JOIN_U, 0},
    {0x1828, TT_LO, TT_SCRIPT_MONGOLIAN, TT_JOIN_D, 0},
    {0x3042, TT_LO, TT_SCRIPT_HIRAGANA, TT_JOIN_U, 0},
    {0x30A2, TT_LO, TT_SCRIPT_KATAKANA, TT_JOIN_U, 0},
    {0x4E00, TT_LO, TT_SCRIPT_HAN, TT_JOIN_U, TT_CHAR_IDEOGRAPH},
    {0xF900, TT_LO, TT_SCRIPT_HAN, TT_JOIN_U, TT_CHAR_IDEOGRAPH},
    {0xFA0E, TT_LO, TT_SCRIPT_HAN, TT_JOIN_U, TT_CHAR_IDEOGRAPH},
    {0x2F800, TT_LO, TT_SCRIPT_HAN, TT_JOIN_U, TT_CHAR_IDEOGRAPH},
    {0xAC00, TT_LO, TT_SCRIPT_HANGUL, TT_JOIN_U, 0},
    {0x200D, TT_CF, TT_SCRIPT_INHERITED, TT_JOIN_C, TT_CHAR_ZERO_WIDTH | TT_CHAR_INVISIBLE | TT_CHAR_IGNORABLE | TT_CHAR_WAKE},
    {0x1F600, TT_SO, TT_SCRIPT_COMMON, TT_JOIN_U, TT_CHAR_EMOJI | TT_CHAR_PICTOGRAPH},
    {0x1F3FB, TT_SK, TT_SCRIPT_COMMON, TT_JOIN_U, TT_CHAR_EMOJI | TT_CHAR_MODIFIER},
    {0x1F1E6, TT_SO, TT_SCRIPT_COMMON, TT_JOIN_U, TT_CHAR_EMOJI | TT_CHAR_REGIONAL},
    {0xD800, TT_CS, TT_SCRIPT_UNKNOWN, TT_JOIN_U, 0},
    {0xE000, TT_CO, TT_SCRIPT_UNKNOWN, TT_JOIN_U, 0},
    {0x0378, TT_CN, TT_SCRIPT_UNKNOWN, TT_JOIN_U, 0},
    {0x10FFFF, TT_CN, TT_SCRIPT_UNKNOWN, TT_JOIN_U, 0},
};

static void
test_properties(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(property_cases) / sizeof(*property_cases); i++) {
        const struct tt_char *c = tt_char(property_cases[i].cp);
        uint8_t script = c->script < TT_SCRIPT_OTHER ? c->script : (uint8_t) TT_SCRIPT_OTHER;
        if (c->category != property_cases[i].category || script != property_cases[i].script ||
            c->joining != property_cases[i].joining || (c->flags & property_cases[i].flags) != property_cases[i].flags) {
            fail_msg("U+%04X: category %d script %d joining %d flags %x", (unsigned) property_cases[i].cp, c->category, c->script,
                     c->joining, (unsigned) c->flags);
        }
    }
    assert_int_not_equal(tt_char(0x0915)->script, tt_char(0x0D15)->script); /* two of the other scripts */
    assert_int_equal(tt_char(0x0915)->script, tt_char(0x0939)->script);
    assert_int_equal(tt_char(0x0967)->digit, 1);
    assert_int_equal(tt_char(0x00B2)->digit, -1);
    assert_false(tt_char_is(0x3007, TT_CHAR_IDEOGRAPH));
}

static void
test_over_the_code_space(void **state)
{
    static const uint32_t outside[] = {0x110000, 0x110001, 0x7FFFFFFF, 0xFFFFFFFF};
    (void) state;
    for (size_t i = 0; i < sizeof(outside) / sizeof(*outside); i++) {
        const struct tt_char *c = tt_char(outside[i]);
        assert_non_null(c);
        assert_int_equal(c->category, TT_CN);
        assert_int_equal(c->flags, 0);
        assert_int_equal(tt_char_prototype(outside[i]), outside[i]);
        assert_int_equal(tt_char_compat(outside[i]), outside[i]);
        assert_int_equal(tt_char_ascii(outside[i]), 0);
    }
}

static const struct {
    uint32_t cp, prototype, compat, ascii;
} mapping_cases[] = {
    {'a', 'a', 'a', 'a'},           {'1', 'l', '1', '1'}, /* ASCII stands for itself whatever it looks like */
    {'m', 'm', 'm', 'm'},                                 /* its prototype is two characters */
    {'"', '"', '"', '"'},           {0x02BC, '\'', 0x02BC, '\''}, {0x2019, '\'', 0x2019, '\''},
    {0x00B4, '\'', 0x00B4, '\''},  /* NFKC makes two characters of it */
    {0x201C, 0x201C, 0x201C, '"'}, /* by class: its skeleton is two apostrophes */
    {0x2010, '-', 0x2010, '-'},     {0x2011, '-', 0x2010, '-'},   {0xFF0D, 0x30FC, '-', '-'}, /* only NFKC says so */
    {0x2215, '/', 0x2215, '/'},     {0xFF0F, 0xFF0F, '/', '/'},   {0x0430, 'a', 0x0430, 'a'},
    {0x0443, 'y', 0x0443, 'y'},     {0x044B, 0x044B, 0x044B, 0}, /* looks like two characters */
    {0x0416, 0x0416, 0x0416, 0},    {0xFF29, 'l', 'I', 'I'},     /* NFKC before prototype */
    {0xFF21, 'A', 'A', 'A'},        {0x1D400, 'A', 'A', 'A'},     {0x212A, 'K', 'K', 'K'},
    {0x2126, 0x03A9, 0x03A9, 0},    {0x0340, 0x0300, 0x0300, 0},  {0x0374, '\'', 0x02B9, '\''},
    {0x1E9B, 0x1E9B, 0x1E61, 0},                                 /* decomposes and is composed again */
    {0x326E, 0x326E, 0xAC00, 0},                                 /* composed from two jamo */
    {0xFFA1, 0xFFA1, 0x1100, 0},    {0xFB01, 0xFB01, 0xFB01, 0}, /* two characters */
    {0xFDFA, 0xFDFA, 0xFDFA, 0},                                 /* eighteen */
    {0x2460, 0x2780, '1', '1'},     {0x00A0, ' ', ' ', ' '},      {0x3000, 0x3000, ' ', ' '},
    {0x0958, 0x0958, 0x0958, 0},                                 /* excluded from composition */
    {0xF900, 0x8C48, 0x8C48, 0},    {0x200B, 0x200B, 0x200B, 0}, /* ignorable: stands for nothing */
    {0xE0041, 0xE0041, 0xE0041, 0},
};

static void
test_mappings(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(mapping_cases) / sizeof(*mapping_cases); i++) {
        uint32_t cp = mapping_cases[i].cp;
        if (tt_char_prototype(cp) != mapping_cases[i].prototype || tt_char_compat(cp) != mapping_cases[i].compat ||
            tt_char_ascii(cp) != mapping_cases[i].ascii) {
            fail_msg("U+%04X: prototype U+%04X compat U+%04X ascii U+%04X", (unsigned) cp, (unsigned) tt_char_prototype(cp),
                     (unsigned) tt_char_compat(cp), (unsigned) tt_char_ascii(cp));
        }
    }
}

/* Both mappings lead to characters that they leave alone: once is enough.  tt_char_ascii answers with ASCII or 0. */
static void
test_mappings_are_final(void **state)
{
    (void) state;
    size_t prototypes = 0;
    size_t compats = 0;
    for (uint32_t cp = 0; cp < CODE_SPACE; cp++) {
        uint32_t prototype = tt_char_prototype(cp);
        uint32_t compat = tt_char_compat(cp);
        assert_int_equal(tt_char_prototype(prototype), prototype);
        assert_int_equal(tt_char_compat(compat), compat);
        assert_in_range(tt_char_ascii(cp), 0, 0x7F);
        prototypes += prototype != cp;
        compats += compat != cp;
    }
    assert_true(prototypes > 3000);
    assert_true(compats > 3000);
}

static void
test_letters_and_marks(void **state)
{
    (void) state;
    assert_true(tt_char_is_letter('z'));
    assert_true(tt_char_is_letter(0x02BC));
    assert_true(tt_char_is_letter(0x4E00));
    assert_false(tt_char_is_letter('1'));
    assert_false(tt_char_is_letter(0x2019));
    assert_false(tt_char_is_letter(0x0301));
    assert_true(tt_char_is_mark(0x0301));
    assert_true(tt_char_is_mark(0x093F));
    assert_true(tt_char_is_mark(0x20DD));
    assert_false(tt_char_is_mark('a'));
    assert_false(tt_char_is_mark('0'));
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_of_unicode_15),
        cmocka_unit_test(test_look_alike_classes),
        cmocka_unit_test(test_wake_is_what_the_channels_look_at),
        cmocka_unit_test(test_first_bytes_of_joiners),
        cmocka_unit_test(test_composing_and_twins),
        cmocka_unit_test(test_punctuation),
        cmocka_unit_test(test_every_line_of_unicode_data),
        cmocka_unit_test(test_properties),
        cmocka_unit_test(test_over_the_code_space),
        cmocka_unit_test(test_mappings),
        cmocka_unit_test(test_mappings_are_final),
        cmocka_unit_test(test_letters_and_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
