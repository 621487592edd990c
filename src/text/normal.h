/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Canonical normal forms: Unicode Standard Annex #15, and for Hangul section 3.12 of the Unicode Standard.
 */
#ifndef TT_TEXT_NORMAL_H
#define TT_TEXT_NORMAL_H

#include "base/status.h"
#include "base/str.h"

/* A character decomposes to at most this many. */
#define TT_NORMAL_EXPANSION 4

/* Canonical_Combining_Class; 0 for a starter. */
uint8_t tt_normal_class(uint32_t cp);

/* The one character that first and second compose to in NFC, or 0. */
uint32_t tt_normal_compose(uint32_t first, uint32_t second);

/* One step of canonical decomposition: how many characters (1 or 2) cp stands for, written to out; 0 when it stands for itself. */
size_t tt_normal_decompose(uint32_t cp, uint32_t out[2]);

/* NFD of in[0..n).  TT_E_LIMIT when out has too little room; n * TT_NORMAL_EXPANSION is always enough. */
enum tt_status tt_normal_nfd(const uint32_t *in, size_t n, uint32_t *out, size_t cap, size_t *length) TT_MUST_USE;

/* NFC, likewise. */
enum tt_status tt_normal_nfc(const uint32_t *in, size_t n, uint32_t *out, size_t cap, size_t *length) TT_MUST_USE;

#endif
