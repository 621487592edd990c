/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes a message into a cover text as a choice between two forms, one bit behind each unit (a word, a line), and what every test of
 * such a channel asks: that kernels, windows and failing memory change nothing.
 */
#ifndef TT_TESTS_HIDE_H
#define TT_TESTS_HIDE_H

#include "look.h"

#include <stdlib.h>

#define HIDE_MAX (64 * 1024)

/* How the bits of a byte follow each other; with HIDE_SEVEN the first bit of each is left out, for it is zero in ASCII. */
enum hide_order { HIDE_HIGH_FIRST, HIDE_LOW_FIRST, HIDE_SEVEN };

struct hide {
    const char *const *units;
    size_t unit_count;
    const char *forms[2];
    enum hide_order order;
    size_t idle_before, idle_behind; /* units with the first form around the message */
};

static inline unsigned
hide_bit(const struct hide *h, const char *message, size_t i)
{
    size_t width = h->order == HIDE_SEVEN ? 7 : 8;
    unsigned byte = (unsigned char) message[i / width], at = (unsigned) (i % width);
    return byte >> (h->order == HIDE_LOW_FIRST ? at : (unsigned) width - 1 - at) & 1;
}

/* A message in the two forms, and the idle units before it. */
struct hide_row {
    const char *forms[2], *message;
    enum hide_order order;
    size_t idle;
};

/* Free the result with free(). */
static inline char *
hide_message(const struct hide *h, const char *message)
{
    size_t bits = strlen(message) * (h->order == HIDE_SEVEN ? 7 : 8), len = 0;
    char *out = malloc(HIDE_MAX);
    assert_non_null(out);
    for (size_t i = 0; i < h->idle_before + bits + h->idle_behind; i++) {
        const char *unit = h->units[i % h->unit_count];
        bool idle = i < h->idle_before || i >= h->idle_before + bits;
        const char *form = h->forms[idle ? 0 : hide_bit(h, message, i - h->idle_before)];
        assert_true(len + strlen(unit) + strlen(form) + 8 < HIDE_MAX);
        len = (size_t) (stpcpy(stpcpy(out + len, unit), form) - out);
    }
    strcpy(out + len, "end.\n");
    return out;
}

/* The words of an English text, for gaps between them. */
static const char *const hide_words[] = {
    "When",  "the",    "committee", "met",   "again",  "in",     "the",  "spring", "it",    "had",     "before", "it",
    "a",     "long",   "list",      "of",    "open",   "ends,",  "and",  "few",    "of",    "those",   "who",    "came",
    "could", "say",    "which",     "of",    "them",   "had",    "been", "dealt",  "with",  "and",     "which",  "were",
    "only",  "put",    "off",       "until", "after",  "winter", "as",   "so",     "often", "in",      "such",   "rooms",
    "when",  "nobody", "keeps",     "a",     "proper", "diary",  "of",   "what",   "was",   "decided", "and",    "why.",
};
#define HIDE_WORDS (sizeof(hide_words) / sizeof(*hide_words))

/* Lines of a text. */
static const char *const hide_lines[] = {
    "When the committee met again in spring",
    "it had before it a long list of open ends,",
    "and few of those who came",
    "could say which of them had been dealt with",
    "and which were put off until after winter,",
    "as so often in rooms",
    "where nobody keeps a diary",
};
#define HIDE_LINES (sizeof(hide_lines) / sizeof(*hide_lines))

/* One finding, confirmed, that says message. */
static inline void
assert_says(const char *rule, struct tt_str text, bool in_json, const char *message)
{
    struct looked l;
    look_text(&l, rule, text, in_json);
    if (l.count != 1 || l.findings[0].level != TT_CONFIRMED) {
        fail_msg("%zu findings, the first at level %d, of %s", l.count, l.count ? (int) l.findings[0].level : -1, message);
    }
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(message));
    assert_true(l.findings[0].fact_count < TT_FACTS_MAX);
    look_free(&l);
}

/* Each message is found and read, in plain text and in JSON in turn.  behind: idle units behind each. */
static inline void
hide_check(const char *rule, const char *const *units, size_t unit_count, const struct hide_row *rows, size_t count,
           size_t behind)
{
    for (size_t i = 0; i < count; i++) {
        const struct hide_row *row = &rows[i];
        struct hide h = {units, unit_count, {row->forms[0], row->forms[1]}, row->order, row->idle, behind};
        char *text = hide_message(&h, row->message);
        assert_says(rule, tt_str_cstr(text), i % 2, row->message);
        free(text);
    }
}

/* How many findings a window of a text gives. */
static inline size_t
look_window(const char *rule, struct tt_str text, size_t from, size_t to)
{
    struct looked l;
    const struct tt_field field = {.text = text, .from = from, .to = to, .at_start = true, .at_end = true};
    assert_int_equal(look_field(&l, rule, &field, &tt_alloc_libc), TT_OK);
    size_t count = l.count;
    look_free(&l);
    return count;
}

#endif
