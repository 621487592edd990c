/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choices between spellings in JSON; see json_form.h.
 *
 * Input: the raw insides of a document's strings, valid JSON.  Each spelling that has an alternative is one bit: 0 for the shorter or plain
 * one.  At the document's end a choice that was made both ways is reported: as a candidate, as suspicious when both spellings are frequent, as confirmed
 * when the bits read as text.
 */
#include "marks/json_form.h"

#include "marks/channels.h"

#include "text/visible.h"

#define FREQUENT 16   /* of both spellings: programs that mix do it at one place, not at every second one */
#define TEXT_MIN 4    /* printable characters that are no accident */
#define HABIT_SKIP 16 /* bits before a message */
#define HABIT_TEXT 7  /* characters of it then */

struct choice_words {
    const char *name, *message;
};

static const struct choice_words words[TT_JSON_CHOICES] = {
    [TT_JSON_CHOICE_HEX] = {"hexadecimal case", "escapes are written in small and in capital hexadecimal digits"},
    [TT_JSON_CHOICE_SLASH] = {"escaped slash", "some slashes are escaped and some are not"},
    [TT_JSON_CHOICE_NEEDLESS] = {"needless escape", "some letters that need no escape are escaped"},
    [TT_JSON_CHOICE_WIDE] = {"escape outside ASCII", "some characters outside ASCII are escaped and some are not"},
    [TT_JSON_CHOICE_COLON] = {"space behind a colon", "some colons have a space behind them and some have none"},
    [TT_JSON_CHOICE_COMMA] = {"space behind a comma", "some commas have a space behind them and some have none"},
    [TT_JSON_CHOICE_NUMBER] = {"number form", "some whole numbers are written with a fraction or an exponent"},
    [TT_JSON_CHOICE_LONE] = {"lone surrogate", "an escape stands for half a character, which no text needs"},
    [TT_JSON_CHOICE_TWICE] = {"name twice", "an object has a name twice, so that one of the values is not seen by every reader"},
};

void
tt_json_form_begin(struct tt_json_form *form)
{
    for (size_t i = 0; i < TT_JSON_CHOICES; i++) {
        struct tt_json_bits *bits = &form->choices[i];
        bits->count[0] = bits->count[1] = 0;
        bits->used = 0;
        bits->placed = false;
    }
    form->plain_slash = false;
}

/* Adds one bit; true when this makes the document's choice a mixed one. */
static bool
choose(struct tt_json_form *form, enum tt_json_choice choice, unsigned bit)
{
    struct tt_json_bits *bits = &form->choices[choice];
    if (bits->used < TT_JSON_FORM_BITS) {
        unsigned char mask = (unsigned char) (0x80 >> bits->used % 8);
        unsigned char *byte = &bits->bits[bits->used / 8];
        *byte = (unsigned char) (bit ? *byte | mask : *byte & ~mask);
        bits->used++;
    }
    return bits->count[bit]++ == 0 && bits->count[!bit] > 0;
}

/* Escapes that careful writers make: of HTML and script, of controls, of line separators, of format characters. */
static bool
is_careful(uint32_t cp)
{
    static const bool ascii[128] = {['<'] = true, ['>'] = true, ['&'] = true, ['\''] = true, ['"'] = true, ['='] = true,
                                    ['+'] = true, ['`'] = true, ['/'] = true, ['\\'] = true, ['-'] = true, [0x7F] = true};
    if (cp < 0x80) {
        return cp < 0x20 || ascii[cp];
    }
    return cp < 0xA0 || tt_char(cp)->category >= TT_ZS;
}

static bool
take_hex_case(struct tt_json_form *form, const char *digits)
{
    bool mixed = false;
    for (size_t i = 0; i < 4; i++) {
        if (tt_ascii_is_alpha((unsigned char) digits[i])) {
            mixed = choose(form, TT_JSON_CHOICE_HEX, digits[i] < 'a') || mixed;
        }
    }
    return mixed;
}

