/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares every version of every kernel with the reference, and measures them.
 *
 *     check_kernels [--seed N]            TAP, one test a kernel and version; exit status 1 when one fails
 *     check_kernels --bench [MB [FILE]]   bytes per second and the ratio to memchr, on made text or on that of a file
 *     check_kernels --class               the waking characters beyond ASCII, as a class of a regular expression
 *
 * Input is random text of several kinds, laid flush against pages that cannot be read, so that a read outside p[0..n) ends the
 * program.  The seed is fixed unless given: a failure can be repeated.
 */
#include "text/char.h"
#include "text/kernel.h"
#include "text/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define LENGTH_MAX 300  /* bytes of a random text */
#define ALIGNMENTS 64   /* offsets from the first guard page */
#define TEXTS 40        /* random texts a length and kind */
#define HITS_MAX 512    /* more than LENGTH_MAX, so that a full search fits */
#define LONG_MAX 100000 /* bytes of the few long texts: many blocks, full counters */
#define BENCH_ROUNDS 7
#define WINDOW_SIZE (1 << 20) /* as a scan works through its input */

static void
die(const char *what)
{
    perror(what);
    exit(2);
}

/* xorshift64*: good enough to vary input, the same everywhere. */
static uint64_t
random_next(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return *state * 0x2545F4914F6CDD1D;
}

static size_t
random_below(uint64_t *state, size_t limit)
{
    return (size_t) (random_next(state) >> 33) % limit;
}

/* ---- texts ---- */

enum kind {
    KIND_ASCII,
    KIND_DATES,
    KIND_SIGNS,
    KIND_ESCAPES,
    KIND_JSON,
    KIND_RUNS,
    KIND_MIXED,
    KIND_WAKING,
    KIND_TWINS,
    KIND_DAMAGED,
    KIND_BYTES,
    KINDS
};

/* Ranges from which mixed text is drawn: one, two, three and four bytes, and the edges of table 3-7. */
static const struct {
    uint32_t first, last;
} mixed_ranges[] = {
    {0x20, 0x7E},       {0x20, 0x7E},       {'-', '9'},         {0x80, 0x17F},      {0x2B0, 0x2FF},       {0x400, 0x45F},
    {0x5B0, 0x5F4},     {0x620, 0x6F9},     {0x7C0, 0x7FF},     {0x800, 0x97F},     {0x2000, 0x206F},     {0x2700, 0x27FF},
    {0x3000, 0x30FF},   {0x4E00, 0x4EFF},   {0xD780, 0xD7FF},   {0xE000, 0xE07F},   {0xFE00, 0xFF9F},     {0xFFF0, 0x1003F},
    {0x16F40, 0x16F60}, {0x1D100, 0x1D280}, {0x1F300, 0x1F6FF}, {0xE0000, 0xE01FF}, {0x10FF00, 0x10FFFF},
};

#define RANGES (sizeof(mixed_ranges) / sizeof(*mixed_ranges))
#define LIST_MAX 8192

struct list {
    uint32_t points[LIST_MAX];
    size_t count;
};

struct source {
    uint64_t random;
    struct list waking; /* TT_CHAR_WAKE; of private use, which is most of it, mixed_ranges has enough */
    struct list twins;  /* TT_CHAR_TWIN, TT_CHAR_BESIDE */
};

static void
list_add(struct list *list, uint32_t cp)
{
    if (list->count == LIST_MAX) {
        fprintf(stderr, "check_kernels: raise LIST_MAX\n");
        exit(2);
    }
    list->points[list->count++] = cp;
}

static void
source_init(struct source *s, uint64_t seed)
{
    s->random = seed * 2 + 1;
    for (uint32_t cp = 0; cp <= 0x10FFFF; cp++) {
        if (tt_char_is(cp, TT_CHAR_WAKE) && !tt_char_is(cp, TT_CHAR_PRIVATE)) {
            list_add(&s->waking, cp);
        }
        if (tt_char_is(cp, TT_CHAR_TWIN | TT_CHAR_BESIDE)) {
            list_add(&s->twins, cp);
        }
    }
}

static uint32_t
random_of_list(struct source *s, const struct list *list)
{
    return list->points[random_below(&s->random, list->count)];
}

static uint32_t
random_letter(struct source *s, const char *alphabet)
{
    return (unsigned char) alphabet[random_below(&s->random, strlen(alphabet))];
}

static uint32_t
random_point(struct source *s, enum kind kind)
{
    uint64_t chance = random_below(&s->random, 3);
    switch (kind) {
    case KIND_ASCII: return (uint32_t) random_below(&s->random, 0x80);
    case KIND_DATES: return random_letter(s, "-./0123456789 a");
    case KIND_SIGNS: return random_letter(s, "%%%%&&&&\n\n\n \t\r\f#zZ#zZ189afAFgG/:@`0\x0B\x1B\x7F\xA0");
    case KIND_ESCAPES: return random_letter(s, "\\\\%&+uUx3#09aFgGzZs \n-/;\xA0");
    case KIND_JSON: return random_letter(s, "\\\\\\\\\\\"\"nrtbf/u \n\x1F\xA0 azAZ");
    case KIND_RUNS:
        return random_below(&s->random, 32) ? random_letter(s, "+-/09AZ_azaaMM") : random_letter(s, " .,:@[`{=\n\xE9");
    default: break;
    }
    if (chance == 0 && kind != KIND_MIXED) {
        return random_of_list(s, kind == KIND_TWINS ? &s->twins : &s->waking);
    }
    if (chance == 1 && kind == KIND_TWINS) {
        return random_letter(s, "09AZaz/:@[`{ \n\xE9\xFF");
    }
    size_t range = random_below(&s->random, RANGES);
    uint32_t width = mixed_ranges[range].last - mixed_ranges[range].first + 1;
    return mixed_ranges[range].first + (uint32_t) random_below(&s->random, width);
}

