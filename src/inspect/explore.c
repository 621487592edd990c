/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The search for decodings; see explore.h.
 *
 * In: a list of byte strings.  Out: a list of names or words, and how it came about.  Owns nothing; everything lies in the arena.
 *
 * Breadth first: a node is a list with the steps that led to it.  Each node is judged as it is, then under every key that solvers think of, then
 * handed to every decoder, whose results are nodes of the next depth.  What a key makes is a node as well when it is all base64 or hexadecimal.
 *
 * A result passes when it is a list of names or words, and when saying so takes MARGIN_BITS less than saying the same bytes without that: its key
 * included.  Of N tries on bytes that mean nothing, N / 2^MARGIN_BITS pass at most; a bundle of 30 MB gives rise to some 10^8 tries, 2^27.
 */
#include "inspect/explore.h"

#include "base/limits.h"
#include "inspect/beginning.h"

#define NODES_MAX 40
#define LIST_MIN 12 /* bytes of a list that can say anything */
#define MARGIN_BITS 40.0
#define KEYED_MARGIN_BITS 56.0 /* where a key was needed: there are many of them, and bytes of programs are not random */
#define TEXT_BITS_MIN 24.0     /* evidence of the text alone */
#define HOST_RATE 0.5          /* ... for each sign of it */
#define KEYED_HOST_RATE 1.15   /* names of hosts have 1.5; what a key makes by chance of last labels in use has 1 */
#define KEYED_HOST_LEN 5       /* bytes of a part on average; shorter ones have a last label in use by chance */
#define WORD_RATE 0.4
#define PLAIN_MARGIN_BITS 80.0
#define PLAIN_RATE 1.0 /* ... where the program has text, and letters for letters may come out readable by chance */
#define WORDS_MIN 5    /* different ones, if no host is among them */
#define KEYED_WORDS_MIN 8
#define KEYED_WORD_LEN 3   /* bytes of one on average; two letters stand beside each other in any numbers */
#define ORDER_RATE 0.6     /* by how much each sign has to be cheaper than in the order of the program */
#define ORDER_WORD_LEN 5   /* ... of what was only rearranged */
#define LETTERS_MIN 8      /* different ones, in a list that a key made */
#define READABLE_RATE 0.45 /* text that says words as it is */
#define ENCODED_MIN 16     /* bytes that a key made, and all are base64 */

/* Decoders that only rearrange are not counted; each is done once between two that do more. */
enum { JOINED = 1, SPLIT = 2, REVERSED = 4, PICKED = 8 };

struct node {
    struct tt_items items;
    char steps[TT_EXPLORE_STEPS_MAX];
    unsigned depth;
    unsigned order; /* what was rearranged since the last decoder that does more */
    double bits;    /* that its keys cost */
    bool binary;    /* there were bytes on the way that are no text */
    bool decoded;   /* not only put together and divided */
    bool wide;  /* these are the low bytes of characters beyond ASCII: text of another script is letters for letters as well */
    bool keyed; /* a key made it; a second one on top would fit anything */
    bool bytes; /* it came out of a decoder or of escapes, so that even text may be bytes under a key */
};

struct search {
    struct tt_decoding *decoding;
    struct node *nodes;
    size_t count;
    const struct node *at; /* the node whose results are judged */
    double null;           /* what its bytes cost */
    double first_null;     /* the same of the first node */
    struct tt_explored *out;
    bool found;
};

static void
add_step(char steps[TT_EXPLORE_STEPS_MAX], const char *step)
{
    size_t len = strlen(steps), more = strlen(step), gap = len > 0 ? 3 : 0;
    if (len + gap + more < TT_EXPLORE_STEPS_MAX) {
        memcpy(steps + len, " > ", gap);
        memcpy(steps + len + gap, step, more + 1);
    }
}

static bool
copy_items(struct tt_arena *arena, struct tt_items in, struct tt_items *out)
{
    struct tt_str *list;
    char *bytes;
    if (!tt_items_make(arena, in, &list, &bytes)) {
        return false;
    }
    for (size_t i = 0; i < in.count; i++) {
        if (in.list[i].len > 0) {
            memcpy(bytes, in.list[i].ptr, in.list[i].len);
        }
        list[i] = tt_str_make(bytes, in.list[i].len);
        bytes += in.list[i].len;
    }
    *out = (struct tt_items) {list, in.count};
    return true;
}

