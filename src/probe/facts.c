/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands around the findings of a probe; see findings.h.
 *
 * In: a conclusion and its job.  Out: lines for a person, or one JSON object.  Everything that a client wrote goes through the writers' own
 * escaping.
 */
#include "finding/writer.h"
#include "probe/findings.h"

#define SHOWN_MAX 40  /* lines of one list in text */
#define VALUE_MAX 100 /* bytes of a value in text */

static const char *const depth_names[] = {"quick", "default", "deep"};

/* ---- one thing each ---- */

void
tt_probe_add_untested(struct tt_buf *out, const struct tt_design *design, const struct tt_untested *untested)
{
    switch (untested->kind) {
    case TT_UNTESTED_RUN: tt_buf_add_cstr(out, untested->run ? "a run failed" : "runs failed"); break;
    case TT_UNTESTED_LEVEL: tt_buf_add_cstr(out, "no run of a level worked"); break;
    case TT_UNTESTED_HIT: tt_buf_add_cstr(out, "a difference was not confirmed"); break;
    case TT_UNTESTED_ROW: tt_buf_add_cstr(out, "a combination of levels is not explained"); break;
    case TT_UNTESTED_LIMIT: tt_buf_add_cstr(out, "not everything was compared"); break;
    case TT_UNTESTED_VOLATILE: tt_buf_add_cstr(out, "random bits were not compared with factors"); break;
    }
    if (untested->factors) {
        tt_buf_add_cstr(out, " (");
        tt_probe_add_factors(out, design, untested->factors);
        tt_buf_add_char(out, ')');
    }
    if (untested->detail.len > 0) {
        tt_buf_add_cstr(out, ": ");
        tt_writer_add_safe(out, untested->detail);
    }
    if (untested->run > 0) {
        tt_buf_add_cstr(out, ", run ");
        tt_buf_add_u64(out, untested->run);
    }
}

void
tt_probe_add_missing(struct tt_buf *out, const struct tt_probe_view *view)
{
    tt_buf_add_cstr(out, "the probe did not come to its end: ");
    tt_writer_add_count(out, view->missing, "run");
    tt_buf_add_cstr(out, " that were planned, and what they lead to, are missing; the same command with --out ");
    tt_writer_add_safe(out, view->folder);
    tt_buf_add_cstr(out, " goes on");
}

void
tt_probe_add_plan(struct tt_buf *out, const struct tt_job *job, const struct tt_plan_total *total)
{
    tt_buf_add_u64(out, total->least);
    tt_buf_add_cstr(out, " to ");
    tt_writer_add_count(out, total->most, "run");
    tt_buf_add_cstr(out, " of");
    for (size_t i = 0; i < job->argv_count; i++) {
        tt_buf_add_char(out, ' ');
        tt_writer_add_safe(out, job->argv[i]);
    }
    tt_buf_add_cstr(out, "\n\n");
    for (size_t f = 0; f < job->design.factor_count; f++) {
        const struct tt_factor *factor = &job->design.factors[f];
        tt_buf_add(out, factor->name);
        for (size_t pad = factor->name.len; pad < 14; pad++) {
            tt_buf_add_char(out, ' ');
        }
        for (size_t i = 0; i < factor->level_count; i++) {
            tt_buf_add_cstr(out, i ? ", " : "");
            tt_writer_add_safe(out, factor->levels[i].name);
        }
        tt_buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < job->left_out_count; i++) {
        tt_buf_add_cstr(out, i ? "" : "\n");
        tt_buf_add_cstr(out, "not varied: ");
        tt_writer_add_safe(out, job->left_out[i]);
        tt_buf_add_char(out, '\n');
    }
}

/* ---- text ---- */

static void
begin_line(struct tt_buf *out, const char *label)
{
    tt_buf_add_cstr(out, "  ");
    tt_buf_add_cstr(out, label);
    size_t len = strlen(label);
    do {
        tt_buf_add_char(out, ' ');
    } while (++len < 14);
}

static void
add_more(struct tt_buf *out, size_t count)
{
    if (count > SHOWN_MAX) {
        begin_line(out, "");
        tt_buf_add_cstr(out, "and ");
        tt_buf_add_u64(out, count - SHOWN_MAX);
        tt_buf_add_cstr(out, " more\n");
    }
}

