/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the load program share. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum fresh { FRESH_NONE, FRESH_END, FRESH_ALL };

struct options {
    unsigned connections, pairs, events, every_ms;
    double seconds, rate;
    uint64_t count, seed;
    enum fresh fresh;
    bool close, go_on;
    const char *path;
    char headers[1024];
};

/* Memory that is zero; there is no load without it. */
void *load_allocate(size_t count, size_t size);

/* One stream of each port in turn, so that what disturbs one disturbs all; prints the median delay of each. */
void load_streams(const struct options *o, char **ports, int count);

#endif
