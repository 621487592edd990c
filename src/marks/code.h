/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text that programs read: names in source code, commands, paths and addresses.  A hidden character there changes what is
 * meant, while in prose it may be typography.
 */
#ifndef TT_MARKS_CODE_H
#define TT_MARKS_CODE_H

#include "base/str.h"

enum tt_code {
    TT_CODE_NONE,    /* prose, or not known */
    TT_CODE_ADDRESS, /* inside a URL, a mail address or a path */
    TT_CODE_OPTION,  /* inside an option of a command */
    TT_CODE_NAME,    /* inside a name that only programs have, as file_name or a::b */
    TT_CODE_COMMAND, /* in a line that is a shell command */
    TT_CODE_SOURCE,  /* in a line of source code, outside of quotes and comments */
};

/* What from..to of the text stands in, judged by its word and line.  In doubt TT_CODE_NONE. */
enum tt_code tt_code_at(struct tt_str text, size_t from, size_t to);

/* Does the line look like source code, its comments and strings included? */
bool tt_code_is_line(struct tt_str line);

/* "inside a URL or path" and so on; static. */
const char *tt_code_where(enum tt_code code);

#endif