/* A rough look at the first items: may this be words at all? */
static bool
looks_readable(struct tt_items items, double least)
{
    double sum = 0;
    size_t looked = 0;
    for (size_t i = 0; i < items.count && looked < 96; i++) {
        size_t len = items.list[i].len < 96 ? items.list[i].len : 96;
        sum += tt_score_rate(items.list[i]) * (double) len;
        looked += len;
    }
    return looked > 0 && sum >= least * (double) looked;
}

/* ---- Judging ---- */

/* Do so many different names of hosts and words, most of which are hosts, read as such? */
static bool
are_hosts(const struct tt_score *score, size_t different, bool keyed, bool urls)
{
    if (keyed && score->signs < KEYED_HOST_LEN * score->parts) {
        return false;
    }
    return score->bits >= (keyed ? KEYED_HOST_RATE : HOST_RATE) * (double) score->signs &&
           (different >= 3 || (!keyed && score->hosts == different)) && (urls || score->alike * 10 >= score->parts * 5);
}

/* Is a list of that score names of hosts, or words, and no sentence and no program? */
static bool
is_list(const struct tt_score *score, bool keyed)
{
    size_t different = score->hosts + score->words;
    bool hosts = score->hosts * 2 >= different && score->hosts > 0;
    bool urls = score->hosts >= 3 && score->alike * 10 >= score->parts * 3;
    bool shouted = score->upper * 2 > score->signs || (keyed && score->letters < LETTERS_MIN);
    if (shouted || score->bits < TEXT_BITS_MIN || score->signs * 10 < score->bytes * 6 || score->bad * 10 > score->bytes) {
        return false;
    }
    if (hosts || urls) {
        return are_hosts(score, different, keyed, urls);
    }
    if (keyed && score->signs < KEYED_WORD_LEN * score->parts) {
        return false;
    }
    return different >= (keyed ? KEYED_WORDS_MIN : WORDS_MIN) && score->bits >= WORD_RATE * (double) score->signs &&
           score->alike * 10 >= score->parts * 8 && score->spaces * 4 <= score->parts && score->upper * 4 <= score->signs;
}

static void
keep(struct search *search, struct tt_items items, const struct tt_score *score, const char *how, double bits)
{
    struct tt_explored *out = search->out;
    if (search->found && bits <= out->bits) {
        return;
    }
    if (!copy_items(search->decoding->arena, items, &out->items)) {
        return;
    }
    memcpy(out->steps, search->at->steps, sizeof(out->steps));
    if (how) {
        add_step(out->steps, how);
    }
    if (score->parts > items.count && score->alike > 1) {
        add_step(out->steps, "split");
    }
    out->score = *score;
    out->bits = bits;
    search->found = true;
}

/*
 * Do the items have two bytes in five in common, each at its place?  Then a key that makes letters of these bytes is judged by one word, and said by as
 * many words as there are items: records of numbers whose high bytes are all the same.
 */
static bool
is_uniform(struct tt_items items)
{
    size_t same = 0, bytes = 0;
    for (size_t i = 1; i < items.count; i++) {
        struct tt_str a = items.list[i - 1], b = items.list[i];
        for (size_t k = 0; k < a.len && k < b.len; k++) {
            same += a.ptr[k] == b.ptr[k];
        }
        bytes += b.len;
    }
    return items.count > 2 && same * 5 >= bytes * 2;
}

/*
 * Is it names or words of which nothing was changed but the order?  Words that are put together and turned round hold others by chance, and the last
 * label of a host in front; short ones do so by themselves.
 */
static bool
is_list_in_order(const struct node *node, const struct tt_score *score, double bits)
{
    bool joined = node->order & JOINED;
    if (score->hosts > 0) {
        return !(joined && score->hosts == 1) && score->bits >= KEYED_HOST_RATE * (double) score->signs;
    }
    return !joined && bits >= ORDER_RATE * (double) score->signs && score->signs >= ORDER_WORD_LEN * score->parts;
}

