/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: the table of commands, and the way from argv to one of them.
 *
 * In: the command line.  Out: an exit code.  A command gets parsed options and checked operands, so that its own code is about its
 * job.  Nothing is allocated here but messages; settings live on the stack for the length of one call.
 */
#include "cli/cli.h"

#include "base/limits.h"
#include "cli/sandbox.h"
#include "finding/writer.h"
#include "text/kernel.h"

#include <errno.h>
#include <signal.h>
#include <stdalign.h>
#include <stdarg.h>

static const struct tt_command *const commands[] = {
    &tt_command_scan,    &tt_command_marks,   &tt_command_inspect, &tt_command_probe, &tt_command_policy,
    &tt_command_catalog, &tt_command_gateway, &tt_command_ledger,  &tt_command_help,  NULL,
};

struct root_settings {
    bool version, verbose;
};

static const struct tt_option root_options[] = {
    TT_OPT_FLAG(struct root_settings, version, 'V', "version", "Print the version"),
    TT_OPT_FLAG(struct root_settings, verbose, 'v', "verbose", "With --version: also what this machine offers"),
    TT_OPT_END,
};

static void
print_sandbox(FILE *out)
{
    int abi = tt_sandbox_abi();
    if (abi > 0) {
        fprintf(out, "sandbox: landlock ABI %d\n", abi);
    } else {
        fputs("sandbox: none; the kernel or this build has no Landlock\n", out);
    }
}

static enum tt_exit
run_root(const struct tt_call *call)
{
    const struct root_settings *settings = call->settings;
    FILE *out = call->cli->out;
    if (!settings->version) {
        tt_help_usage(call->cli->err, call->command->name, call->command);
        return TT_EXIT_USAGE;
    }
    fprintf(out, "telltale %s\n", TT_VERSION);
    if (settings->verbose) {
        print_sandbox(out);
        fprintf(out, "kernels: %s\n", tt_kernels_get(tt_cpu_detect())->name);
        fprintf(out, "rules: %zu\n", tt_rule_count);
    }
    return TT_EXIT_OK;
}

const struct tt_command tt_command_root = {
    .name = "telltale",
    .summary = "Show what AI coding tools reveal, hide and leave behind",
    .usage = "COMMAND [OPTION]... [ARGUMENT]...",
    .description = "Exit codes: 0, nothing at or over --fail-on; 1, findings; 2, wrong usage or configuration; 3, not everything "
                   "could be inspected; 4, an internal error or a failing system.",
    .options = root_options,
    .settings_size = sizeof(struct root_settings),
    .subcommands = commands,
    .run = run_root,
};

enum tt_exit
tt_cli_complain(const struct tt_cli *cli, enum tt_exit code, const char *format, ...)
{
    char text[TT_COMPLAINT_MAX];
    struct tt_buf safe;
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    size_t len = n < 0 ? 0 : (size_t) n < sizeof(text) ? (size_t) n : sizeof(text) - 1;
    /* At worst every byte becomes "‹XX›". */
    tt_buf_init(&safe, cli->alloc, 8 * sizeof(text));
    tt_writer_add_safe(&safe, tt_str_make(text, len));
    fprintf(cli->err, "telltale: %.*s\n", (int) safe.len, safe.ptr ? safe.ptr : "");
    tt_buf_free(&safe);
    return code;
}

const struct tt_command *
tt_command_find(const struct tt_command *parent, const char *name)
{
    for (size_t i = 0; parent->subcommands && parent->subcommands[i]; i++) {
        if (strcmp(parent->subcommands[i]->name, name) == 0) {
            return parent->subcommands[i];
        }
    }
    return NULL;
}

/* A command that was chosen, and what is left of the command line. */
struct choice {
    const struct tt_command *command;
    char path[64]; /* "telltale marks encode" */
    char **args;
    size_t count;
};

static void
descend(struct choice *choice, const struct tt_command *command)
{
    size_t used = strlen(choice->path);
    snprintf(choice->path + used, sizeof(choice->path) - used, " %s", command->name);
    choice->command = command;
    choice->args++;
    choice->count--;
}

static enum tt_exit
unknown_command(const struct tt_cli *cli, const struct choice *choice)
{
    const char *names[64];
    size_t n = 0;
    for (; choice->command->subcommands[n] && n < sizeof(names) / sizeof(*names) - 1; n++) {
        names[n] = choice->command->subcommands[n]->name;
    }
    names[n] = NULL;
    const char *near = tt_options_nearest(choice->args[0], names);
    return near ? tt_cli_complain(cli, TT_EXIT_USAGE, "'%s' has no command '%s'; did you mean '%s'?", choice->path,
                                  choice->args[0], near)
                : tt_cli_complain(cli, TT_EXIT_USAGE, "'%s' has no command '%s'; '%s --help' lists them", choice->path,
                                  choice->args[0], choice->path);
}

