/* SPDX-License-Identifier: Apache-2.0 */
/* The engine run over one text, and what a channel reported there: for tests of channels. */
#ifndef TT_TESTS_LOOK_H
#define TT_TESTS_LOOK_H

#include "test.h"

#include "marks/marks.h"

#define LOOKED_MAX 64

struct looked {
    struct tt_arena arena;
    const char *rule; /* findings of other channels are left out */
    struct tt_finding findings[LOOKED_MAX];
    size_t count;
};

static inline enum tt_status
look_take(void *ctx, const struct tt_finding *finding)
{
    struct looked *l = ctx;
    if (finding->rule && strcmp(finding->rule->id, l->rule) == 0 && l->count < LOOKED_MAX) {
        TT_TRY(tt_finding_copy(&l->arena, finding, &l->findings[l->count++]));
    }
    return TT_OK;
}

/* Looks at a field as a document of its own.  Free with look_free, also after a failure. */
static inline enum tt_status
look_field(struct looked *l, const char *rule, const struct tt_field *field, const struct tt_alloc *alloc)
{
    struct tt_marks marks;
    *l = (struct looked) {.rule = rule};
    tt_arena_init(&l->arena, &tt_alloc_libc, 64 * TT_MIB);
    tt_marks_init(&marks, alloc, tt_kernels_get(0));
    enum tt_status status = tt_marks_look(&marks, field, (struct tt_sink) {look_take, l});
    tt_marks_free(&marks);
    return status;
}

static inline void
look_text(struct looked *l, const char *rule, struct tt_str text, bool in_json)
{
    const struct tt_field field = {.text = text, .to = text.len, .at_start = true, .at_end = true, .in_json = in_json};
    assert_int_equal(look_field(l, rule, &field, &tt_alloc_libc), TT_OK);
}

static inline void
look_free(struct looked *l)
{
    tt_arena_free(&l->arena);
}

/* The highest level found in text, or -1 for nothing. */
static inline int
look_level(const char *rule, struct tt_str text, bool in_json)
{
    struct looked l;
    int level = -1;
    look_text(&l, rule, text, in_json);
    for (size_t i = 0; i < l.count; i++) {
        level = (int) l.findings[i].level > level ? (int) l.findings[i].level : level;
    }
    look_free(&l);
    return level;
}

/* Rows of a table: the highest level in each text, -1 for nothing. */
struct look_row {
    const char *text;
    int level;
};

enum look_where { LOOK_IN_TEXT = 1, LOOK_IN_JSON = 2, LOOK_ANYWHERE = 3 };

/* Every row that gives another level is said, so that one run tells them all. */
static inline void
look_check(const char *rule, const struct look_row *rows, size_t count, enum look_where where)
{
    size_t wrong = 0;
    for (size_t i = 0; i < 2 * count; i++) {
        const struct look_row *row = &rows[i / 2];
        bool in_json = i % 2;
        if (!(where & (in_json ? LOOK_IN_JSON : LOOK_IN_TEXT))) {
            continue;
        }
        int level = look_level(rule, tt_str_cstr(row->text), in_json);
        if (level != row->level) {
            print_message("# row %zu gives %d, not %d%s: %s\n", i / 2, level, row->level, in_json ? " in JSON" : "", row->text);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}
#define LOOK_CHECK(rule, rows, where) look_check(rule, rows, sizeof(rows) / sizeof(*(rows)), where)

static inline const struct tt_fact *
look_fact(const struct tt_finding *f, const char *key)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        if (strcmp(f->facts[i].key, key) == 0) {
            return &f->facts[i];
        }
    }
    return NULL;
}

/* The reference and the fastest kernel lead to the same findings. */
static inline void
assert_kernels_agree(const char *rule, struct tt_str text, bool in_json)
{
    struct looked l[2];
    const struct tt_field field = {.text = text, .to = text.len, .at_start = true, .at_end = true, .in_json = in_json};
    for (int k = 0; k < 2; k++) {
        struct tt_marks marks;
        l[k] = (struct looked) {.rule = rule};
        tt_arena_init(&l[k].arena, &tt_alloc_libc, 64 * TT_MIB);
        tt_marks_init(&marks, &tt_alloc_libc, tt_kernels_get(k ? tt_cpu_detect() : 0));
        assert_int_equal(tt_marks_look(&marks, &field, (struct tt_sink) {look_take, &l[k]}), TT_OK);
        tt_marks_free(&marks);
    }
    assert_int_equal(l[0].count, l[1].count);
    for (size_t i = 0; i < l[0].count; i++) {
        assert_int_equal(l[0].findings[i].level, l[1].findings[i].level);
        assert_int_equal(l[0].findings[i].where.offset, l[1].findings[i].where.offset);
        assert_int_equal(l[0].findings[i].where.length, l[1].findings[i].where.length);
        assert_str_equal(l[0].findings[i].message, l[1].findings[i].message);
    }
    look_free(&l[0]);
    look_free(&l[1]);
}

/* Random texts of the pieces, which the kernels agree on. */
static inline void
assert_kernels_agree_on_mixtures(const char *rule, const char *const *pieces, size_t piece_count, unsigned rounds)
{
    uint64_t random = 99;
    for (unsigned round = 0; round < rounds; round++) {
        char text[4096];
        size_t len = 0;
        for (int i = 0; i < 90; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            const char *piece = pieces[(random >> 33) % piece_count];
            assert_true(len + strlen(piece) < sizeof(text));
            len = (size_t) (stpcpy(text + len, piece) - text);
        }
        assert_kernels_agree(rule, tt_str_make(text, len), round % 2);
    }
}

struct look_request {
    const char *rule;
    struct tt_field field;
};

static inline bool
look_with_alloc(void *ctx, const struct tt_alloc *alloc)
{
    const struct look_request *request = ctx;
    struct looked l;
    enum tt_status status = look_field(&l, request->rule, &request->field, alloc);
    look_free(&l);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    return status == TT_OK;
}

/* Every allocation fails once. */
static inline void
assert_survives_failing_memory(const char *rule, struct tt_str text, bool in_json)
{
    struct look_request request = {.rule = rule};
    request.field = (struct tt_field) {.text = text, .to = text.len, .at_start = true, .at_end = true, .in_json = in_json};
    test_every_allocation(look_with_alloc, &request);
}

#endif
