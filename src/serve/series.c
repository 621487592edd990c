/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words, label sets and their values; see series.h.
 *
 * Ownership: each object is one block of the caller's allocator, and nothing is asked for later.  Both tables are open addressing at a
 * load of at most one half, with the hash of the base room; what is in them never leaves.
 *
 * Output: the text form of Prometheus, version 0.0.4.  Values are whole numbers, so that sums are exact; those of a scale are
 * written as decimals.
 */
#include "serve/series.h"

#include "base/hash.h"
#include "base/limits.h"

#define INDEX_SIZE(max) ((max) *2 + 2)

/* ---- Words ---- */

struct word {
    uint32_t offset;
    uint8_t len, kind;
};

struct tt_words {
    const struct tt_alloc *alloc;
    uint16_t count;
    uint16_t kinds[TT_METRICS_KINDS]; /* how many words of each */
    size_t used;
    struct word words[TT_METRICS_WORDS_MAX];
    uint16_t index[INDEX_SIZE(TT_METRICS_WORDS_MAX)]; /* number of a word, or 0 */
    char text[TT_METRICS_WORDS_MAX * TT_METRICS_WORD_BYTES];
};

static uint16_t
add_word(struct tt_words *words, uint8_t kind, struct tt_str word)
{
    uint16_t number = words->count++;
    words->words[number] = (struct word) {(uint32_t) words->used, (uint8_t) word.len, kind};
    memcpy(words->text + words->used, word.ptr, word.len);
    words->used += word.len;
    words->kinds[kind]++;
    return number;
}

enum tt_status
tt_words_new(const struct tt_alloc *alloc, struct tt_words **words)
{
    *words = tt_alloc_new(alloc, sizeof(**words));
    if (!*words) {
        return TT_E_MEMORY;
    }
    memset(*words, 0, offsetof(struct tt_words, words));
    memset((*words)->index, 0, sizeof((*words)->index));
    (*words)->alloc = alloc;
    (*words)->words[TT_WORD_NONE] = (struct word) {0, 0, 0};
    (*words)->count = 1;
    (void) add_word(*words, 0, TT_STR("other"));
    (*words)->kinds[0] = 0;
    return TT_OK;
}

void
tt_words_free(struct tt_words *words)
{
    if (words) {
        tt_alloc_free(words->alloc, words, sizeof(*words));
    }
}

struct tt_str
tt_words_str(const struct tt_words *words, uint16_t number)
{
    return tt_str_make(words->text + words->words[number].offset, words->words[number].len);
}

uint16_t
tt_words_get(struct tt_words *words, uint8_t kind, size_t max, struct tt_str word)
{
    if (word.len == 0) {
        return TT_WORD_NONE;
    }
    if (word.len > TT_METRICS_WORD_BYTES || tt_str_eq(word, tt_words_str(words, TT_WORD_OTHER))) {
        return TT_WORD_OTHER;
    }
    size_t size = sizeof(words->index) / sizeof(words->index[0]);
    size_t at = tt_hash64(kind, 0, word) % size;
    for (; words->index[at]; at = (at + 1) % size) {
        uint16_t number = words->index[at];
        if (words->words[number].kind == kind && tt_str_eq(tt_words_str(words, number), word)) {
            return number;
        }
    }
    if (words->kinds[kind] >= max || words->count >= TT_METRICS_WORDS_MAX) {
        return TT_WORD_OTHER;
    }
    words->index[at] = add_word(words, kind, word);
    return words->index[at];
}

/* ---- Series ---- */

struct tt_series {
    const struct tt_alloc *alloc;
    const struct tt_series_spec *spec;
    size_t size;    /* of the block */
    size_t columns; /* numbers of one label set: its value or sum, and counts of a histogram */
    size_t count;   /* label sets; number 0 is that of "other" */
    bool has_other; /* number 0 has a value */
    uint64_t overflow;
    uint16_t (*labels)[TT_SERIES_LABELS];
    uint16_t *index; /* number of a label set, or 0 */
    uint64_t *values;
};

