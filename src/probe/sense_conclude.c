/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conclusion: effects told as dependences, the strongest first, with their symbols and bits.
 *
 * Input: the table.  Output: everything in the arena answer.  One dependence is one leaf, one set of factors and one class; leaves that change in the
 * same way are told once, with the number of places.
 */
#include "probe/sense_conclude.h"
#include "base/limits.h"
#include "probe/classify.h"
#include "probe/stats.h"
#include "json/string.h"

#include <stdlib.h>

/* ---- groups ---- */

static bool
has_number(const size_t *list, size_t count, size_t number)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == number) {
            return true;
        }
    }
    return false;
}

static struct tt_sense_group *
find_group(struct tt_sense_conclusion *c, size_t from, uint32_t factors, enum tt_probe_class class)
{
    for (size_t i = from; i < c->group_count; i++) {
        if (c->groups[i].factors == factors && c->groups[i].class == class) {
            return &c->groups[i];
        }
    }
    return NULL;
}

static struct tt_sense_group *
add_group(struct tt_sense_conclusion *c, uint32_t factors, enum tt_probe_class class, size_t columns)
{
    struct tt_arena *answer = &c->sense->answer;
    if (c->group_count == c->group_room) {
        size_t room = c->group_room ? c->group_room * 2 : 64;
        struct tt_sense_group *groups = tt_sense_get(answer, room * sizeof(*groups));
        if (!groups) {
            return NULL;
        }
        if (c->group_count > 0) {
            memcpy(groups, c->groups, c->group_count * sizeof(*groups));
        }
        c->groups = groups;
        c->group_room = room;
    }
    struct tt_sense_group *group = &c->groups[c->group_count];
    *group = (struct tt_sense_group) {.factors = factors, .class = class, .places = 1};
    group->columns = tt_sense_get(answer, columns * sizeof(*group->columns));
    group->conds = tt_sense_get(answer, c->sense->table.cond_count * sizeof(*group->conds));
    if (!group->columns || !group->conds) {
        return NULL;
    }
    group->told = c->group_count++;
    return group;
}

/* Puts what a condition does to the site first..end into groups from from on. */
static enum tt_status
group_change(struct tt_sense_conclusion *c, size_t from, size_t first, size_t end, uint32_t cond, uint32_t factors)
{
    struct tt_sense_change change;
    TT_TRY(tt_sense_classify(c->sense, first, end, cond, factors, &change));
    for (size_t p = 0; p < change.count; p++) {
        struct tt_sense_group *group = find_group(c, from, factors, change.parts[p].class);
        group = group ? group : add_group(c, factors, change.parts[p].class, end - first);
        if (!group) {
            return TT_E_MEMORY;
        }
        group->conds[group->cond_count++] = cond;
        for (size_t k = 0; k < change.parts[p].count; k++) {
            if (!has_number(group->columns, group->count, change.parts[p].columns[k])) {
                group->columns[group->count++] = change.parts[p].columns[k];
            }
        }
    }
    return TT_OK;
}

static enum tt_status
group_site(struct tt_sense_conclusion *c, size_t first, size_t end)
{
    const struct tt_sense_table *table = &c->sense->table;
    size_t from = c->group_count;
    for (uint32_t cond = 0; cond < table->cond_count; cond++) {
        uint32_t key = 0; /* it is the condition's factors, or none */
        for (size_t i = first; i < end && !key; i++) {
            key = tt_sense_key(c->sense, &table->columns[i], cond);
        }
        if (key) {
            TT_TRY(group_change(c, from, first, end, cond, key));
        }
    }
    return TT_OK;
}

/* ---- the same in many places ---- */

