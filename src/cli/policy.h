/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `telltale policy` share.
 */
#ifndef TT_CLI_POLICY_H
#define TT_CLI_POLICY_H

#include "cli/catalog.h"
#include "cli/output.h"
#include "policy/decide.h"

/* Settings of every subcommand; those that it has no option for stay empty. */
struct tt_policy_settings {
    int format; /* enum tt_cli_format */
    const char *as_of, *from, *to;
    const char *facts[TT_ABOUTS];
};

#define TT_POLICY_FACT(about, word, value, text) \
    TT_OPT_STRING(struct tt_policy_settings, facts[TT_ABOUT_##about], 0, word, value, text)

/* The options that describe a subject. */
#define TT_POLICY_SUBJECT_OPTIONS                                                                                               \
    TT_POLICY_FACT(PRODUCT, "product", "ID", "A tool, by its id in the catalogue"),                                             \
        TT_POLICY_FACT(PACKAGE, "package", "NAME", "Its package: npm:@a/b"),                                                    \
        TT_POLICY_FACT(EXTENSION, "extension", "NAME", "Its extension of an editor: vscode:a.b"),                               \
        TT_POLICY_FACT(SHA256, "sha256", "HEX", "Digest of its program"), TT_POLICY_FACT(VENDOR, "vendor", "ID", "Its vendor"), \
        TT_POLICY_FACT(CATEGORY, "category", "NAME", "Its category"),                                                           \
        TT_POLICY_FACT(VENDOR_JURISDICTION, "vendor-jurisdiction", "CC", "The country of its vendor"),                          \
        TT_POLICY_FACT(VERSION, "version", "V", "Its version"),                                                                 \
        TT_POLICY_FACT(OS, "os", "NAME", "The system it runs on: linux, macos or windows"),                                     \
        TT_POLICY_FACT(INSTALL, "install", "HOW", "How it was installed: npm, pip, brew, deb, ..."),                            \
        TT_POLICY_FACT(MODEL, "model", "NAME", "A model, as requests name it"),                                                 \
        TT_POLICY_FACT(MODEL_FAMILY, "model-family", "ID", "Its family"),                                                       \
        TT_POLICY_FACT(MODEL_VENDOR, "model-vendor", "ID", "Who made it"),                                                      \
        TT_POLICY_FACT(HOST, "host", "NAME", "The host that requests go to"),                                                   \
        TT_POLICY_FACT(PROVIDER, "provider", "ID", "Who serves there"),                                                         \
        TT_POLICY_FACT(PROVIDER_JURISDICTION, "provider-jurisdiction", "CC", "The country of the provider"),                    \
        TT_POLICY_FACT(VIA, "via", "ID", "The product through which a model or host is used"),                                  \
        TT_POLICY_FACT(ACCOUNT, "account", "KIND", "company or personal"),                                                      \
        TT_POLICY_FACT(REGION, "region", "CC", "The country in which it is used"),                                              \
        TT_POLICY_FACT(TEAM, "team", "NAME", "The team that uses it"),                                                          \
        TT_POLICY_FACT(MACHINE, "machine", "NAME", "The machine on which it is used"),                                          \
        TT_POLICY_FACT(DATA_REGION, "data-region", "CC", "The country in which data is processed"),                             \
        TT_POLICY_FACT(MCP_SERVER, "mcp-server", "NAME", "A tool server that it is connected to"),                              \
        TT_POLICY_FACT(RISK_FLAG, "risk-flag", "NAME", "A setting or option that switches protection off")

/* A policy, the catalogue that it was checked against, and the memory behind both. */
struct tt_policy_file {
    struct tt_buf bytes; /* as they were read */
    struct tt_arena arena;
    struct tt_policy_problems problems;
    struct tt_catalog_reader catalog;
    struct tt_policy_names names; /* of the catalogue */
    const struct tt_policy *policy;
};

/*
 * Loads the catalogue and reads FILE, or standard input for "-".  Otherwise all errors are listed on standard error.  Freed by
 * tt_policy_close either way.
 */
enum tt_exit tt_policy_open(const struct tt_call *call, const char *path, struct tt_policy_file *file);
void tt_policy_close(struct tt_policy_file *file);

/* policy_notes.c: says on standard error what a gateway could not do of a policy, or never would. */
void tt_policy_note_gateway(const struct tt_call *call, const char *path, const struct tt_policy *policy, bool runs);

/* Opens the command's one FILE, lets use() work with it, and closes it. */
enum tt_exit tt_policy_run(const struct tt_call *call,
                           enum tt_exit (*use)(const struct tt_call *call, const struct tt_policy_file *file));

/* What commands that take one FILE have in common. */
#define TT_POLICY_TAKES_FILE                                                                                        \
    .uses = TT_USES_OUTPUT, .min_args = 1, .max_args = 1, .missing = "name a policy file, or - for standard input", \
    .settings_size = sizeof(struct tt_policy_settings)

#define TT_POLICY_FORMAT(text) TT_OPT_CHOICE(struct tt_policy_settings, format, 'f', "format", "FORMAT", text, tt_cli_formats)

/* The subject that options describe, completed from the catalogue; says what is wrong with them. */
enum tt_exit tt_policy_subject(const struct tt_call *call, const struct tt_policy_file *file, struct tt_policy_subject *subject);
bool tt_policy_has_subject(const struct tt_policy_settings *settings);

/* Subjects without doubles.  Starts with alloc and zeroes. */
struct tt_policy_asked {
    const struct tt_alloc *alloc;
    struct tt_policy_subject *items;
    size_t count, room;
};

/*
 * Adds what each decision of the policy is about, in the first region and team of its scope, and for each default that says something
 * one subject that no decision names.  TT_E_MEMORY.
 */
enum tt_status tt_policy_ask(struct tt_policy_asked *asked, const struct tt_policy_file *file) TT_MUST_USE;
void tt_policy_ask_end(struct tt_policy_asked *asked);

/* The date that an option gives.  text NULL: today, in the time zone of the policy. */
enum tt_exit tt_policy_day(const struct tt_call *call, const struct tt_policy *policy, const char *option, const char *text,
                           int64_t *day);

/* policy_explain.c: a verdict for people and for programs. */
void tt_policy_add_subject(struct tt_buf *out, const struct tt_policy_subject *subject); /* the facts that were given */
void tt_policy_add_derived(struct tt_buf *out, const struct tt_policy_subject *subject); /* a line for each of the others */
void tt_policy_explain(struct tt_buf *out, const struct tt_policy *policy, const struct tt_policy_subject *subject,
                       const struct tt_policy_verdict *verdict);
void tt_policy_add_json(struct tt_buf *out, const struct tt_policy *policy, const struct tt_policy_subject *subject, int64_t day,
                        const struct tt_policy_verdict *verdict);

/* What a verdict comes to. */
struct tt_policy_outcome {
    enum tt_policy_action action;
    enum tt_policy_status status;
    struct tt_str rule;
};

struct tt_policy_outcome tt_policy_outcome_of(const struct tt_policy_verdict *verdict);
bool tt_policy_outcome_same(const struct tt_policy_outcome *a, const struct tt_policy_outcome *b);

/* "block  D-2026-014 prohibited": action, rule and status; and as members of an object. */
void tt_policy_add_outcome(struct tt_buf *out, const struct tt_policy_outcome *outcome);
void tt_policy_add_outcome_json(struct tt_buf *out, bool *first, const struct tt_policy_outcome *outcome);

/* {"product":"qoder"}: the facts that were given. */
void tt_policy_add_subject_json(struct tt_buf *out, const struct tt_policy_subject *subject);

/* A member whose value is a day. */
void tt_policy_add_date_json(struct tt_buf *out, bool *first, const char *key, int64_t date);

extern const struct tt_command tt_command_policy_check, tt_command_policy_decide, tt_command_policy_replay,
    tt_command_policy_diff, tt_command_policy_init;

#endif
