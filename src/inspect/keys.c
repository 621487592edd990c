/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of a file as keys; see keys.h.
 *
 * In: the tokens of a view; later the first bytes of a list, some ten thousand times.  Out: the keys that may fit.  All lives in the view's scratch.
 *
 * Text has no high bits, so a key fits only bytes whose high bits are its own: keys lie in groups by those of their first bytes.  Nearly all keys are
 * text themselves, in one group, and of bytes that mean nothing one in 2^8 asks for that group.  There they lie in the order of their first bytes, so that
 * what was found about these serves all keys that begin so.
 */
#include "inspect/keys.h"

#include "base/hash.h"
#include "inspect/beginning.h"

#include <stdlib.h>

#define HIGH_BITS 0x8080808080808080u
#define GATHER 0x0002040810204081u   /* moves the high bits of eight bytes into the highest one */
#define TO_BLANK 0x6060606060606060u /* what lifts every byte from the blank on to a high bit */
#define HEAD_BYTES ((size_t) 8 * TT_KEYS_HEAD)
#define EARLY_UNITS (4 * TT_PAIR_UNIT) /* what a few bytes may cost more than many */
#define ASCII (TT_KEYS_GROUPS - 1)

/* ---- Collecting ---- */

/* What is collected, in the order of the file. */
struct collected {
    struct tt_str *list;
    size_t count, most;
    uint32_t *slots; /* of a table by what the key is: its number + 1 */
    size_t slot_count;
};

static struct tt_keys_head
head_of(struct tt_str key)
{
    struct tt_keys_head head = {{0}};
    for (size_t i = 0, at = 0; i < HEAD_BYTES && key.len > 0; i++) {
        head.words[i / 8] |= (uint64_t) (unsigned char) key.ptr[at] << (i % 8 * 8);
        at = at + 1 < key.len ? at + 1 : 0;
    }
    return head;
}

static unsigned
group_of(uint64_t bytes)
{
    return (unsigned) ((bytes & HIGH_BITS) * GATHER >> 56);
}

static bool
is_ascii(struct tt_str bytes)
{
    unsigned char high = 0;
    for (size_t i = 0; i < bytes.len; i++) {
        high |= (unsigned char) bytes.ptr[i];
    }
    return high < 0x80;
}

static unsigned
group_of_key(struct tt_str key)
{
    return is_ascii(key) ? ASCII : group_of(head_of(key).words[0]);
}

static bool
is_alphabet(struct tt_str text)
{
    bool seen[256] = {false};
    for (size_t i = 0; i < text.len; i++) {
        if (seen[(unsigned char) text.ptr[i]]) {
            return false;
        }
        seen[(unsigned char) text.ptr[i]] = true;
    }
    return text.len == 64 || text.len == 65;
}

static void
add_key(struct collected *all, struct tt_str key)
{
    size_t slot = tt_hash64(1, 0, key) % all->slot_count;
    while (all->slots[slot] && !tt_str_eq(all->list[all->slots[slot] - 1], key)) {
        slot = (slot + 1) % all->slot_count;
    }
    if (!all->slots[slot]) {
        all->list[all->count++] = key;
        all->slots[slot] = (uint32_t) all->count;
    }
}

static bool
collect(struct collected *all, struct tt_keys *keys, struct tt_str *alphabets, const struct tt_view *view)
{
    for (size_t i = 0; i < view->count; i++) {
        const struct tt_token *token = &view->tokens[i];
        if (!tt_token_is_literal(token) || token->flags & TT_TOKEN_RAW || token->len < 2 || token->len > TT_KEY_LEN + 1) {
            continue;
        }
        struct tt_str text = tt_token_text(view->text, token);
        if (text.len >= 64 && keys->alphabet_count < TT_KEYS_ALPHABETS_MAX && is_alphabet(text)) {
            alphabets[keys->alphabet_count++] = text;
        }
        if (text.len <= TT_KEY_LEN) {
            if (all->count == all->most) {
                return true;
            }
            add_key(all, text);
        }
    }
    return false;
}

struct sorted {
    struct tt_keys_head head;
    struct tt_str key;
    unsigned group;
};

static int
by_group_and_head(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }
    for (size_t i = 0; i < TT_KEYS_HEAD; i++) {
        uint64_t one = __builtin_bswap64(x->head.words[i]), other = __builtin_bswap64(y->head.words[i]);
        if (one != other) {
            return one < other ? -1 : 1;
        }
    }
    return 0;
}

