/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The choice of kernels: the reference first, then whatever the processor allows over it.
 *
 * Input: a mask of processor features.  Output: a static table.  Owns nothing.
 */
#include "text/kernel.h"

#include "text/kernel_isa.h"

static const struct tt_kernels kernels_c = {
    .name = "c",
    .valid_utf8 = tt_valid_utf8_c,
    .collect = tt_collect_c,
    .count_lines = tt_count_lines_c,
    .count_points = tt_count_points_c,
    .json_blocks = tt_json_blocks_c,
    .string_blocks = tt_string_blocks_c,
    .find_pair = tt_find_pair_c,
    .find_run = tt_find_run_c,
};

#ifdef TT_HAVE_AVX2
static const struct tt_kernels kernels_avx2 = {
    .name = "avx2",
    .bits = true,
    .valid_utf8 = tt_valid_utf8_avx2,
    .collect = tt_collect_avx2,
    .count_lines = tt_count_lines_avx2,
    .count_points = tt_count_points_avx2,
    .json_blocks = tt_json_blocks_avx2,
    .string_blocks = tt_string_blocks_avx2,
    .find_pair = tt_find_pair_avx2,
    .find_run = tt_find_run_avx2,
};
#endif

unsigned
tt_cpu_detect(void)
{
    unsigned cpu = 0;
#ifdef TT_HAVE_AVX2
    /* libc's constructor order does not matter to this: the library may run before it. */
    __builtin_cpu_init();
    /* Every processor with AVX2 has the others, unless it is a virtual one that hides them. */
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
        __builtin_cpu_supports("popcnt")) {
        cpu |= TT_CPU_AVX2;
    }
#endif
#if defined(__x86_64__)
    if (__builtin_cpu_supports("pclmul") && __builtin_cpu_supports("ssse3")) {
        cpu |= TT_CPU_PCLMUL;
        if (__builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx2")) {
            cpu |= TT_CPU_VPCLMUL;
        }
    }
#endif
    return cpu;
}

const struct tt_kernels *
tt_kernels_get(unsigned cpu)
{
#ifdef TT_HAVE_AVX2
    if (cpu & TT_CPU_AVX2) {
        return &kernels_avx2;
    }
#else
    (void) cpu;
#endif
    return &kernels_c;
}