/* Fills p[0..n): whole characters, the rest blanks.  The last two kinds need not be UTF-8. */
static void
fill_text(struct source *s, enum kind kind, unsigned char *p, size_t n)
{
    size_t pos = 0;
    while (pos < n && kind != KIND_BYTES) {
        char bytes[4];
        size_t len = tt_utf8_put(random_point(s, kind), bytes);
        if (len > n - pos) {
            bytes[0] = ' ';
            len = 1;
        }
        memcpy(p + pos, bytes, len);
        pos += len;
    }
    for (; pos < n; pos++) {
        p[pos] = (unsigned char) random_next(&s->random);
    }
    if (kind == KIND_DAMAGED && n > 0) {
        p[random_below(&s->random, n)] ^= (unsigned char) (1u << random_below(&s->random, 8));
    }
}

/* ---- guarded memory ---- */

struct guarded {
    unsigned char *first; /* behind the first guard page */
    unsigned char *last;  /* where the second one starts */
};

static struct guarded
guarded_make(size_t size)
{
    size_t page = (size_t) sysconf(_SC_PAGESIZE);
    size_t inner = (size + page - 1) / page * page;
    unsigned char *all = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED || mprotect(all + page, inner, PROT_READ | PROT_WRITE) != 0) {
        die("check_kernels: mmap");
    }
    return (struct guarded) {all + page, all + page + inner};
}

/* ---- comparisons: true when both versions agree on p[0..n) ---- */

struct pair {
    const struct tt_kernels *reference, *version;
    struct source *source;
};

static bool
same_valid_utf8(const struct pair *k, const unsigned char *p, size_t n)
{
    return k->reference->valid_utf8(p, n) == k->version->valid_utf8(p, n);
}

static bool
same_count_lines(const struct pair *k, const unsigned char *p, size_t n)
{
    return k->reference->count_lines(p, n) == k->version->count_lines(p, n);
}

static bool
same_count_points(const struct pair *k, const unsigned char *p, size_t n)
{
    return k->reference->count_points(p, n) == k->version->count_points(p, n);
}

/* Blocks of json_blocks for a text that is tried, and one that must not be written. */
#define JSON_BLOCKS (LENGTH_MAX / TT_JSON_BLOCK + 2)

static bool
same_json_blocks(const struct pair *k, const unsigned char *p, size_t n)
{
    for (size_t from = 0; from <= n; from++) {
        struct tt_json_block a[JSON_BLOCKS] = {0};
        struct tt_json_block b[JSON_BLOCKS] = {0};
        size_t behind = (n - from + TT_JSON_BLOCK - 1) / TT_JSON_BLOCK;
        a[behind].stops = b[behind].stops = 0x55;
        k->reference->json_blocks(p + from, n - from, a);
        k->version->json_blocks(p + from, n - from, b);
        if (memcmp(a, b, sizeof(a)) != 0) {
            return false;
        }
    }
    return true;
}

/* Blocks at once, and a few at a time; max is random, the carry goes on. */
static bool
same_string_blocks(const struct pair *k, const unsigned char *p, size_t n)
{
    for (size_t from = 0; from <= n; from++) {
        struct tt_string_block a[JSON_BLOCKS] = {0};
        struct tt_string_block b[JSON_BLOCKS] = {0};
        uint64_t carry_a = from & 1, carry_b = from & 1;
        size_t max = random_below(&k->source->random, JSON_BLOCKS), second = max * TT_STRING_BLOCK;
        k->reference->string_blocks(p + from, n - from, JSON_BLOCKS, &carry_a, a);
        k->version->string_blocks(p + from, n - from, max, &carry_b, b);
        if (second < n - from) {
            k->version->string_blocks(p + from + second, n - from - second, JSON_BLOCKS, &carry_b, b + max);
        }
        if (carry_a != carry_b || memcmp(a, b, sizeof(a)) != 0) {
            return false;
        }
    }
    return true;
}

/* One search of from..to, in pieces of max, must give the same pieces. */
static bool
same_search(const struct pair *k, const unsigned char *p, size_t n, size_t from, size_t to, size_t max)
{
    uint32_t a[HITS_MAX];
    uint32_t b[HITS_MAX];
    size_t next_a = from;
    size_t next_b;
    do {
        from = next_a;
        size_t count_a = k->reference->collect(p, n, from, to, a, max, &next_a);
        size_t count_b = k->version->collect(p, n, from, to, b, max, &next_b);
        if (count_a != count_b || next_a != next_b || memcmp(a, b, count_a * sizeof(*a)) != 0) {
            return false;
        }
    } while (next_a < to && next_a < n && next_a > from);
    return true;
}

