/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The class of what a condition does to one leaf.
 *
 * Input: the columns of a site that the condition changes.  Output: these columns in parts, one for each class.  The baseline's line is compared with
 * itself after only these columns took the condition's values: so random parts and other factors' parts never count.
 */
#include "base/hash.h"
#include "probe/classify.h"
#include "probe/sense_report.h"

#include <stdlib.h>

static int
by_site(const void *a, const void *b)
{
    const struct tt_sense_column *x = a, *y = b;
    if (x->slot != y->slot) {
        return x->slot < y->slot ? -1 : 1;
    }
    if (x->site != y->site) {
        return x->site < y->site ? -1 : 1;
    }
    if (x->kind != y->kind) {
        return x->kind < y->kind ? -1 : 1;
    }
    return x->from < y->from ? -1 : x->from > y->from;
}

void
tt_sense_sort_columns(struct tt_sense *sense)
{
    if (sense->table.column_count > 1) {
        qsort(sense->table.columns, sense->table.column_count, sizeof(*sense->table.columns), by_site);
    }
}

size_t
tt_sense_site_end(const struct tt_sense *sense, size_t first)
{
    const struct tt_sense_column *columns = sense->table.columns;
    size_t end = first + 1;
    while (end < sense->table.column_count && columns[end].slot == columns[first].slot &&
           columns[end].site == columns[first].site && columns[first].site != TT_SENSE_NONE) {
        end++;
    }
    return end;
}

uint32_t
tt_sense_run_of(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond)
{
    const struct tt_sense_cond *of = &sense->table.conds[cond];
    for (size_t i = 0; i < of->run_count; i++) {
        if (column->value[of->runs[i]] != TT_SENSE_MISSING) {
            return of->runs[i];
        }
    }
    return TT_SENSE_NONE;
}

struct tt_str
tt_sense_line(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t run)
{
    if (column->site == TT_SENSE_NONE || run == TT_SENSE_NONE) {
        return (struct tt_str) {"", 0};
    }
    const struct tt_sense_slot *slot = &sense->table.slots[column->slot];
    const struct tt_sense_leaf *leaf = tt_sense_leaf_of(sense, slot, &slot->sites[column->site], run);
    return leaf ? tt_sense_text(sense, leaf->value) : (struct tt_str) {"", 0};
}

struct tt_str
tt_sense_path(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    if (column->kind == TT_COLUMN_REQUESTS) {
        return TT_STR("#requests");
    }
    if (column->kind == TT_COLUMN_REQUEST) {
        return TT_STR("#request");
    }
    return tt_sense_text(sense, sense->table.slots[column->slot].sites[column->site].path);
}

bool
tt_sense_is_framing(struct tt_str path)
{
    return tt_str_eq(path, TT_STR("#chunks")) || tt_str_eq(path, TT_STR("content-length")) ||
           tt_str_eq(path, TT_STR("transfer-encoding")) || tt_str_eq(path, TT_STR("$#tail"));
}

/* ---- what an effect is told of ---- */

static uint32_t
single_factors(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    uint32_t factors = 0;
    for (size_t i = 0; i < sense->table.cond_count; i++) {
        uint32_t own = sense->table.conds[i].factors;
        factors |= column->effect[i] && __builtin_popcount(own) == 1 ? own : 0;
    }
    return factors;
}

uint32_t
tt_sense_key(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond)
{
    const struct tt_sense_cond *of = &sense->table.conds[cond];
    if (!column->effect[cond] || __builtin_popcount(of->factors) == 1 || !(of->factors & single_factors(sense, column))) {
        return column->effect[cond] ? of->factors : 0;
    }
    /* A value that is known from fewer factors: this condition takes an effect away.  A new one is a code of several factors. */
    uint32_t value = column->at[cond];
    bool known = value == column->at[of->base];
    for (size_t i = 0; i < of->sub_count; i++) {
        known = known || column->at[of->subs[i]] == value;
    }
    return known ? 0 : of->factors;
}

