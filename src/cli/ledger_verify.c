/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale ledger verify` and `telltale ledger head`: is the chain whole, and what is its newest link?
 *
 * In: a ledger, and a head that was noted at some time.  Out: a verdict, as text or JSON; exit code 1 for a chain that is broken.
 */
#include "base/limits.h"
#include "cli/ledger.h"
#include "finding/writer.h"

#include <unistd.h>

static const char *const state_names[] = {
    [TT_LEDGER_WHOLE] = "whole",           [TT_LEDGER_CHANGED] = "changed", [TT_LEDGER_MISSING] = "missing",
    [TT_LEDGER_MOVED] = "moved",           [TT_LEDGER_CUT] = "cut",         [TT_LEDGER_REBUILT] = "rebuilt",
    [TT_LEDGER_UNREADABLE] = "unreadable",
};

/* ---- heads ---- */

/* "12:ab...", or the hash alone. */
static bool
parse_head(struct tt_str text, struct tt_ledger_head *head)
{
    size_t at = 0;
    *head = (struct tt_ledger_head) {.seq = 0};
    while (at < text.len && at < 19 && tt_ascii_is_digit((unsigned char) text.ptr[at]) && text.len != 2 * TT_SHA256_SIZE) {
        head->seq = head->seq * 10 + (uint64_t) (text.ptr[at++] - '0');
    }
    if (text.len != 2 * TT_SHA256_SIZE && (at == 0 || at == text.len || text.ptr[at++] != ':' || head->seq == 0)) {
        return false;
    }
    text = tt_str_slice(text, at, text.len);
    for (size_t i = 0; i < TT_SHA256_SIZE; i++) {
        int high = text.len == 2 * TT_SHA256_SIZE ? tt_ascii_hex((unsigned char) text.ptr[2 * i]) : -1;
        int low = high >= 0 ? tt_ascii_hex((unsigned char) text.ptr[2 * i + 1]) : -1;
        if (low < 0) {
            return false;
        }
        head->hash[i] = (unsigned char) (high << 4 | low);
    }
    return true;
}

static void
add_head(struct tt_buf *out, const struct tt_ledger_head *head)
{
    tt_buf_add_u64(out, head->seq);
    tt_buf_add_char(out, ':');
    tt_buf_add_hex(out, tt_str_make(head->hash, TT_SHA256_SIZE));
}

static void
add_head_json(struct tt_buf *out, const struct tt_ledger_head *head)
{
    tt_buf_add_cstr(out, "{\"seq\":");
    tt_buf_add_u64(out, head->seq);
    tt_buf_add_cstr(out, ",\"hash\":\"");
    tt_buf_add_hex(out, tt_str_make(head->hash, TT_SHA256_SIZE));
    tt_buf_add_cstr(out, "\"}");
}

/* ---- the verdict ---- */

/* A number that no row should have is written with its sign. */
static void
add_record(struct tt_buf *out, const char *before, uint64_t seq)
{
    tt_buf_add_cstr(out, before);
    tt_writer_add_number(out, (int64_t) seq);
}

static void
add_broken(struct tt_buf *out, const struct tt_ledger *ledger, const struct tt_ledger_verdict *verdict)
{
    switch (verdict->state) {
    case TT_LEDGER_CHANGED:
        add_record(out, "record ", verdict->seq);
        add_record(out, " is not what followed record ", verdict->head.seq);
        tt_buf_add_cstr(out, ": it was changed or put there, or one before it was taken out");
        break;
    case TT_LEDGER_MISSING:
        add_record(out, verdict->seq == verdict->other ? "record " : "records ", verdict->seq);
        if (verdict->seq != verdict->other) {
            add_record(out, " to ", verdict->other);
        }
        tt_buf_add_cstr(out, verdict->seq == verdict->other ? " is missing" : " are missing");
        break;
    case TT_LEDGER_MOVED:
        add_record(out, "record ", verdict->other);
        add_record(out, " was moved: it stands as record ", verdict->seq);
        break;
    case TT_LEDGER_CUT:
        add_record(out, "the end was cut off, or made anew: the noted head is not reached; first missing is record ",
                   verdict->seq);
        break;
    case TT_LEDGER_REBUILT:
        add_record(out, "record ", verdict->seq);
        tt_buf_add_cstr(out, " is not the one that was noted: the chain was made anew at it or before it");
        break;
    case TT_LEDGER_UNREADABLE:
        add_record(out, "record ", verdict->seq);
        tt_buf_add_cstr(out, " or one behind it cannot be read: ");
        tt_writer_add_safe(out, tt_str_cstr(tt_ledger_why(ledger)));
        break;
    case TT_LEDGER_WHOLE: break;
    }
}

static void
add_text(struct tt_buf *out, const struct tt_ledger *ledger, const struct tt_ledger_verdict *verdict)
{
    bool whole = verdict->state == TT_LEDGER_WHOLE;
    if (whole) {
        tt_buf_add_cstr(out, "whole: ");
    } else {
        tt_buf_add_cstr(out, "broken: ");
        add_broken(out, ledger, verdict);
        tt_buf_add_cstr(out, "\nwhole before it: ");
    }
    tt_writer_add_count(out, verdict->checked, "record");
    tt_buf_add_cstr(out, ", head ");
    add_head(out, &verdict->head);
    tt_buf_add_char(out, '\n');
}

static void
add_json(struct tt_buf *out, const struct tt_ledger *ledger, const struct tt_ledger_verdict *verdict)
{
    struct tt_buf why;
    tt_buf_add_cstr(out, "{\"type\":\"ledger\",\"state\":\"");
    tt_buf_add_cstr(out, state_names[verdict->state]);
    tt_buf_add_cstr(out, "\",\"records\":");
    tt_buf_add_u64(out, verdict->checked);
    tt_buf_add_cstr(out, ",\"head\":");
    add_head_json(out, &verdict->head);
    if (verdict->state != TT_LEDGER_WHOLE) {
        tt_buf_init(&why, out->alloc, TT_COMPLAINT_MAX);
        add_broken(&why, ledger, verdict);
        add_record(out, ",\"first_bad\":", verdict->state == TT_LEDGER_MOVED ? verdict->other : verdict->seq);
        tt_buf_add_cstr(out, ",\"why\":");
        tt_json_add_string(out, tt_buf_str(&why));
        tt_buf_free(&why);
    }
    tt_buf_add_cstr(out, "}\n");
}

/* ---- verify ---- */

static void
show_progress(void *ctx, uint64_t rows)
{
    FILE *to = ctx;
    fprintf(to, "\r%llu records\033[K", (unsigned long long) rows);
    fflush(to);
}

static enum tt_exit
verify(const struct tt_call *call, struct tt_ledger *ledger, const struct tt_ledger_head *noted)
{
    const struct tt_ledger_settings *settings = call->settings;
    struct tt_ledger_verdict verdict;
    struct tt_buf out;
    bool shows = call->common->progress != TT_PROGRESS_NEVER && isatty(fileno(call->cli->err));
    enum tt_status status = tt_ledger_verify(ledger, noted, &verdict, shows ? show_progress : NULL, call->cli->err);
    if (shows) {
        fputs("\r\033[K", call->cli->err);
    }
    if (status != TT_OK) {
        return tt_ledger_complain(call, ledger, status);
    }
    tt_buf_init(&out, call->cli->alloc, TT_MIB);
    (settings->format == TT_CLI_JSON ? add_json : add_text)(&out, ledger, &verdict);
    enum tt_exit code = tt_cli_deliver(call, &out);
    return code == TT_EXIT_OK && verdict.state != TT_LEDGER_WHOLE ? TT_EXIT_FINDINGS : code;
}

static enum tt_exit
run_verify(const struct tt_call *call)
{
    const struct tt_ledger_settings *settings = call->settings;
    struct tt_ledger_head noted;
    struct tt_ledger *ledger;
    if (settings->head && !parse_head(tt_str_cstr(settings->head), &noted)) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE,
                               "'%s' is no head: NUMBER:HASH as 'telltale ledger head' prints it, or the hash", settings->head);
    }
    enum tt_exit code = tt_ledger_open_named(call, &ledger);
    if (code == TT_EXIT_OK) {
        code = verify(call, ledger, settings->head ? &noted : NULL);
        tt_ledger_close(ledger);
    }
    return code;
}

static const struct tt_option verify_options[] = {
    TT_LEDGER_FILE_OPTIONS,
    TT_OPT_STRING(struct tt_ledger_settings, head, 0, "head", "HEAD", "A head that was noted: it has to be in the chain"),
    TT_LEDGER_FORMAT_OPTION,
    TT_OPT_END,
};

static const struct tt_example verify_examples[] = {
    {"telltale ledger verify", "Check every record"},
    {"telltale ledger verify --head 1200:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
     "The same, and that the record that was noted last month is still there"},
    {NULL, NULL},
};

const struct tt_command tt_command_ledger_verify = {
    .name = "verify",
    .summary = "Check that no record was changed, removed or moved",
    .usage = "[OPTION]...",
    .description =
        "Computes the chain of hashes anew and names the first record that breaks it. Records that were cut off at the end, and "
        "a chain that was "
        "made anew, show only when a head is given that was noted elsewhere before; 'telltale ledger head' prints it. The exit "
        "code is 1 when the chain is broken.",
    .options = verify_options,
    .uses = TT_USES_OUTPUT | TT_USES_PROGRESS,
    .examples = verify_examples,
    .settings_size = sizeof(struct tt_ledger_settings),
    .run = run_verify,
};

/* ---- head ---- */

static enum tt_exit
run_head(const struct tt_call *call)
{
    const struct tt_ledger_settings *settings = call->settings;
    struct tt_ledger *ledger;
    struct tt_ledger_head head;
    struct tt_buf out;
    enum tt_exit code = tt_ledger_open_named(call, &ledger);
    if (code != TT_EXIT_OK) {
        return code;
    }
    enum tt_status status = tt_ledger_get_head(ledger, &head);
    code = status == TT_OK ? TT_EXIT_OK : tt_ledger_complain(call, ledger, status);
    tt_ledger_close(ledger);
    if (code == TT_EXIT_OK) {
        tt_buf_init(&out, call->cli->alloc, TT_KIB);
        (settings->format == TT_CLI_JSON ? add_head_json : add_head)(&out, &head);
        tt_buf_add_char(&out, '\n');
        code = tt_cli_deliver(call, &out);
    }
    return code;
}

static const struct tt_option head_options[] = {
    TT_LEDGER_FILE_OPTIONS,
    TT_LEDGER_FORMAT_OPTION,
    TT_OPT_END,
};

static const struct tt_example head_examples[] = {
    {"telltale ledger head", "A line to note where nobody who can write the ledger can write"},
    {NULL, NULL},
};

const struct tt_command tt_command_ledger_head = {
    .name = "head",
    .summary = "Print number and hash of the newest record, to be noted elsewhere",
    .usage = "[OPTION]...",
    .description =
        "Whoever has noted it can show later, with 'telltale ledger verify --head', that all records up to it are still there "
        "as they were. It checks nothing itself.",
    .options = head_options,
    .uses = TT_USES_OUTPUT,
    .examples = head_examples,
    .settings_size = sizeof(struct tt_ledger_settings),
    .run = run_head,
};
