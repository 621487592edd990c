/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writers of every hidden format that telltale reads, for tests only.  They follow the published descriptions and share no code
 * with the decoders, so that one misunderstanding does not hide behind another.
 */
#ifndef TT_TESTS_ENCODERS_H
#define TT_TESTS_ENCODERS_H

#include "base/str.h"

/* More symbols than any test text needs. */
#define ENC_MAX (64 * 1024)

struct enc_symbols {
    uint32_t cp[ENC_MAX];
    size_t n;
};

struct encoder {
    const char *format; /* the decoder's name for it */
    bool ascii_only;    /* cannot write other characters */
    bool one_way;       /* a text has many readings */
    void (*encode)(struct tt_str text, struct enc_symbols *out);
};

extern const struct encoder encoders[];
extern const size_t encoder_count;

/* An encoder by its format's name; NULL when there is none. */
const struct encoder *enc_find(const char *format);

/* ZWC with a coding of 2-4 bits and checksum 0-3 (none, CRC-8, CRC-16, CRC-32). */
void enc_zwc(struct tt_str text, unsigned bits, unsigned checksum, bool second_delimiter, struct enc_symbols *out);

/* StegCloak with encryption: payload stands for salt, HMAC and encrypted bytes. */
void enc_stegcloak_locked(struct tt_str payload, bool hmac, struct enc_symbols *out);

/* Appends the symbols as UTF-8; returns the bytes written (at most 4 a symbol). */
size_t enc_utf8(const uint32_t *cp, size_t n, char *out);

#endif
