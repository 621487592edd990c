/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoders without a key; see decode.h.
 *
 * In: byte strings.  Out: byte strings in the arena, none longer than what it was made of (but for inflate, which has a bound of its own).  A
 * decoder is strict: every item must be written in its way, so that what is not is left alone at once.
 * base64 and base32: RFC 4648; percent: RFC 3986, section 2.1; inflate: RFC 1950 to 1952.
 */
#include "inspect/decode.h"

#include "base/limits.h"
#include "inspect/literal.h"

#include <zlib.h>

#define INFLATED_MAX (64 * TT_KIB) /* of one item; what follows is left out */
#define PIECES_MAX 4096

size_t
tt_items_bytes(struct tt_items items)
{
    size_t bytes = 0;
    for (size_t i = 0; i < items.count; i++) {
        bytes += items.list[i].len;
    }
    return bytes;
}

bool
tt_items_are_binary(struct tt_items items)
{
    size_t bytes = 0, other = 0;
    for (size_t i = 0; i < items.count; i++) {
        for (size_t k = 0; k < items.list[i].len; k++) {
            other += !tt_score_is_text((unsigned char) items.list[i].ptr[k]);
        }
        bytes += items.list[i].len;
    }
    return other * 10 >= bytes;
}

bool
tt_decoding_is_binary(const struct tt_decoding *decoding, struct tt_items items)
{
    return decoding->known && decoding->known == items.list ? decoding->known_binary : tt_items_are_binary(items);
}

bool
tt_items_make(struct tt_arena *arena, struct tt_items in, struct tt_str **list, char **bytes)
{
    *list = tt_arena_get(arena, in.count * sizeof(**list) + 1);
    *bytes = tt_arena_get(arena, tt_items_bytes(in) + in.count + 1);
    return *list && *bytes;
}

bool
tt_items_decode(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out, tt_decode_item *decode)
{
    struct tt_str *list;
    char *to;
    size_t total = 0;
    decoding->work += in.count;
    if (!tt_items_make(decoding->arena, in, &list, &to)) {
        return false;
    }
    for (size_t i = 0; i < in.count; i++) {
        size_t len = 0;
        if (!decode(in.list[i], to, &len)) {
            return false;
        }
        list[i] = tt_str_make(to, len);
        to += len;
        total += len;
        decoding->work += in.list[i].len;
    }
    *out = (struct tt_items) {list, in.count};
    return total > 0;
}

/* ---- base64 and base32 ---- */

/* The values of an alphabet's signs, or -1; with the signs of URLs where the alphabet is the usual one. */
static void
read_alphabet(struct tt_str alphabet, int8_t values[256])
{
    memset(values, -1, 256);
    for (size_t i = 0; i < alphabet.len && i < 64; i++) {
        values[(unsigned char) alphabet.ptr[i]] = (int8_t) i;
    }
    if (values['+'] == 62 && values['/'] == 63) {
        values['-'] = 62;
        values['_'] = 63;
    }
}

/* bits: of one sign, 6 or 5. */
static bool
decode_base(struct tt_str in, const int8_t values[256], unsigned bits, char *to, size_t *len)
{
    uint32_t word = 0;
    unsigned have = 0;
    size_t end = in.len, signs = 0;
    while (end > 0 && in.ptr[end - 1] == '=' && in.len - end < 6) {
        end--;
    }
    for (size_t i = 0; i < end; i++) {
        int8_t value = values[(unsigned char) in.ptr[i]];
        if (value < 0) {
            if (in.ptr[i] == '\n' || in.ptr[i] == '\r' || in.ptr[i] == ' ') {
                continue;
            }
            return false;
        }
        word = word << bits | (uint32_t) value;
        have += bits;
        signs++;
        if (have >= 8) {
            have -= 8;
            to[(*len)++] = (char) (word >> have & 0xFF);
        }
    }
    return signs >= 2 && (bits == 6 ? signs % 4 != 1 : have < 5);
}

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool
base64_item(struct tt_str in, char *to, size_t *len)
{
    int8_t values[256];
    read_alphabet(TT_STR(UPPER LOWER "0123456789+/"), values);
    return decode_base(in, values, 6, to, len);
}

