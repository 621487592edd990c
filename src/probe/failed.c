/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for runs that show nothing; see failed.h.
 *
 * In: a capture.  Out: half a sentence, which the caller makes safe to print, for it quotes the client.
 */
#include "probe/failed.h"

#include "probe/findings.h"

#define LAST_WORDS 300 /* bytes of stderr */
#define TRIED_MAX 3    /* contacts that are named */

/* The end of what the client wrote, on one line. */
static void
add_last_words(struct tt_buf *out, const struct tt_capture *capture)
{
    struct tt_str text = capture->err.len > 0 ? capture->err : capture->out, line;
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == ' ')) {
        text.len--;
    }
    text = text.len > LAST_WORDS ? tt_str_slice(text, text.len - LAST_WORDS, text.len) : text;
    tt_buf_add_cstr(out, text.len > 0 ? "; its last words:" : "");
    for (size_t from = 0; from < text.len; from += line.len + 1) {
        const char *feed = memchr(text.ptr + from, '\n', text.len - from);
        line = tt_str_slice(text, from, feed ? (size_t) (feed - text.ptr) : text.len);
        size_t blanks = 0;
        while (blanks < line.len && (line.ptr[blanks] == ' ' || line.ptr[blanks] == '\t')) {
            blanks++;
        }
        tt_buf_add_cstr(out, blanks < line.len ? " " : "");
        tt_buf_add(out, tt_str_slice(line, blanks, line.len));
    }
}

void
tt_failed_end(struct tt_buf *out, const struct tt_capture *capture)
{
    if (capture->failure.len > 0) {
        tt_buf_add(out, capture->failure);
        return;
    }
    if (capture->timed_out) {
        tt_buf_add_cstr(out, "it did not end in time");
    } else if (capture->flooded) {
        tt_buf_add_cstr(out, "it sent more than is kept");
    } else if (capture->signal) {
        tt_buf_add_cstr(out, "it was ended by signal ");
        tt_buf_add_u64(out, (uint64_t) capture->signal);
    } else {
        tt_buf_add_cstr(out, "it exited with ");
        tt_buf_add_u64(out, (uint64_t) capture->exit_code);
    }
    add_last_words(out, capture);
}

void
tt_failed_explain(struct tt_buf *out, const struct tt_capture *capture)
{
    if (capture->failure.len > 0) {
        tt_buf_add(out, capture->failure);
        return;
    }
    tt_buf_add_cstr(out, "the client made no request to the model API: ");
    tt_failed_end(out, capture);
    for (size_t i = 0; i < capture->contact_count && i < TRIED_MAX; i++) {
        tt_buf_add_cstr(out, i == 0 ? "; it tried " : ", ");
        tt_buf_add_cstr(out, tt_contact_kind_name(capture->contacts[i].kind));
        tt_buf_add_char(out, ' ');
        tt_contact_add_name(&capture->contacts[i], out);
    }
}

/* Does the level leave the client to its own host? */
static bool
is_without_url(const struct tt_design *design, const struct tt_condition *condition)
{
    for (size_t f = 0; f < design->factor_count; f++) {
        const struct tt_level_spec *level = &design->factors[f].levels[condition->level[f]];
        for (size_t i = 0; i < level->source_count; i++) {
            if (level->sources[i].kind == TT_SOURCE_BASE_HOST && level->sources[i].value.len == 0) {
                return true;
            }
        }
    }
    return false;
}

void
tt_failed_describe(struct tt_buf *out, const struct tt_design *design, const struct tt_run *run, const struct tt_capture *capture)
{
    tt_buf_add_cstr(out, "run ");
    tt_buf_add_u64(out, run->number);
    for (size_t f = 0; f < design->factor_count; f++) {
        if (run->condition.level[f] > 0) {
            tt_buf_add_cstr(out, ", ");
            tt_probe_add_factors(out, design, UINT32_C(1) << f);
            tt_buf_add_cstr(out, " ");
            tt_probe_add_levels(out, design, UINT32_C(1) << f, &run->condition);
        }
    }
    tt_buf_add_cstr(out, ": ");
    tt_failed_end(out, capture);
    if (is_without_url(design, &run->condition)) {
        tt_buf_add_cstr(out, " (at this level variables and arguments that hold {BASE_URL} or {HOST} are left out)");
    }
}
