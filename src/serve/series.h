/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters, gauges and histograms with labels, in a fixed amount of memory.
 *
 * Values of labels are numbers of words in one table, so that a label set is compared in one step.  A kind of label has a bounded number
 * of words, and a metric a bounded number of label sets; what is more counts under "other".
 */
#ifndef TT_SERVE_SERIES_H
#define TT_SERVE_SERIES_H

#include "base/buf.h"
#include "serve/otel.h"

#define TT_SERIES_LABELS 6

/* ---- words ---- */

#define TT_WORD_NONE 0  /* a label that is left out */
#define TT_WORD_OTHER 1 /* "other" */

struct tt_words;

enum tt_status tt_words_new(const struct tt_alloc *alloc, struct tt_words **words) TT_MUST_USE;
void tt_words_free(struct tt_words *words);

/* The number of a word.  At most max words of a kind (below TT_METRICS_KINDS) are told apart; a word that is too long is "other". */
uint16_t tt_words_get(struct tt_words *words, uint8_t kind, size_t max, struct tt_str word);
struct tt_str tt_words_str(const struct tt_words *words, uint16_t number);

/* ---- series ---- */

enum tt_series_type { TT_SERIES_COUNTER, TT_SERIES_GAUGE, TT_SERIES_HISTOGRAM };

struct tt_series_spec {
    const char *name, *help;
    enum tt_series_type type;
    size_t max;                           /* label sets, the one of "other" apart; below 65535 */
    const char *labels[TT_SERIES_LABELS]; /* NULL behind the last */
    uint32_t scale;                       /* of the values; 1: as they are */
    const struct tt_otel_bound *bounds;   /* of a histogram */
    size_t bound_count;
};

struct tt_series;

enum tt_status tt_series_new(const struct tt_alloc *alloc, const struct tt_series_spec *spec,
                             struct tt_series **series) TT_MUST_USE;
void tt_series_free(struct tt_series *series);

/* labels: TT_SERIES_LABELS numbers of words.  A counter grows by value, a gauge becomes it, a histogram observes it. */
void tt_series_take(struct tt_series *series, const uint16_t *labels, uint64_t value);

/* Values that came for label sets beyond the bound. */
uint64_t tt_series_overflow(const struct tt_series *series);

void tt_series_write(const struct tt_series *series, const struct tt_words *words, struct tt_buf *out);

/* The lines of a metric that has one value, and at most one label. */
void tt_series_write_one(struct tt_buf *out, const char *name, const char *help, const char *type, const char *label,
                         struct tt_str word, uint64_t value);

#endif
