/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between two versions of a package.
 *
 * In: what was found in both, at its end.  Out: one finding for each thing that only one of them has, at the level of that finding.  Where a
 * thing is gone, the place is that in the old version.
 */
#include "base/limits.h"
#include "inspect/inspect.h"

static enum tt_status
add(struct tt_found *out, const struct tt_found_row *row, bool gone)
{
    struct tt_finding finding = row->finding;
    finding.rule = tt_rule_find(TT_STR("client.difference"));
    finding.fact_count = 0;
    finding.message = gone ? TT_STR("only the old version has this") : TT_STR("only the new version has this");
    tt_finding_add_text(&finding, "version", gone ? TT_STR("old") : TT_STR("new"));
    tt_finding_add_text(&finding, "rule", tt_str_cstr(row->finding.rule->id));
    tt_finding_add_text(&finding, "what", row->key);
    tt_finding_add_text(&finding, "there", row->finding.message);
    return tt_found_keep(out, &finding);
}

static enum tt_status
add_missing(struct tt_found *out, const struct tt_found *in, const struct tt_found *other, bool gone)
{
    for (size_t i = 0; i < in->count; i++) {
        if (!tt_found_find(other, in->rows[i].finding.rule, in->rows[i].key)) {
            TT_TRY(add(out, &in->rows[i], gone));
        }
    }
    return TT_OK;
}

enum tt_status
tt_inspect_compare(const struct tt_found *old, const struct tt_found *found, struct tt_found *out)
{
    TT_TRY(add_missing(out, old, found, true));
    return add_missing(out, found, old, false);
}
