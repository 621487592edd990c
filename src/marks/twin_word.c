/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words and the scripts in them: rule H, as far as a word by itself answers it; see twin.h.
 *
 * Input: text and a position.  Output: counts and a kind.  Owns nothing.  Work is bounded by TT_WORD_BYTES.
 *
 * Escapes of roff, C, printf, terminals and regular expressions end in ASCII letters that touch the text behind them; they are
 * no part of the word.
 */
#include "marks/twin.h"

/* Capitals whose prototype is a small l or a digit, and letters that tables of encoders pair with an ASCII one all the same. */
static const struct {
    uint16_t cp;
    char ascii;
} pairs[] = {
    {0x0399, 'I'}, {0x0406, 'I'}, {0x0412, 'B'}, {0x041A, 'K'}, {0x041C, 'M'}, {0x041D, 'H'},
    {0x0422, 'T'}, {0x043A, 'k'}, {0x043C, 'm'}, {0x0442, 't'}, {0x044C, 'b'}, {0x04BA, 'H'},
    {0x04C0, 'I'}, {0x03BA, 'k'}, {0x03C4, 't'}, {0x03B7, 'n'}, {0x03C9, 'w'}, {0x0417, '3'},
};

uint32_t
tt_twin_ascii(uint32_t cp)
{
    if (cp < 0x80) {
        return tt_ascii_is_alnum((int) cp) ? cp : 0;
    }
    for (size_t i = 0; cp < 0x500 && i < sizeof(pairs) / sizeof(*pairs); i++) {
        if (pairs[i].cp == cp) {
            return (uint32_t) pairs[i].ascii;
        }
    }
    const struct tt_char *c = tt_char(cp);
    if (c->digit >= 0) {
        return '0' + (uint32_t) c->digit;
    }
    if (!(c->flags & TT_CHAR_TWIN)) {
        return 0;
    }
    uint32_t ascii = tt_char_ascii(cp);
    return tt_ascii_is_alnum((int) ascii) ? ascii : 0;
}

/* ASCII letters that a script's everyday alphabet has a twin of; of scripts not listed it is none. */
static bool
has_twin(uint8_t script, uint32_t ascii)
{
    const char *letters = script == TT_SCRIPT_CYRILLIC ? "ABCEHIJKMOPSTXYaceijkmopstxyhb"
                          : script == TT_SCRIPT_GREEK  ? "ABEHIKMNOPTXYZaikopuvxyn"
                                                       : "";
    return strchr(letters, (int) ascii) != NULL;
}

/* Roman numerals have a category of their own. */
static bool
is_letter(uint32_t cp)
{
    return tt_char_is_letter(cp) || (tt_char(cp)->category == TT_NL && tt_char_is(cp, TT_CHAR_TWIN));
}

/* East Asian writing has no blanks between words, so that Latin ones touch it. */
static bool
is_word_char(uint32_t cp)
{
    if (cp < 0x80) {
        return tt_ascii_is_alnum((int) cp);
    }
    const struct tt_char *c = tt_char(cp);
    bool east = c->script >= TT_SCRIPT_HAN && c->script <= TT_SCRIPT_HANGUL;
    return !east && (is_letter(cp) || tt_char_is_mark(cp) || c->digit >= 0);
}

/* ---- counting ---- */

enum side { SIDE_NONE, SIDE_LATIN, SIDE_FOREIGN };

static void
count_latin(struct tt_word *word, uint32_t cp)
{
    word->latin++;
    word->firm_latin += cp >= 0x80 || !has_twin(word->script, cp);
}

static void
count_foreign(struct tt_word *word, uint32_t cp)
{
    if (word->foreign++ == 0) {
        word->first = cp;
    }
    bool digit = tt_ascii_is_digit((int) tt_twin_ascii(cp)); /* U+0431 looks like a 6, and like no letter */
    if (!tt_char_is(cp, TT_CHAR_TWIN) || digit) {
        uint32_t prototype = tt_char_prototype(cp);
        word->firm++;
        word->hard += !digit && (prototype == cp || tt_char(prototype)->script != TT_SCRIPT_LATIN);
    }
}

/* Latin letters of every width but the wide ones; those, Roman numerals and mathematical letters count as foreign. */
static enum side
side_of(uint32_t cp)
{
    if (!is_letter(cp)) {
        return SIDE_NONE;
    }
    bool latin = tt_char(cp)->script == TT_SCRIPT_LATIN && !tt_char_is(cp, TT_CHAR_TWIN);
    return latin ? SIDE_LATIN : SIDE_FOREIGN;
}

