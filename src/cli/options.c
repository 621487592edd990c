/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option parser.
 *
 * In: a table of options, the arguments, and structs that hold defaults.  Out: filled members, and the operands moved to the front
 * of the argument array.  Strings are borrowed from the arguments.  On an error the message says what is wrong and, for a name
 * that was probably mistyped, what was meant.  Conventions: POSIX.1-2017, Base Definitions, section 12.2, with long options.
 */
#include "cli/options.h"

#include "base/limits.h"
#include "base/near.h"
#include "finding/writer.h"

/* In the order of tt_writers[] and enum tt_level; a unit test holds them together. */
static const char *const format_names[] = {"text", "json", "sarif", NULL};
static const char *const level_names[] = {"info", "candidate", "suspicious", "confirmed", NULL};
static const char *const progress_names[] = {"auto", "never", NULL};

const struct tt_common tt_common_defaults = {
    .fail_on = TT_SUSPICIOUS,
    .show = -1,
    .cpumask = UINT32_MAX,
};

#define COMMON struct tt_common

static const struct {
    unsigned bit; /* 0: every command */
    struct tt_option option;
} common_options[] = {
    {TT_USES_FORMAT,
     TT_OPT_CHOICE(COMMON, format, 0, "format", "FORMAT", "How findings are written: text, json or sarif", format_names)},
    {TT_USES_OUTPUT, TT_OPT_STRING(COMMON, output, 'o', "output", "FILE", "Write to FILE, which appears complete or not at all")},
    {TT_USES_SHOW, TT_OPT_CHOICE(COMMON, show, 0, "show", "LEVEL",
                                 "Lowest level that is listed: info, candidate, suspicious or confirmed", level_names)},
    {TT_USES_FAIL_ON, TT_OPT_CHOICE(COMMON, fail_on, 0, "fail-on", "LEVEL",
                                    "Lowest level that makes the exit code 1 (default: suspicious)", level_names)},
    {TT_USES_JOBS, TT_OPT_NUMBER(COMMON, jobs, 'j', "jobs", "N", "Threads (default: one a processor)", 1, TT_JOBS_MAX)},
    {TT_USES_PROGRESS,
     TT_OPT_CHOICE(COMMON, progress, 0, "progress", "WHEN", "Progress on a terminal: auto or never", progress_names)},
    {TT_USES_QUIET, TT_OPT_FLAG(COMMON, quiet, 'q', "quiet", "No closing lines and no progress")},
    {TT_USES_COLOR, TT_OPT_FLAG(COMMON, no_color, 0, "no-color", "No colours, as with NO_COLOR in the environment")},
    {TT_USES_CPUMASK,
     TT_OPT_NUMBER(COMMON, cpumask, 0, "cpumask", "MASK", "Processor features that may be used; 0 is plain C", 0, UINT32_MAX)},
    {0, TT_OPT_FLAG(COMMON, help, 'h', "help", "Show this help")},
};

const struct tt_option *
tt_options_next_common(unsigned uses, size_t *at)
{
    while (*at < sizeof(common_options) / sizeof(*common_options)) {
        size_t i = (*at)++;
        if (common_options[i].bit == 0 || (uses & common_options[i].bit)) {
            return &common_options[i].option;
        }
    }
    return NULL;
}

/* One parse. */
struct parse {
    const struct tt_option_set *set;
    struct tt_buf *message;
    char **args;
    size_t count, next; /* next: argument to be read */
    size_t operands;
};

/* Walks over all options of a set: the command's own, then the shared ones. */
struct walk {
    const struct tt_option_set *set;
    size_t own, common;
    void *target; /* struct that the option's offset counts in */
};

static const struct tt_option *
next_option(struct walk *walk)
{
    const struct tt_option *own = walk->set->own;
    if (own && own[walk->own].name) {
        walk->target = walk->set->settings;
        return &own[walk->own++];
    }
    walk->target = walk->set->common;
    return tt_options_next_common(walk->set->uses, &walk->common);
}

/* Fails with a message made of pieces; the last one is NULL. */
static enum tt_status
fail(struct parse *p, const char *const *pieces)
{
    for (; *pieces; pieces++) {
        tt_buf_add_cstr(p->message, *pieces);
    }
    return TT_E_USAGE;
}

