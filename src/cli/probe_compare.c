/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale probe compare`: what changed between two probes, of two versions of a client for example.
 *
 * In: two folders of probes.  Out: what depends on what in one and not in the other.  The exit code is 1 when the second has a covert dependence
 * that the first has not.
 */
#include "base/limits.h"
#include "cli/probe.h"
#include "probe/factor.h"

/* Two dependences are the same where class, place and factors are; factors are compared by name, for plans may differ. */
static bool
has_same_factors(const struct tt_design *a, uint32_t in_a, const struct tt_design *b, uint32_t in_b)
{
    if (__builtin_popcount(in_a) != __builtin_popcount(in_b)) {
        return false;
    }
    for (size_t f = 0; f < a->factor_count; f++) {
        size_t g = in_a >> f & 1 ? tt_design_find(b, a->factors[f].name) : 0;
        if ((in_a >> f & 1) && (g == b->factor_count || !(in_b >> g & 1))) {
            return false;
        }
    }
    return true;
}

static bool
has_same_symbols(const struct tt_dependence *a, const struct tt_dependence *b)
{
    bool same = a->symbol_count == b->symbol_count;
    for (size_t i = 0; same && i < a->symbol_count && a->class > TT_CLASS_VISIBLE; i++) {
        same = a->symbols[i].absent == b->symbols[i].absent && tt_str_eq(a->symbols[i].value, b->symbols[i].value);
    }
    return same;
}

enum kinship { STRANGER, CHANGED, SAME };

static bool
has_same_place(const struct tt_probe *a, const struct tt_dependence *in_a, const struct tt_probe *b,
               const struct tt_dependence *in_b)
{
    return in_a->class == in_b->class && tt_str_eq(in_a->path, in_b->path) && tt_str_eq(in_a->request, in_b->request) &&
           has_same_factors(&a->job.design, in_a->factors, &b->job.design, in_b->factors);
}

/* Has the other one the same in its own probe?  Then it is no changed form of this one: a place may have several marks. */
static bool
has_twin(const struct tt_probe *probe, const struct tt_dependence *d, const struct tt_probe *in)
{
    for (size_t i = 0; i < in->conclusion->dependence_count; i++) {
        const struct tt_dependence *other = &in->conclusion->dependences[i];
        if (has_same_place(probe, d, in, other) && has_same_symbols(d, other)) {
            return true;
        }
    }
    return false;
}

static enum kinship
find_in(const struct tt_probe *from, const struct tt_dependence *d, const struct tt_probe *in)
{
    if (has_twin(from, d, in)) {
        return SAME;
    }
    for (size_t i = 0; i < in->conclusion->dependence_count; i++) {
        const struct tt_dependence *other = &in->conclusion->dependences[i];
        if (has_same_place(from, d, in, other) && !has_twin(in, other, from)) {
            return CHANGED;
        }
    }
    return STRANGER;
}

static void
add_dependence(struct tt_buf *out, const char *sign, const struct tt_probe *probe, const struct tt_dependence *d)
{
    const struct tt_design *design = &probe->job.design;
    tt_buf_add_cstr(out, sign);
    tt_buf_add_cstr(out, " probe.");
    tt_buf_add_cstr(out, tt_probe_class_name(d->class));
    tt_buf_add_cstr(out, "  ");
    tt_writer_add_safe(out, d->request);
    tt_buf_add_cstr(out, "  ");
    tt_writer_add_safe(out, d->path);
    tt_buf_add_cstr(out, "  ");
    tt_probe_add_factors(out, design, d->factors);
    tt_buf_add_char(out, '\n');
    for (size_t i = 0; i < d->symbol_count; i++) {
        if (!tt_probe_symbol_is_new(d, i)) {
            continue;
        }
        tt_buf_add_cstr(out, "      ");
        tt_probe_add_levels(out, design, d->factors, &d->symbols[i].condition);
        tt_buf_add_cstr(out, ": ");
        tt_probe_add_symbol(out, d->class, &d->symbols[i]);
        tt_buf_add_char(out, '\n');
    }
}

static bool
is_finding(const struct tt_dependence *d)
{
    return d->class > TT_CLASS_VOLATILE;
}

/* Lists what stands in from and not in the other; returns how many, and counts covert ones. */
static size_t
list_only(struct tt_buf *out, const char *sign, const struct tt_probe *from, const struct tt_probe *in, size_t *covert)
{
    size_t n = 0;
    for (size_t i = 0; i < from->conclusion->dependence_count; i++) {
        const struct tt_dependence *d = &from->conclusion->dependences[i];
        if (is_finding(d) && find_in(from, d, in) == STRANGER) {
            add_dependence(out, sign, from, d);
            *covert += tt_dependence_is_covert(d);
            n++;
        }
    }
    return n;
}

static size_t
list_changed(struct tt_buf *out, const struct tt_probe *before, const struct tt_probe *now)
{
    size_t n = 0;
    for (size_t i = 0; i < now->conclusion->dependence_count; i++) {
        const struct tt_dependence *d = &now->conclusion->dependences[i];
        if (is_finding(d) && find_in(now, d, before) == CHANGED) {
            add_dependence(out, "~", now, d);
            n++;
        }
    }
    return n;
}

/* "- before: qwen 0.15.10, 183 runs of which 4 failed, folder qwen-1", and the files that it was. */
static void
add_title(struct tt_buf *out, const char *sign, const struct tt_probe *probe, const char *folder)
{
    const struct tt_job *job = &probe->job;
    tt_buf_add_cstr(out, sign);
    tt_writer_add_safe(out, job->name);
    tt_buf_add_cstr(out, job->client_version.len > 0 ? " " : "");
    tt_writer_add_safe(out, job->client_version);
    tt_buf_add_cstr(out, ", ");
    tt_writer_add_count(out, probe->worked + probe->failed, "run");
    tt_buf_add_cstr(out, " of which ");
    tt_buf_add_u64(out, probe->failed);
    tt_buf_add_cstr(out, " failed, folder ");
    tt_writer_add_safe(out, tt_str_cstr(folder));
    tt_buf_add_char(out, '\n');
    for (size_t i = 0; i < job->client_count; i++) {
        tt_buf_add_cstr(out, "  sha-256 ");
        tt_buf_add(out, job->client[i].sha256);
        tt_buf_add_cstr(out, "  ");
        tt_writer_add_safe(out, job->client[i].path);
        tt_buf_add_char(out, '\n');
    }
}

/* What one of them did not vary cannot be found there. */
static void
add_unvaried(struct tt_buf *out, const char *words, const struct tt_probe *one, const struct tt_probe *other)
{
    bool any = false;
    for (size_t f = 0; f < one->job.design.factor_count; f++) {
        const struct tt_factor *factor = &one->job.design.factors[f];
        if (tt_design_find(&other->job.design, factor->name) == other->job.design.factor_count) {
            tt_buf_add_cstr(out, any ? ", " : words);
            tt_buf_add(out, factor->title);
            any = true;
        }
    }
    tt_buf_add_cstr(out, any ? "\n" : "");
}

static void
add_sum(struct tt_buf *out, size_t gone, size_t come, size_t changed)
{
    tt_buf_add_char(out, '\n');
    tt_buf_add_u64(out, gone);
    tt_buf_add_cstr(out, " only before, ");
    tt_buf_add_u64(out, come);
    tt_buf_add_cstr(out, " only after, ");
    tt_buf_add_u64(out, changed);
    tt_buf_add_cstr(out, " with other values.\n");
}

static enum tt_exit
compare(const struct tt_call *call, const struct tt_probe *before, const struct tt_probe *now)
{
    struct tt_buf out;
    size_t lost = 0, gained = 0;
    tt_buf_init(&out, call->cli->alloc, TT_OUTPUT_BUF_MAX);
    add_title(&out, "- before: ", before, call->args[0]);
    add_title(&out, "+ after:  ", now, call->args[1]);
    add_unvaried(&out, "! varied only before: ", before, now);
    add_unvaried(&out, "! varied only after:  ", now, before);
    tt_buf_add_char(&out, '\n');
    size_t gone = list_only(&out, "-", before, now, &lost);
    size_t come = list_only(&out, "+", now, before, &gained);
    size_t changed = list_changed(&out, before, now);
    if (gone + come + changed > 0) {
        add_sum(&out, gone, come, changed);
    } else {
        tt_buf_add_cstr(&out, "The same depends on the same in both.\n");
    }
    enum tt_exit code = tt_cli_deliver(call, &out);
    return code == TT_EXIT_OK && gained > 0 ? TT_EXIT_FINDINGS : code;
}

static enum tt_exit
run_compare(const struct tt_call *call)
{
    struct tt_probe_session sessions[2];
    enum tt_exit code = TT_EXIT_OK;
    size_t opened = 0;
    for (; opened < 2 && code == TT_EXIT_OK; opened++) {
        code = tt_probe_session_open(&sessions[opened], call, call->args[opened], NULL);
        code = code == TT_EXIT_OK ? tt_probe_session_go(&sessions[opened], false) : code;
    }
    if (code == TT_EXIT_OK) {
        code = compare(call, &sessions[0].probe, &sessions[1].probe);
    }
    while (opened > 0) {
        tt_probe_session_close(&sessions[--opened]);
    }
    return code;
}

const struct tt_command tt_command_probe_compare = {
    .name = "compare",
    .summary = "Show what changed between two probes",
    .usage = "[OPTION]... BEFORE AFTER",
    .description =
        "Reads two folders of probes, of two versions of a client for example, and lists what depends on what in one of them "
        "only "
        "(- and +) or in other values (~). Nothing is run. The exit code is 1 when AFTER has a covert dependence that BEFORE has "
        "not.",
    .uses = TT_USES_OUTPUT,
    .min_args = 2,
    .max_args = 2,
    .missing = "name the folders of two probes",
    .run = run_compare,
};
