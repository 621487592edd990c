/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale gateway`: runs nginx with the telltale module under a policy, collects its records, and follows what happens.
 *
 * The room may use the whole library, gate and ledger.  What it needs of the program around it - a checked policy, a place for messages -
 * comes through struct tt_serve_front.
 */
#ifndef TT_SERVE_SERVE_H
#define TT_SERVE_SERVE_H

#include "serve/render.h"

struct tt_serve_front {
    void *ctx;
    const struct tt_alloc *alloc;
    const struct tt_catalog *catalog;
    const char *version;

    /* One message for a person, without a newline. */
    void (*say)(void *ctx, const char *text);

    /*
     * Reads and checks a policy.  policy->bytes is initialised here, and the caller's to free in any case.  On an error all of them were said, and
     * message holds the first.
     */
    enum tt_status (*read_policy)(void *ctx, const char *path, struct tt_serve_policy *policy, struct tt_buf *message);
};

/* Runs until it is stopped: TT_OK.  TT_E_USAGE: options or files are wrong, and nothing was started; others: nginx or the machine failed. */
enum tt_status tt_serve_run(const struct tt_serve_front *front, const struct tt_serve_settings *settings) TT_MUST_USE;

/* The same up to nginx's own check of the configuration, in a folder of its own. */
enum tt_status tt_serve_check(const struct tt_serve_front *front, const struct tt_serve_settings *settings) TT_MUST_USE;

/* Only the configuration, as text. */
enum tt_status tt_serve_print(const struct tt_serve_front *front, const struct tt_serve_settings *settings,
                              struct tt_buf *out) TT_MUST_USE;

/* ---- a gateway that runs ---- */

enum tt_serve_command { TT_SERVE_RELOAD, TT_SERVE_UPGRADE };

/*
 * Asks the gateway on a folder to do something and waits for its answer, which message then holds.  TT_E_USAGE: none runs there;
 * TT_E_INPUT: it could not do it and goes on as before; TT_E_IO: no answer.
 */
enum tt_status tt_serve_ask(const char *folder, enum tt_serve_command command, struct tt_buf *message) TT_MUST_USE;

/* Stops it and waits up to seconds; then running streams are cut.  message as above. */
enum tt_status tt_serve_stop(const char *folder, unsigned seconds, struct tt_buf *message) TT_MUST_USE;

/* What it says about itself: one JSON object.  TT_E_USAGE: none runs there. */
enum tt_status tt_serve_status(const char *folder, struct tt_buf *json, struct tt_buf *message) TT_MUST_USE;

#endif
