/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that a probe writes beside its report: the page of --html.
 */
#include "cli/probe.h"
#include "probe/page.h"

/* Puts bytes in a file as a whole, or says why not. */
static enum tt_exit
write_whole(const struct tt_call *call, const char *path, const struct tt_buf *bytes)
{
    struct tt_output output;
    if (!tt_output_open(&output, call->cli, path)) {
        return TT_EXIT_INTERNAL;
    }
    if (!tt_output_write(&output, tt_buf_str(bytes))) {
        tt_output_abandon(&output);
        return TT_EXIT_INTERNAL;
    }
    return tt_output_finish(&output) ? TT_EXIT_OK : TT_EXIT_INTERNAL;
}

static enum tt_exit
finish(const struct tt_call *call, const char *path, struct tt_buf *bytes, enum tt_status status)
{
    enum tt_exit code = status == TT_OK
                            ? write_whole(call, path, bytes)
                            : tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "probe: %s: %s", path, tt_status_name(status));
    tt_buf_free(bytes);
    return code;
}

enum tt_exit
tt_probe_write_page(struct tt_probe_session *session, const char *folder, const char *path)
{
    struct tt_probe_view view;
    struct tt_buf page;
    tt_probe_session_view(session, folder, &view);
    tt_buf_init(&page, session->call->cli->alloc, TT_OUTPUT_BUF_MAX);
    return finish(session->call, path, &page, tt_probe_page(&view, session->call->cli->alloc, &page));
}

enum tt_exit
tt_probe_write_learned(struct tt_probe_session *session, const char *path)
{
    struct tt_probe_view view;
    struct tt_buf learned;
    size_t left_out;
    tt_probe_session_view(session, "", &view);
    tt_buf_init(&learned, session->call->cli->alloc, TT_OUTPUT_BUF_MAX);
    tt_probe_learned(&view, &learned, &left_out);
    if (left_out > 0) {
        tt_cli_complain(
            session->call->cli, TT_EXIT_OK,
            "probe: %s: marks that are not described, because they stand in no text or too little stands around them: %zu", path,
            left_out);
    }
    return finish(session->call, path, &learned, learned.status);
}
