/* SPDX-License-Identifier: Apache-2.0 */
/* Findings and notes of a scan over bytes in memory, kept for assertions. */
#ifndef TT_TESTS_COLLECTED_H
#define TT_TESTS_COLLECTED_H

#include "test.h"

#include "marks/learned.h"
#include "scan/scan.h"

#define COLLECTED_MAX 256

struct collected {
    struct tt_arena arena;
    struct tt_finding findings[COLLECTED_MAX];
    size_t count;
    struct tt_str notes[COLLECTED_MAX];
    size_t note_count;
    uint64_t documents;
    uint64_t found[TT_LEVELS];
};

/* Scans bytes as a file named uri with the fastest kernels; fails the test on trouble.  Free with collected_free. */
void collect(struct collected *c, const char *uri, struct tt_str bytes);

/* The same with sites of descriptions, and with kernels that are not the fastest. */
void collect_learned(struct collected *c, const char *uri, struct tt_str bytes, const struct tt_learned *learned, unsigned cpu);

/* The description that is shipped as an example; the caller frees it. */
void read_example_sites(struct tt_learned *learned);

/* The same as a fixture. */
extern struct tt_learned example_sites;
int open_example_sites(void **state);
int close_example_sites(void **state);

void collected_free(struct collected *c);

/* How many findings of the rule are at level or above. */
size_t collected_at_least(const struct collected *c, const char *rule, enum tt_level level);

/* The text fact of that key, or an empty string. */
struct tt_str collected_fact(const struct tt_finding *f, const char *key);

#endif
