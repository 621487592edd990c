/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale probe replay`: one run of a probe again, and whether it shows the same bytes.
 *
 * In: the folder of a probe and a run's number.  Out: each request of the new run beside the old one: the same, or the first line that differs.
 */
#include "base/limits.h"
#include "cli/probe.h"
#include "probe/condition.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINE_MAX 300 /* bytes of a line that are shown */

/* The line around an offset. */
static struct tt_str
line_at(struct tt_str bytes, size_t at)
{
    size_t from = at < bytes.len ? at : bytes.len, to = from;
    while (from > 0 && bytes.ptr[from - 1] != '\n' && at - from < LINE_MAX / 2) {
        from--;
    }
    while (to < bytes.len && bytes.ptr[to] != '\n' && to - from < LINE_MAX) {
        to++;
    }
    return tt_str_slice(bytes, from, to);
}

static void
add_difference(struct tt_buf *out, struct tt_str before, struct tt_str now)
{
    size_t at = 0;
    while (at < before.len && at < now.len && before.ptr[at] == now.ptr[at]) {
        at++;
    }
    if (at == before.len && at == now.len) {
        tt_buf_add_cstr(out, "the same bytes\n");
        return;
    }
    tt_buf_add_cstr(out, "differs from byte ");
    tt_buf_add_u64(out, at);
    tt_buf_add_cstr(out, " on\n    before: ");
    tt_writer_add_safe(out, line_at(before, at));
    tt_buf_add_cstr(out, "\n    now:    ");
    tt_writer_add_safe(out, line_at(now, at));
    tt_buf_add_char(out, '\n');
}

static void
add_request(struct tt_buf *out, const struct tt_capture *before, const struct tt_capture *now, size_t i)
{
    const struct tt_capture *any = i < before->exchange_count ? before : now;
    struct tt_str head = any->exchanges[i].head;
    const char *end = memchr(head.ptr, '\r', head.len);
    tt_writer_add_safe(out, tt_str_slice(head, 0, end ? (size_t) (end - head.ptr) : 0));
    tt_buf_add_cstr(out, "\n  ");
    if (i >= before->exchange_count || i >= now->exchange_count) {
        tt_buf_add_cstr(out, i >= now->exchange_count ? "was not made this time\n" : "was not made before\n");
        return;
    }
    tt_buf_add_cstr(out, "head: ");
    add_difference(out, before->exchanges[i].head, now->exchanges[i].head);
    tt_buf_add_cstr(out, "  body: ");
    add_difference(out, before->exchanges[i].content, now->exchanges[i].content);
}

static enum tt_exit
compare_captures(struct tt_probe_session *session, const struct tt_run *run, const struct tt_capture *before,
                 const struct tt_capture *now)
{
    struct tt_buf out;
    tt_buf_init(&out, session->call->cli->alloc, TT_OUTPUT_BUF_MAX);
    tt_buf_add_cstr(&out, "run ");
    tt_buf_add_u64(&out, run->number);
    tt_buf_add_cstr(&out, ", ");
    tt_condition_describe(&session->probe.job.design, &run->condition, &out);
    tt_buf_add_char(&out, '\n');
    if (now->failure.len > 0) {
        tt_buf_add_cstr(&out, "  failed: ");
        tt_writer_add_safe(&out, now->failure);
        tt_buf_add_char(&out, '\n');
    }
    size_t count = before->exchange_count > now->exchange_count ? before->exchange_count : now->exchange_count;
    for (size_t i = 0; i < count; i++) {
        add_request(&out, before, now, i);
    }
    return tt_cli_deliver(session->call, &out);
}

/* The run again, in DIR/replay/0007. */
static enum tt_exit
replay(struct tt_probe_session *session, const struct tt_run *run)
{
    struct tt_probe *probe = &session->probe;
    struct tt_runner old = probe->runner;
    struct tt_capture before, now;
    struct tt_error err;
    enum tt_exit code = TT_EXIT_INTERNAL;
    bool made = mkdirat(probe->folder, "replay", 0700) == 0 || errno == EEXIST;
    probe->runner.folder = openat(probe->folder, "replay", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    probe->runner.jobs = 1;
    probe->runner.progress = NULL;
    tt_run_forget(&probe->runner, run);
    if (!made || probe->runner.folder < 0 || tt_run_batch(&probe->runner, run, 1) != TT_OK) {
        tt_cli_complain(session->call->cli, code, "probe: the run cannot be made again: %s", strerror(errno));
    } else {
        enum tt_status status = tt_run_load(&old, run, &before, &err);
        enum tt_status again = tt_run_load(&probe->runner, run, &now, &err);
        code = status == TT_OK && again == TT_OK
                   ? compare_captures(session, run, &before, &now)
                   : tt_cli_complain(session->call->cli, code, "probe: the captures of run %u cannot be read",
                                     (unsigned) run->number);
        tt_capture_free(&before);
        tt_capture_free(&now);
    }
    if (probe->runner.folder >= 0) {
        close(probe->runner.folder);
    }
    probe->runner.folder = old.folder;
    return code;
}

static const struct tt_run *
find_run(const struct tt_probe *probe, const char *word)
{
    uint64_t number = 0;
    for (; tt_ascii_is_digit((unsigned char) *word) && number < TT_PROBE_RUNS_MAX; word++) {
        number = number * 10 + (uint64_t) (*word - '0');
    }
    return !*word && number > 0 && number <= probe->plan.count ? &probe->plan.runs[number - 1] : NULL;
}

static enum tt_exit
run_replay(const struct tt_call *call)
{
    struct tt_probe_session session;
    enum tt_exit code = tt_probe_session_open(&session, call, call->args[0], NULL);
    if (code == TT_EXIT_OK) {
        code = tt_probe_session_go(&session, false);
    }
    const struct tt_run *run = code == TT_EXIT_OK ? find_run(&session.probe, call->args[1]) : NULL;
    if (code == TT_EXIT_OK && !run) {
        code = tt_cli_complain(call->cli, TT_EXIT_USAGE, "probe: there is no run '%s' in %s", call->args[1], call->args[0]);
    }
    if (code == TT_EXIT_OK && tt_probe_prepare(&session.probe) != TT_OK) {
        code =
            tt_cli_complain(call->cli, TT_EXIT_USAGE, "probe: %.*s", (int) session.probe.message.len, session.probe.message.ptr);
    }
    if (code == TT_EXIT_OK) {
        code = replay(&session, run);
    }
    tt_probe_session_close(&session);
    return code;
}

const struct tt_command tt_command_probe_replay = {
    .name = "replay",
    .summary = "Make one run of a probe again and compare the bytes",
    .usage = "[OPTION]... DIR RUN",
    .description =
        "Makes run RUN of the probe in DIR again, under the same conditions, and shows whether its requests have the same bytes. "
        "The new capture is in DIR/replay.",
    .uses = TT_USES_OUTPUT,
    .min_args = 2,
    .max_args = 2,
    .missing = "name the folder of a probe and the number of a run",
    .run = run_replay,
};
