/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The decoders, one file a family.  A new one is a file, a line here and a line in payload.c.
 */
#ifndef TT_MARKS_DECODERS_H
#define TT_MARKS_DECODERS_H

#include "marks/payload.h"

/* decode_tags.c */
extern const struct tt_decoder tt_decoder_tags;
/* decode_selector.c */
extern const struct tt_decoder tt_decoder_selector_bytes, tt_decoder_selector_ascii;
extern const struct tt_decoder tt_decoder_selector_high, tt_decoder_selector_low;
/* decode_sneaky.c */
extern const struct tt_decoder tt_decoder_sneaky_fixed, tt_decoder_sneaky_variable;
/* decode_stega.c */
extern const struct tt_decoder tt_decoder_stega, tt_decoder_stega_legacy;
/* decode_stegcloak.c */
extern const struct tt_decoder tt_decoder_stegcloak;
/* decode_base5.c */
extern const struct tt_decoder tt_decoder_base5;
/* decode_digits.c */
extern const struct tt_decoder tt_decoder_330k_text, tt_decoder_330k_binary;
extern const struct tt_decoder tt_decoder_zwsp_steg_3, tt_decoder_zwsp_steg_5;
/* decode_binary.c */
extern const struct tt_decoder tt_decoder_binary_0b_0c, tt_decoder_binary_0c_0b, tt_decoder_binary_0e_0f;
extern const struct tt_decoder tt_decoder_binary16_0b_0c, tt_decoder_binary16_0c_0b, tt_decoder_binary_0b_ff;
extern const struct tt_decoder tt_decoder_binary_hangul;
extern const struct tt_decoder tt_decoder_base4_2060, tt_decoder_base4_feff, tt_decoder_base8;
/* decode_framed.c */
extern const struct tt_decoder tt_decoder_framed;
/* decode_general.c */
extern const struct tt_decoder tt_decoder_general;
/* decode_grouped.c */
extern const struct tt_decoder tt_decoder_steganographr, tt_decoder_fingerprint;
/* decode_ugs.c */
extern const struct tt_decoder tt_decoder_ugs;
/* decode_zwc.c */
extern const struct tt_decoder tt_decoder_zwc;
/* decode_innamark.c */
extern const struct tt_decoder tt_decoder_innamark;

/* Strict JSON (RFC 8259): one value and nothing else.  Bounded nesting, no recursion. */
bool tt_payload_is_json(struct tt_str bytes);

#endif
