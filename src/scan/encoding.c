/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding to UTF-8; see encoding.h.
 *
 * In: bytes of an input, cut anywhere.  Out: UTF-8 and the width of each of its bytes in the input: the sum of the widths up to a
 * place is the place's offset there.  What is no character becomes U+FFFD; the first such place is kept, the others are counted.
 *
 * iconv(3) is asked for one character at a time, because it does not say which bytes a character came from.  Where each byte is
 * a character, which is asked once, a table answers instead.
 */
#include "scan/encoding.h"

#include "base/limits.h"
#include "text/utf8.h"

#include <errno.h>

#define REPLACEMENT 0xFFFD
#define UNIT_MAX 16 /* bytes of one character, with the shifts before it, that iconv is given at once */
#define NAME_MAX_LENGTH 64

/* iconv's own form of a character: four bytes in the machine's order. */
#define ONE_CHARACTER "WCHAR_T"

const char *const tt_encoding_names[] = {
    "utf-8",        "utf-16",       "utf-16le",     "utf-16be",     "utf-32",      "utf-32le", "utf-32be",     "iso-8859-1",
    "iso-8859-2",   "iso-8859-5",   "iso-8859-7",   "iso-8859-9",   "iso-8859-15", "latin1",   "windows-1250", "windows-1251",
    "windows-1252", "windows-1253", "windows-1254", "windows-1256", "koi8-r",      "koi8-u",   "macintosh",    "shift_jis",
    "euc-jp",       "iso-2022-jp",  "gb18030",      "gbk",          "big5",        "euc-kr",   NULL,
};

const struct tt_encoding *
tt_encoding_of_form(enum tt_utf form)
{
    static const struct tt_encoding forms[] = {
        {.name = "UTF-8", .form = TT_UTF_8},       {.name = "UTF-16LE", .form = TT_UTF_16LE},
        {.name = "UTF-16BE", .form = TT_UTF_16BE}, {.name = "UTF-32LE", .form = TT_UTF_32LE},
        {.name = "UTF-32BE", .form = TT_UTF_32BE},
    };
    return &forms[form];
}

/* What a call of iconv gave. */
struct taken {
    uint32_t cp;
    size_t used;
    bool got; /* cp is one */
    int error;
};

static struct taken
convert(iconv_t converter, struct tt_str bytes)
{
    char in[UNIT_MAX];
    char *from = in, *to;
    size_t left = bytes.len < sizeof(in) ? bytes.len : sizeof(in), room = sizeof(uint32_t);
    struct taken taken = {0};
    to = (char *) &taken.cp;
    memcpy(in, bytes.ptr, left);
    errno = 0;
    size_t n = iconv(converter, &from, &left, &to, &room);
    taken.error = n == (size_t) -1 ? errno : 0;
    taken.used = (size_t) (from - in);
    taken.got = room == 0;
    return taken;
}

static void
reset(iconv_t converter)
{
    (void) iconv(converter, NULL, NULL, NULL, NULL);
}

/* Is each byte a character, or none, whatever stands before it? */
static bool
fill_table(struct tt_encoding *encoding)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        char c = (char) byte;
        reset(encoding->converter);
        struct taken taken = convert(encoding->converter, tt_str_make(&c, 1));
        if (!taken.got && taken.error != EILSEQ) {
            return false;
        }
        encoding->table[byte] = taken.got ? taken.cp : UINT32_MAX;
    }
    return true;
}