static bool
same_collect(const struct pair *k, const unsigned char *p, size_t n)
{
    static const size_t limits[] = {HITS_MAX, 1, 2, 7, 0};
    uint64_t *random = &k->source->random;
    for (size_t i = 0; i < sizeof(limits) / sizeof(*limits); i++) {
        size_t from = random_below(random, n + 2);
        size_t to = random_below(random, n + 2);
        if (!same_search(k, p, n, 0, n, limits[i]) || !same_search(k, p, n, from, n, limits[i]) ||
            !same_search(k, p, n, 0, to, limits[i]) || !same_search(k, p, n, from, to, limits[i])) {
            return false;
        }
    }
    return true;
}

static bool
same_find_pair(const struct pair *k, const unsigned char *p, size_t n)
{
    struct tt_byte_pairs pairs;
    unsigned char *bytes = (unsigned char *) &pairs;
    bool sparse = random_below(&k->source->random, 2);
    for (size_t i = 0; i < sizeof(pairs); i++) {
        bytes[i] = (unsigned char) (random_next(&k->source->random) & (sparse ? random_next(&k->source->random) : 0xFF));
    }
    for (size_t i = 8; i < 16; i++) { /* sets are of ASCII */
        pairs.first.high[i] = pairs.second.high[i] = 0;
    }
    for (size_t from = 0; from <= n; from++) {
        if (k->reference->find_pair(p, n, from, &pairs) != k->version->find_pair(p, n, from, &pairs)) {
            return false;
        }
    }
    return true;
}

static bool
same_find_run(const struct pair *k, const unsigned char *p, size_t n)
{
    for (size_t from = 0; from <= n; from++) {
        size_t end_a, end_b;
        if (k->reference->find_run(p, n, from, &end_a) != k->version->find_run(p, n, from, &end_b) || end_a != end_b) {
            return false;
        }
    }
    return true;
}

static const struct kernel_test {
    const char *name;
    bool (*same)(const struct pair *k, const unsigned char *p, size_t n);
} kernel_tests[] = {
    {"valid_utf8", same_valid_utf8},   {"collect", same_collect},
    {"count_lines", same_count_lines}, {"count_points", same_count_points},
    {"json_blocks", same_json_blocks}, {"find_pair", same_find_pair},
    {"find_run", same_find_run},       {"string_blocks", same_string_blocks},
};

#define KERNELS (sizeof(kernel_tests) / sizeof(*kernel_tests))

/* ---- the runs ---- */

static bool
report_difference(const char *name, enum kind kind, const unsigned char *p, size_t n)
{
    printf("# %s differs on a text of kind %d, %zu bytes, address & 63 = %u:\n# ", name, (int) kind, n,
           (unsigned) ((uintptr_t) p & 63));
    for (size_t i = 0; i < n && i < LENGTH_MAX; i++) {
        printf("%02x", p[i]);
    }
    printf("\n");
    return false;
}

/* Every length, flush with the second guard page (which makes every alignment) and at each offset from the first one. */
static bool
check_short(const struct kernel_test *test, const struct pair *k, const struct guarded *memory)
{
    unsigned char text[LENGTH_MAX];
    for (size_t n = 0; n <= LENGTH_MAX; n++) {
        for (int i = 0; i < TEXTS * KINDS; i++) {
            enum kind kind = (enum kind)(i % KINDS);
            fill_text(k->source, kind, text, n);
            unsigned char *p = i % 2 ? memory->last - n : memory->first + random_below(&k->source->random, ALIGNMENTS);
            memcpy(p, text, n);
            if (!test->same(k, p, n)) {
                return report_difference(test->name, kind, p, n);
            }
        }
    }
    return true;
}

/* Each alignment from the first guard page on, one text a kind. */
static bool
check_alignments(const struct kernel_test *test, const struct pair *k, const struct guarded *memory)
{
    for (size_t offset = 0; offset < ALIGNMENTS * KINDS; offset++) {
        enum kind kind = (enum kind)(offset % KINDS);
        unsigned char *p = memory->first + offset / KINDS;
        fill_text(k->source, kind, p, LENGTH_MAX);
        if (!test->same(k, p, LENGTH_MAX)) {
            return report_difference(test->name, kind, p, LENGTH_MAX);
        }
    }
    return true;
}

/* A few long texts, where counters fill up; json_blocks and collect look at windows of them. */
static bool
check_long(const struct kernel_test *test, const struct pair *k, const struct guarded *memory)
{
    for (int kind = 0; kind < KINDS; kind++) {
        size_t n = LONG_MAX - random_below(&k->source->random, 200);
        unsigned char *p = memory->last - n;
        fill_text(k->source, (enum kind) kind, p, n);
        if (kind == KIND_ASCII) {
            memset(p, '\n', n / 2); /* every counter of a step at its maximum */
        }
        bool whole = test->same == same_valid_utf8 || test->same == same_count_lines || test->same == same_count_points;
        for (size_t at = 0; at < n; at += whole ? n : 997) {
            size_t size = whole || n - at < LENGTH_MAX ? n - at : LENGTH_MAX;
            if (!test->same(k, p + at, size)) {
                return report_difference(test->name, (enum kind) kind, p + at, size);
            }
        }
    }
    return true;
}

