/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rest of a conclusion: bits of factors, volatile fields, openly sent facts, destinations, fingerprints, and what was not tested.
 *
 * Input: the table and the groups of sense_conclude.c.  Output: lists in the arena answer.
 */
#include "base/limits.h"
#include "probe/classify.h"
#include "probe/sense_conclude.h"
#include "probe/shape.h"
#include "probe/stats.h"

/* ---- bits ---- */

struct joint {
    size_t *columns;
    size_t count;
    uint32_t *conds;
    size_t cond_count;
};

/* The covert columns of groups whose factors lie within these, and the conditions in which only these vary. */
static enum tt_status
collect_joint(struct tt_sense_conclusion *c, uint32_t factors, struct joint *joint)
{
    const struct tt_sense_table *table = &c->sense->table;
    *joint = (struct joint) {.columns = tt_sense_get(&c->sense->answer, table->column_count * sizeof(*joint->columns)),
                             .conds = tt_sense_get(&c->sense->answer, table->cond_count * sizeof(*joint->conds))};
    if (!joint->columns || !joint->conds) {
        return TT_E_MEMORY;
    }
    for (size_t g = 0; g < c->group_count; g++) {
        const struct tt_sense_group *group = &c->groups[g];
        if (!group->covert || (group->factors & ~factors)) {
            continue;
        }
        for (size_t i = 0; i < group->count; i++) {
            joint->columns[joint->count++] = group->columns[i];
            if (joint->count == table->column_count) {
                return TT_OK; /* a column that is in several groups counts no more for it */
            }
        }
    }
    for (uint32_t i = 0; i < table->cond_count; i++) {
        const struct tt_sense_cond *cond = &table->conds[i];
        if (cond->condition.instant == TT_NOON && cond->condition.source == 0 && !(cond->factors & ~factors)) {
            joint->conds[joint->cond_count++] = i;
        }
    }
    return TT_OK;
}

static enum tt_status
add_bits(struct tt_sense_conclusion *c, uint32_t factors)
{
    struct joint joint;
    struct tt_factor_bits *out = &c->out.bits[c->out.bit_count];
    TT_TRY(collect_joint(c, factors, &joint));
    *out = (struct tt_factor_bits) {.factors = factors, .cells = 1, .cells_run = (unsigned) joint.cond_count};
    for (size_t f = 0; f < c->sense->design->factor_count; f++) {
        out->cells *= factors >> f & 1 ? (unsigned) c->sense->design->factors[f].level_count : 1;
    }
    out->symbols = tt_sense_tuples(c->sense, joint.columns, joint.count, joint.conds, joint.cond_count);
    out->bits = tt_stats_log2(out->symbols ? out->symbols : 1);
    c->out.bit_count += out->symbols > 1;
    return TT_OK;
}

static bool
has_covert(const struct tt_sense_conclusion *c, uint32_t factors)
{
    for (size_t g = 0; g < c->group_count; g++) {
        if (c->groups[g].covert && !(c->groups[g].factors & ~factors)) {
            return true;
        }
    }
    return false;
}

static bool
is_pair(const struct tt_sense_conclusion *c, uint32_t one, uint32_t two)
{
    for (size_t g = 0; g < c->group_count; g++) {
        if (c->groups[g].covert && c->groups[g].factors == (one | two)) {
            return true;
        }
    }
    return has_covert(c, one) && has_covert(c, two);
}

enum tt_status
tt_sense_make_bits(struct tt_sense_conclusion *c)
{
    size_t factors = c->sense->design->factor_count;
    c->out.bits = tt_sense_get(&c->sense->answer, (factors * factors + 1) * sizeof(*c->out.bits));
    if (!c->out.bits) {
        return TT_E_MEMORY;
    }
    for (size_t one = 0; one < factors; one++) {
        if (has_covert(c, UINT32_C(1) << one)) {
            TT_TRY(add_bits(c, UINT32_C(1) << one));
        }
    }
    for (size_t one = 0; one < factors; one++) {
        for (size_t two = one + 1; two < factors; two++) {
            uint32_t a = UINT32_C(1) << one, b = UINT32_C(1) << two;
            if (is_pair(c, a, b)) {
                TT_TRY(add_bits(c, a | b));
            }
        }
    }
    return TT_OK;
}

/* ---- volatile fields ---- */

struct values {
    unsigned distinct, runs;
    bool rises; /* from run to run, by the order of their numbers: a counter */
};

