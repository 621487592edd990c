/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale help`: help for a command, shell completions, and the parts of man pages that the build puts into their sources.
 *
 * In: constant tables.  Out: text on standard output.  Completions are scripts that carry all names with them; they never call
 * telltale.  Names in the tables hold no quotes, and descriptions are quoted for their shell here.
 */
#include "cli/cli.h"

#include <assert.h>

struct help_settings {
    int completion; /* enum shell, or -1 */
    bool man_options, man_examples, man_commands;
};

#define PATH_SIZE 96 /* "telltale marks encode" and room to grow */

enum shell { BASH, ZSH, FISH };

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

/* Calls visit for command and, depth first, for all below it; path is "telltale marks encode". */
typedef void visit_fn(FILE *to, const char *path, const struct tt_command *command);

static void
visit_all(FILE *to, const char *path, const struct tt_command *command, visit_fn *visit)
{
    char below[PATH_SIZE];
    visit(to, path, command);
    for (size_t i = 0; command->subcommands && command->subcommands[i]; i++) {
        int n = snprintf(below, sizeof(below), "%s %s", path, command->subcommands[i]->name);
        assert(n < PATH_SIZE);
        visit_all(to, below, command->subcommands[i], visit);
    }
}

/* The n-th option of a command, its own first; NULL after the last. */
static const struct tt_option *
option_at(const struct tt_command *command, size_t n)
{
    const struct tt_option *option = NULL;
    size_t own = 0, at = 0;
    while (command->options && command->options[own].name) {
        own++;
    }
    if (n < own) {
        return &command->options[n];
    }
    for (size_t i = own; i <= n; i++) {
        option = tt_options_next_common(command->uses, &at);
        if (!option) {
            return NULL;
        }
    }
    return option;
}

/* Is the value a file's name, which the shell can complete? */
static bool
is_file(const struct tt_option *option)
{
    static const char *const names[] = {"FILE", "DIR", "PATH"};
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (option->arg && !option->choices && strcmp(option->arg, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The commands that may follow a command: its own, or for help, all. */
static const struct tt_command *const *
words_after(const struct tt_command *command)
{
    static const struct tt_command *const none[] = {NULL};
    const struct tt_command *parent = command == &tt_command_help ? &tt_command_root : command;
    return parent->subcommands ? parent->subcommands : none;
}

static void
put_words(FILE *to, const char *const *words)
{
    for (size_t i = 0; words[i]; i++) {
        fprintf(to, "%s%s", i ? " " : "", words[i]);
    }
}

/* Text within '...' of a shell; escaped lists characters that get a backslash. */
static void
put_quoted(FILE *to, const char *text, const char *escaped)
{
    for (; *text; text++) {
        if (*text == '\'') {
            fputs("'\\''", to);
            continue;
        }
        if (strchr(escaped, *text)) {
            fputc('\\', to);
        }
        fputc(*text, to);
    }
}

/* bash: three case tables - which words lead down, what values an option has, which words a place offers. */

static void
bash_descent(FILE *to, const char *path, const struct tt_command *command)
{
    (void) command;
    if (strchr(path, ' ')) {
        fprintf(to, "        '%s') at='%s' ;;\n", path, path);
    }
}

static void
bash_values(FILE *to, const char *path, const struct tt_command *command)
{
    const struct tt_option *option;
    for (size_t n = 0; (option = option_at(command, n)); n++) {
        if (!option->arg) {
            continue;
        }
        fprintf(to, "    '%s --%s'", path, option->name);
        if (option->short_name) {
            fprintf(to, " | '%s -%c'", path, option->short_name);
        }
        fputs(") ", to);
        if (option->choices) {
            fputs("COMPREPLY=($(compgen -W '", to);
            put_words(to, option->choices);
            fputs("' -- \"$current\")); ", to);
        } else if (is_file(option)) {
            fputs("COMPREPLY=($(compgen -f -- \"$current\")); ", to);
        }
        fputs("return ;;\n", to);
    }
}

static void
bash_words(FILE *to, const char *path, const struct tt_command *command)
{
    const struct tt_option *option;
    fprintf(to, "    '%s') options='", path);
    for (size_t n = 0; (option = option_at(command, n)); n++) {
        fprintf(to, "%s--%s", n ? " " : "", option->name);
    }
    fputs("' words='", to);
    const struct tt_command *const *after = words_after(command);
    for (size_t i = 0; after[i]; i++) {
        fprintf(to, "%s%s", i ? " " : "", after[i]->name);
    }
    fputs("' ;;\n", to);
}

static void
put_bash(FILE *to, const char *name)
{
    fputs("# bash completion for telltale\n"
          "_telltale() {\n"
          "    local at=telltale options= words= i\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
          "        case \"$at ${COMP_WORDS[i]}\" in\n",
          to);
    visit_all(to, name, &tt_command_root, bash_descent);
    fputs("        esac\n"
          "    done\n"
          "    # bash divides --name=value into three words\n"
          "    if [[ $current == = ]]; then\n"
          "        current=\n"
          "    elif [[ $previous == = ]]; then\n"
          "        previous=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n"
          "    case \"$at $previous\" in\n",
          to);
    visit_all(to, name, &tt_command_root, bash_values);
    fputs("    esac\n"
          "    case \"$at\" in\n",
          to);
    visit_all(to, name, &tt_command_root, bash_words);
    fputs("    esac\n"
          "    if [[ $current == -* ]]; then\n"
          "        words=$options\n"
          "    fi\n"
          "    # without words, bash offers files\n"
          "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
          "}\n"
          "complete -o default -F _telltale telltale\n",
          to);
}

/* zsh: the words that lead down are dropped, then _arguments does the rest. */

/* A value may follow at once or as the next word; '+' and '=' say so. */
static void
zsh_option(FILE *to, const struct tt_option *option)
{
    const char *equals = option->arg ? "=" : "";
    fputs(" \\\n            '", to);
    if (option->short_name) {
        fprintf(to, "(-%c --%s)'{-%c%s,--%s%s}'[", option->short_name, option->name, option->short_name, option->arg ? "+" : "",
                option->name, equals);
    } else {
        fprintf(to, "--%s%s[", option->name, equals);
    }
    put_quoted(to, option->help, "[]\\:");
    fputc(']', to);
    if (option->arg) {
        fprintf(to, ":%s:", option->arg);
    }
    if (option->choices) {
        fputc('(', to);
        put_words(to, option->choices);
        fputc(')', to);
    } else if (is_file(option)) {
        fputs("_files", to);
    }
    fputc('\'', to);
}

static void
zsh_descent(FILE *to, const char *path, const struct tt_command *command)
{
    (void) command;
    if (strchr(path, ' ')) {
        fprintf(to, "        '%s') at='%s' ;;\n", path, path);
    }
}

static void
zsh_arguments(FILE *to, const char *path, const struct tt_command *command)
{
    const struct tt_option *option;
    fprintf(to, "    '%s')\n        _arguments", path);
    for (size_t n = 0; (option = option_at(command, n)); n++) {
        zsh_option(to, option);
    }
    const struct tt_command *const *after = words_after(command);
    if (*after) {
        fputs(" \\\n            '1:command:((", to);
        for (size_t i = 0; after[i]; i++) {
            fprintf(to, "%s%s\\:\"", i ? " " : "", after[i]->name);
            put_quoted(to, after[i]->summary, "\"\\:");
            fputc('"', to);
        }
        fputs("))'", to);
    } else if (command->max_args > 0) {
        fputs(" \\\n            '*:file:_files'", to);
    }
    fputs(" ;;\n", to);
}

static void
put_zsh(FILE *to, const char *name)
{
    fputs("#compdef telltale\n"
          "local at=telltale\n"
          "while (( CURRENT > 2 )); do\n"
          "    case \"$at $words[2]\" in\n",
          to);
    visit_all(to, name, &tt_command_root, zsh_descent);
    fputs("        *) break ;;\n"
          "    esac\n"
          "    shift words\n"
          "    (( CURRENT-- ))\n"
          "done\n"
          "case $at in\n",
          to);
    visit_all(to, name, &tt_command_root, zsh_arguments);
    fputs("esac\n", to);
}

/* fish: one line an option, with the words that must have been seen as its condition. */

static void
fish_condition(FILE *to, const char *path, const struct tt_command *command)
{
    const char *word = strchr(path, ' ');
    if (!word) {
        fputs("complete -c telltale -n '__fish_use_subcommand'", to);
        return;
    }
    fputs("complete -c telltale -n '", to);
    for (const char *divider = ""; word; divider = "; and ") {
        size_t len = strcspn(++word, " ");
        fprintf(to, "%s__fish_seen_subcommand_from %.*s", divider, (int) len, word);
        word = strchr(word, ' ');
    }
    if (command->subcommands) {
        fputs("; and not __fish_seen_subcommand_from", to);
        for (size_t i = 0; command->subcommands[i]; i++) {
            fprintf(to, " %s", command->subcommands[i]->name);
        }
    }
    fputc('\'', to);
}

static void
fish_command(FILE *to, const char *path, const struct tt_command *command)
{
    const struct tt_option *option;
    const struct tt_command *const *after = words_after(command);
    for (size_t i = 0; after[i]; i++) {
        fish_condition(to, path, command);
        fprintf(to, " -f -a %s -d '", after[i]->name);
        put_quoted(to, after[i]->summary, "\\");
        fputs("'\n", to);
    }
    for (size_t n = 0; (option = option_at(command, n)); n++) {
        fish_condition(to, path, command);
        if (option->short_name) {
            fprintf(to, " -s %c", option->short_name);
        }
        fprintf(to, " -l %s", option->name);
        if (option->choices) {
            fputs(" -x -a '", to);
            put_words(to, option->choices);
            fputc('\'', to);
        } else if (option->arg) {
            fputs(is_file(option) ? " -r -F" : " -x", to);
        }
        fputs(" -d '", to);
        put_quoted(to, option->help, "\\");
        fputs("'\n", to);
    }
}

static void
put_fish(FILE *to, const char *name)
{
    fputs("# fish completion for telltale\n", to);
    visit_all(to, name, &tt_command_root, fish_command);
}

static enum tt_exit
put_completion(const struct tt_call *call, enum shell shell)
{
    static void (*const writers[])(FILE * to, const char *name) = {[BASH] = put_bash, [ZSH] = put_zsh, [FISH] = put_fish};
    writers[shell](call->cli->out, tt_command_root.name);
    return TT_EXIT_OK;
}

/* The command that the operands name, from the root down, and its full name. */
static const struct tt_command *
find_command(const struct tt_call *call, char path[PATH_SIZE])
{
    const struct tt_command *command = &tt_command_root;
    size_t used = (size_t) snprintf(path, PATH_SIZE, "%s", command->name);
    for (size_t i = 0; i < call->arg_count; i++) {
        const struct tt_command *sub = tt_command_find(command, call->args[i]);
        if (!sub) {
            tt_cli_complain(call->cli, TT_EXIT_USAGE, "'%s' has no command '%s'; '%s --help' lists them", path, call->args[i],
                            path);
            return NULL;
        }
        /* The names are this program's own, and the table is far from deep enough to fill the path. */
        used += (size_t) snprintf(path + used, PATH_SIZE - used, " %s", sub->name);
        command = sub;
    }
    return command;
}

static enum tt_exit
run_help(const struct tt_call *call)
{
    const struct help_settings *settings = call->settings;
    FILE *out = call->cli->out;
    char path[PATH_SIZE];
    if (settings->completion >= 0) {
        return put_completion(call, (enum shell) settings->completion);
    }
    const struct tt_command *command = find_command(call, path);
    if (!command) {
        return TT_EXIT_USAGE;
    }
    if (settings->man_options) {
        tt_help_man_options(out, command);
    } else if (settings->man_examples) {
        tt_help_man_examples(out, command);
    } else if (settings->man_commands) {
        tt_help_man_commands(out, command);
    } else {
        tt_help_command(out, path, command);
    }
    return TT_EXIT_OK;
}

static const struct help_settings defaults = {.completion = -1};

static const struct tt_option options[] = {
    TT_OPT_CHOICE(struct help_settings, completion, 0, "completion", "SHELL", "Print a completion script: bash, zsh or fish",
                  shells),
    TT_OPT_FLAG(struct help_settings, man_options, 0, "man-options", "Print the options of COMMAND as scdoc, for its man page"),
    TT_OPT_FLAG(struct help_settings, man_examples, 0, "man-examples", "Print the examples of COMMAND as scdoc"),
    TT_OPT_FLAG(struct help_settings, man_commands, 0, "man-commands", "Print the commands below COMMAND as scdoc"),
    TT_OPT_END,
};

static const struct tt_example examples[] = {
    {"telltale help scan", "Show what scan does and accepts"},
    {"telltale help --completion bash > ~/.local/share/bash-completion/completions/telltale", "Install completion for bash"},
    {NULL, NULL},
};

const struct tt_command tt_command_help = {
    .name = "help",
    .summary = "Show help, or print completions for a shell",
    .usage = "[OPTION]... [COMMAND]...",
    .options = options,
    .examples = examples,
    .max_args = 3,
    .defaults = &defaults,
    .settings_size = sizeof(defaults),
    .run = run_help,
};
