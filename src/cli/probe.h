/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `telltale probe` and its subcommands share.
 */
#ifndef TT_CLI_PROBE_H
#define TT_CLI_PROBE_H

#include "cli/cli.h"
#include "cli/report.h"
#include "probe/findings.h"
#include "probe/probe.h"

struct tt_probe_cli_settings {
    struct tt_option_list vars, files, answers, binds, factors, hosts, crosses;
    const char *profile, *folder, *factor_file, *html, *learn;
    uint64_t seed, timeout, linger, memory;
    bool quick, deep, transparent, tool_turn, plan;
};

/* A probe that is open, with the signals that stop it and the line on the terminal. */
struct tt_probe_session {
    const struct tt_call *call;
    struct tt_probe probe;
    struct tt_progress progress;
    sigset_t held; /* the mask before */
};

/* Opens the folder; tells what is wrong.  The session is to be closed in any case. */
enum tt_exit tt_probe_session_open(struct tt_probe_session *session, const struct tt_call *call, const char *folder,
                                   const struct tt_job *job);
void tt_probe_session_close(struct tt_probe_session *session);

/* Makes the runs that are missing; or only reads those that are there. */
enum tt_exit tt_probe_session_go(struct tt_probe_session *session, bool make);

void tt_probe_session_view(const struct tt_probe_session *session, const char *folder, struct tt_probe_view *view);

/* A file as a whole; complains and returns TT_EXIT_USAGE.  The buffer is to be freed in any case. */
enum tt_exit tt_probe_read_file(const struct tt_call *call, const char *path, struct tt_buf *out);

/* The job of a command line. */
enum tt_exit tt_probe_make_job(const struct tt_call *call, struct tt_arena *arena, struct tt_job *job);

/* Findings and facts of a probe that has concluded, through the writer of --format. */
enum tt_exit tt_probe_write_report(struct tt_probe_session *session, const char *folder);

/* The page of --html; the description of --learn. */
enum tt_exit tt_probe_write_page(struct tt_probe_session *session, const char *folder, const char *path);
enum tt_exit tt_probe_write_learned(struct tt_probe_session *session, const char *path);

extern const struct tt_command tt_command_probe_doctor, tt_command_probe_report, tt_command_probe_replay,
    tt_command_probe_compare;

#endif
