/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What runs of one condition agree on, and what can be said of the parts in which they do not: the shape of a random value, whether it is a new
 * one in each run, and the signs of it that hold still.
 *
 * Input: columns of values.  Output: the state of each, and more columns about those that are volatile.
 */
#include "base/limits.h"
#include "probe/sense_report.h"
#include "probe/shape.h"

#define RARE_BITS 32     /* of a value that does not come again by chance in as many runs as a probe has */
#define TWINS_MAX 0.02   /* that two runs have one value; of a flag, or a clock that starts anew, no few runs tell anything */
#define FIXED_MAX 256    /* bytes of a random part whose signs are compared */
#define FIXED_RUNS 5     /* runs of the baseline: a random sign of 16 holds still in one of 65536 fields */
#define FIXED_DISTINCT 4 /* different signs at one place: it is random */
#define FIXED_BEHIND 8   /* random places before one that holds still */

/* ---- what runs of one condition agree on ---- */

static uint32_t
agree(const struct tt_sense_column *column, const struct tt_sense_cond *cond)
{
    uint32_t value = TT_SENSE_MISSING;
    for (size_t i = 0; i < cond->run_count; i++) {
        uint32_t here = column->value[cond->runs[i]];
        if (here == TT_SENSE_MISSING) {
            continue;
        }
        if (value != TT_SENSE_MISSING && value != here) {
            return TT_SENSE_MIXED;
        }
        value = here;
    }
    return value;
}

static bool
has_value(const struct tt_sense_column *column, const struct tt_sense_cond *cond, uint32_t value)
{
    for (size_t i = 0; i < cond->run_count; i++) {
        if (column->value[cond->runs[i]] == value) {
            return true;
        }
    }
    return false;
}

/* Do runs differ under this level only, and there from the baseline? */
static bool
is_of_level(const struct tt_sense *sense, const struct tt_sense_column *column, size_t factor, uint8_t level)
{
    const struct tt_sense_table *table = &sense->table;
    for (size_t i = 0; i < table->cond_count; i++) {
        const struct tt_sense_cond *cond = &table->conds[i];
        if (column->at[i] == TT_SENSE_MIXED && cond->condition.instant != TT_REAL &&
            (cond->condition.level[factor] != level || has_value(column, cond, column->at[table->noon]))) {
            return false;
        }
    }
    return true;
}

static bool
settle_level(const struct tt_sense *sense, struct tt_sense_column *column)
{
    const struct tt_sense_table *table = &sense->table;
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        for (size_t l = 1; l < sense->design->factors[f].level_count; l++) {
            if (!is_of_level(sense, column, f, (uint8_t) l)) {
                continue;
            }
            for (size_t i = 0; i < table->cond_count; i++) {
                bool random = table->conds[i].condition.level[f] == l && column->at[i] != TT_SENSE_MISSING &&
                              column->at[i] != column->at[table->noon];
                column->at[i] = random ? TT_SENSE_RANDOM : column->at[i];
            }
            return true;
        }
    }
    return false;
}

enum tt_status
tt_sense_settle(struct tt_sense *sense, struct tt_sense_column *column)
{
    const struct tt_sense_table *table = &sense->table;
    column->at = tt_arena_get(&sense->work, table->cond_count * sizeof(*column->at));
    if (!column->at) {
        return TT_E_MEMORY;
    }
    bool mixed = false;
    for (size_t i = 0; i < table->cond_count; i++) {
        column->at[i] = agree(column, &table->conds[i]);
        mixed = mixed || (column->at[i] == TT_SENSE_MIXED && table->conds[i].condition.instant != TT_REAL);
    }
    column->state = TT_STATE_STABLE;
    if (mixed) {
        bool known = table->noon != TT_SENSE_NONE && column->at[table->noon] < TT_SENSE_RANDOM;
        column->state = known && settle_level(sense, column) ? TT_STATE_LEVEL : TT_STATE_VOLATILE;
    }
    return TT_OK;
}

