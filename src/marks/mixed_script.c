/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Look-alike letters and digits: words that mix scripts so that nobody sees it.
 *
 * Rule H: a word is odd only if each letter of the one script has a twin in the other.  Whether that breaks a rule depends on what
 * is written around it.  Where the second script is at home, its letters get into words by a keyboard that was switched late;
 * where it is not, nobody's keyboard puts them there.  Formulas, tables of letters and Roman numerals are silent.
 *
 * Input: a position.  Output: findings.  Odd words that stand near each other are dealt with in one visit: they are read as bits,
 * reported one by one when they are few, or together.  Scratch lives in the look's arena.
 */
#include "marks/channels.h"
#include "marks/context.h"
#include "marks/forms.h"
#include "marks/twin.h"

#include "base/limits.h"

#define GAP_BYTES 1500   /* odd words further apart have nothing to do with each other */
#define AROUND_BYTES 600 /* read before the first and behind the last of them */
#define LOOK_BACK 4000   /* where an earlier window may have seen the first ones */
#define TWINS_MIN 8      /* twins that can spell four letters */
#define SINGLE_MAX 3     /* suspicious words that are reported one by one, in a field */
#define HOME_LETTERS 4   /* letters that make a script at home in the text around a word */
#define HOME_BLOCK 2000  /* bytes of a stretch for which the further surroundings are looked at, with its neighbours */
#define HOME_NEAR 40     /* letters that make it so there */
#define HOME_BOTH 2      /* letters of a language that is written in both scripts */
#define SLIPS_MIN 4      /* slips of the keyboard, near each other, that are unusual */
#define HOME_WORDS 3     /* broken words in a text of the foreign script that are no accident any more */
#define MISSES_MAX 3     /* readings in vain, in a field without broken words */
#define OTHER_LETTERS 2  /* letters with accents around a word, which nobody needs who writes English */
#define OTHER_MANY 6     /* with English words among them, as lists have */
#define SHORT_WORD 2     /* letters: units, variables, abbreviations */
#define SLIP_CHANGES 2   /* how often the scripts take turns in a word that was typed with a keyboard switched late */

/* struct tt_look's notes. */
enum note { NOTE_REPORTED, NOTE_MISSES };

enum weight {
    WEIGHT_NONE,
    WEIGHT_HABIT,  /* not reported, but a payload may be made of such words */
    WEIGHT_SLIP,   /* a slip of a keyboard that writes both scripts: unusual when there are several */
    WEIGHT_LOW,    /* unusual */
    WEIGHT_DOUBT,  /* breaks rule H where the foreign script is at home: counts when there are several */
    WEIGHT_BROKEN, /* breaks rule H */
};

struct verdict {
    enum weight weight;
    const char *why; /* static */
};

/* ---- what stands around a word ---- */

struct surroundings {
    struct tt_str text;
    size_t latin; /* ASCII letters outside of the word */
    size_t other; /* Latin letters beyond ASCII */
    size_t home;  /* letters of the word's foreign script that have no twin, or digits for a number, outside of the word */
};

/* A line says what language is written; a short one, as in a list, only with its neighbours. */
#define LINE_MIN 60

static struct surroundings
look_around(struct tt_str text, const struct tt_word *word)
{
    struct surroundings s = {0};
    struct tt_span span = tt_context_line(text, word->from);
    if (span.to - span.from < LINE_MIN) {
        span.from = word->from > TT_CONTEXT_BYTES ? word->from - TT_CONTEXT_BYTES : 0;
        span.to = text.len - word->to > TT_CONTEXT_BYTES ? word->to + TT_CONTEXT_BYTES : text.len;
        while (span.from < word->from && ((unsigned char) text.ptr[span.from] & 0xC0) == 0x80) {
            span.from++;
        }
        while (span.to > word->to && span.to < text.len && ((unsigned char) text.ptr[span.to] & 0xC0) == 0x80) {
            span.to--;
        }
    }
    s.text = tt_str_slice(text, span.from, span.to);
    for (size_t pos = span.from; pos < span.to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        bool outside = pos < word->from || pos >= word->to;
        bool same = rune.cp >= 0x80 && tt_char(rune.cp)->script == word->script;
        bool letter = tt_char_is_letter(rune.cp) && !tt_char_is(rune.cp, TT_CHAR_TWIN);
        bool digit = word->kind == TT_WORD_NUMBER && tt_char(rune.cp)->digit >= 0;
        s.latin += outside && tt_ascii_is_alpha((int) rune.cp);
        s.home += outside && same && (letter || digit);
        s.other += outside && rune.cp >= 0x80 && letter && tt_char(rune.cp)->script == TT_SCRIPT_LATIN;
        pos += rune.len ? rune.len : 1;
    }
    return s;
}