bool
tt_sense_is_identity(const struct tt_sense *sense, uint32_t factors, const struct tt_condition *condition)
{
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        const struct tt_factor *factor = &sense->design->factors[f];
        if (!(factors >> f & 1) || !factor->identity) {
            continue;
        }
        /* A project without git tells nobody apart; one with a remote does. */
        const struct tt_level_spec *level = &factor->levels[condition->level[f]];
        bool plain = false;
        for (size_t i = 0; i < level->source_count; i++) {
            plain = plain || (level->sources[i].kind == TT_SOURCE_GIT && (tt_str_eq(level->sources[i].value, TT_STR("none")) ||
                                                                          tt_str_eq(level->sources[i].value, TT_STR("repo"))));
        }
        if (!plain) {
            return true;
        }
    }
    return false;
}

/* ---- moved leaves ---- */

static bool
tells_place(const struct tt_sense_column *column)
{
    return column->kind == TT_COLUMN_PRESENT || column->kind == TT_COLUMN_TEXT || column->kind == TT_COLUMN_VARIANT;
}

/* A number that does not depend on the order in which the lines are added up. */
static uint64_t
line_sum(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond, size_t *count)
{
    const struct tt_sense_slot *slot = &sense->table.slots[column->slot];
    const struct tt_sense_cond *of = &sense->table.conds[cond];
    for (size_t i = 0; i < of->run_count; i++) {
        const struct tt_sense_leaf *leaf = tt_sense_leaf_of(sense, slot, &slot->sites[column->site], of->runs[i]);
        if (leaf) {
            ++*count;
            return tt_hash64(leaf->value, 1, (struct tt_str) {"", 0});
        }
        if (slot->request[of->runs[i]]) {
            return 0;
        }
    }
    return 0;
}

/* The lines of one path that the condition changes: are they the same lines, elsewhere? */
bool
tt_sense_is_moved(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond)
{
    const struct tt_sense_table *table = &sense->table;
    uint32_t base = table->conds[cond].base;
    size_t before = 0, after = 0;
    uint64_t sum_before = 0, sum_after = 0;
    if (!tells_place(column) || base == TT_SENSE_NONE) {
        return false;
    }
    uint32_t path = table->slots[column->slot].sites[column->site].path, last = TT_SENSE_NONE;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct tt_sense_column *other = &table->columns[i];
        if (other->slot != column->slot || !tells_place(other) || !other->effect[cond] || other->site == last ||
            table->slots[other->slot].sites[other->site].path != path) {
            continue;
        }
        last = other->site;
        sum_before += line_sum(sense, other, base, &before);
        sum_after += line_sum(sense, other, cond, &after);
    }
    return before == after && before > 1 && sum_before == sum_after;
}

/* A leaf that is gone, and the same one come elsewhere, when not all lines of the path are only moved. */
static bool
is_pair_moved(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond)
{
    const struct tt_sense_table *table = &sense->table;
    uint32_t base = table->conds[cond].base;
    size_t count = 0, other_count;
    if (base == TT_SENSE_NONE || column->kind != TT_COLUMN_PRESENT) {
        return false;
    }
    bool gone = column->at[cond] == 0;
    uint64_t own = line_sum(sense, column, gone ? base : cond, &count);
    uint32_t path = table->slots[column->slot].sites[column->site].path;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct tt_sense_column *other = &table->columns[i];
        if (other->slot == column->slot && other->kind == TT_COLUMN_PRESENT && other->effect[cond] &&
            other->site != column->site && (other->at[cond] == 0) != gone &&
            table->slots[other->slot].sites[other->site].path == path) {
            other_count = 0;
            if (line_sum(sense, other, gone ? cond : base, &other_count) == own && other_count == count && count > 0) {
                return true;
            }
        }
    }
    return false;
}

/* ---- texts ---- */

struct judge {
    struct tt_sense *sense;
    uint32_t cond, factors;
    const size_t *columns; /* of texts that the condition changes */
    size_t count;
    const struct tt_sense_reference *reference;
};