static struct values
count_values(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    const struct tt_sense_table *table = &sense->table;
    struct values v = {.rises = true};
    struct tt_str last = {"", 0};
    for (size_t run = 0; run < table->run_count; run++) {
        uint32_t value = column->value[run];
        bool known = value == TT_SENSE_MISSING;
        v.runs += !known;
        for (size_t other = 0; other < run && !known; other++) {
            known = column->value[other] == value;
        }
        v.distinct += !known;
        if (value != TT_SENSE_MISSING && column->kind == TT_COLUMN_TEXT) {
            struct tt_str text = tt_sense_text(sense, value);
            bool more = text.len > last.len || (text.len == last.len && text.len > 0 && memcmp(text.ptr, last.ptr, text.len) > 0);
            v.rises = v.rises && more;
            last = text;
        }
    }
    return v;
}

/* The volatile part of the line: from the first to the last column that is. */
static enum tt_status
volatile_part(struct tt_sense *sense, size_t first, size_t end, struct tt_str *part, bool *prefix)
{
    const struct tt_sense_table *table = &sense->table;
    const struct tt_sense_slot *slot = &table->slots[table->columns[first].slot];
    struct tt_sense_reference reference;
    struct tt_sense_split own;
    uint32_t low = TT_SENSE_NONE, high = 0;
    tt_arena_reset(&sense->scratch);
    TT_TRY(tt_sense_refer(&sense->scratch,
                          tt_sense_text(sense, tt_sense_site_reference(sense, slot, &slot->sites[table->columns[first].site])),
                          &reference));
    TT_TRY(tt_sense_cut(&sense->scratch, &reference, reference.text, false, &own));
    for (size_t i = first; i < end; i++) {
        const struct tt_sense_column *column = &table->columns[i];
        if (column->kind == TT_COLUMN_TEXT && column->state == TT_STATE_VOLATILE && column->to != TT_SENSE_NONE) {
            low = column->from < low ? column->from : low;
            high = column->to > high ? column->to : high;
        }
    }
    *part = low < high ? tt_shape_part(reference.text, own.starts[low], own.starts[high]) : reference.text;
    *prefix = low != TT_SENSE_NONE && low > 1 && part->ptr > reference.text.ptr;
    return TT_OK;
}

static enum tt_status
name_shape(struct tt_sense *sense, const struct tt_sense_column *column, size_t first, size_t end, struct tt_volatile_field *out)
{
    struct tt_buf buf;
    struct values v = count_values(sense, column);
    tt_buf_init(&buf, sense->alloc, TT_KIB);
    out->values = v.distinct;
    out->runs = v.runs;
    out->capacity = tt_stats_log2(v.distinct ? v.distinct : 1);
    if (column->kind == TT_COLUMN_TEXT) {
        bool prefix;
        struct tt_str part;
        enum tt_status status = volatile_part(sense, first, end, &part, &prefix);
        if (status != TT_OK) {
            tt_buf_free(&buf);
            return status;
        }
        struct tt_shape shape = tt_shape_read(part, column->value[0] == TT_SENSE_MISSING ? 0 : TT_NOON_SECONDS);
        bool counter = shape.kind == TT_SHAPE_NUMBER && v.rises && v.distinct > 3;
        bool few = v.distinct * 2 <= v.runs;
        tt_buf_add_cstr(&buf, prefix ? "prefix + " : "");
        if (counter) {
            tt_buf_add_cstr(&buf, "counter");
        } else {
            tt_shape_write(&shape, &buf);
        }
        double room = counter ? 0 : tt_shape_bits(&shape);
        out->capacity = few && room > out->capacity ? out->capacity : room;
    } else if (column->kind == TT_COLUMN_ORDER) {
        size_t names = 0;
        struct tt_str list = tt_sense_text(sense, column->value[0] == TT_SENSE_MISSING ? 0 : column->value[0]);
        out->capacity = 0;
        for (size_t i = 0; i < list.len; i++) {
            names += list.ptr[i] == '\n';
            out->capacity += list.ptr[i] == '\n' ? tt_stats_log2((double) names) : 0;
        }
        tt_buf_add_cstr(&buf, "order of ");
        tt_buf_add_u64(&buf, names);
    } else {
        bool comes = column->kind == TT_COLUMN_PRESENT || column->kind == TT_COLUMN_REQUEST;
        tt_buf_add_cstr(&buf, comes ? TT_VOLATILE_COMES : column->kind == TT_COLUMN_REQUESTS ? "order" : "form");
    }
    enum tt_status status = buf.status == TT_OK ? tt_arena_dup(&sense->answer, tt_buf_str(&buf), &out->shape) : TT_E_MEMORY;
    tt_buf_free(&buf);
    return status;
}