/* Goes down the tree of commands as far as operands name them. */
static enum tt_exit
choose(const struct tt_cli *cli, struct choice *choice)
{
    while (choice->command->subcommands && choice->count > 0 && choice->args[0][0] != '-') {
        const struct tt_command *sub = tt_command_find(choice->command, choice->args[0]);
        if (sub) {
            descend(choice, sub);
        } else if (choice->command->max_args == 0) {
            return unknown_command(cli, choice);
        } else {
            break;
        }
    }
    return TT_EXIT_OK;
}

/* A message about the use of the command at path; the program's own name is not said twice. */
static enum tt_exit
complain_of(const struct tt_cli *cli, const char *path, const char *text)
{
    const char *name = strchr(path, ' ');
    return tt_cli_complain(cli, TT_EXIT_USAGE, "%s%s%s", name ? name + 1 : "", name ? ": " : "", text);
}

static enum tt_exit
check_operands(const struct tt_call *call, const char *path)
{
    const struct tt_command *command = call->command;
    if (call->arg_count < command->min_args) {
        return complain_of(call->cli, path, command->missing ? command->missing : "something is missing");
    }
    if (call->arg_count > command->max_args) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "'%s' takes no '%s'; see '%s --help'", path,
                               call->args[command->max_args], path);
    }
    return TT_EXIT_OK;
}

/* Options are read: help, or the command's own work. */
static enum tt_exit
run_command(const struct tt_call *call, const char *path)
{
    const struct tt_command *command = call->command;
    if (call->common->help) {
        tt_help_command(call->cli->out, path, command);
        return TT_EXIT_OK;
    }
    enum tt_exit code = check_operands(call, path);
    if (code != TT_EXIT_OK) {
        return code;
    }
    if (!command->run) {
        tt_help_usage(call->cli->err, path, command);
        return TT_EXIT_USAGE;
    }
    return command->run(call);
}

static enum tt_exit
parse_and_run(const struct tt_cli *cli, const struct choice *choice)
{
    alignas(max_align_t) unsigned char settings[TT_SETTINGS_MAX] = {0};
    const struct tt_command *command = choice->command;
    struct tt_common common = tt_common_defaults;
    struct tt_option_set set = {command->options, settings, command->uses, &common};
    struct tt_call call = {cli, command, &common, settings, choice->args, 0};
    struct tt_buf message;
    if (command->settings_size > sizeof(settings)) {
        return tt_cli_complain(cli, TT_EXIT_INTERNAL, "the settings of '%s' are too large", choice->path);
    }
    if (command->defaults) {
        memcpy(settings, command->defaults, command->settings_size);
    }
    tt_buf_init(&message, cli->alloc, TT_COMPLAINT_MAX);
    enum tt_status status = tt_options_parse(&set, choice->args, choice->count, &call.arg_count, &message);
    enum tt_exit code = TT_EXIT_USAGE;
    if (status == TT_OK) {
        code = run_command(&call, choice->path);
    } else {
        tt_buf_add_char(&message, '\0');
        complain_of(cli, choice->path, message.status == TT_OK ? message.ptr : "wrong usage");
    }
    tt_buf_free(&message);
    return code;
}

int
tt_cli_main(const struct tt_cli *cli, int argc, char **argv)
{
    struct choice choice = {
        .command = &tt_command_root, .path = "telltale", .args = argv + 1, .count = argc > 0 ? (size_t) argc - 1 : 0};
    enum tt_exit code = choose(cli, &choice);
    if (code == TT_EXIT_OK) {
        code = parse_and_run(cli, &choice);
    }
    /* Help and the like are written without a look at every call; a full disk or a closed pipe shows here. */
    if ((fflush(cli->out) != 0 || ferror(cli->out)) && code != TT_EXIT_INTERNAL) {
        code = tt_cli_complain(cli, TT_EXIT_INTERNAL, "cannot write to standard output: %s", strerror(errno));
    }
    return (int) code;
}

int
main(int argc, char **argv)
{
    struct tt_cli cli = {.out = stdout, .err = stderr, .alloc = &tt_alloc_libc};
    tt_sandbox_begin();
    /* A reader that went away is a failed write, with a message and exit code 4. */
    signal(SIGPIPE, SIG_IGN);
    return tt_cli_main(&cli, argc, argv);
}