/* Names of the Unicode forms.  Without a byte order mark, "utf-16" is little-endian, as in the WHATWG Encoding Standard. */
static bool
find_form(struct tt_str name, enum tt_utf *form)
{
    static const struct {
        const char *name;
        enum tt_utf form;
    } forms[] = {
        {"utf-8", TT_UTF_8},       {"utf8", TT_UTF_8},       {"us-ascii", TT_UTF_8},    {"ascii", TT_UTF_8},
        {"utf-16", TT_UTF_16LE},   {"utf16", TT_UTF_16LE},   {"utf-16le", TT_UTF_16LE}, {"utf16le", TT_UTF_16LE},
        {"utf-16be", TT_UTF_16BE}, {"utf16be", TT_UTF_16BE}, {"utf-32", TT_UTF_32LE},   {"utf32", TT_UTF_32LE},
        {"utf-32le", TT_UTF_32LE}, {"utf32le", TT_UTF_32LE}, {"utf-32be", TT_UTF_32BE}, {"utf32be", TT_UTF_32BE},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
        if (tt_str_eq_folded(name, tt_str_cstr(forms[i].name))) {
            *form = forms[i].form;
            return true;
        }
    }
    return false;
}

/* iconv_open(3) takes more than names: slashes begin instructions that change what a wrong byte becomes. */
static bool
is_plain_name(struct tt_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        if (!tt_ascii_is_alnum(name.ptr[i]) && !strchr("-_.:+()", name.ptr[i])) {
            return false;
        }
    }
    return name.len > 0 && name.len <= NAME_MAX_LENGTH;
}

enum tt_status
tt_encoding_open(struct tt_encoding *encoding, const char *name)
{
    struct tt_str word = tt_str_cstr(name);
    *encoding = (struct tt_encoding) {.name = name};
    if (find_form(word, &encoding->form)) {
        encoding->name = tt_encoding_of_form(encoding->form)->name;
        return TT_OK;
    }
    if (!is_plain_name(word)) {
        return TT_E_UNSUPPORTED;
    }
    encoding->converter = iconv_open(ONE_CHARACTER, name);
    if (encoding->converter == (iconv_t) -1) {
        return errno == ENOMEM ? TT_E_MEMORY : TT_E_UNSUPPORTED;
    }
    encoding->by_iconv = true;
    encoding->has_table = fill_table(encoding);
    return TT_OK;
}

void
tt_encoding_close(struct tt_encoding *encoding)
{
    if (encoding->by_iconv) {
        (void) iconv_close(encoding->converter);
    }
    *encoding = (struct tt_encoding) {0};
}

/* ---- Decoding ---- */

void
tt_decoder_init(struct tt_decoder *decoder, const struct tt_alloc *alloc)
{
    *decoder = (struct tt_decoder) {.alloc = alloc};
}

static void
close_converter(struct tt_decoder *decoder)
{
    if (decoder->converter) {
        (void) iconv_close(decoder->converter);
        decoder->converter = NULL;
    }
}

void
tt_decoder_free(struct tt_decoder *decoder)
{
    close_converter(decoder);
    tt_alloc_free(decoder->alloc, decoder->text, 2 * TT_DECODED_PIECE);
    decoder->text = NULL;
}

enum tt_status
tt_decoder_begin(struct tt_decoder *decoder, const struct tt_encoding *encoding)
{
    if (!decoder->text) {
        decoder->text = tt_alloc_new(decoder->alloc, 2 * TT_DECODED_PIECE);
        if (!decoder->text) {
            return TT_E_MEMORY;
        }
        decoder->widths = (uint8_t *) decoder->text + TT_DECODED_PIECE;
    }
    if (decoder->encoding != encoding) {
        close_converter(decoder);
    }
    if (encoding->by_iconv && !encoding->has_table && !decoder->converter) {
        iconv_t converter = iconv_open(ONE_CHARACTER, encoding->name);
        if (converter == (iconv_t) -1) {
            return errno == ENOMEM ? TT_E_MEMORY : TT_E_INTERNAL; /* it could be opened before */
        }
        decoder->converter = converter;
    }
    if (decoder->converter) {
        reset(decoder->converter);
    }
    decoder->encoding = encoding;
    decoder->len = 0;
    decoder->owed = 0;
    decoder->at = (struct tt_position) {.line = 1, .column = 1};
    decoder->bad_count = 0;
    return TT_OK;
}

