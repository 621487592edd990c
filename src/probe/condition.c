/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Conditions in words; see condition.h.
 *
 * In: a condition of a design, or its words.  Out: the other one.  Reading takes the longest name that fits and then writes what it read: only
 * words that come out the same are a condition.  Nothing is kept.
 */
#include "probe/condition.h"

#include "finding/writer.h"
#include "probe/plan.h"
#include "json/node.h"

#define WORDS_MAX (16 * TT_KIB)
#define JSON_MEMORY (256 * TT_KIB)

const char *const tt_source_kind_names[TT_SOURCE_KINDS] = {
    "env",       "unsetenv", "file",  "link", "absent", "hostname",  "cwd",  "home", "user",
    "base-host", "scheme",   "proxy", "key",  "git",    "home-kept", "date", "cpus",
};

void
tt_source_describe(const struct tt_source *source, struct tt_buf *out)
{
    struct tt_str name = source->kind == TT_SOURCE_PROXY ? source->value : source->name; /* of a proxy the value is names */
    tt_buf_add_cstr(out, tt_source_kind_names[source->kind]);
    tt_buf_add_cstr(out, name.len > 0 ? " " : "");
    tt_buf_add(out, name);
}

static void
add_levels(const struct tt_design *design, const struct tt_condition *condition, struct tt_buf *out)
{
    size_t from = out->len;
    for (size_t i = 0; i < design->factor_count; i++) {
        if (condition->level[i] > 0) {
            tt_buf_add_cstr(out, out->len > from ? ", " : "");
            tt_buf_add(out, design->factors[i].name);
            tt_buf_add_char(out, '=');
            tt_buf_add(out, design->factors[i].levels[condition->level[i]].name);
        }
    }
    if (out->len == from) {
        tt_buf_add_cstr(out, "baseline");
    }
}

void
tt_condition_describe(const struct tt_design *design, const struct tt_condition *condition, struct tt_buf *out)
{
    add_levels(design, condition, out);
    if (condition->instant != TT_NOON) {
        tt_buf_add_cstr(out, ", ");
        tt_buf_add_cstr(out, tt_instant_name(condition->instant));
    }
    if (condition->source > 0) {
        const struct tt_factor *factor = &design->factors[tt_source_factor(condition->source)];
        const struct tt_level_spec *level = &factor->levels[condition->level[tt_source_factor(condition->source)]];
        tt_buf_add_cstr(out, ", of ");
        tt_buf_add(out, factor->name);
        tt_buf_add_cstr(out, " only ");
        tt_source_describe(&level->sources[tt_source_index(condition->source)], out);
    }
}

/* ---- reading ---- */

static struct tt_str
after(struct tt_str text, size_t n)
{
    return tt_str_slice(text, n, text.len);
}

/* The level whose name text begins with, the longest; 0: none. */
static uint8_t
find_level(const struct tt_factor *factor, struct tt_str text)
{
    uint8_t found = 0;
    for (size_t l = 1; l < factor->level_count; l++) {
        struct tt_str name = factor->levels[l].name;
        if (tt_str_starts(text, name) && (found == 0 || name.len > factor->levels[found].name.len)) {
            found = (uint8_t) l;
        }
    }
    return found;
}

/* Factors stand in the order of the design. */
static void
read_levels(const struct tt_design *design, struct tt_str text, struct tt_condition *out)
{
    for (size_t f = 0; f < design->factor_count; f++) {
        const struct tt_factor *factor = &design->factors[f];
        if (tt_str_starts(text, factor->name) && text.len > factor->name.len && text.ptr[factor->name.len] == '=') {
            struct tt_str rest = after(text, factor->name.len + 1);
            out->level[f] = find_level(factor, rest);
            rest = after(rest, factor->levels[out->level[f]].name.len);
            text = tt_str_starts(rest, TT_STR(", ")) ? after(rest, 2) : rest;
        }
    }
}

