/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The zero-width channel: what scripts and emoji need is left alone, noise is low, broken rules are reported, runs are read.
 */
#include "encoders.h"
#include "hide.h"

#define RULE "mark.zero-width"
#define NOTHING (-1)

#define ZWSP "\xE2\x80\x8B"
#define ZWNJ "\xE2\x80\x8C"
#define ZWJ "\xE2\x80\x8D"
#define LRM "\xE2\x80\x8E"
#define RLM "\xE2\x80\x8F"
#define WJ "\xE2\x81\xA0"
#define BOM "\xEF\xBB\xBF"
#define CGJ "\xCD\x8F"
#define MVS "\xE1\xA0\x8E"
#define APPLY "\xE2\x81\xA1"
#define TIMES "\xE2\x81\xA2"

#define CHECK(rows) LOOK_CHECK(RULE, rows, LOOK_IN_TEXT)

static void
test_non_joiner(void **state)
{
    static const struct look_row rows[] = {
        {"\xD9\x86\xD9\x85\xDB\x8C" ZWNJ "\xD8\xAF\xD8\xA7\xD9\x86\xD9\x85", NOTHING}, /* J1 */
        {"\xDB\x8C\xD9\x8E" ZWNJ "\xD8\xAF", NOTHING},                                 /* J1 over a mark */
        {"\xDB\x8C" ZWNJ "\n\xD8\xAF", TT_CANDIDATE},                                  /* not over a line end */
        {"\xD8\xB1" ZWNJ "\xD9\x87\xD8\xA7", TT_CANDIDATE},                            /* after an R letter */
        {"PDF" ZWNJ "\xD9\x87\xD8\xA7", TT_CANDIDATE},                                 /* suffix to a word */
        {"\xDB\xB1\xDB\xB0" ZWNJ "\xD9\x87\xD8\xA7", TT_CANDIDATE},                    /* suffix to a number */
        {ZWNJ "\xD9\x87\xD8\xA7", TT_CANDIDATE},                                       /* at the start */
        {"\xE0\xA6\x95\xE0\xA7\x8D" ZWNJ "\xE0\xA6\x96", NOTHING},                     /* J2 Bengali */
        {"\xE0\xB4\xA8\xE0\xB5\x8D" ZWNJ, NOTHING},                                    /* J2 at the end */
        {"\xE0\xA4\x95" ZWNJ "\xE0\xA4\x96", TT_CANDIDATE},                            /* no virama */
        {" \xE0\xA5\x8D" ZWNJ, TT_SUSPICIOUS},                                         /* no letter */
        {"Auf" ZWNJ "lage", TT_CANDIDATE},                                             /* Latin */
        {"\xD0\xB4" ZWNJ "\xD0\xB0", TT_SUSPICIOUS},                                   /* Cyrillic */
        {"a" ZWNJ, TT_SUSPICIOUS},
        {"\xF0\x9F\x87\xA6" ZWNJ "\xF0\x9F\x87\xA7", TT_CANDIDATE}, /* two regional letters */
        {"\xDB\x8C" ZWNJ RLM "\xD8\xAF", NOTHING},                  /* with a mark of direction */
        {"\xE0\xB4\xA8" ZWNJ ZWNJ "\xE0\xB4\xA8", TT_CANDIDATE},    /* typing noise */
        {"\xE0\xB4\xA8" ZWNJ ZWJ ZWNJ "\xE0\xB4\xA8", TT_CANDIDATE},
        {"\xE0\xA4\xB9\xE0\xA5\x88\xE0\xA4\x82 " ZWJ ZWNJ ZWJ ZWNJ "(", TT_CANDIDATE}, /* of a translation */
        {"\xE0\xB4\xA8" ZWNJ ZWJ ZWNJ ZWJ ZWNJ "\xE0\xB4\xA8", TT_SUSPICIOUS},
        /* sloppy ones among those that belong there, before or behind, say nothing; others do */
        {"\xD8\xB1" ZWNJ "\xD9\x87\xD8\xA7 \xD9\x85\xDB\x8C" ZWNJ "\xD8\xAF\xD8\xA7", NOTHING},
        {"\xD9\x85\xDB\x8C" ZWNJ "\xD8\xAF\xD8\xA7\n\n\xD8\xB1" ZWNJ ZWNJ "\xD9\x87\xD8\xA7", NOTHING},
        {"\xD9\x85\xDB\x8C" ZWNJ "\xD8\xAF\xD8\xA7\na" ZWNJ, TT_SUSPICIOUS},
        {"\xD9\x85\xDB\x8C" ZWNJ "\xD8\xAF\xD8\xA7 Auf" ZWNJ "lage", TT_CANDIDATE},
        {"\xE2\x97\x8C" ZWNJ "\xCD\xA2", TT_CANDIDATE}, /* a dotted circle */
    };
    (void) state;
    CHECK(rows);
}