enum tt_status
tt_series_new(const struct tt_alloc *alloc, const struct tt_series_spec *spec, struct tt_series **series)
{
    size_t sets = spec->max + 1;
    size_t columns = spec->type == TT_SERIES_HISTOGRAM ? spec->bound_count + 2 : 1;
    size_t values = sets * columns * sizeof(uint64_t);
    size_t labels = sets * TT_SERIES_LABELS * sizeof(uint16_t);
    size_t index = INDEX_SIZE(spec->max) * sizeof(uint16_t);
    size_t size = sizeof(**series) + values + labels + index;
    char *block = tt_alloc_new(alloc, size);
    *series = (struct tt_series *) (void *) block;
    if (!block) {
        return TT_E_MEMORY;
    }
    **series = (struct tt_series) {
        .alloc = alloc,
        .spec = spec,
        .size = size,
        .columns = columns,
        .count = 1,
        .values = (uint64_t *) (void *) (block + sizeof(**series)),
        .labels = (uint16_t(*)[TT_SERIES_LABELS])(void *) (block + sizeof(**series) + values),
        .index = (uint16_t *) (void *) (block + sizeof(**series) + values + labels),
    };
    memset((*series)->index, 0, index);
    memset((*series)->values, 0, columns * sizeof(uint64_t));
    for (size_t i = 0; i < TT_SERIES_LABELS; i++) {
        (*series)->labels[0][i] = spec->labels[i] ? TT_WORD_OTHER : TT_WORD_NONE;
    }
    return TT_OK;
}

void
tt_series_free(struct tt_series *series)
{
    if (series) {
        tt_alloc_free(series->alloc, series, series->size);
    }
}

/* The number of the label set; 0 when there is no room for one more. */
static size_t
find_set(struct tt_series *series, const uint16_t *labels)
{
    size_t bytes = sizeof(series->labels[0]);
    size_t size = INDEX_SIZE(series->spec->max);
    if (memcmp(series->labels[0], labels, bytes) == 0) {
        return 0;
    }
    size_t at = tt_hash64(0, 0, tt_str_make(labels, bytes)) % size;
    for (; series->index[at]; at = (at + 1) % size) {
        if (memcmp(series->labels[series->index[at]], labels, bytes) == 0) {
            return series->index[at];
        }
    }
    if (series->count > series->spec->max) {
        series->overflow++;
        return 0;
    }
    size_t number = series->count++;
    series->index[at] = (uint16_t) number;
    memcpy(series->labels[number], labels, bytes);
    memset(series->values + number * series->columns, 0, series->columns * sizeof(uint64_t));
    return number;
}

void
tt_series_take(struct tt_series *series, const uint16_t *labels, uint64_t value)
{
    const struct tt_series_spec *spec = series->spec;
    size_t number = find_set(series, labels);
    uint64_t *values = series->values + number * series->columns;
    series->has_other = series->has_other || number == 0;
    if (spec->type == TT_SERIES_GAUGE) {
        values[0] = value;
        return;
    }
    values[0] += value;
    if (spec->type == TT_SERIES_HISTOGRAM) {
        size_t i = 0;
        while (i < spec->bound_count && value > spec->bounds[i].value) {
            i++;
        }
        values[1 + i]++;
    }
}

uint64_t
tt_series_overflow(const struct tt_series *series)
{
    return series->overflow;
}

/* ---- Text ---- */

static void
add_head(struct tt_buf *out, const char *name, const char *help, const char *type)
{
    tt_buf_add(out, TT_STR("# HELP "));
    tt_buf_add_cstr(out, name);
    tt_buf_add_char(out, ' ');
    tt_buf_add_cstr(out, help);
    tt_buf_add(out, TT_STR("\n# TYPE "));
    tt_buf_add_cstr(out, name);
    tt_buf_add_char(out, ' ');
    tt_buf_add_cstr(out, type);
    tt_buf_add_char(out, '\n');
}

