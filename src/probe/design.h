/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a probe varies, and what one run of the client is: factors, their levels, and the level of each in a run.
 *
 * A factor is one thing that a client can sense of its machine, with all the sources it could be sensed from; a level is one value of
 * it.  Level 0 of every factor is its baseline.  The strings live in the arena of whoever made the design.
 */
#ifndef TT_PROBE_DESIGN_H
#define TT_PROBE_DESIGN_H

#include "base/limits.h"
#include "base/status.h"
#include "base/str.h"

/* One source of a level. */
enum tt_source_kind {
    TT_SOURCE_ENV,       /* name=value in the environment */
    TT_SOURCE_UNSET,     /* name is not in the environment */
    TT_SOURCE_FILE,      /* a file at name (absolute, or from the home folder) with the content value */
    TT_SOURCE_LINK,      /* a link at name that leads to value */
    TT_SOURCE_ABSENT,    /* nothing at name */
    TT_SOURCE_HOST_NAME, /* the system's name is value */
    TT_SOURCE_FOLDER,    /* the client starts in the folder value */
    TT_SOURCE_HOME,      /* its home folder is value */
    TT_SOURCE_USER,      /* its user's name is value */
    TT_SOURCE_BASE_HOST, /* the host of the base URL is value; empty: no base URL, so that the client takes its own */
    TT_SOURCE_SCHEME,    /* "http" or "https" in the base URL */
    TT_SOURCE_PROXY,     /* the names of variables that name the proxy, divided by spaces */
    TT_SOURCE_KEY,       /* the API key is value */
    TT_SOURCE_GIT,       /* the project: "repo", "none", or the URL of a remote */
    TT_SOURCE_HOME_KEPT, /* the home folder is that of an earlier run */
    TT_SOURCE_DATE,      /* noon of the day value, "2026-02-03", in UTC */
    TT_SOURCE_CPUS,      /* that many processors, a decimal number; empty: all */
};
#define TT_SOURCE_KINDS 17

struct tt_source {
    enum tt_source_kind kind;
    struct tt_str name;
    struct tt_str value; /* canaries stand here: what a leaf that echoes the level could contain */
};

struct tt_level_spec {
    struct tt_str name; /* "Asia/Shanghai" */
    struct tt_source *sources;
    size_t source_count;
};

/* What differences a factor explains by itself. */
enum tt_factor_role {
    TT_ROLE_PLAIN,
    TT_ROLE_HOST,   /* the Host header, SNI, CONNECT target */
    TT_ROLE_SCHEME, /* TLS or not */
    TT_ROLE_PROXY,  /* absolute-form, CONNECT, Proxy-* */
    TT_ROLE_DATE,   /* the calendar date */
};

struct tt_factor {
    struct tt_str name;  /* "time-zone": of --factor, and in evidence */
    struct tt_str title; /* "time zone": for sentences */
    enum tt_factor_role role;
    bool identity; /* tells people, machines or places apart */
    struct tt_level_spec *levels;
    size_t level_count; /* at least 2; level 0 is the baseline */
};

struct tt_design {
    struct tt_factor *factors;
    size_t factor_count;         /* at most TT_PROBE_FACTORS_MAX */
    struct tt_level_spec *fixed; /* the baselines of factors that are not varied */
    size_t fixed_count;
};

enum tt_stage {
    TT_STAGE_SMOKE,      /* does the command work at all? */
    TT_STAGE_BASELINE,   /* level 0 everywhere */
    TT_STAGE_REAL_CLOCK, /* the same, with the machine's clock and no tracer */
    TT_STAGE_SINGLE,     /* one factor at another level */
    TT_STAGE_PAIR,       /* a row of the pairwise covering array */
    TT_STAGE_REDUCE,     /* which factors of a row are needed? */
    TT_STAGE_CONFIRM,    /* A and B in turns */
    TT_STAGE_CROSS,      /* the full cross of the factors that a hit involves */
    TT_STAGE_SPLIT,      /* one source of a level alone, of what is confirmed */
    TT_STAGE_DEEP,       /* many runs of two levels, for what is random */
};
#define TT_STAGES 10

/* When the client's clock starts. */
enum tt_instant {
    TT_NOON, /* 2026-02-03T12:00:00Z, the same day in every zone that is a default level */
    TT_EDGE, /* 2026-02-03T20:00:00Z, the next day east of UTC+4 */
    TT_REAL, /* the machine's own time, without clock control */
};
#define TT_INSTANTS 3
#define TT_NOON_SECONDS INT64_C(1770120000)
#define TT_EDGE_SECONDS INT64_C(1770148800)

struct tt_condition {
    uint8_t level[TT_PROBE_FACTORS_MAX]; /* of each factor */
    enum tt_instant instant;
    uint16_t
        source; /* 0: levels hold with all their sources.  Else a number of tt_source_number: of its factor only this one does */
};

/* Source i of whatever level a factor has; from 1. */
static inline uint16_t
tt_source_number(size_t factor, size_t i)
{
    return (uint16_t) (factor * TT_PROBE_SOURCES_MAX + i + 1);
}

static inline size_t
tt_source_factor(uint16_t number)
{
    return (number - 1U) / TT_PROBE_SOURCES_MAX;
}

static inline size_t
tt_source_index(uint16_t number)
{
    return (number - 1U) % TT_PROBE_SOURCES_MAX;
}

struct tt_run {
    uint32_t number; /* from 1; the name of its folder, and the order it was planned in */
    enum tt_stage stage;
    struct tt_condition condition;
};

#endif
