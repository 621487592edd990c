/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of each kernel, for kernel.c, which chooses, and for each other.  Private to this room.
 */
#ifndef TT_TEXT_KERNEL_ISA_H
#define TT_TEXT_KERNEL_ISA_H

#include "text/kernel.h"

TT_KERNEL_VALID_UTF8(tt_valid_utf8_c);
TT_KERNEL_COLLECT(tt_collect_c);
TT_KERNEL_COUNT_LINES(tt_count_lines_c);
TT_KERNEL_COUNT_POINTS(tt_count_points_c);
TT_KERNEL_JSON_BLOCKS(tt_json_blocks_c);
TT_KERNEL_STRING_BLOCKS(tt_string_blocks_c);
TT_KERNEL_FIND_PAIR(tt_find_pair_c);
TT_KERNEL_FIND_RUN(tt_find_run_c);

extern const struct tt_byte_sets tt_base64_sets; /* the alphabets of RFC 4648, sections 4 and 5 */

#if defined(__x86_64__)
#define TT_HAVE_AVX2 1
TT_KERNEL_VALID_UTF8(tt_valid_utf8_avx2);
TT_KERNEL_COLLECT(tt_collect_avx2);
TT_KERNEL_COUNT_LINES(tt_count_lines_avx2);
TT_KERNEL_COUNT_POINTS(tt_count_points_avx2);
TT_KERNEL_JSON_BLOCKS(tt_json_blocks_avx2);
TT_KERNEL_STRING_BLOCKS(tt_string_blocks_avx2);
TT_KERNEL_FIND_PAIR(tt_find_pair_avx2);
TT_KERNEL_FIND_RUN(tt_find_run_avx2);
#endif

#endif