/* What further surroundings say of a script, known for one stretch of text. */
struct region {
    size_t block; /* number of the stretch, from 1 */
    uint8_t script;
    bool home;
};

/* Letters of a language that is written in both scripts, as Serbian, Azerbaijani and Uzbek are; in strong, those of no other language. */
static size_t
count_both(uint32_t cp, size_t *strong)
{
    bool own = cp == 0x0107 || cp == 0x0111 || cp == 0x0259 || cp == 0x02BB;
    *strong += own;
    return own || cp == 0x010D || cp == 0x0161 || cp == 0x017E;
}

/*
 * Is the word's foreign script at home further around, though not in these lines: in a document that quotes Latin text, or in a language that is
 * written in both scripts?  The former is told by whole words of that script.
 */
static bool
find_home(struct tt_str text, size_t from, size_t to, uint8_t script)
{
    struct tt_word word;
    size_t home = 0, both = 0, strong = 0;
    for (size_t pos = from; pos < to && home < HOME_NEAR && tt_word_next(text, pos, to, &word); pos = word.to) {
        home += word.script == script && word.latin == 0 && word.hard > 0 ? word.foreign : 0;
        for (size_t i = word.from; script == TT_SCRIPT_CYRILLIC && word.latin > 0 && i < word.to;) {
            struct tt_rune rune = tt_utf8_next(text, i);
            both += count_both(rune.cp, &strong);
            i += rune.len;
        }
    }
    return home >= HOME_NEAR || (strong > 0 && both >= HOME_BOTH);
}

static bool
is_home_near(struct tt_str text, const struct tt_word *word, struct region *region)
{
    size_t block = word->from / HOME_BLOCK;
    if (region->block != block + 1 || region->script != word->script) {
        size_t from = block > 0 ? (block - 1) * HOME_BLOCK : 0;
        size_t to = text.len - word->from > 2 * HOME_BLOCK ? (block + 2) * HOME_BLOCK : text.len;
        while (from > 0 && from < word->from && text.ptr[from - 1] != ' ' && text.ptr[from - 1] != '\n') {
            from++;
        }
        bool home = find_home(text, from, to, word->script);
        *region = (struct region) {.block = block + 1, .script = word->script, .home = home};
    }
    return region->home;
}

/* Is every letter exchanged that has an obvious twin?  Then the word as a whole was written so, and none of its letters says anything. */
static bool
is_complete(struct tt_str text, const struct tt_word *word)
{
    for (size_t pos = word->start; pos < word->to; pos++) {
        if (text.ptr[pos] && strchr("aceopxyABCEHKMOPTX", text.ptr[pos])) {
            return false;
        }
    }
    return true;
}

/* The word as a reader takes it, in out; its length, or 0 when it is too long or has a letter without a twin. */
static size_t
spell(struct tt_str text, const struct tt_word *word, char *out, size_t max)
{
    size_t n = 0;
    for (size_t pos = word->start; pos < word->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        uint32_t ascii = tt_twin_ascii(rune.cp);
        pos += rune.len;
        if (ascii == 0 || n == max) {
            return 0;
        }
        out[n++] = (char) ascii;
    }
    return n;
}

#define SPELLED_MAX 64

