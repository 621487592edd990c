/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records can wait, requests cannot: while a thread is patient, whoever else wants its processor goes first, at once.
 *
 * Linux calls that SCHED_IDLE (sched(7)), and on a machine that is busy for long such a thread does next to nothing.  So it has an end: a second thread
 * sees to it that the first is as all others again after TT_PATIENT_MS.
 */
#ifndef TT_LEDGER_PATIENCE_H
#define TT_LEDGER_PATIENCE_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The rings of workers hold what they write in a few hundred milliseconds at their fastest. */
#define TT_PATIENT_MS 50

struct tt_patience {
    pid_t thread;          /* that is patient; 0: nobody can be */
    _Atomic int64_t since; /* milliseconds of the steady clock; 0: not now */
    sem_t ended;
    pthread_t watch;
};

/* For the calling thread.  Where there can be no second thread, or the thread has a priority that somebody gave it, it never is patient. */
void tt_patience_init(struct tt_patience *patience);
void tt_patience_free(struct tt_patience *patience);

/* From the thread that called init. */
void tt_patience_begin(struct tt_patience *patience);
void tt_patience_end(struct tt_patience *patience);

/*
 * To be called often in between.  Where preemption is lazy, a thread that computes without a system call keeps its processor up to the next tick of the
 * clock, whoever waits for it.
 */
void tt_patience_give_way(struct tt_patience *patience);

#endif
