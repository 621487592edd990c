/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normal form: one character written as itself here and as letter and mark there (UAX #15), rule N.
 *
 * Whole texts are of one form, whichever it is, or of both because parts of them were copied together; where it changes from
 * character to character, somebody chose.  A place is a character of a word that has two canonically equivalent forms: composed
 * or not, a singleton such as U+212B beside U+00C5, marks in one order or the other.  Only characters that stand in both
 * forms in one segment say anything: legacy encodings know some characters in one form and others in the other.
 *
 * Input: a position.  Output: findings.  A segment is a paragraph, at most TT_NORMAL_BYTES of it.  Scratch lives in the look's
 * arena.
 */
#include "marks/bits.h"
#include "marks/channels.h"
#include "marks/context.h"
#include "marks/normal_sign.h"
#include "marks/normal_word.h"
#include "marks/run.h"

#include "base/limits.h"
#include "text/normal.h"

#define KEYS_SLOTS 1024       /* a hash table of the different characters of a segment */
#define KEYS_MAX 512          /* so many are told apart */
#define LOOK_BACK 4000        /* of a paragraph that an earlier window has seen */
#define SITES_MIN 8           /* characters in both forms: fewer carry no message */
#define RARER_MIN 3           /* of the form that is seldom */
#define CHANGES_SHARE 4       /* one in so many places: two people, or one who pastes, change the form less often */
#define CHANGES_MIN 4         /* from one form to the other within lines: what was copied together changes rarely */
#define TURNS_MIN 2           /* of few places */
#define MARGIN_BROKEN 3       /* bits that a reading must have over noise where the rule is broken */
#define MARGIN_ORDINARY 13    /* and where it is not */
#define WRAPPED_MIN 45        /* bytes of a line that is not the last of its paragraph */
#define LIST_MIN 16           /* different ideographs in a row that are a list */
#define ORDER_KEY 0x80000000u /* added to the number of a pair of marks */

struct site {
    size_t at, to; /* bytes */
    uint32_t key;  /* the composed character, or a number for a pair of marks */
    size_t line;
    bool apart;
    bool alone; /* no part of a word: carries a bit, but breaks no rule */
};

struct key {
    uint32_t key;
    size_t count[2]; /* composed, apart */
    bool habit;
};

struct survey {
    struct site *sites;
    size_t n, max;
    struct key *keys;
    size_t key_count;
    uint64_t
        singletons; /* characters that others are a second form of: bit 63 at most, by their low bits; 0 when there are none */
    size_t line, line_from; /* number and start of the line */
    size_t first_apart;     /* index of the first site that is apart and counts, or n */
};

/* ---- places ---- */

/* The entry of a key, which is not 0; a new one with add, as long as there is room. */
static struct key *
find_key(struct survey *s, uint32_t key, bool add)
{
    size_t slot = key * 0x9E3779B1u >> 22; /* 10 bits for KEYS_SLOTS */
    while (s->keys[slot].key != 0 && s->keys[slot].key != key) {
        slot = (slot + 1) % KEYS_SLOTS;
    }
    if (s->keys[slot].key == key) {
        return &s->keys[slot];
    }
    if (!add || s->key_count == KEYS_MAX) {
        return NULL;
    }
    s->key_count++;
    s->keys[slot].key = key;
    return &s->keys[slot];
}

/* A letter that has one form only, as most have, or a syllable of Hangul, where all have two. */
static bool
is_neighbour(uint32_t cp)
{
    uint32_t parts[2];
    bool hangul = tt_char(cp)->script == TT_SCRIPT_HANGUL;
    return tt_char_is_letter(cp) && (hangul || tt_normal_decompose(cp, parts) == 0);
}

/* Does the character from at to to stand in a word?  In tables it stands alone or among its like. */
static bool
in_word(struct tt_str text, size_t at, size_t to)
{
    return is_neighbour(tt_utf8_prev(text, at).cp) || is_neighbour(tt_utf8_next(text, to).cp);
}

static void
add_site(struct survey *s, struct tt_str text, struct site site, bool habit)
{
    struct key *key = s->n < s->max ? find_key(s, site.key, true) : NULL;
    if (!key) {
        return;
    }
    site.line = s->line;
    site.alone = !in_word(text, site.at, site.to);
    key->count[site.apart] += !site.alone;
    key->habit = key->habit || habit;
    s->sites[s->n++] = site;
}

/* A letter with its marks, as it is put together. */
struct cluster {
    size_t at, to;
    uint32_t whole; /* what letter and marks compose to so far */
    uint32_t mark;  /* the last mark, 0 for none */
    uint8_t blocked_by;
    bool apart;
    bool habit;
    bool composed; /* whole has a canonical decomposition */
};

static void
finish_cluster(struct survey *s, struct tt_str text, const struct cluster *c)
{
    uint32_t parts[2];
    size_t count = c->to > c->at ? tt_normal_decompose(c->whole, parts) : 0;
    struct site site = {.at = c->at, .to = c->to, .key = c->whole, .apart = c->apart};
    if (c->whole >= 0xF900 && c->whole <= 0xFA0B && tt_normal_is_beside_hangul(text, c->at, c->to)) {
        return;
    }
    if (count == 2 && tt_normal_compose(parts[0], parts[1]) == c->whole) {
        add_site(s, text, site, c->habit);
    } else if (count > 0) {
        site.key = count == 1 ? parts[0] : tt_normal_compose(parts[0], parts[1]);
        site.key = site.key ? site.key : c->whole;
        site.apart = true;
        if (site.key != c->whole) { /* else no other character stands for the same */
            s->singletons |= (uint64_t) 1 << site.key % 64;
        }
        add_site(s, text, site, tt_char(c->whole)->script != TT_SCRIPT_LATIN);
    } else if (s->singletons >> c->whole % 64 & 1 && find_key(s, c->whole, false)) {
        add_site(s, text, site, false);
    }
}

/* Two marks in one order or the other are a place of their own. */
static void
add_order(struct survey *s, struct tt_str text, const struct cluster *c, const struct tt_rune *mark, size_t pos)
{
    uint8_t last = tt_normal_class(c->mark), here = tt_normal_class(mark->cp);
    if (last == 0 || here == 0 || last == here) {
        return;
    }
    bool apart = last > here;
    uint32_t first = apart ? mark->cp : c->mark, second = apart ? c->mark : mark->cp;
    struct site site = {.at = c->at, .to = pos + mark->len, .apart = apart};
    site.key = ORDER_KEY | (first << 12 ^ second);
    /* Keyboards and old fonts of Hebrew, Arabic, Burmese and others put marks in both orders. */
    add_site(s, text, site, first >= 0x0591 && second >= 0x0591);
}

static void
add_mark(struct survey *s, struct tt_str text, struct cluster *c, const struct tt_rune *mark, size_t pos)
{
    uint8_t combining = tt_normal_class(mark->cp);
    bool blocked = c->blocked_by > 0 && c->blocked_by >= combining;
    uint32_t whole = blocked ? 0 : tt_normal_compose(c->whole, mark->cp);
    if (c->mark) {
        add_order(s, text, c, mark, pos);
    }
    if (whole) {
        c->whole = whole;
        c->composed = tt_char_is(whole, TT_CHAR_DECOMPOSING);
        c->apart = true;
    } else {
        c->blocked_by = combining;
    }
    c->mark = mark->cp;
    c->to = pos + mark->len;
}

/* May the character be joined to the one before: a mark, or a vowel or tail of Hangul? */
static bool
is_joining(const struct cluster *c, uint32_t cp, uint8_t category)
{
    return (category >= TT_MN && category <= TT_ME) || (cp >= 0x1161 && cp <= 0x11C2 && tt_normal_compose(c->whole, cp));
}

/* A quotation mark beside a sign of source code or JSON: a string begins or ends. */
static bool
is_string_border(struct tt_str text, size_t pos)
{
    static const char signs[] = ",:=[](){}";
    bool before = pos > 0 && strchr(signs, text.ptr[pos - 1]), behind = pos + 1 < text.len && strchr(signs, text.ptr[pos + 1]);
    return text.ptr[pos] == '"' && (before || behind);
}

/* Does the line that begins at pos begin a part of its own: an item, an element, a heading, a row? */
static bool
begins_part(struct tt_str text, size_t pos)
{
    while (pos < text.len && (text.ptr[pos] == ' ' || text.ptr[pos] == '\t')) {
        pos++;
    }
    return pos == text.len || strchr("<-*+#|\"'{[\r\n", text.ptr[pos]) || tt_ascii_is_digit((unsigned char) text.ptr[pos]);
}

/*
 * Counts lines, which are the smallest pieces that one person writes at one time.  A line that is wrapped goes on in the next;
 * a short one is an entry of a list.
 */
static void
count_line(struct survey *s, struct tt_str text, size_t pos)
{
    if (text.ptr[pos] == '\t') {
        s->line++; /* the cell of a table */
    } else if (text.ptr[pos] == '\n') {
        s->line += pos - s->line_from < WRAPPED_MIN || begins_part(text, pos + 1);
        s->line_from = pos + 1;
    } else if (is_string_border(text, pos)) {
        s->line++;
    }
}

/* The last of the ASCII characters in a row from pos on that are no places and begin nothing. */
static size_t
pass_plain(struct tt_str text, size_t pos, size_t to)
{
    while (pos + 1 < to && (unsigned char) text.ptr[pos + 1] < 0x80 && !strchr("\n\t\"", text.ptr[pos + 1])) {
        pos++;
    }
    return pos;
}

/* Collects the places of from..to. */
static void
collect(struct tt_str text, size_t from, size_t to, struct survey *s)
{
    struct cluster c = {.at = from, .to = from};
    for (size_t pos = from; pos < to;) {
        struct tt_rune rune = tt_utf8_next_valid(text, pos);
        const struct tt_char *info = tt_char(rune.cp);
        if (rune.cp >= 0x300 && c.to > c.at && is_joining(&c, rune.cp, info->category)) {
            add_mark(s, text, &c, &rune, pos);
        } else {
            if (s->singletons || c.composed) {
                finish_cluster(s, text, &c);
            }
            if (rune.cp == '\n' || rune.cp == '"' || rune.cp == '\t') {
                count_line(s, text, pos);
            } else if (rune.cp < 0x80 && !s->singletons) {
                pos = pass_plain(text, pos, to);
                rune.cp = (unsigned char) text.ptr[pos];
            }
            c = (struct cluster) {.at = pos, .to = pos + rune.len, .whole = rune.cp};
            c.composed = info->flags & TT_CHAR_DECOMPOSING;
        }
        pos += rune.len;
    }
    finish_cluster(s, text, &c);
}

/* ---- segments ---- */

static const struct tt_byte_pairs line_feeds = {
    .first = {.high = {1}, .low = {[0xA] = 1}},
    .second = {.high = {1}, .low = {[0xA] = 1}},
};

/* The paragraph around pos: up to blank lines, or as far as may be looked at. */
static struct tt_span
find_segment(const struct tt_look *look, size_t pos)
{
    struct tt_str text = look->field->text;
    size_t done = *look->done;
    struct tt_span span = {pos, pos};
    size_t least = pos > LOOK_BACK ? pos - LOOK_BACK : 0;
    size_t most = text.len - pos > TT_NORMAL_BYTES ? pos + TT_NORMAL_BYTES : text.len;
    least = least > done ? least : done;
    while (span.from > least && !(span.from > 1 && text.ptr[span.from - 1] == '\n' && text.ptr[span.from - 2] == '\n')) {
        span.from--;
    }
    while (span.from < pos && ((unsigned char) text.ptr[span.from] & 0xC0) == 0x80) {
        span.from++;
    }
    span.to = look->kernels->find_pair((const unsigned char *) text.ptr, most, pos, &line_feeds);
    span.to = span.to + 1 == most ? most : span.to; /* one feed at the end is no pair */
    return span;
}

static bool
survey_init(struct tt_look *look, size_t bytes, struct survey *s)
{
    size_t max = bytes < TT_RUN_MAX ? bytes : TT_RUN_MAX;
    *s = (struct survey) {.max = max};
    s->sites = tt_arena_get(look->arena, (max + 1) * sizeof(*s->sites));
    s->keys = tt_arena_get(look->arena, KEYS_SLOTS * sizeof(*s->keys));
    if (!s->sites || !s->keys) {
        look->status = TT_E_MEMORY;
        return false;
    }
    memset(s->keys, 0, KEYS_SLOTS * sizeof(*s->keys));
    return true;
}

static bool
survey(struct tt_look *look, struct tt_span span, struct survey *s)
{
    if (!survey_init(look, span.to - span.from, s)) {
        return false;
    }
    s->line_from = span.from;
    collect(look->field->text, span.from, span.to, s);
    if (s->singletons) { /* what they stand for may have come before them */
        for (size_t i = 0; i < KEYS_SLOTS; i++) {
            s->keys[i].count[0] = s->keys[i].count[1] = 0;
        }
        s->n = s->line = 0;
        s->line_from = span.from;
        collect(look->field->text, span.from, span.to, s);
    }
    return true;
}

/* ---- judging ---- */

struct verdict {
    size_t both[2];     /* places of characters that stand in both forms: composed, apart */
    size_t pairs;       /* one behind the other within lines */
    size_t changes;     /* of these, from form to form */
    size_t change_at;   /* index of the place that is apart at the first of them */
    bool ordinary;      /* one of these characters is no habit of a script */
    size_t all_changes; /* from form to form, of all characters */
    struct tt_normal_words words;
};

static bool
is_in_both(struct survey *s, const struct site *site)
{
    const struct key *key = find_key(s, site->key, false);
    return key && key->count[0] > 0 && key->count[1] > 0;
}

/* Ideographs beside a place, each of them once. */
struct row {
    uint32_t seen[LIST_MIN];
    size_t n;
    bool again;
};

static bool
add_ideograph(struct row *row, struct tt_rune rune)
{
    if (row->again || row->n == LIST_MIN || !tt_char_is(rune.cp, TT_CHAR_IDEOGRAPH)) {
        return false;
    }
    row->again = tt_run_digit(row->seen, row->n, rune.cp) >= 0;
    row->seen[row->n++] = rune.cp;
    return true;
}

static bool
is_delimiter(uint32_t cp)
{
    return cp < 0x80 && strchr("\"'()[]|\t\n", (int) cp);
}

/*
 * In a row of different ideographs that is long, or all there is between delimiters, as lists by sound or stroke have them?
 * Sentences repeat the commonest ones, and pause.
 */
static bool
is_in_list(struct tt_str text, const struct site *site)
{
    struct row row = {.n = 0};
    size_t left = site->at, right = site->to;
    struct tt_rune before = tt_utf8_prev(text, left), behind = tt_utf8_next(text, right);
    for (; add_ideograph(&row, before); before = tt_utf8_prev(text, left)) {
        left -= before.len;
    }
    for (; add_ideograph(&row, behind); behind = tt_utf8_next(text, right)) {
        right += behind.len;
    }
    return !row.again && (row.n == LIST_MIN || (row.n > 0 && is_delimiter(before.cp) && is_delimiter(behind.cp)));
}

static bool
judge(struct tt_look *look, struct survey *s, struct verdict *out)
{
    struct tt_str text = look->field->text;
    struct verdict v = {0};
    const struct site *last = NULL;
    s->first_apart = s->n;
    if (!tt_normal_words_init(&v.words, look->arena)) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t i = 0; i < s->n; i++) {
        const struct site *site = &s->sites[i];
        v.all_changes += i > 0 && s->sites[i - 1].apart != site->apart;
        if (site->alone || !is_in_both(s, site) || (site->apart && is_in_list(text, site))) {
            continue;
        }
        v.both[site->apart]++;
        tt_normal_words_add(&v.words, text, site->at, site->apart);
        v.ordinary = v.ordinary || !find_key(s, site->key, false)->habit;
        bool pair = last && last->line == site->line;
        v.pairs += pair;
        if (pair && last->apart != site->apart && v.changes++ == 0) {
            v.change_at = site->apart ? i : (size_t) (last - s->sites);
        }
        s->first_apart = s->first_apart == s->n && site->apart ? i : s->first_apart;
        last = site;
    }
    tt_normal_words_end(&v.words);
    *out = v;
    return true;
}

