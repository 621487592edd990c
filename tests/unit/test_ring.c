/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rings: claims, order, wrapping, fullness, killed writers and readers, damaged files.
 */
#include "ledger/ring.h"
#include "ledger/ring_file.h"
#include "ring_folder.h"
#include "test.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#define SIZE TT_RING_SIZE_MIN
#define SEEN_MAX 100000

/* What a round showed. */
struct seen {
    uint64_t records, bytes;
    uint64_t first, last; /* sequence numbers */
    uint64_t lost, lost_from, lost_to;
    uint64_t gone;
    bool wrong; /* bytes that no writer put, or an order that is none */
    struct tt_ring_source source;
    uint64_t fail_at; /* the record that is refused; 0: none */
    enum tt_status fail_with;
};

struct fixture {
    struct ring_folder folder;
    struct tt_rings *rings;
    struct seen seen;
};

/* The n-th record of a writer: n as eight bytes, then bytes that follow from it, of a length that follows from it. */
static size_t
make_record(uint64_t n, char *out)
{
    size_t length = 8 + (size_t) (n * 7919 % 1500);
    memcpy(out, &n, 8);
    for (size_t i = 8; i < length; i++) {
        out[i] = (char) (n + i);
    }
    return length;
}

static bool
is_record(struct tt_str bytes)
{
    char want[2048];
    uint64_t n;
    if (bytes.len < 8) {
        return false;
    }
    memcpy(&n, bytes.ptr, 8);
    return make_record(n, want) == bytes.len && memcmp(bytes.ptr, want, bytes.len) == 0;
}

static enum tt_status
on_take(void *ctx, const struct tt_ring_record *record)
{
    struct seen *seen = ctx;
    if (seen->fail_at && seen->records + 1 == seen->fail_at) {
        return seen->fail_with;
    }
    seen->wrong |= !is_record(record->bytes) || (seen->last && record->sequence <= seen->last);
    seen->first = seen->first ? seen->first : record->sequence;
    seen->last = record->sequence;
    seen->records++;
    seen->bytes += record->bytes.len;
    seen->source = record->source;
    return TT_OK;
}

static enum tt_status
on_lost(void *ctx, const struct tt_ring_source *source, uint64_t from, uint64_t to)
{
    struct seen *seen = ctx;
    seen->lost++;
    seen->lost_from = from;
    seen->lost_to = to;
    seen->source = *source;
    return TT_OK;
}

static enum tt_status
on_gone(void *ctx, const struct tt_ring_source *source)
{
    struct seen *seen = ctx;
    seen->gone++;
    seen->source = *source;
    return TT_OK;
}

static enum tt_status
round_of(struct fixture *f)
{
    struct tt_ring_sink sink = {.take = on_take, .lost = on_lost, .gone = on_gone, .ctx = &f->seen};
    f->seen = (struct seen) {.fail_at = f->seen.fail_at, .fail_with = f->seen.fail_with};
    return tt_rings_read(f->rings, &sink);
}

static void
reopen(struct fixture *f)
{
    tt_rings_close(f->rings);
    assert_int_equal(tt_rings_open(f->folder.path, &tt_alloc_libc, &f->rings), TT_OK);
}

static int
set_up(void **state)
{
    static struct fixture f;
    f = (struct fixture) {.rings = NULL};
    *state = &f;
    return ring_folder_make(&f.folder) && tt_rings_open(f.folder.path, &tt_alloc_libc, &f.rings) == TT_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;
    tt_rings_close(f->rings);
    ring_folder_remove(&f->folder);
    return 0;
}

static enum tt_status
put(struct tt_ring *ring, uint64_t n)
{
    char bytes[2048];
    uint64_t sequence;
    return tt_ring_put(ring, tt_str_make(bytes, make_record(n, bytes)), &sequence);
}

static struct tt_ring *
claim(struct fixture *f, unsigned want)
{
    struct tt_ring *ring;
    unsigned slot;
    assert_int_equal(tt_ring_claim(f->folder.path, SIZE, &ring, &slot), TT_OK);
    assert_int_equal(slot, want);
    return ring;
}