/* Does a search of from..to in p[0..n) find at and nothing else? */
static bool
finds_only(const struct tt_kernels *k, const unsigned char *p, size_t n, size_t from, size_t to, size_t at)
{
    uint32_t out[4];
    size_t next;
    return k->collect(p, n, from, to, out, 4, &next) == 1 && out[0] == at && next == to;
}

static bool
finds_nothing(const struct tt_kernels *k, const unsigned char *p, size_t n, size_t from, size_t to)
{
    uint32_t out[4];
    size_t next;
    return k->collect(p, n, from, to, out, 4, &next) == 0 && next == to;
}

/* A twin at p[at..at+len): does its answer depend on its neighbours as it must, even where these lie outside from..to? */
static bool
is_twin_found(const struct tt_kernels *k, unsigned char *p, size_t n, size_t at, size_t len)
{
    size_t end = at + len;
    memset(p, ' ', at);
    memset(p + end, ' ', n - end);
    bool found = finds_nothing(k, p, n, 0, n) && finds_nothing(k, p, end, 0, end);
    if (at > 0) {
        p[at - 1] = 'Z';
        found = found && finds_only(k, p, n, 0, n, at) && finds_only(k, p, n, at, n, at) && finds_only(k, p, end, at, end, at);
        p[at - 1] = '-';
    }
    if (end < n) {
        p[end] = '9';
        found = found && finds_only(k, p, n, 0, n, at) && finds_only(k, p, n, at, end, at) && finds_nothing(k, p, end, 0, end);
    }
    return found;
}

/* Every waking character at every place of a block, between letters, and every twin: the filter must miss none. */
static bool
check_waking(const struct kernel_test *test, const struct pair *k, const struct guarded *memory)
{
    for (uint32_t cp = 0x80; cp <= 0x10FFFF && test->same == same_collect; cp++) {
        if (!tt_char_is(cp, TT_CHAR_WAKE | TT_CHAR_TWIN | TT_CHAR_BESIDE)) {
            continue;
        }
        char bytes[4];
        size_t len = tt_utf8_put(cp, bytes);
        size_t at = cp % 131;
        size_t n = at + len + cp % 5;
        unsigned char *p = memory->last - n;
        memset(p, 'a', n);
        memcpy(p + at, bytes, len);
        bool found = n == len || finds_only(k->version, p, n, 0, n, at);
        if (!found || (!tt_char_is(cp, TT_CHAR_WAKE) && !is_twin_found(k->version, p, n, at, len))) {
            printf("# U+%04X is missed at offset %zu of %zu\n", (unsigned) cp, at, n);
            return false;
        }
    }
    return true;
}

/* What stops collect, and what nearly does. */
static const char *const snippets[] = {
    "\n",
    " \n",
    "\t\n",
    "\r\n",
    "\f\n",
    "\n\n",
    " \n\n \n",
    "\xC2\xA0\n",
    "%8a",
    "%E2%80%8B",
    "&#",
    "\x01",
    "\x1B[",
    "\x7F",
    "\x0B",
    "\x0C",
    "\x1F ",
    "1-1-1",
    "9/09.2",
    "1-1-",
    "12-123",
    "\xCE\x91",
    "\xD0\xB0\xD0\xB0",
    "\xE2\x84\x82",
    "\xEF\xBC\xA1",
    "\xF0\x9D\x90\x80",
    "\xF0\x9F\x98\x80",
    "\xE4\xB8\xAD",
    "\xE2\x80\x8B",
    "\xC3\xA9",
    "\xD0\xB0 \xF0\x9D\x90\x80",
    "\xF0\x9D\x90\x80&#",
};

static const char *const fillers[] = {"a", " ", "-", "\xC3\xA9", "\xE4\xB8\xAD", "\xD0\xB0", "1", "%", "\r", "&"};

/* A snippet at text[at..end) between whole fillers. */
struct place {
    unsigned char text[LENGTH_MAX];
    size_t at, end, n;
};

static void
place_make(struct place *place, const char *snippet, const char *filler, size_t before, size_t after)
{
    size_t width = strlen(filler);
    place->at = before / width * width;
    place->end = place->at + strlen(snippet);
    place->n = place->end + after / width * width;
    for (size_t i = 0; i < place->at; i++) {
        place->text[i] = (unsigned char) filler[i % width];
    }
    for (size_t i = place->end; i < place->n; i++) {
        place->text[i] = (unsigned char) filler[(i - place->end) % width];
    }
    memcpy(place->text + place->at, snippet, place->end - place->at);
}