static bool
is_broken(const struct verdict *v)
{
    size_t rarer = v->both[0] < v->both[1] ? v->both[0] : v->both[1];
    bool often = v->changes >= CHANGES_MIN && v->changes * CHANGES_SHARE >= v->pairs;
    return v->both[0] + v->both[1] >= SITES_MIN && rarer >= RARER_MIN && often && !tt_normal_words_are_kept(&v->words);
}

/*
 * Is the form somebody's choice, as far as a few places can tell?  What was copied into a text is of one form; the same word in
 * both forms, or turn and turn about, is not.
 */
static bool
is_odd(const struct verdict *v)
{
    bool turns = v->changes >= TURNS_MIN && v->changes * 2 >= v->pairs;
    return v->ordinary && v->changes > 0 && (turns || v->words.changed > 0 || v->words.mixed > 0);
}

/* ---- reading ---- */

/* What is read together: all characters, those that stand in both forms, or pairs of marks. */
enum choice { CHOICE_ALL, CHOICE_BOTH, CHOICE_ORDER };

static bool
is_chosen(struct survey *s, const struct site *site, enum choice choice)
{
    bool order = site->key & ORDER_KEY;
    return order == (choice == CHOICE_ORDER) && (choice != CHOICE_BOTH || is_in_both(s, site));
}