static bool
is_same_change(const struct tt_sense_conclusion *c, const struct tt_sense_group *a, const struct tt_sense_group *b)
{
    const struct tt_sense_column *columns = c->sense->table.columns;
    bool margins = columns[a->columns[0]].kind == TT_COLUMN_MARGIN; /* white space says the same wherever it stands */
    if (a->factors != b->factors || a->class != b->class || a->cond_count != b->cond_count || a->count != b->count ||
        (!margins &&
         !tt_str_eq(tt_sense_path(c->sense, &columns[a->columns[0]]), tt_sense_path(c->sense, &columns[b->columns[0]])))) {
        return false;
    }
    for (size_t k = 0; k < a->count; k++) {
        const struct tt_sense_column *x = &columns[a->columns[k]], *y = &columns[b->columns[k]];
        bool text = x->kind == TT_COLUMN_TEXT || margins;
        if (x->kind != y->kind) {
            return false;
        }
        for (size_t i = 0; i < a->cond_count && text; i++) {
            if (a->conds[i] != b->conds[i] || x->at[a->conds[i]] != y->at[a->conds[i]]) {
                return false;
            }
        }
    }
    return a->class != TT_CLASS_VISIBLE || columns[a->columns[0]].kind == TT_COLUMN_TEXT;
}

/* The member of the body that a leaf lies in: of "$.tools[read].name" the part "$.tools[read]".  Other paths are whole. */
static struct tt_str
member_of(struct tt_str path)
{
    size_t end = 2;
    if (tt_sense_is_framing(path)) {
        return TT_STR("#chunks");
    }
    if (!tt_str_starts(path, TT_STR("$."))) {
        return path;
    }
    while (end < path.len && path.ptr[end] != '.' && path.ptr[end] != ']') {
        end++;
    }
    return tt_str_slice(path, 0, end);
}

static bool
is_presence(const struct tt_sense_conclusion *c, const struct tt_sense_group *group)
{
    for (size_t k = 0; k < group->count; k++) {
        if (c->sense->table.columns[group->columns[k]].kind != TT_COLUMN_PRESENT) {
            return false;
        }
    }
    return group->class == TT_CLASS_VISIBLE || group->class == TT_CLASS_C3;
}

/* Do the leaves of both come and go together, openly: the lines of a passage, the members of a tool? */
static bool
is_same_passage(const struct tt_sense_conclusion *c, const struct tt_sense_group *a, const struct tt_sense_group *b)
{
    const struct tt_sense_column *x = &c->sense->table.columns[a->columns[0]], *y = &c->sense->table.columns[b->columns[0]];
    if (a->class != b->class || a->factors != b->factors || a->cond_count != b->cond_count || x->slot != y->slot ||
        !is_presence(c, a) || !is_presence(c, b) ||
        !tt_str_eq(member_of(tt_sense_path(c->sense, x)), member_of(tt_sense_path(c->sense, y)))) {
        return false;
    }
    for (size_t i = 0; i < a->cond_count; i++) {
        uint32_t cond = a->conds[i];
        if (cond != b->conds[i] || ((x->at[cond] == 0) != (y->at[cond] == 0) && a->class == TT_CLASS_VISIBLE)) {
            return false;
        }
    }
    return true;
}

static void
merge_groups(struct tt_sense_conclusion *c)
{
    for (size_t i = 0; i < c->group_count; i++) {
        for (size_t k = i + 1; k < c->group_count && c->groups[i].told == i; k++) {
            const struct tt_sense_group *a = &c->groups[i], *b = &c->groups[k];
            if (b->told == k && (is_same_change(c, a, b) || is_same_passage(c, a, b))) {
                c->groups[k].told = i;
                c->groups[i].places++;
            }
        }
    }
}

/* ---- symbols ---- */

/* Bytes that the first n bytes of a string take between quotes, as most writers spell them. */
static size_t
plain_length(struct tt_str value, size_t n)
{
    size_t length = 0;
    for (size_t i = 0; i < n && i < value.len; i++) {
        unsigned char ch = (unsigned char) value.ptr[i];
        bool small = ch == '"' || ch == '\\' || (ch >= '\b' && ch <= '\r' && ch != '\v');
        length += small ? 2 : ch < 0x20 ? 6 : 1;
    }
    return length;
}