static void
test_joiner(void **state)
{
    static const struct look_row rows[] = {
        {"\xE0\xA4\xA8\xE0\xA5\x8D" ZWJ "\xE0\xA4\xA8", NOTHING}, /* J3 */
        {"\xE0\xB6\xAD\xE0\xB7\x8A" ZWJ "\xE0\xB6\xBA", NOTHING}, /* Sinhala */
        {"\xE0\xB4\xA8\xE0\xB5\x8D" ZWJ, NOTHING},
        {"\xE0\xA6\xB0" ZWJ "\xE0\xA7\x8D\xE0\xA6\xAF", NOTHING}, /* Bengali ra */
        {"\xE0\xB2\xB0" ZWJ "\xE0\xB3\x8D\xE0\xB2\xAF", NOTHING}, /* Kannada ra */
        {"\xD9\x87" ZWJ " ", NOTHING},                            /* Arabic heh */
        {"\xE0\xA4\x95" ZWJ "\xE0\xA4\x96", NOTHING},             /* what old keyboards wrote */
        {"\xE0\xA4\xA8\xE0\xA5\x8D" ZWJ "\xE0\xA4\xBE", NOTHING}, /* before a vowel sign */
        {"a" ZWJ " ", TT_SUSPICIOUS},
        {"a" ZWJ "b", TT_SUSPICIOUS},
        {"1" ZWJ "2", TT_SUSPICIOUS},
        {ZWJ, TT_SUSPICIOUS},
    };
    (void) state;
    CHECK(rows);
}

static const char plain[] =
    "Every person who reads this text may copy it in whole or in part, give copies to friends and print them on paper, as long "
    "as "
    "nothing is taken away from what the authors have written and nothing is added to it that they have not seen before. ";

/* Is the secret what is read from text? */
static void
assert_spells(const char *text, const char *secret)
{
    struct looked l;
    look_text(&l, RULE, tt_str_cstr(text), false);
    assert_true(l.count > 0);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(secret));
    look_free(&l);
}

/* Bits that are said more than once: each three times, or with its opposite behind it. */
static void
test_said_again(void **state)
{
    static const char secret[] = "copy for J. Doe";
    static const char *const codes[][2] = {{ZWSP ZWSP ZWSP, ZWNJ ZWNJ ZWNJ}, {ZWSP ZWNJ, ZWNJ ZWSP}, {ZWNJ ZWSP, ZWSP ZWNJ}};
    (void) state;
    for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++) {
        char text[4096] = "title";
        for (size_t bit = 0; bit < 8 * strlen(secret); bit++) {
            strcat(text, codes[i][secret[bit / 8] >> (7 - bit % 8) & 1]);
        }
        assert_spells(text, secret);
    }
}

/* Of what is quiet, many in one text are told once. */
static void
test_many_quiet(void **state)
{
    struct looked l;
    char text[4096] = "";
    (void) state;
    for (int i = 0; i < 40; i++) {
        strcat(text, i % 3 ? "administrable_role_" ZWSP "authorizations\n" : "domain_constraint_" ZWSP "usage_of_it\n");
        look_text(&l, RULE, tt_str_cstr(text), false);
        assert_int_equal(l.count, i >= 31);
        look_free(&l);
    }
}

