/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client.hidden-list: lists of hosts and words that are written so that nobody reads them.
 *
 * In: tokens.  Out: a finding for each list, decoded, with the steps.  Own: for the length of a view, the short strings of the file (they may be
 * keys) and an arena for what is tried on one list.
 *
 * A list may be one literal, many beside each other, pieces of one, or numbers.  So literals with little between them are a group, whatever stands
 * there: brackets, plus signs, calls, keys.  Of a group those are taken that do not read as words ("odd"); most groups of a program have none, which is
 * known after one look at each letter.
 */
#include "base/hash.h"
#include "base/limits.h"
#include "inspect/explore.h"
#include "inspect/found.h"
#include "inspect/keys.h"
#include "inspect/literal.h"

#define GAP_TOKENS 12 /* between two literals of a group */
#define GAP_BYTES 96
#define GROUP_MAX 4096 /* literals of one */
#define SINGLE_MIN 12  /* bytes of a literal that is looked at alone */
#define RAW_MIN 24     /* ... in a binary */
#define ODD_RATE 0.45  /* text below says no words */
#define NUMBERS_MIN 12 /* of a group */
#define SORTED_MIN 11  /* numbers that rise or fall, in a table that is sorted */
#define OFFSETS_SHOWN 16
#define EMPTY_SLOTS ((size_t) 1 << 16)
#define WORK_MAX ((uint64_t) 1 << 31) /* bytes touched for one view, of those for a package */

/* Literals, or runs of numbers, with little between them. */
struct group {
    size_t tokens[GROUP_MAX];  /* the first of each item */
    size_t lengths[GROUP_MAX]; /* of runs of numbers: how many tokens */
    size_t count;
    size_t last; /* the last token of it */
};

struct hiding {
    struct tt_view *view;
    struct tt_decoding decoding;
    struct tt_keys keys;
    uint64_t empty[EMPTY_SLOTS]; /* hashes of lists in which nothing was found */
    size_t empty_count;
    struct tt_arena arena;
    struct tt_buf bytes;                        /* values of the group at hand */
    struct group strings, names, numbers, part; /* names: of members, {"name": ...} */
    bool odd[GROUP_MAX];                        /* of the strings */
};

/* ---- What is odd ---- */

static double
reversed_rate(struct tt_str text)
{
    char reversed[96];
    size_t len = text.len < sizeof(reversed) ? text.len : sizeof(reversed);
    for (size_t i = 0; i < len; i++) {
        reversed[i] = text.ptr[text.len - 1 - i];
    }
    return tt_score_rate(tt_str_make(reversed, len));
}

/* Of the characters, are four in ten written as codes, or beyond ASCII, or controls? */
static bool
is_coded(struct tt_str text)
{
    struct tt_literal_char c;
    size_t all = 0, coded = 0;
    for (size_t pos = 0; all < 96 && (c = tt_literal_next(text, pos, true)).len > 0; pos += c.len) {
        coded += c.escaped || c.cp >= 0x80;
        all++;
    }
    return all >= 2 && coded * 10 >= all * 4;
}

static bool
is_odd(const struct tt_view *view, const struct tt_token *token)
{
    struct tt_str text = tt_token_text(view->text, token);
    if (token->len < 3) {
        return false;
    }
    if (token->flags & (TT_TOKEN_ESCAPED | TT_TOKEN_WIDE) && is_coded(text)) {
        return true;
    }
    double rate = tt_score_rate(text);
    return rate < ODD_RATE || (rate < 1.2 && reversed_rate(text) > rate + 0.25);
}

/* Signs that base64 and hexadecimal are written in, and nothing else. */
static bool
is_encoded(struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char) text.ptr[i];
        if (!tt_ascii_is_alnum(c) && c != '+' && c != '/' && c != '=' && c != '-' && c != '_') {
            return false;
        }
    }
    return true;
}

/* ---- Reports ---- */

/* The decoded names, hosts first as they come, a line each. */
static void
add_names(struct tt_buf *out, struct tt_items items)
{
    struct tt_str part;
    char divider;
    size_t item = 0, pos = 0;
    while (tt_score_next(items, &item, &pos, &part, &divider)) {
        if (part.len < 2 || out->len + part.len + 1 > TT_INSPECT_SHOWN_MAX) {
            continue;
        }
        if (out->len > 0) {
            tt_buf_add_char(out, '\n');
        }
        tt_buf_add(out, part);
    }
}

