/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a command is: one const struct in its cmd_<name>.c, listed in one table in main.c.  Help, completions and man pages are
 * written from it.
 *
 * A command with subcommands ("marks encode") names them in its own struct; the first operand then chooses.  Without one, its
 * own run() is called, or the usage is printed when it has none.
 */
#ifndef TT_CLI_CLI_H
#define TT_CLI_CLI_H

#include "base/alloc.h"
#include "cli/options.h"

#include <stdio.h>

/* Set by the build. */
#ifndef TT_VERSION
#define TT_VERSION "0.0.0"
#endif

/* Exit codes, as the manual promises them. */
enum tt_exit {
    TT_EXIT_OK = 0,
    TT_EXIT_FINDINGS = 1,   /* at or over --fail-on */
    TT_EXIT_USAGE = 2,      /* usage or configuration */
    TT_EXIT_INCOMPLETE = 3, /* not everything was inspected */
    TT_EXIT_INTERNAL = 4,   /* telltale or the machine failed */
};

/* Where a run reads and writes, so that tests can run commands in their own process. */
struct tt_cli {
    FILE *out;
    FILE *err;
    const struct tt_alloc *alloc; /* used from several threads */
};

struct tt_command;

/* One call of a command. */
struct tt_call {
    const struct tt_cli *cli;
    const struct tt_command *command;
    const struct tt_common *common;
    const void *settings; /* of the command's own options */
    char **args;          /* operands */
    size_t arg_count;
};

struct tt_example {
    const char *command; /* "telltale scan -"; NULL ends a table */
    const char *what;    /* what it does: "Look at one request on standard input" */
};

#define TT_ARGS_ANY SIZE_MAX
#define TT_SETTINGS_MAX 1536 /* bytes of a command's settings */

struct tt_command {
    const char *name;
    const char *summary;             /* one line, no full stop: "Find covert marks in files" */
    const char *usage;               /* what follows the name: "[OPTION]... PATH..." */
    const char *description;         /* plain paragraphs divided by "\n\n"; no line breaks within */
    const struct tt_option *options; /* its own; ends with name NULL; NULL: none */
    unsigned uses;                   /* enum tt_uses: which shared options it understands */
    const struct tt_example *examples;
    size_t min_args, max_args; /* operands; TT_ARGS_ANY: no upper bound */
    const char *missing;       /* said when there are fewer: "name a file, a directory or - for standard input" */
    const void *defaults;      /* settings before parsing; NULL: all zero */
    size_t settings_size;      /* <= TT_SETTINGS_MAX */
    const struct tt_command *const *subcommands; /* ends in NULL; NULL: none */
    enum tt_exit (*run)(const struct tt_call *call);
};

/* The program itself: its subcommands are all commands.  Defined in main.c. */
extern const struct tt_command tt_command_root;

extern const struct tt_command tt_command_scan, tt_command_marks, tt_command_catalog, tt_command_policy, tt_command_gateway,
    tt_command_help, tt_command_ledger, tt_command_inspect, tt_command_probe;

/* Runs the program: argv as main() gets it.  Returns the exit code. */
int tt_cli_main(const struct tt_cli *cli, int argc, char **argv);

/*
 * One line on standard error: "telltale: " and the text, made safe for a terminal, without a final full stop.  The return value
 * lets a command end with one statement.
 */
enum tt_exit tt_cli_complain(const struct tt_cli *cli, enum tt_exit code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The subcommand of that name, or NULL. */
const struct tt_command *tt_command_find(const struct tt_command *parent, const char *name);

/* help.c: the texts that are written from the tables.  path is the full name: "telltale marks encode". */
void tt_help_usage(FILE *to, const char *path, const struct tt_command *command);   /* the usage line, and where help is */
void tt_help_command(FILE *to, const char *path, const struct tt_command *command); /* all that --help shows */
void tt_help_man_options(FILE *to, const struct tt_command *command);               /* scdoc */
void tt_help_man_examples(FILE *to, const struct tt_command *command);              /* scdoc */
void tt_help_man_commands(FILE *to, const struct tt_command *command);              /* scdoc */

#endif