/* From and to at each byte of the snippet and beside it, and the text ending there.  All texts lie flush with the guard page. */
static bool
same_at_borders(const struct pair *k, const struct place *place, const struct guarded *memory)
{
    for (size_t n = place->at; n <= place->n; n = n < place->end ? n + 1 : n + 3) {
        unsigned char *p = memory->last - n;
        memcpy(p, place->text, n);
        if (!same_search(k, p, n, 0, n, HITS_MAX) || !same_search(k, p, n, 0, n, 1)) {
            return false;
        }
    }
    unsigned char *p = memory->last - place->n;
    memcpy(p, place->text, place->n);
    for (size_t from = place->at > 0 ? place->at - 1 : 0; from <= place->end; from++) {
        for (size_t to = from; to <= place->end + 1 && to <= place->n; to++) {
            if (!same_search(k, p, place->n, from, to, HITS_MAX)) {
                return false;
            }
        }
        if (!same_search(k, p, place->n, from, place->n, 1) || !same_search(k, p, place->n, 0, from, HITS_MAX)) {
            return false;
        }
    }
    return true;
}

/* Every snippet at every place of two blocks, between the fillers. */
static bool
check_snippets(const struct kernel_test *test, const struct pair *k, const struct guarded *memory)
{
    const size_t count = sizeof(snippets) / sizeof(*snippets);
    const size_t all = count * (sizeof(fillers) / sizeof(*fillers));
    for (size_t i = 0; i < all && test->same == same_collect; i++) {
        for (size_t before = 0; before <= 2 * ALIGNMENTS + 2; before++) {
            struct place place;
            size_t after = before % 7 == 0 ? 2 * ALIGNMENTS + 9 : 3 + before % 3; /* none, one or two blocks behind it */
            place_make(&place, snippets[i % count], fillers[i / count], before, after);
            if (!same_at_borders(k, &place, memory)) {
                return report_difference(test->name, KINDS, place.text, place.n);
            }
        }
    }
    return true;
}

static bool
check_kernel(const struct kernel_test *test, const struct pair *k, const struct guarded *memory)
{
    return check_short(test, k, memory) && check_alignments(test, k, memory) && check_long(test, k, memory) &&
           check_waking(test, k, memory) && check_snippets(test, k, memory);
}

/* ---- known answers: the reference is checked, too ---- */

#define KNOWN_MAX 6

static const struct known {
    const char *text;
    uint32_t hits[KNOWN_MAX + 1]; /* of collect: offset + 1, so that 0 ends them */
    size_t valid, lines, points;
} known_answers[] = {
    {"2026-05-09", {4}, 10, 0, 10},
    {"05/09/2026 ", {2}, 11, 0, 11},
    {"1.2.3.4\n", {1, 3}, 8, 1, 8},
    {"1-12/1 1-123-1 1--1-1 1-1", {1}, 25, 0, 25},
    {"12-3-4", {2}, 6, 0, 6},
    {"-1-2- a.b.c 1:2:3", {0}, 17, 0, 17},
    {"Today\u02BCs\n", {6}, 9, 1, 8},
    {" \u2019\u2014\u201C\u201A", {2}, 13, 0, 5},
    {"a\u2019 \u201Cb \u05D9x \u05D9", {2, 6, 11}, 16, 0, 10},
    {"a\u200Bb\U000E0041\uFE0F", {2, 6, 10}, 12, 0, 5},
    {"\u05E9\u05DC\u00E9\U0001F600 '`", {0}, 13, 0, 7},
    {"\u2064\u2065\u202E\u00AD", {1, 4, 7, 10}, 11, 0, 4},
    {"\xE2\x80", {0}, 0, 0, 1},
    {"ab\xC0\xAF", {0}, 2, 0, 3},
    {"tab\t\"q\"", {0}, 7, 0, 7},
    {"a\\n\x7F", {4}, 4, 0, 4},
    {"\x7F", {1}, 1, 0, 1},
    {"1 \n\t\n\r\n\n\f\n\u00A0\n", {3, 5, 7, 11}, 13, 6, 12},
    {"%7F%80%ff%8g%9%A0%fF", {0}, 20, 0, 20},
    {"&#8203; &z &Zw; &amp; &&# &\n", {0}, 28, 1, 28},
    {"\x01 \x08\t\x0B\f\x0E\x1F \x7F", {1, 3, 5, 7, 8, 10}, 10, 0, 10},
    {"\u00A0\u0301\uE000\U0010FFFD\u2028", {1, 3, 5, 8, 12}, 14, 0, 5},
    {"-\u0391- a\u0391 \u0430b \u0431\u0430\u0430 -\U0001D4001", {7, 10, 22}, 26, 0, 17},
};

/* Below each byte of a text that stands in a string of JSON: s a stop, e an escape, w a wide byte. */
static const struct known_json {
    const char *text, *picture;
} known_json[] = {
    {"ab\"c", "  s "},
    {"\\n\\\\\"", "e e s"},
    {"\\\"\"", "e s"},
    {"\\b\\f\\n\\r\\t.", "e e e e e  "},
    {"\\u00e9\\/\\B\\x", "s     s s s "},
    {"\t\x01 \x7F\x1F", "ss  s"},
    {"\u00E9\\\u00E9", "wwsww"},
    {"\\\\\\", "e s"},
    {"\\\\\\\\\\\"\"", "e e e s"},
};

