/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tag characters, U+E0000-E007F: an invisible copy of ASCII.
 *
 * Their one use today is the flag of a subdivision (UTS #51, emoji tag sequence): a black flag, the code of the subdivision in
 * tags, and U+E007F.  Everything else is hidden text.
 */
#include "marks/channels.h"
#include "marks/run.h"

#include "text/sequence.h"

#define BLACK_FLAG 0x1F3F4
#define TAG_BASE 0xE0000
#define TAG_END 0xE007F
#define REGIONAL_A 0x1F1E6

#define CODE_MIN 3 /* country and a suffix of one to three letters or digits */
#define CODE_MAX 5

/* Do the two letters name a country, that is, have a flag? */
static bool
is_country(const char *code)
{
    if (code[0] < 'a' || code[0] > 'z' || code[1] < 'a' || code[1] > 'z') {
        return false;
    }
    const uint32_t flag[2] = {REGIONAL_A + (uint32_t) (code[0] - 'a'), REGIONAL_A + (uint32_t) (code[1] - 'a')};
    return tt_emoji_is_rgi(flag, 2);
}

/* The code of a run that is closed by U+E007F; its length, or 0 when it is no subdivision's. */
static size_t
read_code(struct tt_str text, const struct tt_run *run, char code[CODE_MAX], uint32_t sequence[CODE_MAX + 2])
{
    size_t n = 0;
    if (run->count < CODE_MIN + 1 || run->count > CODE_MAX + 1) {
        return 0;
    }
    sequence[0] = BLACK_FLAG;
    for (size_t pos = run->from; pos < run->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        bool last = n + 1 == run->count;
        int c = (int) (rune.cp - TAG_BASE);
        if (last != (rune.cp == TAG_END) || (!last && !(c >= 'a' && c <= 'z') && !tt_ascii_is_digit(c))) {
            return 0;
        }
        sequence[n + 1] = rune.cp;
        if (!last) {
            code[n] = (char) c;
        }
        n++;
        pos += rune.len;
    }
    return is_country(code) ? n - 1 : 0;
}

#define PATTERN_BYTES 128 /* how far behind the black flag the parts of its pattern may stand */

/* Does a pattern for the three flags hold the run, in pieces like (?:gb(?:eng|sct|wls)), in which a black flag comes first? */
static bool
is_in_flag_pattern(struct tt_str text, const struct tt_run *run)
{
    uint32_t left = tt_utf8_prev(text, run->from).cp;
    uint32_t right = tt_utf8_next(text, run->to).cp;
    size_t pos = run->from;
    bool part = left == BLACK_FLAG || (left > 0 && left < 0x80 && strchr("(:|[", (int) left));
    if (run->count > CODE_MAX + 1 || !part || right == 0 || right >= 0x80 || !strchr("()|[?:]", (int) right)) {
        return false;
    }
    while (run->from - pos < PATTERN_BYTES) {
        struct tt_rune rune = tt_utf8_prev(text, pos);
        if (rune.len == 0 || rune.cp == BLACK_FLAG) {
            return rune.len > 0;
        }
        pos -= rune.len;
    }
    return false;
}

static struct tt_verdict
judge(const struct tt_field *field, const struct tt_run *run)
{
    char code[CODE_MAX];
    uint32_t sequence[CODE_MAX + 2];
    bool flag = tt_utf8_prev(field->text, run->from).cp == BLACK_FLAG;
    size_t n = flag ? read_code(field->text, run, code, sequence) : 0;
    if (n > 0) {
        return tt_emoji_is_rgi(sequence, n + 2) ? (struct tt_verdict) {.judgement = TT_JUDGE_LEGITIMATE, .why = ""}
                                                : (struct tt_verdict) {.judgement = TT_JUDGE_UNUSUAL,
                                                                       .why = "in the flag of a subdivision that is not listed"};
    }
    if (is_in_flag_pattern(field->text, run)) {
        return (struct tt_verdict) {.judgement = TT_JUDGE_SHOWN, .why = "in a pattern for flags"};
    }
    struct tt_verdict broken = {.judgement = TT_JUDGE_BROKEN, .why = flag ? "that are no subdivision's code" : "outside a flag"};
    return tt_run_unless_shown(field, run, broken);
}

static const struct tt_run_kind kind = {
    .flags = TT_CHAR_TAG,
    .alone = 4,
    .together = 4,
    .bits = 7,
    .single = true,
    .noun = "tag characters",
    .judge = judge,
};

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    (void) rune;
    tt_run_visit(look, &kind, pos);
}

const struct tt_channel tt_channel_tags = {
    .name = "tags",
    .rule = "mark.tags",
    .alphabet = "U+E0000-E007F",
    .capacity = "7 bits a character",
    .wake = TT_CHAR_TAG,
    .visit = visit,
};