/* name="word", with a comma before it where it is not the first. */
static void
add_label(struct tt_buf *out, bool *first, const char *name, struct tt_str word)
{
    tt_buf_add_cstr(out, *first ? "{" : ",");
    *first = false;
    tt_buf_add_cstr(out, name);
    tt_buf_add(out, TT_STR("=\""));
    for (size_t i = 0; i < word.len; i++) {
        char c = word.ptr[i];
        if (c == '"' || c == '\\') {
            tt_buf_add_char(out, '\\');
        }
        if (c == '\n') {
            tt_buf_add(out, TT_STR("\\n"));
        } else {
            tt_buf_add_char(out, c);
        }
    }
    tt_buf_add_char(out, '"');
}

/* A whole number of 1/scale, as a decimal; scale is a power of ten. */
static void
add_scaled(struct tt_buf *out, uint64_t value, uint32_t scale)
{
    tt_buf_add_u64(out, value / scale);
    uint64_t rest = value % scale;
    if (rest == 0) {
        return;
    }
    tt_buf_add_char(out, '.');
    while (rest > 0) {
        rest *= 10;
        tt_buf_add_char(out, (char) ('0' + rest / scale));
        rest %= scale;
    }
}

/* One line without its value.  le: the label of a bucket, or NULL. */
static void
add_name(struct tt_buf *out, const struct tt_series *series, const struct tt_words *words, size_t number, const char *suffix,
         const char *le)
{
    const struct tt_series_spec *spec = series->spec;
    bool first = true;
    tt_buf_add_cstr(out, spec->name);
    tt_buf_add_cstr(out, suffix);
    for (size_t i = 0; i < TT_SERIES_LABELS && spec->labels[i]; i++) {
        uint16_t word = series->labels[number][i];
        if (word != TT_WORD_NONE) {
            add_label(out, &first, spec->labels[i], tt_words_str(words, word));
        }
    }
    if (le) {
        add_label(out, &first, "le", tt_str_cstr(le));
    }
    tt_buf_add_cstr(out, first ? " " : "} ");
}

static void
add_histogram(struct tt_buf *out, const struct tt_series *series, const struct tt_words *words, size_t number)
{
    const struct tt_series_spec *spec = series->spec;
    const uint64_t *values = series->values + number * series->columns;
    uint64_t count = 0;
    for (size_t i = 0; i <= spec->bound_count; i++) {
        count += values[1 + i];
        add_name(out, series, words, number, "_bucket", i < spec->bound_count ? spec->bounds[i].text : "+Inf");
        tt_buf_add_u64(out, count);
        tt_buf_add_char(out, '\n');
    }
    add_name(out, series, words, number, "_sum", NULL);
    add_scaled(out, values[0], spec->scale);
    tt_buf_add_char(out, '\n');
    add_name(out, series, words, number, "_count", NULL);
    tt_buf_add_u64(out, count);
    tt_buf_add_char(out, '\n');
}

void
tt_series_write(const struct tt_series *series, const struct tt_words *words, struct tt_buf *out)
{
    static const char *const types[] = {"counter", "gauge", "histogram"};
    const struct tt_series_spec *spec = series->spec;
    add_head(out, spec->name, spec->help, types[spec->type]);
    for (size_t i = 0; i < series->count; i++) {
        size_t number = (i + 1) % series->count; /* "other" last, and only when it is used */
        if (number == 0 && !series->has_other) {
            continue;
        }
        if (spec->type == TT_SERIES_HISTOGRAM) {
            add_histogram(out, series, words, number);
            continue;
        }
        add_name(out, series, words, number, "", NULL);
        add_scaled(out, series->values[number], spec->scale);
        tt_buf_add_char(out, '\n');
    }
}

void
tt_series_write_one(struct tt_buf *out, const char *name, const char *help, const char *type, const char *label,
                    struct tt_str word, uint64_t value)
{
    bool first = true;
    add_head(out, name, help, type);
    tt_buf_add_cstr(out, name);
    if (label) {
        add_label(out, &first, label, word);
    }
    tt_buf_add_cstr(out, first ? " " : "} ");
    tt_buf_add_u64(out, value);
    tt_buf_add_char(out, '\n');
}
