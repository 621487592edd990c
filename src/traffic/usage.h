/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads what an answer of a model API says about its own use, while it passes, without holding any of it.
 *
 * Takes server-sent events, JSON, and Gemini's stream as a JSON array, in pieces of any size, of any length, in a fixed amount of
 * memory.  It only meters: what it cannot read is counted and let pass.
 */
#ifndef TT_TRAFFIC_USAGE_H
#define TT_TRAFFIC_USAGE_H

#include "traffic/place.h"
#include "json/lexer.h"

/* How well the figures are backed. */
enum tt_usage_grade {
    TT_USAGE_NONE,      /* no figure, and nothing to estimate from */
    TT_USAGE_ESTIMATED, /* from the length of the text that passed: an aborted stream */
    TT_USAGE_DERIVED,   /* part is the provider's, part follows from it */
    TT_USAGE_REPORTED,  /* all is the provider's own final figure */
};
const char *tt_usage_grade_name(enum tt_usage_grade grade); /* "none", "estimated" ...; static */

/* In tokens; -1: not said.  input_total includes cached tokens, whatever the dialect's own field does. */
struct tt_usage {
    int64_t input_total, input_cached, input_cache_write, output_total, output_reasoning;
    enum tt_usage_grade grade;
};

/* How the answer's body is framed. */
enum tt_framing { TT_FRAMING_NONE, TT_FRAMING_JSON, TT_FRAMING_EVENTS };
enum tt_framing tt_framing_of(struct tt_str content_type);

#define TT_METER_NAME_MAX 128 /* bytes of a model's name, an id or a reason; longer ones are cut */
#define TT_BYTES_PER_TOKEN 4  /* of text, for estimates */

struct tt_meter; /* of a fixed size, tt_meter_size(); holds no pointer to memory of its own, so it may be moved */

size_t tt_meter_size(void); /* memory that is aligned for any type */

/* kernels as json/lexer.h takes them.  An answer whose use is not of interest (token counts, lists of models) has no framing. */
void tt_meter_begin(struct tt_meter *meter, enum tt_api api, enum tt_framing framing, const struct tt_kernels *kernels);
void tt_meter_feed(struct tt_meter *meter, struct tt_str piece);

struct tt_meter_result {
    struct tt_usage usage;
    bool complete;       /* the dialect's own last word was seen (message_stop, [DONE], response.completed, the JSON's end) */
    bool has_error;      /* the provider reported an error inside the answer */
    uint64_t events;     /* of a stream */
    uint64_t unread;     /* events whose JSON could not be read */
    uint64_t text_bytes; /* of the answer's text, as far as it passed: what an estimate rests on */
    struct tt_str model, id, finish; /* as the answer says them; borrowed from the meter */
};

/*
 * What was learned; the meter takes no more.  ended: the connection ended as it should.  request_bytes: of the request's body, for the
 * estimate of the input (TT_BYTES_PER_TOKEN) where the provider said nothing; 0: not known.
 */
void tt_meter_end(struct tt_meter *meter, bool ended, uint64_t request_bytes, struct tt_meter_result *result);

#endif
