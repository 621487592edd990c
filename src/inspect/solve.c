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

#include "inspect/beginning.h"
#include "inspect/key_set.h"

#define LETTERS 26
#define NUMBER_BITS 8  /* that a key of one byte costs */
#define AFFINE_BITS 15 /* the same of a factor and a number */
#define PRINTABLE 94   /* '!' to '~' */
#define WORD_SHORT 4   /* bytes of a word that says nothing by itself */
#define PART_LONG 24   /* bytes of a name and what divides it from the next, the point in it not counted */
#define LOOK 24        /* bytes after which a key must look right ... */
#define LOOK_AGAIN 72  /* ... and look right still */
#define LOOK_STEP 8    /* bytes between two looks at what they cost */

/* A way to change one byte. */
struct cipher {
    enum { XOR, ADD, XOR_INDEX, ADD_INDEX, ROTATE, CAESAR, PRINTABLE_SHIFT, ATBASH, AFFINE, KEY, KEY_RUNNING } kind;
    unsigned number;
    unsigned factor; /* of AFFINE */
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

/* A division takes longer than all else here, and most places are within the key. */
static size_t
place_in(size_t place, size_t len)
{
    return place < len ? place : (uint32_t) place % (uint32_t) len;
}

/* index: in the item; running: in the whole list. */
static inline unsigned char
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
    case AFFINE: return (unsigned char) (c * cipher->factor + cipher->number);
    case KEY: return (unsigned char) (c ^ (unsigned char) cipher->key.ptr[place_in(index, cipher->key.len)]);
    case KEY_RUNNING: return (unsigned char) (c ^ (unsigned char) cipher->key.ptr[place_in(running, cipher->key.len)]);
    }
    return c;
}

/* May what begins so go on to be a list?  left: bits that the bytes so far may cost. */
static bool
goes_on(const struct tt_beginning *beginning, size_t bytes, double left)
{
    bool look = bytes == LOOK || bytes == LOOK_AGAIN;
    return (!look || tt_beginning_is_good(beginning, bytes)) && !tt_beginning_is_dear(beginning, bytes, left);
}

/* Does the cipher, whose key costs so many bits, make text of every byte, and what may be names? */
static bool
makes_text(struct tt_decoding *decoding, struct tt_items in, const struct cipher *cipher, double bits)
{
    struct tt_beginning beginning = {0};
    size_t running = 0, look = LOOK;
    double left = decoding->budget - bits - TT_LIST_BITS * (double) tt_items_bytes(in);
    bool good = true;
    for (size_t i = 0; i < in.count && good; i++) {
        const unsigned char *item = (const unsigned char *) in.list[i].ptr;
        for (size_t k = 0; k < in.list[i].len && good; k++, running++) {
            unsigned char c = apply(cipher, item[k], k, running);
            if (running == look) {
                good = goes_on(&beginning, running, left + TT_LIST_BITS * (double) running);
                look += LOOK_STEP;
            }
            good = good && tt_score_is_text(c);
            tt_beginning_add(&beginning, c);
        }
    }
    decoding->work += running;
    return good && (running > LOOK_AGAIN || tt_beginning_is_good(&beginning, running)) &&
           !tt_beginning_is_dear(&beginning, running, decoding->budget - bits);
}