/* Is the text about look-alikes: does it name them, or hold the same word in plain letters? */
static bool
is_about_letters(const struct surroundings *s, struct tt_str spelled)
{
    static const struct tt_str names[] = {
        TT_STR_INIT("cyrillic"), TT_STR_INIT("greek"),         TT_STR_INIT("homoglyph"),  TT_STR_INIT("homoglyphs"),
        TT_STR_INIT("unicode"),  TT_STR_INIT("homograph"),     TT_STR_INIT("confusable"), TT_STR_INIT("confusables"),
        TT_STR_INIT("punycode"), TT_STR_INIT("idn"),           TT_STR_INIT("fullwidth"),  TT_STR_INIT("lookalike"),
        TT_STR_INIT("spoof"),    TT_STR_INIT("transliterate"),
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (tt_context_has_word(s->text, names[i])) {
            return true;
        }
    }
    bool code = tt_str_has(s->text, TT_STR("xn--")) || tt_str_has(s->text, TT_STR("U+0")) || tt_str_has(s->text, TT_STR("\\u0"));
    return code || (spelled.len > SHORT_WORD && tt_str_has(s->text, spelled));
}

static bool
consists_of(struct tt_str word, const char *letters)
{
    for (size_t i = 0; i < word.len; i++) {
        if (!strchr(letters, word.ptr[i])) {
            return false;
        }
    }
    return word.len > 0;
}

/* A short word is a unit or a variable, unless it is one of the shortest English words. */
static bool
is_short_word(const struct surroundings *s, struct tt_str spelled)
{
    static const char english[] = " is to of be he we me my by so no on or go do up us at as an am if in it oh ";
    char key[SHORT_WORD + 2] = {' ', 0, 0, ' '};
    if (spelled.len > SHORT_WORD) {
        return false;
    }
    for (size_t i = 0; i < spelled.len; i++) {
        key[i + 1] = (char) tt_ascii_lower((unsigned char) spelled.ptr[i]);
    }
    bool common = spelled.len == SHORT_WORD && tt_str_has(TT_STR(english), tt_str_make(key, sizeof(key)));
    return !common || !tt_context_is_english(s->text);
}

/* ---- judging one word ---- */

static const char in_latin[] = "has letters of another script that look like its own";

static struct verdict
judge_wide(const struct tt_word *word, const struct surroundings *s)
{
    if (tt_context_has_cjk(s->text)) {
        return (struct verdict) {word->changes > 1 ? WEIGHT_LOW : WEIGHT_NONE, "has a fullwidth or mathematical letter inside"};
    }
    return (struct verdict) {word->changes > 1 ? WEIGHT_BROKEN : WEIGHT_LOW,
                             "has fullwidth or mathematical letters among plain ones"};
}

/* Where both scripts are at home: one end of a Latin word is a slip, a letter in the midst of it is more. */
static enum weight
weight_at_home(const struct tt_word *word)
{
    return word->kind == TT_WORD_LATIN && word->changes > 1 ? WEIGHT_LOW : WEIGHT_SLIP;
}

/* Kabyle is typed with the Greek gamma and epsilon for letters that keyboards do not have: are these all that is odd? */
static bool
is_berber(struct tt_str text, const struct tt_word *word)
{
    for (size_t pos = word->start; word->script == TT_SCRIPT_GREEK && pos < word->to;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        if (tt_char(rune.cp)->script == TT_SCRIPT_GREEK && rune.cp != 0x03B3 && rune.cp != 0x03B5) {
            return false;
        }
        pos += rune.len;
    }
    return word->script == TT_SCRIPT_GREEK;
}

static struct verdict
judge_latin(struct tt_str text, const struct tt_word *word, const struct surroundings *s, struct tt_str spelled,
            struct region *region)
{
    if (word->script == TT_SCRIPT_LATIN || word->script == TT_SCRIPT_COMMON) {
        return judge_wide(word, s);
    }
    if (s->home >= HOME_LETTERS) {
        bool slip = word->kind != TT_WORD_LATIN || word->changes <= SLIP_CHANGES;
        if (consists_of(spelled, "IVXLCDMivxlcdm")) {
            return (struct verdict) {WEIGHT_NONE, NULL}; /* a Roman numeral */
        }
        return (struct verdict) {!slip ? WEIGHT_DOUBT : weight_at_home(word), in_latin};
    }
    if (is_home_near(text, word, region)) {
        return (struct verdict) {weight_at_home(word), in_latin};
    }
    bool foreign = s->other >= OTHER_MANY || (s->other >= OTHER_LETTERS && !tt_context_is_english(s->text));
    bool abroad = foreign && word->foreign == 1;
    bool alone = word->kind == TT_WORD_EITHER && s->latin < HOME_LETTERS; /* nothing says which script it is of */
    bool berber = is_berber(text, word) && !tt_context_is_english(s->text);
    bool low = word->kind == TT_WORD_NEAR || alone || berber || is_short_word(s, spelled) || is_about_letters(s, spelled);
    if (!low && tt_context_is_binary(text, word->from, word->to)) {
        return (struct verdict) {WEIGHT_NONE, NULL};
    }
    return (struct verdict) {low ? WEIGHT_LOW : abroad ? WEIGHT_DOUBT : WEIGHT_BROKEN, in_latin};
}