/* The reference with the chosen columns as the condition has them; the part from the first to the last of them. */
static enum tt_status
rebuild(struct judge *judge, const bool *chosen, bool changed, struct tt_classify_part *out)
{
    struct tt_sense *sense = judge->sense;
    struct tt_sense_split own;
    struct tt_buf buf;
    size_t pos = 0;
    TT_TRY(tt_sense_cut(&sense->scratch, judge->reference, judge->reference->text, false, &own));
    *out = (struct tt_classify_part) {.from = SIZE_MAX};
    tt_buf_init(&buf, sense->alloc, TT_SENSE_ARENA);
    for (size_t i = 0; i < judge->count; i++) {
        const struct tt_sense_column *column = &sense->table.columns[judge->columns[i]];
        if (!chosen[i]) {
            continue;
        }
        size_t from = column->to == TT_SENSE_NONE ? 0 : own.starts[column->from];
        size_t to = column->to == TT_SENSE_NONE ? judge->reference->text.len : own.starts[column->to];
        tt_buf_add(&buf, tt_str_slice(judge->reference->text, pos, from));
        out->from = out->from == SIZE_MAX ? buf.len : out->from;
        tt_buf_add(&buf,
                   changed ? tt_sense_text(sense, column->at[judge->cond]) : tt_str_slice(judge->reference->text, from, to));
        out->to = buf.len;
        pos = to;
    }
    tt_buf_add(&buf, tt_str_slice(judge->reference->text, pos, judge->reference->text.len));
    out->from = out->from == SIZE_MAX ? 0 : out->from;
    enum tt_status status = buf.status == TT_OK ? tt_arena_dup(&sense->scratch, tt_buf_str(&buf), &out->text) : TT_E_MEMORY;
    tt_buf_free(&buf);
    return status;
}

/* Is the value of a level in the second line, written so that nobody reads it? */
static bool
is_encoded(const struct judge *judge, struct tt_str a, struct tt_str b)
{
    struct tt_sense *sense = judge->sense;
    const struct tt_condition *condition = &sense->table.conds[judge->cond].condition;
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        const struct tt_factor *factor = &sense->design->factors[f];
        const char *echo = NULL;
        if (judge->factors >> f & 1) {
            echo = tt_classify_echo(&sense->scratch, &factor->levels[condition->level[f]], b, a);
        }
        if (echo && strcmp(echo, "literal") != 0 && strcmp(echo, "plain") != 0) {
            return true;
        }
    }
    return false;
}

/* Do the levels' own values explain the two lines? */
static bool
is_explained(const struct judge *judge, struct tt_str a, struct tt_str b, enum tt_probe_class class)
{
    struct tt_sense *sense = judge->sense;
    const struct tt_condition *condition = &sense->table.conds[judge->cond].condition;
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        if (!(judge->factors >> f & 1)) {
            continue;
        }
        const struct tt_level_spec *from = &sense->design->factors[f].levels[0];
        const struct tt_level_spec *to = &sense->design->factors[f].levels[condition->level[f]];
        if (tt_classify_is_explained(&sense->scratch, from, to, a, b)) {
            return true;
        }
        const char *echo = class == TT_CLASS_C4 ? tt_classify_echo(&sense->scratch, to, b, a) : NULL;
        if (echo && strcmp(echo, "literal") == 0) {
            return true;
        }
    }
    return false;
}

static enum tt_status
judge_lines(struct judge *judge, const bool *chosen, enum tt_probe_class *out)
{
    struct tt_classify_part a, b;
    TT_TRY(rebuild(judge, chosen, false, &a));
    TT_TRY(rebuild(judge, chosen, true, &b));
    TT_TRY(tt_classify_lines(&judge->sense->scratch, &a, &b, out));
    if (*out == TT_CLASS_VISIBLE && is_encoded(judge, a.text, b.text)) {
        *out = TT_CLASS_C4;
    }
    if (is_explained(judge, a.text, b.text, *out)) {
        *out = TT_CLASS_VISIBLE;
    }
    return TT_OK;
}

