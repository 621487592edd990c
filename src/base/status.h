/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Status codes and errors.
 *
 * Every function that can fail returns enum tt_status, and the caller must look at it.  What a person needs to know is in
 * struct tt_error, which the caller owns: the code, the place and one static sentence.  The library never formats text for an
 * error; a program adds the file name and prints.
 */
#ifndef TT_BASE_STATUS_H
#define TT_BASE_STATUS_H

#include <stdint.h>

#define TT_MUST_USE __attribute__((warn_unused_result))

enum tt_status {
    TT_OK = 0,
    TT_E_MEMORY,      /* the allocator or an arena gave nothing */
    TT_E_LIMIT,       /* a bound of base/limits.h was reached */
    TT_E_INPUT,       /* the input breaks its own format */
    TT_E_UNSUPPORTED, /* well-formed, but not something this version reads */
    TT_E_IO,          /* the operating system refused */
    TT_E_USAGE,       /* the caller or the command line is wrong */
    TT_E_INTERNAL,    /* a broken promise inside telltale */
};

struct tt_error {
    enum tt_status code;
    uint64_t pos;    /* byte offset in the input, from 0 */
    uint32_t line;   /* from 1; 0 when unknown */
    uint32_t column; /* in code points, from 1; 0 when unknown */
    const char *msg; /* static text without a final full stop; never NULL once set */
};

/* Fills *err (which may be NULL) and returns code, so that a failing function can end with one statement. */
static inline enum tt_status
tt_error_set(struct tt_error *err, enum tt_status code, uint64_t pos, const char *msg)
{
    if (err) {
        *err = (struct tt_error) {.code = code, .pos = pos, .msg = msg};
    }
    return code;
}

/* Short English name of a status, for messages; static storage. */
const char *tt_status_name(enum tt_status code);

/* Leaves the function with the status of a call that failed.  Only where the function owns nothing. */
#define TT_TRY(call)                     \
    do {                                 \
        enum tt_status tt_try_ = (call); \
        if (tt_try_ != TT_OK) {          \
            return tt_try_;              \
        }                                \
    } while (0)

#endif
