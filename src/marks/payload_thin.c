/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Symbols that say the same more than once: each repeated, or each followed by the other one (Manchester code).
 *
 * Input: symbols.  Output: those that say something, or none when there is no such rule.  The rule must hold throughout, which noise of
 * so many symbols does not do.
 */
#include "marks/payload_thin.h"

#include "marks/run.h"

#define KEPT_MIN 24 /* symbols that are left */
#define TIMES_MAX 8 /* that one is repeated */

/* Is each row of times symbols one symbol? */
static bool
is_repeated(const uint32_t *symbols, size_t n, size_t times)
{
    for (size_t i = 0; i < n; i++) {
        if (symbols[i] != symbols[i - i % times]) {
            return false;
        }
    }
    return true;
}

/* Two symbols in all: is each at an even place followed by the other? */
static bool
is_paired(const uint32_t *symbols, size_t n)
{
    uint32_t sum = symbols[0] ^ symbols[1];
    for (size_t i = 0; i + 1 < n; i += 2) {
        bool known = symbols[i] == symbols[0] || symbols[i] == symbols[1];
        if (!known || (symbols[i] ^ symbols[i + 1]) != sum) {
            return false;
        }
    }
    return sum != 0;
}

enum tt_status
tt_payload_thin(struct tt_arena *arena, const uint32_t *symbols, size_t n, struct tt_thin *out)
{
    size_t step = 0;
    *out = (struct tt_thin) {.n = 0};
    if (n >= 2 * KEPT_MIN && n % 2 == 0 && is_paired(symbols, n)) {
        step = 2;
        out->note = "each symbol is followed by the other one";
    }
    for (size_t times = TIMES_MAX; step == 0 && times >= 2; times--) {
        if (n % times == 0 && n / times >= KEPT_MIN && is_repeated(symbols, n, times)) {
            step = times;
            out->note = "each symbol is repeated";
        }
    }
    if (step == 0 || tt_run_variety(symbols, n) < 2) {
        return TT_OK;
    }
    uint32_t *kept = tt_arena_get(arena, n / step * sizeof(*kept));
    if (!kept) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < n / step; i++) {
        kept[i] = symbols[i * step];
    }
    out->symbols = kept;
    out->n = n / step;
    return TT_OK;
}
