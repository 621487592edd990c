/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command-line options from declarative tables: the same table parses, and writes --help, completions and man pages.
 *
 * Accepted: --name=VALUE, --name VALUE, unambiguous beginnings of a name, -x VALUE, -xVALUE, clusters of short flags (-qh), and
 * "--" before operands that start with '-'.  "-" alone is an operand.  Options and operands may be mixed.
 */
#ifndef TT_CLI_OPTIONS_H
#define TT_CLI_OPTIONS_H

#include "base/buf.h"

/* The type of the member that an option fills. */
enum tt_option_kind {
    TT_OPTION_FLAG,   /* bool: set to true; takes no value */
    TT_OPTION_STRING, /* const char *: borrowed from the command line */
    TT_OPTION_NUMBER, /* uint64_t: decimal or 0x..., within min and max */
    TT_OPTION_CHOICE, /* int: index in choices */
    TT_OPTION_LIST,   /* struct tt_option_list: every use adds one value, borrowed */
};

/* The values of an option that may be given more than once, in their order. */
#define TT_OPTION_LIST_MAX 16
struct tt_option_list {
    const char *items[TT_OPTION_LIST_MAX];
    size_t count;
};

struct tt_option {
    char short_name;  /* 0: none */
    const char *name; /* without the dashes; NULL ends a table */
    const char *arg;  /* "FILE": the value's name; NULL for a flag */
    const char *help; /* one line, no full stop */
    enum tt_option_kind kind;
    size_t offset;              /* of the member in the settings */
    const char *const *choices; /* ends in NULL */
    uint64_t min, max;          /* of a number, both allowed */
};

/* Rows of a table: TT_OPT_FLAG(struct tt_x, member, 'q', "quiet", "No closing lines").  The short name may be 0. */
#define TT_OPT_FLAG(type, member, letter, word, text)                                                                    \
    {                                                                                                                    \
        .short_name = (letter), .name = (word), .help = (text), .kind = TT_OPTION_FLAG, .offset = offsetof(type, member) \
    }
#define TT_OPT_STRING(type, member, letter, word, value, text)                                            \
    {                                                                                                     \
        .short_name = (letter), .name = (word), .arg = (value), .help = (text), .kind = TT_OPTION_STRING, \
        .offset = offsetof(type, member)                                                                  \
    }
#define TT_OPT_LIST(type, member, letter, word, value, text)                                            \
    {                                                                                                   \
        .short_name = (letter), .name = (word), .arg = (value), .help = (text), .kind = TT_OPTION_LIST, \
        .offset = offsetof(type, member)                                                                \
    }
#define TT_OPT_NUMBER(type, member, letter, word, value, text, least, most)                               \
    {                                                                                                     \
        .short_name = (letter), .name = (word), .arg = (value), .help = (text), .kind = TT_OPTION_NUMBER, \
        .offset = offsetof(type, member), .min = (least), .max = (most)                                   \
    }
#define TT_OPT_CHOICE(type, member, letter, word, value, text, list)                                      \
    {                                                                                                     \
        .short_name = (letter), .name = (word), .arg = (value), .help = (text), .kind = TT_OPTION_CHOICE, \
        .offset = offsetof(type, member), .choices = (list)                                               \
    }
#define TT_OPT_END   \
    {                \
        .name = NULL \
    }

/* Options that several commands share; a command names the bits it understands.  --help belongs to every command. */
enum tt_uses {
    TT_USES_FORMAT = 1 << 0,   /* --format */
    TT_USES_OUTPUT = 1 << 1,   /* --output */
    TT_USES_QUIET = 1 << 2,    /* --quiet */
    TT_USES_COLOR = 1 << 3,    /* --no-color */
    TT_USES_JOBS = 1 << 4,     /* --jobs */
    TT_USES_PROGRESS = 1 << 5, /* --progress */
    TT_USES_FAIL_ON = 1 << 6,  /* --fail-on */
    TT_USES_SHOW = 1 << 7,     /* --show */
    TT_USES_CPUMASK = 1 << 8,  /* --cpumask */
};

enum tt_progress_when { TT_PROGRESS_AUTO, TT_PROGRESS_NEVER };

/* What the shared options say. */
struct tt_common {
    bool help;
    int format;         /* index in tt_writers[] */
    const char *output; /* NULL: standard output */
    bool quiet;
    bool no_color;
    uint64_t jobs;    /* 0: as many as processors */
    int progress;     /* enum tt_progress_when */
    int fail_on;      /* enum tt_level */
    int show;         /* enum tt_level, or -1: the format's own default */
    uint64_t cpumask; /* enum tt_cpu bits that may be used */
};

/* The values that hold when no option is given. */
extern const struct tt_common tt_common_defaults;

/* The shared options that uses names, --help included, one at a time: NULL after the last.  *at starts at 0. */
const struct tt_option *tt_options_next_common(unsigned uses, size_t *at);

/* What one command accepts, and where values go. */
struct tt_option_set {
    const struct tt_option *own; /* ends with name NULL; NULL: none */
    void *settings;              /* of the command: what own[].offset counts in */
    unsigned uses;               /* enum tt_uses */
    struct tt_common *common;
};

/*
 * Parses args[0..count) (without the program's and the command's name).  Operands are moved to the front of args, in order, and
 * counted in *operands.  TT_E_USAGE: message says what is wrong, in words that may contain the user's own bytes.
 */
enum tt_status tt_options_parse(const struct tt_option_set *set, char **args, size_t count, size_t *operands,
                                struct tt_buf *message) TT_MUST_USE;

/* The name nearest to word, within a few typing errors; NULL when none is near.  names ends in NULL. */
const char *tt_options_nearest(const char *word, const char *const *names);

#endif
