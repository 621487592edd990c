/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking for learned sites; see learned.h.
 *
 * Input: a field, or the raw inside of a JSON string.  Output: findings where a site holds another symbol than its plain one; every symbol to
 * who compares documents.  One kernel looks for the rarest two bytes of all anchors at once; behind each the site's skeleton is compared, outwards
 * from the anchor, then the symbols are tried.
 *
 * Level: a probe has proven that the symbol depends on something, but not of this text: suspicious.  Quoted text is a candidate.
 */
#include "marks/learned.h"

#include "base/hash.h"
#include "marks/channels.h"
#include "marks/learned_side.h"

/* One symbol found. */
struct hit {
    const struct tt_learned_site *site;
    const struct tt_learned_symbol *symbol; /* NULL: a value of an open alphabet that the probe did not see */
    size_t from, to;
};

/* ---- symbols ---- */

size_t
tt_learned_value_at(const struct tt_learned_site *site, struct tt_str value, struct tt_str text, size_t at)
{
    if (at > text.len || value.len > text.len - at) {
        return SIZE_MAX;
    }
    for (size_t i = 0; i < value.len; i++) {
        char c = text.ptr[at + i];
        bool digit = value.ptr[i] == '#' && !site->open && tt_ascii_is_digit((unsigned char) c);
        if (c != value.ptr[i] && !digit) {
            return SIZE_MAX;
        }
    }
    return value.len;
}

/* What digests and identifiers are written in. */
static bool
is_opaque(char c)
{
    return tt_ascii_is_alnum((unsigned char) c) || c == '-' || c == '_' || c == '+' || c == '/' || c == '=';
}

/* Does a value of an open alphabet stand at from..to? */
static bool
is_open_value(const struct tt_learned_site *site, struct tt_str text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (!is_opaque(text.ptr[i])) {
            return false;
        }
    }
    return site->open && to - from >= site->shortest && to - from <= site->longest;
}

/* ---- one site ---- */

/* The side that has the anchor, around it; *inner is its end at the symbol, gap included. */
static bool
match_side(const struct tt_learned_site *site, const struct tt_skeleton_text *t, size_t anchor, size_t *inner)
{
    bool after = site->anchored_after;
    const struct tt_learned_side *side = after ? &site->after : &site->before;
    size_t behind_at = site->anchor_at + site->anchor.len, back = anchor, forth = anchor + site->anchor.len;
    if (!tt_skeleton_back(t, &back, tt_str_slice(side->letters, 0, site->anchor_at), !after && side->edge, TT_SKELETON_BETWEEN) ||
        !tt_skeleton_forward(t, &forth, tt_str_slice(side->letters, behind_at, side->letters.len), after && side->edge,
                             TT_SKELETON_BETWEEN)) {
        return false;
    }
    *inner = after ? back : forth;
    return true;
}

static bool
has_gap(struct tt_str text, size_t at, struct tt_str gap)
{
    return at <= text.len && tt_str_starts(tt_str_slice(text, at, text.len), gap);
}

/* The other side, next to a symbol at from..to.  Where it has no letters, what stands there could be a symbol itself. */
static bool
match_rest(const struct tt_learned_site *site, const struct tt_skeleton_text *t, size_t from, size_t to)
{
    const struct tt_learned_side *side = site->anchored_after ? &site->before : &site->after;
    size_t between = side->letters.len > 0 ? TT_SKELETON_BETWEEN : 0, pos = to + side->gap.len;
    if (!site->anchored_after) {
        return has_gap(t->text, to, side->gap) && tt_skeleton_forward(t, &pos, side->letters, side->edge, between);
    }
    if (side->gap.len > from || !has_gap(t->text, from - side->gap.len, side->gap)) {
        return false;
    }
    pos = from - side->gap.len;
    return tt_skeleton_back(t, &pos, side->letters, side->edge, between);
}