/* The alphabet of a common obfuscator. */
static bool
base64_lower_item(struct tt_str in, char *to, size_t *len)
{
    int8_t values[256];
    read_alphabet(TT_STR(LOWER UPPER "0123456789+/"), values);
    return decode_base(in, values, 6, to, len);
}

static bool
base32_item(struct tt_str in, char *to, size_t *len)
{
    int8_t values[256];
    memset(values, -1, sizeof(values));
    for (int i = 0; i < 26; i++) {
        values['A' + i] = values['a' + i] = (int8_t) i;
    }
    for (int i = 0; i < 6; i++) {
        values['2' + i] = (int8_t) (26 + i);
    }
    return in.len >= 8 && decode_base(in, values, 5, to, len);
}

static bool
base64(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, base64_item);
}

static bool
base64_lower(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, base64_lower_item);
}

static bool
base32(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, base32_item);
}

/* An alphabet that stands in the file. */
static bool
base64_other(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    for (size_t a = 0; a < decoding->keys->alphabet_count; a++) {
        int8_t values[256];
        struct tt_str *list;
        char *to;
        size_t i = 0, total = 0;
        read_alphabet(decoding->keys->alphabets[a], values);
        if (!tt_items_make(decoding->arena, in, &list, &to)) {
            return false;
        }
        for (size_t len = 0; i < in.count && decode_base(in.list[i], values, 6, to, &len); i++, len = 0) {
            list[i] = tt_str_make(to, len);
            to += len;
            total += len;
        }
        *out = (struct tt_items) {list, in.count};
        if (i == in.count && total > 0 && !tt_items_are_binary(*out)) {
            return true;
        }
    }
    return false;
}

/* ---- Digits ---- */

/* The length of what may stand between two bytes in hexadecimal: 0x, \x, %, \u00, &#x, and what divides items. */
static size_t
hex_mark(struct tt_str in, size_t at)
{
    static const struct tt_str marks[] = {TT_STR_INIT("\\u00"), TT_STR_INIT("\\x"), TT_STR_INIT("0x"), TT_STR_INIT("&#x")};
    for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
        if (tt_str_starts(tt_str_slice(in, at, in.len), marks[i])) {
            return marks[i].len;
        }
    }
    return memchr("%;,: -|.\n", in.ptr[at], 9) ? 1 : 0;
}

static bool
hex_item(struct tt_str in, char *to, size_t *len)
{
    for (size_t at = 0; at < in.len;) {
        size_t mark = hex_mark(in, at);
        if (mark > 0) {
            at += mark;
            continue;
        }
        int high = tt_ascii_hex((unsigned char) in.ptr[at]);
        int low = at + 1 < in.len ? tt_ascii_hex((unsigned char) in.ptr[at + 1]) : -1;
        if (high < 0 || low < 0) {
            return false;
        }
        to[(*len)++] = (char) (high * 16 + low);
        at += 2;
    }
    return *len > 0;
}

static bool
hex(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, hex_item);
}

/* Numbers in digits of a base, with anything between them that is no digit and no letter but those of marks ("&#104;"). */
static bool
numbers_item(struct tt_str in, unsigned base, char *to, size_t *len)
{
    uint32_t value = 0;
    size_t digits = 0;
    for (size_t i = 0; i <= in.len; i++) {
        char c = i < in.len ? in.ptr[i] : ' ';
        if (c >= '0' && (unsigned) (c - '0') < base) {
            value = value * base + (uint32_t) (c - '0');
            if (++digits > 8) {
                return false;
            }
        } else if (tt_ascii_is_alnum((unsigned char) c) || c == '.') {
            return false;
        } else if (digits > 0) {
            if (value > 255) {
                return false;
            }
            to[(*len)++] = (char) value;
            value = 0;
            digits = 0;
        }
    }
    return *len >= 2;
}