/* Sets classes of text columns: of all together, or of those that look alike apart from the rest. */
static enum tt_status
judge_texts(struct judge *judge, enum tt_probe_class *classes)
{
    struct tt_sense *sense = judge->sense;
    bool *chosen = tt_sense_get(&sense->scratch, judge->count + 1);
    enum tt_probe_class whole;
    size_t alike = 0;
    struct tt_sense_split own;
    if (!chosen) {
        return TT_E_MEMORY;
    }
    memset(chosen, true, judge->count);
    TT_TRY(judge_lines(judge, chosen, &whole));
    TT_TRY(tt_sense_cut(&sense->scratch, judge->reference, judge->reference->text, false, &own));
    for (size_t i = 0; i < judge->count; i++) {
        const struct tt_sense_column *column = &sense->table.columns[judge->columns[i]];
        classes[i] = whole;
        if (whole == TT_CLASS_C0 || column->to == TT_SENSE_NONE) {
            continue;
        }
        struct tt_str a = tt_str_slice(judge->reference->text, own.starts[column->from], own.starts[column->to]);
        enum tt_probe_class class;
        TT_TRY(tt_classify_segment(&sense->scratch, a, tt_sense_text(sense, column->at[judge->cond]), &class));
        if (class == TT_CLASS_C0) {
            classes[i] = TT_CLASS_C0;
            chosen[i] = false;
            alike++;
        }
    }
    if (alike == 0 || alike == judge->count || whole == TT_CLASS_C0) {
        return TT_OK;
    }
    TT_TRY(judge_lines(judge, chosen, &whole)); /* what is left, without them */
    for (size_t i = 0; i < judge->count; i++) {
        classes[i] = chosen[i] ? whole : TT_CLASS_C0;
    }
    return TT_OK;
}

/* ---- other columns ---- */

/* Does one of the factor's levels name the host of "host:port"? */
static bool
names_host(const struct tt_factor *factor, struct tt_str target)
{
    const char *colon = memrchr(target.ptr, ':', target.len);
    struct tt_str host = tt_str_slice(target, 0, colon ? (size_t) (colon - target.ptr) : target.len);
    for (size_t l = 0; l < factor->level_count; l++) {
        for (size_t s = 0; s < factor->levels[l].source_count; s++) {
            const struct tt_source *source = &factor->levels[l].sources[s];
            if (source->kind == TT_SOURCE_BASE_HOST && tt_str_eq(source->value, host)) {
                return true;
            }
        }
    }
    return false;
}

/* A proxy is asked for the host that the client was told: that says host, scheme and proxy themselves. */
static bool
is_tunnel(const struct judge *judge, const struct tt_sense_column *column)
{
    const struct tt_sense *sense = judge->sense;
    const struct tt_sense_slot *slot = &sense->table.slots[column->slot];
    const struct tt_sense_request *request = &sense->table.runs[slot->first_run]->requests[slot->first_request];
    bool proxy = false, other = false, named = false;
    if (column->kind != TT_COLUMN_REQUEST || !tt_str_eq(tt_sense_text(sense, request->method), TT_STR("CONNECT"))) {
        return false;
    }
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        const struct tt_factor *factor = &sense->design->factors[f];
        bool own = judge->factors >> f & 1;
        proxy = proxy || (own && factor->role == TT_ROLE_PROXY);
        other = other || (own && factor->role != TT_ROLE_PROXY && factor->role != TT_ROLE_HOST && factor->role != TT_ROLE_SCHEME);
        named = named || (factor->role == TT_ROLE_HOST && names_host(factor, tt_sense_text(sense, request->path)));
    }
    return proxy && named && !other;
}

static bool
is_transport(const struct judge *judge, const struct tt_sense_column *column)
{
    struct tt_sense *sense = judge->sense;
    const struct tt_sense_cond *of = &sense->table.conds[judge->cond];
    if (column->kind == TT_COLUMN_FORM || column->kind == TT_COLUMN_MARGIN || column->kind == TT_COLUMN_ORDER) {
        return false;
    }
    if (is_tunnel(judge, column)) {
        return true;
    }
    struct tt_str a = of->base == TT_SENSE_NONE ? (struct tt_str) {"", 0}
                                                : tt_sense_line(sense, column, tt_sense_run_of(sense, column, of->base));
    struct tt_str b = tt_sense_line(sense, column, tt_sense_run_of(sense, column, judge->cond));
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        const struct tt_factor *factor = &sense->design->factors[f];
        if ((judge->factors >> f & 1) &&
            tt_classify_is_transport(factor, &factor->levels[of->condition.level[f]], tt_sense_path(sense, column), a, b)) {
            return true;
        }
    }
    return false;
}