/* One joiner behind each letter that is a one. */
static void
test_there_or_not(void **state)
{
    static const char secret[] = "copy for J. Doe, who lives at 12 High Street";
    static const char *const marks[] = {ZWNJ, ZWJ, WJ, TIMES};
    (void) state;
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        char text[8192] = "";
        size_t len = 0, bit = 0;
        for (size_t at = 0; at < 4 * strlen(plain); at++) {
            char c = plain[at % strlen(plain)];
            text[len++] = c;
            if (tt_ascii_is_alpha((unsigned char) c) && bit < 8 * strlen(secret)) {
                bool one = secret[bit / 8] >> (7 - bit % 8) & 1;
                len = one ? (size_t) (stpcpy(text + len, marks[i]) - text) : len;
                bit++;
            }
        }
        text[len] = '\0';
        assert_spells(text, secret);
    }
}

/* What is read with others and says nothing by itself, and what tables and programs hold. */
static void
test_quiet(void **state)
{
    static const struct look_row rows[] = {
        {"i overs\xC3\xA6ttelsen af " ZWSP ZWSP "denne vejledning", NOTHING}, /* machine translation */
        {"af " ZWSP ZWSP ZWSP "denne", TT_CANDIDATE},
        {"\xD9\x81\xD8\xA7\xDB\x8C\xD9\x84" ZWSP "\xD9\x87\xD8\xA7", NOTHING}, /* for a joiner */
        {"\xE0\xB8\xAA\xE0\xB8\xB4\xE0\xB8\x9A[" ZWSP ">>>];", NOTHING},       /* a rule for Thai numbers */
        {"8ab2d3c9689aaf18" ZWSP "b4958c334c82d8b1", NOTHING},                 /* a number too long for a line */
        {"administrable_role_" ZWSP "authorizations", NOTHING},
        {"pass" ZWSP "word", TT_SUSPICIOUS},
        {"international" ZWSP "ization", TT_SUSPICIOUS}, /* a word */
        {"{0}" ZWNJ "{1}", NOTHING},
        {"msgstr \"" BOM "Lisu\"", TT_CANDIDATE},
        {"msgstr \"" BOM BOM BOM "Lisu\"", TT_CANDIDATE},
        {"the" BOM BOM " Lisu", TT_SUSPICIOUS},
        {"\xF0\x9F\x91\xA8\n\t\t" ZWJ "\xE2\x9D\xA4" ZWJ "\xF0\x9F\x91\xA8", TT_CANDIDATE}, /* a list that a program wrapped */
        {"(\"_\" \"" ZWNJ ZWNJ "\")\n(\"m\" \"\xE0\xB4\x95\")", NOTHING},                   /* a table of keys */
        {"\"Ig\",\n\"" ZWJ ",\",\n\" " ZWNJ "\",\n\"SUM\"", TT_CANDIDATE},                  /* tokens */
        {"\xE1\xA0\xAA\xE1\xA0\xA0 " MVS MVS MVS "\xE1\xA0\xA4", TT_CANDIDATE},             /* Mongolian */
        {"a" MVS MVS "b", TT_SUSPICIOUS},
    };
    (void) state;
    LOOK_CHECK(RULE, rows, LOOK_IN_TEXT);
}