static uint32_t
read_hex(const char *digits)
{
    uint32_t cp = 0;
    for (size_t i = 0; i < 4; i++) {
        cp = cp << 4 | (uint32_t) tt_ascii_hex((unsigned char) digits[i]);
    }
    return cp;
}

static bool
is_low_surrogate_at(struct tt_str raw, size_t pos)
{
    if (raw.len < pos + 6 || raw.ptr[pos] != '\\' || raw.ptr[pos + 1] != 'u') {
        return false;
    }
    uint32_t cp = read_hex(raw.ptr + pos + 2);
    return cp >= 0xDC00 && cp <= 0xDFFF;
}

/* The \uXXXX escape at *pos, and the second half of its pair. */
static bool
take_u(struct tt_json_form *form, struct tt_str raw, size_t *pos)
{
    const char *digits = raw.ptr + *pos + 2;
    uint32_t cp = read_hex(digits);
    bool mixed = take_hex_case(form, digits);
    *pos += 6;
    if (cp < 0xD800 || cp > 0xDFFF) {
        enum tt_json_choice choice = cp < 0x80 ? TT_JSON_CHOICE_NEEDLESS : TT_JSON_CHOICE_WIDE;
        return (!is_careful(cp) && choose(form, choice, 1)) || mixed;
    }
    if (cp < 0xDC00 && is_low_surrogate_at(raw, *pos)) {
        mixed = take_hex_case(form, raw.ptr + *pos + 2) || mixed;
        *pos += 6;
        return choose(form, TT_JSON_CHOICE_WIDE, 1) || mixed;
    }
    return form->choices[TT_JSON_CHOICE_LONE].count[1]++ == 0 || mixed;
}

/* Adds count plain spellings; true as for choose(). */
static bool
choose_plain(struct tt_json_form *form, enum tt_json_choice choice, size_t count)
{
    struct tt_json_bits *bits = &form->choices[choice];
    bool mixed = count > 0 && bits->count[0] == 0 && bits->count[1] > 0;
    bits->count[0] += count;
    for (; count > 0 && bits->used < TT_JSON_FORM_BITS; count--, bits->used++) {
        bits->bits[bits->used / 8] &= (unsigned char) ~(0x80 >> bits->used % 8);
    }
    return mixed;
}

/*
 * What a byte says when it stands for itself.  0, of letters and the like: it could have been escaped.  OTHER ends a row of plain characters,
 * and is more than eight of the others together.
 */
enum { PLAIN_SILENT = 1, PLAIN_OTHER = 16 };

static const uint8_t plain_kinds[256] = {
    [' '] = PLAIN_SILENT,  ['<'] = PLAIN_SILENT, ['>'] = PLAIN_SILENT, ['&'] = PLAIN_SILENT,          ['\''] = PLAIN_SILENT,
    ['"'] = PLAIN_SILENT,  ['='] = PLAIN_SILENT, ['+'] = PLAIN_SILENT, ['`'] = PLAIN_SILENT,          ['-'] = PLAIN_SILENT,
    [0x7F] = PLAIN_SILENT, ['/'] = PLAIN_OTHER,  ['\\'] = PLAIN_OTHER, [0x80 ... 0xFF] = PLAIN_OTHER,
};

/* How many of the eight bytes at p could have been escaped; -1 when a row of plain characters ends among them. */
static int
count_of_eight(const char *p)
{
    int sum = 0;
    for (size_t i = 0; i < 8; i++) {
        sum += plain_kinds[(unsigned char) p[i]];
    }
    return sum < PLAIN_OTHER ? 8 - sum : -1;
}

/* Passes ASCII that is neither an escape nor a slash. */
static bool
take_ascii(struct tt_json_form *form, struct tt_str raw, size_t *pos, size_t *at)
{
    size_t count = 0, i = *pos;
    for (int more; raw.len - i >= 8 && (more = count_of_eight(raw.ptr + i)) >= 0; i += 8) {
        count += (size_t) more;
    }
    for (; i < raw.len && plain_kinds[(unsigned char) raw.ptr[i]] != PLAIN_OTHER; i++) {
        count += plain_kinds[(unsigned char) raw.ptr[i]] == 0;
    }
    for (*at = *pos; *at < i && plain_kinds[(unsigned char) raw.ptr[*at]] != 0;) {
        *at += 1;
    }
    *pos = i;
    return choose_plain(form, TT_JSON_CHOICE_NEEDLESS, count);
}