/* Writes the character, which took unit.len bytes, and moves on. */
static void
put(struct tt_decoder *decoder, const struct tt_unit *unit)
{
    struct tt_position *at = &decoder->at;
    if (unit->bad && decoder->bad_count++ == 0) {
        decoder->bad_at = *at;
    }
    decoder->owed += unit->len;
    size_t n = tt_utf8_put(unit->cp, decoder->text + decoder->len);
    for (size_t i = 0; i < n; i++) {
        uint8_t width = decoder->owed < UINT8_MAX ? (uint8_t) decoder->owed : UINT8_MAX;
        decoder->widths[decoder->len++] = width;
        decoder->owed -= width;
    }
    at->offset += n;
    at->source += unit->len;
    at->line += unit->cp == '\n';
    at->column = unit->cp == '\n' ? 1 : at->column + 1;
}

/* Is there a character to come from what iconv was given already? */
static bool
flush(struct tt_decoder *decoder, struct tt_unit *unit)
{
    char *to = (char *) &unit->cp;
    size_t room = sizeof(unit->cp);
    (void) iconv(decoder->converter, NULL, NULL, &to, &room);
    return room == 0;
}

/*
 * The next character of iconv; false when it needs more bytes.  used: bytes taken, also without a character: shifts, and what is
 * kept for a composed character.
 */
static bool
next_by_iconv(struct tt_decoder *decoder, struct tt_str bytes, bool final, struct tt_unit *unit, size_t *used)
{
    *unit = (struct tt_unit) {0};
    *used = 0;
    for (;;) {
        struct tt_str rest = tt_str_slice(bytes, *used, bytes.len);
        if (rest.len == 0) {
            return final && flush(decoder, unit);
        }
        struct taken taken = convert(decoder->converter, rest);
        *used += taken.used;
        if (taken.got) {
            unit->cp = taken.cp <= 0x10FFFF && (taken.cp < 0xD800 || taken.cp > 0xDFFF) ? taken.cp : REPLACEMENT;
            return true;
        }
        bool cut = taken.error == EINVAL && rest.len - taken.used < UNIT_MAX;
        if (cut && !final) {
            return false;
        }
        if (taken.error == EILSEQ || taken.error == EINVAL || taken.used == 0) {
            *unit = (struct tt_unit) {.cp = REPLACEMENT, .bad = true};
            *used += 1;
            return true;
        }
    }
}

static bool
next_by_table(const struct tt_encoding *encoding, struct tt_str bytes, struct tt_unit *unit, size_t *used)
{
    *used = 0;
    if (bytes.len == 0) {
        return false;
    }
    uint32_t cp = encoding->table[(unsigned char) bytes.ptr[0]];
    *unit = cp == UINT32_MAX ? (struct tt_unit) {.cp = REPLACEMENT, .bad = true} : (struct tt_unit) {.cp = cp};
    *used = 1;
    return true;
}

static bool
next_by_form(enum tt_utf form, struct tt_str bytes, bool final, struct tt_unit *unit, size_t *used)
{
    *unit = tt_utf_next(form, bytes, 0, final);
    *used = unit->len;
    return unit->len > 0;
}

void
tt_decoder_feed(struct tt_decoder *decoder, struct tt_str *bytes, bool final)
{
    const struct tt_encoding *encoding = decoder->encoding;
    decoder->len = 0;
    while (TT_DECODED_PIECE - decoder->len >= 4) {
        struct tt_unit unit;
        size_t used;
        bool got = encoding->has_table  ? next_by_table(encoding, *bytes, &unit, &used)
                   : encoding->by_iconv ? next_by_iconv(decoder, *bytes, final, &unit, &used)
                                        : next_by_form(encoding->form, *bytes, final, &unit, &used);
        *bytes = tt_str_slice(*bytes, used, bytes->len);
        if (!got) {
            decoder->owed += (uint32_t) used;
            decoder->at.source += used;
            break;
        }
        unit.len = (uint32_t) used;
        put(decoder, &unit);
    }
}
