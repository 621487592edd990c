/* SPDX-License-Identifier: Apache-2.0 */
/* A conclusion in the making.  Private to src/probe/sense_*.c. */
#ifndef TT_PROBE_SENSE_CONCLUDE_H
#define TT_PROBE_SENSE_CONCLUDE_H

#include "probe/sense_report.h"

/* Columns of one site that one set of factors changes in one class. */
struct tt_sense_group {
    uint32_t factors;
    enum tt_probe_class class;
    size_t *columns;
    size_t count;
    uint32_t *conds;
    size_t cond_count;
    size_t places;
    size_t told; /* number of the group that it is told by; its own */
    bool covert; /* counts for bits */
};

struct tt_sense_audit {
    uint32_t slot, site;
    uint32_t factors;
};

struct tt_sense_conclusion {
    struct tt_sense *sense;
    struct tt_sense_group *groups;
    size_t group_count, group_room;
    struct tt_dependence *deep;
    size_t deep_count;
    struct tt_sense_audit *audits; /* volatile sites that a deep test looked at */
    size_t audit_count;
    struct tt_conclusion out;
};

/* Different tuples of the columns' values over conditions. */
unsigned tt_sense_tuples(const struct tt_sense *sense, const size_t *columns, size_t count, const uint32_t *conds,
                         size_t cond_count);

struct tt_str tt_sense_request_name(struct tt_sense *sense, uint32_t slot);

/* Which sources of its factors a dependence has, as far as runs with one source alone tell. */
enum tt_status tt_sense_find_sources(struct tt_sense *sense, const struct tt_sense_group *group,
                                     struct tt_dependence *out) TT_MUST_USE;

enum tt_status tt_sense_make_deep(struct tt_sense_conclusion *c) TT_MUST_USE;
enum tt_status tt_sense_make_bits(struct tt_sense_conclusion *c) TT_MUST_USE;
enum tt_status tt_sense_make_volatiles(struct tt_sense_conclusion *c) TT_MUST_USE;
enum tt_status tt_sense_make_facts(struct tt_sense_conclusion *c) TT_MUST_USE;

#endif
