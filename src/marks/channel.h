/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a covert channel is to telltale: one const struct, beside its code, listed in marks.c.
 *
 * The engine (marks.c) runs over a field once.  Where the kernel stops, it calls visit() of every channel that is woken by the
 * character, or visit_date() for a numeric date.  A channel looks around in the field's text, judges the smallest sequence in its
 * context by its legitimacy rules, and reports a finding or nothing.
 */
#ifndef TT_MARKS_CHANNEL_H
#define TT_MARKS_CHANNEL_H

#include "base/arena.h"
#include "base/buf.h"
#include "finding/finding.h"
#include "text/char.h"
#include "text/date.h"
#include "text/kernel.h"
#include "text/utf8.h"
#include "traffic/place.h"

/* One piece of text in which channels look: a window of a file, or the decoded text of a JSON string. */
struct tt_field {
    struct tt_str text;         /* valid UTF-8 */
    size_t from, to;            /* positions in from..to are visited; the rest is context */
    bool at_start;              /* text[0] is the first byte of the file or string */
    bool at_end;                /* text ends where the file or string ends */
    bool escaped;               /* made by decoding \u escapes: who reads the file sees the codes */
    bool in_json;               /* the text of a JSON string or key; only then: */
    struct tt_str path;         /* as json/path.h prints it */
    struct tt_str role, type;   /* values of these keys around it, as far as they came before */
    const enum tt_place *place; /* what these come to; NULL: to be worked out */
};

struct tt_channel;

/* Words that a channel may keep from one visit of a field to the next. */
#define TT_NOTES 4

/* One pass over one field.  Lives on the engine's stack. */
struct tt_look {
    const struct tt_field *field;
    const struct tt_channel *channel; /* the one being called */
    const struct tt_kernels *kernels;
    struct tt_arena *arena; /* scratch; emptied between two visits */
    struct tt_sink sink;
    size_t *done;          /* the called channel's own: it has dealt with everything before this position */
    size_t claimed;        /* a hidden message that was reported reaches up to here; other channels leave its symbols to it */
    uint32_t asked;        /* bit a channel: tt_look_ask_once was called in this field */
    uint32_t *low_seen;    /* bit a channel: a "valid but unusual" finding of this document was reported already */
    uint32_t *note;        /* TT_NOTES words of the called channel's own; zero where the field begins */
    uint32_t *kept;        /* one word of its own; zero where the document begins: for what lies in several windows */
    enum tt_status status; /* the first failure; the engine stops on it */
};

struct tt_channel {
    const char *name;     /* "zero-width": of `telltale marks` */
    const char *rule;     /* "mark.zero-width": an id of data/rules */
    const char *alphabet; /* the symbols, for people */
    const char *capacity; /* "8 bits a character" */
    uint32_t wake;        /* enum tt_char_flag: which characters call visit */
    /* rune stands at pos of the field's text and matches wake.  Not called for positions before *look->done. */
    void (*visit)(struct tt_look *look, size_t pos, struct tt_rune rune);
    /* Called for each numeric date in the field; NULL when the channel does not care. */
    void (*visit_date)(struct tt_look *look, const struct tt_date *date);
    /*
     * Called once, before anything else, for each field of field_least bytes (0: TT_FIELD_LOOK_MIN) or more that is not the later
     * window of a text; NULL when the channel does not care.  It is part of the cost of every field: a glance at the beginning, no more.
     */
    void (*visit_field)(struct tt_look *look);
    size_t field_least;
};

/* Which part of a request the field is.  Worked out when asked, because few fields have a mark. */
enum tt_place tt_look_place(const struct tt_look *look);

/* Is it text that a client brings along, its system text or a tool's description?  Nobody types that, so slips that people make are unusual in it. */
bool tt_look_in_template(const struct tt_look *look);

/*
 * Starts a finding of the called channel on offset..offset+length of the field's text: rule, level, place, extent, and the facts
 * "codepoints" and "bytes" of that span.  message must live as long as the arena.
 */
void tt_look_begin(const struct tt_look *look, struct tt_finding *f, enum tt_level level, size_t offset, size_t length,
                   struct tt_str message);

/* Hands the finding to the sink, with its excerpt made from the field. */
void tt_look_report(struct tt_look *look, struct tt_finding *f);

/* As above for a "valid but unusual" case: reported once a document and channel, so that sloppy human text stays quiet. */
void tt_look_report_low(struct tt_look *look, struct tt_finding *f);

/* Has such a case been reported already?  Then nothing needs to be known about the next one. */
bool tt_look_has_low(const struct tt_look *look);

/* True once a field and channel: for work that takes the whole field. */
bool tt_look_ask_once(struct tt_look *look);

/* A message in the field's arena from pieces; the last piece is NULL.  Empty when memory is out (look->status says so). */
struct tt_str tt_look_text(struct tt_look *look, const char *first, ...) __attribute__((sentinel));

/* A number in digits, for tt_look_text; empty when memory is out (look->status says so). */
const char *tt_look_number(struct tt_look *look, size_t value);

#endif
