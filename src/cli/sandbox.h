/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tool seals itself: what it reads is untrusted, and it needs very little to read it.
 *
 * Two stages, each only tighter than the last.  begin: no new privileges, for good.  restrict, once paths and output are known:
 * Landlock allows reading beneath the given paths and nothing else - no other file, no execution, no TCP, no signals or abstract
 * sockets to other processes, as far as the running kernel knows these rights.  Where the kernel cannot, the tool works unsealed:
 * sealing protects the person, refusing to run would not.
 */
#ifndef TT_CLI_SANDBOX_H
#define TT_CLI_SANDBOX_H

#include "base/str.h"

enum tt_sandbox_state {
    TT_SANDBOX_NONE,   /* nothing could be done */
    TT_SANDBOX_BEGUN,  /* no new privileges */
    TT_SANDBOX_SEALED, /* Landlock is in force */
};

struct tt_sandbox_paths {
    const char *const *read; /* files and directories; "-" and what cannot be opened is passed over */
    size_t read_count;
    int replace_in;          /* O_PATH directory in which the output is renamed; -1: none */
    struct tt_str read_also; /* more files, each name with a NUL behind it */
};

enum tt_sandbox_state tt_sandbox_begin(void);

/* Must be called before threads start: it binds the calling thread and those it starts later. */
enum tt_sandbox_state tt_sandbox_restrict(const struct tt_sandbox_paths *paths);

/* Landlock ABI of the running kernel; 0 when it has none or this build leaves the sandbox out. */
int tt_sandbox_abi(void);

#endif
