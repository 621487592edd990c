/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns: the parts of requests that are not the same in all runs, each with its value in each run.
 *
 * Input: slots and sites.  Output: columns in the arena work; a site that is the same everywhere has none.  A line is cut into words and signs along
 * the value of the baseline, so that two marks in one line, or a mark beside a random id, are columns of their own.
 */
#include "base/limits.h"
#include "probe/align.h"
#include "probe/sense_report.h"
#include "json/string.h"

struct tt_sense_column *
tt_sense_add_column(struct tt_sense *sense, enum tt_sense_column_kind kind, uint32_t slot, uint32_t site)
{
    struct tt_sense_table *table = &sense->table;
    if (table->column_count == table->column_room) {
        size_t room = table->column_room ? table->column_room * 2 : 256;
        struct tt_sense_column *columns = tt_sense_get(&sense->work, room * sizeof(*columns));
        if (!columns) {
            return NULL;
        }
        if (table->column_count > 0) {
            memcpy(columns, table->columns, table->column_count * sizeof(*columns));
        }
        table->columns = columns;
        table->column_room = room;
    }
    struct tt_sense_column *column = &table->columns[table->column_count];
    *column = (struct tt_sense_column) {.kind = kind, .slot = slot, .site = site};
    column->value = tt_arena_get(&sense->work, table->run_count * sizeof(*column->value));
    if (!column->value) {
        return NULL;
    }
    for (size_t run = 0; run < table->run_count; run++) {
        column->value[run] = TT_SENSE_MISSING;
    }
    table->column_count++;
    return column;
}

/* ---- sites ---- */

struct maker {
    struct tt_sense *sense;
    const struct tt_sense_slot *slot;
    const struct tt_sense_site *site;
    uint32_t slot_number, site_number;
    uint32_t reference; /* the value that lines are cut along */
    uint32_t *distinct; /* values of the site, each once */
    size_t count;
    uint32_t *which; /* of each run: which of distinct; TT_SENSE_MISSING */
};

static const struct tt_sense_leaf *
leaf_of(const struct maker *maker, size_t run)
{
    return tt_sense_leaf_of(maker->sense, maker->slot, maker->site, run);
}

static struct tt_sense_column *
add_column(const struct maker *maker, enum tt_sense_column_kind kind)
{
    return tt_sense_add_column(maker->sense, kind, maker->slot_number, maker->site_number);
}

void
tt_sense_drop_if_same(struct tt_sense *sense)
{
    struct tt_sense_table *table = &sense->table;
    const struct tt_sense_column *column = &table->columns[table->column_count - 1];
    uint32_t value = TT_SENSE_MISSING;
    for (size_t run = 0; run < table->run_count; run++) {
        if (column->value[run] == TT_SENSE_MISSING) {
            continue;
        }
        if (value != TT_SENSE_MISSING && column->value[run] != value) {
            return;
        }
        value = column->value[run];
    }
    table->column_count--;
}

static enum tt_status
collect_values(struct maker *maker)
{
    size_t runs = maker->sense->table.run_count;
    maker->distinct = tt_sense_get(&maker->sense->scratch, runs * sizeof(*maker->distinct));
    maker->which = tt_sense_get(&maker->sense->scratch, runs * sizeof(*maker->which));
    if (!maker->distinct || !maker->which) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < runs; run++) {
        const struct tt_sense_leaf *leaf = leaf_of(maker, run);
        maker->which[run] = TT_SENSE_MISSING;
        if (!leaf) {
            continue;
        }
        size_t i = 0;
        while (i < maker->count && maker->distinct[i] != leaf->value) {
            i++;
        }
        if (i == maker->count) {
            maker->distinct[maker->count++] = leaf->value;
        }
        maker->which[run] = (uint32_t) i;
    }
    return TT_OK;
}