/* The letter of a block's last backslash is not looked for. */
static char
kind_in_block(const struct tt_json_block *block, size_t at, char expected)
{
    bool stop = block->stops >> at & 1;
    bool escape = block->escapes >> at & 1;
    bool wide = block->wide >> at & 1;
    if (expected == 'e' && at == TT_JSON_BLOCK - 1 && stop) {
        return 'e';
    }
    return stop + escape + wide > 1 ? '?' : stop ? 's' : escape ? 'e' : wide ? 'w' : ' ';
}

static bool
knows_json(const struct tt_kernels *k, const struct known_json *a, const unsigned char *p, size_t before)
{
    struct tt_json_block blocks[JSON_BLOCKS] = {0};
    size_t n = before + strlen(a->text);
    bool same = true;
    k->json_blocks(p, n, blocks);
    for (size_t i = 0; i < n && same; i++) {
        char expected = i < before ? ' ' : a->picture[i - before];
        same = kind_in_block(&blocks[i / TT_JSON_BLOCK], i % TT_JSON_BLOCK, expected) == expected;
    }
    return same;
}

/* The answer must not depend on how many letters stand before the text. */
static bool
knows(const struct tt_kernels *k, const struct known *a, const unsigned char *p, size_t before)
{
    uint32_t out[KNOWN_MAX];
    size_t n = before + strlen(a->text);
    size_t next;
    size_t count = k->collect(p, n, 0, n, out, KNOWN_MAX, &next);
    bool same = next == n && a->hits[count] == 0;
    for (size_t i = 0; i < count && same; i++) {
        same = out[i] + 1 == before + a->hits[i];
    }
    return same && k->valid_utf8(p, n) == before + a->valid && k->count_lines(p, n) == a->lines &&
           k->count_points(p, n) == before + a->points;
}

/* Puts the text behind so many letters, flush with the guard page. */
static const unsigned char *
put_behind(const struct guarded *memory, size_t before, const char *text)
{
    size_t len = strlen(text);
    unsigned char *p = memory->last - len - before;
    memset(p, 'x', before);
    memcpy(p + before, text, len);
    return p;
}

static bool
check_known(const struct tt_kernels *k, const struct guarded *memory)
{
    const size_t texts = sizeof(known_answers) / sizeof(*known_answers);
    const size_t all = texts + sizeof(known_json) / sizeof(*known_json);
    for (size_t i = 0; i < all; i++) {
        for (size_t before = 0; before < 3 * ALIGNMENTS; before++) {
            const unsigned char *p = put_behind(memory, before, i < texts ? known_answers[i].text : known_json[i - texts].text);
            bool good = i < texts ? knows(k, &known_answers[i], p, before) : knows_json(k, &known_json[i - texts], p, before);
            if (!good) {
                printf("# %s: known answer %zu behind %zu letters\n", k->name, i, before);
                return false;
            }
        }
    }
    size_t next;
    k->json_blocks(NULL, 0, NULL);
    return k->valid_utf8(NULL, 0) == 0 && k->collect(NULL, 0, 0, 0, NULL, 1, &next) == 0 && k->count_lines(NULL, 0) == 0 &&
           k->count_points(NULL, 0) == 0;
}

/* Versions to compare, each with the processor features it needs. */
static const unsigned versions[] = {0, TT_CPU_AVX2};

#define VERSIONS (sizeof(versions) / sizeof(*versions))

/* One TAP line; true unless the test failed. */
static bool
report(unsigned number, const char *test, const struct tt_kernels *version, bool here, bool ok)
{
    const char *skip = here ? "" : " # SKIP not on this processor";
    printf("%sok %u - %s %s%s\n", ok || !here ? "" : "not ", number, test, version->name, skip);
    return ok || !here;
}

static int
run_checks(uint64_t seed)
{
    static struct source source;
    source_init(&source, seed);
    struct guarded memory = guarded_make(LONG_MAX);
    unsigned cpu = tt_cpu_detect();
    unsigned number = 0;
    bool all = true;
    printf("1..%zu\n# seed %llu\n", VERSIONS + (VERSIONS - 1) * KERNELS, (unsigned long long) seed);
    for (size_t v = 0; v < VERSIONS; v++) {
        struct pair k = {tt_kernels_get(0), tt_kernels_get(versions[v]), &source};
        bool here = (cpu & versions[v]) == versions[v];
        all = report(++number, "known answers", k.version, here, here && check_known(k.version, &memory)) && all;
        for (size_t i = 0; i < KERNELS && v > 0; i++) {
            bool ok = here && check_kernel(&kernel_tests[i], &k, &memory);
            all = report(++number, kernel_tests[i].name, k.version, here, ok) && all;
        }
    }
    return all ? 0 : 1;
}

/* ---- the bench ---- */

