/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.mark: strings of a program that hold what the channels of marks look for, written out or as an escape.
 *
 * In: strings.  Out: a finding for each string and channel.  Own: the engine of the room marks, for the length of a view.  Strings of a few
 * characters name a character rather than use it, so they are left to client.look-alike-table.
 */
#include "base/limits.h"
#include "inspect/found.h"
#include "inspect/literal.h"
#include "marks/marks.h"

#define TEXT_MIN 12 /* bytes of a string that may be a text */
#define TEXT_MAX (64 * TT_KIB)
#define LETTERS_SHARE 2 /* one byte in so many is an ASCII letter */

struct marking {
    struct tt_view *view;
    const struct tt_token *token;
};

static enum tt_status
take(void *ctx, const struct tt_finding *mark)
{
    const struct marking *marking = ctx;
    const struct tt_token *token = marking->token;
    if (mark->level < TT_SUSPICIOUS) {
        return TT_OK;
    }
    struct tt_finding finding =
        tt_found_make("client.mark", TT_CANDIDATE, token->at, token->len, TT_STR("a string of the program holds a mark"));
    tt_finding_add_text(&finding, "channel", tt_str_cstr(mark->rule->id));
    tt_finding_add_text(&finding, "there", mark->message);
    for (size_t i = 0; i < mark->fact_count; i++) {
        if (strcmp(mark->facts[i].key, "codepoints") == 0) {
            tt_finding_add_fact(&finding, "codepoints", TT_FACT_CODEPOINTS, mark->facts[i].text);
        }
    }
    tt_finding_add_text(&finding, "not_proven", TT_STR("whether a text that is sent is made of this string"));
    struct tt_str text = tt_str_slice(tt_token_text(marking->view->text, token), 0, 256);
    return tt_found_add(marking->view, &finding, text);
}

/* Is it a text for people or models, and not a table or a pattern? */
static bool
is_text(struct tt_str text)
{
    size_t letters = 0;
    for (size_t i = 0; i < text.len; i++) {
        letters += tt_ascii_is_alpha((unsigned char) text.ptr[i]) || text.ptr[i] == ' ';
    }
    return text.len >= TEXT_MIN && letters * LETTERS_SHARE >= text.len && memchr(text.ptr, ' ', text.len);
}

static enum tt_status
look(struct tt_view *view)
{
    struct tt_marks marks;
    struct tt_buf text;
    enum tt_status status = TT_OK;
    tt_marks_init(&marks, view->found->alloc, view->kernels);
    tt_buf_init(&text, view->found->alloc, 4 * TEXT_MAX);
    for (size_t i = 0; i < view->count && status == TT_OK; i++) {
        const struct tt_token *token = &view->tokens[i];
        bool literal = tt_token_is_literal(token) && token->flags & (TT_TOKEN_ESCAPED | TT_TOKEN_WIDE);
        if (!literal || token->len < TEXT_MIN || token->len > TEXT_MAX || token->at >= view->owned) {
            continue;
        }
        struct marking marking = {view, token};
        tt_buf_clear(&text);
        tt_literal_add_text(&text, tt_view_text(view, i), !(token->flags & TT_TOKEN_RAW));
        struct tt_field field = {.text = tt_buf_str(&text), .to = text.len, .at_start = true, .at_end = true};
        status = text.status;
        if (status == TT_OK && is_text(field.text)) {
            tt_marks_begin_document(&marks);
            status = tt_marks_look(&marks, &field, (struct tt_sink) {take, &marking});
        }
    }
    tt_buf_free(&text);
    tt_marks_free(&marks);
    return status;
}

const struct tt_detector tt_detector_mark = {
    .name = "mark",
    .kinds = TT_VIEW_SCRIPT | TT_VIEW_DATA | TT_VIEW_BINARY,
    .look = look,
};
