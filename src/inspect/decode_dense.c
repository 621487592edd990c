/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoders of notations that put more into a sign than hexadecimal, or say a byte by its neighbour; see decode.h.
 *
 * In: byte strings.  Out: byte strings in the arena, none longer than what it was made of.  Owns nothing.
 * Of base 85 there are the alphabets of Adobe and btoa (with z for four zeroes), of RFC 1924, and of ZeroMQ (RFC 32/Z85).  uuencode: POSIX uuencode(1).
 */
#include "inspect/decode.h"

#define BASE85_MIN 10
#define BASE36_MAX 80 /* digits of one number */

/* ---- Base 85 ---- */

static bool
read_base85(struct tt_str in, const uint8_t values[256], char *to, size_t *len)
{
    uint64_t word = 0;
    unsigned have = 0;
    if (in.len < BASE85_MIN) {
        return false;
    }
    for (size_t i = 0; i < in.len; i++) {
        unsigned value = values[(unsigned char) in.ptr[i]];
        if (value == 0) {
            return false;
        }
        word = word * 85 + value - 1;
        if (++have == 5) {
            for (unsigned b = 0; b < 4; b++) {
                to[(*len)++] = (char) (word >> (24 - 8 * b) & 0xFF);
            }
            if (word > UINT32_MAX) {
                return false;
            }
            word = have = 0;
        }
    }
    /* A last group of n signs is n - 1 bytes. */
    for (unsigned i = have; have > 0 && i < 5; i++) {
        word = word * 85 + 84;
    }
    for (unsigned b = 0; b + 1 < have; b++) {
        to[(*len)++] = (char) (word >> (24 - 8 * b) & 0xFF);
    }
    return have != 1 && word <= UINT32_MAX;
}

static bool
read_alphabet(struct tt_str alphabet, struct tt_str in, char *to, size_t *len)
{
    uint8_t values[256] = {0};
    for (size_t i = 0; i < alphabet.len; i++) {
        values[(unsigned char) alphabet.ptr[i]] = (uint8_t) (i + 1);
    }
    return read_base85(in, values, to, len);
}

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

/* The signs from '!' on, with or without the marks of Adobe around them. */
static bool
ascii85_item(struct tt_str in, char *to, size_t *len)
{
    if (tt_str_starts(in, TT_STR("<~"))) {
        in = tt_str_slice(in, 2, in.len);
    }
    if (tt_str_ends(in, TT_STR("~>"))) {
        in = tt_str_slice(in, 0, in.len - 2);
    }
    return read_alphabet(TT_STR("!\"#$%&'()*+,-./" DIGITS ":;<=>?@" UPPER "[\\]^_`abcdefghijklmnopqrstu"), in, to, len);
}

static bool
base85_item(struct tt_str in, char *to, size_t *len)
{
    return read_alphabet(TT_STR(DIGITS UPPER LOWER "!#$%&()*+-;<=>?@^_`{|}~"), in, to, len);
}

static bool
z85_item(struct tt_str in, char *to, size_t *len)
{
    return read_alphabet(TT_STR(DIGITS LOWER UPPER ".-:+=^!/*?&<>()[]{}@%$#"), in, to, len);
}

/* Text with signs of all kinds in it, and no blank.  Much is, in programs: what comes out has to be text as well. */
static bool
may_be_base85(struct tt_items in)
{
    size_t bytes = 0, signs = 0;
    for (size_t i = 0; i < in.count; i++) {
        for (size_t k = 0; k < in.list[i].len; k++) {
            unsigned char c = (unsigned char) in.list[i].ptr[k];
            if (c <= 0x20 || c >= 0x7F) {
                return false;
            }
            signs += !tt_ascii_is_alnum(c);
        }
        bytes += in.list[i].len;
    }
    return signs * 12 >= bytes && signs * 2 <= bytes;
}

static bool
ascii85(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return may_be_base85(in) && tt_items_decode(decoding, in, out, ascii85_item) && !tt_items_are_binary(*out);
}

static bool
base85(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return may_be_base85(in) && tt_items_decode(decoding, in, out, base85_item) && !tt_items_are_binary(*out);
}

static bool
z85(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return may_be_base85(in) && tt_items_decode(decoding, in, out, z85_item) && !tt_items_are_binary(*out);
}

