/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of errors of one policy file.
 *
 * In: places and pieces of text, borrowed for the call.  Out: bounded list whose texts live in the arena.  Invariant: count <=
 * TT_POLICY_PROBLEMS_MAX; what comes later only sets more.
 */
#include "policy/tree.h"

void
tt_policy_problem_add(struct tt_policy_problems *problems, struct tt_policy_at at, const struct tt_str *parts, size_t count)
{
    size_t length = 0;
    if (problems->count == TT_POLICY_PROBLEMS_MAX) {
        problems->more = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        length += parts[i].len;
    }
    char *text = tt_arena_get(problems->arena, length + 1);
    if (!text) {
        problems->status = TT_E_MEMORY;
        return;
    }
    problems->items[problems->count++] = (struct tt_policy_problem) {at, tt_str_make(text, length)};
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0) {
            memcpy(text, parts[i].ptr, parts[i].len);
            text += parts[i].len;
        }
    }
    *text = '\0';
}

static bool
is_behind(struct tt_policy_at a, struct tt_policy_at b)
{
    return a.line != b.line ? a.line > b.line : a.column > b.column;
}

void
tt_policy_problems_sort(struct tt_policy_problems *problems)
{
    for (size_t i = 1; i < problems->count; i++) {
        struct tt_policy_problem moved = problems->items[i];
        size_t at = i;
        for (; at > 0 && is_behind(problems->items[at - 1].at, moved.at); at--) {
            problems->items[at] = problems->items[at - 1];
        }
        problems->items[at] = moved;
    }
}
