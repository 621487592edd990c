/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-1 (FIPS 180-4), for protocols that ask for it by name: the answer to a WebSocket's key.  For nothing that must resist an attacker.
 */
#ifndef TT_BASE_SHA1_H
#define TT_BASE_SHA1_H

#include "base/str.h"

#define TT_SHA1_SIZE 20

void tt_sha1(struct tt_str bytes, unsigned char out[TT_SHA1_SIZE]);

#endif