/* The script of the first foreign letter, which says what has twins. */
static void
find_script(struct tt_str text, struct tt_word *word)
{
    for (size_t pos = word->start; pos < word->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.cp >= 0x80 && side_of(rune.cp) == SIDE_FOREIGN) {
            word->script = tt_char(rune.cp)->script;
            return;
        }
        pos += rune.len;
    }
}

/*
 * The palochka of the languages of the Caucasus follows a consonant and has no key of its own: it is typed as I, l or 1, which look the same.
 */
static bool
is_palochka(struct tt_str text, size_t pos, uint32_t cp, enum side last)
{
    static const uint32_t consonants[] = {0x0433, 0x043A, 0x043F, 0x0442, 0x0445, 0x0446, 0x0447, 0x044A};
    uint32_t before = tt_utf8_prev(text, pos).cp;
    if ((cp != 'I' && cp != 'l') || last != SIDE_FOREIGN) {
        return false;
    }
    before = before >= 0x0410 && before <= 0x042F ? before + 0x20 : before;
    for (size_t i = 0; i < sizeof(consonants) / sizeof(*consonants); i++) {
        if (before == consonants[i]) {
            return true;
        }
    }
    return false;
}

static void
count_letters(struct tt_str text, struct tt_word *word)
{
    enum side last = SIDE_NONE;
    for (size_t pos = word->start; pos < word->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        enum side side = side_of(rune.cp);
        bool palochka = is_palochka(text, pos, rune.cp, last);
        pos += rune.len;
        if (side == SIDE_NONE || palochka) {
            continue;
        }
        if (side == SIDE_LATIN) {
            count_latin(word, rune.cp);
        } else {
            count_foreign(word, rune.cp);
        }
        word->changes += last != SIDE_NONE && last != side;
        last = side;
    }
}

static enum tt_word_kind
kind_of(const struct tt_word *w)
{
    if (w->foreign == 0) {
        return TT_WORD_PLAIN;
    }
    if (w->latin == 0) {
        return w->firm == 0 ? TT_WORD_TWINS : TT_WORD_PLAIN;
    }
    if (w->firm == 0) {
        return w->firm_latin > 0 ? TT_WORD_LATIN : TT_WORD_EITHER;
    }
    if (w->firm_latin == 0) {
        return TT_WORD_FOREIGN;
    }
    return w->hard == 0 ? TT_WORD_NEAR : TT_WORD_PLAIN;
}

/* A number that mixes digits of two systems; of letters it has none. */
static void
judge_number(struct tt_str text, struct tt_word *word)
{
    enum side last = SIDE_NONE;
    unsigned ascii = 0, changes = 0, other = 0;
    uint32_t first = 0;
    for (size_t pos = word->start; pos < word->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        enum side side = rune.cp < 0x80 ? SIDE_LATIN : SIDE_FOREIGN;
        if (tt_char(rune.cp)->digit < 0) {
            return;
        }
        first = side == SIDE_FOREIGN && other++ == 0 ? rune.cp : first;
        ascii += side == SIDE_LATIN;
        changes += last != SIDE_NONE && last != side;
        last = side;
        pos += rune.len;
    }
    if (ascii > 0 && other > 0) {
        word->kind = TT_WORD_NUMBER;
        word->script = tt_char(first)->script;
        word->first = first;
        word->foreign = other;
        word->changes = changes;
    }
}

/* ---- escapes ---- */

/* Is a terminal's colour being set before pos: "[0;31" and then an m? */
static bool
is_colour(struct tt_str text, size_t pos)
{
    while (pos > 0 && (tt_ascii_is_digit((unsigned char) text.ptr[pos - 1]) || text.ptr[pos - 1] == ';')) {
        pos--;
    }
    return pos > 0 && text.ptr[pos - 1] == '[';
}

/* The end of the ASCII letters and digits from pos on. */
static size_t
ascii_end(struct tt_str text, size_t pos, size_t to)
{
    while (pos < to && tt_ascii_is_alnum((unsigned char) text.ptr[pos])) {
        pos++;
    }
    return pos;
}

