/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kind of difference two texts have: by form alone, never by meaning.
 */
#ifndef TT_PROBE_CLASSIFY_H
#define TT_PROBE_CLASSIFY_H

#include "base/arena.h"
#include "probe/design.h"
#include "probe/sense.h"

/* Is there a letter or a digit in it? */
bool tt_classify_has_words(struct tt_str text);

/* C1: the same letters and digits in the same order, case apart, and at least one of them. */
bool tt_classify_is_format(struct tt_str a, struct tt_str b);

/* C2: both are lists of the same items (a line feed behind each) in different orders. */
bool tt_classify_is_order(struct tt_str a, struct tt_str b);

/* C4: the text is a token that is no word: 16 or more characters of hexadecimal or base64, or like a UUID, behind a prefix or not. */
bool tt_classify_is_opaque(struct tt_str text);

/*
 * The class of two lines that differ: C0, C1, C4 or visible.  a and b are all of it; from and to of both bound the part in which they differ, which C4 is
 * judged by.  Scratch lies in arena.
 */
struct tt_classify_part {
    struct tt_str text;
    size_t from, to;
};
enum tt_status tt_classify_lines(struct tt_arena *arena, const struct tt_classify_part *a, const struct tt_classify_part *b,
                                 enum tt_probe_class *out) TT_MUST_USE;

/* The same for a part without letters or digits: C0 when it looks the same, else C1; with some: C0 where other letters look the same, else visible. */
enum tt_status tt_classify_segment(struct tt_arena *arena, struct tt_str a, struct tt_str b,
                                   enum tt_probe_class *out) TT_MUST_USE;

/* How line shows a source of the level, where the line of the baseline does not: "literal", "hex", "base64", "percent", "sha256"; NULL: not at all. */
const char *tt_classify_echo(struct tt_arena *arena, const struct tt_level_spec *level, struct tt_str line,
                             struct tt_str baseline);

/* Does the difference of two lines come of writing the level's own value where the baseline's stood? */
bool tt_classify_is_explained(struct tt_arena *arena, const struct tt_level_spec *from, const struct tt_level_spec *to,
                              struct tt_str a, struct tt_str b);

/* Is the difference explained by another scheme, host or proxy?  path is that of the leaf; absent leaves are empty. */
bool tt_classify_is_transport(const struct tt_factor *factor, const struct tt_level_spec *level, struct tt_str path,
                              struct tt_str a, struct tt_str b);

#endif