static void
test_emoji(void **state)
{
    static const struct look_row rows[] = {
        {"\xF0\x9F\x91\xA9" ZWJ "\xF0\x9F\x92\xBB", NOTHING},                                        /* technologist */
        {"\xF0\x9F\x91\xA9" ZWJ "\xF0\x9F\x92\xBB\xF0\x9F\x91\xA9" ZWJ "\xF0\x9F\x92\xBB", NOTHING}, /* two of them */
        {"\xF0\x9F\x8F\xB3\xEF\xB8\x8F" ZWJ "\xF0\x9F\x8C\x88", NOTHING},                            /* rainbow flag */
        {"\xF0\x9F\x8F\xB3" ZWJ "\xF0\x9F\x8C\x88", NOTHING},                                        /* without FE0F */
        {"\xF0\x9F\x91\xA8" ZWJ "\xF0\x9F\x91\xA9" ZWJ "\xF0\x9F\x91\xA7" ZWJ "\xF0\x9F\x91\xA6", NOTHING},
        {"\xF0\x9F\x91\xA9\xF0\x9F\x8F\xBD" ZWJ "\xF0\x9F\x92\xBB", NOTHING}, /* skin tone */
        {"\xF0\x9F\x90\xB6" ZWJ "\xF0\x9F\x9A\x80", TT_CANDIDATE},            /* not listed */
        {"\xF0\x9F\x91\xA9" ZWJ, TT_SUSPICIOUS},                              /* nothing joined */
        {"\xF0\x9F\x91\xA9" ZWJ "a", TT_SUSPICIOUS},
        {"\xF0\x9F\x91\xA8" ZWJ "\xF0\x9F\x91\xA9" ZWJ "[]", TT_CANDIDATE}, /* one was deleted */
        {"\xF0\x9F\x91\xA8" ZWJ "\xF0\x9F\x91\xA9" ZWJ "b", TT_SUSPICIOUS},
        {"\xF0\x9F\x99\x82" ZWJ "\xE2\x86\x94\xEF\xB8\x8F", NOTHING}, /* turned by an arrow */
        {"\xF0\x9F\x91\xA9" ZWJ ZWJ "\xF0\x9F\x92\xBB", TT_SUSPICIOUS},
    };
    (void) state;
    CHECK(rows);
}

/* Forty emoji in a chain are no emoji. */
static void
test_long_chain(void **state)
{
    char text[40 * 7 + 1] = "";
    (void) state;
    for (int i = 0; i < 39; i++) {
        strcat(text, "\xF0\x9F\x90\xB6" ZWJ);
    }
    strcat(text, "\xF0\x9F\x90\xB6");
    assert_int_equal(look_level(RULE, tt_str_cstr(text), false), TT_SUSPICIOUS);
}

static void
test_spaces_and_marks(void **state)
{
    static const struct look_row rows[] = {
        {"\xE0\xB8\xA0\xE0\xB8\xB2" ZWSP "\xE0\xB9\x84", NOTHING}, /* Thai */
        {"\xE1\x9E\x97" ZWSP "\xE1\x9E\x97", NOTHING},             /* Khmer */
        {"\xE1\x80\x99" ZWSP "\xE1\x80\x99", NOTHING},             /* Myanmar */
        {"\xE1\x9E\x97" ZWSP ZWSP "\xE1\x9E\x97", TT_CANDIDATE},
        {"\xE6\x9D\xB1" ZWSP "\xE4\xBA\xAC", TT_CANDIDATE},
        {"path/" ZWSP "to", TT_CANDIDATE},
        {"pass" ZWSP "word", TT_SUSPICIOUS},
        {"ab " ZWSP ZWSP " cd", TT_CANDIDATE}, /* between blanks they divide nothing */
        {BOM "text", NOTHING},
        {"te" BOM "xt", TT_SUSPICIOUS},
        {BOM BOM "text", TT_SUSPICIOUS},
        {"\xD7\x90\xD6\xB7" CGJ "\xD6\xB4", TT_CANDIDATE}, /* Hebrew marks */
        {"e\xCC\x81" CGJ "\xCC\xA3", TT_CANDIDATE},
        {"a" CGJ "b", TT_SUSPICIOUS},
        {"\xE1\xA0\xA0" MVS "\xE1\xA0\xA0", NOTHING},
        {"a" MVS "b", TT_SUSPICIOUS},
        {"100" WJ "%", TT_CANDIDATE},
        {"a " WJ "b", TT_SUSPICIOUS},
        {"f" APPLY "(x)", TT_CANDIDATE},
        {"2" TIMES "x", TT_CANDIDATE},
        {"se" TIMES "cret", TT_SUSPICIOUS},
        {"a" TIMES, TT_SUSPICIOUS},
        {"plain text", NOTHING},
        {"\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D" RLM "!", NOTHING}, /* marks of direction are another channel's */
    };
    (void) state;
    CHECK(rows);
}

