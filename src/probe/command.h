/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command as a person writes it becomes one that works in the box: absolute, with what it needs of the machine shown there, and with its
 * files identified.
 */
#ifndef TT_PROBE_COMMAND_H
#define TT_PROBE_COMMAND_H

#include "probe/job.h"

/*
 * Fills name (of a script, not of its interpreter), argv, shown, path, client and client_version of job from args, which are looked up in the PATH of the environment (search) and
 * in the folder at hand.  shown has the binds already that a person asked for.  TT_E_USAGE: message says what cannot be found.
 */
enum tt_status tt_command_resolve(struct tt_arena *arena, const struct tt_str *args, size_t count, const char *search,
                                  const char *home, struct tt_job *job, struct tt_buf *message) TT_MUST_USE;

/* Does text hold what looks like a key that somebody uses?  Then a probe is refused: keys have no place in it. */
bool tt_command_holds_key(struct tt_str text);

#endif
