/* SPDX-License-Identifier: Apache-2.0 */
/* Reference writers of hidden formats; see encoders.h.  Bits are handled as arrays of 0 and 1: slow, and easy to follow. */
#include "encoders.h"

#include <stdlib.h>

static void
put(struct enc_symbols *out, uint32_t cp)
{
    if (out->n < ENC_MAX) {
        out->cp[out->n++] = cp;
    }
}

/* The next code point of well-formed UTF-8. */
static uint32_t
next_point(struct tt_str text, size_t *at)
{
    const unsigned char *p = (const unsigned char *) text.ptr + *at;
    if (p[0] < 0x80) {
        *at += 1;
        return p[0];
    }
    if (p[0] < 0xE0) {
        *at += 2;
        return (uint32_t) (p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    }
    if (p[0] < 0xF0) {
        *at += 3;
        return (uint32_t) (p[0] & 0x0F) << 12 | (uint32_t) (p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    }
    *at += 4;
    return (uint32_t) (p[0] & 0x07) << 18 | (uint32_t) (p[1] & 0x3F) << 12 | (uint32_t) (p[2] & 0x3F) << 6 | (p[3] & 0x3F);
}

/* UTF-16 units of text; returns how many.  units has room for one a byte. */
static size_t
to_units(struct tt_str text, uint32_t *units)
{
    size_t n = 0;
    for (size_t at = 0; at < text.len;) {
        uint32_t cp = next_point(text, &at);
        if (cp >= 0x10000) {
            units[n++] = 0xD800 + ((cp - 0x10000) >> 10);
            units[n++] = 0xDC00 + ((cp - 0x10000) & 0x3FF);
        } else {
            units[n++] = cp;
        }
    }
    return n;
}

/* value in base, width digits (0: as many as needed, at least one), first digit first. */
static size_t
digits_of(uint32_t value, unsigned base, size_t width, unsigned *digits)
{
    size_t n = 0;
    for (uint32_t rest = value; rest > 0 || n == 0; rest /= base) {
        n++;
    }
    n = width ? width : n;
    for (size_t i = n; i-- > 0; value /= base) {
        digits[i] = value % base;
    }
    return n;
}

static void
put_digits(struct enc_symbols *out, uint32_t value, unsigned base, size_t width, const uint32_t *alphabet)
{
    unsigned digits[32];
    size_t n = digits_of(value, base, width, digits);
    for (size_t i = 0; i < n; i++) {
        put(out, alphabet[digits[i]]);
    }
}

/* Every byte as width digits. */
static void
put_bytes(struct tt_str text, unsigned base, size_t width, const uint32_t *alphabet, struct enc_symbols *out)
{
    for (size_t i = 0; i < text.len; i++) {
        put_digits(out, (unsigned char) text.ptr[i], base, width, alphabet);
    }
}

/* Every UTF-16 unit as width digits. */
static void
put_units(struct tt_str text, unsigned base, size_t width, const uint32_t *alphabet, struct enc_symbols *out)
{
    uint32_t *units = malloc((text.len + 1) * sizeof(*units));
    size_t n = units ? to_units(text, units) : 0;
    for (size_t i = 0; i < n; i++) {
        put_digits(out, units[i], base, width, alphabet);
    }
    free(units);
}

/* F1 */
static void
encode_tags(struct tt_str text, struct enc_symbols *out)
{
    put(out, 0xE0001);
    for (size_t i = 0; i < text.len; i++) {
        put(out, 0xE0000 + (unsigned char) text.ptr[i]);
    }
    put(out, 0xE007F);
}

/* F2, F2b, F2c */
static void
encode_selector_bytes(struct tt_str text, struct enc_symbols *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char b = (unsigned char) text.ptr[i];
        put(out, b < 16 ? 0xFE00U + b : 0xE0100U + (b - 16U));
    }
}

static void
encode_selector_ascii(struct tt_str text, struct enc_symbols *out)
{
    for (size_t i = 0; i < text.len; i++) {
        put(out, 0xE0100 + (unsigned char) text.ptr[i]);
    }
}

static void
encode_selector_high(struct tt_str text, struct enc_symbols *out)
{
    for (size_t i = 0; i < text.len; i++) {
        put(out, 0xFE00 + (unsigned char) text.ptr[i] / 16);
        put(out, 0xFE00 + (unsigned char) text.ptr[i] % 16);
    }
}

static void
encode_selector_low(struct tt_str text, struct enc_symbols *out)
{
    for (size_t i = 0; i < text.len; i++) {
        put(out, 0xFE00 + (unsigned char) text.ptr[i] % 16);
        put(out, 0xFE00 + (unsigned char) text.ptr[i] / 16);
    }
}

/* F3a, F3b */
static void
encode_sneaky_fixed(struct tt_str text, struct enc_symbols *out)
{
    static const uint32_t alphabet[] = {0x2062, 0x2064};
    put_bytes(text, 2, 8, alphabet, out);
}

static void
encode_sneaky_variable(struct tt_str text, struct enc_symbols *out)
{
    static const uint32_t alphabet[] = {0x2062, 0x2064};
    for (size_t at = 0; at < text.len;) {
        uint32_t cp = next_point(text, &at);
        if (cp == ' ') {
            put(out, 0x200B);
        } else {
            put_digits(out, cp, 2, 0, alphabet);
        }
    }
}

/* F4, F5 */
static void
encode_stega(struct tt_str text, struct enc_symbols *out)
{
    static const uint32_t alphabet[] = {0x200B, 0x200C, 0x200D, 0xFEFF};
    for (int i = 0; i < 4; i++) {
        put(out, 0x200B);
    }
    put_bytes(text, 4, 4, alphabet, out);
}

static void
encode_stega_legacy(struct tt_str text, struct enc_symbols *out)
{
    static const uint32_t alphabet[] = {0x200B,  0x200C,  0x200D,  0x2062,  0x2063,  0x2060,  0xFEFF,  0x2061,
                                        0x1D173, 0x1D174, 0x1D175, 0x1D176, 0x1D177, 0x1D178, 0x1D179, 0x1D17A};
    bool small = true;
    for (size_t at = 0; at < text.len;) {
        small = next_point(text, &at) <= 0xFF && small;
    }
    for (size_t at = 0; small && at < text.len;) {
        put_digits(out, next_point(text, &at), 16, 2, alphabet);
    }
    if (!small) {
        put_bytes(text, 16, 2, alphabet, out); /* what writers do who want more than U+00FF */
    }
}

/* F6 */

static const uint32_t cloak[] = {0x200C, 0x200D, 0x2061, 0x2062, 0x2063, 0x2064};

/* The longest earlier copy (4-31 bytes) of what stands at `at`; 0 when there is none. */
static size_t
find_copy(struct tt_str text, size_t at, size_t *distance)
{
    size_t best = 0;
    for (size_t from = at > 32767 ? at - 32767 : 0; from < at; from++) {
        size_t n = 0;
        while (n < 31 && at + n < text.len && text.ptr[from + n] == text.ptr[at + n]) {
            n++;
        }
        if (n >= 4 && n > best) {
            best = n;
            *distance = at - from;
        }
    }
    return best;
}

/* LZ-UTF8; a copy may not end inside a character, so that no literal begins with a continuation byte behind a lead byte. */
static size_t
pack(struct tt_str text, unsigned char *out)
{
    size_t n = 0;
    for (size_t at = 0; at < text.len;) {
        size_t distance = 0;
        bool start = ((unsigned char) text.ptr[at] & 0xC0) != 0x80;
        size_t length = start ? find_copy(text, at, &distance) : 0;
        while (length > 0 && at + length < text.len && ((unsigned char) text.ptr[at + length] & 0xC0) == 0x80) {
            length--;
        }
        if (length < 4) {
            out[n++] = (unsigned char) text.ptr[at++];
            continue;
        }
        if (distance < 128) {
            out[n++] = (unsigned char) (0xC0 | length);
            out[n++] = (unsigned char) distance;
        } else {
            out[n++] = (unsigned char) (0xE0 | length);
            out[n++] = (unsigned char) (distance >> 8);
            out[n++] = (unsigned char) distance;
        }
        at += length;
    }
    return n;
}

/* Writes the pair that shortens most, then the stream with its doublings shortened. */
static void
put_shortened(const struct enc_symbols *stream, struct enc_symbols *out)
{
    size_t doubles[4] = {0};
    unsigned best[2] = {0, 1};
    for (size_t i = 0; i + 1 < stream->n; i++) {
        for (unsigned d = 0; d < 4; d++) {
            doubles[d] += stream->cp[i] == cloak[d] && stream->cp[i + 1] == cloak[d];
        }
    }
    for (unsigned a = 0; a < 4; a++) {
        for (unsigned b = a + 1; b < 4; b++) {
            if (doubles[a] + doubles[b] > doubles[best[0]] + doubles[best[1]]) {
                best[0] = a;
                best[1] = b;
            }
        }
    }
    unsigned index = 0;
    for (unsigned a = 0, k = 0; a < 4; a++) {
        for (unsigned b = a + 1; b < 4; b++, k++) {
            index = a == best[0] && b == best[1] ? k : index;
        }
    }
    put(out, cloak[index]);
    for (size_t i = 0; i < stream->n; i++) {
        bool twice = i + 1 < stream->n && stream->cp[i] == stream->cp[i + 1];
        if (twice && stream->cp[i] == cloak[best[0]]) {
            put(out, cloak[4]);
            i++;
        } else if (twice && stream->cp[i] == cloak[best[1]]) {
            put(out, cloak[5]);
            i++;
        } else {
            put(out, stream->cp[i]);
        }
    }
}

static void
encode_cloak(const unsigned char *bytes, size_t len, unsigned mode, struct enc_symbols *out)
{
    struct enc_symbols *stream = calloc(1, sizeof(*stream));
    if (stream) {
        put(stream, cloak[mode]);
        put_bytes(tt_str_make(bytes, len), 4, 4, cloak, stream);
        put_shortened(stream, out);
    }
    free(stream);
}

static void
encode_stegcloak(struct tt_str text, struct enc_symbols *out)
{
    unsigned char *packed = malloc(text.len + 1);
    size_t n = packed ? pack(text, packed) : 0;
    for (size_t i = 0; i < n; i++) {
        packed[i] = (unsigned char) ~packed[i];
    }
    encode_cloak(packed, n, 2, out);
    free(packed);
}

void
enc_stegcloak_locked(struct tt_str payload, bool hmac, struct enc_symbols *out)
{
    encode_cloak((const unsigned char *) payload.ptr, payload.len, hmac ? 0 : 1, out);
}

/* F7 */
static void
encode_base5(struct tt_str text, struct enc_symbols *out)
{
    static const uint32_t alphabet[] = {0x200E, 0x200F, 0x200C, 0x200D, 0xFEFF};
    for (size_t at = 0; at < text.len;) {
        if (at > 0) {
            put(out, 0x200B);
        }
        put_digits(out, next_point(text, &at), 5, 0, alphabet);
    }
}

/* F8, F9 */
static const uint32_t alphabet_330k[] = {0x200C, 0x200D, 0x202C, 0xFEFF};

static void
encode_330k_text(struct tt_str text, struct enc_symbols *out)
{
    put_units(text, 4, 8, alphabet_330k, out);
}

static void
encode_330k_binary(struct tt_str text, struct enc_symbols *out)
{
    put_bytes(text, 4, 4, alphabet_330k, out);
}

static const uint32_t alphabet_zwsp[] = {0x200B, 0x200C, 0x200D, 0x200E, 0x200F};

static void
encode_zwsp_3(struct tt_str text, struct enc_symbols *out)
{
    put_units(text, 3, 11, alphabet_zwsp, out);
}

static void
encode_zwsp_5(struct tt_str text, struct enc_symbols *out)
{
    put_units(text, 5, 7, alphabet_zwsp, out);
}

/* F10 */
static void
put_bits(struct tt_str text, size_t unit, unsigned bits, const uint32_t *alphabet, struct enc_symbols *out)
{
    static const uint32_t binary[] = {0, 1};
    struct enc_symbols *stream = calloc(1, sizeof(*stream));
    if (!stream) {
        return;
    }
    if (unit == 16) {
        put_units(text, 2, 16, binary, stream);
    } else {
        put_bytes(text, 2, 8, binary, stream);
    }
    while (stream->n % bits) {
        put(stream, 0);
    }
    for (size_t i = 0; i < stream->n; i += bits) {
        uint32_t value = 0;
        for (unsigned k = 0; k < bits; k++) {
            value = value * 2 + stream->cp[i + k];
        }
        put(out, alphabet[value]);
    }
    free(stream);
}

#define BITS(name, unit, bits, ...)                               \
    static void name(struct tt_str text, struct enc_symbols *out) \
    {                                                             \
        static const uint32_t alphabet[] = {__VA_ARGS__};         \
        put_bits(text, unit, bits, alphabet, out);                \
    }

BITS(encode_0b_0c, 8, 1, 0x200B, 0x200C)
BITS(encode_0c_0b, 8, 1, 0x200C, 0x200B)
BITS(encode_16_0b_0c, 16, 1, 0x200B, 0x200C)
BITS(encode_16_0c_0b, 16, 1, 0x200C, 0x200B)
BITS(encode_0e_0f, 8, 1, 0x200E, 0x200F)
BITS(encode_0b_ff, 8, 1, 0x200B, 0xFEFF)
BITS(encode_4_2060, 8, 2, 0x200B, 0x200C, 0x200D, 0x2060)
BITS(encode_4_feff, 8, 2, 0x200B, 0x200C, 0x200D, 0xFEFF)
BITS(encode_8, 8, 3, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F, 0x202A)

/* F11 */
static void
encode_steganographr(struct tt_str text, struct enc_symbols *out)
{
    static const uint32_t alphabet[] = {0x200B, 0x200C};
    for (size_t i = 0; i < text.len; i++) {
        if (i > 0) {
            put(out, 0x2060);
        }
        put_digits(out, (unsigned char) text.ptr[i], 2, 0, alphabet);
    }
}

/* F12 */
static void
encode_fingerprint(struct tt_str text, struct enc_symbols *out)
{
    static const uint32_t alphabet[] = {0x200C, 0x200B};
    struct enc_symbols *plain = calloc(1, sizeof(*plain));
    uint32_t *units = malloc((text.len + 1) * sizeof(*units));
    size_t n = plain && units ? to_units(text, units) : 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0) {
            put(plain, 0x200D);
        }
        put_digits(plain, units[i], 2, units[i] < 256 ? 8 : 0, alphabet);
    }
    for (size_t i = 0; i < (plain ? plain->n : 0); i++) {
        if (i > 0) {
            put(out, 0xFEFF);
        }
        put(out, plain->cp[i]);
    }
    free(units);
    free(plain);
}