/* Reads places as bits. */
static bool
read_sites(struct tt_look *look, struct survey *s, enum choice choice, unsigned margin, struct tt_payload *out)
{
    uint8_t *bits = tt_arena_get(look->arena, s->n + 1);
    struct tt_str text[2] = {{NULL, 0}, {NULL, 0}};
    size_t n = 0;
    if (!bits) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t i = 0; i < s->n; i++) {
        const struct site *site = &s->sites[i];
        if (!is_chosen(s, site, choice)) {
            continue;
        }
        bits[n++] = site->apart;
        if (!text[site->apart].ptr) {
            text[site->apart] = tt_str_slice(look->field->text, site->at, site->to);
        }
    }
    struct tt_forms_demand demand = {.margin = margin, .anywhere = true};
    return text[0].ptr && text[1].ptr && tt_bits_read(look, bits, n, text, demand, out);
}

static bool
read_survey(struct tt_look *look, struct survey *s, const struct verdict *v, struct tt_payload *out)
{
    unsigned margin = is_broken(v) ? MARGIN_BROKEN : MARGIN_ORDINARY;
    if (v->both[0] + v->both[1] < RARER_MIN || v->all_changes < SITES_MIN) {
        return false;
    }
    for (enum choice choice = CHOICE_ALL; choice <= CHOICE_ORDER && look->status == TT_OK; choice++) {
        if (read_sites(look, s, choice, margin, out)) {
            return true;
        }
    }
    return false;
}

