/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a ledger: rows that fit a filter, and the check of the whole chain.
 *
 * In: a ledger that may be written at the same time.  Out: rows, or a verdict.  Rows are read in stretches, each a transaction of its own, because a reader
 * that stays in one keeps the writer from using the room of its log again; rows that are only added look the same in each.
 */
#include "ledger/ledger_file.h"

#define STRETCH 65536 /* numbers of rows that one transaction reads */

void
tt_ledger_read_row(const struct tt_ledger *ledger, sqlite3_stmt *statement, struct tt_ledger_row *row)
{
    struct tt_str *const texts[] = {&row->kind, &row->id, &row->json};
    *row = (struct tt_ledger_row) {.seq = (uint64_t) ledger->sql.column_int64(statement, 0),
                                   .time = ledger->sql.column_int64(statement, 1)};
    for (int i = 0; i < 3; i++) {
        const void *text = ledger->sql.column_text(statement, 2 + i);
        *texts[i] = tt_str_make(text, text ? (size_t) ledger->sql.column_bytes(statement, 2 + i) : 0);
    }
    const void *hash = ledger->sql.column_blob(statement, 5);
    if (hash && ledger->sql.column_bytes(statement, 5) == TT_SHA256_SIZE) {
        memcpy(row->hash, hash, TT_SHA256_SIZE);
    }
}

/* Steps through a statement with its values.  *stopped: by the callback. */
static enum tt_status
step_through(struct tt_ledger *ledger, sqlite3_stmt *statement, tt_ledger_row_fn *fn, void *ctx, bool *stopped)
{
    struct tt_ledger_row row;
    enum tt_status status = TT_OK;
    int code = ledger->sql.step(statement);
    while (code == SQLITE_ROW && status == TT_OK) {
        tt_ledger_read_row(ledger, statement, &row);
        status = fn(ctx, &row);
        code = status == TT_OK ? ledger->sql.step(statement) : code;
    }
    *stopped = status != TT_OK;
    if (status == TT_OK && code != SQLITE_DONE) {
        status = tt_ledger_fail(ledger, code, "cannot be read");
    }
    ledger->sql.reset(statement);
    return status;
}

/* The first and the last number of rows that may fit; 0 when there are none. */
struct span {
    uint64_t from, to;
};

/* Runs a statement that gives one or two numbers. */
static enum tt_status
read_span(struct tt_ledger *ledger, sqlite3_stmt *statement, struct span *span)
{
    int code = ledger->sql.step(statement);
    if (code == SQLITE_ROW) {
        span->from = (uint64_t) ledger->sql.column_int64(statement, 0);
        span->to = ledger->sql.column_count(statement) > 1 ? (uint64_t) ledger->sql.column_int64(statement, 1) : span->to;
    }
    enum tt_status status = code == SQLITE_ROW ? TT_OK : tt_ledger_fail(ledger, code, "cannot be read");
    ledger->sql.reset(statement);
    return status;
}

static int64_t
end_of(const struct tt_ledger_filter *filter)
{
    return filter->to ? filter->to : INT64_MAX;
}

static enum tt_status
find_span(struct tt_ledger *ledger, const struct tt_ledger_filter *filter, struct span *span)
{
    struct tt_ledger_head head;
    TT_TRY(tt_ledger_get_head(ledger, &head));
    *span = (struct span) {1, head.seq};
    if (filter->from || filter->to) {
        sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_SPAN);
        if (!statement) {
            return TT_E_INPUT;
        }
        ledger->sql.bind_int64(statement, 1, filter->from);
        ledger->sql.bind_int64(statement, 2, end_of(filter));
        TT_TRY(read_span(ledger, statement, span));
    }
    if (filter->last) {
        sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_LAST);
        if (!statement || tt_ledger_bind(ledger, statement, 3, filter->kind) != SQLITE_OK) {
            return TT_E_INPUT;
        }
        ledger->sql.bind_int64(statement, 1, filter->from ? filter->from : INT64_MIN);
        ledger->sql.bind_int64(statement, 2, end_of(filter));
        ledger->sql.bind_int64(statement, 4, (sqlite3_int64) (filter->last < INT64_MAX ? filter->last : INT64_MAX));
        TT_TRY(read_span(ledger, statement, span));
    }
    return TT_OK;
}

