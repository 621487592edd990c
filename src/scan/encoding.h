/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inputs in other encodings than UTF-8: they become UTF-8 piece by piece, and every byte of it knows how many bytes of the input
 * it stands for.
 *
 * UTF-16 and UTF-32 are our own (text/transcode.h); all others are the system's iconv(3).
 */
#ifndef TT_SCAN_ENCODING_H
#define TT_SCAN_ENCODING_H

#include "base/alloc.h"
#include "base/status.h"
#include "scan/cursor.h"
#include "text/transcode.h"

#include <iconv.h>

/* Shared by all threads and never changed while they run. */
struct tt_encoding {
    const char *name; /* as a note calls it */
    enum tt_utf form; /* unless by_iconv */
    bool by_iconv;
    iconv_t converter; /* kept open so that the system's tables stay loaded when files can no longer be opened */
    bool has_table;    /* each byte is a character */
    uint32_t table[256];
};

/*
 * Finds the encoding of that name (borrowed).  TT_E_UNSUPPORTED: the system knows none of that name.  Called before the sandbox
 * is sealed, because iconv reads its tables from files.
 */
enum tt_status tt_encoding_open(struct tt_encoding *encoding, const char *name) TT_MUST_USE;
void tt_encoding_close(struct tt_encoding *encoding);

/* UTF-8 and the forms of text/transcode.h; static storage. */
const struct tt_encoding *tt_encoding_of_form(enum tt_utf form);

/* Names that most people need; ends in NULL. */
extern const char *const tt_encoding_names[];

/* Decodes one input after the other. */
struct tt_decoder {
    const struct tt_alloc *alloc;
    const struct tt_encoding *encoding;
    iconv_t converter; /* the decoder's own; NULL until it is needed */
    char *text;        /* TT_DECODED_PIECE bytes of UTF-8 ... */
    uint8_t *widths;   /* ... and for each how many bytes of the input it stands for; NULL until they are needed */
    size_t len;
    uint32_t owed;             /* bytes of the input not yet in widths */
    struct tt_position at;     /* where decoding stands; offset is that of the UTF-8 */
    struct tt_position bad_at; /* the first place that is no character */
    uint64_t bad_count;
};

void tt_decoder_init(struct tt_decoder *decoder, const struct tt_alloc *alloc);
void tt_decoder_free(struct tt_decoder *decoder);

/* The next input begins. */
enum tt_status tt_decoder_begin(struct tt_decoder *decoder, const struct tt_encoding *encoding) TT_MUST_USE;

/*
 * Decodes the start of *bytes into text until that is full, and drops what it took from *bytes.  Bytes that remain while text is not full
 * are the beginning of a character: give them again with what follows.  final: nothing follows.
 */
void tt_decoder_feed(struct tt_decoder *decoder, struct tt_str *bytes, bool final);

#endif