/* How many bytes two heads have in common, from the first on. */
static uint8_t
shared_bytes(const struct tt_keys_head *a, const struct tt_keys_head *b)
{
    for (unsigned i = 0; i < TT_KEYS_HEAD; i++) {
        if (a->words[i] != b->words[i]) {
            return (uint8_t) (8 * i + (unsigned) __builtin_ctzll(a->words[i] ^ b->words[i]) / 8);
        }
    }
    return HEAD_BYTES;
}

/* Puts the keys of each group together, and those that begin alike beside each other. */
static bool
sort(struct tt_keys *keys, const struct collected *all, struct tt_arena *arena)
{
    struct sorted *sorted = tt_arena_get(arena, all->count * sizeof(*sorted) + 1);
    struct tt_str *list = tt_arena_get(arena, all->count * sizeof(*list) + 1);
    struct tt_keys_head *heads = tt_arena_get(arena, all->count * sizeof(*heads) + 1);
    uint8_t *shared = tt_arena_get(arena, all->count + 1);
    if (!sorted || !list || !heads || !shared) {
        return false;
    }
    for (size_t i = 0; i < all->count; i++) {
        sorted[i] = (struct sorted) {head_of(all->list[i]), all->list[i], group_of_key(all->list[i])};
    }
    if (all->count > 1) {
        qsort(sorted, all->count, sizeof(*sorted), by_group_and_head);
    }
    for (size_t i = 0; i < all->count; i++) {
        bool first = i == 0 || sorted[i].group != sorted[i - 1].group;
        list[i] = sorted[i].key;
        heads[i] = sorted[i].head;
        shared[i] = first ? 0 : shared_bytes(&sorted[i].head, &sorted[i - 1].head);
        keys->ends[sorted[i].group] = (uint32_t) i + 1;
    }
    for (size_t group = 1; group < TT_KEYS_GROUPS; group++) {
        keys->ends[group] = keys->ends[group] ? keys->ends[group] : keys->ends[group - 1];
    }
    keys->list = list;
    keys->heads = heads;
    keys->shared = shared;
    keys->count = all->count;
    return true;
}

void
tt_keys_collect(struct tt_keys *keys, struct tt_view *view)
{
    struct collected all = {.most = 1};
    struct tt_str *alphabets = tt_arena_get(view->scratch, TT_KEYS_ALPHABETS_MAX * sizeof(*alphabets));
    *keys = (struct tt_keys) {.alphabets = alphabets};
    for (size_t i = 0; i < view->count && all.most < TT_KEYS_MAX; i++) {
        all.most += tt_token_is_literal(&view->tokens[i]);
    }
    all.slot_count = 2 * all.most;
    all.list = tt_arena_get(view->scratch, all.most * sizeof(*all.list));
    all.slots = tt_arena_get(view->scratch, all.slot_count * sizeof(*all.slots));
    if (!alphabets || !all.list || !all.slots) {
        return;
    }
    memset(all.slots, 0, all.slot_count * sizeof(*all.slots));
    keys->cut = collect(&all, keys, alphabets, view);
    if (!sort(keys, &all, view->scratch)) {
        keys->alphabet_count = 0;
    }
}

/* ---- Trying ---- */

/* The first bytes of a list, or of its longest item: the more there are, the more keys they refuse. */
static struct tt_str
first_of(struct tt_items list, bool running, char room[HEAD_BYTES])
{
    struct tt_str longest = list.list[0];
    size_t len = 0;
    for (size_t i = 0; i < list.count; i++) {
        struct tt_str part = tt_str_slice(list.list[i], 0, HEAD_BYTES - len);
        if (running && part.len > 0) {
            memcpy(room + len, part.ptr, part.len);
            len += part.len;
        }
        longest = list.list[i].len > longest.len ? list.list[i] : longest;
    }
    return running ? tt_str_make(room, len) : tt_str_slice(longest, 0, HEAD_BYTES);
}

