/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Solvers: decoders that need a key, and try all of a kind; see decode.h.
 *
 * In: byte strings.  Out: results that are text throughout, to a judge.  Owns nothing; results live in the arena.
 *
 * The right key turns every byte into text, and a wrong one soon meets a byte that is none: of random bytes 4 in 10 become text, so 256 keys cost
 * little more than 256 bytes.  What a key costs in bits is told to the judge, who asks for as much more evidence.
 */
#include "inspect/decode.h"

#define LETTERS 26
#define PRINTABLE 94 /* '!' to '~' */
#define FIRST 8      /* bytes by which most keys of the file are refused */
#define LOOK 24      /* bytes after which a key must look right */

/* A way to change one byte. */
struct cipher {
    enum { XOR, ADD, XOR_INDEX, ADD_INDEX, ROTATE, CAESAR, PRINTABLE_SHIFT, ATBASH, KEY, KEY_RUNNING } kind;
    unsigned number;
    struct tt_str key;
};

static unsigned char
rotate(unsigned char c, unsigned bits)
{
    return (unsigned char) (c << bits | c >> (8 - bits));
}

static unsigned char
shift_letter(unsigned char c, unsigned by)
{
    if (c >= 'a' && c <= 'z') {
        return (unsigned char) ('a' + (c - 'a' + by) % LETTERS);
    }
    return c >= 'A' && c <= 'Z' ? (unsigned char) ('A' + (c - 'A' + by) % LETTERS) : c;
}

static unsigned char
mirror_letter(unsigned char c)
{
    if (c >= 'a' && c <= 'z') {
        return (unsigned char) ('z' - (c - 'a'));
    }
    return c >= 'A' && c <= 'Z' ? (unsigned char) ('Z' - (c - 'A')) : c;
}

/* index: in the item; running: in the whole list. */
static unsigned char
apply(const struct cipher *cipher, unsigned char c, size_t index, size_t running)
{
    switch (cipher->kind) {
    case XOR: return (unsigned char) (c ^ cipher->number);
    case ADD: return (unsigned char) (c + cipher->number);
    case XOR_INDEX: return (unsigned char) (c ^ (unsigned char) (cipher->number + index));
    case ADD_INDEX: return (unsigned char) (c - (unsigned char) (cipher->number + index));
    case ROTATE: return rotate(c, cipher->number);
    case CAESAR: return shift_letter(c, cipher->number);
    case PRINTABLE_SHIFT: return c > 0x20 && c < 0x7F ? (unsigned char) (0x21 + (c - 0x21 + cipher->number) % PRINTABLE) : c;
    case ATBASH: return mirror_letter(c);
    case KEY: return (unsigned char) (c ^ (unsigned char) cipher->key.ptr[index % cipher->key.len]);
    case KEY_RUNNING: return (unsigned char) (c ^ (unsigned char) cipher->key.ptr[running % cipher->key.len]);
    }
    return c;
}

/* Does the cipher make text of every byte, and signs of names of most of the first? */
static bool
makes_text(struct tt_decoding *decoding, struct tt_items in, const struct cipher *cipher)
{
    size_t running = 0, signs = 0;
    for (size_t i = 0; i < in.count; i++) {
        for (size_t k = 0; k < in.list[i].len; k++, running++) {
            unsigned char c = apply(cipher, (unsigned char) in.list[i].ptr[k], k, running);
            signs += tt_score_sign(c) != 0;
            if (!tt_score_is_text(c) || (running == LOOK && signs * 3 < LOOK * 2)) {
                decoding->work += running;
                return false;
            }
        }
    }
    decoding->work += running;
    return true;
}

/* Decodes into room that is as large as in. */
static struct tt_items
decode_into(struct tt_items in, const struct cipher *cipher, struct tt_str *list, char *to)
{
    size_t running = 0;
    for (size_t i = 0; i < in.count; i++) {
        for (size_t k = 0; k < in.list[i].len; k++, running++) {
            to[running] = (char) apply(cipher, (unsigned char) in.list[i].ptr[k], k, running);
        }
        list[i] = tt_str_make(to + running - in.list[i].len, in.list[i].len);
    }
    return (struct tt_items) {list, in.count};
}

/* Room that serves one key after the other; a judge that wants to keep a result copies it. */
struct trial {
    struct tt_decoding *decoding;
    struct tt_items in;
    const struct tt_judge *judge;
    struct tt_str *list;
    char *bytes;
};

static bool
begin_trial(struct trial *trial, struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    *trial = (struct trial) {.decoding = decoding, .in = in, .judge = judge};
    return tt_items_make(decoding->arena, in, &trial->list, &trial->bytes);
}

/* Hands the result to the judge.  True: it is what was looked for. */
static bool
hand_over(struct trial *trial, const struct cipher *cipher, const char *how, double bits)
{
    struct tt_items result = decode_into(trial->in, cipher, trial->list, trial->bytes);
    return trial->judge->judge(trial->judge->ctx, result, how, bits);
}

/* "xor 0x5a" */
static const char *
say(char text[32], const char *word, unsigned number)
{
    static const char digits[] = "0123456789abcdef";
    size_t len = strlen(word);
    memcpy(text, word, len);
    memcpy(text + len, " 0x", 3);
    text[len + 3] = digits[number >> 4 & 15];
    text[len + 4] = digits[number & 15];
    text[len + 5] = '\0';
    return text;
}

