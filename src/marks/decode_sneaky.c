/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "Sneaky bits": U+2062 is 0 and U+2064 is 1.
 *
 * "fixed": eight bits a byte, most significant first; a tail that is no byte is dropped.  "variable": each character in binary
 * without leading zeros, one behind the other, U+200B for a blank.  The variable form does not mark where a character ends,
 * so a text usually has very many readings: only a reading that is the only one is given, else their number.
 *
 * Input: symbols.  Output: bytes in the arena.
 */
#include "base/limits.h"
#include "marks/decoders.h"
#include "marks/run.h"

static const uint32_t bits[] = {0x2062, 0x2064, 0x200B};

static enum tt_status
decode_fixed(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    struct tt_run_bytes bytes;
    if (!tt_run_covered(symbols, n, bits, 2)) {
        return TT_OK;
    }
    TT_TRY(tt_run_bytes_init(&bytes, arena, n / 8));
    for (size_t i = 0; i < n; i++) {
        tt_run_add_bits(&bytes, symbols[i] == bits[1], 1);
    }
    if (bytes.held) {
        tt_run_finish_cut(out, "sneaky bits, 8 bits", &bytes);
    } else {
        tt_run_finish(out, "sneaky bits, 8 bits", &bytes);
    }
    return TT_OK;
}

/* Counting stops here: beyond, the number says nothing more. */
#define READINGS_MANY 1000000

/*
 * Characters a word is read as: visible ASCII, which takes six bits (U+0021-003F) or seven.  With all of Unicode admitted, no
 * text at all would be unique.
 */
static bool
is_character(const uint32_t *symbols, size_t len, unsigned *value)
{
    *value = 0;
    for (size_t i = 0; i < len; i++) {
        *value = *value << 1 | (symbols[i] == bits[1]);
    }
    return symbols[0] == bits[1] && *value > 0x20 && *value < 0x7F;
}

/* ways[i]: readings of the word from its symbol i on, at most READINGS_MANY. */
static void
count_ways(const uint32_t *word, size_t len, uint32_t *ways)
{
    ways[len] = 1;
    for (size_t i = len; i-- > 0;) {
        unsigned value;
        uint32_t sum = 0;
        for (size_t size = 6; size <= 7 && i + size <= len; size++) {
            sum += is_character(word + i, size, &value) ? ways[i + size] : 0;
        }
        ways[i] = sum < READINGS_MANY ? sum : READINGS_MANY;
    }
}

/* Adds the only reading of a word. */
static void
add_word(struct tt_run_bytes *bytes, const uint32_t *word, size_t len, const uint32_t *ways)
{
    for (size_t i = 0; i < len;) {
        unsigned value;
        size_t size = i + 6 <= len && is_character(word + i, 6, &value) && ways[i + 6] ? 6 : 7;
        if (i + size > len || !is_character(word + i, size, &value)) {
            return; /* cannot be: the ways were counted */
        }
        tt_run_add_byte(bytes, value);
        i += size;
    }
}

static size_t
word_end(const uint32_t *symbols, size_t n, size_t from)
{
    while (from < n && symbols[from] != bits[2]) {
        from++;
    }
    return from;
}

/* "799 readings fit; none is given" */
static const char *
many_readings(struct tt_arena *arena, uint32_t count)
{
    static const char text[] = " readings fit; none is given";
    char digits[12];
    size_t at = sizeof(digits);
    do {
        digits[--at] = (char) ('0' + count % 10);
        count /= 10;
    } while (count);
    size_t len = sizeof(digits) - at;
    char *note = tt_arena_get(arena, len + sizeof(text));
    if (note) {
        memcpy(note, digits + at, len);
        memcpy(note + len, text, sizeof(text));
    }
    return note;
}

/* Reads word by word; *total becomes the number of readings of the whole, 0 when some word has none. */
static void
read_words(const uint32_t *symbols, size_t n, uint32_t *ways, struct tt_run_bytes *bytes, uint64_t *total)
{
    *total = 1;
    for (size_t from = 0; from <= n && *total > 0;) {
        size_t to = word_end(symbols, n, from);
        count_ways(symbols + from, to - from, ways);
        *total *= ways[0];
        *total = *total < READINGS_MANY ? *total : READINGS_MANY;
        if (*total == 1) {
            add_word(bytes, symbols + from, to - from, ways);
        }
        if (to < n) {
            tt_run_add_byte(bytes, ' ');
        }
        from = to + 1;
    }
}

static enum tt_status
decode_variable(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out)
{
    static const char format[] = "sneaky bits, variable length";
    struct tt_run_bytes bytes;
    uint64_t total;
    if (!tt_run_covered(symbols, n, bits, 3) || word_end(symbols, n, 0) == 0) {
        return TT_OK;
    }
    uint32_t *ways = tt_arena_get(arena, (n + 1) * sizeof(*ways));
    TT_TRY(tt_run_bytes_init(&bytes, arena, n));
    if (!ways) {
        return TT_E_MEMORY;
    }
    read_words(symbols, n, ways, &bytes, &total);
    if (total > 1) {
        *out = (struct tt_payload) {TT_GRADE_BYTES, format, {"", 0}, many_readings(arena, (uint32_t) total)};
        return out->note ? TT_OK : TT_E_MEMORY;
    }
    if (total == 1) {
        tt_run_finish(out, format, &bytes);
        tt_run_demand_words(out, 6, 80); /* every reading is visible ASCII */
    }
    return TT_OK;
}

const struct tt_decoder tt_decoder_sneaky_fixed = {"sneaky bits, 8 bits", "PyRIT, sneaky bits converter", decode_fixed};
const struct tt_decoder tt_decoder_sneaky_variable = {"sneaky bits, variable length", "garak, sneaky bits", decode_variable};