/* Does a line with words of the same text come or go together with this one?  Then a reader sees that a passage is there, or a whole text. */
static bool
is_in_passage(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond)
{
    const struct tt_sense_table *table = &sense->table;
    const struct tt_sense_site *sites = table->slots[column->slot].sites;
    uint32_t with = column->at[cond] ? cond : table->conds[cond].base;
    for (size_t i = 0; i < table->column_count && with != TT_SENSE_NONE; i++) {
        const struct tt_sense_column *other = &table->columns[i];
        if (other->slot == column->slot && other->kind == TT_COLUMN_PRESENT && other->effect[cond] &&
            (other->at[cond] == 0) == (column->at[cond] == 0) && sites[other->site].path == sites[column->site].path &&
            tt_classify_has_words(tt_sense_line(sense, other, tt_sense_run_of(sense, other, with)))) {
            return true;
        }
    }
    return false;
}

/* How the bytes of a body are handed over, which is nothing that it says: of an equal body, and blanks behind it. */
static bool
is_framing(const struct tt_sense *sense, const struct tt_sense_column *column, uint32_t cond, struct tt_str line)
{
    const struct tt_sense_table *table = &sense->table;
    struct tt_str own = tt_sense_path(sense, column);
    bool plain = line.len == 0 || tt_str_eq(own, TT_STR("#chunks")) || tt_str_eq(line, TT_STR("chunked"));
    if (!tt_sense_is_framing(own) || !plain) {
        return false;
    }
    for (size_t i = 0; i < table->column_count; i++) {
        const struct tt_sense_column *other = &table->columns[i];
        struct tt_str path = other->slot == column->slot && other->effect[cond] ? tt_sense_path(sense, other) : TT_STR("");
        if (tt_str_starts(path, TT_STR("$")) && !tt_sense_is_framing(path)) {
            return false;
        }
    }
    return true;
}

static enum tt_probe_class
class_of_presence(const struct judge *judge, const struct tt_sense_column *column)
{
    struct tt_sense *sense = judge->sense;
    const struct tt_sense_cond *of = &sense->table.conds[judge->cond];
    const struct tt_sense_site *site = &sense->table.slots[column->slot].sites[column->site];
    uint32_t with = column->at[judge->cond] ? judge->cond : of->base;
    struct tt_str line =
        with == TT_SENSE_NONE ? (struct tt_str) {"", 0} : tt_sense_line(sense, column, tt_sense_run_of(sense, column, with));
    bool same = true; /* in all runs of the condition: else it is a random one that the level switched on */
    for (size_t i = 0; with != TT_SENSE_NONE && i < sense->table.conds[with].run_count; i++) {
        struct tt_str other = tt_sense_line(sense, column, sense->table.conds[with].runs[i]);
        same = same && (other.len == 0 || tt_str_eq(other, line));
    }
    if (is_pair_moved(sense, column, judge->cond)) {
        return TT_CLASS_C2;
    }
    if (is_framing(sense, column, judge->cond, line)) {
        return TT_CLASS_C3;
    }
    if (site->line && !tt_classify_has_words(line)) {
        return is_in_passage(sense, column, judge->cond) ? TT_CLASS_VISIBLE : TT_CLASS_C1;
    }
    bool opaque =
        !site->line && same && site->kind == TT_LEAF_TEXT && tt_classify_is_opaque(line) && !memchr(line.ptr, ' ', line.len);
    return opaque && !is_explained(judge, (struct tt_str) {"", 0}, line, TT_CLASS_C4) ? TT_CLASS_C4 : TT_CLASS_VISIBLE;
}

/* Hexadecimal digits in capitals are a format; another kind of value is another value. */
static enum tt_probe_class
class_of_shape(const struct judge *judge, const struct tt_sense_column *column)
{
    const struct tt_sense *sense = judge->sense;
    struct tt_str capitals = TT_STR(" in capitals");
    struct tt_str a = tt_sense_text(sense, column->at[sense->table.conds[judge->cond].base]);
    struct tt_str b = tt_sense_text(sense, column->at[judge->cond]);
    a.len -= tt_str_ends(a, capitals) ? capitals.len : 0;
    b.len -= tt_str_ends(b, capitals) ? capitals.len : 0;
    return tt_str_eq(a, b) ? TT_CLASS_C1 : TT_CLASS_VISIBLE;
}