/* Lines that move come and go at many places: the last field is told with one before it that does so alike. */
static void
merge_volatile(struct tt_conclusion *out)
{
    const struct tt_volatile_field *last = &out->volatiles[out->volatile_count - 1];
    for (size_t i = 0; i + 1 < out->volatile_count && tt_str_eq(last->shape, TT_STR(TT_VOLATILE_COMES)); i++) {
        struct tt_volatile_field *one = &out->volatiles[i];
        if (tt_str_eq(one->shape, last->shape) && tt_str_eq(one->path, last->path) && tt_str_eq(one->request, last->request) &&
            one->audited == last->audited) {
            one->places++;
            one->example = tt_classify_has_words(one->example) ? one->example : last->example;
            out->volatile_count--;
            return;
        }
    }
}

enum tt_status
tt_sense_make_volatiles(struct tt_sense_conclusion *c)
{
    struct tt_sense *sense = c->sense;
    const struct tt_sense_table *table = &sense->table;
    struct tt_volatile_field *list = tt_sense_get(&sense->answer, table->column_count * sizeof(*list));
    if (!list) {
        return TT_E_MEMORY;
    }
    c->out.volatiles = list;
    for (size_t first = 0; first < table->column_count;) {
        size_t end = tt_sense_site_end(sense, first), i = first;
        while (i < end && (table->columns[i].state != TT_STATE_VOLATILE || table->columns[i].kind >= TT_COLUMN_SHAPE)) {
            i++;
        }
        if (i < end) {
            const struct tt_sense_column *column = &table->columns[i];
            struct tt_volatile_field *out = &list[c->out.volatile_count++];
            *out = (struct tt_volatile_field) {.path = tt_sense_path(sense, column), .places = 1};
            out->request = tt_sense_request_name(sense, column->slot);
            out->example = tt_sense_line(sense, column, tt_sense_run_of(sense, column, table->noon));
            for (size_t a = 0; a < c->audit_count; a++) {
                bool own = c->audits[a].slot == column->slot && c->audits[a].site == column->site;
                out->audited |= own ? c->audits[a].factors : 0;
            }
            TT_TRY(name_shape(sense, column, first, end, out));
            merge_volatile(&c->out);
        }
        first = end;
    }
    return TT_OK;
}

/* ---- what is sent openly, where to, and how ---- */

static enum tt_status
list_open(struct tt_sense_conclusion *c)
{
    struct tt_conclusion *out = &c->out;
    out->facts = tt_sense_get(&c->sense->answer, out->dependence_count * sizeof(*out->facts));
    if (!out->facts) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < out->dependence_count; i++) {
        const struct tt_dependence *d = &out->dependences[i];
        if (d->class == TT_CLASS_VISIBLE && d->echo && d->symbol_count > 1) {
            out->facts[out->fact_count++] = (struct tt_open_fact) {d->factors, d->request, d->path, d->symbols[1].line};
        }
    }
    return TT_OK;
}

static enum tt_status
list_destinations(struct tt_sense_conclusion *c)
{
    struct tt_sense *sense = c->sense;
    size_t room = 0;
    for (size_t run = 0; run < sense->table.run_count; run++) {
        room += sense->table.runs[run]->contact_count;
    }
    struct tt_destination *list = tt_sense_get(&sense->answer, room * sizeof(*list));
    uint32_t *last = tt_sense_get(&sense->answer, room * sizeof(*last));
    size_t n = 0;
    if (!list || !last) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < sense->table.run_count; run++) {
        const struct tt_sense_run *of = sense->table.runs[run];
        for (size_t k = 0; k < of->contact_count; k++) {
            struct tt_str name = tt_sense_text(sense, of->contacts[k].name);
            size_t i = 0;
            while (i < n && (list[i].kind != of->contacts[k].kind || !tt_str_eq(list[i].name, name))) {
                i++;
            }
            if (i == n) {
                list[n++] = (struct tt_destination) {.kind = of->contacts[k].kind,
                                                     .name = name,
                                                     .nameless = of->contacts[k].nameless,
                                                     .first_run = of->run.number};
            }
            list[i].runs += last[i] != run + 1;
            last[i] = (uint32_t) run + 1;
        }
    }
    c->out.destinations = list;
    c->out.destination_count = n;
    return TT_OK;
}