/* ---- reports ---- */

static void
report(struct tt_look *look, const struct survey *s, const struct verdict *v, enum tt_level level,
       const struct tt_payload *payload)
{
    const struct site *site = &s->sites[s->first_apart];
    struct tt_forms_evidence e = {.level = level, .offset = site->at, .length = site->to - site->at, .payload = payload};
    if (site->to <= look->field->from || site->to > look->field->to) {
        return; /* its last mark, which wakes the channel, stands in another window, which reports it */
    }
    e.to = s->sites[s->n - 1].to;
    e.places = level > TT_CANDIDATE ? v->both[0] + v->both[1] : 0;
    e.bits = level > TT_CANDIDATE ? e.places : 0;
    if (payload) {
        e.message = tt_look_text(look, "the normal forms of characters carry readable text (", payload->format, ")", NULL);
    } else if (level == TT_SUSPICIOUS) {
        e.message = tt_look_text(look, "the same characters are written composed and decomposed in turn", NULL);
    } else {
        e.message =
            tt_look_text(look, "a character is written in another normal form than elsewhere in the same paragraph", NULL);
    }
    tt_forms_report(look, &e);
}

/* True when it has reported something. */
static bool
visit_segment(struct tt_look *look, size_t pos)
{
    struct survey s;
    struct tt_payload payload;
    struct tt_span span = find_segment(look, pos);
    *look->done = span.to > pos ? span.to : pos + 1;
    if (!survey(look, span, &s) || s.n == 0) {
        return false;
    }
    struct verdict v;
    bool readable = judge(look, &s, &v) && read_survey(look, &s, &v, &payload);
    if (look->status != TT_OK) {
        return false;
    }
    if (readable) {
        for (s.first_apart = 0; !s.sites[s.first_apart].apart; s.first_apart++) {
        }
        report(look, &s, &v, TT_CONFIRMED, &payload);
        return true;
    }
    if (is_broken(&v) &&
        !tt_normal_is_about_forms(tt_str_slice(look->field->text, span.from, span.to), s.sites[s.first_apart].at - span.from)) {
        report(look, &s, &v, TT_SUSPICIOUS, NULL);
        return true;
    }
    if (is_odd(&v)) {
        s.first_apart = v.change_at;
        report(look, &s, &v, TT_CANDIDATE, NULL);
        return true;
    }
    return false;
}

