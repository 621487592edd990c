/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes, as /proc(5) shows them.
 */
#ifndef TT_SERVE_PROCESS_H
#define TT_SERVE_PROCESS_H

#include "base/buf.h"

#include <sys/types.h>

#define TT_SERVE_TITLE_MAX 8704 /* bytes of a command line that are looked at: that of a master names two long paths */

/* A process that is not mistaken for a later one of the same number. */
struct tt_serve_process {
    pid_t pid;      /* 0: none */
    uint64_t start; /* ticks since boot */
};

/* The process of that number now; pid 0 when there is none. */
struct tt_serve_process tt_serve_process_of(pid_t pid);

/* Does it still run?  One that has ended and is not yet waited for does not. */
bool tt_serve_process_lives(struct tt_serve_process process);

/* Sends a signal to it and to no other.  False when it is gone. */
bool tt_serve_process_signal(struct tt_serve_process process, int signal);

/*
 * Has it taken every such signal that it was sent, and done what its handler asks for?  Holds for programs that block the signal but while they wait
 * for it, as nginx's master does (sigsuspend(2)).  True where the system does not tell.
 */
bool tt_serve_process_has_taken(struct tt_serve_process process, int signal);

/* Its parent; 0 when not known. */
pid_t tt_serve_process_parent(pid_t pid);

/* Calls visit for each child of a process, or for each process, with the words that it shows as its command line. */
typedef void tt_serve_visit_fn(void *ctx, pid_t pid, struct tt_str title);
void tt_serve_process_children(pid_t pid, tt_serve_visit_fn *visit, void *ctx);
void tt_serve_process_all(tt_serve_visit_fn *visit, void *ctx);

/* Is the file that path names now the one that the process has mapped under that name? */
enum tt_serve_mapped { TT_SERVE_NOT_MAPPED, TT_SERVE_OTHER_MAPPED, TT_SERVE_MAPPED };
enum tt_serve_mapped tt_serve_process_maps(pid_t pid, const char *path);

/* Starts argv[0] with an empty signal mask, default signals, no input, and standard error to the descriptor (-1: our own). */
pid_t tt_serve_process_start(const char *const *argv, int errors);

#endif
