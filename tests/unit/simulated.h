/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A simulated client and a simulated probe around it: captures are made in memory, run by run, as a client with the wanted channels and noise would send
 * them, and the stages of a probe are played as the runner plays them.
 */
#ifndef TT_TESTS_SIMULATED_H
#define TT_TESTS_SIMULATED_H

#include "test.h"

#include "base/buf.h"
#include "probe/sense.h"

enum sim_mode {
    SIM_APOSTROPHE = 1 << 0, /* by host: none, suffix, keyword, both */
    SIM_SEPARATOR = 1 << 1,  /* of the date, by time zone */
    SIM_BLANK = 1 << 2,      /* behind a line, by time zone */
    SIM_ZERO_WIDTH = 1 << 3, /* in a word, by host suffix */
    SIM_HASH = 1 << 4,       /* of the host name */
    SIM_KEYS = 1 << 5,       /* order, by time zone */
    SIM_HEADERS = 1 << 6,    /* order, by proxy */
    SIM_ESCAPE = 1 << 7,     /* \u of one letter, by time zone */
    SIM_PAIR = 1 << 8,       /* max_tokens, by time zone and host suffix together */
    SIM_NONCE = 1 << 9,      /* lowest bit of a random id, by time zone */
    /* Not of the reference client. */
    SIM_CASE = 1 << 10,        /* of a header's name, by user */
    SIM_NUMBER = 1 << 11,      /* 1 or 1.0, by locale */
    SIM_HOMOGLYPH = 1 << 12,   /* one letter, by API key, in a line with a random id */
    SIM_SPACING = 1 << 13,     /* of JSON, by CI */
    SIM_GATED_QUOTE = 1 << 14, /* an apostrophe, by user and host name together */
    SIM_LINES = 1 << 15,       /* order of two lines, by home folder */
    SIM_NFC = 1 << 16,         /* a composed letter, by time zone */
    SIM_ALL = (1 << 9) - 1,    /* the eight of the reference, gates included */
};

enum sim_noise {
    SIM_UUID = 1 << 0,
    SIM_CLOCK = 1 << 1,
    SIM_COUNTER = 1 << 2,
    SIM_RANDOM_HEADERS = 1 << 3,
    SIM_RACE = 1 << 4,
    SIM_FLAKY = 1 << 5,    /* 5 %: a value, a line, a request */
    SIM_META = 1 << 6,     /* JSON in a header: a random id and a fact */
    SIM_OPEN = 1 << 7,     /* date and locale, openly */
    SIM_COIN = 1 << 8,     /* a value that is one of two, by chance */
    SIM_DURATION = 1 << 9, /* milliseconds that depend on the scheme */
    SIM_TOOL = 1 << 10,    /* a tool with a long description, at the official host only */
    SIM_NOISE = (1 << 8) - 1,
};

enum sim_factor {
    SIM_ZONE,
    SIM_LOCALE,
    SIM_HOST,
    SIM_PROXY,
    SIM_NAME,
    SIM_USER,
    SIM_HOME,
    SIM_DATE,
    SIM_CI,
    SIM_KEY,
    SIM_CWD,
    SIM_FACTORS
};

struct sim;

/* Another client than the built-in one: adds its requests for the condition to capture. */
typedef void sim_client_fn(struct sim *sim, const struct tt_condition *condition, struct tt_capture *capture);

struct sim {
    unsigned modes, noise;
    sim_client_fn *client; /* NULL: the built-in one */
    uint64_t random;
    uint32_t number; /* of the last run */
    struct tt_design design;
    struct tt_sense *sense;
    unsigned reduced, crossed; /* runs of these stages */
    size_t requests_per_run;
};

void sim_init(struct sim *sim, const struct tt_alloc *alloc, unsigned modes, unsigned noise, uint64_t seed);
void sim_free(struct sim *sim);

/* Adds a request; of the built-in head when head is NULL. */
void sim_send(struct tt_capture *capture, const char *head, const char *body);

uint64_t sim_random(struct sim *sim);

/* One run of the client, added. */
enum tt_status sim_run(struct sim *sim, enum tt_stage stage, const struct tt_condition *condition);

/* All stages; a conclusion of them. */
enum tt_status sim_probe(struct sim *sim, bool deep, const struct tt_conclusion **out);

/* The covert dependences. */
size_t sim_covert(const struct tt_conclusion *conclusion);

/* The dependence of a class on exactly these factors, or NULL. */
const struct tt_dependence *sim_find(const struct tt_conclusion *conclusion, enum tt_probe_class class, uint32_t factors);

/* Prints a conclusion on stderr, for a test that fails. */
void sim_print(const struct sim *sim, const struct tt_conclusion *conclusion);

#endif