/*
 * Is the character at pos one form of two, and not the usual one?  *usual is the character that is, or 0 where that is not known so soon: of
 * several marks, and of a syllable of Hangul, that may go on.
 */
static bool
is_apart(struct tt_str text, size_t pos, struct tt_rune rune, uint32_t *usual)
{
    uint32_t parts[2];
    bool jamo = rune.cp >= 0x1161 && rune.cp <= 0x11C2;
    *usual = 0;
    if (!tt_char_is_mark(rune.cp) && !jamo) {
        size_t count = tt_normal_decompose(rune.cp, parts);
        *usual = count == 2 ? tt_normal_compose(parts[0], parts[1]) : parts[0];
        return count > 0 && *usual != 0; /* of what NFC always takes apart, nobody writes another form */
    }
    struct tt_rune before = tt_utf8_prev(text, pos);
    uint32_t whole = tt_normal_compose(before.cp, rune.cp);
    if (whole == 0 && tt_char_is_mark(before.cp)) {
        if (tt_normal_class(before.cp) > 0 && tt_normal_class(rune.cp) > 0) {
            return true; /* they may have changed places */
        }
        whole = tt_normal_compose(tt_normal_compose(tt_utf8_prev(text, pos - before.len).cp, before.cp), rune.cp);
    }
    *usual = jamo ? 0 : whole;
    return whole != 0;
}