/* null: what the bytes cost that the list was made of, if nobody hid anything; 0: a decoder without a key speaks for itself. */
static bool
judge_list(struct search *search, struct tt_items items, const char *how, double key_bits, double null)
{
    if (!looks_readable(items, 0.1)) {
        return false;
    }
    struct tt_score score = tt_score_items(items);
    double bits = null > 0 ? null - tt_score_cost(&score) - key_bits : score.bits - key_bits;
    search->decoding->work += 16 * score.bytes;
    if (!is_list(&score, key_bits > 0) || bits < (key_bits > 0 ? KEYED_MARGIN_BITS : MARGIN_BITS)) {
        return false;
    }
    if (key_bits > 0 && !search->at->bytes && !search->at->binary &&
        !tt_decoding_is_binary(search->decoding, search->at->items) &&
        (score.bits < PLAIN_RATE * (double) score.signs || bits < PLAIN_MARGIN_BITS)) {
        return false;
    }
    if (key_bits > 0 && score.hosts == 0 && (search->at->wide || is_uniform(items))) {
        return false;
    }
    if (key_bits == 0 && !search->at->bytes && !is_list_in_order(search->at, &score, bits)) {
        return false;
    }
    /* Of a long key the text itself has to pay: the bytes may only look random. */
    if (key_bits > 32 && score.bits < key_bits + TEXT_BITS_MIN) {
        return false;
    }
    keep(search, items, &score, how, bits);
    return true;
}

/* Is every byte one of base64 or hexadecimal? */
static bool
is_encoded(struct tt_items items)
{
    size_t bytes = 0;
    bool mixed = false, lower = false, digit = false;
    for (size_t i = 0; i < items.count; i++) {
        for (size_t k = 0; k < items.list[i].len; k++) {
            unsigned char c = (unsigned char) items.list[i].ptr[k];
            if (!tt_ascii_is_alnum(c) && (c == '\0' || !strchr("+/=-_", c))) {
                return false;
            }
            lower = lower || (c >= 'a' && c <= 'z');
            mixed = mixed || (c >= 'A' && c <= 'Z');
            digit = digit || tt_ascii_is_digit(c);
        }
        bytes += items.list[i].len;
    }
    return bytes >= ENCODED_MIN && (mixed || digit) && lower;
}

static bool
add_node(struct search *search, struct tt_items items, const char *step, const struct node *like)
{
    if (search->count == NODES_MAX || tt_items_bytes(items) < LIST_MIN / 2) {
        return false;
    }
    struct node *node = &search->nodes[search->count++];
    *node = *like;
    node->items = items;
    if (step) {
        add_step(node->steps, step);
    }
    return true;
}

/* Of a solver's result. */
static bool
judge_key(void *ctx, struct tt_items result, const char *how, double bits)
{
    struct search *search = ctx;
    const struct node *node = search->at;
    bool binary = node->binary || tt_decoding_is_binary(search->decoding, node->items);
    (void) judge_list(search, result, how, node->bits + bits, search->null);
    if (!search->found && binary && node->depth < TT_EXPLORE_DEPTH && is_encoded(result)) {
        struct tt_items kept;
        if (copy_items(search->decoding->arena, result, &kept)) {
            struct node like = *node;
            like.depth++;
            like.bits += bits;
            like.binary = like.decoded = like.bytes = like.keyed = true;
            (void) add_node(search, kept, how, &like);
        }
    }
    return false; /* another key may fit better */
}

/* ---- Search ---- */

static unsigned
order_of(const struct tt_list_decoder *decoder)
{
    return strcmp(decoder->name, "join") == 0      ? JOINED
           : strcmp(decoder->name, "split") == 0   ? SPLIT
           : strcmp(decoder->name, "reverse") == 0 ? REVERSED
           : decoder->picks                        ? PICKED
                                                   : 0;
}

/* Was it done, or does another order of the steps come to the same? */
static bool
is_idle(const struct node *node, unsigned order, bool binary)
{
    bool apart = order == SPLIT && (node->order & REVERSED || (binary && node->order & JOINED));
    return node->order & order || apart;
}

static void
expand(struct search *search, const struct node *node)
{
    struct tt_decoding *decoding = search->decoding;
    const struct node like = *node;
    bool binary = node->binary || tt_decoding_is_binary(search->decoding, node->items);
    for (size_t i = 0; tt_list_decoders[i] && decoding->work < decoding->work_max; i++) {
        const struct tt_list_decoder *decoder = tt_list_decoders[i];
        struct tt_items items;
        unsigned order = order_of(decoder);
        decoding->joined = node->order & JOINED;
        if (!is_idle(node, order, binary) && (like.bytes || !decoder->late) && decoder->decode(decoding, node->items, &items)) {
            struct node next = like;
            next.depth += order == 0;
            next.order = order ? node->order | order : 0;
            next.binary = binary;
            next.bytes = next.bytes || order == 0;
            next.wide = next.wide && order != 0;
            next.decoded = next.bytes || next.decoded || order == REVERSED || order == PICKED;
            (void) add_node(search, items, decoder->name, &next);
        }
    }
}