static bool
decimal_item(struct tt_str in, char *to, size_t *len)
{
    return numbers_item(in, 10, to, len);
}

static bool
octal_item(struct tt_str in, char *to, size_t *len)
{
    return numbers_item(in, 8, to, len);
}

static bool
decimal(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, decimal_item);
}

static bool
octal(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, octal_item);
}

/* Eight signs of 0 and 1 for a byte, with or without dividers. */
static bool
binary_item(struct tt_str in, char *to, size_t *len)
{
    unsigned value = 0, bits = 0;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (c == '0' || c == '1') {
            value = value << 1 | (unsigned) (c == '1');
            if (++bits == 8) {
                to[(*len)++] = (char) value;
                value = bits = 0;
            }
        } else if (tt_ascii_is_alnum((unsigned char) c)) {
            return false;
        }
    }
    return *len > 0 && bits == 0;
}

static bool
binary(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, binary_item);
}

/* ---- Escapes ---- */

/* The length of an escape at a place, or 0; *byte: what it says.  %61, =61 (quoted-printable), %u0061. */
static size_t
percent_at(struct tt_str in, size_t at, char *byte)
{
    char mark = in.ptr[at];
    size_t skip = tt_str_starts(tt_str_slice(in, at, in.len), TT_STR("%u00")) ? 4 : mark == '%' || mark == '=' ? 1 : 0;
    if (skip == 0 || at + skip + 2 > in.len) {
        return 0;
    }
    int high = tt_ascii_hex((unsigned char) in.ptr[at + skip]), low = tt_ascii_hex((unsigned char) in.ptr[at + skip + 1]);
    *byte = (char) (high * 16 + low);
    return high >= 0 && low >= 0 ? skip + 2 : 0;
}

static bool
percent_item(struct tt_str in, char *to, size_t *len)
{
    size_t escapes = 0, n;
    for (size_t i = 0; i < in.len; i += n) {
        n = percent_at(in, i, &to[*len]);
        escapes += n > 0;
        if (n == 0) {
            to[*len] = in.ptr[i];
            n = 1;
        }
        (*len)++;
    }
    return escapes * 3 >= *len && escapes > 0; /* of a text with a few it is no disguise */
}

static bool
percent(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, percent_item);
}

/* Escapes that were escaped themselves. */
static bool
escapes_item(struct tt_str in, char *to, size_t *len)
{
    struct tt_literal_char c;
    size_t escapes = 0;
    for (size_t pos = 0; (c = tt_literal_next(in, pos, true)).len > 0; pos += c.len) {
        if (c.cp > 0xFF) {
            return false;
        }
        escapes += c.escaped;
        to[(*len)++] = (char) c.cp;
    }
    return escapes * 3 >= *len && escapes > 0; /* of a text with a few it is no disguise */
}

static bool
escapes(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, escapes_item);
}

/* ---- Order ---- */

static bool
reverse_item(struct tt_str in, char *to, size_t *len)
{
    for (size_t i = 0; i < in.len; i++) {
        to[i] = in.ptr[in.len - 1 - i];
    }
    *len = in.len;
    return true;
}

static bool
reversal(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, reverse_item);
}

static bool
join(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    struct tt_str *list;
    char *bytes;
    size_t len = 0;
    if (in.count < 2 || !tt_items_make(decoding->arena, in, &list, &bytes)) {
        return false;
    }
    for (size_t i = 0; i < in.count; i++) {
        if (in.list[i].len > 0) {
            memcpy(bytes + len, in.list[i].ptr, in.list[i].len);
        }
        len += in.list[i].len;
    }
    decoding->work += len;
    list[0] = tt_str_make(bytes, len);
    *out = (struct tt_items) {list, 1};
    return len > 0;
}

/* The sign that divides a string most often and is none of what encodings are written in. */
static int
divider_of(struct tt_str in)
{
    size_t counts[256] = {0};
    int best = 0;
    for (size_t i = 0; i < in.len; i++) {
        unsigned char c = (unsigned char) in.ptr[i];
        counts[c] += !tt_ascii_is_alnum(c) && c != '=' && c != '+' && c != '/' && c != '\\' && c != '%';
    }
    for (int c = 1; c < 256; c++) {
        best = counts[c] > counts[best] ? c : best;
    }
    return counts[best] >= 2 ? best : -1;
}