/* All ids that begin so lie between the prefix and the same with its last byte counted up. */
static enum tt_status
each_of_id(struct tt_ledger *ledger, const struct tt_ledger_filter *filter, tt_ledger_row_fn *row, void *ctx)
{
    char behind[TT_LEDGER_ID_MAX];
    struct tt_str prefix = filter->id_prefix;
    bool stopped;
    if (prefix.len > TT_LEDGER_ID_MAX) {
        return TT_OK;
    }
    memcpy(behind, prefix.ptr, prefix.len);
    behind[prefix.len - 1]++;
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_ROWS_OF_ID);
    if (!statement || tt_ledger_bind(ledger, statement, 1, prefix) != SQLITE_OK ||
        tt_ledger_bind(ledger, statement, 2, tt_str_make(behind, prefix.len)) != SQLITE_OK) {
        return TT_E_INPUT;
    }
    ledger->sql.bind_int64(statement, 3, filter->last ? (sqlite3_int64) filter->last : -1);
    return step_through(ledger, statement, row, ctx, &stopped);
}

enum tt_status
tt_ledger_each(struct tt_ledger *ledger, const struct tt_ledger_filter *filter, tt_ledger_row_fn *row, void *ctx)
{
    struct span span;
    bool stopped = false;
    if (filter->id_prefix.len > 0) {
        return each_of_id(ledger, filter, row, ctx);
    }
    TT_TRY(find_span(ledger, filter, &span));
    sqlite3_stmt *statement = tt_ledger_prepare(ledger, TT_SQL_ROWS);
    if (!statement) {
        return TT_E_INPUT;
    }
    for (uint64_t at = span.from ? span.from - 1 : span.to; at < span.to && !stopped; at += STRETCH) {
        uint64_t last = span.to - at > STRETCH ? at + STRETCH : span.to;
        if (tt_ledger_bind(ledger, statement, 5, filter->kind) != SQLITE_OK) {
            return TT_E_MEMORY;
        }
        ledger->sql.bind_int64(statement, 1, (sqlite3_int64) at);
        ledger->sql.bind_int64(statement, 2, (sqlite3_int64) last);
        ledger->sql.bind_int64(statement, 3, filter->from ? filter->from : INT64_MIN);
        ledger->sql.bind_int64(statement, 4, end_of(filter));
        TT_TRY(step_through(ledger, statement, row, ctx, &stopped));
    }
    return TT_OK;
}

/* ---- the chain ---- */

struct check {
    const struct tt_ledger_head *noted;
    struct tt_ledger_verdict *verdict;
    int64_t last; /* number of the last row read, good or not */
    bool seen;    /* the noted head */
    bool bad;
};

static void
find_bad(struct check *check, enum tt_ledger_state state, uint64_t seq, uint64_t other)
{
    check->bad = true;
    check->verdict->state = state;
    check->verdict->seq = seq;
    check->verdict->other = other;
}

/* Looks at the row that follows the good ones; TT_E_LIMIT ends the walk at a bad one. */
static enum tt_status
check_row(void *ctx, const struct tt_ledger_row *row)
{
    struct check *check = ctx;
    struct tt_ledger_verdict *verdict = check->verdict;
    const struct tt_ledger_head *noted = check->noted;
    unsigned char hash[TT_SHA256_SIZE];
    check->last = (int64_t) row->seq;
    if (row->seq != verdict->head.seq + 1) {
        bool gap = (int64_t) row->seq > 0;
        find_bad(check, gap ? TT_LEDGER_MISSING : TT_LEDGER_CHANGED, gap ? verdict->head.seq + 1 : row->seq,
                 gap ? row->seq - 1 : 0);
        return TT_E_LIMIT;
    }
    tt_ledger_hash(verdict->head.hash, row, hash);
    if (memcmp(hash, row->hash, sizeof(hash)) != 0) {
        find_bad(check, TT_LEDGER_CHANGED, row->seq, 0);
        return TT_E_LIMIT;
    }
    if (noted && (noted->seq == 0 || noted->seq == row->seq)) {
        bool same = memcmp(noted->hash, hash, sizeof(hash)) == 0;
        if (!same && noted->seq != 0) {
            find_bad(check, TT_LEDGER_REBUILT, row->seq, 0);
            return TT_E_LIMIT;
        }
        check->seen |= same;
    }
    verdict->head.seq = row->seq;
    memcpy(verdict->head.hash, hash, sizeof(hash));
    verdict->checked++;
    return TT_OK;
}

