/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Being patient; see patience.h.
 *
 * Input: the words of the thread.  Output: its scheduling policy.  Owns the second thread.  That one may come too late and find another beginning: then this
 * one ends early, which costs nobody more than the policy is worth.
 */
#include "ledger/patience.h"

#include "ledger/stamp.h"

#include <sched.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void
set_policy(pid_t thread, int policy)
{
    const struct sched_param none = {0};
    sched_setscheduler(thread, policy, &none);
}

/* Until the semaphore says that it is over. */
static void *
watch(void *ctx)
{
    struct tt_patience *patience = ctx;
    struct timespec at;
    do {
        int64_t since = atomic_load(&patience->since);
        if (since != 0 && tt_stamp_steady_ms() - since >= TT_PATIENT_MS) {
            set_policy(patience->thread, SCHED_OTHER);
            atomic_compare_exchange_strong(&patience->since, &since, 0);
        }
        clock_gettime(CLOCK_MONOTONIC, &at);
        at.tv_nsec += TT_PATIENT_MS / 2 * 1000000;
        at.tv_sec += at.tv_nsec / 1000000000;
        at.tv_nsec %= 1000000000;
    } while (sem_clockwait(&patience->ended, CLOCK_MONOTONIC, &at) != 0);
    return NULL;
}

void
tt_patience_init(struct tt_patience *patience)
{
    sigset_t all, before;
    memset(patience, 0, sizeof(*patience));
    if (sched_getscheduler(0) != SCHED_OTHER || sem_init(&patience->ended, 0, 0) != 0) {
        return;
    }
    patience->thread = gettid();
    /* Signals belong to the loop. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&patience->watch, NULL, watch, patience) != 0) {
        patience->thread = 0;
        sem_destroy(&patience->ended);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void
tt_patience_free(struct tt_patience *patience)
{
    if (patience->thread > 0) {
        sem_post(&patience->ended);
        pthread_join(patience->watch, NULL);
        sem_destroy(&patience->ended);
        patience->thread = 0;
    }
}

void
tt_patience_begin(struct tt_patience *patience)
{
    if (patience->thread > 0) {
        atomic_store(&patience->since, tt_stamp_steady_ms());
        set_policy(0, SCHED_IDLE);
    }
}

void
tt_patience_end(struct tt_patience *patience)
{
    if (patience->thread > 0) {
        atomic_store(&patience->since, 0);
        set_policy(0, SCHED_OTHER);
    }
}

void
tt_patience_give_way(struct tt_patience *patience)
{
    if (patience->thread > 0 && atomic_load(&patience->since) != 0) {
        sched_yield();
    }
}