static enum tt_probe_class
class_of(const struct judge *judge, const struct tt_sense_column *column)
{
    if (is_transport(judge, column)) {
        return TT_CLASS_TRANSPORT;
    }
    if (tells_place(column) && tt_sense_is_moved(judge->sense, column, judge->cond)) {
        return TT_CLASS_C2;
    }
    switch (column->kind) {
    case TT_COLUMN_FORM:
    case TT_COLUMN_MARGIN: return TT_CLASS_C3;
    case TT_COLUMN_ORDER:
    case TT_COLUMN_REQUESTS: return TT_CLASS_C2;
    case TT_COLUMN_PRESENT: return class_of_presence(judge, column);
    case TT_COLUMN_FRESH: {
        bool known = column->at[judge->cond] < TT_SENSE_RANDOM;
        struct tt_str text = known ? tt_sense_text(judge->sense, column->at[judge->cond]) : (struct tt_str) {"", 0};
        return tt_classify_is_opaque(text) ? TT_CLASS_C4 : TT_CLASS_VISIBLE;
    }
    case TT_COLUMN_SHAPE: return column->at[judge->cond] < TT_SENSE_RANDOM ? class_of_shape(judge, column) : TT_CLASS_VISIBLE;
    case TT_COLUMN_FIXED: return column->at[judge->cond] < TT_SENSE_RANDOM ? TT_CLASS_C5 : TT_CLASS_VISIBLE;
    default: return TT_CLASS_VISIBLE;
    }
}

/* ---- parts ---- */

static enum tt_status
add_to_part(struct tt_sense *sense, struct tt_sense_change *change, enum tt_probe_class class, size_t column, size_t room)
{
    size_t i = 0;
    while (i < change->count && change->parts[i].class != class) {
        i++;
    }
    if (i == change->count) {
        change->parts[i] = (struct tt_sense_part) {.class = class};
        change->parts[i].columns = tt_sense_get(&sense->answer, room * sizeof(size_t));
        if (!change->parts[i].columns) {
            return TT_E_MEMORY;
        }
        change->count++;
    }
    change->parts[i].columns[change->parts[i].count++] = column;
    return TT_OK;
}

enum tt_status
tt_sense_classify(struct tt_sense *sense, size_t first, size_t end, uint32_t cond, uint32_t factors, struct tt_sense_change *out)
{
    struct judge judge = {.sense = sense, .cond = cond, .factors = factors};
    const struct tt_sense_table *table = &sense->table;
    tt_arena_reset(&sense->scratch);
    size_t *texts = tt_sense_get(&sense->scratch, (end - first) * sizeof(*texts));
    enum tt_probe_class *classes = tt_sense_get(&sense->scratch, (end - first) * sizeof(*classes));
    *out = (struct tt_sense_change) {.parts = tt_sense_get(&sense->answer, TT_CLASSES * sizeof(*out->parts))};
    if (!texts || !classes || !out->parts) {
        return TT_E_MEMORY;
    }
    for (size_t i = first; i < end; i++) {
        const struct tt_sense_column *column = &table->columns[i];
        if (tt_sense_key(sense, column, cond) != factors) {
            continue;
        }
        enum tt_probe_class class = class_of(&judge, column);
        if (column->kind == TT_COLUMN_TEXT && class == TT_CLASS_VISIBLE && column->at[cond] < TT_SENSE_RANDOM) {
            texts[judge.count++] = i;
        } else {
            TT_TRY(add_to_part(sense, out, class, i, end - first));
        }
    }
    if (judge.count > 0) {
        struct tt_sense_reference reference;
        const struct tt_sense_slot *slot = &table->slots[table->columns[first].slot];
        uint32_t value = tt_sense_site_reference(sense, slot, &slot->sites[table->columns[first].site]);
        TT_TRY(tt_sense_refer(&sense->scratch, tt_sense_text(sense, value), &reference));
        judge.reference = &reference;
        judge.columns = texts;
        TT_TRY(judge_texts(&judge, classes));
        for (size_t i = 0; i < judge.count; i++) {
            TT_TRY(add_to_part(sense, out, classes[i], texts[i], end - first));
        }
    }
    return TT_OK;
}
