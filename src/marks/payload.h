/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decoding of hidden runs: which published encoder could have written these characters, and what do they say?
 *
 * A decoder is one const struct, listed in payload.c.  Every decoder whose alphabet covers the run is tried; the best grade
 * wins, and several readings of the best grade are all reported.  Work and output are bounded (TT_RUN_MAX, TT_DECODED_MAX).
 */
#ifndef TT_MARKS_PAYLOAD_H
#define TT_MARKS_PAYLOAD_H

#include "base/arena.h"
#include "base/buf.h"

/* How strongly the bytes themselves say that they were put there; in rising order. */
enum tt_grade {
    TT_GRADE_NONE,    /* the run is not of this format */
    TT_GRADE_BYTES,   /* decodes, but to nothing readable */
    TT_GRADE_FRAMED,  /* a frame is recognised: the payload is encrypted or compressed in a way that is not read */
    TT_GRADE_TEXT,    /* valid UTF-8, at least 4 characters, all printable */
    TT_GRADE_CHECKED, /* checksum right, or valid JSON */
};

struct tt_payload {
    enum tt_grade grade;
    const char *format;  /* static: name of the format, with its variant */
    struct tt_str bytes; /* decoded, in the arena; at most TT_DECODED_MAX */
    const char *note;    /* static or in the arena, or NULL: "AES-256-CTR with HMAC; not decrypted" */
};

struct tt_decoder {
    const char *name;
    const char *source; /* where the format is described */
    /* Reads symbols (code points, n <= TT_RUN_MAX).  out is cleared before.  Leaves grade NONE when not its format. */
    enum tt_status (*decode)(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_payload *out);
};

extern const struct tt_decoder *const tt_decoders[]; /* ends in NULL */

#define TT_READINGS_MAX 4

struct tt_readings {
    struct tt_payload best[TT_READINGS_MAX]; /* all of the same grade */
    size_t count;                            /* 0: nothing decoded */
    size_t more;                             /* further readings of that grade */
};

/* Tries every decoder. */
enum tt_status tt_payload_read(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_readings *out) TT_MUST_USE;

/* The text that a decoded text stands for in base64, base32 or hexadecimal digits; grade NONE when it is none of them. */
enum tt_status tt_payload_inner(struct tt_arena *arena, struct tt_str text, struct tt_payload *out) TT_MUST_USE;

/* Grade of decoded bytes: CHECKED for a JSON object or array, TEXT, or BYTES. */
enum tt_grade tt_payload_grade(struct tt_str bytes);

#endif
