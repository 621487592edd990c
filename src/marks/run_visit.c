/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hidden-run channels do where the engine stops: judge the run, read it alone, with its line or with the whole field.
 *
 * Many writers put one symbol behind each letter or group, so that a run says nothing by itself.  Input: a position.  Output:
 * reports, and how far the channel is done.  Scratch lives in the look's arena, which is emptied between reports of one
 * visit: the sink has taken its copy by then.
 *
 * Bounds: a line is read together once.  A field is surveyed from an odd character on; either fewer than kind->together odd
 * characters are left then, so that this happens that often at most, or the visit deals with the whole rest of the field.
 */
#include "marks/run.h"

#include "base/limits.h"

#define SHOWN_MAX 8192 /* runs of a stretch for which it is asked whether the text is about them; more are no table */

/* A choice of hidden characters that may belong together. */
struct selection {
    uint32_t *cp;
    size_t n;     /* stored, at most cap */
    size_t cap;   /* at most TT_RUN_MAX */
    size_t total; /* there are */
};

/* Hidden characters of one stretch of a field. */
struct survey {
    struct selection all;   /* every one: the cover may make some of them legitimate */
    struct selection odd;   /* those that no rule accepts */
    struct selection small; /* the odd ones of short runs */
    size_t broken;          /* among small: of broken runs */
    size_t longest;         /* characters of an odd run */
    struct tt_run first, first_small;
    size_t to, to_small; /* end of the last odd run */
};

static void
add_symbols(struct selection *selection, struct tt_str text, const struct tt_run *run)
{
    selection->total += run->count;
    for (size_t pos = run->from; pos < run->to && selection->n < selection->cap;) {
        struct tt_rune rune = tt_utf8_next(text, pos);
        selection->cp[selection->n++] = rune.cp;
        pos += rune.len;
    }
}

static void
survey_run(const struct tt_field *field, const struct tt_run_kind *kind, const struct tt_run *run, struct survey *s)
{
    enum tt_judgement judgement = kind->judge(field, run).judgement;
    add_symbols(&s->all, field->text, run);
    if (judgement < TT_JUDGE_UNUSUAL) {
        return;
    }
    s->first = s->odd.total == 0 ? *run : s->first;
    s->to = run->to;
    s->longest = run->count > s->longest ? run->count : s->longest;
    add_symbols(&s->odd, field->text, run);
    if (run->count < kind->alone) {
        s->first_small = s->small.total == 0 ? *run : s->first_small;
        s->to_small = run->to;
        s->broken += judgement == TT_JUDGE_BROKEN ? run->count : 0;
        add_symbols(&s->small, field->text, run);
    }
}

static bool
survey_init(struct tt_look *look, size_t bytes, struct survey *s)
{
    size_t most = bytes / 2 < TT_RUN_MAX ? bytes / 2 : TT_RUN_MAX; /* a symbol has two bytes or more */
    *s = (struct survey) {.all.cp = tt_arena_get(look->arena, most * sizeof(uint32_t) + 1),
                          .odd.cp = tt_arena_get(look->arena, most * sizeof(uint32_t) + 1),
                          .small.cp = tt_arena_get(look->arena, most * sizeof(uint32_t) + 1)};
    s->all.cap = s->odd.cap = s->small.cap = most;
    if (!s->all.cp || !s->odd.cp || !s->small.cp) {
        look->status = TT_E_MEMORY;
        return false;
    }
    return true;
}

/* Looks at every run that starts in from..to. */
static bool
survey(struct tt_look *look, const struct tt_run_kind *kind, size_t from, size_t to, struct survey *s)
{
    /* The last run may reach beyond the searched part of the field, but never beyond the text or a line. */
    size_t end = to < look->field->to ? to : look->field->text.len;
    if (!survey_init(look, end - from, s)) {
        return false;
    }
    size_t runs = 0;
    for (size_t pos = from; pos < to;) {
        struct tt_run run = tt_run_next(look->field, pos, to, kind->flags);
        run.crowded = runs++ > SHOWN_MAX;
        if (run.count > 0) {
            survey_run(look->field, kind, &run, s);
        }
        pos = run.to;
    }
    return true;
}

