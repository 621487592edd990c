/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the inspection knows, from the files of data/inspect through data/gen/inspect_table.py.
 */
#ifndef TT_INSPECT_TABLES_H
#define TT_INSPECT_TABLES_H

#include "base/str.h"

/* Signs of names: 0 is the beginning or the end, then a-z, any digit, the point, the hyphen. */
#define TT_PAIR_SIGNS 30
#define TT_PAIR_UNIT 16 /* costs are in this part of a bit */

/* The cost of each sign behind each other one. */
extern const uint8_t tt_inspect_pairs[TT_PAIR_SIGNS][TT_PAIR_SIGNS];

struct tt_inspect_tld {
    struct tt_str label;
    uint8_t bits; /* what it costs */
};

/* By label. */
extern const struct tt_inspect_tld tt_inspect_tlds[];
extern const size_t tt_inspect_tld_count;

enum tt_watch_kind {
    TT_WATCH_VARIABLE, /* of the environment */
    TT_WATCH_ENDING,   /* the end of the name of one */
    TT_WATCH_NAME,     /* a function or a property that says what it is by itself */
    TT_WATCH_MEMBER,   /* "object.property" */
};

/* Something about its surroundings that a program may read. */
struct tt_inspect_watch {
    enum tt_watch_kind kind;
    const char *what; /* "time zone" */
    struct tt_str name;
};

extern const struct tt_inspect_watch tt_inspect_watches[];
extern const size_t tt_inspect_watch_count;

enum tt_service_purpose { TT_SERVICE_TELEMETRY, TT_SERVICE_UPDATE, TT_SERVICE_NAME };

/* A host, and those below it. */
struct tt_inspect_service {
    struct tt_str host;
    enum tt_service_purpose purpose;
    const char *what; /* "error reports" */
};

/* By host. */
extern const struct tt_inspect_service tt_inspect_services[];
extern const size_t tt_inspect_service_count;

/* YARA rules. */
extern const char tt_inspect_patterns[];

#endif