static struct verdict
judge_number(const struct tt_word *word, const struct surroundings *s)
{
    bool at_home = s->home >= HOME_LETTERS || (word->script == TT_SCRIPT_COMMON && tt_context_has_cjk(s->text));
    if (at_home) {
        return (struct verdict) {word->changes > 1 ? WEIGHT_LOW : WEIGHT_NONE, "mixes digits of two systems"};
    }
    return (struct verdict) {word->changes > 1 ? WEIGHT_BROKEN : WEIGHT_LOW, "mixes digits of two systems"};
}

static struct verdict
judge(struct tt_str text, const struct tt_word *word, struct region *region)
{
    char letters[SPELLED_MAX];
    if (word->kind == TT_WORD_PLAIN || tt_word_is_notation(text, word)) {
        return (struct verdict) {WEIGHT_NONE, NULL};
    }
    bool letters_only = word->kind != TT_WORD_NUMBER && word->kind != TT_WORD_TWINS;
    if (letters_only && tt_word_is_formula(text, word)) {
        return (struct verdict) {WEIGHT_HABIT, NULL};
    }
    struct surroundings s = look_around(text, word);
    struct tt_str spelled = tt_str_make(letters, spell(text, word, letters, sizeof(letters)));
    switch (word->kind) {
    case TT_WORD_NUMBER: return judge_number(word, &s);
    case TT_WORD_FOREIGN:
        /* "IP" before a Russian word is an abbreviation, one letter is a slip */
        return (struct verdict) {word->changes == 1 && word->latin > 1 ? WEIGHT_HABIT : WEIGHT_SLIP,
                                 "has Latin letters that look like its own"};
    case TT_WORD_TWINS:
        if (s.home == 0 && word->foreign > SHORT_WORD && word->script > TT_SCRIPT_LATIN && tt_context_is_english(s.text)) {
            return (struct verdict) {WEIGHT_LOW, "of another script reads as a Latin one"};
        }
        return (struct verdict) {WEIGHT_NONE, NULL};
    default: return judge_latin(text, word, &s, spelled, region);
    }
}

/* ---- odd words that stand together ---- */

struct cluster {
    struct tt_word first, first_slip, first_low, first_broken;
    struct verdict slip_why, low_why;
    size_t to;             /* end of the last odd word */
    size_t odd, low;       /* words that begin in the part of the field that is visited; low: of weight LOW or more */
    size_t slips;          /* of weight SLIP */
    size_t broken, abroad; /* of weight DOUBT or more; of weight BROKEN */
    size_t partial;        /* of weight DOUBT, with letters that could have been exchanged as well */
    size_t twins;          /* in all odd words */
};

static void
add_word(const struct tt_field *field, const struct tt_word *word, struct verdict v, struct cluster *c)
{
    c->to = word->to;
    c->twins += word->kind == TT_WORD_FOREIGN ? word->latin : word->foreign;
    if (word->owner < field->from || word->owner >= field->to) {
        return; /* another window's */
    }
    if (c->odd++ == 0) {
        c->first = *word;
    }
    c->abroad += v.weight == WEIGHT_BROKEN;
    if (v.weight == WEIGHT_SLIP && c->slips++ == 0) {
        c->first_slip = *word;
        c->slip_why = v;
    }
    if (v.weight >= WEIGHT_LOW && c->low++ == 0) {
        c->first_low = *word;
        c->low_why = v;
    }
    c->partial += v.weight == WEIGHT_DOUBT && !is_complete(field->text, word);
    if (v.weight >= WEIGHT_DOUBT && c->broken++ == 0) {
        c->first_broken = *word;
    }
}