static void
test_bad_arguments(void **state)
{
    static const size_t sizes[] = {0, 1, SIZE - 1, SIZE / 2, SIZE + 1, SIZE * 3, TT_RING_SIZE_MAX * 2};
    struct fixture *f = *state;
    struct tt_ring *ring;
    struct tt_rings *rings;
    unsigned slot;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        assert_int_equal(tt_ring_claim(f->folder.path, sizes[i], &ring, &slot), TT_E_USAGE);
        assert_null(ring);
    }
    assert_int_equal(tt_ring_claim("/proc/nonexistent", SIZE, &ring, &slot), TT_E_IO);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(tt_rings_open("/proc/nonexistent", &tt_alloc_libc, &rings), TT_E_IO);
    assert_int_equal(errno, ENOENT);
    tt_ring_release(NULL);
    tt_rings_close(NULL);
}

static void
test_put_and_read(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records, 0);
    for (uint64_t n = 1; n <= 10; n++) {
        assert_int_equal(put(ring, n), TT_OK);
    }
    assert_true(tt_ring_used(ring) > 0);
    /* Until it is done, a round may be repeated. */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(round_of(f), TT_OK);
        assert_int_equal(f->seen.records, 10);
        assert_int_equal(f->seen.first, 1);
        assert_int_equal(f->seen.last, 10);
        assert_int_equal(tt_rings_used(f->rings), tt_ring_used(ring));
    }
    assert_int_equal(f->seen.source.writer, getpid());
    assert_int_equal(f->seen.source.ring, tt_ring_number(ring));
    tt_rings_done(f->rings);
    tt_rings_done(f->rings);
    assert_int_equal(tt_ring_used(ring), 0);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records + f->seen.lost + f->seen.gone, 0);
    assert_false(f->seen.wrong);
    tt_ring_release(ring);
}

static void
test_record_lengths(void **state)
{
    static const struct {
        size_t length;
        enum tt_status status;
    } cases[] = {{0, TT_E_LIMIT},
                 {1, TT_OK},
                 {7, TT_OK},
                 {8, TT_OK},
                 {9, TT_OK},
                 {TT_RING_RECORD_MAX - 1, TT_OK},
                 {TT_RING_RECORD_MAX, TT_OK},
                 {TT_RING_RECORD_MAX + 1, TT_E_LIMIT},
                 {SIZE_MAX / 2, TT_E_LIMIT}};
    static char bytes[TT_RING_RECORD_MAX + 1];
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    uint64_t sequence = 0, before = 0;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(tt_ring_put(ring, tt_str_make(bytes, cases[i].length), &sequence), cases[i].status);
        assert_int_equal(sequence, before + (cases[i].status == TT_OK));
        before = sequence;
        assert_int_equal(round_of(f), TT_OK);
        assert_int_equal(f->seen.bytes, cases[i].status == TT_OK ? cases[i].length : 0);
        tt_rings_done(f->rings);
    }
    tt_ring_release(ring);
}

/* Positions run over the end many times; every place of the end within a record is met. */
static void
test_wraps(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    uint64_t n = 0, read = 0;
    while (n < 20000) {
        for (int i = 0; i < 37; i++) {
            assert_int_equal(put(ring, ++n), TT_OK);
        }
        assert_int_equal(round_of(f), TT_OK);
        assert_false(f->seen.wrong);
        assert_int_equal(f->seen.first, read + 1);
        read = f->seen.last;
        tt_rings_done(f->rings);
    }
    assert_int_equal(read, n);
    tt_ring_release(ring);
}

static void
test_full_refuses(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    uint64_t n = 0;
    while (put(ring, n + 1) == TT_OK) {
        n++;
    }
    size_t used = tt_ring_used(ring);
    assert_true(used <= SIZE && used > SIZE - 2048);
    assert_int_equal(put(ring, n + 1), TT_E_LIMIT);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records, n);
    assert_int_equal(put(ring, n + 1), TT_E_LIMIT);
    tt_rings_done(f->rings);
    assert_int_equal(put(ring, n + 1), TT_OK);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.first, n + 1);
    assert_int_equal(f->seen.lost, 0);
    tt_ring_release(ring);
}

/* A ring may be filled to its last byte. */
static void
test_filled_exactly(void **state)
{
    static char bytes[1024 - sizeof(struct tt_ring_frame)];
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    uint64_t sequence;
    for (size_t i = 0; i < SIZE / 1024; i++) {
        assert_int_equal(tt_ring_put(ring, tt_str_make(bytes, sizeof(bytes)), &sequence), TT_OK);
    }
    assert_int_equal(tt_ring_used(ring), SIZE);
    assert_int_equal(tt_ring_put(ring, tt_str_make(bytes, 1), &sequence), TT_E_LIMIT);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records, SIZE / 1024);
    tt_rings_done(f->rings);
    assert_int_equal(tt_rings_used(f->rings), 0);
    tt_ring_release(ring);
}