static size_t
raw_at(const struct tt_sense *sense, const struct tt_sense_leaf *leaf, size_t n)
{
    struct tt_str value = tt_sense_text(sense, leaf->value), raw = tt_sense_text(sense, leaf->raw);
    if (!leaf->escaped) {
        return n;
    }
    return raw.len > 0 ? tt_json_raw_offset(raw, false, n) : plain_length(value, n);
}

/* The part of a line that the group's columns cover: from the first to the last of them. */
static enum tt_status
find_part(struct tt_sense *sense, const struct tt_sense_group *group, struct tt_str line, size_t *from, size_t *to)
{
    const struct tt_sense_column *columns = sense->table.columns;
    const struct tt_sense_column *first = &columns[group->columns[0]];
    const struct tt_sense_slot *slot = &sense->table.slots[first->slot];
    struct tt_sense_reference reference;
    struct tt_sense_split split;
    *from = 0;
    *to = line.len;
    uint32_t low = TT_SENSE_NONE, high = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct tt_sense_column *column = &columns[group->columns[i]];
        if ((column->kind != TT_COLUMN_TEXT && column->kind != TT_COLUMN_FORM) || column->to == TT_SENSE_NONE) {
            return TT_OK;
        }
        low = column->from < low ? column->from : low;
        high = column->to > high ? column->to : high;
    }
    uint32_t value = tt_sense_site_reference(sense, slot, &slot->sites[first->site]);
    tt_arena_reset(&sense->scratch);
    TT_TRY(tt_sense_refer(&sense->scratch, tt_sense_text(sense, value), &reference));
    TT_TRY(tt_sense_cut(&sense->scratch, &reference, line, false, &split));
    if (low < high && high <= split.cells) {
        *from = split.starts[low];
        *to = split.starts[high];
    }
    return TT_OK;
}

static enum tt_status
fill_symbol(struct tt_sense *sense, const struct tt_sense_group *group, uint32_t cond, struct tt_symbol *symbol)
{
    const struct tt_sense_table *table = &sense->table;
    const struct tt_sense_column *column = &table->columns[group->columns[0]];
    const struct tt_sense_slot *slot = &table->slots[column->slot];
    uint32_t run = tt_sense_run_of(sense, column, cond);
    *symbol = (struct tt_symbol) {.condition = table->conds[cond].condition, .absent = true};
    symbol->runs = (unsigned) table->conds[cond].run_count;
    for (size_t i = 0; i < table->conds[cond].run_count; i++) {
        symbol->agree += column->value[table->conds[cond].runs[i]] != TT_SENSE_MISSING;
    }
    if (run == TT_SENSE_NONE) {
        return TT_OK;
    }
    symbol->run = table->runs[run]->run.number;
    if (slot->request[run]) {
        symbol->exchange = table->runs[run]->requests[slot->request[run] - 1].ordinal;
    }
    if (column->site == TT_SENSE_NONE) {
        symbol->request = column->kind == TT_COLUMN_REQUEST;
        symbol->absent = symbol->request && column->at[cond] == 0;
        symbol->value = symbol->line = column->kind == TT_COLUMN_REQUESTS ? tt_sense_text(sense, column->at[cond]) : TT_STR("");
        return TT_OK;
    }
    const struct tt_sense_leaf *leaf = tt_sense_leaf_of(sense, slot, &slot->sites[column->site], run);
    if (!leaf) {
        return TT_OK;
    }
    size_t from, to;
    symbol->absent = false;
    symbol->line = tt_sense_text(sense, leaf->value);
    TT_TRY(find_part(sense, group, symbol->line, &from, &to));
    symbol->value = tt_str_slice(symbol->line, from, to);
    symbol->in_text = column->to != TT_SENSE_NONE && (column->kind == TT_COLUMN_TEXT || column->kind == TT_COLUMN_FORM);
    symbol->spelled = symbol->in_text && column->kind == TT_COLUMN_FORM;
    symbol->line_from = from;
    symbol->line_to = to;
    symbol->in_content = leaf->in_content;
    symbol->offset = leaf->offset + raw_at(sense, leaf, from);
    symbol->length = raw_at(sense, leaf, to) - raw_at(sense, leaf, from);
    if (column->kind == TT_COLUMN_FORM && column->to == TT_SENSE_NONE) {
        symbol->length = leaf->length;
    }
    if (column->kind == TT_COLUMN_PRESENT && symbol->line.len == 0) {
        symbol->value = tt_sense_text(sense, leaf->margin); /* that is all there is of it */
    }
    if (column->at[cond] < TT_SENSE_RANDOM && (column->kind == TT_COLUMN_MARGIN || column->kind == TT_COLUMN_FIXED ||
                                               (column->kind == TT_COLUMN_FORM && column->at[cond]))) {
        symbol->value = tt_sense_text(sense, column->at[cond]);
    }
    return TT_OK;
}