/* Does the key only make small letters of capital ones?  Of text that hides nothing. */
static bool
is_case(const struct tt_decoding *decoding, const struct cipher *cipher)
{
    unsigned number = cipher->number;
    return !decoding->decoded && (number == 0x20 || (cipher->kind == ADD && number == 0x100 - 0x20) ||
                                  (cipher->kind == PRINTABLE_SHIFT && number == PRINTABLE - 0x20));
}

/* All keys of a cipher whose key is a number. */
static void
try_numbers(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge, struct cipher cipher, unsigned from,
            unsigned to, const char *word)
{
    struct trial trial;
    char text[32];
    if (!begin_trial(&trial, decoding, in, judge)) {
        return;
    }
    for (cipher.number = from; cipher.number < to; cipher.number++) {
        if (!is_case(decoding, &cipher) && makes_text(decoding, in, &cipher) &&
            hand_over(&trial, &cipher, say(text, word, cipher.number), 8)) {
            return;
        }
    }
}

static void
solve_xor(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    try_numbers(decoding, in, judge, (struct cipher) {.kind = XOR}, 1, 256, "xor");
}

/* Adding 1-255 is taking away 255-1: said as what the program does, which is nearer to 0. */
static void
solve_add(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    struct trial trial;
    char text[32];
    struct cipher cipher = {.kind = ADD};
    if (!begin_trial(&trial, decoding, in, judge)) {
        return;
    }
    for (cipher.number = 1; cipher.number < 256; cipher.number++) {
        bool up = cipher.number < 128;
        if (is_case(decoding, &cipher) || !makes_text(decoding, in, &cipher)) {
            continue;
        }
        const char *how = say(text, up ? "add" : "subtract", up ? cipher.number : 256 - cipher.number);
        if (hand_over(&trial, &cipher, how, 8)) {
            return;
        }
    }
}

static void
solve_index(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    try_numbers(decoding, in, judge, (struct cipher) {.kind = XOR_INDEX}, 0, 256, "xor with place plus");
    try_numbers(decoding, in, judge, (struct cipher) {.kind = ADD_INDEX}, 0, 256, "subtract place plus");
}

static void
solve_rotate(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    try_numbers(decoding, in, judge, (struct cipher) {.kind = ROTATE}, 1, 8, "rotate bits");
}

/* Letters for letters: what is binary has none. */
static void
solve_letters(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    if (tt_items_are_binary(in)) {
        return;
    }
    try_numbers(decoding, in, judge, (struct cipher) {.kind = CAESAR}, 1, LETTERS, "shift letters");
    try_numbers(decoding, in, judge, (struct cipher) {.kind = PRINTABLE_SHIFT}, 1, PRINTABLE, "shift signs");
    try_numbers(decoding, in, judge, (struct cipher) {.kind = ATBASH}, 0, 1, "mirror letters");
}

/* Appends a key as it may be shown, shortened. */
static const char *
say_key(char text[96], const char *word, struct tt_str key)
{
    size_t len = strlen(word);
    memcpy(text, word, len);
    text[len++] = '"';
    for (size_t i = 0; i < key.len && i < 32; i++) {
        unsigned char c = (unsigned char) key.ptr[i];
        text[len++] = c > 0x20 && c < 0x7F ? (char) c : '?';
    }
    if (key.len > 32) {
        memcpy(text + len, "...", 3);
        len += 3;
    }
    text[len++] = '"';
    text[len] = '\0';
    return text;
}

/* Do the first bytes become mostly signs of names, and text all of them?  Asked of every string of a file, so it is short. */
static bool
fits(struct tt_str bytes, struct tt_str key)
{
    size_t count = bytes.len < FIRST ? bytes.len : FIRST, signs = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char c = (unsigned char) (bytes.ptr[i] ^ key.ptr[i % key.len]);
        if (c >= 0x80 || c < 0x20) {
            return false;
        }
        signs += tt_score_sign(c) != 0;
    }
    return signs * 3 >= count * 2;
}

/* Keys that stand in the file as strings.  16 bits: one of TT_DECODE_KEYS_MAX. */
static void
solve_key(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    struct trial trial;
    char text[96];
    decoding->work += decoding->key_count;
    if (!decoding->decoded || decoding->hope < 16 || !begin_trial(&trial, decoding, in, judge)) {
        return;
    }
    for (size_t i = 0; i < decoding->key_count; i++) {
        struct cipher cipher = {.kind = KEY, .key = decoding->keys[i]};
        if (!fits(in.list[0], cipher.key)) {
            continue;
        }
        if (makes_text(decoding, in, &cipher) && hand_over(&trial, &cipher, say_key(text, "xor ", cipher.key), 16)) {
            return;
        }
        cipher.kind = KEY_RUNNING;
        if (in.count > 1 && makes_text(decoding, in, &cipher) &&
            hand_over(&trial, &cipher, say_key(text, "xor (running) ", cipher.key), 17)) {
            return;
        }
    }
}

#define SOLVER(id, words, function) static const struct tt_list_solver id = {.name = (words), .solve = (function)}

SOLVER(solver_xor, "xor", solve_xor);
SOLVER(solver_add, "add", solve_add);
SOLVER(solver_index, "place", solve_index);
SOLVER(solver_rotate, "rotate", solve_rotate);
SOLVER(solver_letters, "letters", solve_letters);
SOLVER(solver_key, "key", solve_key);

const struct tt_list_solver *const tt_list_solvers[] = {
    &solver_xor, &solver_add, &solver_letters, &solver_rotate, &solver_index, &solver_key, &tt_list_solver_repeated, NULL,
};