static void
test_json(void **state)
{
    static const struct look_row rows[] = {
        {BOM "text", TT_SUSPICIOUS},
        {"\xDB\x8C" ZWNJ "\xD8\xAF", NOTHING},
    };
    (void) state;
    LOOK_CHECK(RULE, rows, LOOK_IN_JSON);
}

static void
test_tables(void **state)
{
    static const struct look_row rows[] = {
        {"| " ZWSP ZWSP " | U+200B |", TT_CANDIDATE}, /* not alone */
        {"| " ZWJ " | U+200D |", NOTHING},
        {"| " ZWJ " | 200d |", NOTHING},
        {"| " ZWJ " | \\u200d |", NOTHING},
        {"| " ZWJ " | &#8205; |", NOTHING},
        {"| " ZWJ " | &zwj; |", NOTHING},
        {"| " ZWJ " | Zero Width Joiner |", NOTHING},
        {"| " ZWJ " | zwjx |", TT_SUSPICIOUS},
        {"| " ZWJ " | U+200B |", TT_SUSPICIOUS},
        {"| " ZWJ " |\nU+200D", TT_SUSPICIOUS}, /* another line */
        {"a" ZWJ "b U+200D", TT_SUSPICIOUS},    /* in running text */
        {"\"" BOM "\" is U+FEFF", NOTHING},
        {"x 1200D " ZWJ " |", TT_SUSPICIOUS}, /* part of another number */
    };
    (void) state;
    CHECK(rows);
}

/* ---- runs ---- */

/* cover[0..at], the hidden characters, the rest of cover; or with step > 0 that many of them behind each character of cover. */
static char *
hide(const char *cover, const struct enc_symbols *symbols, size_t at, size_t step)
{
    char *out = malloc(strlen(cover) + symbols->n * 4 + 1);
    size_t len = 0, done = 0;
    assert_non_null(out);
    for (size_t i = 0; cover[i]; i++) {
        if (step == 0 && i == at) {
            len += enc_utf8(symbols->cp, symbols->n, out + len);
        }
        out[len++] = cover[i];
        size_t n = symbols->n - done < step ? symbols->n - done : step;
        len += enc_utf8(symbols->cp + done, n, out + len);
        done += n;
    }
    assert_true(step == 0 || done == symbols->n);
    out[len] = '\0';
    return out;
}

static void
assert_decoded(const char *text, const char *secret, size_t offset, size_t symbols)
{
    struct looked l;
    look_text(&l, RULE, tt_str_cstr(text), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_int_equal(l.findings[0].where.offset, offset);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(secret));
    assert_non_null(look_fact(&l.findings[0], "decoded.format"));
    assert_int_equal(look_fact(&l.findings[0], "symbols")->number, (int64_t) symbols);
    assert_true(look_fact(&l.findings[0], "bits")->number >= (int64_t) symbols);
    assert_true(l.findings[0].fact_count < TT_FACTS_MAX);
    look_free(&l);
}

/* Formats that this channel reads; what makes a run of them wake it is that they hold a zero-width character or operator. */
static bool
is_mine(const char *format)
{
    return !strstr(format, "tag") && !strstr(format, "selector") && !strstr(format, "200E is 0") && !strstr(format, "variable");
}

