/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The meter's frames: server-sent events (WHATWG HTML, section 9.2), or one JSON document.
 *
 * Input: the body of an answer in pieces, cut anywhere.  Output: what usage_read.c finds in the JSON.  All state is in the meter, which
 * has a fixed size.
 *
 * A stream is lines; each is begun, maybe in several pieces, and ended.  Whether an event is of interest is decided when its first data
 * comes, by its name.  The data of such an event goes to the reader as it comes; of any other, lines are only looked at for
 * their end.  So it is with comments and with fields that are not known.
 *
 * Events without a blank line behind them were cut.  What they said counts as having passed, but not as a last word.
 */
#include "traffic/usage.h"

#include "traffic/usage_parts.h"

/* Where in a line the stream is. */
enum line {
    LINE_FIELD,  /* in the field's name */
    LINE_SPACE,  /* behind the colon, where one space may stand */
    LINE_DATA,   /* in an event's data */
    LINE_EVENT,  /* in an event's name */
    LINE_IGNORE, /* in a comment or another field */
};

/* What an event's data is. */
enum kind {
    KIND_UNKNOWN, /* nothing came yet */
    KIND_IGNORED,
    KIND_JSON,
    KIND_WORD, /* it begins with a bracket, as "[DONE]" does */
    KIND_DONE, /* so far a part of that */
};

static const struct tt_str done = TT_STR_INIT("[DONE]");
static const char bom[3] = {'\xEF', '\xBB', '\xBF'};

size_t
tt_meter_size(void)
{
    return sizeof(struct tt_meter);
}

void
tt_meter_begin(struct tt_meter *meter, enum tt_api api, enum tt_framing framing, const struct tt_kernels *kernels)
{
    memset(meter, 0, sizeof(*meter));
    meter->api = api;
    meter->framing = framing;
    meter->kernels = kernels;
    for (size_t i = 0; i < TT_FIGURES; i++) {
        meter->figures[i] = -1;
    }
    if (framing == TT_FRAMING_JSON) {
        tt_meter_read_begin(meter);
    }
}

/* ---- Events ---- */

static struct tt_str
event_name(const struct tt_meter *meter)
{
    return tt_str_make(meter->event, meter->event_len <= TT_METER_EVENT_NAME ? meter->event_len : 0);
}

/* The event's first data, or one more line of it. */
static void
begin_data(struct tt_meter *meter)
{
    if (meter->has_data) {
        if (meter->kind == KIND_JSON) {
            tt_meter_read(meter, TT_STR("\n"));
        }
        return;
    }
    meter->has_data = true;
    meter->kind = KIND_UNKNOWN;
    if (meter->event_len > TT_METER_EVENT_NAME || !tt_meter_reads(meter->api, event_name(meter))) {
        meter->kind = KIND_IGNORED;
    }
}

/* Compares with "[DONE]", behind which blanks may stand. */
static void
take_word(struct tt_meter *meter, struct tt_str data)
{
    for (size_t i = 0; i < data.len && meter->kind == KIND_DONE; i++) {
        if (meter->done_len < done.len && data.ptr[i] == done.ptr[meter->done_len]) {
            meter->done_len++;
        } else if (meter->done_len < done.len || data.ptr[i] != ' ') {
            meter->kind = KIND_WORD;
        }
    }
}

static void
take_data(struct tt_meter *meter, struct tt_str data)
{
    while (meter->kind == KIND_UNKNOWN && data.len > 0 && data.ptr[0] == ' ') {
        data = tt_str_slice(data, 1, data.len);
    }
    if (meter->kind == KIND_UNKNOWN && data.len > 0) {
        meter->kind = data.ptr[0] == done.ptr[0] ? KIND_DONE : KIND_JSON;
        meter->done_len = 0;
        if (meter->kind == KIND_JSON) {
            tt_meter_read_begin(meter);
        }
    }
    if (meter->kind == KIND_JSON) {
        tt_meter_read(meter, data);
    } else if (meter->kind == KIND_DONE) {
        take_word(meter, data);
    }
}

