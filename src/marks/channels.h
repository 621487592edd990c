/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The channels, one file each.  tt_channels[] in marks.c lists them; a new channel is a file, a line here and a line there.
 */
#ifndef TT_MARKS_CHANNELS_H
#define TT_MARKS_CHANNELS_H

#include "marks/channel.h"

extern const struct tt_channel tt_channel_dateline;
extern const struct tt_channel tt_channel_value_format;
extern const struct tt_channel tt_channel_lookalike;
extern const struct tt_channel tt_channel_zero_width;
extern const struct tt_channel tt_channel_tags;
extern const struct tt_channel tt_channel_variation;
extern const struct tt_channel tt_channel_bidi;
extern const struct tt_channel tt_channel_format;
extern const struct tt_channel tt_channel_filler;
extern const struct tt_channel tt_channel_space;
extern const struct tt_channel tt_channel_mixed_script;
extern const struct tt_channel tt_channel_normal_form;
extern const struct tt_channel tt_channel_trailing_space;
extern const struct tt_channel tt_channel_line_end;
extern const struct tt_channel tt_channel_line_start;
extern const struct tt_channel tt_channel_spacing;
extern const struct tt_channel tt_channel_encoding;
extern const struct tt_channel tt_channel_opaque_token;

/* Of several documents, or of what a decoder loses: their code is called by the reader of sites or of JSON. */
extern const struct tt_channel tt_channel_json_form;
extern const struct tt_channel tt_channel_varying_site;
extern const struct tt_channel tt_channel_wording;

/* Of what descriptions of a probe say: called where there are any. */
extern const struct tt_channel tt_channel_learned_site;

#endif
