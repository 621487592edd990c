/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What words say about characters that have two normal forms.  Private to src/marks.
 */
#ifndef TT_MARKS_NORMAL_WORD_H
#define TT_MARKS_NORMAL_WORD_H

#include "marks/channel.h"

/* Words that hold such characters, and whether they keep their forms when they come again. */
struct tt_normal_words {
    struct tt_normal_word *slots;
    size_t count;
    size_t from;    /* start of the word that is being read; SIZE_MAX for none */
    uint32_t forms; /* its places, one bit each behind a leading 1 */
    uint32_t hash;
    size_t kept;    /* words that came again in the same forms */
    size_t changed; /* in others */
    size_t mixed;   /* words that hold both forms */
};

/* False when memory is out. */
bool tt_normal_words_init(struct tt_normal_words *words, struct tt_arena *arena);

/* The next place, a character of a word from at on.  Places come in the order of the text. */
void tt_normal_words_add(struct tt_normal_words *words, struct tt_str text, size_t at, bool apart);

/* Behind the last place. */
void tt_normal_words_end(struct tt_normal_words *words);

/*
 * Do the forms belong to the words: some came again, and each as before?  Then they were copied or translated word by word, and nobody chose the form of
 * a character.
 */
bool tt_normal_words_are_kept(const struct tt_normal_words *words);

/* Is the segment about normal forms, or is the line of pos a row of a table about characters? */
bool tt_normal_is_about_forms(struct tt_str segment, size_t pos);

#endif