static void
test_failed_round_counts_for_nothing(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    for (uint64_t n = 1; n <= 5; n++) {
        assert_int_equal(put(ring, n), TT_OK);
    }
    f->seen.fail_at = 3;
    f->seen.fail_with = TT_E_IO;
    assert_int_equal(round_of(f), TT_E_IO);
    tt_rings_done(f->rings);
    f->seen.fail_at = 0;
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records, 5);
    tt_ring_release(ring);
}

/* A round that was full goes on where it stopped, and no ring waits for ever. */
static void
test_full_round_counts(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0), *second = claim(f, 1);
    for (uint64_t n = 1; n <= 5; n++) {
        assert_int_equal(put(ring, n), TT_OK);
        assert_int_equal(put(second, n), TT_OK);
    }
    tt_ring_release(second);
    f->seen.fail_at = 3;
    f->seen.fail_with = TT_E_LIMIT;
    static const struct {
        unsigned slot;
        uint64_t first, last;
    } rounds[] = {{0, 1, 2}, {1, 1, 2}, {0, 3, 4}, {1, 3, 4}, {1, 5, 5}};
    for (size_t i = 0; i < sizeof(rounds) / sizeof(*rounds); i++) {
        assert_int_equal(round_of(f), i < 4 ? TT_E_LIMIT : TT_OK);
        if (i < 4) {
            assert_int_equal(f->seen.source.slot, rounds[i].slot);
            assert_int_equal(f->seen.first, rounds[i].first);
            assert_int_equal(f->seen.last, rounds[i].last);
        }
        assert_int_equal(f->seen.gone, i == 4);
        tt_rings_done(f->rings);
    }
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records + f->seen.gone + f->seen.lost, 0);
    tt_ring_release(ring);
}

static void
test_one_reader(void **state)
{
    struct fixture *f = *state;
    struct tt_rings *rings;
    assert_int_equal(tt_rings_open(f->folder.path, &tt_alloc_libc, &rings), TT_E_IO);
    assert_int_equal(errno, EWOULDBLOCK);
    assert_null(rings);
}

/* A ring is free again only when all of it was read, and the numbers go on. */
static void
test_release_and_claim_again(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0), *second;
    uint64_t number = tt_ring_number(ring), sequence;
    assert_int_equal(put(ring, 1), TT_OK);
    tt_ring_release(ring);
    second = claim(f, 1);
    assert_int_not_equal(tt_ring_number(second), number);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records, 1);
    assert_int_equal(f->seen.gone, 1);
    assert_int_equal(f->seen.source.slot, 0);
    assert_int_equal(f->seen.source.writer, getpid());
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.gone, 1); /* not done yet */
    tt_rings_done(f->rings);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.gone, 0);
    ring = claim(f, 0);
    assert_int_equal(tt_ring_number(ring), number);
    assert_int_equal(tt_ring_put(ring, TT_STR("x"), &sequence), TT_OK);
    assert_int_equal(sequence, 2);
    tt_ring_release(ring);
    tt_ring_release(second);
}

/* A worker gets what it asks for: a free ring that is smaller is passed by, a larger one is taken. */
static void
test_sizes(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *small = claim(f, 0), *ring;
    unsigned slot;
    assert_int_equal(tt_ring_size(small), SIZE);
    tt_ring_release(small);
    assert_int_equal(round_of(f), TT_OK);
    tt_rings_done(f->rings);
    assert_int_equal(tt_ring_claim(f->folder.path, 2 * SIZE, &ring, &slot), TT_OK);
    assert_int_equal(slot, 1);
    assert_int_equal(tt_ring_size(ring), 2 * SIZE);
    assert_int_equal(round_of(f), TT_OK);
    assert_true(tt_rings_has(f->rings, getpid()));
    assert_false(tt_rings_has(f->rings, getppid()));
    small = claim(f, 0);
    tt_ring_release(ring);
    assert_true(tt_rings_has(f->rings, getpid()));
    tt_ring_release(small);
    assert_false(tt_rings_has(f->rings, getpid()));
    assert_int_equal(round_of(f), TT_OK);
    tt_rings_done(f->rings);
    small = claim(f, 0);
    ring = claim(f, 1);
    assert_int_equal(tt_ring_size(ring), 2 * SIZE);
    tt_ring_release(small);
    tt_ring_release(ring);
}

