/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for runs that show nothing; see failed.h.
 *
 * In: a capture.  Out: half a sentence, which the caller makes safe to print, for it quotes the client.
 */
#include "probe/failed.h"

#define LAST_WORDS 300 /* bytes of stderr */
#define TRIED_MAX 3    /* contacts that are named */

static struct tt_str
last_words(const struct tt_capture *capture)
{
    struct tt_str text = capture->err.len > 0 ? capture->err : capture->out;
    while (text.len > 0 && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == ' ')) {
        text.len--;
    }
    return text.len > LAST_WORDS ? tt_str_slice(text, text.len - LAST_WORDS, text.len) : text;
}

void
tt_failed_add_end(struct tt_buf *out, const struct tt_capture *capture)
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
    struct tt_str words = last_words(capture);
    if (words.len > 0) {
        tt_buf_add_cstr(out, "; its last words: ");
        tt_buf_add(out, words);
    }
}

void
tt_failed_explain(struct tt_buf *out, const struct tt_capture *capture)
{
    if (capture->failure.len > 0) {
        tt_buf_add(out, capture->failure);
        return;
    }
    tt_buf_add_cstr(out, "the client made no request to the model API: ");
    tt_failed_add_end(out, capture);
    for (size_t i = 0; i < capture->contact_count && i < TRIED_MAX; i++) {
        tt_buf_add_cstr(out, i == 0 ? "; it tried " : ", ");
        tt_buf_add_cstr(out, tt_contact_kind_name(capture->contacts[i].kind));
        tt_buf_add_char(out, ' ');
        tt_contact_add_name(&capture->contacts[i], out);
    }
}