#define FAIL(p, ...) fail((p), (const char *const[]) {__VA_ARGS__, NULL})

static void
add_choices(struct tt_buf *message, const char *const *choices)
{
    for (size_t i = 0; choices[i]; i++) {
        tt_buf_add_cstr(message, i == 0 ? "" : choices[i + 1] ? ", " : " or ");
        tt_buf_add_cstr(message, choices[i]);
    }
}

static enum tt_status
set_choice(struct parse *p, const struct tt_option *option, const char *value, int *to)
{
    for (int i = 0; option->choices[i]; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            *to = i;
            return TT_OK;
        }
    }
    FAIL(p, "--", option->name, " cannot be '", value, "': it is ");
    add_choices(p->message, option->choices);
    return TT_E_USAGE;
}

/* Decimal or 0x; false for anything else and for what does not fit. */
static bool
read_number(const char *s, uint64_t *out)
{
    uint64_t base = 10;
    uint64_t value = 0;
    if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        base = 16;
        s += 2;
    }
    if (!*s) {
        return false;
    }
    for (; *s; s++) {
        int digit = tt_ascii_hex((unsigned char) *s);
        if (digit < 0 || (uint64_t) digit >= base || value > (UINT64_MAX - (uint64_t) digit) / base) {
            return false;
        }
        value = value * base + (uint64_t) digit;
    }
    *out = value;
    return true;
}

static enum tt_status
set_number(struct parse *p, const struct tt_option *option, const char *value, uint64_t *to)
{
    uint64_t number = 0;
    if (read_number(value, &number) && number >= option->min && number <= option->max) {
        *to = number;
        return TT_OK;
    }
    FAIL(p, "--", option->name, " cannot be '", value, "': it is a number from ");
    tt_buf_add_u64(p->message, option->min);
    tt_buf_add_cstr(p->message, " to ");
    tt_buf_add_u64(p->message, option->max);
    return TT_E_USAGE;
}

static enum tt_status
add_item(struct parse *p, const struct tt_option *option, const char *value, struct tt_option_list *to)
{
    if (to->count == TT_OPTION_LIST_MAX) {
        FAIL(p, "--", option->name, " is given more than ");
        tt_buf_add_u64(p->message, TT_OPTION_LIST_MAX);
        return FAIL(p, " times");
    }
    to->items[to->count++] = value;
    return TT_OK;
}

static enum tt_status
set_value(struct parse *p, const struct tt_option *option, void *target, const char *value)
{
    void *member = (char *) target + option->offset;
    switch (option->kind) {
    case TT_OPTION_FLAG: *(bool *) member = true; return TT_OK;
    case TT_OPTION_STRING: *(const char **) member = value; return TT_OK;
    case TT_OPTION_NUMBER: return set_number(p, option, value, member);
    case TT_OPTION_CHOICE: return set_choice(p, option, value, member);
    case TT_OPTION_LIST: return add_item(p, option, value, member);
    }
    return TT_E_INTERNAL;
}

/* The argument that follows, as value of option. */
static enum tt_status
take_value(struct parse *p, const struct tt_option *option, const char **value)
{
    if (p->next >= p->count) {
        return FAIL(p, "--", option->name, " needs a value: ", option->arg);
    }
    *value = p->args[p->next++];
    return TT_OK;
}

/* Every option's name, for suggestions. */
static const char *
nearest_option(const struct tt_option_set *set, const char *word)
{
    const char *names[64];
    size_t n = 0;
    struct walk walk = {.set = set};
    const struct tt_option *option;
    while (n < sizeof(names) / sizeof(*names) - 1 && (option = next_option(&walk))) {
        names[n++] = option->name;
    }
    names[n] = NULL;
    return tt_options_nearest(word, names);
}