/* Is it a sentence?  Then its words are no list.  Of every nine words of one, one at least is of those that only hold it together. */
static bool
is_sentence(struct tt_str text)
{
    static const struct tt_str small[] = {
        TT_STR_INIT("a"),  TT_STR_INIT("an"), TT_STR_INIT("and"), TT_STR_INIT("be"), TT_STR_INIT("by"),   TT_STR_INIT("for"),
        TT_STR_INIT("in"), TT_STR_INIT("is"), TT_STR_INIT("it"),  TT_STR_INIT("no"), TT_STR_INIT("not"),  TT_STR_INIT("of"),
        TT_STR_INIT("on"), TT_STR_INIT("or"), TT_STR_INIT("the"), TT_STR_INIT("to"), TT_STR_INIT("with"),
    };
    size_t words = 0, found = 0, from = 0;
    for (size_t i = 0; i <= text.len; i++) {
        if (i == text.len || text.ptr[i] == ' ') {
            struct tt_str word = tt_str_slice(text, from, i);
            for (size_t k = 0; k < sizeof(small) / sizeof(*small); k++) {
                found += tt_str_eq(word, small[k]);
            }
            words++;
            from = i + 1;
        }
    }
    return found * 9 >= words;
}

static bool
split(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    int divider = in.count == 1 ? divider_of(in.list[0]) : -1;
    if (divider < 0 || (divider == ' ' && (decoding->joined || is_sentence(in.list[0])))) {
        return false;
    }
    struct tt_str rest = in.list[0];
    struct tt_str *list = tt_arena_get(decoding->arena, PIECES_MAX * sizeof(*list));
    size_t count = 0;
    while (list && rest.len > 0 && count < PIECES_MAX) {
        const char *end = memchr(rest.ptr, divider, rest.len);
        size_t len = end ? (size_t) (end - rest.ptr) : rest.len;
        if (len > 0) {
            list[count++] = tt_str_slice(rest, 0, len);
        }
        rest = tt_str_slice(rest, len + 1, rest.len);
    }
    decoding->work += in.list[0].len;
    *out = (struct tt_items) {list, count};
    return count >= 3;
}

/* ---- Packing ---- */

/* Every second byte is zero. */
static bool
wide_item(struct tt_str in, char *to, size_t *len)
{
    size_t zero = in.len > 1 && in.ptr[1] == '\0';
    for (size_t i = 0; i + 1 < in.len; i += 2) {
        if (in.ptr[i + zero] != '\0') {
            return false;
        }
        to[(*len)++] = in.ptr[i + 1 - zero];
    }
    return in.len >= 4 && in.len % 2 == 0;
}

static bool
wide(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_items_decode(decoding, in, out, wide_item);
}

/* format: 31 for gzip, 15 for zlib, -15 for bare deflate. */
static bool
inflate_item(struct tt_arena *arena, struct tt_str in, int format, struct tt_str *out)
{
    z_stream stream = {0};
    char *to = tt_arena_get(arena, INFLATED_MAX);
    if (!to || inflateInit2(&stream, format) != Z_OK) {
        return false;
    }
    stream.next_in = (Bytef *) (uintptr_t) in.ptr;
    stream.avail_in = (uInt) in.len;
    stream.next_out = (Bytef *) to;
    stream.avail_out = INFLATED_MAX;
    int result = inflate(&stream, Z_SYNC_FLUSH);
    size_t len = INFLATED_MAX - stream.avail_out;
    (void) inflateEnd(&stream);
    *out = tt_str_make(to, len);
    return len > 8 && (result == Z_STREAM_END || (result == Z_OK && stream.avail_out == 0));
}