/* Does value stand beside inner, where the symbol begins or, with the anchor behind it, ends? */
static bool
match_value(const struct tt_learned_site *site, const struct tt_skeleton_text *t, struct tt_str value, size_t inner,
            struct hit *hit)
{
    if (site->anchored_after && value.len > inner) {
        return false;
    }
    hit->from = site->anchored_after ? inner - value.len : inner;
    hit->to = hit->from + value.len;
    return tt_learned_value_at(site, value, t->text, hit->from) != SIZE_MAX && match_rest(site, t, hit->from, hit->to);
}

static bool
match_open(const struct tt_learned_site *site, const struct tt_skeleton_text *t, size_t inner, struct hit *hit)
{
    hit->from = hit->to = inner;
    while (site->anchored_after && hit->from > 0 && hit->to - hit->from <= site->longest &&
           is_opaque(t->text.ptr[hit->from - 1])) {
        hit->from--;
    }
    while (!site->anchored_after && hit->to < t->text.len && hit->to - hit->from <= site->longest &&
           is_opaque(t->text.ptr[hit->to])) {
        hit->to++;
    }
    return is_open_value(site, t->text, hit->from, hit->to) && match_rest(site, t, hit->from, hit->to);
}

/* How the text at from..to is written. */
static bool
match_spelling(const struct tt_learned_call *call, const struct tt_learned_site *site, const struct tt_skeleton_text *t,
               size_t inner, struct hit *hit)
{
    if (!call->written || !match_value(site, t, site->plain, inner, hit)) {
        return false;
    }
    struct tt_str raw = call->written(call->ctx, hit->from, hit->to);
    for (size_t i = 0; i < site->symbol_count; i++) {
        if (tt_str_eq(site->symbols[i].value, raw)) {
            hit->symbol = &site->symbols[i];
            return true;
        }
    }
    return false;
}

/* The longest value that fits: the plain one may be nothing. */
static bool
match_symbol(const struct tt_learned_site *site, const struct tt_skeleton_text *t, size_t inner, struct hit *hit)
{
    struct hit best = {.site = site};
    for (size_t i = 0; i < site->symbol_count; i++) {
        const struct tt_learned_symbol *symbol = &site->symbols[i];
        bool longer = !best.symbol || symbol->value.len > best.to - best.from;
        if (!symbol->absent && longer && match_value(site, t, symbol->value, inner, hit)) {
            best = (struct hit) {site, symbol, hit->from, hit->to};
        }
    }
    *hit = best.symbol ? best : *hit;
    return best.symbol || (site->open && match_open(site, t, inner, hit));
}

/* ---- the finding ---- */

static bool
is_quoted(const struct tt_field *field, enum tt_place place)
{
    bool models = tt_str_eq(field->role, TT_STR("assistant")) || tt_str_eq(field->role, TT_STR("model"));
    return place == TT_PLACE_TOOL_RESULT || (place == TT_PLACE_MESSAGE && models);
}

static struct tt_str
message_for(struct tt_look *look, const struct hit *hit)
{
    const char *id = hit->site->id.ptr, *client = hit->site->client.ptr;
    return hit->symbol ? tt_look_text(look, "the site ", id, ", learned from ", client, ", holds ", hit->symbol->shown.ptr, NULL)
                       : tt_look_text(look, "the site ", id, ", learned from ", client, ", holds a value of its kind", NULL);
}

static void
report(struct tt_look *look, const struct hit *hit)
{
    struct tt_finding f;
    const struct tt_learned_site *site = hit->site;
    bool quoted = is_quoted(look->field, tt_look_place(look));
    tt_look_begin(look, &f, quoted ? TT_CANDIDATE : TT_SUSPICIOUS, hit->from, hit->to - hit->from, message_for(look, hit));
    tt_finding_add_text(&f, "learned.site", site->id);
    tt_finding_add_text(&f, "learned.client", site->client);
    tt_finding_add_text(&f, "learned.class", site->class);
    tt_finding_add_fact(&f, "learned.factors", TT_FACT_LIST, site->factors);
    if (hit->symbol) {
        tt_finding_add_fact(&f, "learned.meaning", TT_FACT_LIST, hit->symbol->meaning);
    }
    if (!site->symbols[0].absent) {
        tt_finding_add_text(&f, "learned.plain", site->symbols[0].value);
    }
    tt_finding_add_fact(&f, "bits", TT_FACT_LITERAL, site->bits);
    if (quoted) {
        tt_finding_add_fact(&f, "labels", TT_FACT_LIST, TT_STR("quoted"));
    }
    tt_look_report(look, &f);
}