static bool
is_described_by(const struct tt_design *design, const struct tt_condition *condition, struct tt_str text, struct tt_buf *scratch)
{
    tt_buf_clear(scratch);
    tt_condition_describe(design, condition, scratch);
    return scratch->status == TT_OK && tt_str_eq(tt_buf_str(scratch), text);
}

/* With one of a level's sources alone, or with all of them. */
static bool
find_source(const struct tt_design *design, struct tt_str text, struct tt_condition *out, struct tt_buf *scratch)
{
    out->source = 0;
    if (is_described_by(design, out, text, scratch)) {
        return true;
    }
    for (size_t f = 0; f < design->factor_count; f++) {
        size_t count = out->level[f] > 0 ? design->factors[f].levels[out->level[f]].source_count : 0;
        for (size_t i = 0; i < count; i++) {
            out->source = tt_source_number(f, i);
            if (is_described_by(design, out, text, scratch)) {
                return true;
            }
        }
    }
    return false;
}

enum tt_status
tt_condition_parse(const struct tt_alloc *alloc, const struct tt_design *design, struct tt_str text, struct tt_condition *out)
{
    struct tt_buf scratch;
    bool found = false;
    tt_buf_init(&scratch, alloc, WORDS_MAX);
    *out = (struct tt_condition) {.instant = TT_NOON};
    read_levels(design, text, out);
    for (size_t i = 0; i < TT_INSTANTS && !found; i++) {
        out->instant = (enum tt_instant) i;
        found = find_source(design, text, out, &scratch);
    }
    enum tt_status status = found ? TT_OK : scratch.status == TT_E_MEMORY ? TT_E_MEMORY : TT_E_INPUT;
    tt_buf_free(&scratch);
    return status;
}

/* ---- condition.json ---- */

void
tt_condition_format(const struct tt_design *design, const struct tt_run *run, struct tt_buf *out)
{
    struct tt_buf words;
    tt_buf_init(&words, out->alloc, WORDS_MAX);
    tt_condition_describe(design, &run->condition, &words);
    tt_buf_add_cstr(out, "{\"number\": ");
    tt_buf_add_u64(out, run->number);
    tt_buf_add_cstr(out, ", \"stage\": \"");
    tt_buf_add_cstr(out, tt_stage_name(run->stage));
    tt_buf_add_cstr(out, "\", \"condition\": ");
    tt_json_add_string(out, tt_buf_str(&words));
    tt_buf_add_cstr(out, "}\n");
    tt_buf_free(&words);
}

static bool
find_stage(const struct tt_node *node, enum tt_stage *out)
{
    for (size_t i = 0; node && node->kind == TT_JSON_STRING && i < TT_STAGES; i++) {
        if (tt_str_eq(node->text, tt_str_cstr(tt_stage_name((enum tt_stage) i)))) {
            *out = (enum tt_stage) i;
            return true;
        }
    }
    return false;
}

enum tt_status
tt_condition_read(const struct tt_alloc *alloc, const struct tt_design *design, struct tt_str json, struct tt_run *out)
{
    struct tt_arena arena;
    struct tt_error err;
    const struct tt_node *root = NULL;
    tt_arena_init(&arena, alloc, JSON_MEMORY);
    enum tt_status status = tt_node_parse(&arena, json, &root, &err);
    if (status == TT_OK) {
        bool object = root->kind == TT_JSON_OBJECT_BEGIN;
        const struct tt_node *stage = object ? tt_node_get(root, TT_STR("stage")) : NULL;
        const struct tt_node *words = object ? tt_node_get(root, TT_STR("condition")) : NULL;
        status = find_stage(stage, &out->stage) && words && words->kind == TT_JSON_STRING
                     ? tt_condition_parse(alloc, design, words->text, &out->condition)
                     : TT_E_INPUT;
    }
    tt_arena_free(&arena);
    return status;
}