void
tt_keys_begin(struct tt_keys_trial *trial, const struct tt_keys *keys, struct tt_items list, bool running, double budget)
{
    char room[HEAD_BYTES];
    struct tt_str first = first_of(list, running, room);
    *trial = (struct tt_keys_trial) {.keys = keys, .first = head_of(first), .count = first.len, .ascii = true};
    for (size_t i = 0; i < first.len; i++) {
        trial->known.words[i / 8] |= (uint64_t) 0x80 << (i % 8 * 8);
    }
    size_t bytes = 0;
    for (size_t i = 0; i < list.count; i++) {
        trial->ascii = trial->ascii && is_ascii(list.list[i]);
        bytes += list.list[i].len;
    }
    trial->budget = budget - TT_LIST_BITS * (double) (bytes - first.len);
}

/* Can no key of the group make text of the list? */
static bool
is_useless(const struct tt_keys_trial *trial)
{
    if (trial->group == ASCII) {
        return !trial->ascii;
    }
    return (trial->group ^ group_of(trial->first.words[0])) & group_of(trial->known.words[0]);
}

/* The first byte of which the key makes no text, or all. */
static size_t
end_of_text(const struct tt_keys_trial *trial, const struct tt_keys_head *key)
{
    for (size_t word = 0; word < TT_KEYS_HEAD; word++) {
        uint64_t bytes = key->words[word] ^ trial->first.words[word];
        uint64_t bad = ~(((bytes & ~HIGH_BITS) + TO_BLANK) & ~bytes) & trial->known.words[word];
        if (bad) {
            return 8 * word + (size_t) __builtin_ctzll(bad) / 8;
        }
    }
    return trial->count;
}

static unsigned char
byte_under(const struct tt_keys_trial *trial, const struct tt_keys_head *key, size_t i)
{
    return (unsigned char) ((key->words[i / 8] ^ trial->first.words[i / 8]) >> (i % 8 * 8));
}

/* How many of the first bytes may be added before they cost more than names do; what the key before had in common with this one is known. */
static size_t
weigh(struct tt_keys_trial *trial, const struct tt_keys_head *key, size_t known)
{
    size_t i = known;
    unsigned units = trial->units[i], last = i > 0 ? tt_score_sign(byte_under(trial, key, i - 1)) : 0;
    while (i < trial->count && units <= TT_NAME_UNITS(i) + EARLY_UNITS) {
        unsigned sign = tt_score_sign(byte_under(trial, key, i));
        units += sign == 0 && last == 0 ? TT_PAIR_UNIT : tt_inspect_pairs[last][sign];
        last = sign;
        trial->units[++i] = (uint16_t) units;
    }
    return i;
}

/* Are most of the first bytes signs of names, in an order that names have? */
static bool
is_good(const struct tt_keys_trial *trial, const struct tt_keys_head *key)
{
    struct tt_beginning beginning = {.units = trial->units[trial->count]};
    for (size_t i = 0; i < trial->count; i++) {
        beginning.counts += tt_beginning_kinds[byte_under(trial, key, i)];
    }
    return tt_beginning_is_good(&beginning, trial->count) && !tt_beginning_is_dear(&beginning, trial->count, trial->budget);
}

/* Does the key make text of the first bytes, and what may be names?  Of so many bytes it is the same as the key before. */
static bool
begins_well(struct tt_keys_trial *trial, const struct tt_keys_head *key, size_t shared)
{
    size_t end = end_of_text(trial, key);
    trial->weighed = shared < trial->weighed ? shared : trial->weighed;
    trial->refused = end;
    if (end < trial->count) {
        return false;
    }
    trial->weighed = weigh(trial, key, trial->weighed);
    trial->refused = trial->weighed - (trial->weighed > 0);
    if (trial->weighed < trial->count || !is_good(trial, key)) {
        return false;
    }
    trial->refused = HEAD_BYTES;
    return true;
}

const struct tt_str *
tt_keys_next(struct tt_keys_trial *trial, uint64_t *work)
{
    const struct tt_keys *keys = trial->keys;
    for (; trial->group < TT_KEYS_GROUPS; trial->group++) {
        size_t end = keys->ends[trial->group];
        if (trial->at == end || is_useless(trial)) {
            trial->at = end;
            continue;
        }
        while (trial->at < end) {
            size_t at = trial->at++, shared = keys->shared[at];
            /* What refused the key before refuses all that have as many bytes of it. */
            if (shared <= trial->refused) {
                ++*work;
                if (begins_well(trial, &keys->heads[at], shared)) {
                    return &keys->list[at];
                }
            }
        }
    }
    return NULL;
}