static void
add_offsets(struct tt_buf *out, const struct tt_view *view, const struct group *group)
{
    for (size_t i = 0; i < group->count && i < OFFSETS_SHOWN; i++) {
        if (i > 0) {
            tt_buf_add_char(out, '\n');
        }
        tt_buf_add_u64(out, view->offset + view->tokens[group->tokens[i]].at);
    }
}

static enum tt_status
report(struct hiding *hiding, const struct group *group, const struct tt_explored *explored)
{
    struct tt_view *view = hiding->view;
    const struct tt_token *first = &view->tokens[group->tokens[0]], *last = &view->tokens[group->last];
    bool hosts = explored->score.hosts > 0 && explored->score.hosts * 2 >= explored->score.words;
    struct tt_str message = hosts ? TT_STR("names of hosts are written so that nobody reads them")
                                  : TT_STR("a list of words is written so that nobody reads it");
    struct tt_finding finding = tt_found_make("client.hidden-list", explored->score.hosts >= 3 ? TT_CONFIRMED : TT_SUSPICIOUS,
                                              first->at, (size_t) last->at + last->len - first->at, message);
    struct tt_buf names, offsets;
    tt_buf_init(&names, view->found->alloc, TT_INSPECT_SHOWN_MAX);
    tt_buf_init(&offsets, view->found->alloc, TT_KIB);
    add_names(&names, explored->items);
    add_offsets(&offsets, view, group);
    tt_finding_add_text(&finding, "steps", tt_str_cstr(explored->steps));
    tt_finding_add_number(&finding, "hosts", (int64_t) explored->score.hosts);
    tt_finding_add_number(&finding, "words", (int64_t) explored->score.words);
    tt_finding_add_number(&finding, "bits", (int64_t) explored->bits);
    tt_finding_add_number(&finding, "literals", (int64_t) group->count);
    tt_finding_add_fact(&finding, "offsets", TT_FACT_LIST, tt_buf_str(&offsets));
    tt_finding_add_fact(&finding, "list", TT_FACT_LIST, tt_buf_str(&names));
    if (explored->cut) {
        tt_finding_add_text(&finding, "cut", TT_STR("only the beginning was decoded"));
    }
    tt_finding_add_text(&finding, "not_proven", TT_STR("whether this code runs, and what the list is compared with"));
    enum tt_status status = names.status != TT_OK ? names.status : offsets.status;
    if (status == TT_OK) {
        status = tt_found_add(view, &finding, tt_buf_str(&names));
    }
    tt_buf_free(&names);
    tt_buf_free(&offsets);
    return status;
}

/* ---- Trying ---- */

/* The values of a group in the arena; *from: the step that reading them took.  False: they are no bytes, or too many. */
static bool
read_values(struct hiding *hiding, const struct group *group, struct tt_items *items, const char **from)
{
    struct tt_view *view = hiding->view;
    size_t coded = 0, wide = 0, at = 0;
    struct tt_str *list = tt_arena_get(&hiding->arena, group->count * sizeof(*list));
    tt_buf_clear(&hiding->bytes);
    for (size_t i = 0; list && i < group->count; i++) {
        const struct tt_token *token = &view->tokens[group->tokens[i]];
        struct tt_str text = tt_str_slice(tt_token_text(view->text, token), 0, 2 * TT_INSPECT_LIST_MAX);
        bool escapes = !(token->flags & TT_TOKEN_RAW) && token->flags & TT_TOKEN_ESCAPED;
        uint32_t high = 0;
        size_t before = hiding->bytes.len;
        if (!tt_literal_add_bytes(&hiding->bytes, text, escapes, &high)) {
            return false;
        }
        coded += escapes && is_coded(text);
        wide += high != 0;
        list[i].len = hiding->bytes.len - before;
    }
    char *bytes = list ? tt_arena_get(&hiding->arena, hiding->bytes.len + 1) : NULL;
    if (!bytes || hiding->bytes.status != TT_OK || hiding->bytes.len == 0) {
        return false;
    }
    memcpy(bytes, hiding->bytes.ptr, hiding->bytes.len);
    for (size_t i = 0; i < group->count; i++) {
        list[i].ptr = bytes + at;
        at += list[i].len;
    }
    *items = (struct tt_items) {list, group->count};
    *from = wide * 2 > group->count ? TT_EXPLORE_LOW_BYTES : coded * 2 > group->count ? "escapes" : NULL;
    return true;
}