/* ---- bits ---- */

static bool
is_same_tuple(const struct tt_sense *sense, const size_t *columns, size_t count, uint32_t a, uint32_t b)
{
    for (size_t i = 0; i < count; i++) {
        const uint32_t *at = sense->table.columns[columns[i]].at;
        if (at[a] != at[b] && at[a] != TT_SENSE_MISSING && at[b] != TT_SENSE_MISSING) {
            return false;
        }
    }
    return true;
}

unsigned
tt_sense_tuples(const struct tt_sense *sense, const size_t *columns, size_t count, const uint32_t *conds, size_t cond_count)
{
    unsigned distinct = 0;
    for (size_t i = 0; i < cond_count; i++) {
        bool known = false;
        for (size_t k = 0; k < i && !known; k++) {
            known = is_same_tuple(sense, columns, count, conds[i], conds[k]);
        }
        distinct += !known;
    }
    return distinct;
}

/* The baseline, and the conditions of the group: other levels have the baseline's symbol, or one of another class. */
static double
group_bits(struct tt_sense_conclusion *c, const struct tt_sense_group *group)
{
    uint32_t *conds = tt_sense_get(&c->sense->answer, (group->cond_count + 1) * sizeof(*conds));
    size_t n = 0;
    if (!conds) {
        return 0;
    }
    conds[n++] = c->sense->table.noon;
    for (size_t i = 0; i < group->cond_count; i++) {
        if (c->sense->table.conds[group->conds[i]].condition.instant == TT_NOON) {
            conds[n++] = group->conds[i];
        }
    }
    unsigned symbols = n > 1 ? tt_sense_tuples(c->sense, group->columns, group->count, conds, n) : 2;
    return tt_stats_log2(symbols ? symbols : 1);
}

/* ---- a dependence ---- */

static uint32_t
gates_of(const struct tt_sense *sense, const struct tt_sense_group *group)
{
    uint32_t gates = 0;
    for (size_t i = 0; i < group->count; i++) {
        const struct tt_sense_column *column = &sense->table.columns[group->columns[i]];
        for (uint32_t cond = 0; cond < sense->table.cond_count; cond++) {
            uint32_t factors = sense->table.conds[cond].factors;
            if (column->effect[cond] && (factors & group->factors) == group->factors && tt_sense_key(sense, column, cond) == 0) {
                gates |= factors & ~group->factors;
            }
        }
    }
    return gates;
}

