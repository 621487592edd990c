/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of examples/policies, compiled in by data/gen/starters.py.
 */
#ifndef TT_CLI_STARTERS_H
#define TT_CLI_STARTERS_H

struct tt_policy_starter {
    const char *name; /* NULL ends the table */
    const char *text;
};

extern const struct tt_policy_starter tt_policy_starters[];

#endif