/* One plain character: what other spelling does it have? */
static bool
take_plain(struct tt_json_form *form, struct tt_rune rune)
{
    if (rune.cp == '/') {
        return choose(form, TT_JSON_CHOICE_SLASH, 0);
    }
    if (is_careful(rune.cp) || rune.cp == ' ') {
        return false;
    }
    return choose(form, rune.cp < 0x80 ? TT_JSON_CHOICE_NEEDLESS : TT_JSON_CHOICE_WIDE, 0);
}

static bool
take_one(struct tt_json_form *form, struct tt_str raw, size_t *pos)
{
    if (raw.ptr[*pos] != '\\') {
        struct tt_rune rune = tt_utf8_next(raw, *pos);
        *pos += rune.len ? rune.len : 1;
        return take_plain(form, rune);
    }
    if (*pos + 6 <= raw.len && raw.ptr[*pos + 1] == 'u') {
        return take_u(form, raw, pos);
    }
    bool slash = *pos + 1 < raw.len && raw.ptr[*pos + 1] == '/';
    *pos += 2;
    return slash && choose(form, TT_JSON_CHOICE_SLASH, 1);
}

static void
note(const struct tt_json_form *form, uint64_t second[TT_JSON_CHOICES], size_t used[TT_JSON_CHOICES])
{
    for (size_t i = 0; i < TT_JSON_CHOICES; i++) {
        second[i] = form->choices[i].count[1];
        used[i] = form->choices[i].used;
    }
}

/* A string that makes a choice in the plain way only has no part in a message: its bits are taken back. */
static void
take_back(struct tt_json_form *form, const uint64_t second[TT_JSON_CHOICES], const size_t used[TT_JSON_CHOICES])
{
    for (size_t i = 0; i < TT_JSON_CHOICES; i++) {
        if (form->choices[i].count[1] == second[i]) {
            form->choices[i].used = used[i];
        }
    }
}

bool
tt_json_form_string(struct tt_json_form *form, struct tt_str raw, bool has_choice, bool has_wide, size_t *at)
{
    bool mixed = false;
    uint64_t second[TT_JSON_CHOICES];
    size_t used[TT_JSON_CHOICES];
    if (!has_choice) {
        struct tt_json_bits *wide = &form->choices[TT_JSON_CHOICE_WIDE];
        *at = 0;
        form->plain_slash = form->plain_slash || (raw.len > 0 && memchr(raw.ptr, '/', raw.len));
        return has_wide && wide->count[0]++ == 0 && wide->count[1] > 0;
    }
    note(form, second, used);
    for (size_t pos = 0; pos < raw.len;) {
        size_t from = pos;
        if (take_ascii(form, raw, &pos, &from) && !mixed) {
            mixed = true;
            *at = from;
        }
        from = pos;
        if (pos < raw.len && take_one(form, raw, &pos) && !mixed) {
            mixed = true;
            *at = from;
        }
    }
    take_back(form, second, used);
    return mixed;
}

bool
tt_json_form_gap(struct tt_json_form *form, struct tt_str blanks)
{
    return (blanks.len == 0 || tt_str_eq(blanks, TT_STR(" "))) && choose(form, TT_JSON_CHOICE_COLON, blanks.len > 0);
}

bool
tt_json_form_comma(struct tt_json_form *form, struct tt_str gap)
{
    bool plain = gap.len == 1 && gap.ptr[0] == ',';
    return (plain || tt_str_eq(gap, TT_STR(", "))) && choose(form, TT_JSON_CHOICE_COMMA, !plain);
}