uint32_t
tt_sense_site_reference(const struct tt_sense *sense, const struct tt_sense_slot *slot, const struct tt_sense_site *site)
{
    const struct tt_sense_table *table = &sense->table;
    uint32_t best = site->value;
    unsigned most = 0;
    for (size_t run = 0; run < table->run_count; run++) {
        const struct tt_sense_leaf *leaf = tt_sense_leaf_of(sense, slot, site, run);
        unsigned count = 0;
        if (!leaf || table->cond_of[run] != table->noon) {
            continue;
        }
        for (size_t other = 0; other < table->run_count && leaf->value != best; other++) {
            const struct tt_sense_leaf *twin = tt_sense_leaf_of(sense, slot, site, other);
            count += twin && twin->value == leaf->value && table->cond_of[other] == table->noon;
        }
        if (leaf->value == best) {
            count = most ? most : 1;
        }
        if (count > most) {
            most = count;
            best = leaf->value;
        }
    }
    return best;
}

/* ---- presence, margins ---- */

static bool
is_frame(const struct maker *maker)
{
    struct tt_str path = tt_sense_text(maker->sense, maker->site->path);
    return maker->site->kind == TT_LEAF_ORDER || tt_str_ends(path, TT_STR("#items")) || tt_str_ends(path, TT_STR("#shape"));
}

/* Lists of names come and go with what they list, which says enough. */
static enum tt_status
add_presence(struct maker *maker)
{
    if (is_frame(maker)) {
        return TT_OK;
    }
    struct tt_sense_column *column = add_column(maker, TT_COLUMN_PRESENT);
    if (!column) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        if (maker->slot->request[run]) {
            column->value[run] = maker->site->leaf[run] != 0;
        }
    }
    tt_sense_drop_if_same(maker->sense);
    return TT_OK;
}

static enum tt_status
add_margin(struct maker *maker)
{
    struct tt_sense_column *column = add_column(maker, TT_COLUMN_MARGIN);
    if (!column) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        const struct tt_sense_leaf *leaf = leaf_of(maker, run);
        column->value[run] = leaf ? leaf->margin : TT_SENSE_MISSING;
    }
    tt_sense_drop_if_same(maker->sense);
    return TT_OK;
}

/* ---- order ---- */

static bool
has_item(struct tt_str list, struct tt_str item)
{
    for (size_t pos = 0; pos < list.len;) {
        const char *feed = memchr(list.ptr + pos, '\n', list.len - pos);
        size_t end = feed ? (size_t) (feed - list.ptr) + 1 : list.len;
        if (tt_str_eq(tt_str_slice(list, pos, end), item)) {
            return true;
        }
        pos = end;
    }
    return false;
}

/* Adds the names of list, in their order, that are in all of the other lists. */
static void
add_common(struct tt_buf *out, struct tt_str list, const struct tt_str *others, size_t count)
{
    for (size_t pos = 0; pos < list.len;) {
        const char *feed = memchr(list.ptr + pos, '\n', list.len - pos);
        size_t end = feed ? (size_t) (feed - list.ptr) + 1 : list.len, i = 0;
        struct tt_str item = tt_str_slice(list, pos, end);
        while (i < count && has_item(others[i], item)) {
            i++;
        }
        tt_buf_add(out, i == count ? item : TT_STR(""));
        pos = end;
    }
}

/* The names that all runs have, in the order of each: what is added or removed is a leaf of its own. */
static enum tt_status
number_orders(const struct maker *maker, uint32_t *numbers)
{
    struct tt_buf common, own;
    size_t room = 0;
    struct tt_str *lists = tt_sense_get(&maker->sense->scratch, maker->count * sizeof(*lists));
    if (!lists) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < maker->count; i++) {
        lists[i] = tt_sense_text(maker->sense, maker->distinct[i]);
        room = lists[i].len > room ? lists[i].len : room;
    }
    tt_buf_init(&common, maker->sense->alloc, room + 1);
    tt_buf_init(&own, maker->sense->alloc, room + 1);
    add_common(&common, lists[0], lists + 1, maker->count - 1);
    enum tt_status status = common.status;
    for (size_t i = 0; i < maker->count && status == TT_OK; i++) {
        struct tt_str all = tt_buf_str(&common);
        tt_buf_clear(&own);
        add_common(&own, lists[i], &all, 1);
        status = own.status == TT_OK ? tt_sense_number(&maker->sense->strings, tt_buf_str(&own), &numbers[i]) : TT_E_MEMORY;
    }
    tt_buf_free(&own);
    tt_buf_free(&common);
    return status;
}

