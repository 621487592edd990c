/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an audit record costs a worker, beside the ways to write it that a server usually has; and how fast records reach the ledger.
 *
 * bench_ring [FOLDER]: files lie in FOLDER (default: $TMPDIR or /tmp), rings in /dev/shm.  Prints, one a line:
 *     put MEAN P50 P999                 microseconds, of a record of 600 bytes into a ring
 *     write MEAN P50 P999               the same, write(2) to a file that is open for appending, unbuffered
 *     fdatasync MEAN P50 P999           the same, and fdatasync(2)
 *     ledger ROWS-PER-SECOND BATCH      rows added in transactions of BATCH, each on the disk before the next begins
 *     collect RECORDS-PER-SECOND        from a full ring into the ledger
 *     verify ROWS-PER-SECOND            of that ledger
 */
#include "ledger/collect.h"
#include "ledger/ring.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RECORD 600
#define SAMPLES 200000
#define SYNCS 300
#define ROUND 20000 /* records between two readings of the ring */
#define ROWS 100000

static char record[RECORD + 1];
static double samples[SAMPLES];

struct places {
    char base[256], rings[320], file[320], ledger[320];
};

static double
now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

static void
fail(const char *what)
{
    fprintf(stderr, "bench_ring: %s failed\n", what);
    exit(1);
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

/* What it costs to look at the clock twice is no part of the samples. */
static double
clock_cost(void)
{
    double best = 1e9;
    for (int i = 0; i < 10000; i++) {
        double from = now_us(), took = now_us() - from;
        best = took < best ? took : best;
    }
    return best;
}

static void
report(const char *name, size_t count)
{
    double sum = 0, cost = clock_cost();
    qsort(samples, count, sizeof(*samples), compare);
    for (size_t i = 0; i < count; i++) {
        sum += samples[i];
    }
    printf("%s %.3f %.3f %.3f\n", name, sum / (double) count - cost, samples[count / 2] - cost,
           samples[count - count / 1000 - 1] - cost);
    fflush(stdout);
}

/* ---- the rings ---- */

static enum tt_status
take(void *ctx, const struct tt_ring_record *one)
{
    *(uint64_t *) ctx += one->bytes.len;
    return TT_OK;
}

static enum tt_status
lost(void *ctx, const struct tt_ring_source *source, uint64_t from, uint64_t to)
{
    (void) ctx;
    (void) source;
    (void) from;
    (void) to;
    return TT_E_INPUT;
}

static enum tt_status
gone(void *ctx, const struct tt_ring_source *source)
{
    (void) ctx;
    (void) source;
    return TT_OK;
}

static void
empty_rings(struct tt_rings *rings)
{
    uint64_t bytes = 0;
    struct tt_ring_sink sink = {.take = take, .lost = lost, .gone = gone, .ctx = &bytes};
    if (tt_rings_read(rings, &sink) != TT_OK) {
        fail("reading the ring");
    }
    tt_rings_done(rings);
}

static void
bench_put(const struct places *places)
{
    struct tt_ring *ring;
    struct tt_rings *rings;
    unsigned slot;
    uint64_t sequence;
    if (tt_ring_claim(places->rings, TT_RING_SIZE, &ring, &slot) != TT_OK ||
        tt_rings_open(places->rings, &tt_alloc_libc, &rings) != TT_OK) {
        fail("claiming a ring");
    }
    for (size_t n = 0; n < SAMPLES; n++) {
        double from = now_us();
        if (tt_ring_put(ring, tt_str_make(record, RECORD), &sequence) != TT_OK) {
            fail("putting a record");
        }
        samples[n] = now_us() - from;
        if (n % ROUND == ROUND - 1) {
            empty_rings(rings);
        }
    }
    report("put", SAMPLES);
    tt_ring_release(ring);
    empty_rings(rings);
    tt_rings_close(rings);
}

/* ---- files ---- */

static void
bench_write(const struct places *places, const char *name, size_t count, bool sync)
{
    int fd = open(places->file, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    for (size_t n = 0; n < count; n++) {
        double from = now_us();
        if (write(fd, record, RECORD) != RECORD || (sync && fdatasync(fd) != 0)) {
            fail("writing a file");
        }
        samples[n] = now_us() - from;
    }
    close(fd);
    report(name, count);
}

/* ---- the ledger ---- */

static void
bench_ledger(const struct places *places, size_t batch)
{
    struct tt_ledger *ledger;
    char id[32];
    unlink(places->ledger);
    if (tt_ledger_open(places->ledger, TT_LEDGER_CREATE, &tt_alloc_libc, &ledger) != TT_OK) {
        fail("opening the ledger");
    }
    size_t rows = batch < 1000 ? ROWS / 10 : ROWS;
    double from = now_us();
    for (size_t n = 0; n < rows; n++) {
        snprintf(id, sizeof(id), "%08zx%016zx", n * 2654435761u & 0xffffffff, n / 2);
        struct tt_ledger_row row = {
            .time = (int64_t) n, .kind = TT_STR("request"), .id = tt_str_cstr(id), .json = {record, RECORD}};
        if ((n % batch == 0 && tt_ledger_begin(ledger) != TT_OK) || tt_ledger_append(ledger, &row) != TT_OK ||
            ((n % batch == batch - 1 || n == rows - 1) && tt_ledger_commit(ledger) != TT_OK)) {
            fail(tt_ledger_why(ledger));
        }
    }
    printf("ledger %.0f %zu\n", (double) rows / (now_us() - from) * 1e6, batch);
    fflush(stdout);
    tt_ledger_close(ledger);
}

static void
remove_ledger(const struct places *places)
{
    static const char *const ends[] = {"", "-wal", "-shm"};
    char name[400];
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        snprintf(name, sizeof(name), "%s%s", places->ledger, ends[i]);
        unlink(name);
    }
}

static void
bench_collect(const struct places *places)
{
    struct tt_collect_options options = {.rings = places->rings, .ledger = places->ledger, .alloc = &tt_alloc_libc};
    struct tt_collect *collect;
    struct tt_ring *ring;
    unsigned slot;
    uint64_t sequence;
    char text[RECORD + 1];
    size_t count = 0;
    double took = 0;
    if (tt_collect_open(&options, &collect) != TT_OK || tt_ring_claim(places->rings, TT_RING_SIZE, &ring, &slot) != TT_OK) {
        fail("opening the collector");
    }
    while (count < ROWS) {
        do {
            memcpy(text, record, sizeof(text));
            text[snprintf(text, 120, "{\"type\":\"%s\",\"id\":\"%024zx\",\"time\":\"2026-11-21T10:48:26.123456Z\",\"x\":\"",
                          count % 2 ? "outcome" : "request", count / 2)] = 'x'; /* instead of the NUL */
        } while (tt_ring_put(ring, tt_str_make(text, RECORD), &sequence) == TT_OK && ++count < ROWS);
        double from = now_us();
        if (tt_collect_round(collect) != TT_OK) {
            fail(tt_collect_get_state(collect)->ledger_why);
        }
        took += now_us() - from;
    }
    printf("collect %.0f\n", (double) count / took * 1e6);
    fflush(stdout);
    tt_ring_release(ring);
    tt_collect_close(collect);
}

static void
bench_verify(const struct places *places)
{
    struct tt_ledger *ledger;
    struct tt_ledger_verdict verdict;
    if (tt_ledger_open(places->ledger, TT_LEDGER_READ, &tt_alloc_libc, &ledger) != TT_OK) {
        fail("opening the ledger");
    }
    double from = now_us();
    if (tt_ledger_verify(ledger, NULL, &verdict, NULL, NULL) != TT_OK || verdict.state != TT_LEDGER_WHOLE) {
        fail("verifying");
    }
    printf("verify %.0f\n", (double) verdict.checked / (now_us() - from) * 1e6);
    tt_ledger_close(ledger);
}

static void
make_places(struct places *places, const char *folder)
{
    char rings[] = "/dev/shm/telltale-bench-XXXXXX";
    snprintf(places->base, sizeof(places->base), "%s/telltale-bench-XXXXXX", folder);
    if (!mkdtemp(places->base) || !mkdtemp(rings)) {
        fail("making a folder");
    }
    snprintf(places->rings, sizeof(places->rings), "%s", rings);
    snprintf(places->file, sizeof(places->file), "%s/file", places->base);
    snprintf(places->ledger, sizeof(places->ledger), "%s/ledger.db", places->base);
}

int
main(int argc, char **argv)
{
    struct places places;
    char name[400];
    const char *folder = argc > 1 ? argv[1] : getenv("TMPDIR");
    memset(record, 'x', RECORD);
    memcpy(record + RECORD - 2, "\"}", 2);
    memcpy(record, "{\"type\":\"request\",\"x\":\"", 23);
    make_places(&places, folder ? folder : "/tmp");
    bench_put(&places);
    bench_write(&places, "write", SAMPLES / 4, false);
    bench_write(&places, "fdatasync", SYNCS, true);
    bench_ledger(&places, 100);
    bench_ledger(&places, 4096);
    remove_ledger(&places);
    bench_collect(&places);
    bench_verify(&places);
    remove_ledger(&places);
    unlink(places.file);
    rmdir(places.base);
    snprintf(name, sizeof(name), "%s/ring.0", places.rings);
    unlink(name);
    rmdir(places.rings);
    return 0;
}