static enum tt_status
unknown_option(struct parse *p, struct tt_str name)
{
    char word[TT_NEAR_WORD_MAX + 1];
    tt_buf_add_cstr(p->message, "there is no option '--");
    tt_buf_add(p->message, name);
    tt_buf_add_char(p->message, '\'');
    if (name.len <= TT_NEAR_WORD_MAX) {
        memcpy(word, name.ptr, name.len);
        word[name.len] = '\0';
        const char *near = nearest_option(p->set, word);
        if (near) {
            return FAIL(p, "; did you mean '--", near, "'?");
        }
    }
    return TT_E_USAGE;
}

/* The option whose name is name, or the only one whose name starts so. */
static enum tt_status
find_long(struct parse *p, struct tt_str name, const struct tt_option **found, void **target)
{
    struct walk walk = {.set = p->set};
    const struct tt_option *option, *other = NULL;
    *found = NULL;
    while ((option = next_option(&walk))) {
        struct tt_str full = tt_str_cstr(option->name);
        if (!tt_str_starts(full, name)) {
            continue;
        }
        if (*found && full.len != name.len) {
            other = option;
            continue;
        }
        *found = option;
        *target = walk.target;
        if (full.len == name.len) {
            return TT_OK;
        }
    }
    if (!*found || name.len == 0) {
        return unknown_option(p, name);
    }
    if (other) {
        tt_buf_add_cstr(p->message, "'--");
        tt_buf_add(p->message, name);
        return FAIL(p, "' could be --", (*found)->name, " or --", other->name);
    }
    return TT_OK;
}

static enum tt_status
parse_long(struct parse *p, const char *arg)
{
    const char *equals = strchr(arg, '=');
    struct tt_str name = tt_str_make(arg, equals ? (size_t) (equals - arg) : strlen(arg));
    const struct tt_option *option = NULL;
    void *target = NULL;
    const char *value = equals ? equals + 1 : NULL;
    TT_TRY(find_long(p, name, &option, &target));
    if (option->kind == TT_OPTION_FLAG && value) {
        return FAIL(p, "--", option->name, " takes no value");
    }
    if (option->kind != TT_OPTION_FLAG && !value) {
        TT_TRY(take_value(p, option, &value));
    }
    return set_value(p, option, target, value);
}

static const struct tt_option *
find_short(const struct tt_option_set *set, char name, void **target)
{
    struct walk walk = {.set = set};
    const struct tt_option *option;
    while ((option = next_option(&walk))) {
        if (option->short_name == name) {
            *target = walk.target;
            return option;
        }
    }
    return NULL;
}

/* "-qj4": flags, and at the end perhaps one option with its value. */
static enum tt_status
parse_short(struct parse *p, const char *arg)
{
    for (; *arg; arg++) {
        void *target = NULL;
        const struct tt_option *option = find_short(p->set, *arg, &target);
        if (!option) {
            char name[2] = {*arg, '\0'};
            return FAIL(p, "there is no option '-", name, "'");
        }
        if (option->kind == TT_OPTION_FLAG) {
            TT_TRY(set_value(p, option, target, NULL));
            continue;
        }
        const char *value = arg + 1;
        if (!*value) {
            TT_TRY(take_value(p, option, &value));
        }
        return set_value(p, option, target, value);
    }
    return TT_OK;
}

enum tt_status
tt_options_parse(const struct tt_option_set *set, char **args, size_t count, size_t *operands, struct tt_buf *message)
{
    struct parse p = {.set = set, .message = message, .args = args, .count = count};
    bool options_end = false;
    while (p.next < count) {
        char *arg = args[p.next++];
        if (options_end || arg[0] != '-' || arg[1] == '\0') {
            args[p.operands++] = arg;
        } else if (strcmp(arg, "--") == 0) {
            options_end = true;
        } else if (arg[1] == '-') {
            TT_TRY(parse_long(&p, arg + 2));
        } else {
            TT_TRY(parse_short(&p, arg + 1));
        }
    }
    *operands = p.operands;
    return TT_OK;
}

const char *
tt_options_nearest(const char *word, const char *const *names)
{
    const char *best = NULL;
    struct tt_near near;
    tt_near_begin(&near, tt_str_cstr(word));
    for (; *names; names++) {
        tt_near_offer(&near, tt_str_cstr(*names));
        best = near.best.ptr == *names ? *names : best;
    }
    return best;
}