static enum tt_status
list_fingerprints(struct tt_sense_conclusion *c)
{
    struct tt_sense *sense = c->sense;
    const struct tt_sense_table *table = &sense->table;
    c->out.fingerprints = tt_sense_get(&sense->answer, table->slot_count * sizeof(*c->out.fingerprints));
    if (!c->out.fingerprints) {
        return TT_E_MEMORY;
    }
    for (size_t s = 1; s < table->slot_count; s++) {
        const struct tt_sense_slot *slot = &table->slots[s];
        const struct tt_sense_request *request = &table->runs[slot->first_run]->requests[slot->first_request];
        struct tt_fingerprint *out = &c->out.fingerprints[c->out.fingerprint_count++];
        out->request = tt_sense_request_name(sense, (uint32_t) s);
        out->headers = tt_sense_text(sense, request->names);
        for (size_t run = 0; run < table->run_count && out->hello.len == 0; run++) {
            uint32_t number = slot->request[run];
            out->hello = number ? tt_sense_text(sense, table->runs[run]->requests[number - 1].hello) : out->hello;
        }
        if (table->cond_of[slot->first_run] == table->noon) {
            c->out.requests++;
            c->out.leaves += request->count;
        }
    }
    return TT_OK;
}

/* ---- what was not tested ---- */

static void
add_untested(struct tt_sense_conclusion *c, enum tt_untested_kind kind, uint32_t run, uint32_t factors, struct tt_str detail)
{
    c->out.untested[c->out.untested_count++] = (struct tt_untested) {kind, run, factors, detail};
}

static bool
has_run_of(const struct tt_sense *sense, size_t factor, size_t level)
{
    for (size_t i = 0; i < sense->table.cond_count; i++) {
        if (sense->table.conds[i].condition.level[factor] == level) {
            return true;
        }
    }
    return false;
}

/* What differs under the condition for no reason that was found; or NULL. */
static const struct tt_sense_column *
find_unexplained(const struct tt_sense *sense, uint32_t cond)
{
    for (size_t i = 0; i < sense->table.column_count; i++) {
        const struct tt_sense_column *column = &sense->table.columns[i];
        uint32_t value = column->at[cond];
        if (column->state != TT_STATE_VOLATILE && value < TT_SENSE_RANDOM && column->predicted[cond] < TT_SENSE_RANDOM &&
            value != column->predicted[cond] && !column->effect[cond]) {
            return column;
        }
    }
    return NULL;
}

static size_t
untested_room(const struct tt_sense_conclusion *c)
{
    size_t room = 3 * c->sense->run_count + c->out.dependence_count + c->out.volatile_count + c->sense->table.cond_count;
    for (size_t f = 0; f < c->sense->design->factor_count; f++) {
        room += c->sense->design->factors[f].level_count;
    }
    return room;
}

/* Says where the row differs. */
static enum tt_status
add_row(struct tt_sense_conclusion *c, const struct tt_sense_cond *cond, const struct tt_sense_column *column)
{
    struct tt_str detail;
    struct tt_buf buf;
    tt_buf_init(&buf, c->sense->alloc, TT_KIB + TT_JSON_PATH_MAX);
    tt_buf_add_cstr(&buf, "a difference that fewer factors do not explain, at ");
    tt_buf_add(&buf, tt_str_slice(tt_sense_path(c->sense, column), 0, TT_JSON_PATH_MAX));
    enum tt_status status = buf.status == TT_OK ? tt_arena_dup(&c->sense->answer, tt_buf_str(&buf), &detail) : TT_E_MEMORY;
    tt_buf_free(&buf);
    if (status == TT_OK) {
        add_untested(c, TT_UNTESTED_ROW, c->sense->table.runs[cond->runs[0]]->run.number, cond->factors, detail);
    }
    return status;
}