/* Phrases of many scripts, escaped: sources hold no hidden characters. */
static const char *const mixed_phrases[] = {
    "Les \u00E9l\u00E8ves fran\u00E7ais \u00E9taient \u00E0 l'h\u00F4tel, o\u00F9 no\u00EBl f\u00FBt f\u00EAt\u00E9. ",
    "\u00DCber gr\u00F6\u00DFere Stra\u00DFen f\u00E4hrt man fr\u00FCher sch\u00F6n m\u00FCde zur\u00FCck. ",
    "\u0412\u0441\u0435 \u0441\u0447\u0430\u0441\u0442\u043B\u0438\u0432\u044B\u0435 \u0441\u0435\u043C\u044C\u0438 "
    "\u043F\u043E\u0445\u043E\u0436\u0438 \u0434\u0440\u0443\u0433 \u043D\u0430 \u0434\u0440\u0443\u0433\u0430, 1877. ",
    "\u0627\u0644\u0644\u063A\u0629 \u0627\u0644\u0639\u0631\u0628\u064A\u0629 \u062C\u0645\u064A\u0644\u0629 "
    "\u062C\u062F\u0627\u060C \u0648\u0647\u064A \u0642\u062F\u064A\u0645\u0629. ",
    "\u0645\u0646 \u0646\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 \u06A9\u062A\u0627\u0628\u200C\u0647\u0627 "
    "\u0631\u0627 \u0628\u0628\u06CC\u0646\u0645\u061B \u062E\u0627\u0646\u0647 \u0628\u0632\u0631\u06AF \u0627\u0633\u062A. ",
    "\u05E9\u05DC\u05D5\u05DD \u05E2\u05D5\u05DC\u05DD, \u05D6\u05D4 \u05D8\u05E7\u05E1\u05D8 "
    "\u05D1\u05E2\u05D1\u05E8\u05D9\u05EA \u05DC\u05D1\u05D3\u05D9\u05E7\u05D4. ",
    "\u092F\u0939 \u0939\u093F\u0928\u094D\u0926\u0940 \u092E\u0947\u0902 \u0932\u093F\u0916\u093E \u0917\u092F\u093E "
    "\u090F\u0915 \u0935\u093E\u0915\u094D\u092F \u0939\u0948\u0964 ",
    "\u6240\u6709\u5E78\u798F\u7684\u5BB6\u5EAD\u90FD\u5F7C\u6B64\u76F8\u4F3C\uFF0C\u6BCF\u4E2A\u4E0D\u5E78\u7684"
    "\u5BB6\u5EAD\u5404\u6709\u5404\u7684\u4E0D\u5E78\u3002",
    "Ship it \U0001F680\U0001F389, thanks \U0001F468\u200D\U0001F4BB \u2764\uFE0F \U0001F600! ",
    "Plain English stands between them, with commas, 42 numbers and (brackets). ",
    "for (int i = 0; i < count; i++) { total += values[i] * 3.5; }\n",
};

static const char *const ascii_phrases[] = {
    "The quick brown fox jumps over the lazy dog. ",          "version 1.5 of the file src/text/kernel.c has 210 lines\n",
    "for (size_t i = 0; i < n; i++) { sum += p[i] * 31; }\n", "{\"id\": 4711, \"name\": \"example\", \"values\": [1, 2, 3.25]}\n",
    "It was a well-known fact that nobody had ever asked. ",
};

static void
fill_phrases(unsigned char *p, size_t n, const char *const *phrases, size_t count)
{
    uint64_t random = 1;
    size_t pos = 0;
    while (pos < n) {
        const char *phrase = phrases[random_below(&random, count)];
        size_t len = strlen(phrase);
        if (len > n - pos) {
            memset(p + pos, ' ', n - pos);
            return;
        }
        memcpy(p + pos, phrase, len);
        pos += len;
    }
}

/* Of this thread's processor time, so that other work on the machine does not count. */
static double
seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double) now.tv_sec + (double) now.tv_nsec / 1e9;
}

static size_t
collect_all(const struct tt_kernels *k, const unsigned char *p, size_t n)
{
    uint32_t out[HITS_MAX];
    size_t total = 0;
    for (size_t pos = 0; pos < n;) {
        total += k->collect(p, n, pos, n, out, HITS_MAX, &pos);
    }
    return total;
}

/* What a scan does with every byte of plain text. */
static size_t
inspect(const struct tt_kernels *k, const unsigned char *p, size_t n)
{
    size_t total = 0;
    for (size_t pos = 0; pos < n; pos += WINDOW_SIZE) {
        size_t size = n - pos < WINDOW_SIZE ? n - pos : WINDOW_SIZE;
        total += k->valid_utf8(p + pos, size) + collect_all(k, p + pos, size);
    }
    return total;
}

/* The blocks of a JSON document, or of one long string, as many at once as those who ask for them want. */
static size_t
make_blocks(const struct tt_kernels *k, bool string, const unsigned char *p, size_t n)
{
    struct tt_json_block blocks[8];
    struct tt_string_block in_string[32];
    size_t total = 0, step = string ? 32 * TT_STRING_BLOCK : 8 * TT_JSON_BLOCK;
    uint64_t carry = 0;
    for (size_t pos = 0; pos < n; pos += step) {
        if (string) {
            k->string_blocks(p + pos, n - pos, 32, &carry, in_string);
            total += in_string[0].spaces & 1;
        } else {
            k->json_blocks(p + pos, n - pos < step ? n - pos : step, blocks);
            total += blocks[0].stops & 1;
        }
    }
    return total;
}