/* A folder that has no room for another size says so in a word of its own. */
static void
test_all_smaller(void **state)
{
    struct fixture *f = *state;
    static struct tt_ring *rings[TT_RINGS_MAX];
    struct tt_ring *more;
    unsigned slot;
    for (unsigned i = 0; i < TT_RINGS_MAX; i++) {
        rings[i] = claim(f, i);
    }
    for (unsigned i = 0; i < TT_RINGS_MAX; i++) {
        tt_ring_release(rings[i]);
    }
    assert_int_equal(round_of(f), TT_OK);
    tt_rings_done(f->rings);
    assert_int_equal(tt_ring_claim(f->folder.path, 2 * SIZE, &more, &slot), TT_E_UNSUPPORTED);
    assert_null(more);
}

static void
test_all_claimed(void **state)
{
    struct fixture *f = *state;
    static struct tt_ring *rings[TT_RINGS_MAX];
    unsigned slot;
    struct tt_ring *more;
    for (unsigned i = 0; i < TT_RINGS_MAX; i++) {
        rings[i] = claim(f, i);
    }
    assert_int_equal(tt_ring_claim(f->folder.path, SIZE, &more, &slot), TT_E_LIMIT);
    assert_null(more);
    tt_ring_release(rings[17]);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.gone, 1);
    tt_rings_done(f->rings);
    rings[17] = claim(f, 17);
    for (unsigned i = 0; i < TT_RINGS_MAX; i++) {
        tt_ring_release(rings[i]);
    }
}

/* Children claim at the same moment; every one has its own ring. */
static void
test_claims_race(void **state)
{
    enum { CHILDREN = 8, TIMES = 20 };
    struct fixture *f = *state;
    for (int turn = 0; turn < TIMES; turn++) {
        pid_t children[CHILDREN];
        int start[2], status;
        uint64_t seen = 0;
        assert_int_equal(pipe(start), 0);
        for (int i = 0; i < CHILDREN; i++) {
            children[i] = fork();
            if (children[i] == 0) {
                char c;
                struct tt_ring *ring;
                unsigned slot;
                close(start[1]);
                _exit(read(start[0], &c, 1) == 0 && tt_ring_claim(f->folder.path, SIZE, &ring, &slot) == TT_OK &&
                              put(ring, slot) == TT_OK
                          ? (int) slot
                          : 255);
            }
        }
        close(start[0]);
        close(start[1]);
        for (int i = 0; i < CHILDREN; i++) {
            assert_int_equal(waitpid(children[i], &status, 0), children[i]);
            assert_true(WIFEXITED(status) && WEXITSTATUS(status) < CHILDREN);
            seen |= (uint64_t) 1 << WEXITSTATUS(status);
        }
        assert_int_equal(seen, (1 << CHILDREN) - 1);
        assert_int_equal(round_of(f), TT_OK);
        assert_int_equal(f->seen.records, CHILDREN);
        assert_int_equal(f->seen.gone, CHILDREN);
        tt_rings_done(f->rings);
    }
}

static void
test_permissions_follow_the_folder(void **state)
{
    static const mode_t modes[][2] = {{0700, 0600}, {02770, 0660}, {0750, 0640}};
    struct fixture *f = *state;
    char name[128];
    struct stat st;
    mode_t mask = umask(077);
    for (unsigned i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
        assert_int_equal(chmod(f->folder.path, modes[i][0]), 0);
        tt_ring_release(claim(f, i));
        snprintf(name, sizeof(name), "%s/ring.%u", f->folder.path, i);
        assert_int_equal(stat(name, &st), 0);
        assert_int_equal(st.st_mode & 07777, modes[i][1]);
    }
    umask(mask);
}

/* ---- processes that end without a word ---- */

/* Writes until it is killed.  The numbers of records go on from what the ring says. */
static void
write_forever(const char *folder)
{
    struct tt_ring *ring;
    unsigned slot;
    if (tt_ring_claim(folder, SIZE, &ring, &slot) == TT_OK) {
        for (uint64_t n = 1;; n += put(ring, n) == TT_OK) {
        }
    }
    _exit(1);
}

