/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records of workers; see records.h.
 *
 * Input: rings.  Output: rows of the ledger, and a page of metrics.  Owns collector and metrics.  A row becomes a metric when it is stored, so that both tell
 * the same.
 */
#include "serve/records.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define PAGE_MAX (16 * TT_MIB)

static void
on_stored(void *ctx, const struct tt_ledger_row *row)
{
    struct tt_serve_records *records = ctx;
    tt_metrics_add(records->metrics, row->json);
    tt_serve_budgets_take(&records->budgets, row);
}

static enum tt_status
open_collector(struct tt_serve_records *records, struct tt_buf *message)
{
    snprintf(records->ledger, sizeof(records->ledger), "%s/ledger.db", records->state->path);
    snprintf(records->spool, sizeof(records->spool), "%s/spool", records->state->path);
    struct tt_collect_options options = {
        .rings = records->state->rings,
        .ledger = records->ledger,
        .spool = records->spool,
        .alloc = records->alloc,
        .stored = on_stored,
        .ctx = records,
    };
    if (mkdirat(records->state->folder, "spool", 0700) != 0 && errno != EEXIST) {
        tt_buf_add_cstr(message, "spool: ");
        tt_buf_add_cstr(message, strerror(errno));
        return TT_E_IO;
    }
    enum tt_status status = tt_collect_open(&options, &records->collect);
    if (status != TT_OK) {
        tt_buf_add_cstr(message, records->state->rings);
        tt_buf_add_cstr(message, ": ");
        tt_buf_add_cstr(message, errno == EWOULDBLOCK ? "another process collects these records" : strerror(errno));
    }
    return status;
}

enum tt_status
tt_serve_records_begin(struct tt_serve_records *records, const struct tt_alloc *alloc, const struct tt_serve_state *state,
                       const struct tt_catalog *catalog, struct tt_buf *message)
{
    *records = (struct tt_serve_records) {.state = state, .alloc = alloc, .works = true};
    tt_serve_budgets_begin(&records->budgets, alloc, state, catalog);
    TT_TRY(tt_metrics_new(alloc, catalog, &records->metrics));
    return open_collector(records, message);
}

void
tt_serve_records_end(struct tt_serve_records *records)
{
    if (records->collect) {
        tt_collect_close(records->collect);
    }
    if (records->metrics) {
        tt_metrics_free(records->metrics);
    }
    tt_serve_budgets_end(&records->budgets);
    records->collect = NULL;
    records->metrics = NULL;
}

void
tt_serve_records_round(struct tt_serve_records *records)
{
    /* What stays in the rings is tried again in the next round, and the state says why it stayed. */
    enum tt_status status = records->collect ? tt_collect_round(records->collect) : TT_OK;
    (void) status;
}

bool
tt_serve_records_has(const struct tt_serve_records *records, pid_t pid)
{
    return records->collect && tt_collect_has_ring(records->collect, pid);
}

const struct tt_collect_state *
tt_serve_records_state(const struct tt_serve_records *records)
{
    static const struct tt_collect_state none = {.ledger_works = true, .spool_works = true};
    return records->collect ? tt_collect_get_state(records->collect) : &none;
}

bool
tt_serve_records_news(struct tt_serve_records *records, const char **news, const char **why)
{
    const struct tt_collect_state *state = tt_serve_records_state(records);
    if (state->ledger_works == records->works || !records->collect) {
        return false;
    }
    records->works = state->ledger_works;
    *why = state->ledger_works ? "" : state->ledger_why;
    *news = state->ledger_works  ? "the ledger works again"
            : state->spool_works ? "the ledger does not work, records are spooled: "
                                 : "neither the ledger nor the spool works, records stay in memory: ";
    return true;
}

/* Rings come with workers, and files of the folder are rings. */
static uint64_t
measure_rings(const char *folder)
{
    DIR *list = opendir(folder);
    const struct dirent *entry;
    struct stat st;
    uint64_t size = 0;
    while (list && (entry = readdir(list))) {
        if (strncmp(entry->d_name, "ring.", 5) == 0 && fstatat(dirfd(list), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
            size += (uint64_t) st.st_size;
        }
    }
    if (list) {
        closedir(list);
    }
    return size;
}

void
tt_serve_records_publish(struct tt_serve_records *records, struct tt_metrics_state *state)
{
    const struct tt_collect_state *collected = tt_serve_records_state(records);
    struct tt_buf page;
    if (!records->metrics) {
        return;
    }
    records->capacity = measure_rings(records->state->rings);
    state->ring_used = collected->waiting;
    state->ring_size = records->capacity;
    state->dropped = collected->lost;
    state->spooled = collected->spooled;
    state->ledger_works = collected->ledger_works;
    tt_metrics_set_state(records->metrics, state);
    tt_serve_budgets_publish(&records->budgets, records->metrics);
    tt_buf_init(&page, records->alloc, PAGE_MAX);
    tt_metrics_write(records->metrics, &page);
    if (page.status == TT_OK) {
        (void) tt_serve_state_tell(records->state, "metrics.prom", tt_buf_str(&page), true);
    }
    tt_buf_free(&page);
}
