/* SPDX-License-Identifier: Apache-2.0 */
/* Search in the generated table of rules, which is ordered by id. */
#include "finding/rule.h"

/* As strcmp, for a string with a length and one with a NUL. */
static int
compare(struct tt_str a, const char *b)
{
    struct tt_str other = tt_str_cstr(b);
    size_t common = a.len < other.len ? a.len : other.len;
    int order = common ? memcmp(a.ptr, other.ptr, common) : 0;
    return order ? order : (a.len > other.len) - (a.len < other.len);
}

const struct tt_rule *
tt_rule_find(struct tt_str id)
{
    size_t from = 0, to = tt_rule_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare(id, tt_rules[middle].id);
        if (order == 0) {
            return &tt_rules[middle];
        }
        if (order < 0) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    return NULL;
}
