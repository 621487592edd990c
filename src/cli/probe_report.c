/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale probe report`: what a folder of captures says, again; nothing is run.
 */
#include "cli/probe.h"

struct settings {
    const char *html, *learn;
};

static enum tt_exit
run_report(const struct tt_call *call)
{
    const struct settings *settings = call->settings;
    struct tt_probe_session session;
    enum tt_exit code = tt_probe_session_open(&session, call, call->args[0], NULL);
    if (code == TT_EXIT_OK) {
        code = tt_probe_session_go(&session, false);
    }
    if (code == TT_EXIT_OK && settings->html) {
        code = tt_probe_write_page(&session, call->args[0], settings->html);
    }
    if (code == TT_EXIT_OK && settings->learn) {
        code = tt_probe_write_learned(&session, settings->learn);
    }
    if (code == TT_EXIT_OK) {
        code = tt_probe_write_report(&session, call->args[0]);
    }
    tt_probe_session_close(&session);
    return code;
}

static const struct tt_option options[] = {
    TT_OPT_STRING(struct settings, html, 0, "html", "FILE", "Also write a page that shows the request and what depends on what"),
    TT_OPT_STRING(struct settings, learn, 0, "learn", "FILE", "Also describe the marks that were found, for other tools"),
    TT_OPT_END,
};

const struct tt_command tt_command_probe_report = {
    .name = "report",
    .summary = "Say again what the captures of a probe show",
    .usage = "[OPTION]... DIR",
    .description = "Reads the folder of a probe and writes its report. Nothing is run.",
    .options = options,
    .settings_size = sizeof(struct settings),
    .uses = TT_USES_FORMAT | TT_USES_OUTPUT | TT_USES_SHOW | TT_USES_FAIL_ON | TT_USES_QUIET | TT_USES_COLOR,
    .min_args = 1,
    .max_args = 1,
    .missing = "name the folder of a probe",
    .run = run_report,
};