static void
test_every_format_in_one_run(void **state)
{
    (void) state;
    for (size_t e = 0; e < encoder_count; e++) {
        if (!is_mine(encoders[e].format)) {
            continue;
        }
        struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
        assert_non_null(symbols);
        encoders[e].encode(TT_STR("user 4711 secret"), symbols);
        char *text = hide("Some text", symbols, 3, 0);
        assert_decoded(text, "user 4711 secret", 3, symbols->n);
        free(text);
        free(symbols);
    }
}

static const char cover[] =
    "The quick brown fox jumps over the lazy dog and then it rests under the old tree for the whole of a long afternoon, "
    "because nothing else is left to do on such a day, and because the shade is so very pleasant there at that time.";

/* Symbols behind each letter of a text, alone and in the groups that some writers keep together. */
static void
test_spread(void **state)
{
    static const struct {
        const char *format;
        size_t step;
    } rows[] = {
        {"sneaky bits, 8 bits", 1},
        {"330k text", 8},
        {"330k text", 1},
        {"zwsp-steg, 3 symbols", 11},
        {"zwsp-steg, 5 symbols", 7},
        {"ZWC 0.9", 1},
        {"330k binary", 4},
        {"base 4 of U+200B 200C 200D 2060", 1},
        {"binary, U+200B is 0, U+200C is 1", 1},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
        assert_non_null(symbols);
        enc_find(rows[i].format)->encode(TT_STR("copy for J. Doe 17"), symbols);
        char *text = hide(cover, symbols, 0, rows[i].step);
        assert_decoded(text, "copy for J. Doe 17", 1, symbols->n);
        free(text);
        free(symbols);
    }
}

/* A payload in the second line is found although the first has strays of its own. */
static void
test_spread_in_second_line(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    struct looked l;
    (void) state;
    assert_non_null(symbols);
    enc_find("sneaky bits, 8 bits")->encode(TT_STR("copy 17 x"), symbols);
    char *hidden = hide(cover, symbols, 0, 1);
    char *text = malloc(strlen(hidden) + 100);
    assert_non_null(text);
    strcpy(text, "pass" ZWSP "word a" ZWJ "b\n");
    strcat(text, hidden);
    look_text(&l, RULE, tt_str_cstr(text), false);
    assert_true(l.count > 0);
    assert_int_equal(l.findings[l.count - 1].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[l.count - 1], "decoded.text")->text, TT_STR("copy 17 x"));
    look_free(&l);
    free(text);
    free(hidden);
    free(symbols);
}

/* Many odd characters that say nothing are one finding; long runs among them are reported all the same. */
static void
test_spread_without_meaning(void **state)
{
    char text[2000] = "";
    struct looked l;
    (void) state;
    for (int i = 0; i < 30; i++) {
        strcat(text, i % 3 ? "wo" ZWSP "rd " : "wo" ZWJ "rd ");
    }
    strcat(text, "\nx" ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP "y\n");
    look_text(&l, RULE, tt_str_cstr(text), false);
    assert_int_equal(l.count, 2);
    assert_int_equal(l.findings[0].level, TT_SUSPICIOUS);
    assert_int_equal(look_fact(&l.findings[0], "symbols")->number, 30);
    assert_int_equal(l.findings[1].level, TT_SUSPICIOUS);
    assert_int_equal(look_fact(&l.findings[1], "symbols")->number, 10);
    look_free(&l);
}

/* A long text with break hints is no pattern. */
static void
test_many_break_hints(void **state)
{
    char text[4000] = "";
    (void) state;
    for (int i = 0; i < 100; i++) {
        strcat(text, "some/" ZWSP "path and more words ");
    }
    assert_int_equal(look_level(RULE, tt_str_cstr(text), false), TT_CANDIDATE);
}