static enum tt_status
add_order(struct maker *maker)
{
    uint32_t *numbers = tt_sense_get(&maker->sense->scratch, maker->count * sizeof(*numbers));
    struct tt_sense_column *column = maker->count > 1 ? add_column(maker, TT_COLUMN_ORDER) : NULL;
    if (maker->count < 2) {
        return TT_OK;
    }
    if (!column || !numbers) {
        return TT_E_MEMORY;
    }
    TT_TRY(number_orders(maker, numbers));
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        column->value[run] = maker->which[run] == TT_SENSE_MISSING ? TT_SENSE_MISSING : numbers[maker->which[run]];
    }
    tt_sense_drop_if_same(maker->sense);
    return TT_OK;
}

/* ---- text ---- */

struct lines {
    struct tt_sense_reference reference;
    struct tt_sense_split *splits; /* of each value */
    size_t count;
};

static struct tt_str
cells_of(const struct maker *maker, const struct lines *lines, size_t value, size_t from, size_t to)
{
    struct tt_str text = tt_sense_text(maker->sense, maker->distinct[value]);
    return tt_str_slice(text, lines->splits[value].starts[from], lines->splits[value].starts[to]);
}

static bool
is_varying(const struct maker *maker, const struct lines *lines, size_t cell)
{
    size_t first = SIZE_MAX;
    for (size_t i = 0; i < maker->count; i++) {
        if (lines->splits[i].foreign) {
            continue;
        }
        if (first == SIZE_MAX) {
            first = i;
        } else if (!tt_str_eq(cells_of(maker, lines, i, cell, cell + 1), cells_of(maker, lines, first, cell, cell + 1))) {
            return true;
        }
    }
    return false;
}

/* Do two cells tell the same values apart? */
static bool
is_alike(const struct maker *maker, const struct lines *lines, size_t one, size_t two)
{
    for (size_t i = 0; i < maker->count; i++) {
        for (size_t k = 0; k < i && !lines->splits[i].foreign; k++) {
            if (!lines->splits[k].foreign &&
                tt_str_eq(cells_of(maker, lines, i, one, one + 1), cells_of(maker, lines, k, one, one + 1)) !=
                    tt_str_eq(cells_of(maker, lines, i, two, two + 1), cells_of(maker, lines, k, two, two + 1))) {
                return false;
            }
        }
    }
    return true;
}

static bool
is_empty(const struct maker *maker, const struct lines *lines, size_t cell)
{
    for (size_t i = 0; i < maker->count; i++) {
        if (!lines->splits[i].foreign && cells_of(maker, lines, i, cell, cell + 1).len > 0) {
            return false;
        }
    }
    return true;
}

/* The end of the cells that go with the one at from: neighbours that tell the same values apart. */
static size_t
end_of_part(const struct maker *maker, const struct lines *lines, size_t from)
{
    size_t end = from + 1, cells = lines->splits[0].cells;
    for (size_t next = end; next < cells; next++) {
        if (is_varying(maker, lines, next)) {
            if (!is_alike(maker, lines, from, next)) {
                break;
            }
            end = next + 1;
        } else if (!is_empty(maker, lines, next)) {
            break;
        }
    }
    return end;
}

static enum tt_status
add_part(struct maker *maker, const struct lines *lines, size_t from, size_t to)
{
    struct tt_sense_column *column = add_column(maker, TT_COLUMN_TEXT);
    uint32_t *numbers = tt_sense_get(&maker->sense->scratch, maker->count * sizeof(*numbers));
    if (!column || !numbers) {
        return TT_E_MEMORY;
    }
    column->from = (uint32_t) from;
    column->to = (uint32_t) to;
    for (size_t i = 0; i < maker->count; i++) {
        struct tt_str text = cells_of(maker, lines, i, from, to);
        TT_TRY(tt_sense_number(&maker->sense->strings, text, &numbers[i]));
    }
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        uint32_t value = maker->which[run];
        if (value != TT_SENSE_MISSING && !lines->splits[value].foreign) {
            column->value[run] = numbers[value];
        }
    }
    return TT_OK;
}

/* Which runs have another text altogether? */
static enum tt_status
add_variant(struct maker *maker, const struct lines *lines)
{
    struct tt_sense_column *column = add_column(maker, TT_COLUMN_VARIANT);
    if (!column) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        uint32_t value = maker->which[run];
        if (value != TT_SENSE_MISSING) {
            column->value[run] = lines->splits[value].foreign ? maker->distinct[value] : 0;
        }
    }
    tt_sense_drop_if_same(maker->sense);
    return TT_OK;
}