/* Up to where this channel knows of some characters that they do not stand in the segment, and which; 0: no more. */
enum { NOTE_ABSENT_TO, NOTE_ABSENT, ABSENT_MAX = TT_NOTES - NOTE_ABSENT };

/* Is the usual form nowhere in the segment around pos?  Then one form alone says nothing, and the segment need not be read. */
static bool
is_alone(struct tt_look *look, size_t pos, uint32_t usual)
{
    uint32_t *absent = &look->note[NOTE_ABSENT];
    char own[4];
    size_t known = 0;
    if (pos >= look->note[NOTE_ABSENT_TO]) {
        memset(absent, 0, ABSENT_MAX * sizeof(*absent));
    }
    while (known < ABSENT_MAX && absent[known] != 0 && absent[known] != usual) {
        known++;
    }
    if (usual == 0 || known == ABSENT_MAX || absent[known] == usual) {
        return usual != 0 && known < ABSENT_MAX;
    }
    struct tt_span span = find_segment(look, pos);
    size_t length = tt_utf8_put(usual, own);
    if (tt_str_has(tt_str_slice(look->field->text, span.from, span.to), tt_str_make(own, length))) {
        return false;
    }
    look->note[NOTE_ABSENT_TO] = known > 0 ? look->note[NOTE_ABSENT_TO] : (uint32_t) span.to;
    absent[known] = usual;
    return true;
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    uint32_t usual;
    bool question = rune.cp == TT_GREEK_QUESTION, unit = rune.cp == TT_KELVIN || rune.cp == TT_ANGSTROM;
    bool apart = !question && !tt_char_is(rune.cp, TT_CHAR_ODD_SPACE) && is_apart(look->field->text, pos, rune, &usual);
    if (!(apart && !is_alone(look, pos, usual) && visit_segment(look, pos)) && (question || unit)) {
        tt_normal_sign(look, pos, rune);
    }
}

const struct tt_channel tt_channel_normal_form = {
    .name = "normal-form",
    .rule = "mark.normal-form",
    .alphabet = "a character and its canonical equivalents: composed or decomposed, singletons, marks in another order",
    .capacity = "1 bit an accented letter",
    .wake = TT_CHAR_COMPOSING,
    .visit = visit,
};