/* Where the word begins behind an escape that touches it. */
static size_t
skip_escape(struct tt_str text, size_t from, size_t to)
{
    char before = from > 0 ? text.ptr[from - 1] : '\0';
    size_t end = ascii_end(text, from, to);
    if (before == '\\' || before == '%' || before == '\x1B') {
        return end;
    }
    if (from > 1 && text.ptr[from - 2] == '%' && strchr("-+#.*$", before)) {
        return end; /* "%-s", "%.*s" */
    }
    if (before == '(' && from > 1 && strchr("\\*", text.ptr[from - 2])) {
        return from + 2 < end ? from + 2 : end; /* roff: "\\(lq", "\\*(lq" */
    }
    if (before == ')' && end == from + 1 && strchr("sdi", text.ptr[from])) {
        return end; /* "%(name)s" */
    }
    if (end > from && text.ptr[end - 1] == 'm' && is_colour(text, end - 1)) {
        return end;
    }
    return from;
}

/* ---- words ---- */

static bool
is_alnum_at(struct tt_str text, size_t pos)
{
    return pos < text.len && tt_ascii_is_alnum((unsigned char) text.ptr[pos]);
}

static void
find_owner(struct tt_str text, struct tt_word *word)
{
    word->owner = word->from;
    for (size_t pos = word->from; pos < word->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (tt_char_is(rune.cp, TT_CHAR_TWIN) && (is_alnum_at(text, pos - 1) || is_alnum_at(text, pos + rune.len))) {
            word->owner = pos;
            return;
        }
        pos += rune.len;
    }
}

static void
judge(struct tt_str text, struct tt_word *word)
{
    word->start = skip_escape(text, word->from, word->to);
    find_script(text, word);
    count_letters(text, word);
    word->kind = kind_of(word);
    if (word->latin + word->foreign == 0) {
        judge_number(text, word);
    }
    if (word->kind != TT_WORD_PLAIN) {
        find_owner(text, word);
    }
}

static size_t
word_end(struct tt_str text, size_t pos, size_t most)
{
    size_t limit = text.len - pos > most ? pos + most : text.len;
    while (pos < limit) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0 || !is_word_char(rune.cp)) {
            break;
        }
        pos += rune.len;
    }
    return pos;
}

struct tt_word
tt_word_at(struct tt_str text, size_t pos)
{
    struct tt_word word = {.from = pos, .to = word_end(text, pos, TT_WORD_BYTES)};
    size_t limit = pos > TT_WORD_BYTES ? pos - TT_WORD_BYTES : 0;
    while (word.from > limit) {
        struct tt_rune rune = tt_utf8_prev(text, word.from);
        if (rune.len == 0 || !is_word_char(rune.cp)) {
            break;
        }
        word.from -= rune.len;
    }
    judge(text, &word);
    return word;
}

bool
tt_word_next(struct tt_str text, size_t from, size_t to, struct tt_word *out)
{
    for (size_t pos = from; pos < to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0) {
            return false;
        }
        if (is_word_char(rune.cp)) {
            *out = (struct tt_word) {.from = pos, .to = word_end(text, pos, 2 * TT_WORD_BYTES)};
            judge(text, out);
            return true;
        }
        pos += rune.len;
    }
    return false;
}

/* ---- other reasons ---- */

/* Letters that stand for quantities in formulas, names of proteins and the like. */
static bool
is_symbol(uint32_t cp)
{
    static const uint16_t greek[] = {0x03B1, 0x03B3, 0x03BA, 0x03BD, 0x03C1, 0x03C3, 0x03C4, 0x03C5, 0x03C7, 0x03C9, 0x03B7};
    for (size_t i = 0; i < sizeof(greek) / sizeof(*greek); i++) {
        if (greek[i] == cp) {
            return true;
        }
    }
    return (cp >= 0x1D434 && cp < 0x1D49C) || (cp >= 0x1D6A4 && cp < 0x1D7CC) ||
           (cp >= 0x2100 && cp < 0x2150); /* italic, Greek */
}

/* Is a run of small letters one that formulas have: a function, an index, one or two variables? */
static bool
is_formula_part(struct tt_str run)
{
    const struct tt_str parts =
        TT_STR(" sin cos tan cot sec csc log exp lim max min arg det deg dim mod ref eff tot rms sinh cosh tanh ");
    char key[6] = {' '};
    if (run.len < 3) {
        return true;
    }
    if (run.len > 4) {
        return false;
    }
    memcpy(key + 1, run.ptr, run.len);
    key[run.len + 1] = ' ';
    return tt_str_has(parts, tt_str_make(key, run.len + 2));
}

