/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `telltale catalog` share: the catalogue with additions, and how facts are written.
 */
#ifndef TT_CLI_CATALOG_H
#define TT_CLI_CATALOG_H

#include "base/buf.h"
#include "catalog/read.h"
#include "cli/cli.h"

struct tt_catalog_settings {
    int format; /* enum tt_cli_format */
    int kind;   /* of list: 0 all, else enum tt_catalog_kind + 1 */
};

/* The options of show and compare. */
extern const struct tt_option tt_catalog_options[];

/*
 * The built-in catalogue with the files of /etc/telltale/catalog.d and $XDG_CONFIG_HOME/telltale/catalog.d, in the order of their
 * names.  A file that cannot be used is said, and then nothing is.  Free the reader in any case.
 */
enum tt_exit tt_catalog_load(const struct tt_cli *cli, struct tt_catalog_reader *reader);

/* Sources are numbered as they come up, so that a text names each only once. */
#define TT_CITED_MAX 400
struct tt_cited {
    struct tt_str texts[TT_CITED_MAX];
    size_t count;
};

/* "high [1 3-5]": the confidence, and the numbers of the sources. */
void tt_catalog_add_backing(struct tt_buf *out, struct tt_cited *cited, const struct tt_catalog_fact *fact);

/* "  [1] text" for each. */
void tt_catalog_add_cited(struct tt_buf *out, const struct tt_cited *cited);

/* "us-east-1 (country US)". */
void tt_catalog_add_value(struct tt_buf *out, const struct tt_catalog_value *value);

/* The entry as one line of JSON. */
void tt_catalog_add_entry_json(struct tt_buf *out, const struct tt_catalog_entry *entry);

/* What a name that is no id says: a host or a model.  False when it says nothing. */
bool tt_catalog_add_resolved(struct tt_buf *out, const struct tt_catalog *catalog, struct tt_str name, bool json);

/* Says that nothing is called so, and what may be meant. */
enum tt_exit tt_catalog_unknown(const struct tt_call *call, const struct tt_catalog *catalog, struct tt_str name);

/* The entry that a person means: by id, then by name, tools before providers, vendors and families.  NULL: none. */
const struct tt_catalog_entry *tt_catalog_meant(const struct tt_catalog *catalog, struct tt_str name);

extern const struct tt_command tt_command_catalog_list, tt_command_catalog_show, tt_command_catalog_compare;

#endif