static void
add_client(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_job *job = view->job;
    tt_buf_add_cstr(out, "\nThe client\n");
    begin_line(out, "command");
    for (size_t i = 0; i < job->argv_count; i++) {
        tt_buf_add_cstr(out, i ? " " : "");
        tt_writer_add_safe(out, job->argv[i]);
    }
    tt_buf_add_char(out, '\n');
    if (job->client_version.len > 0) {
        begin_line(out, "version");
        tt_writer_add_safe(out, job->client_version);
        tt_buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < job->client_count; i++) {
        begin_line(out, i ? "" : "sha-256");
        tt_buf_add(out, job->client[i].sha256);
        tt_buf_add_cstr(out, "  ");
        tt_writer_add_safe(out, job->client[i].path);
        tt_buf_add_char(out, '\n');
    }
    begin_line(out, "runs");
    tt_buf_add_u64(out, view->run_count);
    tt_buf_add_cstr(out, ", of which ");
    tt_buf_add_u64(out, view->failed);
    tt_buf_add_cstr(out, " failed; ");
    if (view->missing > 0) {
        tt_buf_add_u64(out, view->missing);
        tt_buf_add_cstr(out, " more are missing; ");
    }
    tt_buf_add_cstr(out, depth_names[job->depth]);
    tt_buf_add_cstr(out, " plan, seed ");
    tt_buf_add_u64(out, job->seed);
    tt_buf_add_cstr(out, "\n");
    if (view->failed > 0) {
        begin_line(out, "failed");
        tt_buf_add_cstr(out, view->failed > 1 ? "the first: " : "");
        tt_writer_add_safe(out, view->first_failed);
        tt_buf_add_cstr(out, "\n");
    }
    if (view->end_of_first.len > 0) {
        begin_line(out, "ended");
        tt_buf_add_cstr(out, "in the first run, ");
        tt_writer_add_safe(out, view->end_of_first);
        tt_buf_add_char(out, '\n');
    }
    for (size_t i = 0; i < job->left_out_count; i++) {
        begin_line(out, i ? "" : "not varied");
        tt_writer_add_safe(out, job->left_out[i]);
        tt_buf_add_char(out, '\n');
    }
    begin_line(out, "compared");
    tt_writer_add_count(out, view->conclusion->requests, "request");
    tt_buf_add_cstr(out, " of a run, ");
    tt_buf_add_u64(out, view->conclusion->leaves);
    tt_buf_add_cstr(out, " leaves\n");
}

/* Do two marks of these factors stand in one line? */
static bool
is_one_line(const struct tt_dependence *a, const struct tt_dependence *b, uint32_t factors)
{
    return b->class > TT_CLASS_VISIBLE && (a->factors | b->factors) == factors && a->factors != b->factors &&
           a->symbol_count > 0 && b->symbol_count > 0 && tt_str_eq(a->path, b->path) && tt_str_eq(a->request, b->request) &&
           tt_str_eq(a->symbols[0].line, b->symbols[0].line);
}

/*
 * Is it worth a line what several factors come to together?  Where they have nothing to do with each other it is the sum, or less where not all
 * combinations were run.
 */
static bool
is_joint(const struct tt_conclusion *c, const struct tt_factor_bits *row)
{
    double sum = 0;
    for (size_t i = 0; i < c->bit_count; i++) {
        bool part = __builtin_popcount(c->bits[i].factors) == 1 && (c->bits[i].factors & row->factors);
        sum += part ? c->bits[i].bits : 0;
    }
    for (size_t i = 0; i < c->dependence_count; i++) {
        const struct tt_dependence *a = &c->dependences[i];
        if (a->class > TT_CLASS_VISIBLE && (a->factors | a->gates) == row->factors) {
            return true;
        }
        for (size_t k = 0; k < i && a->class > TT_CLASS_VISIBLE && row->bits > sum - 0.01; k++) {
            if (is_one_line(a, &c->dependences[k], row->factors)) {
                return true;
            }
        }
    }
    return false;
}

static void
add_bits(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    if (c->bit_count > 0) {
        tt_buf_add_cstr(out, "\nCovert bits, over the levels tested\n");
    }
    for (size_t i = 0; i < c->bit_count; i++) {
        if (__builtin_popcount(c->bits[i].factors) > 1 && !is_joint(c, &c->bits[i])) {
            continue;
        }
        begin_line(out, "");
        tt_buf_add_cstr(out, "\u2265 ");
        tt_probe_add_decimal(out, c->bits[i].bits);
        tt_buf_add_cstr(out, "  ");
        tt_probe_add_factors(out, &view->job->design, c->bits[i].factors);
        tt_buf_add_cstr(out, " (");
        tt_writer_add_count(out, c->bits[i].symbols, "symbol");
        tt_buf_add_cstr(out, ")\n");
    }
}

static void
add_open_facts(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    tt_buf_add_cstr(out, c->fact_count > 0 ? "\nSent openly\n" : "");
    for (size_t i = 0; i < c->fact_count && i < SHOWN_MAX; i++) {
        begin_line(out, "");
        tt_probe_add_factors(out, &view->job->design, c->facts[i].factors);
        tt_buf_add_cstr(out, ": ");
        tt_writer_add_safe(out, c->facts[i].path);
        tt_buf_add_cstr(out, " = ");
        tt_writer_add_safe(out, tt_str_slice(c->facts[i].value, 0, VALUE_MAX));
        tt_buf_add_char(out, '\n');
    }
    add_more(out, c->fact_count);
}