/* All of the value in one part: it is too long, or has too many forms, to be cut. */
static enum tt_status
add_whole(struct maker *maker)
{
    struct tt_sense_column *column = add_column(maker, TT_COLUMN_TEXT);
    if (!column) {
        return TT_E_MEMORY;
    }
    column->to = TT_SENSE_NONE;
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        column->value[run] = maker->which[run] == TT_SENSE_MISSING ? TT_SENSE_MISSING : maker->distinct[maker->which[run]];
    }
    return TT_OK;
}

static enum tt_status
cut_lines(struct maker *maker, struct lines *lines)
{
    struct tt_arena *scratch = &maker->sense->scratch;
    lines->count = maker->count;
    lines->splits = tt_sense_get(scratch, maker->count * sizeof(*lines->splits));
    if (!lines->splits) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < maker->count; i++) {
        TT_TRY(
            tt_sense_cut(scratch, &lines->reference, tt_sense_text(maker->sense, maker->distinct[i]), true, &lines->splits[i]));
    }
    return TT_OK;
}

/* ---- spelling ---- */

/* How the part is spelled, where it is the reference's own text; the number 0: as is common. */
static enum tt_status
number_form(struct maker *maker, const struct tt_sense_leaf *leaf, struct tt_str cell, struct tt_str common, uint32_t *out)
{
    struct tt_str value = tt_sense_text(maker->sense, leaf->value), raw = tt_sense_text(maker->sense, leaf->raw);
    *out = TT_SENSE_MISSING;
    if (!tt_str_eq(cell, common)) {
        return TT_OK;
    }
    *out = 0;
    if (raw.len == 0 || cell.len == 0) {
        return TT_OK;
    }
    size_t at = (size_t) (cell.ptr - value.ptr);
    size_t from = tt_json_raw_offset(raw, false, at), to = tt_json_raw_offset(raw, false, at + cell.len);
    struct tt_str spelled = tt_str_slice(raw, from, to);
    return tt_leaf_is_plain(spelled, cell) ? TT_OK : tt_sense_number(&maker->sense->strings, spelled, out);
}

static enum tt_status
add_form_part(struct maker *maker, const struct lines *lines, size_t cell)
{
    struct tt_sense_column *column = add_column(maker, TT_COLUMN_FORM);
    if (!column) {
        return TT_E_MEMORY;
    }
    column->from = (uint32_t) cell;
    column->to = (uint32_t) cell + 1;
    struct tt_str common = lines->reference.items[cell / 2].text;
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        const struct tt_sense_leaf *leaf = leaf_of(maker, run);
        if (leaf) {
            TT_TRY(
                number_form(maker, leaf, cells_of(maker, lines, maker->which[run], cell, cell + 1), common, &column->value[run]));
        }
    }
    tt_sense_drop_if_same(maker->sense);
    return TT_OK;
}

/* How the whole value is spelled, in the runs that have the reference's. */
static enum tt_status
add_form(struct maker *maker)
{
    struct tt_sense_column *column = add_column(maker, TT_COLUMN_FORM);
    if (!column) {
        return TT_E_MEMORY;
    }
    column->to = TT_SENSE_NONE;
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        const struct tt_sense_leaf *leaf = leaf_of(maker, run);
        column->value[run] = leaf && leaf->value == maker->reference ? leaf->raw : TT_SENSE_MISSING;
    }
    tt_sense_drop_if_same(maker->sense);
    return TT_OK;
}

static bool
has_forms(const struct maker *maker, bool *escaped)
{
    bool any = false;
    *escaped = true;
    for (size_t run = 0; run < maker->sense->table.run_count; run++) {
        const struct tt_sense_leaf *leaf = leaf_of(maker, run);
        any = any || (leaf && leaf->raw != 0);
        *escaped = *escaped && (!leaf || leaf->raw == 0 || leaf->escaped);
    }
    return any;
}

/* ---- all of a site ---- */

