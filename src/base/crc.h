/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32C (Castagnoli; RFC 3720, appendix B.4): finds damage in records, not malice.
 */
#ifndef TT_BASE_CRC_H
#define TT_BASE_CRC_H

#include "base/str.h"

/* Of bytes that follow others: crc is the sum of those, 0 at the beginning. */
uint32_t tt_crc32c(uint32_t crc, struct tt_str bytes);

/* The reference in plain C, with which tests compare the instruction of the processor. */
uint32_t tt_crc32c_c(uint32_t crc, struct tt_str bytes);

#endif