static void
add_volatiles(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    tt_buf_add_cstr(out, c->volatile_count > 0 ? "\nDifferent without a cause that was varied\n" : "");
    for (size_t i = 0; i < c->volatile_count && i < SHOWN_MAX; i++) {
        begin_line(out, "");
        tt_writer_add_safe(out, c->volatiles[i].path);
        tt_buf_add_cstr(out, ": ");
        tt_writer_add_safe(out, c->volatiles[i].shape);
        if (c->volatiles[i].places > 1) {
            tt_buf_add_cstr(out, " at ");
            tt_buf_add_u64(out, c->volatiles[i].places);
            tt_buf_add_cstr(out, " places");
        }
        tt_buf_add_cstr(out, ", at most ");
        tt_probe_add_decimal(out, c->volatiles[i].capacity);
        tt_buf_add_cstr(out, c->volatiles[i].audited ? " random bits, audited\n" : " random bits, not audited\n");
    }
    add_more(out, c->volatile_count);
}

static void
add_destinations(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    tt_buf_add_cstr(out, c->destination_count > 0 ? "\nDestinations tried\n" : "");
    for (size_t i = 0; i < c->destination_count && i < SHOWN_MAX; i++) {
        begin_line(out, tt_contact_kind_name(c->destinations[i].kind));
        tt_writer_add_safe(out, c->destinations[i].name);
        tt_buf_add_cstr(out, c->destinations[i].nameless ? " without a server name, in " : ", in ");
        tt_writer_add_count(out, c->destinations[i].runs, "run");
        tt_buf_add_char(out, '\n');
    }
    add_more(out, c->destination_count);
}

static void
add_fingerprints(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    tt_buf_add_cstr(out, c->fingerprint_count > 0 ? "\nHeaders, in their order\n" : "");
    for (size_t i = 0; i < c->fingerprint_count && i < SHOWN_MAX; i++) {
        struct tt_str headers = c->fingerprints[i].headers, name;
        begin_line(out, "");
        tt_writer_add_safe(out, c->fingerprints[i].request);
        for (size_t n = 0; tt_writer_next_item(&headers, &name); n++) {
            tt_buf_add_cstr(out, n ? ", " : ": ");
            tt_writer_add_safe(out, name);
        }
        tt_buf_add_char(out, '\n');
    }
    add_more(out, c->fingerprint_count);
}

void
tt_probe_facts_text(const struct tt_probe_view *view, struct tt_buf *out)
{
    add_bits(out, view);
    add_open_facts(out, view);
    add_volatiles(out, view);
    add_destinations(out, view);
    add_fingerprints(out, view);
    add_client(out, view);
    tt_buf_add_cstr(
        out, "\nThe client could see: one network device (lo), a clock that starts at a chosen instant, a local authority in its "
             "variables,\n"
             "no terminal. Not tested: other commands and modes, later turns, levels that are not named, marks behind three "
             "conditions,\n"
             "keyed codes in random values, when and how fast requests are sent, times of files.\n");
}

/* ---- JSON ---- */

static void
add_names(struct tt_buf *out, const struct tt_design *design, uint32_t factors)
{
    bool first = true;
    tt_buf_add_char(out, '[');
    for (size_t f = 0; f < design->factor_count; f++) {
        if (factors >> f & 1) {
            tt_buf_add_cstr(out, first ? "" : ",");
            tt_json_add_string(out, design->factors[f].name);
            first = false;
        }
    }
    tt_buf_add_char(out, ']');
}