/* Does what was turned round say clearly more than what stands in the program, and than the same pieces the right way round? */
static bool
is_better_so(const struct search *search, const struct node *node)
{
    struct tt_items items = node->items, straight;
    struct tt_str *list;
    char *bytes;
    search->decoding->work += 48 * tt_items_bytes(items);
    if (!tt_items_make(search->decoding->arena, items, &list, &bytes)) {
        return false;
    }
    for (size_t i = 0; i < items.count; i++) {
        for (size_t k = 0; k < items.list[i].len; k++) {
            bytes[k] = items.list[i].ptr[items.list[i].len - 1 - k];
        }
        list[i] = tt_str_make(bytes, items.list[i].len);
        bytes += items.list[i].len;
    }
    straight = (struct tt_items) {list, items.count};
    double before = tt_score_items(search->nodes[0].items).bits, same = tt_score_items(straight).bits;
    double bits = tt_score_items(items).bits;
    before = before > same ? before : same;
    return bits >= (before > 0 ? 1.5 * before : 0) + TEXT_BITS_MIN;
}

static void
visit(struct search *search, const struct node *node)
{
    struct tt_decoding *decoding = search->decoding;
    const struct tt_judge judge = {judge_key, search};
    search->at = node;
    search->null = tt_score_null(node->items);
    if (node == search->nodes) {
        search->first_null = search->null;
    }
    /* What was only turned round is compared with what it was; what a key made before was judged with it. */
    if (node->decoded && (node->bytes || is_better_so(search, node))) {
        (void) judge_list(search, node->items, NULL, node->bits, node->bytes || node->order & PICKED ? 0 : search->first_null);
    }
    bool binary = tt_items_are_binary(node->items);
    decoding->known = node->items.list;
    decoding->known_binary = binary;
    /* What can be read as it is, is not under a key; and only what was decoded before can be bytes that look like text by chance. */
    if (!search->found && !node->keyed && (binary || !looks_readable(node->items, READABLE_RATE))) {
        decoding->decoded = binary || node->bytes;
        double margin = decoding->decoded ? KEYED_MARGIN_BITS : PLAIN_MARGIN_BITS;
        decoding->budget = search->null - margin - node->bits;
        decoding->hope = decoding->budget - TT_LIST_BITS * (double) tt_items_bytes(node->items);
        for (size_t i = 0; tt_list_solvers[i] && !search->found && decoding->hope >= 8 && decoding->work < decoding->work_max;
             i++) {
            tt_list_solvers[i]->solve(decoding, node->items, &judge);
        }
    }
    if (node->depth < TT_EXPLORE_DEPTH) {
        expand(search, node);
    }
}

/* The beginning of a list that is too long. */
static struct tt_items
bounded(struct tt_items items, bool *cut)
{
    size_t bytes = 0, count = 0;
    while (count < items.count && bytes + items.list[count].len <= TT_INSPECT_LIST_MAX) {
        bytes += items.list[count++].len;
    }
    *cut = count < items.count;
    return (struct tt_items) {items.list, count};
}

bool
tt_explore(struct tt_decoding *decoding, struct tt_items items, const char *from, struct tt_explored *out)
{
    struct search search = {.decoding = decoding, .out = out};
    struct tt_str first;
    *out = (struct tt_explored) {.bits = 0};
    if (items.count == 1 && items.list[0].len > TT_INSPECT_LIST_MAX) {
        first = tt_str_slice(items.list[0], 0, TT_INSPECT_LIST_MAX / 4 * 4);
        items = (struct tt_items) {&first, 1};
        out->cut = true;
    } else {
        items = bounded(items, &out->cut);
    }
    search.nodes = tt_arena_get(decoding->arena, NODES_MAX * sizeof(*search.nodes));
    if (!search.nodes || tt_items_bytes(items) < LIST_MIN) {
        return false;
    }
    const struct node first_node = {
        .decoded = from != NULL, .bytes = from != NULL, .wide = from != NULL && strcmp(from, TT_EXPLORE_LOW_BYTES) == 0};
    (void) add_node(&search, items, from, &first_node);
    unsigned deepest = TT_EXPLORE_DEPTH;
    for (size_t i = 0; i < search.count && decoding->work < decoding->work_max; i++) {
        const struct node *node = &search.nodes[i];
        if (node->depth <= deepest) {
            visit(&search, node);
        }
        if (search.found && deepest == TT_EXPLORE_DEPTH) {
            deepest =
                node->depth; /* another order of the same pieces may say more: the rest of this depth is looked at as well */
        }
    }
    decoding->known = NULL; /* its place in the arena may be another list's */
    return search.found;
}