/* The runs from the first one on that failed for its reason: "timed out, in runs 7, 9 to 12". */
static enum tt_status
name_failed(const struct tt_sense *sense, size_t first, struct tt_buf *out)
{
    size_t shown = 0;
    tt_buf_add(out, tt_sense_text(sense, sense->runs[first]->failure));
    for (size_t i = first; i < sense->run_count; i++) {
        size_t end = i;
        while (end < sense->run_count && sense->runs[end]->failed && sense->runs[end]->failure == sense->runs[first]->failure) {
            end++;
        }
        if (end > i) {
            tt_buf_add_cstr(out, shown++ ? ", " : ", in runs ");
            tt_buf_add_u64(out, sense->runs[i]->run.number);
            tt_buf_add_cstr(out, end - i > 2 ? " to " : end - i == 2 ? ", " : "");
        }
        if (end > i + 1) {
            tt_buf_add_u64(out, sense->runs[end - 1]->run.number);
        }
        i = end > i ? end - 1 : i;
    }
    return out->status;
}

/* One entry for each reason; first is the first run that has it. */
static enum tt_status
add_failed(struct tt_sense_conclusion *c, size_t first)
{
    const struct tt_sense *sense = c->sense;
    const struct tt_sense_run *run = sense->runs[first];
    struct tt_str detail = tt_sense_text(sense, run->failure);
    size_t count = 0;
    for (size_t i = 0; i < sense->run_count; i++) {
        bool same = sense->runs[i]->failed && sense->runs[i]->failure == run->failure;
        if (same && i < first) {
            return TT_OK;
        }
        count += same;
    }
    if (count > 1) {
        struct tt_buf buf;
        tt_buf_init(&buf, sense->alloc, 64 * TT_KIB);
        enum tt_status status = name_failed(sense, first, &buf);
        status = status == TT_OK ? tt_arena_dup(&c->sense->answer, tt_buf_str(&buf), &detail) : status;
        tt_buf_free(&buf);
        TT_TRY(status);
    }
    add_untested(c, TT_UNTESTED_RUN, count > 1 ? 0 : run->run.number, 0, detail);
    return TT_OK;
}

static enum tt_status
list_failed(struct tt_sense_conclusion *c)
{
    struct tt_sense *sense = c->sense;
    for (size_t i = 0; i < sense->run_count; i++) {
        const struct tt_sense_run *run = sense->runs[i];
        bool cut = run->cut;
        TT_TRY(run->failed ? add_failed(c, i) : TT_OK);
        for (size_t r = 0; r < run->count; r++) {
            cut = cut || run->requests[r].cut;
        }
        if (cut) {
            add_untested(c, TT_UNTESTED_LIMIT, run->run.number, 0, TT_STR("more leaves or requests than are compared"));
        }
    }
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        for (size_t l = 0; l < sense->design->factors[f].level_count; l++) {
            if (!has_run_of(sense, f, l)) {
                add_untested(c, TT_UNTESTED_LEVEL, 0, UINT32_C(1) << f, sense->design->factors[f].levels[l].name);
            }
        }
    }
    return TT_OK;
}

static enum tt_status
list_untested(struct tt_sense_conclusion *c)
{
    struct tt_sense *sense = c->sense;
    c->out.untested = tt_sense_get(&sense->answer, untested_room(c) * sizeof(*c->out.untested));
    if (!c->out.untested) {
        return TT_E_MEMORY;
    }
    TT_TRY(list_failed(c));
    for (size_t i = 0; i < c->out.dependence_count; i++) {
        const struct tt_dependence *d = &c->out.dependences[i];
        if (!d->confirmed && d->class >= TT_CLASS_C1) {
            add_untested(c, TT_UNTESTED_HIT, d->symbol_count > 1 ? d->symbols[1].run : 0, d->factors, d->path);
        }
    }
    for (uint32_t i = 0; i < sense->table.cond_count && sense->table.noon != TT_SENSE_NONE; i++) {
        const struct tt_sense_cond *cond = &sense->table.conds[i];
        const struct tt_sense_column *differs =
            cond->row && cond->condition.instant == TT_NOON ? find_unexplained(sense, i) : NULL;
        if (differs) {
            TT_TRY(add_row(c, cond, differs));
        }
    }
    for (size_t i = 0; i < c->out.volatile_count; i++) {
        const struct tt_volatile_field *field = &c->out.volatiles[i];
        if (field->capacity > 0 && field->audited == 0) {
            add_untested(c, TT_UNTESTED_VOLATILE, 0, 0, field->path);
        }
    }
    return TT_OK;
}

enum tt_status
tt_sense_make_facts(struct tt_sense_conclusion *c)
{
    TT_TRY(list_open(c));
    TT_TRY(list_destinations(c));
    TT_TRY(list_fingerprints(c));
    return list_untested(c);
}
