/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoders of hidden runs, and the channels that collect the runs.
 *
 * The first byte chooses an alphabet; every further byte is one symbol of it or, with the top bit, a piece of cover text.  The
 * symbols are given to all decoders; the text they make together is looked at by the engine.
 */
#include "base/limits.h"
#include "marks/marks.h"
#include "marks/payload.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SYMBOLS_MAX 4096
#define SYMBOL_BYTES 8 /* longest piece of cover text */

static const uint32_t alphabets[][16] = {
    {0x200B, 0x200C},
    {0x2062, 0x2064, 0x200B},
    {0x200B, 0x200C, 0x200D, 0xFEFF},
    {0x200C, 0x200D, 0x202C, 0xFEFF},
    {0x200B, 0x200C, 0x200D, 0x200E, 0x200F},
    {0x200E, 0x200F, 0x200C, 0x200D, 0xFEFF, 0x200B},
    {0x200C, 0x200D, 0x2061, 0x2062, 0x2063, 0x2064},
    {0x200B, 0x200C, 0x2060},
    {0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F, 0x202A},
    {0x202C, 0x200C, 0x200D, 0x2060, 0x034F},
    {0x202C, 0x200C, 0x200D, 0x2060, 0x2061, 0x2062, 0x2063, 0x2064, 0x206A, 0x206B, 0x206C, 0x206D, 0x206E, 0x206F, 0x1D173,
     0x034F},
    {0x200B, 0x200C, 0x200D, 0x2062, 0x2063, 0x2060, 0xFEFF, 0x2061, 0x1D173, 0x1D174, 0x1D175, 0x1D176, 0x1D177, 0x1D178,
     0x1D179, 0x1D17A},
    {0xFE00, 0xFE01, 0xFE02, 0xFE03, 0xFE04, 0xFE05, 0xFE06, 0xFE07, 0xFE08, 0xFE09, 0xFE0A, 0xFE0B, 0xFE0C, 0xFE0D, 0xFE0E,
     0xFE0F},
    {0x180B, 0x180C, 0x180E, 0x180F, 0xFE0F, 0xE0100, 0xE01EF, 0x1F3F4, 0xE007F, 0xE0067, 0xE0062},
};
#define ALPHABETS (sizeof(alphabets) / sizeof(alphabets[0]))

/* Tags and large selectors are ranges; they follow the lists. */
static uint32_t
symbol_of(unsigned alphabet, unsigned byte)
{
    if (alphabet == ALPHABETS) {
        return 0xE0000 + byte;
    }
    if (alphabet == ALPHABETS + 1) {
        return 0xE0100 + byte;
    }
    size_t count = 0;
    while (count < 16 && alphabets[alphabet][count]) {
        count++;
    }
    return alphabets[alphabet][byte % count];
}

static void
check_payload(const struct tt_payload *payload, enum tt_grade grade)
{
    bool known = payload->format && payload->grade == grade && grade > TT_GRADE_NONE && grade <= TT_GRADE_CHECKED;
    bool sound = payload->bytes.len <= TT_DECODED_MAX && (payload->bytes.len > 0 || grade < TT_GRADE_TEXT);
    if (!known || !sound || (grade == TT_GRADE_TEXT && tt_payload_grade(payload->bytes) < TT_GRADE_BYTES)) {
        abort();
    }
}

static void
check_decoders(const uint32_t *symbols, size_t n)
{
    struct tt_arena arena;
    struct tt_readings readings;
    tt_arena_init(&arena, &tt_alloc_libc, TT_MARKS_ARENA);
    if (tt_payload_read(&arena, symbols, n, &readings) != TT_OK || readings.count > TT_READINGS_MAX) {
        abort();
    }
    for (size_t i = 0; i < readings.count; i++) {
        check_payload(&readings.best[i], readings.best[0].grade);
    }
    tt_arena_free(&arena);
}

static enum tt_status
check_finding(void *ctx, const struct tt_finding *finding)
{
    const struct tt_field *field = ctx;
    uint64_t end = finding->where.offset + finding->where.length;
    bool inside = end <= field->text.len && finding->where.length > 0 && finding->extent_to <= field->text.len;
    if (!inside || finding->fact_count >= TT_FACTS_MAX || finding->message.len == 0 || finding->excerpt.len == 0) {
        abort();
    }
    return TT_OK;
}

static void
check_engine(struct tt_str text, bool in_json, size_t from)
{
    struct tt_marks marks;
    struct tt_field field = {.text = text, .from = from, .to = text.len, .at_start = true, .at_end = true, .in_json = in_json};
    tt_marks_init(&marks, &tt_alloc_libc, tt_kernels_get(0));
    if (tt_marks_look(&marks, &field, (struct tt_sink) {check_finding, &field}) != TT_OK) {
        abort();
    }
    tt_marks_free(&marks);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const covers[] = {"a", "B", " ", "\n", "7", "\xD9\x86", "\xE0\xB4\xA8\xE0\xB5\x8D", "\xF0\x9F\x91\xA9"};
    static uint32_t symbols[SYMBOLS_MAX];
    static char text[SYMBOLS_MAX * SYMBOL_BYTES];
    size_t n = 0, len = 0, middle = 0;
    if (size < 2) {
        return 0;
    }
    unsigned alphabet = (data[0] & 0x7FU) % (ALPHABETS + 2);
    for (size_t i = 1; i < size && i <= SYMBOLS_MAX; i++) {
        if (data[i] & 0x80) {
            const char *cover = covers[data[i] % 8];
            memcpy(text + len, cover, strlen(cover));
            len += strlen(cover);
        } else {
            symbols[n] = symbol_of(alphabet, data[i]);
            len += tt_utf8_put(symbols[n++], text + len);
        }
        middle = i == size / 2 ? len : middle;
    }
    check_decoders(symbols, n);
    check_engine(tt_str_make(text, len), data[0] & 0x80, 0);
    check_engine(tt_str_make(text, len), data[0] & 0x80, middle);
    return 0;
}
