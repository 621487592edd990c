/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Versions of the inner loop of SHA-256; hash.h is what others use.
 */
#ifndef TT_BASE_SHA256_H
#define TT_BASE_SHA256_H

#include "base/str.h"

/* x86-64 has instructions for it since Goldmont, Zen and Ice Lake. */
#if defined(__x86_64__) && defined(__GLIBC__)
#define TT_HAVE_SHA_NI 1
#endif

/* Takes count blocks of 64 bytes into the state. */
typedef void tt_sha256_blocks_fn(uint32_t state[8], const unsigned char *blocks, size_t count);

tt_sha256_blocks_fn tt_sha256_blocks;   /* the fastest that this processor can run */
tt_sha256_blocks_fn tt_sha256_blocks_c; /* the reference */

#ifdef TT_HAVE_SHA_NI
tt_sha256_blocks_fn tt_sha256_blocks_x86;
#endif

extern const uint32_t tt_sha256_constants[64];

#endif
