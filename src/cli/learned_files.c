/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions of learned sites, from files; see learned_files.h.
 *
 * In: paths.  Out: a set of sites.  All of it is read before the process is sealed; a file that cannot be used ends the command, for a site that
 * is not looked for would look like one that is not there.
 */
#include "cli/learned_files.h"

#include "base/limits.h"
#include "cli/dateline_files.h"

#include <errno.h>

static enum tt_exit
take_file(const struct tt_call *call, const char *path, struct tt_learned *learned)
{
    struct tt_buf bytes, message;
    enum tt_exit code = TT_EXIT_OK;
    /* One byte more than is allowed tells a larger file from the largest. */
    tt_buf_init(&bytes, call->cli->alloc, TT_LEARNED_FILE_MAX + TT_SCAN_CHUNK);
    tt_buf_init(&message, call->cli->alloc, TT_COMPLAINT_MAX);
    errno = 0;
    if (!tt_file_read(path, &bytes)) {
        code = tt_cli_complain(call->cli, TT_EXIT_USAGE, "--learned: cannot read %s: %s", path, strerror(errno));
    } else if (tt_learned_take(learned, tt_str_cstr(path), tt_buf_str(&bytes), &message) != TT_OK) {
        code = tt_cli_complain(call->cli, TT_EXIT_USAGE, "%.*s", (int) message.len, message.ptr ? message.ptr : "");
    }
    tt_buf_free(&bytes);
    tt_buf_free(&message);
    return code;
}

enum tt_exit
tt_learned_open(const struct tt_call *call, const struct tt_option_list *files, struct tt_learned *learned)
{
    enum tt_exit code = TT_EXIT_OK;
    tt_learned_init(learned, call->cli->alloc);
    for (size_t i = 0; i < files->count && code == TT_EXIT_OK; i++) {
        code = take_file(call, files->items[i], learned);
    }
    return code;
}