/* The odd words from a place on, each at most GAP_BYTES behind the one before. */
static void
find_cluster(const struct tt_field *field, size_t from, struct cluster *c)
{
    struct tt_word word;
    struct region region = {0};
    size_t limit = from + GAP_BYTES;
    size_t most = field->text.len - from > TT_TWIN_BYTES_MAX ? from + TT_TWIN_BYTES_MAX : field->text.len;
    *c = (struct cluster) {.to = from};
    for (size_t pos = from; pos < limit && tt_word_next(field->text, pos, most, &word); pos = word.to) {
        if (word.kind == TT_WORD_PLAIN || word.kind == TT_WORD_TWINS) {
            continue; /* whole words of another script stand everywhere in its texts */
        }
        struct verdict v = judge(field->text, &word, &region);
        if (v.weight > WEIGHT_NONE) {
            add_word(field, &word, v, c);
            limit = word.to + GAP_BYTES;
        }
    }
}

/* The start of a word, back bytes before pos or a little later. */
static size_t
step_back(struct tt_str text, size_t pos, size_t back)
{
    size_t start = pos > back ? pos - back : 0;
    while (start > 0 && start < pos && text.ptr[start - 1] != ' ' && text.ptr[start - 1] != '\n') {
        start++;
    }
    return start;
}

/* Where an earlier window saw the first odd word of the cluster around pos, or pos. */
static size_t
earlier_start(const struct tt_field *field, size_t pos)
{
    struct tt_word word;
    struct region region = {0};
    size_t first = pos, last = 0;
    size_t end = pos < field->from ? pos : field->from;
    for (size_t at = step_back(field->text, pos, LOOK_BACK); tt_word_next(field->text, at, end, &word); at = word.to) {
        if (word.kind != TT_WORD_PLAIN && word.kind != TT_WORD_TWINS && judge(field->text, &word, &region).weight > WEIGHT_NONE) {
            first = last == 0 || word.from - last > GAP_BYTES ? word.from : first;
            last = word.to;
        }
    }
    return last > 0 && pos - last <= GAP_BYTES ? first : pos;
}

/* ---- reports ---- */

static const char *
script_name(uint8_t script)
{
    static const struct {
        uint8_t script;
        const char *name;
    } names[] = {
        {TT_SCRIPT_COMMON, "mathematical or fullwidth"},
        {TT_SCRIPT_LATIN, "fullwidth"},
        {TT_SCRIPT_GREEK, "Greek"},
        {TT_SCRIPT_CYRILLIC, "Cyrillic"},
        {TT_SCRIPT_ARMENIAN, "Armenian"},
        {TT_SCRIPT_HEBREW, "Hebrew"},
        {TT_SCRIPT_ARABIC, "Arabic"},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (names[i].script == script) {
            return names[i].name;
        }
    }
    return "another script";
}

static void
report_word(struct tt_look *look, const struct tt_word *word, enum tt_level level, const char *why)
{
    struct tt_finding f;
    struct tt_str reads = {"", 0};
    char letters[SPELLED_MAX];
    struct tt_str text = look->field->text;
    size_t n = spell(text, word, letters, sizeof(letters));
    enum tt_status status = tt_arena_dup(look->arena, tt_str_make(letters, n), &reads);
    if (status != TT_OK) {
        look->status = status;
        return;
    }
    const char *noun = word->kind == TT_WORD_NUMBER ? "a number " : "a word ";
    tt_look_begin(look, &f, level, word->start, word->to - word->start, tt_look_text(look, noun, why, NULL));
    tt_finding_add_text(&f, "script", tt_str_cstr(script_name(word->script)));
    if (reads.len > 0) {
        tt_finding_add_text(&f, "reads_as", reads);
    }
    if (look->status == TT_OK && level == TT_CANDIDATE) {
        tt_look_report_low(look, &f);
    } else if (look->status == TT_OK) {
        tt_look_report(look, &f);
    }
}

static void
report_together(struct tt_look *look, const struct cluster *c, const struct tt_payload *payload)
{
    const struct tt_word *word = c->broken ? &c->first_broken : &c->first;
    struct tt_forms_evidence e = {
        .level = payload ? TT_CONFIRMED : TT_SUSPICIOUS,
        .offset = word->start,
        .length = word->to - word->start,
        .to = c->to,
        .places = c->twins,
        .payload = payload,
    };
    if (payload) {
        e.message = tt_look_text(look, tt_look_number(look, c->twins), " look-alike letters carry readable text (",
                                 payload->format, ")", NULL);
    } else {
        e.bits = c->twins;
        e.message = tt_look_text(look, tt_look_number(look, c->broken),
                                 " words have letters of another script that look like their own", NULL);
    }
    tt_forms_report(look, &e);
}

