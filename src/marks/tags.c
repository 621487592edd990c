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

static struct tt_verdict
judge(const struct tt_field *field, const struct tt_run *run)
{
    char code[CODE_MAX];
    uint32_t sequence[CODE_MAX + 2];
    bool flag = tt_utf8_prev(field->text, run->from).cp == BLACK_FLAG;
    size_t n = flag ? read_code(field->text, run, code, sequence) : 0;
    if (n > 0) {
        return tt_emoji_is_rgi(sequence, n + 2)
                   ? (struct tt_verdict) {TT_JUDGE_LEGITIMATE, ""}
                   : (struct tt_verdict) {TT_JUDGE_UNUSUAL, "in the flag of a subdivision that is not listed"};
    }
    if (tt_run_is_quoted(field, run)) {
        return (struct tt_verdict) {TT_JUDGE_LEGITIMATE, ""};
    }
    return (struct tt_verdict) {TT_JUDGE_BROKEN, flag ? "that are no subdivision's code" : "outside a flag"};
}

static const struct tt_run_kind kind = {
    .flags = TT_CHAR_TAG,
    .alone = 4,
    .together = 4,
    .bits = 7,
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
