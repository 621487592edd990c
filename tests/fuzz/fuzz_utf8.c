/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The text room on any bytes.
 *
 * Properties: walking forward, walking back and every kernel agree on the valid prefix; every version of a kernel agrees with
 * the reference; what is written for people is UTF-8 without anything hidden; a date is the same from each of its bytes.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "text/char.h"
#include "text/date.h"
#include "text/kernel.h"
#include "text/utf8.h"
#include "text/visible.h"

#include <stdlib.h>

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

#define HITS 64

/* Length of the valid prefix by single steps; each step is also made backwards. */
static size_t
walk(struct tt_str text)
{
    size_t pos = 0;
    while (pos < text.len) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0) {
            break;
        }
        char bytes[4];
        CHECK(tt_utf8_put(rune.cp, bytes) == rune.len && memcmp(bytes, text.ptr + pos, rune.len) == 0);
        pos += rune.len;
        struct tt_rune back = tt_utf8_prev(text, pos);
        CHECK(back.cp == rune.cp && back.len == rune.len);
    }
    return pos;
}

/* Behind the valid prefix: the ill-formed piece lies in the text, and only a piece at the very end can be cut. */
static void
check_bad_piece(struct tt_str text, size_t pos)
{
    size_t bad = tt_utf8_bad_length(text, pos);
    CHECK(bad >= 1 && bad <= 3 && bad <= text.len - pos);
    CHECK(!tt_utf8_is_cut(text, pos) || pos + bad == text.len);
}

static void
check_json_blocks(const struct tt_kernels *k, const struct tt_kernels *reference, struct tt_str text)
{
    struct tt_json_block a[4];
    struct tt_json_block b[4];
    for (size_t from = 0; from < text.len; from += 4 * TT_JSON_BLOCK) {
        struct tt_str part = tt_str_slice(text, from, from + 4 * TT_JSON_BLOCK);
        size_t blocks = (part.len + TT_JSON_BLOCK - 1) / TT_JSON_BLOCK;
        k->json_blocks((const unsigned char *) part.ptr, part.len, a);
        reference->json_blocks((const unsigned char *) part.ptr, part.len, b);
        CHECK(memcmp(a, b, blocks * sizeof(*a)) == 0);
    }
}

static void
check_kernels(const struct tt_kernels *k, const struct tt_kernels *reference, struct tt_str text, size_t valid)
{
    const unsigned char *p = (const unsigned char *) text.ptr;
    uint32_t a[HITS];
    uint32_t b[HITS];
    size_t next_a;
    size_t next_b;
    CHECK(k->valid_utf8(p, text.len) == valid);
    CHECK(k->count_lines(p, text.len) == reference->count_lines(p, text.len));
    CHECK(k->count_points(p, text.len) == reference->count_points(p, text.len));
    check_json_blocks(k, reference, text);
    for (size_t from = 0; from < text.len; from = next_a) {
        size_t count = reference->collect(p, text.len, from, text.len, a, HITS, &next_a);
        CHECK(k->collect(p, text.len, from, text.len, b, HITS, &next_b) == count);
        CHECK(next_a == next_b && next_a > from && memcmp(a, b, count * sizeof(*a)) == 0);
    }
}

static void
check_visible(struct tt_str text, size_t from, size_t to)
{
    struct tt_buf out;
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    tt_visible_add(&out, text, from, to);
    tt_visible_excerpt(&out, text, from, to);
    struct tt_str shown = tt_buf_str(&out);
    for (size_t pos = 0; pos < shown.len && out.status == TT_OK;) {
        struct tt_rune rune = tt_utf8_next(shown, pos);
        CHECK(rune.len > 0 && tt_char(rune.cp)->category < TT_CC && !tt_char_is(rune.cp, TT_CHAR_IGNORABLE));
        pos += rune.len;
    }
    tt_buf_free(&out);
}

static void
check_dates(struct tt_str text)
{
    for (size_t pos = 0; pos < text.len; pos++) {
        struct tt_date date;
        if (!tt_date_read(text, pos, &date)) {
            continue;
        }
        CHECK(date.offset <= pos && pos < date.offset + date.length && date.offset + date.length <= text.len);
        for (size_t other = date.offset; other < date.offset + date.length; other++) {
            struct tt_date again;
            CHECK(tt_date_read(text, other, &again) && again.offset == date.offset && again.length == date.length);
        }
        pos = date.offset + date.length - 1;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_str text = tt_str_make(data, size);
    size_t valid = walk(text);
    if (valid < size) {
        check_bad_piece(text, valid);
    }
    check_kernels(tt_kernels_get(0), tt_kernels_get(0), text, valid);
    check_kernels(tt_kernels_get(tt_cpu_detect()), tt_kernels_get(0), text, valid);
    check_visible(text, size / 3, size / 2);
    check_dates(text);
    return 0;
}
