/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Letters and their twins, read as bits: 0 for the letter of the cover's own script, 1 for the twin.
 *
 * Which letters carry a bit depends on the encoder's table, which is not known.  Published tables are tried, then the letters
 * that were seen both ways, then these with the few about which the text leaves a doubt.  What the bits say is decided by
 * forms.c, which believes a text only if noise seldom gives one as good.
 *
 * Input: a stretch of a field.  Output: a payload in the look's arena.  Bounds: TT_RUN_MAX letters, DOUBTS_MAX tables of each kind.
 */
#include "marks/twin.h"

#include "base/limits.h"
#include "marks/bits.h"
#include "marks/run.h"

#define MARGIN_KNOWN 3  /* bits that a reading by a published table or by the letters seen must have over noise */
#define MARGIN_GUESS 10 /* by a guessed table, or one bit a word */
#define RARE 8          /* a letter that was seen so often and never as a twin is in no table */
#define DOUBTS_MAX 4

/* ASCII letters and digits that carry a bit. */
struct table {
    bool in[0x80];
};

/* Everyday letters with a Cyrillic twin; those of the format that ZeroWidthStego calls homoglyph. */
static const char common[] = "ABCEHIJKMOPSTXYaceijopsxy";
static const char stego[] = "ABCEHIKMOPTXYabcehikmoptxy";
static const char ugs[] = "AaBCcEeHIiJjKMOoPpTXxy";
static const char greek[] = "ABEHIKMNOPTXYZaiknopuvxy";
static const char small[] = "abcdefghijklmnopqrstuvwxyz";
static const char every[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct letters {
    uint32_t *cp;
    size_t n, max;
    size_t *word; /* number of the word of each */
    size_t words;
    bool latin_cover; /* else the text is of another script, and its ASCII letters are the twins */
};

static bool
is_marked(const struct letters *letters, size_t i)
{
    return (letters->cp[i] >= 0x80) == letters->latin_cover;
}

static struct table
table_of(const char *letters)
{
    struct table table = {{false}};
    for (; *letters; letters++) {
        table.in[(unsigned char) *letters] = true;
    }
    return table;
}

/* ---- collecting ---- */

/* Would a writer of marks have made or used this word?  Words of a second script in the text carry nothing. */
static bool
is_carrier(const struct tt_word *word, bool latin_cover)
{
    switch (word->kind) {
    case TT_WORD_PLAIN: return latin_cover ? word->hard == 0 : word->latin == 0;
    case TT_WORD_FOREIGN: return !latin_cover || word->hard == 0;
    default: return true;
    }
}

static void
add_letters(struct tt_str text, const struct tt_word *word, struct letters *letters)
{
    for (size_t pos = word->start; pos < word->to && letters->n < letters->max;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (!tt_char_is_mark(rune.cp)) {
            letters->word[letters->n] = letters->words;
            letters->cp[letters->n++] = rune.cp;
        }
        pos += rune.len;
    }
    letters->words++;
}

/* Is the stretch written in Latin letters?  Counted are those that no table exchanges. */
static bool
is_latin(struct tt_str text, size_t from, size_t to)
{
    struct tt_word word;
    size_t latin = 0, foreign = 0;
    for (size_t pos = from; tt_word_next(text, pos, to, &word); pos = word.to) {
        latin += word.foreign == 0 ? word.latin : word.firm_latin;
        foreign += word.hard;
    }
    return latin >= foreign;
}

static bool
collect(struct tt_look *look, size_t from, size_t to, struct letters *letters)
{
    struct tt_str text = look->field->text;
    struct tt_word word;
    size_t max = to - from < TT_RUN_MAX ? to - from : TT_RUN_MAX;
    *letters = (struct letters) {.max = max, .latin_cover = is_latin(text, from, to)};
    letters->cp = tt_arena_get(look->arena, (max + 1) * sizeof(*letters->cp));
    letters->word = tt_arena_get(look->arena, (max + 1) * sizeof(*letters->word));
    if (!letters->cp || !letters->word) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t pos = from; tt_word_next(text, pos, to, &word); pos = word.to) {
        if (is_carrier(&word, letters->latin_cover)) {
            add_letters(text, &word, letters);
        }
    }
    return letters->n > 0;
}

