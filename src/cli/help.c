/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help and man pages, written from the tables of commands and options: what the parser accepts and what the texts say cannot
 * drift apart.
 *
 * In: constant tables.  Out: text on a stream whose failure the caller notices when it flushes.
 */
#include "cli/cli.h"

#include <stdlib.h>

#define WIDTH 80
#define OPTION_COLUMN 24 /* where help for an option starts */

/* One paragraph in lines of at most width columns, each after indent blanks; the first one goes on at column at. */
static void
wrap(FILE *to, const char *text, size_t at, size_t indent, size_t width)
{
    size_t column = at;
    while (*text) {
        size_t len = strcspn(text, " ");
        if (column > indent && column + 1 + len > width) {
            fputc('\n', to);
            column = 0;
        }
        if (column < indent) {
            fprintf(to, "%*s", (int) (indent - column), "");
            column = indent;
        } else if (column > indent) {
            fputc(' ', to);
            column++;
        }
        fwrite(text, 1, len, to);
        column += len;
        text += len;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

/* Paragraphs divided by an empty line; each is handed over without the newlines. */
static void
wrap_paragraphs(FILE *to, const char *text)
{
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t len = end ? (size_t) (end - text) : strlen(text);
        char *paragraph = strndup(text, len);
        if (paragraph) {
            fputc('\n', to);
            wrap(to, paragraph, 0, 0, WIDTH);
        }
        free(paragraph);
        text += len + (end ? 2 : 0);
    }
}

/* Options of a command, its own first; NULL after the last. */
struct option_walk {
    const struct tt_command *command;
    size_t own, common;
};

static const struct tt_option *
next_option(struct option_walk *walk)
{
    const struct tt_option *own = walk->command->options;
    if (own && own[walk->own].name) {
        return &own[walk->own++];
    }
    return tt_options_next_common(walk->command->uses, &walk->common);
}

void
tt_help_usage(FILE *to, const char *path, const struct tt_command *command)
{
    fprintf(to, "Usage: %s %s\nTry '%s --help'.\n", path, command->usage, path);
}

static void
print_option(FILE *to, const struct tt_option *option)
{
    char left[64];
    char dash[] = {'-', option->short_name, ',', '\0'};
    int n = snprintf(left, sizeof(left), "  %3s --%s%s%s", option->short_name ? dash : "", option->name, option->arg ? " " : "",
                     option->arg ? option->arg : "");
    size_t used = n < 0 ? 0 : (size_t) n;
    fputs(left, to);
    /* A long name gets a line of its own, so that the column stays straight. */
    if (used + 2 > OPTION_COLUMN) {
        fputc('\n', to);
        used = 0;
    }
    wrap(to, option->help, used, OPTION_COLUMN, WIDTH);
}

static void
print_options(FILE *to, const struct tt_command *command)
{
    struct option_walk walk = {.command = command};
    const struct tt_option *option;
    fputs("\nOptions:\n", to);
    while ((option = next_option(&walk))) {
        print_option(to, option);
    }
}

static void
print_commands(FILE *to, const struct tt_command *command)
{
    if (!command->subcommands) {
        return;
    }
    fputs("\nCommands:\n", to);
    for (size_t i = 0; command->subcommands[i]; i++) {
        fprintf(to, "  %-10s  ", command->subcommands[i]->name);
        wrap(to, command->subcommands[i]->summary, 14, 14, WIDTH);
    }
}

static void
print_examples(FILE *to, const struct tt_command *command)
{
    const struct tt_example *example = command->examples;
    if (!example) {
        return;
    }
    fputs("\nExamples:\n", to);
    for (; example->command; example++) {
        fprintf(to, "  %s\n", example->command);
        wrap(to, example->what, 0, 6, WIDTH);
    }
}

void
tt_help_command(FILE *to, const char *path, const struct tt_command *command)
{
    fprintf(to, "Usage: %s %s\n\n%s.\n", path, command->usage, command->summary);
    if (command->description) {
        wrap_paragraphs(to, command->description);
    }
    print_commands(to, command);
    print_options(to, command);
    print_examples(to, command);
    if (command->subcommands) {
        fprintf(to, "\n'%s COMMAND --help' tells more about one.\n", path);
    }
}

/* Text in scdoc, in which * and _ mark words and a backslash takes a mark's meaning away. */
static void
put_scdoc(FILE *to, const char *text)
{
    for (; *text; text++) {
        if (strchr("*_\\", *text)) {
            fputc('\\', to);
        }
        fputc(*text, to);
    }
}

static void
put_man_option(FILE *to, const struct tt_option *option)
{
    if (option->short_name) {
        fprintf(to, "*-%c*, ", option->short_name);
    }
    fprintf(to, "*--%s*", option->name);
    if (option->arg) {
        fprintf(to, " _%s_", option->arg);
    }
    fputs("\n\t", to);
    put_scdoc(to, option->help);
    fputs(".\n\n", to);
}

void
tt_help_man_options(FILE *to, const struct tt_command *command)
{
    struct option_walk walk = {.command = command};
    const struct tt_option *option;
    while ((option = next_option(&walk))) {
        put_man_option(to, option);
    }
    /* The commands of the program have pages of their own. */
    for (size_t i = 0; command != &tt_command_root && command->subcommands && command->subcommands[i]; i++) {
        const struct tt_command *sub = command->subcommands[i];
        fprintf(to, "## %s %s ", command->name, sub->name);
        put_scdoc(to, sub->usage);
        fputs("\n\n", to);
        put_scdoc(to, sub->description ? sub->description : sub->summary);
        fputs("\n\n", to);
        tt_help_man_options(to, sub);
    }
}

void
tt_help_man_examples(FILE *to, const struct tt_command *command)
{
    for (const struct tt_example *example = command->examples; example && example->command; example++) {
        put_scdoc(to, example->what);
        fprintf(to, ":\n\n```\n%s\n```\n\n", example->command);
    }
    for (size_t i = 0; command != &tt_command_root && command->subcommands && command->subcommands[i]; i++) {
        tt_help_man_examples(to, command->subcommands[i]);
    }
}

void
tt_help_man_commands(FILE *to, const struct tt_command *command)
{
    for (size_t i = 0; command->subcommands && command->subcommands[i]; i++) {
        fprintf(to, "*%s*\n\t", command->subcommands[i]->name);
        put_scdoc(to, command->subcommands[i]->summary);
        fputs(".\n\n", to);
    }
}