static void
test_killed_writers(void **state)
{
    struct fixture *f = *state;
    uint64_t last = 0, records = 0, rings = 0;
    unsigned random = 1;
    for (int kill_number = 0; kill_number < 120; kill_number++) {
        pid_t child = fork();
        if (child == 0) {
            write_forever(f->folder.path);
        }
        uint64_t got = 0;
        for (int i = 0; got == 0 || i < 3; i++) {
            assert_int_equal(round_of(f), TT_OK);
            assert_false(f->seen.wrong);
            assert_int_equal(f->seen.lost + f->seen.gone, 0);
            assert_true(f->seen.records == 0 || f->seen.first == last + 1);
            last = f->seen.records ? f->seen.last : last;
            got += f->seen.records;
            tt_rings_done(f->rings);
        }
        random = random * 1103515245 + 12345;
        usleep(random >> 16 & 1023);
        assert_int_equal(kill(child, SIGKILL), 0);
        if (kill_number % 2) {
            assert_int_equal(waitpid(child, NULL, 0), child);
        }
        /* A killed writer may stay a zombie, and may need a moment until it is one. */
        do {
            assert_int_equal(round_of(f), TT_OK);
            assert_false(f->seen.wrong);
            assert_int_equal(f->seen.lost, 0);
            assert_true(f->seen.records == 0 || f->seen.first == last + 1);
            last = f->seen.records ? f->seen.last : last;
            got += f->seen.records;
            rings += f->seen.gone;
            tt_rings_done(f->rings);
        } while (f->seen.gone == 0);
        if (kill_number % 2 == 0) {
            assert_int_equal(waitpid(child, NULL, 0), child);
        }
        records += got;
    }
    assert_int_equal(rings, 120);
    assert_int_equal(records, last);
}

/* What the reader had not said done is read again by its successor, and nothing else. */
static void
test_killed_reader(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    uint64_t n = 0, done = 0;
    for (int turn = 0; turn < 50; turn++) {
        for (int i = 0; i < 20; i++) {
            assert_int_equal(put(ring, ++n), TT_OK);
        }
        reopen(f);
        assert_int_equal(round_of(f), TT_OK);
        assert_int_equal(f->seen.first, done + 1);
        assert_int_equal(f->seen.last, n);
        if (turn % 2) {
            tt_rings_done(f->rings);
            done = n;
        }
    }
    tt_ring_release(ring);
}

/* The reader ends between its two words: the number alone says what is stored. */
static void
test_reader_killed_between_its_words(void **state)
{
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    uint64_t three = 3;
    for (uint64_t n = 1; n <= 5; n++) {
        assert_int_equal(put(ring, n), TT_OK);
    }
    assert_true(ring_folder_write(&f->folder, 0, offsetof(struct tt_ring_file, done), &three, 8));
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.first, 4);
    assert_int_equal(f->seen.records, 2);
    assert_int_equal(f->seen.lost, 0);
    reopen(f);
    three = 5;
    assert_true(ring_folder_write(&f->folder, 0, offsetof(struct tt_ring_file, done), &three, 8));
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records + f->seen.lost, 0);
    tt_rings_done(f->rings);
    assert_int_equal(tt_ring_used(ring), 0);
    tt_ring_release(ring);
}

/* A pid that is used again is another process; one that may not be examined counts as alive. */
static void
test_owners(void **state)
{
    (void) state;
    uint64_t self = tt_ring_owner_self();
    assert_int_not_equal(self, 0);
    assert_int_equal(tt_ring_owner_pid(self), getpid());
    assert_false(tt_ring_owner_is_gone(self));
    assert_true(tt_ring_owner_is_gone(self | TT_RING_LEFT));
    assert_true(tt_ring_owner_is_gone(self + 2));
    assert_true(tt_ring_owner_is_gone(0));
    pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    siginfo_t info;
    assert_int_equal(waitid(P_PID, (id_t) child, &info, WEXITED | WNOWAIT), 0);
    uint64_t zombie = (uint64_t) child << 42 | 2;
    assert_true(tt_ring_owner_is_gone(zombie));
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_true(tt_ring_owner_is_gone(zombie));
}

/* ---- damaged files ---- */

#define DATA_AT(record_offset) ((off_t) (TT_RING_HEAD + (record_offset)))