/* ---- volatile parts: their shapes ---- */

static enum tt_status
add_shape(struct tt_sense *sense, size_t number)
{
    struct tt_sense_table *table = &sense->table;
    struct tt_sense_column *shape =
        tt_sense_add_column(sense, TT_COLUMN_SHAPE, table->columns[number].slot, table->columns[number].site);
    if (!shape) {
        return TT_E_MEMORY;
    }
    const struct tt_sense_column *from = &table->columns[number]; /* adding may have moved it */
    struct tt_buf buf;
    enum tt_status status = TT_OK;
    tt_buf_init(&buf, sense->alloc, TT_KIB);
    shape->from = from->from;
    shape->to = from->to;
    shape->chance = 1;
    for (size_t run = 0; run < table->run_count && status == TT_OK; run++) {
        if (from->value[run] != TT_SENSE_MISSING) {
            struct tt_shape read =
                tt_shape_read(tt_sense_text(sense, from->value[run]), tt_sense_instant(sense, &table->runs[run]->run));
            tt_buf_clear(&buf);
            tt_shape_write(&read, &buf);
            status = buf.status == TT_OK ? tt_sense_number(&sense->strings, tt_buf_str(&buf), &shape->value[run]) : TT_E_MEMORY;
        }
    }
    tt_buf_free(&buf);
    tt_sense_drop_if_same(sense);
    return status;
}

bool
tt_sense_is_rare(const struct tt_sense *sense, uint32_t value)
{
    struct tt_shape shape = tt_shape_read(tt_sense_text(sense, value), 0);
    return tt_shape_bits(&shape) >= RARE_BITS;
}

/* Other runs that have the run's value. */
static size_t
count_twins(const struct tt_sense *sense, const struct tt_sense_column *column, size_t run)
{
    size_t count = 0;
    for (size_t other = 0; other < sense->table.run_count; other++) {
        count += other != run && column->value[other] == column->value[run];
    }
    return count;
}

/* How likely have two runs one value, where the part is random?  One more than was seen, so that few runs promise little. */
static double
chance_of(const struct tt_sense *sense, const struct tt_sense_column *column)
{
    const struct tt_sense_table *table = &sense->table;
    double twins = 1, pairs = 1;
    for (size_t run = 0; run < table->run_count; run++) {
        if (column->value[run] != TT_SENSE_MISSING && column->at[table->cond_of[run]] == TT_SENSE_MIXED) {
            twins += (double) count_twins(sense, column, run);
            pairs += (double) table->run_count;
        }
    }
    return twins / pairs;
}

/* The value, where the part is no longer random; 0 where it is.  Of a short value one run tells nothing, for it comes again by chance. */
static uint32_t
number_fresh(const struct tt_sense *sense, const struct tt_sense_column *column, size_t run, double chance)
{
    uint32_t cond = sense->table.cond_of[run], value = column->value[run];
    if (tt_sense_is_rare(sense, value)) {
        return count_twins(sense, column, run) > 0 ? value : 0;
    }
    if (chance > TWINS_MAX || sense->table.conds[cond].run_count < 2) {
        return TT_SENSE_MISSING;
    }
    return column->at[cond] == TT_SENSE_MIXED ? 0 : value;
}

/* A random part that is the same in all runs of a level is no longer random there.  Nothing is added when all are different. */
static enum tt_status
add_fresh(struct tt_sense *sense, size_t number)
{
    struct tt_sense_table *table = &sense->table;
    struct tt_sense_column *fresh =
        tt_sense_add_column(sense, TT_COLUMN_FRESH, table->columns[number].slot, table->columns[number].site);
    if (!fresh) {
        return TT_E_MEMORY;
    }
    const struct tt_sense_column *from = &table->columns[number];
    fresh->chance = chance_of(sense, from);
    fresh->from = from->from;
    fresh->to = from->to;
    for (size_t run = 0; run < table->run_count; run++) {
        if (from->value[run] != TT_SENSE_MISSING) {
            fresh->value[run] = number_fresh(sense, from, run, fresh->chance);
        }
    }
    tt_sense_drop_if_same(sense);
    return TT_OK;
}