/* Joiners that a script does not need: a few are noise, many of two kinds or at one distance are not. */
static void
test_patterns(void **state)
{
    char text[4000] = "";
    (void) state;
    for (int i = 0; i < 7; i++) {
        strcat(text, i % 2 ? "\xE0\xA4\x95" ZWJ "\xE0\xA4\x96 " : "\xE0\xA4\x95" ZWNJ "\xE0\xA4\x96\xE0\xA4\x97 ");
    }
    assert_int_equal(look_level(RULE, tt_str_cstr(text), false), TT_CANDIDATE);
    strcat(text, "\xE0\xA4\x95" ZWJ "\xE0\xA4\x96");
    assert_int_equal(look_level(RULE, tt_str_cstr(text), false), TT_SUSPICIOUS);

    text[0] = '\0';
    for (int i = 0; i < 12; i++) {
        strcat(text, "\xD8\xB1\xD8\xB1" ZWNJ); /* one kind at one distance */
    }
    strcat(text, "\xD8\xB1");
    assert_int_equal(look_level(RULE, tt_str_cstr(text), false), TT_SUSPICIOUS);

    text[0] = '\0';
    for (int i = 0; i < 40; i++) {
        strcat(text, i % 3 ? "\xD8\xB1\xD8\xB1" ZWNJ "\xD8\xA7 " : "\xDA\xA9\xD8\xA7\xD8\xB1" ZWNJ "\xD9\x87\xD8\xA7 ");
    }
    assert_int_equal(look_level(RULE, tt_str_cstr(text), false), TT_CANDIDATE); /* one kind, as people type */
}

/* A run of encoder symbols that nothing reads is capacity. */
static void
test_unreadable_run(void **state)
{
    struct looked l;
    (void) state;
    look_text(&l, RULE, TT_STR("a" ZWSP ZWNJ ZWSP ZWSP ZWNJ ZWSP ZWSP ZWSP ZWNJ ZWNJ "b"), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_SUSPICIOUS);
    assert_int_equal(look_fact(&l.findings[0], "bits")->number, 10);
    assert_int_equal(look_fact(&l.findings[0], "symbols")->number, 10);
    assert_null(look_fact(&l.findings[0], "decoded.text"));
    assert_int_equal(l.findings[0].where.offset, 1);
    assert_int_equal(l.findings[0].where.length, 30);
    look_free(&l);
}

