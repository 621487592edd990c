/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of the fingerprint's kernel, for fingerprint.c, which chooses, and for the check of versions against each other.
 */
#ifndef TT_TEXT_FINGERPRINT_ISA_H
#define TT_TEXT_FINGERPRINT_ISA_H

#include "text/fingerprint.h"

/* x^63 + x^62 + x^57: the modulus without its ends, divided by x^64. */
#define TT_FINGERPRINT_POLYNOMIAL 0xC200000000000000

TT_KERNEL_FINGERPRINT(tt_fingerprint_c);
TT_KERNEL_FINGERPRINT_STEPS(tt_fingerprint_steps_c);

#if defined(__x86_64__)
#define TT_HAVE_PCLMUL 1
TT_KERNEL_FINGERPRINT(tt_fingerprint_pclmul);
TT_KERNEL_FINGERPRINT(tt_fingerprint_vpclmul);
TT_KERNEL_FINGERPRINT_STEPS(tt_fingerprint_steps_pclmul);
TT_KERNEL_FINGERPRINT_STEPS(tt_fingerprint_steps_vpclmul);
#endif

#endif