/* ---- signs of a random part that hold still ---- */

struct fixed {
    struct tt_sense *sense;
    struct tt_str *texts; /* of each run: the part, of a UUID all of it; ptr NULL: none */
    uint32_t *seen;       /* of each sign: which there are in runs of the baseline, by their last five bits */
    bool *still;          /* of each sign: it can be told from others that it does not move */
    size_t length;        /* of the part */
};

/* Does the time that the run starts at not show in its ids? */
static bool
is_at_noon(const struct tt_sense *sense, const struct tt_condition *condition)
{
    bool noon = condition->instant == TT_NOON;
    for (size_t f = 0; f < sense->design->factor_count; f++) {
        noon = noon && (condition->level[f] == 0 || sense->design->factors[f].role != TT_ROLE_DATE);
    }
    return noon;
}

/* Of a UUID only the part with its version is looked at, so that each UUID is looked at once. */
static struct tt_str
part_of(struct tt_str line, size_t from, size_t to)
{
    struct tt_str own = tt_str_slice(line, from, to), whole = tt_shape_part(line, from, to);
    size_t version = (size_t) (whole.ptr - line.ptr) + TT_SHAPE_UUID_VERSION;
    bool here = whole.len == own.len || (from <= version && version < to);
    return here ? whole : (struct tt_str) {NULL, 0};
}

static enum tt_status
find_parts(struct fixed *fixed, const struct tt_sense_column *from)
{
    struct tt_sense *sense = fixed->sense;
    const struct tt_sense_table *table = &sense->table;
    const struct tt_sense_slot *slot = &table->slots[from->slot];
    const struct tt_sense_site *site = &slot->sites[from->site];
    struct tt_sense_reference reference;
    struct tt_sense_split split;
    tt_arena_reset(&sense->scratch);
    fixed->texts = tt_sense_get(&sense->scratch, table->run_count * sizeof(*fixed->texts));
    fixed->seen = tt_sense_get(&sense->scratch, FIXED_MAX * sizeof(*fixed->seen));
    fixed->still = tt_sense_get(&sense->scratch, FIXED_MAX);
    if (!fixed->texts || !fixed->seen || !fixed->still) {
        return TT_E_MEMORY;
    }
    TT_TRY(tt_sense_refer(&sense->scratch, tt_sense_text(sense, tt_sense_site_reference(sense, slot, site)), &reference));
    for (size_t run = 0; run < table->run_count; run++) {
        fixed->texts[run] = (struct tt_str) {NULL, 0};
        if (from->value[run] == TT_SENSE_MISSING || !is_at_noon(sense, &table->runs[run]->run.condition)) {
            continue;
        }
        struct tt_str line = tt_sense_line(sense, from, (uint32_t) run);
        TT_TRY(tt_sense_cut(&sense->scratch, &reference, line, true, &split));
        if (!split.foreign && from->to <= split.cells) {
            fixed->texts[run] = part_of(line, split.starts[from->from], split.starts[from->to]);
        }
    }
    return TT_OK;
}

static bool
is_random_text(struct tt_str text)
{
    enum tt_shape_kind kind = tt_shape_read(text, TT_NOON_SECONDS).kind;
    return text.len <= FIXED_MAX &&
           (kind == TT_SHAPE_UUID || kind == TT_SHAPE_HEX || kind == TT_SHAPE_ALNUM || kind == TT_SHAPE_BASE64);
}

/*
 * A clock's first signs hold still as well until it has gone on, and so may those of its next unit.  So: the version of a UUID, and signs behind
 * random ones in what begins with no time.
 */