/* ---- the search ---- */

struct walk {
    const struct tt_learned_call *call;
    struct tt_skeleton_text text;
    struct tt_look look;
};

/* "$.messages[2].content" is "$.messages[].content". */
static bool
is_path(struct tt_str path, struct tt_str pattern)
{
    size_t i = 0, k = 0;
    while (i < path.len && k < pattern.len && path.ptr[i] == pattern.ptr[k]) {
        bool index = path.ptr[i] == '[';
        i++;
        k++;
        while (index && i < path.len && path.ptr[i] != ']') {
            i++;
        }
        while (index && k < pattern.len && pattern.ptr[k] != ']') {
            k++;
        }
    }
    return i == path.len && k == pattern.len;
}

static bool
is_here(const struct tt_field *field, const struct hit *hit)
{
    return hit->from >= field->from && (hit->from < field->to || (field->at_end && hit->from == field->text.len));
}

static enum tt_status
tell(const struct tt_learned_call *call, const struct hit *hit)
{
    struct tt_site_seen seen = {
        .kind = TT_SITE_LEARNED,
        .site = hit->site->hash,
        .form = tt_hash64(hit->site->hash, 0, hit->symbol->value),
        .offset = hit->from,
        .length = hit->to - hit->from,
        .sample = hit->symbol->sample,
    };
    return call->seen(call->ctx, &seen);
}

/* Where the symbol begins, or with the anchor behind it ends, if the anchor's side and gap stand around that place. */
static bool
find_inner(const struct tt_learned_site *site, const struct tt_skeleton_text *t, size_t anchor, size_t *inner)
{
    size_t end;
    if (!match_side(site, t, anchor, &end)) {
        return false;
    }
    struct tt_str gap = site->anchored_after ? site->after.gap : site->before.gap;
    size_t at = !site->anchored_after ? end : gap.len <= end ? end - gap.len : SIZE_MAX;
    *inner = site->anchored_after ? at : end + gap.len;
    return has_gap(t->text, at, gap);
}

/* Tries a site whose anchor stands at that place. */
static enum tt_status
try_site(void *ctx, const struct tt_learned_site *site, size_t anchor)
{
    struct walk *walk = ctx;
    const struct tt_learned_call *call = walk->call;
    const struct tt_field *field = call->field;
    struct hit hit = {.site = site};
    size_t inner;
    if ((site->weak && !is_path(field->path, site->path)) || !find_inner(site, &walk->text, anchor, &inner)) {
        return TT_OK;
    }
    bool found =
        site->spelling ? match_spelling(call, site, &walk->text, inner, &hit) : match_symbol(site, &walk->text, inner, &hit);
    if (!found || !is_here(field, &hit)) {
        return TT_OK;
    }
    if (call->seen && hit.symbol && !is_quoted(field, tt_look_place(&walk->look))) {
        TT_TRY(tell(call, &hit));
    }
    if (hit.symbol != &site->symbols[0]) {
        tt_arena_reset(walk->look.arena);
        report(&walk->look, &hit);
    }
    return walk->look.status;
}

/* Called with a site and a place at which its anchor stands; another status than TT_OK ends the search. */
typedef enum tt_status anchor_fn(void *ctx, const struct tt_learned_site *site, size_t anchor);