static void
json_client(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_job *job = view->job;
    bool first = true;
    tt_buf_add_cstr(out, "\"client\":{");
    tt_json_add_text_member(out, &first, "name", job->name);
    tt_json_add_text_member(out, &first, "version", job->client_version);
    tt_json_add_key(out, &first, "command");
    for (size_t i = 0; i < job->argv_count; i++) {
        tt_buf_add_char(out, i ? ',' : '[');
        tt_json_add_string(out, job->argv[i]);
    }
    tt_buf_add_cstr(out, "],\"files\":[");
    for (size_t i = 0; i < job->client_count; i++) {
        bool member = true;
        tt_buf_add_cstr(out, i ? ",{" : "{");
        tt_json_add_text_member(out, &member, "path", job->client[i].path);
        tt_json_add_text_member(out, &member, "sha256", job->client[i].sha256);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_cstr(out, "]}");
}

static void
json_plan(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_job *job = view->job;
    bool first = true;
    tt_buf_add_cstr(out, ",\"plan\":{");
    tt_json_add_text_member(out, &first, "depth", tt_str_cstr(depth_names[job->depth]));
    tt_json_add_u64_member(out, &first, "seed", job->seed);
    tt_json_add_u64_member(out, &first, "runs", view->run_count);
    tt_json_add_u64_member(out, &first, "failed", view->failed);
    tt_json_add_u64_member(out, &first, "missing", view->missing);
    tt_json_add_key(out, &first, "factors");
    tt_buf_add_char(out, '{');
    for (size_t f = 0; f < job->design.factor_count; f++) {
        const struct tt_factor *factor = &job->design.factors[f];
        tt_buf_add_cstr(out, f ? "," : "");
        tt_json_add_string(out, factor->name);
        for (size_t i = 0; i < factor->level_count; i++) {
            tt_buf_add_cstr(out, i ? "," : ":[");
            tt_json_add_string(out, factor->levels[i].name);
        }
        tt_buf_add_char(out, ']');
    }
    tt_buf_add_cstr(out, "},\"left_out\":[");
    for (size_t i = 0; i < job->left_out_count; i++) {
        tt_buf_add_cstr(out, i ? "," : "");
        tt_json_add_string(out, job->left_out[i]);
    }
    tt_buf_add_cstr(out, "]}");
}

static void
json_bits(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    tt_buf_add_cstr(out, ",\"bits\":[");
    for (size_t i = 0; i < c->bit_count; i++) {
        tt_buf_add_cstr(out, i ? ",{\"factors\":" : "{\"factors\":");
        add_names(out, &view->job->design, c->bits[i].factors);
        tt_buf_add_cstr(out, ",\"bits\":");
        tt_probe_add_decimal(out, c->bits[i].bits);
        tt_buf_add_cstr(out, ",\"symbols\":");
        tt_buf_add_u64(out, c->bits[i].symbols);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_char(out, ']');
}

static void
json_facts(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    tt_buf_add_cstr(out, ",\"sent_openly\":[");
    for (size_t i = 0; i < c->fact_count; i++) {
        bool first = false;
        tt_buf_add_cstr(out, i ? ",{\"factors\":" : "{\"factors\":");
        add_names(out, &view->job->design, c->facts[i].factors);
        tt_json_add_text_member(out, &first, "request", c->facts[i].request);
        tt_json_add_text_member(out, &first, "path", c->facts[i].path);
        tt_json_add_text_member(out, &first, "value", c->facts[i].value);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_char(out, ']');
}

static void
json_destinations(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    tt_buf_add_cstr(out, ",\"destinations\":[");
    for (size_t i = 0; i < c->destination_count; i++) {
        bool first = true;
        tt_buf_add_cstr(out, i ? ",{" : "{");
        tt_json_add_text_member(out, &first, "kind", tt_str_cstr(tt_contact_kind_name(c->destinations[i].kind)));
        tt_json_add_text_member(out, &first, "name", c->destinations[i].name);
        tt_json_add_u64_member(out, &first, "runs", c->destinations[i].runs);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_char(out, ']');
}

static void
json_fingerprints(struct tt_buf *out, const struct tt_probe_view *view)
{
    const struct tt_conclusion *c = view->conclusion;
    tt_buf_add_cstr(out, ",\"fingerprints\":[");
    for (size_t i = 0; i < c->fingerprint_count; i++) {
        struct tt_str headers = c->fingerprints[i].headers, name;
        bool first = true;
        tt_buf_add_cstr(out, i ? ",{" : "{");
        tt_json_add_text_member(out, &first, "request", c->fingerprints[i].request);
        tt_json_add_key(out, &first, "headers");
        tt_buf_add_char(out, '[');
        for (size_t n = 0; tt_writer_next_item(&headers, &name); n++) {
            tt_buf_add_cstr(out, n ? "," : "");
            tt_json_add_string(out, name);
        }
        tt_buf_add_char(out, ']');
        tt_json_add_text_member(out, &first, "client_hello", c->fingerprints[i].hello);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_char(out, ']');
}

void
tt_probe_facts_json(const struct tt_probe_view *view, struct tt_buf *out)
{
    tt_buf_add_cstr(out, "{\"type\":\"probe\",");
    json_client(out, view);
    json_plan(out, view);
    json_bits(out, view);
    json_facts(out, view);
    json_destinations(out, view);
    json_fingerprints(out, view);
    tt_buf_add_cstr(out, ",\"leaves\":");
    tt_buf_add_u64(out, view->conclusion->leaves);
    tt_buf_add_cstr(out, ",\"requests\":");
    tt_buf_add_u64(out, view->conclusion->requests);
    tt_buf_add_cstr(out, "}\n");
}
