/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale marks normalise`: takes proven marks of named channels out of a file.
 *
 * A file in; out the same bytes but for the symbols of proven sites, and a record: SHA-256 of before and after, and each edit with
 * its place, the bytes that stood there and what stands there now.  Nothing is changed unless the person names the channel; with --check nothing
 * is written at all.  The record holds the symbols only, never the text around them.
 */
#include "base/hash.h"
#include "base/limits.h"
#include "cli/learned_files.h"
#include "cli/marks.h"
#include "cli/output.h"
#include "finding/writer.h"
#include "marks/normalise.h"
#include "text/visible.h"

struct normalise_settings {
    struct tt_marks_settings shared;
    const char *channels, *record;
    struct tt_option_list learned;
    bool explicit, check;
};

#define DATELINE "mark.dateline"
#define LEARNED "mark.learned-site"

/* One run.  Lists that grow live in buffers of bytes. */
struct run {
    const struct tt_call *call;
    const char *path;
    struct tt_str raw;
    const char *rules[TT_CHANNELS_MAX]; /* of the channels that were named */
    size_t rule_count;
    bool explicit;             /* every date line is a site: the person says so, or variation has proven it */
    struct tt_learned learned; /* sites that a probe has proven, and the person has named */
    struct tt_buf edits;
    uint64_t proven, unproven; /* findings of the named channels */
};

static const struct tt_edit *
edits_of(const struct run *run, size_t *count)
{
    *count = run->edits.len / sizeof(struct tt_edit);
    return (const struct tt_edit *) (const void *) run->edits.ptr;
}

/* ---- which channels ---- */

static enum tt_exit
add_channel(struct run *run, struct tt_str name)
{
    const struct tt_channel *channel = tt_channel_find(name);
    if (!channel) {
        return tt_marks_unknown(run->call, "--channel: ", name);
    }
    if (!tt_normalise_knows(channel->rule)) {
        return tt_cli_complain(run->call->cli, TT_EXIT_USAGE,
                               "--channel: '%s' has no plain form to go back to; " TT_NORMALISE_CHANNELS " have one",
                               channel->name);
    }
    if (run->rule_count < TT_CHANNELS_MAX) {
        run->rules[run->rule_count++] = channel->rule;
    }
    return TT_EXIT_OK;
}

/* "tags,zero-width"; who names sites need name no channel. */
static enum tt_exit
read_channels(struct run *run, const char *list)
{
    if (!list && run->learned.count > 0) {
        return TT_EXIT_OK;
    }
    if (!list) {
        return tt_cli_complain(
            run->call->cli, TT_EXIT_USAGE,
            "--channel and --learned are missing: nothing is changed unless you name what; " TT_NORMALISE_CHANNELS
            " can be normalised");
    }
    enum tt_exit code = TT_EXIT_OK;
    while (code == TT_EXIT_OK && *list) {
        size_t n = strcspn(list, ",");
        code = add_channel(run, tt_str_make(list, n));
        list += n + (list[n] == ',');
    }
    if (code == TT_EXIT_OK && run->rule_count == 0) {
        code = tt_cli_complain(run->call->cli, TT_EXIT_USAGE, "--channel: the list is empty");
    }
    return code;
}

static bool
is_named(const struct run *run, const struct tt_finding *f)
{
    for (size_t i = 0; i < run->rule_count; i++) {
        if (strcmp(run->rules[i], f->rule->id) == 0) {
            return true;
        }
    }
    return strcmp(f->rule->id, LEARNED) == 0;
}

/* ---- edits ---- */

/* A first look: has variation proven the date line? */
static enum tt_status
take_proof(void *ctx, const struct tt_finding *f)
{
    struct run *run = ctx;
    run->explicit = run->explicit || (f->level == TT_CONFIRMED && strcmp(f->rule->id, DATELINE) == 0);
    return TT_OK;
}

/* Adds an edit in its place; one that overlaps another says the same of the same symbol. */
static enum tt_status
insert(struct run *run, const struct tt_edit *edit)
{
    size_t count, at;
    const struct tt_edit *edits = edits_of(run, &count);
    for (at = count; at > 0 && edits[at - 1].offset > edit->offset; at--) {
    }
    bool before = at > 0 && edits[at - 1].offset + edits[at - 1].length > edit->offset;
    bool behind = at < count && edit->offset + edit->length > edits[at].offset;
    if (before || behind) {
        return TT_OK;
    }
    struct tt_edit *moved = (struct tt_edit *) (void *) tt_buf_reserve(&run->edits, sizeof(*edit));
    if (!moved) {
        return run->edits.status;
    }
    run->edits.len += sizeof(*edit);
    moved -= count - at;
    memmove(moved + 1, moved, (count - at) * sizeof(*edit));
    *moved = *edit;
    return TT_OK;
}

static enum tt_status
take_finding(void *ctx, const struct tt_finding *f)
{
    struct run *run = ctx;
    struct tt_edit edits[TT_NORMALISE_EDITS_MAX];
    if (!is_named(run, f)) {
        return TT_OK;
    }
    if (!tt_normalise_is_proven(f, run->explicit || strcmp(f->rule->id, LEARNED) == 0)) {
        run->unproven++;
        return TT_OK;
    }
    size_t count = tt_normalise(run->raw, f, &run->learned, edits);
    run->proven += count > 0; /* what compares documents points to sites that are edited where they stand */
    for (size_t i = 0; i < count; i++) {
        TT_TRY(insert(run, &edits[i]));
    }
    return TT_OK;
}

static enum tt_exit
find_edits(struct run *run)
{
    const struct tt_cli *cli = run->call->cli;
    uint64_t not_inspected = 0;
    enum tt_status status =
        tt_marks_scan(cli, run->path, run->raw, &run->learned, (struct tt_sink) {take_proof, run}, &not_inspected);
    if (status == TT_OK && not_inspected > 0) {
        return tt_cli_complain(cli, TT_EXIT_INCOMPLETE, "%s: not changed, because not all of it could be inspected", run->path);
    }
    if (status == TT_OK) {
        status = tt_marks_scan(cli, run->path, run->raw, &run->learned, (struct tt_sink) {take_finding, run}, &not_inspected);
    }
    return status == TT_OK ? TT_EXIT_OK : tt_cli_complain(cli, TT_EXIT_INTERNAL, "%s", tt_status_name(status));
}

/* ---- the record ---- */

static void
add_hash(struct tt_buf *out, struct tt_str bytes)
{
    struct tt_sha256 sha;
    unsigned char hash[TT_SHA256_SIZE];
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, bytes);
    tt_sha256_end(&sha, hash);
    tt_buf_add_hex(out, tt_str_make((const char *) hash, sizeof(hash)));
}

static void
add_hash_member(struct tt_buf *out, bool *first, const char *key, struct tt_str bytes)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '"');
    add_hash(out, bytes);
    tt_buf_add_char(out, '"');
}

static void
add_edit(struct tt_buf *out, struct tt_str raw, const struct tt_edit *edit)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "rule", tt_str_cstr(edit->rule));
    tt_json_add_u64_member(out, &first, "line", edit->line);
    tt_json_add_u64_member(out, &first, "offset", edit->offset);
    tt_json_add_u64_member(out, &first, "length", edit->length);
    tt_json_add_key(out, &first, "before");
    tt_buf_add_char(out, '"');
    tt_buf_add_hex(out, tt_str_slice(raw, edit->offset, edit->offset + edit->length));
    tt_buf_add_char(out, '"');
    tt_json_add_key(out, &first, "after");
    tt_buf_add_char(out, '"');
    tt_buf_add_hex(out, edit->with);
    tt_buf_add_cstr(out, "\"}");
}

static void
write_json(struct tt_buf *out, const struct run *run, struct tt_str after)
{
    size_t count;
    const struct tt_edit *edits = edits_of(run, &count);
    bool first = true;
    tt_buf_add_char(out, '{');
    tt_json_add_text_member(out, &first, "type", TT_STR("normalisation"));
    tt_json_add_text_member(out, &first, "version", TT_STR(TT_VERSION));
    tt_json_add_text_member(out, &first, "uri", tt_str_cstr(run->path));
    add_hash_member(out, &first, "sha256_before", run->raw);
    add_hash_member(out, &first, "sha256_after", after);
    tt_json_add_u64_member(out, &first, "bytes_before", run->raw.len);
    tt_json_add_u64_member(out, &first, "bytes_after", after.len);
    tt_json_add_u64_member(out, &first, "proven", run->proven);
    tt_json_add_u64_member(out, &first, "unproven", run->unproven);
    tt_json_add_key(out, &first, "edits");
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        tt_buf_add_cstr(out, i ? "," : "");
        add_edit(out, run->raw, &edits[i]);
    }
    tt_buf_add_cstr(out, "]}\n");
}

static void
write_edit_text(struct tt_buf *out, const struct run *run, const struct tt_edit *edit)
{
    tt_buf_add_cstr(out, "line ");
    tt_buf_add_u64(out, edit->line);
    tt_buf_add_cstr(out, ", byte ");
    tt_buf_add_u64(out, edit->offset);
    tt_buf_add_cstr(out, ": ");
    tt_visible_add(out, tt_str_slice(run->raw, edit->offset, edit->offset + edit->length), 0, edit->length);
    tt_buf_add_cstr(out, " -> ");
    tt_writer_add_safe(out, edit->with.len ? edit->with : TT_STR("(nothing)"));
    tt_buf_add_cstr(out, "  ");
    tt_buf_add_cstr(out, edit->rule);
    tt_buf_add_char(out, '\n');
}

static void
write_text(struct tt_buf *out, const struct run *run, struct tt_str after)
{
    size_t count;
    const struct tt_edit *edits = edits_of(run, &count);
    for (size_t i = 0; i < count; i++) {
        write_edit_text(out, run, &edits[i]);
    }
    tt_buf_add_cstr(out, "SHA-256 before  ");
    add_hash(out, run->raw);
    tt_buf_add_cstr(out, "\nSHA-256 after   ");
    add_hash(out, after);
    tt_buf_add_char(out, '\n');
    tt_writer_add_count(out, count, "edit");
    tt_buf_add_cstr(out, " at ");
    tt_writer_add_count(out, run->proven, "proven site");
    tt_buf_add_cstr(out, "; ");
    tt_writer_add_count(out, run->unproven, "other finding");
    tt_buf_add_cstr(out, " of these channels left alone.\n");
}

/* ---- the command ---- */

/* Nothing is lost when the record cannot be written: it comes first. */
static enum tt_exit
write_both(const struct run *run, struct tt_buf *record, struct tt_buf *text)
{
    const struct normalise_settings *settings = run->call->settings;
    if (settings->record) {
        struct tt_output output;
        if (!tt_output_open(&output, run->call->cli, settings->record)) {
            return TT_EXIT_INTERNAL;
        }
        tt_output_write(&output, tt_buf_str(record));
        if (!tt_output_finish(&output)) {
            return TT_EXIT_INTERNAL;
        }
    }
    return tt_cli_deliver(run->call, text);
}

static enum tt_exit
write_results(const struct run *run)
{
    const struct tt_call *call = run->call;
    const struct normalise_settings *settings = call->settings;
    struct tt_buf text, record;
    size_t count;
    const struct tt_edit *edits = edits_of(run, &count);
    tt_buf_init(&text, call->cli->alloc, 2 * TT_MARKS_FILE_MAX);
    tt_buf_init(&record, call->cli->alloc, TT_MARKS_FILE_MAX);
    tt_normalise_apply(run->raw, edits, count, &text);
    bool json = settings->shared.format == TT_CLI_JSON || settings->record;
    (json ? write_json : write_text)(&record, run, tt_buf_str(&text));
    enum tt_exit code = TT_EXIT_OK;
    if (text.status != TT_OK || record.status != TT_OK) {
        code = tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "%s", tt_status_name(text.status ? text.status : record.status));
    } else if (settings->check) {
        code = tt_cli_deliver(call, &record);
        code = code == TT_EXIT_OK && count > 0 ? TT_EXIT_FINDINGS : code;
    } else {
        code = write_both(run, &record, &text);
    }
    if (code == TT_EXIT_OK && !settings->check && !call->common->quiet) {
        fprintf(call->cli->err, "telltale: %zu %s at %llu proven %s\n", count, count == 1 ? "edit" : "edits",
                (unsigned long long) run->proven, run->proven == 1 ? "site" : "sites");
    }
    tt_buf_free(&record);
    tt_buf_free(&text);
    return code;
}

/* Channels and sites are known. */
static enum tt_exit
normalise(struct run *run)
{
    const struct tt_call *call = run->call;
    const struct normalise_settings *settings = call->settings;
    struct tt_buf raw;
    if (settings->check && settings->record) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "--check writes no record; use --format json");
    }
    tt_buf_init(&run->edits, call->cli->alloc, TT_MARKS_FILE_MAX);
    enum tt_exit code = tt_marks_read(call, run->path, &raw);
    if (code == TT_EXIT_OK) {
        run->raw = tt_buf_str(&raw);
        code = find_edits(run);
    }
    if (code == TT_EXIT_OK) {
        code = write_results(run);
    }
    tt_buf_free(&run->edits);
    tt_buf_free(&raw);
    return code;
}

static enum tt_exit
run_normalise(const struct tt_call *call)
{
    const struct normalise_settings *settings = call->settings;
    struct run run = {.call = call, .path = call->args[0], .explicit = settings->explicit};
    enum tt_exit code = tt_learned_open(call, &settings->learned, &run.learned);
    if (code == TT_EXIT_OK) {
        code = read_channels(&run, settings->channels);
    }
    if (code == TT_EXIT_OK) {
        code = normalise(&run);
    }
    tt_learned_free(&run.learned);
    return code;
}

static const struct tt_option options[] = {
    TT_OPT_STRING(struct normalise_settings, channels, 'c', "channel", "LIST",
                  "Channels whose proven marks are taken out: " TT_NORMALISE_CHANNELS),
    TT_OPT_LIST(struct normalise_settings, learned, 0, "learned", "FILE",
                "Take out what stands at the sites that 'telltale probe --learn' described, too; may be repeated"),
    TT_OPT_FLAG(struct normalise_settings, explicit, 0, "explicit", "Count every date sentence as a proven site"),
    TT_OPT_FLAG(struct normalise_settings, check, 0, "check", "Write no text; show the record, exit with 1 if there is an edit"),
    TT_OPT_STRING(struct normalise_settings, record, 0, "record", "FILE", "Write the record to FILE, as JSON"),
    TT_OPT_CHOICE(struct normalise_settings, shared.format, 'f', "format", "FORMAT", "of --check: text or json", tt_cli_formats),
    TT_OPT_END,
};

static const struct tt_example usage[] = {
    {"telltale marks normalise --check --channel tags,zero-width prompt.md", "See what would change"},
    {"telltale marks normalise --channel tags --record edits.json --output clean.md prompt.md",
     "Write the new text and the record of what was changed"},
    {"telltale marks normalise --channel date-line --explicit request.json", "Make every date sentence the plain one"},
    {"telltale marks normalise --learned client.json request.json", "Take out the marks that a probe of the client found"},
    {NULL, NULL},
};

const struct tt_command tt_command_marks_normalise = {
    .name = "normalise",
    .summary = "Take proven marks of named channels out of a file",
    .usage = "[OPTION]... {--channel LIST | --learned FILE} FILE",
    .description =
        "Writes FILE (- is standard input) with the symbols of proven marks taken out, and every other byte as it was. Proven is "
        "what "
        "was decoded, or a date sentence that varies within FILE; with --explicit every date sentence. Sites that a probe has "
        "found are taken back "
        "to the symbol that a plain machine sends. Text that a tool returned "
        "is never changed, and nothing is changed in a file that could not be inspected as a whole.\n\n"
        "The record gives SHA-256 of before and after and each edit with its place and bytes, in hexadecimal; it holds none of "
        "the text "
        "around them. Removing a mark may be noticed by whoever reads it, and may break caches.",
    .options = options,
    .uses = TT_USES_OUTPUT | TT_USES_QUIET,
    .examples = usage,
    .min_args = 1,
    .max_args = 1,
    .missing = "name a file, or - for standard input",
    .settings_size = sizeof(struct normalise_settings),
    .run = run_normalise,
};