/* One pass of kernel number which over the text; returns something of the result, so that the work is not left out. */
static size_t
run_kernel(const struct tt_kernels *k, size_t which, const unsigned char *p, size_t n)
{
    static const struct tt_byte_pairs none = {.first = {.high = {1}, .low = {[1] = 1}}}; /* a control and nothing */
    size_t end = 0, total = 0;
    switch (which) {
    case 0: return k->valid_utf8(p, n);
    case 1: return collect_all(k, p, n);
    case 2: return k->count_lines(p, n);
    case 3: return k->count_points(p, n);
    case 5: return k->find_pair(p, n, 0, &none);
    case 6:
        for (size_t pos = 0; pos < n; pos = end) {
            total += k->find_run(p, n, pos, &end);
        }
        return total;
    case KERNELS: return inspect(k, p, n);
    default: return make_blocks(k, which == 7, p, n);
    }
}

static int
compare_doubles(const void *a, const void *b)
{
    double x = *(const double *) a;
    double y = *(const double *) b;
    return x < y ? -1 : x > y;
}

/* Median, minimum and maximum, each behind a blank. */
static void
print_spread(double values[BENCH_ROUNDS], const char *unit)
{
    qsort(values, BENCH_ROUNDS, sizeof(*values), compare_doubles);
    printf(" %6.2f %s (%.2f %.2f)", values[BENCH_ROUNDS / 2], unit, values[0], values[BENCH_ROUNDS - 1]);
}

/* Each round times the kernel and memchr for a byte that is not there, one after the other. */
static void
bench_kernel(const struct tt_kernels *k, size_t which, const char *text, const unsigned char *p, size_t n)
{
    double speed[BENCH_ROUNDS];
    double ratio[BENCH_ROUNDS];
    volatile size_t keep = 0; /* results are stored, so that no call is left out */
    for (int round = 0; round < BENCH_ROUNDS; round++) {
        double start = seconds();
        keep += (size_t) (memchr(p, 0, n) != NULL);
        double middle = seconds();
        keep += run_kernel(k, which, p, n);
        double end = seconds();
        speed[round] = (double) n / (end - middle) / 1e9;
        ratio[round] = (middle - start) / (end - middle);
    }
    (void) keep;
    printf("%-14s %-6s %-6s", which < KERNELS ? kernel_tests[which].name : "inspect", k->name, text);
    print_spread(speed, "GB/s");
    print_spread(ratio, "of memchr");
    printf("\n");
}

static void
bench_text(const char *text, const unsigned char *p, size_t n)
{
    unsigned cpu = tt_cpu_detect();
    for (size_t which = 0; which <= KERNELS; which++) {
        for (size_t v = 0; v < VERSIONS; v++) {
            if ((cpu & versions[v]) == versions[v]) {
                bench_kernel(tt_kernels_get(versions[v]), which, text, p, n);
            }
        }
    }
}

/* Fills p[0..n) with the file, over and over. */
static void
fill_from_file(unsigned char *p, size_t n, const char *name)
{
    FILE *file = fopen(name, "rb");
    size_t size = file ? fread(p, 1, n, file) : 0;
    if (size == 0 || fclose(file) != 0) {
        die(name);
    }
    for (size_t pos = size; pos < n; pos++) {
        p[pos] = p[pos - size];
    }
}

static int
run_bench(size_t megabytes, const char *name)
{
    size_t n = megabytes << 20;
    unsigned char *p = malloc(n);
    if (!p || n == 0) {
        die("check_kernels: memory");
    }
    if (name) {
        fill_from_file(p, n, name);
        bench_text("file", p, n);
    } else {
        fill_phrases(p, n, ascii_phrases, sizeof(ascii_phrases) / sizeof(*ascii_phrases));
        bench_text("ascii", p, n);
        fill_phrases(p, n, mixed_phrases, sizeof(mixed_phrases) / sizeof(*mixed_phrases));
        bench_text("mixed", p, n);
    }
    free(p);
    return 0;
}

/* So that other programs can be asked to look for the same characters. */
static int
print_class(void)
{
    printf("[");
    for (uint32_t cp = 0x80; cp <= 0x10FFFF; cp++) { /* what wakes in ASCII depends on its neighbours */
        uint32_t first = cp;
        while (cp <= 0x10FFFF && tt_char_is(cp, TT_CHAR_WAKE | TT_CHAR_BESIDE)) {
            cp++;
        }
        if (cp > first) {
            printf("\\x{%X}-\\x{%X}", (unsigned) first, (unsigned) cp - 1);
        }
    }
    printf("]\n");
    return 0;
}

int
main(int argc, char **argv)
{
    if (argc >= 2 && strcmp(argv[1], "--bench") == 0) {
        return run_bench(argc > 2 ? strtoul(argv[2], NULL, 10) : 256, argc > 3 ? argv[3] : NULL);
    }
    if (argc == 2 && strcmp(argv[1], "--class") == 0) {
        return print_class();
    }
    if (argc == 1) {
        return run_checks(20260509);
    }
    if (argc == 3 && strcmp(argv[1], "--seed") == 0) {
        return run_checks(strtoull(argv[2], NULL, 10));
    }
    fprintf(stderr, "usage: check_kernels [--seed N | --bench [MB [FILE]] | --class]\n");
    return 2;
}