/* Where a list is, or would be, among those in which nothing was found: bundles hold the same tables many times. */
static uint64_t *
slot_of(struct hiding *hiding, struct tt_items items, const char *from, uint64_t *hash)
{
    *hash = from ? tt_hash64(0, 0, tt_str_cstr(from)) : 0;
    for (size_t i = 0; i < items.count; i++) {
        *hash = tt_hash64(*hash, items.list[i].len, items.list[i]);
    }
    *hash |= 1;
    size_t slot = *hash / 2 % EMPTY_SLOTS;
    while (hiding->empty[slot] && hiding->empty[slot] != *hash) {
        slot = (slot + 1) % EMPTY_SLOTS;
    }
    return &hiding->empty[slot];
}

/* True: a list was found and reported. */
static enum tt_status
try_items(struct hiding *hiding, const struct group *group, struct tt_items items, const char *from, bool *found)
{
    uint64_t hash, *slot = slot_of(hiding, items, from, &hash);
    struct tt_explored *explored = tt_arena_get(&hiding->arena, sizeof(*explored));
    *found = explored && !*slot && tt_explore(&hiding->decoding, items, from, explored);
    if (!*found && !*slot && hiding->empty_count < EMPTY_SLOTS / 2) {
        *slot = hash;
        hiding->empty_count++;
    }
    return *found ? report(hiding, group, explored) : TT_OK;
}

/* Are these the low bytes of characters in the order of their codes, as tables of encodings have them? */
static bool
is_charset(struct tt_items items, const char *from)
{
    size_t rises = 0, falls = 0;
    int last = -1;
    for (size_t i = 0; i < items.count; i++) {
        for (size_t k = 0; k < items.list[i].len; k++) {
            int c = (unsigned char) items.list[i].ptr[k];
            rises += last >= 0 && c > last;
            falls += c < last;
            last = c;
        }
    }
    return from && strcmp(from, TT_EXPLORE_LOW_BYTES) == 0 && rises + falls >= SORTED_MIN && rises * 5 >= (rises + falls) * 4;
}

static enum tt_status
try_group(struct hiding *hiding, const struct group *group, bool *found)
{
    struct tt_items items;
    const char *from;
    *found = false;
    tt_arena_reset(&hiding->arena);
    bool good = read_values(hiding, group, &items, &from) && !is_charset(items, from);
    return good ? try_items(hiding, group, items, from, found) : TT_OK;
}

static enum tt_status
try_single(struct hiding *hiding, size_t token, bool *found)
{
    struct group *single = &hiding->part;
    single->count = 1;
    single->tokens[0] = single->last = token;
    return try_group(hiding, single, found);
}

/* ---- Groups of strings ---- */

/* How two literals follow each other. */
enum link { APART, COMMA, PLUS };

static enum link
link_of(const struct tt_view *view, size_t a, size_t b)
{
    size_t call = a + (tt_view_is_sign(view, a + 1, ')') ? 2 : 1); /* "a".concat("b").concat("c") */
    if (b == a + 2) {
        return tt_view_is_sign(view, a + 1, '+') ? PLUS : tt_view_is_sign(view, a + 1, ',') ? COMMA : APART;
    }
    bool concat = b == call + 3 && tt_view_is_sign(view, call, '.') && tt_view_is_name(view, call + 1, TT_STR("concat"));
    return concat ? PLUS : APART;
}

/* Where the pieces that begin with the first one end: all that are put together with plus signs, by concat() or by join(). */
static size_t
end_of_pieces(const struct tt_view *view, const struct group *group, size_t first)
{
    size_t end = first + 1;
    enum link link = end < group->count ? link_of(view, group->tokens[first], group->tokens[end]) : APART;
    while (link != APART && end < group->count && link_of(view, group->tokens[end - 1], group->tokens[end]) == link) {
        end++;
    }
    size_t last = group->tokens[end - 1];
    bool join = tt_view_is_sign(view, last + 1, ']') && tt_view_is_sign(view, last + 2, '.') &&
                tt_view_is_name(view, last + 3, TT_STR("join"));
    return link == PLUS || join ? end : first + 1;
}

