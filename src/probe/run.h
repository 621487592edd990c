/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs: each is one process, which opens a box, serves the client in it and writes what it showed to a folder of its own.
 *
 *     DIR/runs/0007/condition.json   what the run is; written first
 *     DIR/runs/0007/run.json ...     its capture (capture.h); run.json is written last, so a run that has one is complete
 *
 * A complete run is not made again: that is how an interrupted probe goes on.  Nothing of a run outlives its process, and no run outlives the
 * process that called tt_run_batch.
 */
#ifndef TT_PROBE_RUN_H
#define TT_PROBE_RUN_H

#include "probe/scene.h"

/* How the failure of a run begins whose box could not be made. */
#define TT_RUN_NO_BOX "no sealed box, so nothing was run: "

/* Failures of tt_run_load: nothing is there, and a run that was begun. */
#define TT_RUN_NOT_MADE "it was not made"
#define TT_RUN_CUT_OFF "its process ended without a capture"

/* How the client ended in a run that is known to have worked. */
struct tt_run_end {
    bool known, timed_out;
    int exit_code, signal;
};

struct tt_runner {
    const struct tt_alloc *alloc;
    const struct tt_scene_play *play;
    int folder;    /* DIR/runs */
    unsigned jobs; /* at most so many at once */
    int signals;   /* a signalfd whose signals stop the batch, or -1 */
    /* A run of the batch is done; the last two count those that were complete before as well. */
    void (*progress)(void *ctx, const struct tt_run *run, size_t done, size_t total);
    void *ctx;
    bool interrupted; /* a signal came */
    /*
     * A run that gives no capture, or ends otherwise than this one, may be lost for the machine's sake: it is made once more, and that one counts.
     * Only so many, for others end so each time.
     */
    struct tt_run_end usual;
    unsigned repeated;
    unsigned made;    /* runs that were made, not found */
    uint64_t made_ms; /* their time, one after the other */
};

/*
 * Makes the runs that are not complete yet, and waits for them.  A run that fails is no failure of the batch: its capture says why.
 * TT_E_IO with errno; when a signal came, interrupted is set and nothing is running any more.
 */
enum tt_status tt_run_batch(struct tt_runner *runner, const struct tt_run *runs, size_t count) TT_MUST_USE;

/* Reads a run's capture; one whose process died is a failed run, not an error. */
enum tt_status tt_run_load(const struct tt_runner *runner, const struct tt_run *run, struct tt_capture *capture,
                           struct tt_error *err) TT_MUST_USE;

/* What the folder of that number is a run of, whoever planned it.  TT_E_IO: there is none; TT_E_INPUT: a condition that the design does not know. */
enum tt_status tt_run_recall(const struct tt_runner *runner, uint32_t number, struct tt_run *out) TT_MUST_USE;

/* The run's capture counts no longer: it will be made again. */
void tt_run_forget(const struct tt_runner *runner, const struct tt_run *run);

/* Makes one run in this process, into the open folder. */
enum tt_status tt_run_make(const struct tt_runner *runner, const struct tt_run *run, int folder) TT_MUST_USE;

#endif