/* ---- reading ---- */

bool
tt_run_read(struct tt_look *look, struct tt_run_evidence *e)
{
    enum tt_status status = tt_payload_read(look->arena, e->symbols, e->n, &e->readings);
    if (status != TT_OK) {
        look->status = status;
        return false;
    }
    return e->readings.count > 0 && e->readings.best[0].grade >= TT_GRADE_FRAMED;
}

static bool
read_selection(struct tt_look *look, const struct tt_run_kind *kind, const struct selection *selection, struct tt_run_evidence *e)
{
    e->symbols = selection->cp;
    e->n = selection->n;
    e->total = selection->total;
    if (selection->total < kind->together || tt_run_variety(selection->cp, selection->n) < 2) {
        return false;
    }
    return tt_run_read(look, e);
}

/* Reads the selections of a survey that say more than the run alone. */
static bool
read_survey(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run, const struct survey *s,
            struct tt_run_evidence *e)
{
    *e = (struct tt_run_evidence) {.run = s->first, .to = s->to, .why = "spread over the text"};
    if (kind->single && s->longest > 1) {
        return false;
    }
    if (s->all.total > run->count && read_selection(look, kind, &s->all, e)) {
        return true;
    }
    if (s->odd.total > run->count && s->odd.total < s->all.total && read_selection(look, kind, &s->odd, e)) {
        return true;
    }
    return s->small.total > run->count && s->small.total < s->odd.total && read_selection(look, kind, &s->small, e);
}

/* ---- reporting ---- */

/* A broken run by itself. */
static void
report_broken(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run, const char *why)
{
    struct tt_run_evidence e = {.run = *run, .to = run->to, .total = run->count, .why = why};
    e.symbols = tt_run_symbols(look, run->from, run->to, kind->flags, &e.n);
    if (!e.symbols) {
        return;
    }
    if (e.n > 1) {
        tt_run_read(look, &e);
    }
    tt_run_report(look, kind, &e);
}

/* A long run that can be read needs no company. */
static bool
report_readable(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run)
{
    struct tt_run_evidence e = {.run = *run, .to = run->to, .total = run->count, .why = ""};
    if (run->count < kind->alone) {
        return false;
    }
    e.symbols = tt_run_symbols(look, run->from, run->to, kind->flags, &e.n);
    if (!e.symbols || !tt_run_read(look, &e)) {
        return false;
    }
    tt_run_report(look, kind, &e);
    return true;
}

/* Reads the rest of the run's line together, of which s is the survey then; where it ends is *end. */
static bool
read_line(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run, struct survey *s, size_t *end)
{
    struct tt_run_evidence e;
    *end = tt_run_line_end(look->field, run->from);
    if (!survey(look, kind, tt_run_line_start(look->field, run->from), *end, s) || !read_survey(look, kind, run, s, &e)) {
        return false;
    }
    tt_run_report(look, kind, &e);
    return true;
}

static bool
report_line(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run, size_t *end)
{
    struct survey s;
    return read_line(look, kind, run, &s, end);
}

/*
 * Are the odd characters of short runs a matter of their own?  Half of them break a rule, or one place is full of different
 * ones.  Otherwise a long text has gathered habits, which stay low.
 */
static bool
is_pattern(const struct tt_run_kind *kind, const struct survey *s)
{
    size_t stretch = s->to_small - s->first_small.from;
    bool dense = stretch / 64 < s->small.total && tt_run_variety(s->small.cp, s->small.n) >= 2;
    return s->small.total >= kind->together && (s->broken * 2 >= s->small.total || dense);
}

static void
report_pattern(struct tt_look *look, const struct tt_run_kind *kind, const struct survey *s)
{
    struct tt_run_evidence e = {
        .run = s->first_small,
        .to = s->to_small,
        .symbols = s->small.cp,
        .n = s->small.n,
        .total = s->small.total,
        .why = "spread over the text",
    };
    tt_run_report(look, kind, &e);
}

/* A sweep through a stretch that was surveyed. */
struct sweep {
    bool skip_short; /* short odd runs have been reported together */
    size_t line;     /* lines up to here were read together */
    size_t runs;
};