/* Reports the broken words one by one. */
static void
report_singly(struct tt_look *look, size_t from, const struct cluster *c)
{
    struct tt_word word;
    struct region region = {0};
    for (size_t pos = from; look->status == TT_OK && tt_word_next(look->field->text, pos, c->to, &word); pos = word.to) {
        if (word.kind == TT_WORD_PLAIN || word.owner < look->field->from || word.owner >= look->field->to) {
            continue;
        }
        struct verdict v = judge(look->field->text, &word, &region);
        if (v.weight >= WEIGHT_DOUBT) {
            look->note[NOTE_REPORTED]++;
            report_word(look, &word, TT_SUSPICIOUS, v.why);
        }
    }
}

/* ---- visits ---- */

/* Reads a cluster.  Where no word breaks the rule, as in texts that were typed with the wrong keyboard, not again and again. */
static bool
read_cluster(struct tt_look *look, size_t from, const struct cluster *c, struct tt_payload *out)
{
    struct tt_str text = look->field->text;
    bool broken = c->broken > 0;
    if (c->twins < TWINS_MIN || (!broken && (c->twins < 2 * TWINS_MIN || look->note[NOTE_MISSES] >= MISSES_MAX))) {
        return false;
    }
    size_t to = text.len - c->to > AROUND_BYTES ? step_back(text, c->to + AROUND_BYTES, AROUND_BYTES / 4) : text.len;
    bool readable = tt_twin_read(look, step_back(text, from, AROUND_BYTES), to, broken, out);
    look->note[NOTE_MISSES] += !readable && !broken;
    return readable;
}

static void
visit_cluster(struct tt_look *look, size_t pos)
{
    struct cluster c;
    struct tt_payload payload;
    size_t from = look->field->from > 0 ? earlier_start(look->field, pos) : pos;
    find_cluster(look->field, from, &c);
    *look->done = c.to > *look->done ? c.to : *look->done;
    if (read_cluster(look, from, &c, &payload)) {
        if (from >= look->field->from) {
            report_together(look, &c, &payload); /* else the window that saw its beginning has reported it */
        }
    } else if (look->status != TT_OK) {
        return;
    } else if (c.abroad == 0 && (c.broken < HOME_WORDS || c.partial == 0)) {
        if (c.low > 0) {
            report_word(look, &c.first_low, TT_CANDIDATE, c.low_why.why);
        } else if (c.slips >= (tt_look_in_template(look) ? 1 : SLIPS_MIN)) {
            report_word(look, &c.first_slip, TT_CANDIDATE, c.slip_why.why);
        }
    } else if (look->note[NOTE_REPORTED] + c.broken > SINGLE_MAX && c.broken > 1) {
        report_together(look, &c, NULL);
    } else {
        report_singly(look, from, &c);
    }
}

static void
visit(struct tt_look *look, size_t pos, struct tt_rune rune)
{
    struct tt_word word = tt_word_at(look->field->text, pos);
    *look->done = word.to > pos + rune.len ? word.to : pos + rune.len;
    if (word.kind == TT_WORD_PLAIN || word.owner < look->field->from) {
        return;
    }
    struct region region = {0};
    struct verdict v = judge(look->field->text, &word, &region);
    if (v.weight == WEIGHT_NONE) {
        return;
    }
    if (word.kind == TT_WORD_TWINS) {
        report_word(look, &word, TT_CANDIDATE, v.why);
        return;
    }
    visit_cluster(look, word.from);
}

const struct tt_channel tt_channel_mixed_script = {
    .name = "mixed-script",
    .rule = "mark.mixed-script",
    .alphabet =
        "letters and digits that look like ASCII ones: Cyrillic, Greek, Armenian, Cherokee and others, fullwidth, mathematical",
    .capacity = "1 bit a letter that has a twin",
    .wake = TT_CHAR_TWIN,
    .visit = visit,
};