/* A quick look, as most groups have none. */
static bool
has_pieces(const struct tt_view *view, const struct group *group)
{
    for (size_t i = 0; i + 1 < group->count; i++) {
        if (end_of_pieces(view, group, i) > i + 1) {
            return true;
        }
        while (i + 2 < group->count && link_of(view, group->tokens[i], group->tokens[i + 1]) == COMMA) {
            i++;
        }
    }
    return false;
}

/* Puts pieces together; *joined: how many there were of what has several. */
static bool
join_pieces(struct hiding *hiding, const struct group *group, struct tt_items items, struct tt_items *out, size_t *joined)
{
    struct tt_str *list = tt_arena_get(&hiding->arena, group->count * sizeof(*list));
    size_t count = 0;
    *joined = 0;
    for (size_t i = 0, end; list && i < group->count; i = end) {
        end = end_of_pieces(hiding->view, group, i);
        *joined += end - i > 1 ? end - i : 0;
        /* Values lie one behind the other. */
        const struct tt_str *last = &items.list[end - 1];
        list[count++] = tt_str_make(items.list[i].ptr, (size_t) (last->ptr + last->len - items.list[i].ptr));
    }
    *out = (struct tt_items) {list, count};
    return list != NULL;
}

/* Pieces that say hosts only when they are put together. */
static enum tt_status
try_joined(struct hiding *hiding, const struct group *group, bool *found)
{
    struct tt_items items, joined;
    const char *from;
    size_t pieces;
    *found = false;
    tt_arena_reset(&hiding->arena);
    if (!has_pieces(hiding->view, group) || !read_values(hiding, group, &items, &from) ||
        !join_pieces(hiding, group, items, &joined, &pieces) || pieces * 2 < group->count) {
        return TT_OK;
    }
    /* A piece may look like a host by chance. */
    size_t before = tt_score_items(items).hosts, after = tt_score_items(joined).hosts;
    return after >= 2 && before * 3 < after ? try_items(hiding, group, joined, "join", found) : TT_OK;
}

static enum tt_status
try_singles(struct hiding *hiding, const struct group *group, const bool *odd)
{
    const struct tt_view *view = hiding->view;
    for (size_t i = 0; i < group->count; i++) {
        const struct tt_token *token = &view->tokens[group->tokens[i]];
        bool found;
        bool raw = token->flags & TT_TOKEN_RAW;
        if (odd[i] && token->len >= (raw ? RAW_MIN : SINGLE_MIN) && (!raw || is_encoded(tt_token_text(view->text, token)))) {
            TT_TRY(try_single(hiding, group->tokens[i], &found));
        }
    }
    return TT_OK;
}

/* Tries the members of all[from..to), or only the odd ones where most read as words. */
static enum tt_status
try_part(struct hiding *hiding, const struct group *all, const bool *odd, size_t from, size_t to, bool *found)
{
    struct group *part = &hiding->part;
    size_t count = 0;
    for (size_t i = from; i < to; i++) {
        count += odd[i];
    }
    bool whole = count * 2 >= to - from;
    part->count = 0;
    for (size_t i = from; i < to; i++) {
        if (odd[i] || whole) {
            part->tokens[part->count++] = all->tokens[i];
            part->last = all->tokens[i];
        }
    }
    *found = false;
    return count >= 2 ? try_group(hiding, part, found) : TT_OK;
}

/* Tries the parts of a group in which as many tokens stand between each two: an array beside a string that is none of it. */
static enum tt_status
try_parts(struct hiding *hiding, const struct group *all, const bool *odd, bool *found)
{
    size_t from = 0;
    *found = false;
    for (size_t i = 1; i <= all->count; i++) {
        bool same =
            i < all->count && (i == from + 1 || all->tokens[i] - all->tokens[i - 1] == all->tokens[i - 1] - all->tokens[i - 2]);
        if (!same) {
            bool one = false;
            if (i - from >= 2 && i - from < all->count) {
                TT_TRY(try_part(hiding, all, odd, from, i, &one));
                *found = *found || one;
            }
            from = i < all->count && i - from >= 2 ? i - 1 : i;
            from = from < i && one ? i : from;
        }
    }
    return TT_OK;
}

