/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding of UTF-16, UTF-32 and a few encodings of the system.
 *
 * Input: a byte that chooses the encoding, one that chooses where the rest is cut, the rest.  Properties: what comes out is UTF-8; its
 * widths add up to the bytes that went in, but for shifts at the end; the cut does not matter.
 */
#include "base/buf.h"
#include "base/limits.h"
#include "scan/encoding.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(condition)    \
    do {                    \
        if (!(condition)) { \
            abort();        \
        }                   \
    } while (0)

struct outcome {
    struct tt_buf text, widths;
    uint64_t bad, end;
};

static void
decode(struct outcome *out, const struct tt_encoding *encoding, struct tt_str bytes, size_t cut)
{
    struct tt_decoder decoder;
    tt_buf_init(&out->text, &tt_alloc_libc, 64 * TT_MIB);
    tt_buf_init(&out->widths, &tt_alloc_libc, 64 * TT_MIB);
    tt_decoder_init(&decoder, &tt_alloc_libc);
    CHECK(tt_decoder_begin(&decoder, encoding) == TT_OK);
    struct tt_str piece = tt_str_slice(bytes, 0, cut);
    for (int round = 0; round < 2; round++) {
        do {
            tt_decoder_feed(&decoder, &piece, round == 1);
            tt_buf_add(&out->text, tt_str_make(decoder.text, decoder.len));
            tt_buf_add(&out->widths, tt_str_make(decoder.widths, decoder.len));
        } while (decoder.len > 0);
        piece = tt_str_slice(bytes, cut - piece.len, bytes.len);
    }
    out->bad = decoder.bad_count;
    out->end = decoder.at.source;
    tt_decoder_free(&decoder);
}

static void
outcome_free(struct outcome *out)
{
    tt_buf_free(&out->text);
    tt_buf_free(&out->widths);
}

static bool
is_same(struct tt_buf *a, struct tt_buf *b)
{
    return tt_str_eq(tt_buf_str(a), tt_buf_str(b));
}

static void
check(const struct tt_encoding *encoding, struct tt_str bytes, size_t cut)
{
    struct outcome whole, parts;
    uint64_t sum = 0;
    decode(&whole, encoding, bytes, bytes.len);
    decode(&parts, encoding, bytes, cut);
    struct tt_str text = tt_buf_str(&whole.text);
    CHECK(tt_kernels_get(0)->valid_utf8((const unsigned char *) text.ptr, text.len) == text.len);
    CHECK(whole.widths.len == text.len);
    for (size_t i = 0; i < text.len; i++) {
        sum += (unsigned char) whole.widths.ptr[i];
    }
    CHECK(sum <= bytes.len && whole.end == bytes.len && parts.end == bytes.len);
    CHECK(encoding->by_iconv || sum == bytes.len);
    CHECK(is_same(&whole.text, &parts.text) && whole.bad == parts.bad);
    CHECK(encoding->by_iconv || is_same(&whole.widths, &parts.widths));
    outcome_free(&whole);
    outcome_free(&parts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"utf-16le",  "utf-16be",    "utf-32le",   "utf-32be", "windows-1252",
                                        "shift_jis", "iso-2022-jp", "big5-hkscs", "gb18030",  "windows-1255"};
    struct tt_encoding encoding;
    if (size < 2) {
        return 0;
    }
    struct tt_str bytes = tt_str_make(data + 2, size - 2);
    CHECK(tt_encoding_open(&encoding, names[data[0] % (sizeof(names) / sizeof(*names))]) == TT_OK);
    check(&encoding, bytes, bytes.len * data[1] / 255);
    tt_encoding_close(&encoding);
    return 0;
}