static void
test_locked_message(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    struct looked l;
    char noise[80];
    (void) state;
    assert_non_null(symbols);
    for (size_t i = 0; i < sizeof(noise); i++) {
        noise[i] = (char) (i * i * 7 + 31 * i + 5);
    }
    enc_stegcloak_locked(tt_str_make(noise, sizeof(noise)), true, symbols);
    char *text = hide("Some text", symbols, 5, 0);
    look_text(&l, RULE, tt_str_cstr(text), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_int_equal(look_fact(&l.findings[0], "decoded.length")->number, sizeof(noise));
    assert_null(look_fact(&l.findings[0], "decoded.text"));
    look_free(&l);
    free(text);
    free(symbols);
}

/* A run behind a file's byte order mark does not take the mark along. */
static void
test_run_behind_bom(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    (void) state;
    assert_non_null(symbols);
    enc_find("330k text")->encode(TT_STR("behind it"), symbols);
    char hidden[2000] = BOM;
    hidden[3 + enc_utf8(symbols->cp, symbols->n, hidden + 3)] = '\0';
    assert_decoded(hidden, "behind it", 3, symbols->n);
    free(symbols);
}

/* A window of a longer text: what an earlier window has seen is not reported again. */
static void
test_windows(void **state)
{
    static const char text[] = "ab" ZWSP ZWNJ ZWSP ZWSP ZWNJ ZWSP ZWSP ZWSP ZWNJ "cd" ZWJ "ef";
    struct looked l;
    (void) state;
    for (size_t cut = 0; cut <= sizeof(text) - 1; cut++) {
        size_t found = 0;
        if (((unsigned char) text[cut] & 0xC0) == 0x80) {
            continue;
        }
        struct tt_field field = {.text = TT_STR(text), .to = cut, .at_start = true, .at_end = true};
        assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
        found += l.count;
        look_free(&l);
        field.from = cut;
        field.to = sizeof(text) - 1;
        assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
        found += l.count;
        look_free(&l);
        assert_int_equal(found, 2);
    }
}

/* ---- size and memory ---- */

/* A field full of hidden characters of every shape is dealt with in bounded memory. */
static void
test_dense_field(void **state)
{
    const size_t size = 256 * 1024;
    char *text = malloc(size + 64);
    uint64_t seed = 5;
    size_t len = 0;
    (void) state;
    assert_non_null(text);
    while (len < size) {
        static const char *const pieces[] = {ZWSP, ZWNJ, ZWJ, WJ, BOM, "a", "b ", "\n", ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP ZWSP};
        seed = seed * 6364136223846793005 + 1442695040888963407;
        const char *piece = pieces[(seed >> 33) % 9];
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    assert_true(look_level(RULE, tt_str_make(text, len), false) >= TT_SUSPICIOUS);
    free(text);
}

static void
test_failing_memory(void **state)
{
    struct enc_symbols *symbols = calloc(1, sizeof(*symbols));
    (void) state;
    assert_non_null(symbols);
    enc_find("sneaky bits, 8 bits")->encode(TT_STR("copy for J. Doe"), symbols);
    char *spread = hide(cover, symbols, 0, 1);
    char *run = hide(cover, symbols, 4, 0);
    assert_survives_failing_memory(RULE, tt_str_cstr(spread), false);
    assert_survives_failing_memory(RULE, tt_str_cstr(run), false);
    char single[] = "pass" ZWSP "word path/" ZWSP "x";
    assert_survives_failing_memory(RULE, tt_str_cstr(single), false);
    free(spread);
    free(run);
    free(symbols);
}

/* Two characters in every order of bits, in a row and one behind each word, and one that is there or not. */
static void
test_orders(void **state)
{
    static const char *const nothing[] = {""};
    static const struct {
        const char *forms[2];
        enum hide_order order;
        bool words;
    } rows[] = {
        {{ZWNJ, ZWJ}, HIDE_LOW_FIRST, false},     {{ZWJ, ZWNJ}, HIDE_LOW_FIRST, false},  {{ZWSP, ZWNJ}, HIDE_SEVEN, false},
        {{ZWNJ, ZWSP}, HIDE_SEVEN, false},        {{WJ, ZWSP}, HIDE_HIGH_FIRST, false},  {{WJ " ", ZWSP " "}, HIDE_SEVEN, true},
        {{" ", ZWSP " "}, HIDE_HIGH_FIRST, true}, {{" ", " " WJ}, HIDE_LOW_FIRST, true}, {{ZWSP " ", " "}, HIDE_SEVEN, true},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct hide h = {rows[i].words ? hide_words : nothing,
                         rows[i].words ? HIDE_WORDS : 1,
                         {rows[i].forms[0], rows[i].forms[1]},
                         rows[i].order,
                         0,
                         0};
        char *text = hide_message(&h, "meant for J. Doe alone");
        assert_says(RULE, tt_str_cstr(text), i % 2, "meant for J. Doe alone");
        free(text);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_orders),
        cmocka_unit_test(test_non_joiner),
        cmocka_unit_test(test_joiner),
        cmocka_unit_test(test_said_again),
        cmocka_unit_test(test_there_or_not),
        cmocka_unit_test(test_many_quiet),
        cmocka_unit_test(test_quiet),
        cmocka_unit_test(test_emoji),
        cmocka_unit_test(test_long_chain),
        cmocka_unit_test(test_spaces_and_marks),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_every_format_in_one_run),
        cmocka_unit_test(test_spread),
        cmocka_unit_test(test_spread_in_second_line),
        cmocka_unit_test(test_spread_without_meaning),
        cmocka_unit_test(test_many_break_hints),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_unreadable_run),
        cmocka_unit_test(test_locked_message),
        cmocka_unit_test(test_run_behind_bom),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_dense_field),
        cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