/* A blank line ends the event.  One without data is none. */
static void
end_event(struct tt_meter *meter)
{
    if (meter->has_data) {
        meter->events++;
        meter->has_error = meter->has_error || tt_str_eq(event_name(meter), TT_STR("error"));
        if (meter->kind == KIND_JSON) {
            meter->unread += tt_meter_read_end(meter) ? 0 : 1;
            tt_meter_event_end(meter);
        } else if (meter->kind == KIND_DONE && meter->done_len == done.len) {
            meter->complete = true;
        } else if (meter->kind == KIND_WORD || meter->kind == KIND_DONE) {
            meter->unread++;
        }
    }
    meter->has_data = false;
    meter->event_len = 0;
}

/* ---- Lines ---- */

/* Behind a field's name: what the line is. */
static uint8_t
line_of_field(const struct tt_meter *meter)
{
    struct tt_str field = tt_str_make(meter->field, meter->field_len);
    if (tt_str_eq(field, TT_STR("data"))) {
        return LINE_DATA;
    }
    return tt_str_eq(field, TT_STR("event")) ? LINE_EVENT : LINE_IGNORE;
}

static void
begin_value(struct tt_meter *meter, uint8_t line)
{
    meter->line = line;
    if (line == LINE_DATA) {
        begin_data(meter);
    } else if (line == LINE_EVENT) {
        meter->event_len = 0; /* the last name of an event is its name */
    }
}

static void
take_event_name(struct tt_meter *meter, struct tt_str text)
{
    size_t room = TT_METER_EVENT_NAME - (meter->event_len < TT_METER_EVENT_NAME ? meter->event_len : TT_METER_EVENT_NAME);
    if (text.len > room || meter->event_len > TT_METER_EVENT_NAME) {
        meter->event_len = TT_METER_EVENT_NAME + 1; /* too long */
        return;
    }
    memcpy(meter->event + meter->event_len, text.ptr, text.len);
    meter->event_len = (uint8_t) (meter->event_len + text.len);
}

/* Takes bytes of a field's name, up to the colon; returns how many. */
static size_t
take_field(struct tt_meter *meter, struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == ':') {
            uint8_t line = line_of_field(meter);
            meter->line = line == LINE_IGNORE ? LINE_IGNORE : LINE_SPACE;
            meter->target = line;
            return i + 1;
        }
        if (meter->field_len == sizeof(meter->field)) {
            meter->line = LINE_IGNORE;
            return i;
        }
        meter->field[meter->field_len++] = text.ptr[i];
    }
    return text.len;
}

/* Bytes of one line, without its end. */
static void
take_in_line(struct tt_meter *meter, struct tt_str text)
{
    size_t at = 0;
    if (meter->line == LINE_FIELD) {
        at = take_field(meter, text);
    }
    if (meter->line == LINE_SPACE && at < text.len) {
        at += text.ptr[at] == ' ';
        begin_value(meter, meter->target);
    }
    text = tt_str_slice(text, at, text.len);
    if (meter->line == LINE_DATA) {
        take_data(meter, text);
    } else if (meter->line == LINE_EVENT) {
        take_event_name(meter, text);
    }
}

static void
end_line(struct tt_meter *meter)
{
    if (meter->line == LINE_FIELD && meter->field_len == 0) {
        end_event(meter);
    } else if (meter->line == LINE_FIELD) {
        begin_value(meter, line_of_field(meter)); /* a name without a colon has an empty value */
    } else if (meter->line == LINE_SPACE) {
        begin_value(meter, meter->target);
    }
    meter->line = LINE_FIELD;
    meter->field_len = 0;
}

/* The next line feed and carriage return of a piece.  Each is sought once, however many of the other stand before it. */
struct ends {
    const char *end, *lf, *cr;
};

static const char *
next_end(struct ends *ends, const char *p)
{
    if (ends->lf < p) {
        const char *lf = memchr(p, '\n', (size_t) (ends->end - p));
        ends->lf = lf ? lf : ends->end;
    }
    if (ends->cr < p) {
        const char *cr = memchr(p, '\r', (size_t) (ends->end - p));
        ends->cr = cr ? cr : ends->end;
    }
    return ends->lf < ends->cr ? ends->lf : ends->cr;
}

static void
take_lines(struct tt_meter *meter, struct tt_str piece)
{
    const char *p = piece.ptr;
    struct ends ends = {p + piece.len, NULL, NULL};
    if (meter->after_cr && *p == '\n') {
        p++;
    }
    meter->after_cr = false;
    while (p < ends.end) {
        const char *stop = next_end(&ends, p);
        take_in_line(meter, tt_str_make(p, (size_t) (stop - p)));
        if (stop == ends.end) {
            return;
        }
        end_line(meter);
        p = stop + 1;
        if (*stop == '\r') {
            meter->after_cr = p == ends.end;
            p += p < ends.end && *p == '\n';
        }
    }
}

