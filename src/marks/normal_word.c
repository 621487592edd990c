/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What words say about characters that have two normal forms.
 *
 * Who writes a text on two systems, or takes parts of it from a translation memory, has the same word in the same form each time;
 * who hides bits has the same word now in one form and now in the other.
 *
 * Input: places in a text.  Output: counts.  The table of words lies in the caller's arena; when it is full, further words are
 * not remembered.
 */
#include "marks/normal_word.h"

#include "text/normal.h"

#define SLOTS 1024     /* a hash table of words */
#define WORDS_MAX 512  /* so many are remembered */
#define WORD_BYTES 64  /* of a word on each side of a place */
#define KEPT_MIN 3     /* words that came again */
#define FORMS_MAX 0x40 /* places of one word that are told apart: six */

struct tt_normal_word {
    uint32_t hash; /* 0: empty */
    uint32_t forms;
};

bool
tt_normal_words_init(struct tt_normal_words *words, struct tt_arena *arena)
{
    *words = (struct tt_normal_words) {.slots = tt_arena_get(arena, SLOTS * sizeof(*words->slots)), .from = SIZE_MAX};
    if (words->slots) {
        memset(words->slots, 0, SLOTS * sizeof(*words->slots));
    }
    return words->slots != NULL;
}

static bool
is_part(uint32_t cp)
{
    return tt_char_is_letter(cp) || tt_char_is_mark(cp);
}

/* The letter that is left of cp without its marks. */
static uint32_t
base_of(uint32_t cp)
{
    uint32_t parts[2];
    while (tt_normal_decompose(cp, parts) > 0) {
        cp = parts[0];
    }
    return cp;
}

static size_t
word_start(struct tt_str text, size_t pos)
{
    size_t from = pos;
    for (struct tt_rune rune = tt_utf8_prev(text, from); rune.len > 0 && is_part(rune.cp) && pos - from < WORD_BYTES;) {
        from -= rune.len;
        rune = tt_utf8_prev(text, from);
    }
    return from;
}

/* Equal for both forms of a word: letters without their marks, and the consonants with which syllables of Hangul begin. */
static uint32_t
hash_word(struct tt_str text, size_t from)
{
    uint32_t hash = 0x811C9DC5u;
    for (size_t pos = from; pos - from < 2 * WORD_BYTES;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (rune.len == 0 || !is_part(rune.cp)) {
            break;
        }
        bool part = tt_char_is_mark(rune.cp) || (rune.cp >= 0x1161 && rune.cp <= 0x11C2);
        hash = part ? hash : (hash ^ base_of(rune.cp)) * 0x01000193u;
        pos += rune.len;
    }
    return hash ? hash : 1;
}

void
tt_normal_words_end(struct tt_normal_words *words)
{
    if (words->from == SIZE_MAX) {
        return;
    }
    size_t slot = words->hash % SLOTS;
    while (words->slots[slot].hash != 0 && words->slots[slot].hash != words->hash) {
        slot = (slot + 1) % SLOTS;
    }
    struct tt_normal_word *word = &words->slots[slot];
    if (word->hash) {
        words->kept += word->forms == words->forms;
        words->changed += word->forms != words->forms;
    } else if (words->count < WORDS_MAX) {
        words->count++;
        *word = (struct tt_normal_word) {.hash = words->hash, .forms = words->forms};
    }
    words->from = SIZE_MAX;
}

void
tt_normal_words_add(struct tt_normal_words *words, struct tt_str text, size_t at, bool apart)
{
    size_t from = word_start(text, at);
    if (words->from != from) {
        tt_normal_words_end(words);
        words->from = from;
        words->hash = hash_word(text, from);
        words->forms = 1;
    } else {
        words->mixed += (words->forms & 1) != apart;
    }
    words->forms = words->forms < FORMS_MAX ? words->forms << 1 | apart : words->forms;
}

bool
tt_normal_words_are_kept(const struct tt_normal_words *words)
{
    return words->kept >= KEPT_MIN && words->changed == 0 && words->mixed == 0;
}

/* ---- texts about normal forms ---- */

/* Does the line of pos begin with a code, as the rows of tables about characters do? */
static bool
is_code_row(struct tt_str segment, size_t pos)
{
    const char *feed = memrchr(segment.ptr, '\n', pos);
    size_t from = feed ? (size_t) (feed - segment.ptr) + 1 : 0, to = from;
    while (to < pos && tt_ascii_hex((unsigned char) segment.ptr[to]) >= 0) {
        to++;
    }
    return to - from >= 4 && to - from <= 6 && (segment.ptr[to] == ' ' || segment.ptr[to] == ';');
}

bool
tt_normal_is_about_forms(struct tt_str segment, size_t pos)
{
    static const struct tt_str words[] = {TT_STR_INIT("COMBINING"), TT_STR_INIT("ombining"), TT_STR_INIT("NFC"),
                                          TT_STR_INIT("NFD"),       TT_STR_INIT("ormaliz"),  TT_STR_INIT("ormalis"),
                                          TT_STR_INIT("ecompose"),  TT_STR_INIT("U+03")};
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (tt_str_has(segment, words[i])) {
            return true;
        }
    }
    return is_code_row(segment, pos);
}