static enum tt_status
end_strings(struct hiding *hiding, struct group *group)
{
    const struct tt_view *view = hiding->view;
    size_t odd = 0, raw = 0;
    bool found = false;
    if (group->count >= 3) {
        TT_TRY(try_joined(hiding, group, &found));
    }
    for (size_t i = 0; i < group->count; i++) {
        const struct tt_token *token = &view->tokens[group->tokens[i]];
        hiding->odd[i] = is_odd(view, token);
        odd += hiding->odd[i];
        raw += hiding->odd[i] && token->flags & TT_TOKEN_RAW;
    }
    if (!found && odd >= 2 && raw == 0) {
        TT_TRY(try_part(hiding, group, hiding->odd, 0, group->count, &found));
    }
    if (!found && odd >= 2 && raw == 0) {
        TT_TRY(try_parts(hiding, group, hiding->odd, &found));
    }
    enum tt_status status = found || odd == 0 ? TT_OK : try_singles(hiding, group, hiding->odd);
    group->count = 0;
    return status;
}

/* Is it the name of a member: {"name": ...}? */
static bool
is_key(const struct tt_view *view, size_t i)
{
    return tt_view_is_sign(view, i + 1, ':') && i > 0 && (tt_view_is_sign(view, i - 1, '{') || tt_view_is_sign(view, i - 1, ','));
}

/* Is the token too far behind the group to be one of it? */
static bool
is_apart(const struct tt_view *view, const struct group *group, size_t i)
{
    const struct tt_token *last = &view->tokens[group->last];
    return group->count == GROUP_MAX || i - group->last > GAP_TOKENS || view->tokens[i].at - (last->at + last->len) > GAP_BYTES;
}

static enum tt_status
take_string(struct hiding *hiding, struct group *group, size_t i)
{
    if (group->count > 0 && is_apart(hiding->view, group, i)) {
        TT_TRY(end_strings(hiding, group));
    }
    group->tokens[group->count++] = i;
    group->last = i;
    return TT_OK;
}

/* ---- Groups of numbers ---- */

struct numbers {
    uint32_t least, most, divisor;
    uint32_t step; /* the common divisor of what they are more than the first */
    uint32_t first;
    uint32_t last;
    size_t rises, falls; /* numbers that are more, and less, than the one before */
    size_t negative;     /* from -255 on */
    size_t large;        /* of more than a byte, in either direction */
    size_t count;
};