/* ---- The whole ---- */

static void
take_body(struct tt_meter *meter, struct tt_str piece)
{
    if (piece.len == 0) {
        return;
    }
    if (meter->framing == TT_FRAMING_EVENTS) {
        take_lines(meter, piece);
    } else {
        tt_meter_read(meter, piece);
    }
}

/* Passes over a byte order mark at the very beginning. */
static struct tt_str
skip_bom(struct tt_meter *meter, struct tt_str piece)
{
    size_t at = 0;
    while (meter->bom < sizeof(bom) && at < piece.len) {
        if (piece.ptr[at] != bom[meter->bom]) {
            uint8_t passed = meter->bom;
            meter->bom = sizeof(bom);
            take_body(meter, tt_str_make(bom, passed)); /* it was none */
            break;
        }
        meter->bom++;
        at++;
    }
    return tt_str_slice(piece, at, piece.len);
}

void
tt_meter_feed(struct tt_meter *meter, struct tt_str piece)
{
    if (meter->framing == TT_FRAMING_NONE || piece.len == 0) {
        return;
    }
    meter->any = true;
    take_body(meter, skip_bom(meter, piece));
}

/* What has no end of its own gets one. */
static void
end_frames(struct tt_meter *meter, bool ended)
{
    if (meter->framing == TT_FRAMING_EVENTS) {
        if (ended && meter->line != LINE_FIELD) {
            end_line(meter);
        }
        if (ended) {
            end_event(meter); /* some servers leave the last blank line out */
        }
        return;
    }
    bool whole = tt_meter_read_end(meter);
    meter->complete = tt_json_is_complete(&meter->reader.lexer);
    if (meter->complete) {
        tt_meter_event_end(meter);
    }
    meter->unread = whole || (!ended && !meter->reader.failed) ? 0 : 1;
}

static struct tt_str
name_str(const struct tt_meter_name *name)
{
    return tt_str_make(name->text, name->len);
}

void
tt_meter_end(struct tt_meter *meter, bool ended, uint64_t request_bytes, struct tt_meter_result *result)
{
    if (meter->framing != TT_FRAMING_NONE && meter->any) {
        end_frames(meter, ended);
    }
    *result = (struct tt_meter_result) {
        .complete = meter->complete,
        .has_error = meter->has_error,
        .events = meter->events,
        .unread = meter->unread,
        .text_bytes = meter->text_bytes,
        .model = name_str(&meter->model),
        .id = name_str(&meter->id),
        .finish = name_str(&meter->finish),
    };
    tt_meter_sum(meter, ended, request_bytes, &result->usage);
    meter->framing = TT_FRAMING_NONE;
}

enum tt_framing
tt_framing_of(struct tt_str content_type)
{
    const char *semicolon = content_type.len > 0 ? memchr(content_type.ptr, ';', content_type.len) : NULL;
    struct tt_str type = tt_str_slice(content_type, 0, semicolon ? (size_t) (semicolon - content_type.ptr) : content_type.len);
    while (type.len > 0 && (type.ptr[0] == ' ' || type.ptr[0] == '\t')) {
        type = tt_str_slice(type, 1, type.len);
    }
    while (type.len > 0 && (type.ptr[type.len - 1] == ' ' || type.ptr[type.len - 1] == '\t')) {
        type.len--;
    }
    if (tt_str_eq_folded(type, TT_STR("text/event-stream"))) {
        return TT_FRAMING_EVENTS;
    }
    bool is_suffixed = type.len > 5 && tt_str_eq_folded(tt_str_slice(type, type.len - 5, type.len), TT_STR("+json"));
    return is_suffixed || tt_str_eq_folded(type, TT_STR("application/json")) ? TT_FRAMING_JSON : TT_FRAMING_NONE;
}

const char *
tt_usage_grade_name(enum tt_usage_grade grade)
{
    switch (grade) {
    case TT_USAGE_NONE: return "none";
    case TT_USAGE_ESTIMATED: return "estimated";
    case TT_USAGE_DERIVED: return "derived";
    case TT_USAGE_REPORTED: return "reported";
    }
    return "none";
}