/* ---- tables ---- */

static bool
carries(const struct table *table, uint32_t cp)
{
    uint32_t ascii = tt_twin_ascii(cp);
    return ascii && table->in[ascii];
}

/* The letters that were seen as twins, and in doubt those that were seen a few times, never as twins, but have one. */
static struct table
observe(const struct letters *letters, struct table *doubt)
{
    struct table seen = {{false}};
    size_t times[0x80] = {0};
    size_t first = letters->n, last = 0;
    uint8_t script = TT_SCRIPT_UNKNOWN;
    for (size_t i = 0; i < letters->n; i++) {
        uint32_t ascii = is_marked(letters, i) ? tt_twin_ascii(letters->cp[i]) : 0;
        if (ascii) {
            seen.in[ascii] = true;
            first = first < i ? first : i;
            last = i;
            script = tt_char(letters->cp[i])->script;
        }
    }
    for (size_t i = first; i < last; i++) {
        times[is_marked(letters, i) ? 0 : tt_twin_ascii(letters->cp[i])]++;
    }
    *doubt = table_of(script == TT_SCRIPT_GREEK ? greek : common);
    for (size_t c = 0; c < 0x80; c++) {
        doubt->in[c] = doubt->in[c] && !seen.in[c] && times[c] > 0 && times[c] <= RARE;
    }
    return seen;
}

/* ---- reading ---- */

/* What stands for 0 and 1 in the description. */
struct names {
    char utf8[2][4];
    struct tt_str text[2];
};

/* The first letter that is marked, or not, as wanted, and that carries a bit; ascii 0: any of them. */
static uint32_t
find_letter(const struct letters *letters, const struct table *table, bool marked, uint32_t ascii)
{
    for (size_t i = 0; i < letters->n; i++) {
        bool fits = ascii ? tt_twin_ascii(letters->cp[i]) == ascii : carries(table, letters->cp[i]);
        if (fits && is_marked(letters, i) == marked) {
            return letters->cp[i];
        }
    }
    return 0;
}

/* The first twin, and its letter if that stands there too. */
static void
name_forms(const struct letters *letters, const struct table *table, struct names *names)
{
    uint32_t cp[2] = {0, find_letter(letters, table, true, 0)};
    cp[0] = find_letter(letters, table, false, tt_twin_ascii(cp[1]));
    cp[0] = cp[0] ? cp[0] : find_letter(letters, table, false, 0);
    for (int i = 0; i < 2; i++) {
        names->text[i] = tt_str_make(names->utf8[i], tt_utf8_put(cp[i], names->utf8[i]));
    }
}

/* Reads the letters of the table. */
static bool
read_table(struct tt_look *look, const struct letters *letters, const struct table *table, unsigned margin, bool anywhere,
           struct tt_payload *out)
{
    struct names names;
    uint8_t *bits = tt_arena_get(look->arena, letters->n);
    size_t n = 0;
    if (!bits) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t i = 0; i < letters->n; i++) {
        if (carries(table, letters->cp[i])) {
            bits[n++] = is_marked(letters, i);
        }
    }
    name_forms(letters, table, &names);
    struct tt_forms_demand demand = {.margin = margin, .anywhere = anywhere};
    return n > 0 && tt_bits_read(look, bits, n, names.text, demand, out);
}

/* Keeps the longer of two readings: a wrong table loses the beginning or the end. */
static void
keep_longer(struct tt_payload *best, const struct tt_payload *found)
{
    if (best->grade == TT_GRADE_NONE || found->bytes.len > best->bytes.len) {
        *best = *found;
    }
}

/* Adds those letters in doubt to the table whose numbers are bits of choice. */
static struct table
add_choice(const struct table *seen, const struct table *doubt, unsigned choice)
{
    struct table table = *seen;
    unsigned number = 0;
    for (size_t c = 0; c < 0x80; c++) {
        if (doubt->in[c]) {
            table.in[c] = choice >> number++ & 1;
        }
    }
    return table;
}

