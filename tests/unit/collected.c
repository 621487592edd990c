/* SPDX-License-Identifier: Apache-2.0 */
/* See collected.h. */
#include "collected.h"

#include <stdio.h>
#include <stdlib.h>

static enum tt_status
keep(void *ctx, const struct tt_scan_result *result)
{
    struct collected *c = ctx;
    for (size_t i = 0; i < result->finding_count && c->count < COLLECTED_MAX; i++) {
        TT_TRY(tt_finding_copy(&c->arena, &result->findings[i], &c->findings[c->count++]));
    }
    for (size_t i = 0; i < result->not_inspected_count && c->note_count < COLLECTED_MAX; i++) {
        TT_TRY(tt_arena_dup(&c->arena, result->not_inspected[i].why, &c->notes[c->note_count++]));
    }
    c->documents += result->documents;
    for (size_t i = 0; i < TT_LEVELS; i++) {
        c->found[i] += result->found[i];
    }
    return TT_OK;
}

void
collect(struct collected *c, const char *uri, struct tt_str bytes)
{
    collect_learned(c, uri, bytes, NULL, tt_cpu_detect());
}

struct tt_learned example_sites;

void
read_example_sites(struct tt_learned *learned)
{
    char path[4096];
    static char bytes[64 * TT_KIB];
    struct tt_error err = {.msg = ""};
    snprintf(path, sizeof(path), "%s/examples/learned-sites/client.json", getenv("TT_ROOT"));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t n = fread(bytes, 1, sizeof(bytes), file);
    fclose(file);
    tt_learned_init(learned, &tt_alloc_libc);
    if (tt_learned_read(learned, tt_str_make(bytes, n), &err) != TT_OK) {
        fail_msg("%s:%u:%u: %s", path, err.line, err.column, err.msg);
    }
}

int
open_example_sites(void **state)
{
    (void) state;
    read_example_sites(&example_sites);
    return 0;
}

int
close_example_sites(void **state)
{
    (void) state;
    tt_learned_free(&example_sites);
    return 0;
}

void
collect_learned(struct collected *c, const char *uri, struct tt_str bytes, const struct tt_learned *learned, unsigned cpu)
{
    *c = (struct collected) {0};
    tt_arena_init(&c->arena, &tt_alloc_libc, 64 * TT_MIB);
    struct tt_scan scan = {
        .alloc = &tt_alloc_libc,
        .kernels = tt_kernels_get(cpu),
        .learned = learned,
        .jobs = 1,
        .result = keep,
        .ctx = c,
    };
    assert_int_equal(tt_scan_bytes(&scan, tt_str_cstr(uri), bytes), TT_OK);
}

void
collected_free(struct collected *c)
{
    tt_arena_free(&c->arena);
}

size_t
collected_at_least(const struct collected *c, const char *rule, enum tt_level level)
{
    size_t n = 0;
    for (size_t i = 0; i < c->count; i++) {
        n += strcmp(c->findings[i].rule->id, rule) == 0 && c->findings[i].level >= level;
    }
    return n;
}

struct tt_str
collected_fact(const struct tt_finding *f, const char *key)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        if (strcmp(f->facts[i].key, key) == 0) {
            return f->facts[i].text;
        }
    }
    return TT_STR("");
}