/* One run of a sweep; returns where to go on. */
static size_t
sweep_run(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run, struct sweep *sweep)
{
    bool skip = run->count < kind->alone && sweep->skip_short;
    if (skip && run->from < sweep->line) {
        return run->to;
    }
    struct tt_verdict verdict = kind->judge(look->field, run);
    if (verdict.judgement < TT_JUDGE_UNUSUAL || report_readable(look, kind, run)) {
        return run->to;
    }
    if (run->from >= sweep->line && report_line(look, kind, run, &sweep->line)) {
        return sweep->line > run->to ? sweep->line : run->to;
    }
    if (skip) {
        return run->to;
    }
    if (verdict.judgement == TT_JUDGE_BROKEN) {
        report_broken(look, kind, run, verdict.why);
    } else {
        tt_run_report_unusual(look, run, verdict);
    }
    return run->to;
}

static void
sweep_stretch(struct tt_look *look, const struct tt_run_kind *kind, size_t from, size_t to, struct sweep *sweep)
{
    for (size_t pos = from; pos < to && look->status == TT_OK;) {
        struct tt_run run = tt_run_next(look->field, pos, to, kind->flags);
        run.crowded = sweep->runs++ > SHOWN_MAX;
        pos = run.count > 0 ? sweep_run(look, kind, &run, sweep) : to;
        tt_arena_reset(look->arena);
    }
}

void
tt_run_sweep(struct tt_look *look, const struct tt_run_kind *kind, size_t from, size_t to, bool skip_short)
{
    struct sweep sweep = {.skip_short = skip_short, .line = from};
    sweep_stretch(look, kind, from, to, &sweep);
}

/*
 * Deals with the whole rest of the field if it holds many odd characters.  read: the run's line has been read; s is its survey then.
 */
static bool
visit_field(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run, struct survey *s, bool read)
{
    struct tt_run_evidence e;
    size_t line = tt_run_line_end(look->field, run->from);
    bool whole = read && line == look->field->to;
    if (!whole && !survey(look, kind, run->from, look->field->to, s)) {
        return true;
    }
    if (s->odd.total < kind->together || s->odd.total == run->count) {
        return look->status != TT_OK;
    }
    *look->done = look->field->to > s->to ? look->field->to : s->to;
    if (!whole && read_survey(look, kind, run, s, &e)) {
        tt_run_report(look, kind, &e);
        return true;
    }
    struct sweep sweep = {.skip_short = is_pattern(kind, s), .line = read || line == look->field->to ? line : run->from};
    if (sweep.skip_short && look->status == TT_OK) {
        report_pattern(look, kind, s);
    }
    tt_arena_reset(look->arena);
    sweep_stretch(look, kind, run->from, look->field->to, &sweep);
    return true;
}

static size_t
bytes_read(const struct tt_run_evidence *e)
{
    return e->readings.count > 0 && e->readings.best[0].grade >= TT_GRADE_FRAMED ? e->readings.best[0].bytes.len : 0;
}

/*
 * Once a field: is the run the beginning of a message that goes on in other runs?  Each of them may say a part of it, or by chance
 * something else, so the whole is preferred when it says more.
 */
static bool
report_whole(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run)
{
    struct survey s;
    struct tt_run_evidence e, alone = {.n = 0};
    if (kind->single || run->count < 2 || !tt_look_ask_once(look)) {
        return false;
    }
    if (!survey(look, kind, run->from, look->field->to, &s) || s.all.total == run->count || s.all.total > TT_RUN_MAX ||
        !read_survey(look, kind, run, &s, &e)) {
        return false;
    }
    alone.symbols = e.symbols;
    alone.n = run->count < e.n ? run->count : e.n;
    if (look->status != TT_OK || (tt_run_read(look, &alone) && bytes_read(&alone) + 4 > bytes_read(&e))) {
        return false;
    }
    *look->done = s.to > look->field->to ? s.to : look->field->to;
    tt_run_report(look, kind, &e);
    return true;
}