static void
find_echo(struct tt_sense_conclusion *c, struct tt_dependence *out)
{
    struct tt_sense *sense = c->sense;
    for (size_t s = 1; s < out->symbol_count && !out->echo_form; s++) {
        for (size_t f = 0; f < sense->design->factor_count && !out->echo_form; f++) {
            uint8_t level = out->symbols[s].condition.level[f];
            if ((out->factors >> f & 1) && level) {
                tt_arena_reset(&sense->scratch);
                out->echo_form = tt_classify_echo(&sense->scratch, &sense->design->factors[f].levels[level], out->symbols[s].line,
                                                  out->symbols[0].line);
            }
        }
    }
    out->echo = out->echo_form != NULL;
}

/* Runs of the condition that say something of the group's first column. */
static size_t
count_saying(const struct tt_sense *sense, const struct tt_sense_group *group, uint32_t cond)
{
    const struct tt_sense_column *column = &sense->table.columns[group->columns[0]];
    size_t count = 0;
    for (size_t i = 0; cond != TT_SENSE_NONE && i < sense->table.conds[cond].run_count; i++) {
        count += column->value[sense->table.conds[cond].runs[i]] != TT_SENSE_MISSING;
    }
    return count;
}

/* A run that lost the request says nothing; of the least number of runs one may be such. */
static void
count_support(const struct tt_sense *sense, const struct tt_sense_group *group, struct tt_dependence *out)
{
    const struct tt_sense_table *table = &sense->table;
    out->base_runs = (unsigned) count_saying(sense, group, table->noon);
    out->p = 1;
    bool seldom = true;
    for (size_t i = 0; i < group->cond_count; i++) {
        const struct tt_sense_cond *cond = &table->conds[group->conds[i]];
        size_t base = count_saying(sense, group, cond->base), own = count_saying(sense, group, group->conds[i]);
        size_t need = cond->condition.instant == TT_NOON ? TT_PROBE_CONFIRM_A : TT_PROBE_CONFIRM_B;
        double p = tt_stats_permutation((unsigned) base, (unsigned) own);
        bool ran = cond->run_count >= TT_PROBE_CONFIRM_B;
        seldom = seldom && ran && (own < 2 || base < 2);
        out->support += (unsigned) own;
        out->confirmed =
            out->confirmed || (base + 1 >= need && cond->run_count >= TT_PROBE_CONFIRM_B && own + 1 >= TT_PROBE_CONFIRM_B);
        out->identity = out->identity || tt_sense_is_identity(sense, group->factors, &cond->condition);
        out->p = p < out->p ? p : out->p;
    }
    out->runs = out->support;
    out->seldom = seldom && !out->confirmed;
}

struct tt_str
tt_sense_request_name(struct tt_sense *sense, uint32_t slot)
{
    const struct tt_sense_slot *of = &sense->table.slots[slot];
    const struct tt_sense_request *request = &sense->table.runs[of->first_run]->requests[of->first_request];
    struct tt_str method = tt_sense_text(sense, request->method), path = tt_sense_text(sense, request->path);
    if (slot == 0) {
        return TT_STR("run");
    }
    char *p = tt_arena_get(&sense->answer, method.len + path.len + 1);
    if (!p) {
        return (struct tt_str) {"", 0};
    }
    memcpy(p, method.ptr, method.len);
    p[method.len] = ' ';
    memcpy(p + method.len + 1, path.ptr, path.len);
    return tt_str_make(p, method.len + (path.len > 0 ? path.len + 1 : 0));
}

static enum tt_status
make_dependence(struct tt_sense_conclusion *c, struct tt_sense_group *group, struct tt_dependence *out)
{
    struct tt_sense *sense = c->sense;
    const struct tt_sense_column *column = &sense->table.columns[group->columns[0]];
    *out = (struct tt_dependence) {.class = group->class, .factors = group->factors, .places = group->places};
    out->symbols = tt_sense_get(&sense->answer, (group->cond_count + 1) * sizeof(*out->symbols));
    if (!out->symbols) {
        return TT_E_MEMORY;
    }
    out->request = tt_sense_request_name(sense, column->slot);
    out->path = tt_sense_path(sense, column);
    TT_TRY(fill_symbol(sense, group, sense->table.noon, &out->symbols[out->symbol_count++]));
    for (size_t i = 0; i < group->cond_count; i++) {
        TT_TRY(fill_symbol(sense, group, group->conds[i], &out->symbols[out->symbol_count++]));
    }
    count_support(sense, group, out);
    find_echo(c, out);
    out->gates = gates_of(sense, group);
    TT_TRY(tt_sense_find_sources(sense, group, out));
    out->bits = group_bits(c, group);
    group->covert = tt_dependence_is_covert(out) || (out->confirmed && out->class >= TT_CLASS_C1);
    return TT_OK;
}