/* F13 */

static const uint32_t zwc[] = {0x202C, 0x200C, 0x200D, 0x2060, 0x2061, 0x2062, 0x2063,  0x2064,
                               0x206A, 0x206B, 0x206C, 0x206D, 0x206E, 0x206F, 0x1D173, 0x1D174};

static void
put_zwc_byte(unsigned byte, unsigned bits, struct enc_symbols *out)
{
    if (bits == 3) {
        put(out, zwc[byte >> 6]);
        put(out, zwc[byte >> 3 & 7]);
        put(out, zwc[byte & 7]);
    } else {
        put_digits(out, byte, 1U << bits, 8 / bits, zwc);
    }
}

/* Remainder of the polynomial division of the message's bits, most significant first, by poly of the given degree. */
static uint32_t
remainder_of(const unsigned char *bits, size_t n, unsigned degree, uint32_t poly)
{
    uint64_t rest = 0;
    for (size_t i = 0; i < n + degree; i++) {
        rest = rest << 1 | (i < n ? bits[i] : 0);
        if (rest >> degree & 1) {
            rest ^= (uint64_t) 1 << degree | poly;
        }
    }
    return (uint32_t) rest;
}

/* CRC-32: bits of each byte least significant first into a register of ones, the result reversed and complemented. */
static uint32_t
crc32_of(struct tt_str text, unsigned char *bits)
{
    size_t n = text.len * 8;
    for (size_t i = 0; i < text.len; i++) {
        for (size_t k = 0; k < 8; k++) {
            bits[i * 8 + k] = (unsigned char) text.ptr[i] >> k & 1;
        }
    }
    uint64_t rest = 0xFFFFFFFF;
    for (size_t i = 0; i < n; i++) {
        uint64_t top = (rest >> 31 ^ bits[i]) & 1;
        rest = (rest << 1 & 0xFFFFFFFF) ^ (top ? 0x04C11DB7 : 0);
    }
    uint32_t value = 0;
    for (unsigned k = 0; k < 32; k++) {
        value |= (uint32_t) (rest >> k & 1) << (31 - k);
    }
    return ~value;
}