static bool
choose_still(struct fixed *fixed, struct tt_str signs)
{
    bool uuid = tt_shape_read(signs, TT_NOON_SECONDS).kind == TT_SHAPE_UUID, any = false;
    size_t random = 0;
    for (size_t i = 0; i < fixed->length; i++) {
        bool same = __builtin_popcount(fixed->seen[i]) == 1;
        fixed->still[i] = same && (uuid ? i == TT_SHAPE_UUID_VERSION : random >= FIXED_BEHIND);
        random += __builtin_popcount(fixed->seen[i]) >= FIXED_DISTINCT;
        any = any || fixed->still[i];
    }
    return any && random >= FIXED_BEHIND && (uuid || tt_shape_clock_digits(signs, TT_NOON_SECONDS) == 0);
}

/* What do all runs of the baseline agree on?  False: nothing, or the runs are too few, or it is no random text. */
static bool
learn_still(struct fixed *fixed)
{
    const struct tt_sense_table *table = &fixed->sense->table;
    struct tt_str first = {NULL, 0};
    size_t runs = 0, texts = 0;
    for (size_t run = 0; run < table->run_count; run++) {
        struct tt_str text = fixed->texts[run];
        if (table->cond_of[run] != table->noon || !text.ptr) {
            continue;
        }
        first = runs == 0 ? text : first;
        if (text.len > FIXED_MAX || text.len != first.len) {
            return false;
        }
        for (size_t i = 0; i < text.len; i++) {
            fixed->seen[i] |= UINT32_C(1) << (text.ptr[i] & 31);
        }
        texts += is_random_text(text);
        runs++;
    }
    fixed->length = first.len;
    return runs >= FIXED_RUNS && texts * 2 > runs && choose_still(fixed, first); /* some of them may have digits alone */
}

/* What stands in a run where the baseline holds still; a part of another length is another shape. */
static enum tt_status
number_still(struct fixed *fixed, size_t run, uint32_t *out)
{
    char held[FIXED_MAX];
    size_t n = 0;
    if (!fixed->texts[run].ptr || fixed->texts[run].len != fixed->length) {
        return TT_OK;
    }
    for (size_t i = 0; i < fixed->length; i++) {
        if (fixed->still[i]) {
            held[n++] = fixed->texts[run].ptr[i];
        }
    }
    return tt_sense_number(&fixed->sense->strings, tt_str_make(held, n), out);
}

/* What a level may change while the rest stays random. */
static enum tt_status
add_fixed(struct tt_sense *sense, size_t number)
{
    struct tt_sense_table *table = &sense->table;
    struct fixed fixed = {.sense = sense};
    if (table->noon == TT_SENSE_NONE || table->columns[number].to == TT_SENSE_NONE) {
        return TT_OK;
    }
    TT_TRY(find_parts(&fixed, &table->columns[number]));
    if (!learn_still(&fixed)) {
        return TT_OK;
    }
    struct tt_sense_column *column =
        tt_sense_add_column(sense, TT_COLUMN_FIXED, table->columns[number].slot, table->columns[number].site);
    if (!column) {
        return TT_E_MEMORY;
    }
    column->from = table->columns[number].from;
    column->to = table->columns[number].to;
    column->chance = 1;
    for (size_t run = 0; run < table->run_count; run++) {
        TT_TRY(number_still(&fixed, run, &column->value[run]));
    }
    tt_sense_drop_if_same(sense);
    return TT_OK;
}

enum tt_status
tt_sense_settle_columns(struct tt_sense *sense)
{
    size_t count = sense->table.column_count;
    for (size_t i = 0; i < count; i++) {
        TT_TRY(tt_sense_settle(sense, &sense->table.columns[i]));
        if (sense->table.columns[i].state == TT_STATE_VOLATILE && sense->table.columns[i].kind == TT_COLUMN_TEXT) {
            size_t before = sense->table.column_count;
            TT_TRY(add_shape(sense, i));
            TT_TRY(add_fresh(sense, i));
            TT_TRY(add_fixed(sense, i));
            for (; before < sense->table.column_count; before++) {
                TT_TRY(tt_sense_settle(sense, &sense->table.columns[before]));
            }
        }
    }
    return TT_OK;
}
