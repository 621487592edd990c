/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output of the subcommands of `telltale marks`; see marks.h.
 */
#include "cli/marks.h"

#include "base/limits.h"
#include "cli/dateline_files.h"
#include "cli/output.h"
#include "finding/writer.h"
#include "scan/scan.h"
#include "text/utf8.h"
#include "text/visible.h"

#include <errno.h>

const struct tt_option tt_marks_options[] = {
    TT_OPT_CHOICE(struct tt_marks_settings, format, 'f', "format", "FORMAT", "text or json", tt_cli_formats),
    TT_OPT_END,
};

void
tt_marks_add_pair(struct tt_buf *out, const char *name, struct tt_str value)
{
    tt_buf_add_cstr(out, name);
    tt_writer_add_safe(out, value);
    tt_buf_add_char(out, '\n');
}

void
tt_marks_add_codepoint(struct tt_buf *out, bool *first, const char *key, uint32_t cp)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '"');
    tt_buf_add_codepoint(out, cp);
    tt_buf_add_char(out, '"');
}

/* The value of a sentence or of an encoding; below 0 it is none of the eight. */
void
tt_marks_add_value(struct tt_buf *out, bool *first, int value)
{
    tt_json_add_key(out, first, "value");
    tt_buf_add_cstr(out, value < 0 ? "null" : (char[]) {(char) ('0' + value), '\0'});
}

/* The sentence with everything that could carry something made visible. */
void
tt_marks_add_visible(struct tt_buf *out, struct tt_str sentence, const struct tt_dateline_site *site)
{
    size_t at = site->apostrophe_at - site->offset;
    size_t separators = site->separator_at[0] - site->offset;
    struct tt_str head = tt_str_slice(sentence, 0, separators);
    struct tt_str tail = tt_str_slice(sentence, separators, sentence.len);
    size_t last = site->separator_at[1] - site->separator_at[0];
    tt_visible_add(out, head, at, at + site->apostrophe_length);
    tt_visible_add(out, tail, 0, last + tt_utf8_next(tail, last).len);
}

enum tt_exit
tt_marks_read(const struct tt_call *call, const char *path, struct tt_buf *raw)
{
    tt_buf_init(raw, call->cli->alloc, TT_MARKS_FILE_MAX);
    if (tt_file_read(path, raw)) {
        return TT_EXIT_OK;
    }
    return tt_cli_complain(call->cli, TT_EXIT_INCOMPLETE, "cannot read %s: %s", path, strerror(errno));
}

/* What a scan of one text hands on. */
struct scanned {
    const struct tt_cli *cli;
    struct tt_sink sink;
    uint64_t not_inspected;
};

static enum tt_status
on_result(void *ctx, const struct tt_scan_result *result)
{
    struct scanned *scanned = ctx;
    for (size_t i = 0; i < result->not_inspected_count; i++) {
        const struct tt_not_inspected *n = &result->not_inspected[i];
        tt_cli_complain(scanned->cli, TT_EXIT_INCOMPLETE, "%.*s: %.*s", (int) n->uri.len, n->uri.ptr, (int) n->why.len,
                        n->why.ptr);
        scanned->not_inspected++;
    }
    for (size_t i = 0; i < result->finding_count; i++) {
        TT_TRY(scanned->sink.take(scanned->sink.ctx, &result->findings[i]));
    }
    return TT_OK;
}

enum tt_status
tt_marks_scan(const struct tt_cli *cli, const char *uri, struct tt_str bytes, const struct tt_learned *learned,
              struct tt_sink sink, uint64_t *not_inspected)
{
    struct scanned scanned = {.cli = cli, .sink = sink};
    struct tt_scan scan = {
        .alloc = cli->alloc,
        .kernels = tt_kernels_get(tt_cpu_detect()),
        .jobs = 1,
        .learned = learned && learned->count > 0 ? learned : NULL,
        .result = on_result,
        .ctx = &scanned,
    };
    enum tt_status status = tt_scan_bytes(&scan, tt_str_cstr(uri), bytes);
    *not_inspected = scanned.not_inspected;
    return status;
}

enum tt_exit
tt_marks_unknown(const struct tt_call *call, const char *before, struct tt_str name)
{
    const char *names[2 * TT_CHANNELS_MAX];
    char word[64];
    size_t n = 0;
    const struct tt_channel *const *const lists[] = {tt_channels, tt_channels_beyond};
    for (size_t k = 0; k < sizeof(lists) / sizeof(*lists); k++) {
        for (size_t i = 0; lists[k][i]; i++) {
            names[n++] = lists[k][i]->name;
        }
    }
    names[n] = NULL;
    snprintf(word, sizeof(word), "%.*s", (int) name.len, name.ptr);
    const char *near = tt_options_nearest(word, names);
    if (near) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "%sthere is no channel '%s'; did you mean '%s'?", before, word, near);
    }
    return tt_cli_complain(call->cli, TT_EXIT_USAGE, "%sthere is no channel '%s'; telltale marks list shows all", before, word);
}
