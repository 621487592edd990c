/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loops that touch every byte.  Each has a plain C reference in kernel_c.c; faster versions live in kernel_<isa>.c with the
 * same signature macro and are chosen once by tt_kernels_get().  tests/check_kernels compares every version with the reference.
 */
#ifndef TT_TEXT_KERNEL_H
#define TT_TEXT_KERNEL_H

#include "base/str.h"

enum tt_cpu { TT_CPU_AVX2 = 1 << 0, TT_CPU_PCLMUL = 1 << 1, TT_CPU_VPCLMUL = 1 << 2 };

/* Length of the longest prefix that is valid UTF-8.  A character cut by the end of the text is not part of it. */
#define TT_KERNEL_VALID_UTF8(name) size_t name(const unsigned char *p, size_t n)

/*
 * Collects, in order, the positions in from..to at which something stands that a channel looks at:
 *  - the first byte of a character with TT_CHAR_WAKE, or
 *  - the first byte of a character with TT_CHAR_TWIN or TT_CHAR_BESIDE that has an ASCII letter or digit directly before or behind it, or
 *  - an ASCII digit that starts a date shape: digit, separator, 1-2 digits, the same or another separator, digit, where a
 *    separator is one of - / . or
 *  - a line feed behind a space, a tab or a carriage return, or
 *  - an ASCII control with TT_CHAR_SIGN.
 * What stands before from or behind to counts as a neighbour.  p[0..n) is valid UTF-8; a date shape may reach beyond to, never beyond n.  Stops after max positions.  Returns how many, and in *next where to go on
 * (to when finished).
 */
#define TT_KERNEL_COLLECT(name) \
    size_t name(const unsigned char *p, size_t n, size_t from, size_t to, uint32_t *out, size_t max, size_t *next)

/* Number of '\n' in p[0..n). */
#define TT_KERNEL_COUNT_LINES(name) size_t name(const unsigned char *p, size_t n)

/* Number of bytes that are not UTF-8 continuation bytes: code points, in valid text. */
#define TT_KERNEL_COUNT_POINTS(name) size_t name(const unsigned char *p, size_t n)

/* What a lexer of JSON wants to know of so many bytes, a bit for each. */
#define TT_JSON_BLOCK 64
struct tt_json_block {
    uint64_t stops;   /* a quote that no backslash escapes, a control character, a backslash of which more must be known */
    uint64_t escapes; /* the other backslashes that begin an escape: of " \\ b f n r t */
    uint64_t wide;    /* bytes >= 0x80 */
};

/* Fills a block for every TT_JSON_BLOCK bytes; p is no letter of an escape.  Bits from n on are 0.  The last backslash of a block is a stop. */
#define TT_KERNEL_JSON_BLOCKS(name) void name(const unsigned char *p, size_t n, struct tt_json_block *out)

/*
 * What stands in the inside of a JSON string of which an escape or a mark could be made, a bit for each byte.  The letter behind a backslash has no
 * bit of its own.
 */
#define TT_STRING_BLOCK 64
struct tt_string_block {
    uint64_t escapes;     /* backslashes that begin an escape, of any kind; of these: */
    uint64_t feeds, tabs; /* of \n and \t */
    uint64_t backslashes; /* of \\ */
    uint64_t others;      /* of none of these, nor of \" */
    uint64_t spaces;
    uint64_t ends;   /* . ? ! : " ) that a sentence or a clause ends with */
    uint64_t signs;  /* % & + */
    uint64_t base64; /* characters of base64 and base64url */
    uint64_t halves; /* - . / before a digit: half a date */
    uint64_t more;   /* DEL, and bytes over 7F */
};

/*
 * Fills a block for every TT_STRING_BLOCK bytes of p[0..n), at most max blocks.  *carry: is p[0] the letter of an escape?  Then the same
 * of the byte behind the last block.  Bits from n on are 0.
 */
#define TT_KERNEL_STRING_BLOCKS(name) \
    void name(const unsigned char *p, size_t n, size_t max, uint64_t *carry, struct tt_string_block *out)

/* Characters of base64 and base64url that make a run long enough for a token. */
#define TT_TOKEN_RUN_MIN 24

/*
 * Sets of bytes below 0x80, by nibbles: a byte is in the sets whose bits are in both of its entries.  A pair is two neighbours of which
 * the first is in a set of first and the second in the same set of second.
 */
struct tt_byte_sets {
    uint8_t high[16], low[16];
};
struct tt_byte_pairs {
    struct tt_byte_sets first, second;
};

/* Where the first pair at or behind from begins; the last byte begins one if it is in any set of first.  n when there is none. */
#define TT_KERNEL_FIND_PAIR(name) size_t name(const unsigned char *p, size_t n, size_t from, const struct tt_byte_pairs *pairs)

/* Where the first run of TT_TOKEN_RUN_MIN or more characters of base64 or base64url starts in p[from..n), and in *end where it ends; both n when there is none. */
#define TT_KERNEL_FIND_RUN(name) size_t name(const unsigned char *p, size_t n, size_t from, size_t *end)

struct tt_kernels {
    const char *name; /* "c", "avx2" */
    bool bits;        /* the processor counts and moves bits by itself (popcnt, BMI 1 and 2) */
    TT_KERNEL_VALID_UTF8((*valid_utf8));
    TT_KERNEL_COLLECT((*collect));
    TT_KERNEL_COUNT_LINES((*count_lines));
    TT_KERNEL_COUNT_POINTS((*count_points));
    TT_KERNEL_JSON_BLOCKS((*json_blocks));
    TT_KERNEL_STRING_BLOCKS((*string_blocks));
    TT_KERNEL_FIND_PAIR((*find_pair));
    TT_KERNEL_FIND_RUN((*find_run));
};

/* What this processor has, as enum tt_cpu bits. */
unsigned tt_cpu_detect(void);

/* The fastest versions within cpu, a mask of enum tt_cpu; 0 gives the reference.  Static storage. */
const struct tt_kernels *tt_kernels_get(unsigned cpu);

#endif