bool
tt_json_form_twice(struct tt_json_form *form)
{
    return form->choices[TT_JSON_CHOICE_TWICE].count[1]++ == 0;
}

/* "12", "12.0", "12e0"; any other fraction or exponent is a value of its own. */
bool
tt_json_form_number(struct tt_json_form *form, struct tt_str number)
{
    size_t n = number.len > 0 && number.ptr[0] == '-';
    while (n < number.len && tt_ascii_is_digit((unsigned char) number.ptr[n])) {
        n++;
    }
    struct tt_str rest = tt_str_slice(number, n, number.len);
    bool longer = tt_str_eq(rest, TT_STR(".0")) || tt_str_eq(rest, TT_STR("e0")) || tt_str_eq(rest, TT_STR("E0"));
    return (rest.len == 0 || longer) && choose(form, TT_JSON_CHOICE_NUMBER, longer);
}

/* Habits of people who edit by hand, and of programs that mix kinds of numbers: said only when the choices spell a text. */
static bool
is_habit(enum tt_json_choice choice)
{
    return choice == TT_JSON_CHOICE_COLON || choice == TT_JSON_CHOICE_COMMA || choice == TT_JSON_CHOICE_NUMBER;
}

void
tt_json_form_place(struct tt_json_form *form, const struct tt_where *where, struct tt_str excerpt)
{
    for (size_t i = 0; i < TT_JSON_CHOICES; i++) {
        struct tt_json_bits *bits = &form->choices[i];
        if (!bits->placed && bits->count[1] > 0 && (bits->count[0] > 0 || i >= TT_JSON_CHOICE_LONE)) {
            bits->placed = true;
            bits->where = *where;
            bits->excerpt_length = excerpt.len < sizeof(bits->excerpt) ? excerpt.len : sizeof(bits->excerpt);
            memcpy(bits->excerpt, excerpt.ptr, bits->excerpt_length);
        }
    }
}

static unsigned
bit_at(const struct tt_json_bits *bits, size_t i)
{
    return bits->bits[i / 8] >> (7 - i % 8) & 1;
}

/* The bits behind skip as bytes of eight, in one of four ways; stops at the first that is not printable.  Returns how many were. */
static size_t
read_text(const struct tt_json_bits *bits, unsigned way, size_t skip, char *out)
{
    size_t n = 0;
    for (; skip + (n + 1) * 8 <= bits->used; n++) {
        unsigned byte = 0;
        for (size_t i = 0; i < 8; i++) {
            unsigned bit = bit_at(bits, skip + n * 8 + i) ^ (way & 1);
            byte |= way & 2 ? bit << i : bit << (7 - i);
        }
        if (byte < 0x20 || byte > 0x7E) {
            break;
        }
        out[n] = (char) byte;
    }
    return n;
}

/* Does the text stand for itself?  Letters of one kind in a row come out of monotonous bits too. */
static bool
is_varied(const char *text, size_t n)
{
    size_t changes = 0;
    for (size_t i = 1; i < n; i++) {
        changes += text[i] != text[i - 1];
    }
    return n >= TEXT_MIN && changes * 2 >= n;
}

static size_t
decode(const struct tt_json_bits *bits, char *out)
{
    for (unsigned way = 0; way < 4; way++) {
        size_t n = read_text(bits, way, 0, out);
        if (is_varied(out, n)) {
            return n;
        }
    }
    return 0;
}

/* Is the whole sequence behind skip, but for padding, a text of letters? */
static bool
is_all_text(const struct tt_json_bits *bits, size_t skip, const char *text, size_t n)
{
    size_t letters = 0, i = skip + n * 8;
    for (size_t k = 0; k < n; k++) {
        letters += tt_ascii_is_alnum((unsigned char) text[k]) || text[k] == ' ';
    }
    while (i + 1 < bits->used && bit_at(bits, i) == bit_at(bits, i + 1)) {
        i++;
    }
    return is_varied(text, n) && letters * 4 >= n * 3 && i + 1 >= bits->used;
}