static enum tt_status
add_text(struct maker *maker)
{
    bool escaped, forms = has_forms(maker, &escaped);
    struct lines lines = {.count = 0};
    if (maker->count < 2 && !forms) {
        return TT_OK;
    }
    TT_TRY(tt_sense_refer(&maker->sense->scratch, tt_sense_text(maker->sense, maker->reference), &lines.reference));
    if ((2 * lines.reference.count + 1) * maker->count > TT_SENSE_CELLS_MAX) {
        TT_TRY(maker->count < 2 ? TT_OK : add_whole(maker));
        return forms ? add_form(maker) : TT_OK;
    }
    TT_TRY(cut_lines(maker, &lines));
    size_t cells = 2 * lines.reference.count + 1;
    for (size_t cell = 0; cell < cells && maker->count > 1;) {
        size_t end = cell + 1;
        if (is_varying(maker, &lines, cell)) {
            end = end_of_part(maker, &lines, cell);
            TT_TRY(add_part(maker, &lines, cell, end));
        }
        cell = end;
    }
    TT_TRY(add_variant(maker, &lines));
    if (forms && !escaped) {
        return add_form(maker);
    }
    for (size_t cell = 1; cell < cells && forms; cell += 2) {
        TT_TRY(add_form_part(maker, &lines, cell));
    }
    return TT_OK;
}

static enum tt_status
add_site(struct maker *maker)
{
    tt_arena_reset(&maker->sense->scratch);
    TT_TRY(collect_values(maker));
    if (maker->count == 0) {
        return TT_OK;
    }
    maker->reference = tt_sense_site_reference(maker->sense, maker->slot, maker->site);
    TT_TRY(add_presence(maker));
    TT_TRY(add_margin(maker));
    switch (maker->site->kind) {
    case TT_LEAF_ORDER: return add_order(maker);
    case TT_LEAF_FORM: return add_form(maker);
    default: return add_text(maker);
    }
}

/* ---- requests ---- */

static enum tt_status
add_request(struct tt_sense *sense, uint32_t slot)
{
    struct tt_sense_column *column = tt_sense_add_column(sense, TT_COLUMN_REQUEST, slot, TT_SENSE_NONE);
    if (!column) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < sense->table.run_count; run++) {
        column->value[run] = sense->table.slots[slot].request[run] != 0;
    }
    tt_sense_drop_if_same(sense);
    return TT_OK;
}

/* The order of the requests that all runs have, as a string of their numbers. */
static enum tt_status
add_requests(struct tt_sense *sense)
{
    struct tt_sense_table *table = &sense->table;
    struct tt_sense_column *column = tt_sense_add_column(sense, TT_COLUMN_REQUESTS, 0, TT_SENSE_NONE);
    char *order = tt_sense_get(&sense->scratch, table->slot_count * 2);
    if (!column || !order) {
        return TT_E_MEMORY;
    }
    for (size_t run = 0; run < table->run_count; run++) {
        size_t n = 0;
        for (size_t r = 1; r < table->runs[run]->count; r++) {
            for (size_t s = 1; s < table->slot_count; s++) {
                bool here = table->slots[s].request[run] == r + 1, common = true;
                for (size_t other = 0; here && common && other < table->run_count; other++) {
                    common = table->slots[s].request[other] != 0;
                }
                if (here && common) {
                    order[n++] = (char) ('A' + s % 64);
                    order[n++] = '\n';
                }
            }
        }
        TT_TRY(tt_sense_number(&sense->strings, tt_str_make(order, n), &column->value[run]));
    }
    tt_sense_drop_if_same(sense);
    return TT_OK;
}

enum tt_status
tt_sense_make_columns(struct tt_sense *sense)
{
    struct tt_sense_table *table = &sense->table;
    tt_arena_reset(&sense->scratch);
    if (table->slot_count > 0) {
        TT_TRY(add_requests(sense));
    }
    for (uint32_t s = 0; s < table->slot_count; s++) {
        TT_TRY(s > 0 ? add_request(sense, s) : TT_OK);
        for (uint32_t i = 0; i < table->slots[s].count; i++) {
            struct maker maker = {
                .sense = sense, .slot = &table->slots[s], .site = &table->slots[s].sites[i], .slot_number = s, .site_number = i};
            TT_TRY(add_site(&maker));
        }
    }
    TT_TRY(tt_sense_settle_columns(sense));
    tt_sense_sort_columns(sense);
    return TT_OK;
}