/* Looks for the row that should follow the good ones under another number. */
struct lost_row {
    const struct tt_ledger_head *head;
    int64_t last;
    uint64_t found;
};

static enum tt_status
look_for(void *ctx, const struct tt_ledger_row *row)
{
    struct lost_row *lost = ctx;
    unsigned char hash[TT_SHA256_SIZE];
    struct tt_ledger_row moved = *row;
    lost->last = (int64_t) row->seq;
    moved.seq = lost->head->seq + 1;
    tt_ledger_hash(lost->head->hash, &moved, hash);
    if (memcmp(hash, row->hash, sizeof(hash)) != 0) {
        return TT_OK;
    }
    lost->found = row->seq;
    return TT_E_LIMIT;
}

/* A walk over all rows, also those whose number no row should have. */
struct walk {
    tt_ledger_row_fn *row;
    void *ctx;
    const int64_t *last;
    tt_ledger_progress_fn *progress;
    void *progress_ctx;
    uint64_t rows;
};

static enum tt_status
walk_row(void *ctx, const struct tt_ledger_row *row)
{
    struct walk *walk = ctx;
    walk->rows++;
    return walk->row(walk->ctx, row);
}

/* *stopped: by the callback. */
static enum tt_status
walk_all(struct tt_ledger *ledger, struct walk *walk, bool *stopped)
{
    static const char sql[] = "SELECT seq, time, kind, id, json, hash FROM record WHERE seq > ?1 ORDER BY seq LIMIT 65536";
    sqlite3_stmt *statement;
    enum tt_status status = TT_OK;
    int code = ledger->sql.prepare_v2(ledger->db, sql, -1, &statement, NULL);
    if (code != SQLITE_OK) {
        return tt_ledger_fail(ledger, code, "cannot be read");
    }
    for (uint64_t before = UINT64_MAX; before != walk->rows && status == TT_OK && !*stopped;) {
        ledger->sql.bind_int64(statement, 1, before == UINT64_MAX ? INT64_MIN : *walk->last);
        before = walk->rows;
        status = step_through(ledger, statement, walk_row, walk, stopped);
        if (walk->progress) {
            walk->progress(walk->progress_ctx, walk->rows);
        }
    }
    ledger->sql.finalize(statement);
    return *stopped ? TT_OK : status;
}

/* What SQLite says of a file whose bytes are damaged, unlike what the machine does. */
static bool
is_damage(enum tt_status status)
{
    return status == TT_E_INPUT || status == TT_E_LIMIT;
}

/* A row that does not follow may be one that was moved; then the right one stands elsewhere. */
static enum tt_status
explain(struct tt_ledger *ledger, struct check *check)
{
    struct lost_row lost = {.head = &check->verdict->head};
    struct walk walk = {.row = look_for, .ctx = &lost, .last = &lost.last};
    bool stopped = false;
    enum tt_status status = walk_all(ledger, &walk, &stopped);
    if (stopped && lost.found != check->verdict->head.seq + 1) {
        find_bad(check, TT_LEDGER_MOVED, lost.found, check->verdict->head.seq + 1);
    }
    return is_damage(status) ? TT_OK : status;
}

enum tt_status
tt_ledger_verify(struct tt_ledger *ledger, const struct tt_ledger_head *noted, struct tt_ledger_verdict *verdict,
                 tt_ledger_progress_fn *progress, void *ctx)
{
    struct check check = {.noted = noted, .verdict = verdict};
    struct walk walk = {.row = check_row, .ctx = &check, .last = &check.last, .progress = progress, .progress_ctx = ctx};
    bool stopped = false;
    *verdict = (struct tt_ledger_verdict) {.state = TT_LEDGER_WHOLE};
    enum tt_status status = walk_all(ledger, &walk, &stopped);
    if (is_damage(status)) {
        find_bad(&check, TT_LEDGER_UNREADABLE, verdict->head.seq + 1, 0);
        return TT_OK;
    }
    TT_TRY(status);
    if (check.bad && (verdict->state == TT_LEDGER_CHANGED || verdict->state == TT_LEDGER_MISSING)) {
        return explain(ledger, &check);
    }
    if (!check.bad && noted && !check.seen) {
        find_bad(&check, TT_LEDGER_CUT, verdict->head.seq + 1, noted->seq);
    }
    return TT_OK;
}