static uint32_t
common_divisor(uint32_t a, uint32_t b)
{
    while (b) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* Does a number change the one before it: 64 + 40?  A key that is the same for all is found without it. */
static bool
is_operand(const struct tt_view *view, size_t token)
{
    if (token < 2 || view->tokens[token - 2].kind != TT_TOKEN_NUMBER || view->tokens[token - 1].kind != TT_TOKEN_SIGN) {
        return false;
    }
    return memchr("+-^*%/|&", view->text.ptr[view->tokens[token - 1].at], 8) != NULL;
}

/* The n-th number of an item, whose tokens are numbers with signs between them. */
static bool
number_at(const struct tt_view *view, size_t token, uint32_t *number)
{
    bool minus = token > 0 && tt_view_is_sign(view, token - 1, '-');
    if (is_operand(view, token)) {
        return false;
    }
    if (view->tokens[token].kind != TT_TOKEN_NUMBER || !tt_literal_number(tt_view_text(view, token), number)) {
        return false;
    }
    *number = minus ? 0 - *number : *number;
    return true;
}

static void
add_number(struct numbers *numbers, uint32_t number)
{
    bool negative = number >= UINT32_MAX - 0xFE;
    numbers->first = numbers->count == 0 ? number : numbers->first;
    numbers->least = number < numbers->least ? number : numbers->least;
    numbers->most = number > numbers->most ? number : numbers->most;
    numbers->divisor = common_divisor(number, numbers->divisor);
    numbers->step = common_divisor(number > numbers->first ? number - numbers->first : numbers->first - number, numbers->step);
    numbers->negative += negative;
    numbers->large += number > 0xFF && !negative;
    numbers->rises += numbers->count > 0 && (int32_t) (number - numbers->last) > 0;
    numbers->falls += numbers->count > 0 && (int32_t) (number - numbers->last) < 0;
    numbers->last = number;
    numbers->count++;
}

static struct numbers
measure(const struct tt_view *view, const struct group *group)
{
    struct numbers numbers = {.least = UINT32_MAX};
    uint32_t number;
    for (size_t i = 0; i < group->count; i++) {
        for (size_t k = 0; k < group->lengths[i]; k++) {
            if (number_at(view, group->tokens[i] + k, &number)) {
                add_number(&numbers, number);
            }
        }
    }
    return numbers;
}

/* Are they a table that somebody numbered or sorted?  Of what hides words, one list in a thousand rises or falls so often. */
static bool
is_sorted(const struct numbers *numbers)
{
    size_t changes = numbers->rises + numbers->falls;
    size_t most = numbers->rises > numbers->falls ? numbers->rises : numbers->falls;
    return changes >= SORTED_MIN && most * 5 >= changes * 4;
}

/* How numbers become bytes. */
struct reading {
    uint32_t less, divisor;
    unsigned bytes;  /* of each number, 1-4 */
    bool last_first; /* the lowest byte comes first */
    const char *from;
};

static bool
read_numbers(struct hiding *hiding, const struct group *group, const struct reading *reading, struct tt_items *items)
{
    const struct tt_view *view = hiding->view;
    struct tt_str *list = tt_arena_get(&hiding->arena, group->count * sizeof(*list));
    size_t room = 0, at = 0;
    for (size_t i = 0; i < group->count; i++) {
        room += group->lengths[i] * reading->bytes;
    }
    char *bytes = tt_arena_get(&hiding->arena, room + 1);
    if (!list || !bytes) {
        return false;
    }
    for (size_t i = 0; i < group->count; i++) {
        size_t begin = at;
        uint32_t number;
        for (size_t k = 0; k < group->lengths[i]; k++) {
            if (!number_at(view, group->tokens[i] + k, &number)) {
                continue;
            }
            number = (number - reading->less) / reading->divisor;
            for (unsigned b = 0; b < reading->bytes; b++) {
                unsigned shift = 8 * (reading->last_first ? b : reading->bytes - 1 - b);
                bytes[at++] = (char) (number >> shift & 0xFF);
            }
        }
        list[i] = tt_str_make(bytes + begin, at - begin);
    }
    *items = (struct tt_items) {list, group->count};
    return at > 0;
}

static enum tt_status
try_reading(struct hiding *hiding, const struct group *group, const struct reading *reading, bool *found)
{
    struct tt_items items;
    *found = false;
    tt_arena_reset(&hiding->arena);
    return read_numbers(hiding, group, reading, &items) ? try_items(hiding, group, items, reading->from, found) : TT_OK;
}

/* Beside lists of numbers, a single one is none of them. */
static void
drop_singles(struct group *group)
{
    size_t longest = 0, kept = 0;
    for (size_t i = 0; i < group->count; i++) {
        longest = group->lengths[i] > longest ? group->lengths[i] : longest;
    }
    for (size_t i = 0; i < group->count && longest > 4; i++) {
        if (group->lengths[i] > 2) { /* two tokens may be a number with its sign */
            group->tokens[kept] = group->tokens[i];
            group->lengths[kept++] = group->lengths[i];
        }
    }
    group->count = longest > 4 ? kept : group->count;
}

static enum tt_status
end_numbers(struct hiding *hiding)
{
    struct group *group = &hiding->numbers;
    drop_singles(group);
    struct numbers numbers = measure(hiding->view, group);
    enum tt_status status = TT_OK;
    bool found = is_sorted(&numbers);
    if (found) {
        /* nothing to look behind */
    } else if (numbers.count >= NUMBERS_MIN && numbers.most <= 0xFF) {
        status = try_reading(hiding, group, &(struct reading) {0, 1, 1, false, "character codes"}, &found);
    } else if (numbers.count >= NUMBERS_MIN && numbers.divisor > 1 && numbers.most / numbers.divisor <= 0xFF) {
        status = try_reading(hiding, group, &(struct reading) {0, numbers.divisor, 1, false, "codes divided"}, &found);
    } else if (numbers.count >= NUMBERS_MIN && numbers.most - numbers.least <= 0xFF) {
        status = try_reading(hiding, group, &(struct reading) {numbers.least, 1, 1, false, "codes less the least"}, &found);
    } else if (numbers.count >= NUMBERS_MIN && numbers.negative > 0 && numbers.large == 0) {
        status = try_reading(hiding, group, &(struct reading) {0, 1, 1, false, "signed codes"}, &found);
    } else if (numbers.count >= NUMBERS_MIN && numbers.step > 1 && (numbers.most - numbers.least) / numbers.step <= 0xFF) {
        status = try_reading(hiding, group,
                             &(struct reading) {numbers.least, numbers.step, 1, false, "codes less the least, divided"}, &found);
    }
    /* Words of two or four bytes. */
    unsigned bytes = numbers.most > 0xFFFF ? 4 : 2;
    for (int order = 0; order < 2 && status == TT_OK && !found && numbers.count * bytes >= NUMBERS_MIN && numbers.most > 0xFF;
         order++) {
        const struct reading reading = {0, 1, bytes, order == 1,
                                        order ? "numbers, lowest byte first" : "numbers, highest byte first"};
        status = try_reading(hiding, group, &reading, &found);
    }
    group->count = 0;
    return status;
}

/* Adds a number: to the run of numbers before it, where a comma is between them, or as an item of its own. */
static enum tt_status
take_number(struct hiding *hiding, size_t i)
{
    const struct tt_view *view = hiding->view;
    struct group *group = &hiding->numbers;
    bool operand = is_operand(view, i);
    size_t first = i - (!operand && i > 0 && tt_view_is_sign(view, i - 1, '-'));
    bool follows = group->count > 0 && first == group->last + 2 && (operand || tt_view_is_sign(view, first - 1, ','));
    if (follows) {
        group->lengths[group->count - 1] = i - group->tokens[group->count - 1] + 1;
        group->last = i;
        return TT_OK;
    }
    if (group->count > 0 && is_apart(view, group, i)) {
        TT_TRY(end_numbers(hiding));
    }
    group->tokens[group->count] = i;
    group->lengths[group->count++] = 1;
    group->last = i;
    return TT_OK;
}

/* ---- All ---- */

/* The work for this view has ended, or that for the whole package, which is said once. */
static enum tt_status
note_end(struct tt_view *view, uint64_t work)
{
    if (work < view->effort->work) {
        return tt_found_note(view->found, view->uri, "decodings were not tried to its end: that took too long", NULL);
    }
    bool told = view->effort->told;
    view->effort->told = true;
    return told ? TT_OK
                : tt_found_note(view->found, view->uri,
                                "no decodings were tried from here on: the package as a whole took too long", NULL);
}

static enum tt_status
look_at_all(struct hiding *hiding)
{
    struct tt_view *view = hiding->view;
    for (size_t i = 0; i < view->count && hiding->decoding.work < hiding->decoding.work_max; i++) {
        const struct tt_token *token = &view->tokens[i];
        bool literal = tt_token_is_literal(token) && !(token->flags & TT_TOKEN_FILLED) && token->len > 0;
        if (literal) {
            TT_TRY(take_string(hiding, is_key(view, i) ? &hiding->names : &hiding->strings, i));
        } else if (token->kind == TT_TOKEN_NUMBER) {
            TT_TRY(take_number(hiding, i));
        }
    }
    TT_TRY(end_strings(hiding, &hiding->strings));
    TT_TRY(end_strings(hiding, &hiding->names));
    return hiding->numbers.count > 0 ? end_numbers(hiding) : TT_OK;
}

static enum tt_status
look(struct tt_view *view)
{
    struct hiding *hiding = tt_arena_get(view->scratch, sizeof(*hiding));
    if (!hiding) {
        return TT_E_MEMORY;
    }
    /* Its groups are large, and filled as they are used. */
    hiding->view = view;
    hiding->strings.count = hiding->names.count = hiding->numbers.count = hiding->part.count = 0;
    hiding->empty_count = 0;
    memset(hiding->empty, 0, sizeof(hiding->empty));
    tt_arena_init(&hiding->arena, view->found->alloc, TT_INSPECT_SCRATCH);
    tt_buf_init(&hiding->bytes, view->found->alloc, 16 * TT_INSPECT_LIST_MAX);
    uint64_t most = view->effort->work < WORK_MAX ? view->effort->work : WORK_MAX;
    hiding->decoding = (struct tt_decoding) {.arena = &hiding->arena, .keys = &hiding->keys, .work_max = most};
    tt_keys_collect(&hiding->keys, view);
    enum tt_status status = look_at_all(hiding);
    uint64_t work = hiding->decoding.work;
    if (status == TT_OK && work >= most) {
        status = note_end(view, work);
    }
    view->effort->work -= work < view->effort->work ? work : view->effort->work;
    tt_buf_free(&hiding->bytes);
    tt_arena_free(&hiding->arena);
    return status;
}

const struct tt_detector tt_detector_hidden = {
    .name = "hidden",
    .kinds = TT_VIEW_ANY,
    .look = look,
};