static uint32_t
zwc_checksum(struct tt_str text, unsigned checksum)
{
    unsigned char *bits = malloc(text.len * 8 + 1);
    uint32_t value = 0;
    for (size_t i = 0; bits && i < text.len * 8; i++) {
        bits[i] = (unsigned char) text.ptr[i / 8] >> (7 - i % 8) & 1;
    }
    if (bits && checksum == 3) {
        value = crc32_of(text, bits);
    } else if (bits) {
        value = remainder_of(bits, text.len * 8, checksum == 1 ? 8 : 16, checksum == 1 ? 0x07 : 0x1021);
    }
    free(bits);
    return value;
}

void
enc_zwc(struct tt_str text, unsigned bits, unsigned checksum, bool second_delimiter, struct enc_symbols *out)
{
    static const unsigned sizes[] = {0, 1, 2, 4};
    unsigned header = 0U << 4 | (bits - 2) << 2 | checksum;
    unsigned char header_bits[6];
    for (unsigned i = 0; i < 6; i++) {
        header_bits[i] = header >> (5 - i) & 1;
    }
    put(out, 0x034F);
    put_zwc_byte(header << 2 | remainder_of(header_bits, 6, 2, 3), 2, out);
    if (second_delimiter) {
        put(out, 0x034F);
    }
    for (size_t i = 0; i < text.len; i++) {
        put_zwc_byte((unsigned char) text.ptr[i], bits, out);
    }
    put(out, 0x034F);
    uint32_t value = zwc_checksum(text, checksum);
    for (unsigned i = sizes[checksum]; i-- > 0;) {
        put_zwc_byte(value >> (8 * i) & 0xFF, bits, out);
    }
}