static bool
inflated(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    struct tt_str *list;
    if (in.count != 1 || in.list[0].len < 12 || !tt_decoding_is_binary(decoding, in)) {
        return false;
    }
    unsigned char first = (unsigned char) in.list[0].ptr[0];
    int format = first == 0x1F ? 31 : (first & 0x0F) == 8 ? 15 : -15;
    list = tt_arena_get(decoding->arena, sizeof(*list));
    decoding->work += 16 * in.list[0].len;
    if (!list || (!inflate_item(decoding->arena, in.list[0], format, list) &&
                  (format != 15 || !inflate_item(decoding->arena, in.list[0], -15, list)))) {
        return false;
    }
    *out = (struct tt_items) {list, 1};
    return true;
}

/* Each byte is the difference from the one before it, by subtraction or by exclusive or. */
static bool
sums_item(struct tt_str in, char *to, size_t *len)
{
    unsigned char sum = 0;
    for (size_t i = 0; i < in.len; i++) {
        sum = (unsigned char) (sum + (unsigned char) in.ptr[i]);
        to[i] = (char) sum;
    }
    *len = in.len;
    return in.len > 0 && !tt_items_are_binary((struct tt_items) {(struct tt_str[]) {tt_str_make(to, in.len)}, 1});
}

static bool
chain_item(struct tt_str in, char *to, size_t *len)
{
    unsigned char sum = 0;
    for (size_t i = 0; i < in.len; i++) {
        sum = (unsigned char) (sum ^ (unsigned char) in.ptr[i]);
        to[i] = (char) sum;
    }
    *len = in.len;
    return in.len > 0 && !tt_items_are_binary((struct tt_items) {(struct tt_str[]) {tt_str_make(to, in.len)}, 1});
}

static bool
sums(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_decoding_is_binary(decoding, in) && tt_items_decode(decoding, in, out, sums_item);
}

static bool
chain(struct tt_decoding *decoding, struct tt_items in, struct tt_items *out)
{
    return tt_decoding_is_binary(decoding, in) && tt_items_decode(decoding, in, out, chain_item);
}

#define DECODER(id, words, function) static const struct tt_list_decoder id = {.name = (words), .decode = (function)}

DECODER(decoder_base64, "base64", base64);
DECODER(decoder_base64_lower, "base64 (lower case first)", base64_lower);
DECODER(decoder_base64_other, "base64 (an alphabet of the file)", base64_other);
DECODER(decoder_base32, "base32", base32);
DECODER(decoder_hex, "hex", hex);
DECODER(decoder_decimal, "decimal codes", decimal);
DECODER(decoder_octal, "octal codes", octal);
DECODER(decoder_binary, "binary codes", binary);
DECODER(decoder_percent, "percent", percent);
DECODER(decoder_escapes, "escapes", escapes);
DECODER(decoder_wide, "utf-16", wide);
DECODER(decoder_inflate, "inflate", inflated);
DECODER(decoder_sums, "running sum", sums);
DECODER(decoder_chain, "running xor", chain);
DECODER(decoder_reverse, "reverse", reversal);
DECODER(decoder_join, "join", join);
DECODER(decoder_split, "split", split);

const struct tt_list_decoder *const tt_list_decoders[] = {
    &tt_list_decoder_even_items, /* first, as there are many other ways to go on with what they are made of */
    &tt_list_decoder_odd_items,
    &decoder_base64,
    &decoder_hex,
    &decoder_decimal,
    &decoder_binary,
    &decoder_octal,
    &decoder_percent,
    &decoder_escapes,
    &decoder_wide,
    &decoder_inflate,
    &decoder_base32,
    &decoder_base64_lower,
    &decoder_base64_other,
    &decoder_join,
    &decoder_reverse,
    &decoder_split,
    &decoder_sums,
    &decoder_chain,
    &tt_list_decoder_ascii85,
    &tt_list_decoder_base85,
    &tt_list_decoder_z85,
    &tt_list_decoder_uu,
    &tt_list_decoder_base36,
    &tt_list_decoder_differences,
    &tt_list_decoder_unchained,
    NULL,
};
