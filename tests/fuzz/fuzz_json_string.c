/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both decoders of string bodies, on any bytes.
 *
 * Properties: with final true all is used; cut at a place that the input chooses and gone on with from what was used,
 * the text is the same; less than a pair stays behind; raw offsets never fall, the raw bytes before each decode to a
 * prefix of the text that ends where the character begins; text without a backslash is left alone.
 */
#include "base/limits.h"
#include "json/string.h"

#include <stdlib.h>

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

typedef size_t decode_fn(struct tt_str raw, bool final, struct tt_buf *out);

static void
check_cut(struct tt_str raw, size_t cut, decode_fn *decode, struct tt_str text, struct tt_buf *out)
{
    tt_buf_clear(out);
    size_t used = decode(tt_str_slice(raw, 0, cut), false, out);
    size_t pair =
        decode == tt_json_unescape_u ? 2 * 21 : 2 * 6; /* bytes of two escapes; outside of JSON with 16 backslashes each */
    CHECK(used <= cut && cut - used < pair);
    CHECK(tt_str_starts(text, tt_buf_str(out)));
    CHECK(tt_json_raw_offset(raw, decode == tt_json_unescape_u, out->len) == used || out->len == 0);
    CHECK(decode(tt_str_slice(raw, used, raw.len), true, out) == raw.len - used);
    CHECK(tt_str_eq(tt_buf_str(out), text));
}

static void
check_offset(struct tt_str raw, size_t decoded, decode_fn *decode, struct tt_str text, struct tt_buf *out)
{
    size_t at = tt_json_raw_offset(raw, decode == tt_json_unescape_u, decoded);
    CHECK(at <= raw.len);
    tt_buf_clear(out);
    CHECK(decode(tt_str_slice(raw, 0, at), true, out) == at);
    CHECK(tt_str_starts(text, tt_buf_str(out)));
    CHECK(out->len <= decoded && decoded - out->len < 4);
    CHECK(decode(tt_str_slice(raw, at, raw.len), true, out) == raw.len - at);
    CHECK(tt_str_eq(tt_buf_str(out), text));
}

static void
check_decoder(struct tt_str raw, size_t cut, decode_fn *decode)
{
    struct tt_buf text, out;
    tt_buf_init(&text, &tt_alloc_libc, 16 * TT_MIB);
    tt_buf_init(&out, &tt_alloc_libc, 16 * TT_MIB);
    CHECK(decode(raw, true, &text) == raw.len);
    CHECK(text.len <= raw.len);
    if (raw.len == 0 || !memchr(raw.ptr, '\\', raw.len)) {
        CHECK(tt_str_eq(tt_buf_str(&text), raw));
    }
    check_cut(raw, cut, decode, tt_buf_str(&text), &out);
    size_t last = 0;
    for (size_t i = 0; i <= text.len; i++) {
        size_t at = tt_json_raw_offset(raw, decode == tt_json_unescape_u, i);
        CHECK(at >= last);
        last = at;
    }
    CHECK(last == raw.len);
    check_offset(raw, cut % (text.len + 1), decode, tt_buf_str(&text), &out);
    tt_buf_free(&text);
    tt_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 2048) {
        return 0; /* every offset is asked for: longer inputs find nothing new, only slower */
    }
    struct tt_str raw = tt_str_make(data, size - 1);
    size_t cut = (size_t) data[size - 1] * 5 % size;
    check_decoder(raw, cut, tt_json_unescape);
    check_decoder(raw, cut, tt_json_unescape_u);
    return 0;
}