static bool
is_small(struct tt_str text, size_t pos, const struct tt_word *word)
{
    return pos >= word->start && pos < word->to && text.ptr[pos] >= 'a' && text.ptr[pos] <= 'z';
}

bool
tt_word_is_formula(struct tt_str text, const struct tt_word *word)
{
    bool inside = false, prose = false;
    for (size_t pos = word->start; pos < word->to;) {
        size_t end = pos;
        while (is_small(text, end, word)) {
            end++;
        }
        prose = prose || !is_formula_part(tt_str_slice(text, pos, end));
        struct tt_rune rune = tt_utf8_next(text, end);
        bool foreign = end < word->to && side_of(rune.cp) == SIDE_FOREIGN;
        if (foreign && !is_symbol(rune.cp)) {
            return false;
        }
        inside =
            inside || (foreign && end > word->start && is_small(text, end - 1, word) && is_small(text, end + rune.len, word));
        pos = end < word->to ? end + rune.len : end;
    }
    return !inside || !prose;
}

/* Do the characters of the word rise, from before what stands before the hyphen at its front on?  So they do in a character class, and in no word. */
static bool
rises(struct tt_str text, const struct tt_word *word)
{
    uint32_t last = tt_utf8_prev(text, word->from - 1).cp;
    for (size_t pos = word->from; pos < word->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0 || rune.cp <= last) {
            return false;
        }
        last = rune.cp;
        pos += rune.len;
    }
    return tt_utf8_next(text, word->to + 1).cp > last;
}

/* Does the word stand in a range of a pattern, a to z and U+0430 to U+044F?  Then it has two characters, with a hyphen on one side at least. */
static bool
is_range(struct tt_str text, const struct tt_word *word)
{
    char before = word->from > 0 ? text.ptr[word->from - 1] : '\0';
    char after = word->to < text.len ? text.ptr[word->to] : '\0';
    size_t first = tt_utf8_next(text, word->from).len;
    bool date = word->kind == TT_WORD_NUMBER && before == '-' && word->from > 2 &&
                tt_ascii_is_digit((unsigned char) text.ptr[word->from - 2]) &&
                tt_ascii_is_digit((unsigned char) text.ptr[word->from - 3]);
    if (date) {
        return false;
    }
    bool two = word->from + first + tt_utf8_next(text, word->from + first).len == word->to;
    bool between = before == '-' && after == '-';
    return (before == '-' || after == '-') && (two || (word->changes == 1 && between) || (between && rises(text, word)));
}

#define TABLE_MAX 64
#define TABLE_SCRIPTS 3

/* Does the word list letters: beside their twins, or twins of one letter, or letters of so many scripts? */
static bool
is_table(struct tt_str text, const struct tt_word *word)
{
    uint32_t twins[2][TABLE_MAX]; /* of ASCII, of other letters */
    size_t n[2] = {0, 0}, scripts = 0;
    uint8_t script = TT_SCRIPT_UNKNOWN;
    bool same = true;
    for (size_t pos = word->start; pos < word->to && n[0] < TABLE_MAX && n[1] < TABLE_MAX;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        bool other = rune.cp >= 0x80;
        pos += rune.len;
        if (tt_char_is_mark(rune.cp)) {
            continue;
        }
        scripts += other && tt_char(rune.cp)->script != script;
        script = other ? tt_char(rune.cp)->script : script;
        twins[other][n[other]++] = tt_twin_ascii(rune.cp);
        same = same && tt_ascii_lower((int) tt_twin_ascii(rune.cp)) == tt_ascii_lower((int) twins[n[0] == 0][0]);
    }
    bool beside = n[0] == n[1] && n[0] > 0 && memcmp(twins[0], twins[1], n[0] * sizeof(twins[0][0])) == 0;
    return beside || (same && n[1] > 0) || scripts >= TABLE_SCRIPTS;
}

bool
tt_word_is_notation(struct tt_str text, const struct tt_word *word)
{
    if (tt_char_is(word->first, TT_CHAR_RTL) && word->kind != TT_WORD_NUMBER) {
        return true; /* written the other way round: nobody takes it for the Latin letter */
    }
    return is_range(text, word) || is_table(text, word);
}