/* ---- uuencode ---- */

/* Lines of a sign that says how many bytes follow, and these in groups of four signs. */
static bool
uu_item(struct tt_str in, char *to, size_t *len)
{
    for (size_t at = 0; at < in.len;) {
        unsigned left = ((unsigned char) in.ptr[at++] - 0x20u) & 63;
        for (; left > 0; at += 4) {
            uint32_t word = 0;
            for (size_t k = at; k < at + 4; k++) {
                unsigned char c = k < in.len ? (unsigned char) in.ptr[k] : 0;
                if (c < 0x20 || c > 0x60) {
                    return false;
                }
                word = word << 6 | ((c - 0x20u) & 63);
            }
            for (unsigned b = 0; b < 3 && left > 0; b++, left--) {
                to[(*len)++] = (char) (word >> (16 - 8 * b) & 0xFF);
            }
        }
        while (at < in.len && (in.ptr[at] == '\n' || in.ptr[at] == '\r')) {
            at++;
        }
    }
    return *len > 0;
}

static bool
uu(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, uu_item);
}

/* ---- Base 36 ---- */

/* A number, as the bytes it is made of. */
static bool
base36_item(struct tt_str in, char *to, size_t *len)
{
    uint8_t bytes[BASE36_MAX]; /* the lowest first */
    size_t count = 0;
    if (in.len == 0 || in.len > BASE36_MAX) {
        return false;
    }
    for (size_t i = 0; i < in.len; i++) {
        unsigned char c = tt_ascii_lower((unsigned char) in.ptr[i]);
        if (!tt_ascii_is_alnum(c)) {
            return false;
        }
        unsigned carry = tt_ascii_is_digit(c) ? c - (unsigned) '0' : c - (unsigned) 'a' + 10;
        for (size_t k = 0; k < count; k++) {
            carry += 36u * bytes[k];
            bytes[k] = (uint8_t) (carry & 0xFF);
            carry >>= 8;
        }
        if (carry > 0) {
            bytes[count++] = (uint8_t) carry;
        }
    }
    while (count > 0) {
        to[(*len)++] = (char) bytes[--count];
    }
    return true;
}

/* Every word is such a number, so only text counts. */
static bool
base36(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return in.count > 1 && tt_items_decode(decoding, in, out, base36_item) && !tt_items_are_binary(*out);
}

/* ---- Neighbours ---- */

static bool
difference_item(struct tt_str in, char *to, size_t *len)
{
    for (size_t i = 0; i < in.len; i++) {
        to[i] = (char) ((unsigned char) in.ptr[i] - (i > 0 ? (unsigned char) in.ptr[i - 1] : 0u));
    }
    *len = in.len;
    return in.len > 0;
}

static bool
unchained_item(struct tt_str in, char *to, size_t *len)
{
    for (size_t i = 0; i < in.len; i++) {
        to[i] = (char) ((unsigned char) in.ptr[i] ^ (i > 0 ? (unsigned char) in.ptr[i - 1] : 0u));
    }
    *len = in.len;
    return in.len > 0;
}

/* Each byte is the sum of all up to it. */
static bool
differences(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_decoding_is_binary(decoding, in) && tt_items_decode(decoding, in, out, difference_item) &&
           !tt_items_are_binary(*out);
}

static bool
unchained(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_decoding_is_binary(decoding, in) && tt_items_decode(decoding, in, out, unchained_item) &&
           !tt_items_are_binary(*out);
}

const struct tt_list_decoder tt_list_decoder_ascii85 = {.name = "ascii85", .decode = ascii85};
const struct tt_list_decoder tt_list_decoder_base85 = {.name = "base85", .decode = base85};
const struct tt_list_decoder tt_list_decoder_z85 = {.name = "z85", .decode = z85};
const struct tt_list_decoder tt_list_decoder_uu = {.name = "uuencode", .decode = uu};
const struct tt_list_decoder tt_list_decoder_base36 = {.name = "base 36", .decode = base36};
const struct tt_list_decoder tt_list_decoder_differences = {.name = "differences", .decode = differences};
const struct tt_list_decoder tt_list_decoder_unchained = {.name = "xor with the byte before", .decode = unchained};