static int
by_strength(const void *a, const void *b)
{
    const struct tt_dependence *x = a, *y = b;
    bool covert_x = tt_dependence_is_covert(x), covert_y = tt_dependence_is_covert(y);
    if (covert_x != covert_y) {
        return covert_x ? -1 : 1;
    }
    if (x->class != y->class) {
        return x->class > y->class ? -1 : 1;
    }
    if (x->echo != y->echo) {
        return x->echo ? 1 : -1; /* switches first */
    }
    return x->factors != y->factors ? (x->factors < y->factors ? -1 : 1) : x < y ? -1 : 1;
}

static bool
has_words(const struct tt_dependence *dependence)
{
    bool words = false;
    for (size_t i = 0; i < dependence->symbol_count; i++) {
        words = words || tt_classify_has_words(dependence->symbols[i].line);
    }
    return words;
}

static enum tt_status
make_dependences(struct tt_sense_conclusion *c)
{
    struct tt_conclusion *out = &c->out;
    merge_groups(c);
    size_t room = c->group_count + c->deep_count;
    out->dependences = tt_sense_get(&c->sense->answer, room * sizeof(*out->dependences));
    if (!out->dependences) {
        return TT_E_MEMORY;
    }
    struct tt_dependence *all = tt_sense_get(&c->sense->answer, c->group_count * sizeof(*all));
    if (!all) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < c->group_count; i++) {
        struct tt_dependence *told = &all[c->groups[i].told];
        TT_TRY(make_dependence(c, &c->groups[i], &all[i]));
        if (all[i].support > told->support || (all[i].support == told->support && !has_words(told) && has_words(&all[i]))) {
            size_t places = told->places; /* the request that most runs have tells it best, and no empty line */
            *told = all[i];
            told->places = places;
        }
    }
    for (size_t i = 0; i < c->group_count; i++) {
        if (c->groups[i].told == i && !all[i].seldom) {
            out->dependences[out->dependence_count++] = all[i];
        }
    }
    for (size_t i = 0; i < c->deep_count; i++) {
        out->dependences[out->dependence_count++] = c->deep[i];
    }
    if (out->dependence_count > 1) {
        qsort(out->dependences, out->dependence_count, sizeof(*out->dependences), by_strength);
    }
    return TT_OK;
}

enum tt_status
tt_sense_conclude(struct tt_sense *sense, bool deep, const struct tt_conclusion **out)
{
    TT_TRY(tt_sense_refresh(sense));
    tt_arena_reset(&sense->answer);
    struct tt_sense_conclusion *c = tt_sense_get(&sense->answer, sizeof(*c));
    if (!c) {
        return TT_E_MEMORY;
    }
    c->sense = sense;
    *out = &c->out;
    if (sense->table.noon != TT_SENSE_NONE) {
        for (size_t first = 0; first < sense->table.column_count;) {
            size_t end = tt_sense_site_end(sense, first);
            TT_TRY(group_site(c, first, end));
            first = end;
        }
        TT_TRY(deep ? tt_sense_make_deep(c) : TT_OK);
        TT_TRY(make_dependences(c));
        TT_TRY(tt_sense_make_bits(c));
        TT_TRY(tt_sense_make_volatiles(c));
    }
    return tt_sense_make_facts(c);
}