/* An unusual or broken run: what it belongs to is looked for before it is reported by itself. */
static void
visit_odd(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run, struct tt_verdict verdict)
{
    struct survey s;
    size_t end;
    bool broken = verdict.judgement == TT_JUDGE_BROKEN;
    if (broken) {
        if (report_whole(look, kind, run) || report_readable(look, kind, run)) {
            return;
        }
        if (read_line(look, kind, run, &s, &end)) {
            *look->done = end > run->to ? end : run->to;
            return;
        }
    } else if (run->count >= kind->alone) {
        tt_run_report_unusual(look, run, verdict);
        return;
    }
    if (kind->odd && kind->odd(look, run)) {
        return;
    }
    if (look->status != TT_OK || visit_field(look, kind, run, &s, broken)) {
        return;
    }
    if (broken) {
        report_broken(look, kind, run, verdict.why);
    } else if (!kind->habit || !kind->habit(look, run)) {
        tt_run_report_unusual(look, run, verdict);
    }
}

#define COMPANY_BYTES 512 /* how far the first character of this channel may be */

/*
 * A message may begin with symbols that are a matter of another channel.  They count only if what follows can be read with
 * them; otherwise each channel deals with its own.
 */
static void
visit_company(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run)
{
    struct survey s;
    struct tt_run_evidence e;
    size_t end = look->field->to - run->to > COMPANY_BYTES ? run->to + COMPANY_BYTES : look->field->to;
    struct tt_run odd = {.to = run->to};
    do {
        odd = tt_run_next(look->field, odd.to, end, kind->flags);
    } while (odd.count > 0 && kind->judge(look->field, &odd).judgement < TT_JUDGE_UNUSUAL);
    if (odd.count == 0) {
        *look->done =
            run->to + (end - run->to) / 2; /* half the reach is kept for those behind, and each byte is seen twice at most */
        return;
    }
    *look->done = odd.from;
    const size_t stretches[] = {tt_run_line_end(look->field, run->from), look->field->to};
    for (size_t i = 0; i < TT_RUN_COUNT(stretches) && look->status == TT_OK; i++) {
        if (survey(look, kind, run->from, stretches[i], &s) && read_selection(look, kind, &s.all, &e)) {
            e.run = *run;
            e.to = s.to;
            e.why = "";
            *look->done = stretches[i] > s.to ? stretches[i] : s.to;
            tt_run_report(look, kind, &e);
            return;
        }
        tt_arena_reset(look->arena);
    }
}

/* A run that nothing is read together with: the text shows it, or it was written as escapes, which the reader of a file sees. */
static void
visit_alone(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run *run, struct tt_verdict verdict)
{
    if (report_readable(look, kind, run) || look->status != TT_OK) {
        return;
    }
    if (verdict.judgement == TT_JUDGE_BROKEN) {
        report_broken(look, kind, run, verdict.why);
    } else if (verdict.judgement != TT_JUDGE_COMPANY) {
        tt_run_report_unusual(look, run, verdict);
    }
}

void
tt_run_visit(struct tt_look *look, const struct tt_run_kind *kind, size_t pos)
{
    if (pos < tt_run_text_start(look->field)) {
        return;
    }
    struct tt_run run = tt_run_at(look->field, pos, kind->flags);
    *look->done = run.to;
    if (run.tail) {
        return;
    }
    struct tt_verdict verdict = kind->judge(look->field, &run);
    if (verdict.judgement == TT_JUDGE_LEGITIMATE) {
        *look->kept = 1; /* the document has a use for such characters */
        return;
    }
    if (verdict.judgement == TT_JUDGE_SHOWN || look->field->escaped) {
        visit_alone(look, kind, &run, verdict);
    } else if (verdict.judgement == TT_JUDGE_COMPANY) {
        visit_company(look, kind, &run);
    } else if (verdict.judgement >= TT_JUDGE_UNUSUAL) {
        visit_odd(look, kind, &run, verdict);
    } else if (verdict.judgement == TT_JUDGE_HABIT && (!kind->habit || !kind->habit(look, &run))) {
        tt_run_report_unusual(look, &run, verdict);
    }
}