/* Few letters in doubt: every choice of them.  Many: all, the capitals, or the small ones. */
static void
read_doubts(struct tt_look *look, const struct letters *letters, const struct table *seen, const struct table *doubt,
            struct tt_payload *out)
{
    unsigned count = 0, capitals = 0;
    for (size_t c = 0; c < 0x80; c++) {
        if (doubt->in[c]) {
            capitals |= c < 'a' ? 1U << count : 0;
            count++;
        }
    }
    unsigned whole = (1U << count) - 1; /* there are fewer than 32 letters in common */
    unsigned few[] = {whole, capitals, whole & ~capitals};
    unsigned choices = count <= DOUBTS_MAX ? whole : 3;
    for (unsigned i = 0; i < choices && look->status == TT_OK; i++) {
        struct tt_payload found;
        struct table table = add_choice(seen, doubt, count <= DOUBTS_MAX ? i + 1 : few[i]);
        if (read_table(look, letters, &table, MARGIN_GUESS, false, &found)) {
            keep_longer(out, &found);
        }
    }
}

/* One bit a word that could hold a twin: does it? */
static bool
read_words(struct tt_look *look, const struct letters *letters, const struct table *seen, struct tt_payload *out)
{
    struct names names;
    uint8_t *bits = tt_arena_get(look->arena, letters->words + 1);
    size_t n = 0, last = SIZE_MAX;
    if (!bits) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t i = 0; i < letters->n; i++) {
        if (!carries(seen, letters->cp[i])) {
            continue;
        }
        if (letters->word[i] != last) {
            last = letters->word[i];
            bits[n++] = 0;
        }
        bits[n - 1] |= is_marked(letters, i);
    }
    name_forms(letters, seen, &names);
    return n > 0 && tt_bits_read(look, bits, n, names.text, (struct tt_forms_demand) {.margin = MARGIN_GUESS}, out);
}

static bool
read_framed(struct tt_look *look, const struct letters *letters, struct tt_payload *out)
{
    struct tt_readings readings;
    enum tt_status status = tt_payload_read(look->arena, letters->cp, letters->n, &readings);
    if (status != TT_OK) {
        look->status = status;
        return false;
    }
    if (readings.count > 0 && readings.best[0].grade >= TT_GRADE_FRAMED) {
        *out = readings.best[0];
        return true;
    }
    return false;
}

static bool
has_wide(const struct letters *letters)
{
    for (size_t i = 0; i < letters->n; i++) {
        uint8_t script = tt_char(letters->cp[i])->script;
        if (letters->cp[i] >= 0x80 && (script == TT_SCRIPT_LATIN || script == TT_SCRIPT_COMMON)) {
            return true;
        }
    }
    return false;
}

static void
read_tables(struct tt_look *look, const struct letters *letters, const struct table *seen, unsigned margin,
            struct tt_payload *out)
{
    /* Fullwidth and mathematical alphabets are complete: any letter, or any small one, can carry a bit. */
    const struct table tables[] = {table_of(stego), table_of(ugs), table_of(common), *seen, table_of(every), table_of(small)};
    size_t count = has_wide(letters) ? 6 : 4;
    for (size_t i = 0; i < count && look->status == TT_OK; i++) {
        struct tt_payload found;
        if (read_table(look, letters, &tables[i], margin, true, &found)) {
            keep_longer(out, &found);
        }
    }
}

bool
tt_twin_read(struct tt_look *look, size_t from, size_t to, bool broken, struct tt_payload *out)
{
    struct letters letters;
    struct table doubt;
    *out = (struct tt_payload) {0};
    if (!collect(look, from, to, &letters)) {
        return false;
    }
    if (read_framed(look, &letters, out)) {
        return true;
    }
    struct table seen = observe(&letters, &doubt);
    read_tables(look, &letters, &seen, broken ? MARGIN_KNOWN : MARGIN_GUESS, out);
    if (broken) {
        read_doubts(look, &letters, &seen, &doubt, out);
    }
    if (broken && out->grade == TT_GRADE_NONE && look->status == TT_OK) {
        read_words(look, &letters, &seen, out);
    }
    return out->grade != TT_GRADE_NONE && look->status == TT_OK;
}
