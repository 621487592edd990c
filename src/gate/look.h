/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The look for marks in the strings of a body, and what the policy wants done about them.
 *
 * Each string is judged by itself: what is found in it depends on its bytes, the names on the way to it and the role and type around it, and on
 * nothing else.  So strings that were clean are remembered (memo.h) and passed over when they come again, and the edits of a text are
 * the same in every turn.
 */
#ifndef TT_GATE_LOOK_H
#define TT_GATE_LOOK_H

#include "gate/frames.h"
#include "gate/gate.h"
#include "gate/memo.h"
#include "marks/json_form.h"
#include "scan/field.h"

struct tt_gate_rules;

struct tt_gate_string {
    struct tt_str raw;
    size_t room;     /* bytes from raw.ptr on that may be read */
    uint64_t offset; /* of raw[0] in the body */
    uint32_t flags;  /* enum tt_json_flag */
    bool is_key;
    bool in_part; /* of a part that is remembered whole */
};

#define TT_GATE_PLACES 256     /* a power of two */
#define TT_GATE_PLACE_PATH 112 /* bytes of a path that is remembered */

struct tt_gate_look {
    const struct tt_alloc *alloc;
    const struct tt_gate_rules *rules;
    struct tt_str provider; /* of the request */
    struct tt_gate_memo memo;
    struct tt_gate_place {
        uint64_t context;
        enum tt_place place;
        bool about_user;
        uint32_t length; /* of the path; 0: not known */
        char path[TT_GATE_PLACE_PATH];
    } places[TT_GATE_PLACES]; /* what places were worked out to be, by their context */
    struct tt_scan_fields fields;
    struct tt_scan_file file;
    struct tt_cursor cursor;
    struct tt_buf place, path, name; /* of the string at hand: the path that it is judged by, and the one that is shown */
    struct tt_str judged;            /* the first of them, here or in places */
    struct tt_buf edits;             /* struct tt_edit, rising */
    struct tt_arena arena;           /* words of what is kept */
    struct tt_finding kept[TT_GATE_FINDINGS_MAX];
    size_t kept_count, kept_more;
    uint64_t weighed;                                  /* findings of any kind */
    uint64_t found;                                    /* strings of this body in which there was anything at all */
    const struct tt_rule *candidates[TT_CHANNELS_MAX]; /* rules of which a candidate was told: once a body, as in a document */
    size_t candidate_count;
    const struct tt_policy_mark *blocks, *normalises, *reports; /* the entries that decided, if any: the first of each action */
    bool spelling;       /* the policy asks for odd spellings of the JSON itself; else nobody would hear of them */
    uint32_t told;       /* bits of enum tt_json_choice: such spellings are told once a body */
    bool reported;       /* something is to be told, by an entry or without */
    const char *trouble; /* why not everything was looked at */
};

enum tt_status tt_gate_look_init(struct tt_gate_look *look, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
                                 const struct tt_gate_rules *rules, const unsigned char secret[16], unsigned cpu) TT_MUST_USE;
void tt_gate_look_free(struct tt_gate_look *look);

void tt_gate_look_begin(struct tt_gate_look *look, struct tt_str provider);

/* Sorts what was kept, and gives back what one large body took. */
void tt_gate_look_end(struct tt_gate_look *look);

/* The string or name is spelled oddly: half a character (TT_JSON_CHOICE_LONE), or a name twice (TT_JSON_CHOICE_TWICE). */
enum tt_status tt_gate_look_spelling(struct tt_gate_look *look, struct tt_gate_frames *frames,
                                     const struct tt_gate_string *string, enum tt_json_choice choice) TT_MUST_USE;

enum tt_status tt_gate_look_at(struct tt_gate_look *look, struct tt_gate_frames *frames,
                               const struct tt_gate_string *string) TT_MUST_USE;

size_t tt_gate_look_edit_count(const struct tt_gate_look *look);

/* An object says behind its texts that they may not be changed: forgets the edits from the first on. */
void tt_gate_look_drop_edits(struct tt_gate_look *look, size_t first);

/* May texts beside such a role or type be changed? */
bool tt_gate_look_may_edit(struct tt_str role, struct tt_str type);

/* Adds an edit in its place; one that overlaps another is left out. */
enum tt_status tt_gate_look_add_edit(struct tt_gate_look *look, const struct tt_edit *edit) TT_MUST_USE;

#endif