/* The numbers that make text of every byte; false: none does. */
static bool
find_numbers(struct tt_decoding *decoding, struct tt_items in, const struct cipher *cipher, struct tt_key_set *set)
{
    memset(set, 0xFF, sizeof(*set));
    for (size_t i = 0; i < in.count; i++) {
        for (size_t k = 0; k < in.list[i].len; k++) {
            unsigned char c = (unsigned char) in.list[i].ptr[k];
            struct tt_key_set one;
            switch (cipher->kind) {
            case XOR: one = tt_key_set_xor(c); break;
            case ADD: one = tt_key_set_add(c); break;
            case AFFINE: one = tt_key_set_add((unsigned char) (c * cipher->factor)); break;
            case XOR_INDEX: one = tt_key_set_shift(tt_key_set_xor(c), (unsigned char) k); break;
            case ADD_INDEX: one = tt_key_set_shift(tt_key_set_subtract(c), (unsigned char) k); break;
            default: return true;
            }
            if (!tt_key_set_meet(set, &one)) {
                decoding->work += 2 * k;
                return false;
            }
        }
        decoding->work += 2 * in.list[i].len;
    }
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
    unsigned char byte = (unsigned char) number;
    size_t len = strlen(word);
    memcpy(text, word, len);
    memcpy(text + len, " 0x", 3);
    tt_hex_write(text + len + 3, &byte, 1);
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
    struct tt_key_set set;
    char text[32];
    if (!find_numbers(decoding, in, &cipher, &set) || !begin_trial(&trial, decoding, in, judge)) {
        return;
    }
    for (cipher.number = from; cipher.number < to; cipher.number++) {
        if (tt_key_set_has(&set, cipher.number) && !is_case(decoding, &cipher) &&
            makes_text(decoding, in, &cipher, NUMBER_BITS) &&
            hand_over(&trial, &cipher, say(text, word, cipher.number), NUMBER_BITS)) {
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
    struct tt_key_set set;
    if (!find_numbers(decoding, in, &cipher, &set) || !begin_trial(&trial, decoding, in, judge)) {
        return;
    }
    for (cipher.number = 1; cipher.number < 256; cipher.number++) {
        bool up = cipher.number < 128;
        if (!tt_key_set_has(&set, cipher.number) || is_case(decoding, &cipher) ||
            !makes_text(decoding, in, &cipher, NUMBER_BITS)) {
            continue;
        }
        const char *how = say(text, up ? "add" : "subtract", up ? cipher.number : 256 - cipher.number);
        if (hand_over(&trial, &cipher, how, NUMBER_BITS)) {
            return;
        }
    }
}

/* "times 0xcd, add 0x11" */
static const char *
say_affine(char text[40], const struct cipher *cipher)
{
    unsigned char factor = (unsigned char) cipher->factor;
    char rest[32];
    memcpy(text, "times 0x", 8);
    tt_hex_write(text + 8, &factor, 1);
    memcpy(text + 10, ", ", 2);
    memcpy(text + 12, say(rest, "add", cipher->number), 9);
    return text;
}

/* Codes times an odd number, and another one added, modulo 256.  A factor of 1 is for solve_add(). */
static void
solve_affine(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    struct trial trial;
    char text[40];
    struct cipher cipher = {.kind = AFFINE};
    struct tt_key_set set;
    if (!decoding->decoded || decoding->hope < AFFINE_BITS || !begin_trial(&trial, decoding, in, judge)) {
        return;
    }
    for (cipher.factor = 3; cipher.factor < 256; cipher.factor += 2) {
        if (!find_numbers(decoding, in, &cipher, &set)) {
            continue;
        }
        for (cipher.number = 0; cipher.number < 256; cipher.number++) {
            if (tt_key_set_has(&set, cipher.number) && makes_text(decoding, in, &cipher, AFFINE_BITS) &&
                hand_over(&trial, &cipher, say_affine(text, &cipher), AFFINE_BITS)) {
                return;
            }
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
    if (tt_decoding_is_binary(decoding, in)) {
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

/*
 * Do nearly all bytes have the same three bits in front?  Under a key that is text, such bytes are letters without anything between them: tables of
 * small numbers, of which a bundle has many, and which would make a jumble of letters of every word.
 */
static bool
is_flat(struct tt_items in)
{
    size_t counts[8] = {0}, bytes = 0, most = 0;
    for (size_t i = 0; i < in.count; i++) {
        for (size_t k = 0; k < in.list[i].len; k++) {
            size_t count = ++counts[(unsigned char) in.list[i].ptr[k] >> 5];
            most = count > most ? count : most;
        }
        bytes += in.list[i].len;
    }
    return (in.count == 1 || in.count * WORD_SHORT > bytes) && (bytes - most) * PART_LONG < bytes;
}

/* Is an item so long that a key which begins anew with each says a name? */
static bool
has_names(struct tt_items in)
{
    size_t longest = 0;
    for (size_t i = 0; i < in.count; i++) {
        longest = in.list[i].len > longest ? in.list[i].len : longest;
    }
    return longest > WORD_SHORT;
}

static bool
try_keys(struct trial *trial, bool running)
{
    struct tt_keys_trial keys;
    const struct tt_str *key;
    char text[96];
    tt_keys_begin(&keys, trial->decoding->keys, trial->in, running, trial->decoding->budget - TT_KEYS_BITS - running);
    while ((key = tt_keys_next(&keys, &trial->decoding->work)) != NULL) {
        struct cipher cipher = {.kind = running ? KEY_RUNNING : KEY, .key = *key};
        if (makes_text(trial->decoding, trial->in, &cipher, TT_KEYS_BITS + running) &&
            hand_over(trial, &cipher, say_key(text, running ? "xor (running) " : "xor ", *key), TT_KEYS_BITS + running)) {
            return true;
        }
    }
    return false;
}

/* Keys that stand in the file as strings. */
static void
solve_key(struct tt_decoding *decoding, struct tt_items in, const struct tt_judge *judge)
{
    struct trial trial;
    if (!decoding->decoded || decoding->hope < TT_KEYS_BITS || is_flat(in) || !begin_trial(&trial, decoding, in, judge)) {
        return;
    }
    if (!(has_names(in) && try_keys(&trial, false)) && in.count > 1) {
        (void) try_keys(&trial, true);
    }
}

#define SOLVER(id, words, function) static const struct tt_list_solver id = {.name = (words), .solve = (function)}

SOLVER(solver_xor, "xor", solve_xor);
SOLVER(solver_add, "add", solve_add);
SOLVER(solver_index, "place", solve_index);
SOLVER(solver_affine, "affine", solve_affine);
SOLVER(solver_rotate, "rotate", solve_rotate);
SOLVER(solver_letters, "letters", solve_letters);
SOLVER(solver_key, "key", solve_key);

const struct tt_list_solver *const tt_list_solvers[] = {
    &solver_xor,    &solver_add, &solver_letters,          &solver_rotate, &solver_index,
    &solver_affine, &solver_key, &tt_list_solver_repeated, NULL,
};