/* Ten records of one room, of which some are damaged at an offset. */
static void
test_damaged_records(void **state)
{
    static const struct {
        unsigned record; /* from 0 */
        off_t at;        /* within its frame and bytes */
        unsigned read, lost;
        uint64_t from, to;
    } cases[] = {
        {4, 0, 4, 1, 5, 5},   /* the length becomes impossible: the rest is skipped, with one number for what is not known */
        {4, 4, 9, 1, 5, 5},   /* check sum */
        {4, 8, 9, 1, 5, 5},   /* number */
        {4, 16, 9, 1, 5, 5},  /* owner */
        {4, 24, 9, 1, 5, 5},  /* bytes */
        {0, 30, 9, 1, 1, 1},  /* the first */
        {9, 30, 9, 1, 10, 10} /* the last */
    };
    struct fixture *f = *state;
    const unsigned char junk[4] = {0xff, 0xff, 0xff, 0xff};
    struct tt_ring *ring;
    uint64_t sequence;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        ring = claim(f, i);
        for (uint64_t n = 0; n < 10; n++) {
            char bytes[40] = {8};
            assert_int_equal(tt_ring_put(ring, tt_str_make(bytes, sizeof(bytes)), &sequence), TT_OK);
        }
        assert_true(ring_folder_write(&f->folder, i, DATA_AT(64 * cases[i].record + cases[i].at), junk, sizeof(junk)));
        assert_int_equal(round_of(f), TT_OK);
        assert_int_equal(f->seen.records, cases[i].read);
        assert_int_equal(f->seen.lost, cases[i].lost);
        assert_int_equal(f->seen.lost_from, cases[i].from);
        assert_int_equal(f->seen.lost_to, cases[i].to);
        tt_rings_done(f->rings);
        /* The ring goes on, and what was lost behind an impossible length is told when the next number is known. */
        assert_int_equal(put(ring, 11), TT_OK);
        assert_int_equal(round_of(f), TT_OK);
        assert_int_equal(f->seen.records, 1);
        assert_int_equal(f->seen.last, 11);
        assert_int_equal(f->seen.lost, cases[i].read == 4 ? 1 : 0);
        assert_int_equal(f->seen.lost_to, cases[i].read == 4 ? 10 : 0);
        tt_rings_done(f->rings);
    }
}

/* Words of the head that cannot be true cost records, but no crash and no end of the ring. */
static void
test_damaged_positions(void **state)
{
    static const size_t words[] = {offsetof(struct tt_ring_file, head), offsetof(struct tt_ring_file, tail),
                                   offsetof(struct tt_ring_file, done)};
    static const uint64_t values[] = {1, 7, 64, SIZE, SIZE + 8, SIZE * 2, UINT64_MAX, UINT64_MAX - 7, (uint64_t) 1 << 63};
    struct fixture *f = *state;
    struct tt_ring *ring = claim(f, 0);
    uint64_t n = 0;
    for (size_t i = 0; i < 27; i++) {
        assert_int_equal(put(ring, ++n), TT_OK);
        reopen(f);
        assert_true(ring_folder_write(&f->folder, 0, (off_t) words[i / 9], &values[i % 9], 8));
        assert_int_equal(round_of(f), TT_OK);
        assert_int_equal(f->seen.gone, 0);
        tt_rings_done(f->rings);
        assert_true(tt_rings_used(f->rings) <= SIZE);
        /* A sound head comes with the next record. */
        (void) put(ring, ++n);
        assert_int_equal(round_of(f), TT_OK);
        tt_rings_done(f->rings);
        (void) put(ring, ++n);
        assert_int_equal(round_of(f), TT_OK);
        tt_rings_done(f->rings);
    }
    tt_ring_release(ring);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.gone, 1);
}