static void
encode_zwc(struct tt_str text, struct enc_symbols *out)
{
    enc_zwc(text, 2, 3, false, out);
}

const struct encoder encoders[] = {
    {"tag text", true, false, encode_tags},
    {"variation selector bytes", false, false, encode_selector_bytes},
    {"variation selector ASCII", true, false, encode_selector_ascii},
    {"variation selector nibbles, high first", false, false, encode_selector_high},
    {"variation selector nibbles, low first", false, false, encode_selector_low},
    {"sneaky bits, 8 bits", false, false, encode_sneaky_fixed},
    {"sneaky bits, variable length", false, true, encode_sneaky_variable},
    {"vercel stega", false, false, encode_stega},
    {"vercel stega, legacy", false, false, encode_stega_legacy},
    {"StegCloak", false, false, encode_stegcloak},
    {"zero-width-lib", false, false, encode_base5},
    {"330k text", false, false, encode_330k_text},
    {"330k binary", false, false, encode_330k_binary},
    {"zwsp-steg, 3 symbols", false, false, encode_zwsp_3},
    {"zwsp-steg, 5 symbols", false, false, encode_zwsp_5},
    {"binary, U+200B is 0, U+200C is 1", false, false, encode_0b_0c},
    {"binary, U+200C is 0, U+200B is 1", false, false, encode_0c_0b},
    {"binary of UTF-16, U+200B is 0, U+200C is 1", false, false, encode_16_0b_0c},
    {"binary of UTF-16, U+200C is 0, U+200B is 1", false, false, encode_16_0c_0b},
    {"binary, U+200E is 0, U+200F is 1", false, false, encode_0e_0f},
    {"binary, U+200B is 0, U+FEFF is 1", false, false, encode_0b_ff},
    {"base 4 of U+200B 200C 200D 2060", false, false, encode_4_2060},
    {"base 4 of U+200B 200C 200D FEFF", false, false, encode_4_feff},
    {"base 8 of U+200B 200C 200D 2060 FEFF 200E 200F 202A", false, false, encode_8},
    {"Steganographr", false, false, encode_steganographr},
    {"user-name fingerprint", false, false, encode_fingerprint},
    {"ZWC 0.9", false, false, encode_zwc},
};
const size_t encoder_count = sizeof(encoders) / sizeof(encoders[0]);

const struct encoder *
enc_find(const char *format)
{
    for (size_t i = 0; i < encoder_count; i++) {
        if (strcmp(encoders[i].format, format) == 0) {
            return &encoders[i];
        }
    }
    return NULL;
}

size_t
enc_utf8(const uint32_t *cp, size_t n, char *out)
{
    char *p = out;
    for (size_t i = 0; i < n; i++) {
        uint32_t c = cp[i];
        if (c < 0x80) {
            *p++ = (char) c;
        } else if (c < 0x800) {
            *p++ = (char) (0xC0 | c >> 6);
            *p++ = (char) (0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            *p++ = (char) (0xE0 | c >> 12);
            *p++ = (char) (0x80 | (c >> 6 & 0x3F));
            *p++ = (char) (0x80 | (c & 0x3F));
        } else {
            *p++ = (char) (0xF0 | c >> 18);
            *p++ = (char) (0x80 | (c >> 12 & 0x3F));
            *p++ = (char) (0x80 | (c >> 6 & 0x3F));
            *p++ = (char) (0x80 | (c & 0x3F));
        }
    }
    return (size_t) (p - out);
}