/* Every place of from..to at which the anchor of a site could stand, in ASCII; stops at the first failure. */
static enum tt_status
each_narrow(const struct tt_learned *learned, const struct tt_kernels *kernels, struct tt_str text, size_t from, size_t to,
            size_t room, anchor_fn *at, void *ctx)
{
    const unsigned char *p = (const unsigned char *) text.ptr;
    while ((from = kernels->find_pair(p, room, from, &learned->pairs)) < to) {
        for (size_t i = 0; i < learned->count; i++) {
            const struct tt_learned_site *site = learned->sites[i];
            size_t pair = site->anchor_pair;
            if (!site->anchored_wide && from >= pair && has_gap(text, from - pair, site->anchor)) {
                TT_TRY(at(ctx, site, from - pair));
            }
        }
        from++;
    }
    return TT_OK;
}

/* The same for anchors that no kernel looks for. */
static enum tt_status
each_wide(const struct tt_learned *learned, struct tt_str text, size_t from, size_t to, anchor_fn *at, void *ctx)
{
    for (size_t i = 0; i < learned->count; i++) {
        const struct tt_learned_site *site = learned->sites[i];
        const char *next = NULL;
        for (size_t pos = from; site->anchored_wide && pos < to; pos = (size_t) (next - text.ptr) + 1) {
            next = tt_str_find(tt_str_slice(text, pos, to), site->anchor);
            if (!next) {
                break;
            }
            TT_TRY(at(ctx, site, (size_t) (next - text.ptr)));
        }
    }
    return TT_OK;
}

static enum tt_status
each_anchor(const struct tt_learned *learned, const struct tt_kernels *kernels, struct tt_str text, size_t from, size_t to,
            size_t room, anchor_fn *at, void *ctx)
{
    if (learned->narrow) {
        TT_TRY(each_narrow(learned, kernels, text, from, to, room, at, ctx));
    }
    return learned->wide ? each_wide(learned, text, from, to, at, ctx) : TT_OK;
}

enum tt_status
tt_learned_look(const struct tt_learned_call *call)
{
    const struct tt_field *field = call->field;
    struct walk walk = {
        .call = call,
        .text = {.text = field->text, .starts = field->at_start, .ends = field->at_end},
        .look = {.field = field,
                 .channel = &tt_channel_learned_site,
                 .kernels = call->marks->kernels,
                 .arena = &call->marks->arena,
                 .sink = call->sink,
                 .low_seen = &call->marks->low_seen},
    };
    size_t from = field->from > TT_LEARNED_REACH ? field->from - TT_LEARNED_REACH : 0;
    size_t to = field->text.len - field->to > TT_LEARNED_REACH ? field->to + TT_LEARNED_REACH : field->text.len;
    return each_anchor(call->learned, walk.look.kernels, field->text, from, to, to, try_site, &walk);
}

/* One side is enough to look closely. */
static enum tt_status
at_raw_anchor(void *ctx, const struct tt_learned_site *site, size_t anchor)
{
    size_t inner;
    return match_side(site, ctx, anchor, &inner) ? TT_E_UNSUPPORTED : TT_OK;
}

bool
tt_learned_may_hold(const struct tt_learned *learned, const struct tt_kernels *kernels, struct tt_str raw, size_t room)
{
    struct tt_skeleton_text text = {.text = raw, .escaped = true, .starts = true, .ends = true};
    /* What stands behind the string lets the kernel end with whole steps. */
    size_t ahead = room - raw.len > 2 * TT_STRING_BLOCK ? raw.len + 2 * TT_STRING_BLOCK : room;
    return raw.len >= TT_FIELD_LOOK_LEAST && each_anchor(learned, kernels, raw, 0, raw.len, ahead, at_raw_anchor, &text) != TT_OK;
}

const struct tt_channel tt_channel_learned_site = {
    .name = "learned-site",
    .rule = "mark.learned-site",
    .alphabet = "at a place that a probe described: the symbols that it saw there",
    .capacity = "as the description says",
};
