/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of a finding: names of levels, facts, identity and copies.
 *
 * In: what a detector filled.  Out: the same record with an id, or a copy of its own.  Strings are borrowed everywhere but in
 * tt_finding_copy, whose strings belong to the arena.
 */
#include "finding/finding.h"

#include "base/hash.h"

#include <stdlib.h>

static const char *const level_names[TT_LEVELS] = {"info", "candidate", "suspicious", "confirmed"};

const char *
tt_level_name(enum tt_level level)
{
    return (unsigned) level < TT_LEVELS ? level_names[level] : "unknown";
}

bool
tt_level_parse(struct tt_str name, enum tt_level *out)
{
    for (unsigned i = 0; i < TT_LEVELS; i++) {
        if (tt_str_eq(name, tt_str_cstr(level_names[i]))) {
            *out = (enum tt_level) i;
            return true;
        }
    }
    return false;
}

static void
add_fact(struct tt_finding *f, struct tt_fact fact)
{
    if (f->fact_count < TT_FACTS_MAX) {
        f->facts[f->fact_count++] = fact;
    }
}

void
tt_finding_add_text(struct tt_finding *f, const char *key, struct tt_str text)
{
    tt_finding_add_fact(f, key, TT_FACT_TEXT, text);
}

void
tt_finding_add_number(struct tt_finding *f, const char *key, int64_t number)
{
    add_fact(f, (struct tt_fact) {.key = key, .kind = TT_FACT_NUMBER, .number = number});
}

void
tt_finding_add_fact(struct tt_finding *f, const char *key, enum tt_fact_kind kind, struct tt_str text)
{
    add_fact(f, (struct tt_fact) {.key = key, .kind = kind, .text = text});
}

/* Little-endian on every machine, so that ids agree between them. */
static void
hash_number(struct tt_sha256 *sha, uint64_t n)
{
    unsigned char bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (unsigned char) (n >> (8 * i));
    }
    tt_sha256_add(sha, tt_str_make(bytes, sizeof(bytes)));
}

/* The length goes first: otherwise "a" + "bc" and "ab" + "c" would be one identity. */
static void
hash_string(struct tt_sha256 *sha, struct tt_str s)
{
    hash_number(sha, s.len);
    tt_sha256_add(sha, s);
}

void
tt_finding_identify(struct tt_finding *f)
{
    unsigned char sum[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    tt_sha256_init(&sha);
    hash_string(&sha, tt_str_cstr(f->rule->id));
    hash_string(&sha, f->where.path);
    hash_number(&sha, f->where.offset);
    hash_number(&sha, f->where.length);
    hash_string(&sha, f->excerpt);
    tt_sha256_end(&sha, sum);
    tt_hex_write(f->id, sum, 16);
    f->id[32] = '\0';
}

static int
by_offset(const void *a, const void *b)
{
    const struct tt_finding *x = a, *y = b;
    if (x->where.offset != y->where.offset) {
        return x->where.offset < y->where.offset ? -1 : 1;
    }
    return strcmp(x->rule->id, y->rule->id);
}

void
tt_finding_sort(struct tt_finding *findings, size_t count)
{
    if (count > 1) {
        qsort(findings, count, sizeof(*findings), by_offset);
    }
}

static enum tt_status
own(struct tt_arena *arena, struct tt_str *s)
{
    return tt_arena_dup(arena, *s, s);
}

enum tt_status
tt_finding_copy(struct tt_arena *arena, const struct tt_finding *from, struct tt_finding *to)
{
    *to = *from;
    TT_TRY(own(arena, &to->message));
    TT_TRY(own(arena, &to->where.uri));
    TT_TRY(own(arena, &to->where.path));
    TT_TRY(own(arena, &to->excerpt));
    for (size_t i = 0; i < to->fact_count; i++) {
        TT_TRY(own(arena, &to->facts[i].text));
    }
    return TT_OK;
}
