/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The engine over the channels: one pass over a field finds the marks of every channel.
 */
#ifndef TT_MARKS_MARKS_H
#define TT_MARKS_MARKS_H

#include "marks/channel.h"

#define TT_CHANNELS_MAX 32

/* Ends in NULL; the order is the order of reports at one position. */
extern const struct tt_channel *const tt_channels[];

/* Those that have no code here, because a single field does not show them: of the spelling of JSON, of several documents.  Ends in NULL. */
extern const struct tt_channel *const tt_channels_beyond[];

/* The channel of a name or of a rule's id, among both; NULL when there is none. */
const struct tt_channel *tt_channel_find(struct tt_str name);

struct tt_marks {
    const struct tt_kernels *kernels;
    uint32_t woken_by[32]; /* of each bit of enum tt_char_flag: a bit for each channel that it wakes */
    uint32_t wakers;       /* the bits of enum tt_char_flag that wake any */
    uint32_t glancing;     /* a bit for each channel with a visit_field */
    size_t channels;
    struct tt_arena arena; /* scratch, reset for each field */
    uint32_t low_seen;
    uint32_t kept[TT_CHANNELS_MAX]; /* see struct tt_look */
};

/* Prepares; allocates nothing.  alloc must outlive it. */
void tt_marks_init(struct tt_marks *marks, const struct tt_alloc *alloc, const struct tt_kernels *kernels);
void tt_marks_free(struct tt_marks *marks);

/* A new document begins: what was said once a document may be said again. */
void tt_marks_begin_document(struct tt_marks *marks);

/* Reports every mark in the field, offsets relative to its text, in order of visiting. */
enum tt_status tt_marks_look(struct tt_marks *marks, const struct tt_field *field, struct tt_sink sink) TT_MUST_USE;

#endif