static void
test_files_that_are_no_rings(void **state)
{
    struct fixture *f = *state;
    char name[128];
    for (unsigned slot = 0; slot < 7; slot++) {
        tt_ring_release(claim(f, slot));
    }
    uint64_t junk = 0x5a5a5a5a5a5a5a5a;
    assert_true(ring_folder_write(&f->folder, 0, 0, &junk, 8));
    assert_true(ring_folder_write(&f->folder, 1, offsetof(struct tt_ring_file, version), &junk, 4));
    assert_true(ring_folder_write(&f->folder, 2, offsetof(struct tt_ring_file, size), &junk, 8));
    for (unsigned slot = 3; slot < 7; slot++) {
        static const off_t lengths[] = {0, 100, TT_RING_HEAD, TT_RING_HEAD + SIZE - 1};
        snprintf(name, sizeof(name), "%s/ring.%u", f->folder.path, slot);
        assert_int_equal(truncate(name, lengths[slot - 3]), 0);
    }
    snprintf(name, sizeof(name), "%s/ring.7", f->folder.path);
    assert_int_equal(mkfifo(name, 0600), 0);
    snprintf(name, sizeof(name), "%s/ring.8", f->folder.path);
    assert_int_equal(symlink("/dev/zero", name), 0);
    snprintf(name, sizeof(name), "%s/ring.9", f->folder.path);
    assert_int_equal(mkdir(name, 0700), 0);
    snprintf(name, sizeof(name), "%s/ring.256", f->folder.path);
    assert_int_equal(mkdir(name, 0700), 0);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.lost, 10);
    assert_int_equal(f->seen.lost_from, 0);
    tt_rings_done(f->rings);
    assert_int_equal(round_of(f), TT_OK); /* said once */
    assert_int_equal(f->seen.lost, 0);
    tt_ring_release(claim(f, 10)); /* and passed over */
    /* A new file of the same name is read. */
    snprintf(name, sizeof(name), "%s/ring.5", f->folder.path);
    assert_int_equal(unlink(name), 0);
    struct tt_ring *ring = claim(f, 5);
    assert_int_equal(put(ring, 1), TT_OK);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.records, 1);
    tt_ring_release(ring);
}

static void
test_file_that_shrinks(void **state)
{
    struct fixture *f = *state;
    char name[128];
    tt_ring_release(claim(f, 0));
    assert_int_equal(round_of(f), TT_OK);
    snprintf(name, sizeof(name), "%s/ring.0", f->folder.path);
    assert_int_equal(truncate(name, 10), 0);
    assert_int_equal(round_of(f), TT_OK);
    assert_int_equal(f->seen.lost, 1);
    assert_int_equal(f->seen.lost_from, 0);
}

static void
test_names(void **state)
{
    static const char *const bad[] = {"",         "ring",    "ring.",   "ring.x",          "ring.01",
                                      "ring.256", "ring.-1", "ring.1 ", "ring.99999999999"};
    (void) state;
    unsigned slot;
    for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        assert_false(tt_ring_file_slot(bad[i], &slot));
    }
    assert_true(tt_ring_file_slot("ring.0", &slot) && slot == 0);
    assert_true(tt_ring_file_slot("ring.255", &slot) && slot == 255);
}

static bool
open_with(void *ctx, const struct tt_alloc *alloc)
{
    struct fixture *f = ctx;
    struct tt_rings *rings;
    enum tt_status status = tt_rings_open(f->folder.path, alloc, &rings);
    assert_true(status == TT_OK || status == TT_E_MEMORY);
    tt_rings_close(rings);
    return status == TT_OK;
}

static void
test_allocations(void **state)
{
    struct fixture *f = *state;
    tt_rings_close(f->rings);
    f->rings = NULL;
    test_every_allocation(open_with, f);
}

#define RING_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

static const struct CMUnitTest tests[] = {
    RING_TEST(test_bad_arguments),
    RING_TEST(test_put_and_read),
    RING_TEST(test_record_lengths),
    RING_TEST(test_wraps),
    RING_TEST(test_full_refuses),
    RING_TEST(test_filled_exactly),
    RING_TEST(test_failed_round_counts_for_nothing),
    RING_TEST(test_full_round_counts),
    RING_TEST(test_one_reader),
    RING_TEST(test_release_and_claim_again),
    RING_TEST(test_sizes),
    RING_TEST(test_all_smaller),
    RING_TEST(test_all_claimed),
    RING_TEST(test_claims_race),
    RING_TEST(test_permissions_follow_the_folder),
    RING_TEST(test_killed_writers),
    RING_TEST(test_killed_reader),
    RING_TEST(test_reader_killed_between_its_words),
    RING_TEST(test_owners),
    RING_TEST(test_damaged_records),
    RING_TEST(test_damaged_positions),
    RING_TEST(test_files_that_are_no_rings),
    RING_TEST(test_file_that_shrinks),
    RING_TEST(test_names),
    RING_TEST(test_allocations),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
