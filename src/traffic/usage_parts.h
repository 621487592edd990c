/* SPDX-License-Identifier: Apache-2.0 */
/* The parts behind usage.h: the frames of a stream (usage.c), what its JSON says (usage_read.c), what follows (usage_sum.c). */
#ifndef TT_TRAFFIC_USAGE_PARTS_H
#define TT_TRAFFIC_USAGE_PARTS_H

#include "traffic/usage.h"

#define TT_METER_LEVELS 24             /* containers inside each other in which something is looked for */
#define TT_METER_HOLD 256              /* bytes kept of a token that a piece ends in */
#define TT_METER_EVENT_NAME 64         /* bytes of an event's name; a longer one is nobody's */
#define TT_METER_FIELD_NAME 8          /* the same of a field of an event */
#define TT_FIGURE_MAX 1000000000000000 /* tokens; more is no figure */

/* What providers count, each in the sense of its own dialect. */
enum tt_figure {
    TT_FIGURE_INPUT,
    TT_FIGURE_TOOL_INPUT, /* Gemini: on top of the input */
    TT_FIGURE_CACHED,
    TT_FIGURE_CACHE_WRITE,
    TT_FIGURE_CACHE_WRITE_SHORT, /* Anthropic: the parts of the former */
    TT_FIGURE_CACHE_WRITE_LONG,
    TT_FIGURE_OUTPUT,
    TT_FIGURE_REASONING,
    TT_FIGURE_TOTAL,
    TT_FIGURES,
};

struct tt_meter_name {
    uint8_t len;
    char text[TT_METER_NAME_MAX];
};

/* How many bytes the text of a JSON string has, in pieces. */
struct tt_meter_text {
    uint8_t escape;  /* 0: plain; 1: behind a backslash; 2-5: that many digits, and one, are to come */
    bool after_high; /* right behind an escaped high surrogate */
    uint16_t unit;
};

struct tt_meter_node;

/* A reader of one JSON document: an event's data, or the whole answer. */
struct tt_meter_reader {
    struct tt_json_lexer lexer;
    const struct tt_meter_node *at[TT_METER_LEVELS]; /* what each open container is; NULL: nothing of interest */
    const struct tt_meter_node *value;               /* what the next value is */
    const char *piece;                               /* only inside a call */
    uint64_t piece_at;                               /* offset of its first byte in the document */
    struct tt_meter_text text;
    bool stopped; /* the rest of the document is of no interest */
    bool failed;
    size_t hold_len;
    char hold[TT_METER_HOLD]; /* the beginning of the unfinished token */
};

struct tt_meter {
    enum tt_api api;
    enum tt_framing framing;
    const struct tt_kernels *kernels;
    bool any;    /* a byte came */
    uint8_t bom; /* bytes of a byte order mark so far; 3: what follows is no part of one */

    /* The line of a stream, and the event so far. */
    uint8_t line;   /* enum of usage.c */
    uint8_t target; /* the same: of the line behind the colon */
    uint8_t kind;   /* enum of usage.c: what is done with the event's data */
    bool after_cr, has_data;
    uint8_t field_len, event_len;
    uint8_t done_len; /* bytes of "[DONE]" so far */
    char field[TT_METER_FIELD_NAME];
    char event[TT_METER_EVENT_NAME];

    struct tt_meter_reader reader;

    /* What was learned. */
    int64_t figures[TT_FIGURES]; /* -1: not said */
    uint64_t text_bytes;
    uint64_t text_since;  /* of it, behind the last figure of the output */
    bool event_has_usage; /* the event so far said one */
    bool usage_is_last;   /* it stood behind the answer's end */
    bool last_word;       /* the event is the dialect's last */
    bool complete, has_error;
    uint64_t events, unread;
    struct tt_meter_name model, id, finish;
};

/* usage_read.c */
bool tt_meter_reads(enum tt_api api, struct tt_str event); /* is an event of that name of interest? */
void tt_meter_read_begin(struct tt_meter *meter);
void tt_meter_read(struct tt_meter *meter, struct tt_str piece);
bool tt_meter_read_end(struct tt_meter *meter); /* false when the document could not be read */
void tt_meter_event_end(struct tt_meter *meter);

/* usage_sum.c */
void tt_meter_sum(const struct tt_meter *meter, bool ended, uint64_t request_bytes, struct tt_usage *usage);

#endif