/*
 * Habits mix at random, so of them more is asked: all bits are text, or all behind the first few, which belong to members around
 * the message.  Random bits pass less than once in 500 documents that mix.
 */
static size_t
decode_habit(const struct tt_json_bits *bits, char *out)
{
    for (size_t skip = 0; skip <= HABIT_SKIP && skip < bits->used; skip++) {
        for (unsigned way = 0; way < 4; way++) {
            size_t n = read_text(bits, way, skip, out);
            if (n >= (skip ? HABIT_TEXT : TEXT_MIN + 1) && is_all_text(bits, skip, out, n)) {
                return n;
            }
        }
    }
    return 0;
}

static const char *const spellings[TT_JSON_CHOICES][2] = {
    [TT_JSON_CHOICE_HEX] = {"escapes in small digits", "escapes in capital digits"},
    [TT_JSON_CHOICE_SLASH] = {"plain slashes", "escaped slashes"},
    [TT_JSON_CHOICE_WIDE] = {"characters outside ASCII as they are", "characters outside ASCII escaped"},
};

const char *
tt_json_form_spelling_name(enum tt_json_choice choice, int spelling)
{
    return spellings[choice][spelling];
}

int
tt_json_form_spelling(const struct tt_json_form *form, enum tt_json_choice choice)
{
    const struct tt_json_bits *bits = &form->choices[choice];
    bool first = bits->count[0] > 0 || (choice == TT_JSON_CHOICE_SLASH && form->plain_slash);
    return !spellings[choice][0] || first == (bits->count[1] > 0) ? -1 : !first;
}

struct tt_finding
tt_json_form_finding(enum tt_json_choice choice)
{
    struct tt_finding f = {
        .rule = tt_rule_find(TT_STR("mark.json-form")),
        .level = TT_CANDIDATE,
        .message = tt_str_cstr(words[choice].message),
    };
    tt_finding_add_text(&f, "choice", tt_str_cstr(words[choice].name));
    return f;
}

static enum tt_status
report_choice(const struct tt_json_bits *bits, enum tt_json_choice choice, struct tt_sink sink)
{
    char text[TT_JSON_FORM_BITS / 8];
    size_t n = is_habit(choice) ? decode_habit(bits, text) : decode(bits, text);
    if (is_habit(choice) && n == 0) {
        return TT_OK;
    }
    bool frequent = bits->count[0] >= FREQUENT && bits->count[1] >= FREQUENT;
    struct tt_finding f = tt_json_form_finding(choice);
    f.level = n ? TT_CONFIRMED : frequent && choice != TT_JSON_CHOICE_WIDE ? TT_SUSPICIOUS : TT_CANDIDATE;
    f.where = bits->where;
    f.excerpt = tt_str_make(bits->excerpt, bits->excerpt_length);
    tt_finding_add_number(&f, "first_spelling", (int64_t) bits->count[0]);
    tt_finding_add_number(&f, "second_spelling", (int64_t) bits->count[1]);
    tt_finding_add_number(&f, "bits", (int64_t) (bits->count[0] + bits->count[1]));
    if (n) {
        tt_finding_add_text(&f, "decoded.text", tt_str_make(text, n));
    }
    return sink.take(sink.ctx, &f);
}

enum tt_status
tt_json_form_end(struct tt_json_form *form, struct tt_sink sink)
{
    for (size_t i = 0; i < TT_JSON_CHOICES; i++) {
        if (form->choices[i].placed) {
            TT_TRY(report_choice(&form->choices[i], (enum tt_json_choice) i, sink));
        }
    }
    return TT_OK;
}

/* Fed by the JSON reader: what it looks at is lost when a string is decoded. */
const struct tt_channel tt_channel_json_form = {
    .name = "json-form",
    .rule = "mark.json-form",
    .alphabet =
        "spellings in JSON: \\uXXXX or the character itself, hexadecimal case, \\/, a space behind a colon or comma, 1 or 1.0; "
        "order of keys; order and case of HTTP headers; over documents also blanks around any sign",
    .capacity = "1 bit at each place that can be spelled in two ways",
};
