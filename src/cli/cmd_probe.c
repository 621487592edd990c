/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale probe`: which bytes of a client's requests depend on what of its machine.
 *
 * In: a command or the name of a profile, options.  Out: findings through the writer, captures in a folder, an exit code.  The work is done by
 * src/probe; here the command line becomes a job.
 */
#include "base/limits.h"
#include "cli/probe.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MEMORY (256 * TT_MIB) /* of a job and the files that it holds */

/* ---- where captures go ---- */

/* Makes every folder of a path; what is there already is fine. */
static bool
make_folders(char *path)
{
    for (char *at = path + 1; *at; at++) {
        if (*at == '/') {
            *at = '\0';
            bool good = mkdir(path, 0700) == 0 || errno == EEXIST;
            *at = '/';
            if (!good) {
                return false;
            }
        }
    }
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* A new folder below the state folder of the user: ".../telltale/probe/qwen-1". */
static enum tt_exit
new_folder(const struct tt_call *call, struct tt_str name, char out[PATH_MAX])
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char base[PATH_MAX - 64];
    int n = state && state[0] == '/' ? snprintf(base, sizeof(base), "%s/telltale/probe", state)
            : home && home[0] == '/' ? snprintf(base, sizeof(base), "%s/.local/state/telltale/probe", home)
                                     : -1;
    if (n < 0 || (size_t) n >= sizeof(base) || !make_folders(base)) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE, "probe: there is no place for captures; name a folder with --out");
    }
    for (unsigned i = 1; i < 100000; i++) {
        n = snprintf(out, PATH_MAX, "%s/%.*s-%u", base, name.len < 32 ? (int) name.len : 32, name.ptr, i);
        if (n < 0 || n >= PATH_MAX) {
            break;
        }
        if (mkdir(out, 0700) == 0) {
            return TT_EXIT_OK;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    return tt_cli_complain(call->cli, TT_EXIT_USAGE, "probe: %s cannot be made: %s; name a folder with --out", out,
                           strerror(errno));
}

/* ---- the command ---- */

/* "84 to 231 runs of qwen; captures in DIR": before the first run. */
static void
announce(const struct tt_probe_session *session, const char *folder)
{
    const struct tt_probe *probe = &session->probe;
    if (!session->call->common->quiet) {
        size_t factors = probe->job.design.factor_count;
        tt_cli_complain(session->call->cli, TT_EXIT_OK, "probe: %zu to %zu runs of %.*s, %zu factor%s; captures in %s",
                        probe->total.least, probe->total.most, (int) probe->job.name.len, probe->job.name.ptr, factors,
                        factors == 1 ? "" : "s", folder);
        for (size_t i = 0; i < probe->job.left_out_count; i++) {
            struct tt_str left = probe->job.left_out[i];
            tt_cli_complain(session->call->cli, TT_EXIT_OK, "probe: not varied: %.*s", (int) left.len, left.ptr);
        }
    }
}

static enum tt_exit
write_extras(struct tt_probe_session *session, const char *folder, enum tt_exit code)
{
    const struct tt_probe_cli_settings *settings = session->call->settings;
    enum tt_exit other = TT_EXIT_OK;
    if (settings->html) {
        other = tt_probe_write_page(session, folder, settings->html);
    }
    if (settings->learn && other == TT_EXIT_OK) {
        other = tt_probe_write_learned(session, settings->learn);
    }
    return other == TT_EXIT_OK ? code : other;
}

static enum tt_exit
probe_in(const struct tt_call *call, const struct tt_job *job, const char *folder)
{
    struct tt_probe_session session;
    enum tt_exit code = tt_probe_session_open(&session, call, folder, job);
    if (code == TT_EXIT_OK) {
        announce(&session, folder);
        code = tt_probe_session_go(&session, true);
    }
    if (code == TT_EXIT_OK) {
        code = write_extras(&session, folder, tt_probe_write_report(&session, folder));
    }
    tt_probe_session_close(&session);
    return code;
}

/* --plan: what would be done. */
static enum tt_exit
print_plan(const struct tt_call *call, const struct tt_job *job, struct tt_arena *arena)
{
    struct tt_plan plan;
    struct tt_plan_total total;
    struct tt_buf out;
    enum tt_status status = tt_plan_init(&plan, arena, &job->design, job->depth, job->seed);
    if (status == TT_OK) {
        status = tt_plan_count(&plan, 0, &total);
    }
    if (status != TT_OK) {
        return tt_cli_complain(call->cli, TT_EXIT_INTERNAL, "probe: %s", tt_status_name(status));
    }
    tt_buf_init(&out, call->cli->alloc, TT_MIB);
    tt_probe_add_plan(&out, job, &total);
    return tt_cli_deliver(call, &out);
}

static enum tt_exit
run_probe(const struct tt_call *call)
{
    const struct tt_probe_cli_settings *settings = call->settings;
    struct tt_arena arena;
    struct tt_job job;
    char folder[PATH_MAX];
    if (call->arg_count == 0 && !settings->profile) {
        return tt_cli_complain(call->cli, TT_EXIT_USAGE,
                               "probe: name a command behind --, or a profile; 'telltale probe doctor' lists profiles");
    }
    tt_arena_init(&arena, call->cli->alloc, MEMORY);
    enum tt_exit code = tt_probe_make_job(call, &arena, &job);
    if (code == TT_EXIT_OK && settings->plan) {
        code = print_plan(call, &job, &arena);
    } else if (code == TT_EXIT_OK && settings->folder) {
        code = probe_in(call, &job, settings->folder);
    } else if (code == TT_EXIT_OK) {
        code = new_folder(call, job.name, folder);
        code = code == TT_EXIT_OK ? probe_in(call, &job, folder) : code;
    }
    tt_arena_free(&arena);
    return code;
}

#define SETTINGS struct tt_probe_cli_settings

static const struct tt_option options[] = {
    TT_OPT_STRING(SETTINGS, profile, 'p', "profile", "NAME",
                  "Start the client as the profile says; a command behind -- replaces its own"),
    TT_OPT_STRING(SETTINGS, folder, 0, "out", "DIR", "Folder for plan and captures; a probe that is there goes on"),
    TT_OPT_LIST(SETTINGS, vars, 'e', "env", "NAME=VALUE", "A variable for the client, with placeholders; may be repeated"),
    TT_OPT_LIST(SETTINGS, files, 0, "file", "PATH=SOURCE", "A file for the client, with the content of SOURCE; may be repeated"),
    TT_OPT_LIST(SETTINGS, answers, 0, "answer", "PATH=SOURCE",
                "What requests whose path ends in PATH are answered; may be repeated"),
    TT_OPT_LIST(SETTINGS, binds, 0, "bind", "PATH", "A file or folder that the client may read; may be repeated"),
    TT_OPT_LIST(SETTINGS, factors, 'f', "factor", "NAME", "Vary only this factor; may be repeated (default: all)"),
    TT_OPT_STRING(SETTINGS, factor_file, 0, "factors", "FILE", "Factors and levels of your own"),
    TT_OPT_LIST(SETTINGS, hosts, 0, "host", "NAME", "One more host for the base URL; may be repeated"),
    TT_OPT_LIST(SETTINGS, crosses, 0, "cross", "FACTOR,...", "Also run every combination of these factors; may be repeated"),
    TT_OPT_FLAG(SETTINGS, quick, 0, "quick", "No pairs of factors and no crosses"),
    TT_OPT_FLAG(SETTINGS, deep, 0, "deep", "Also compare random values with the factors: many more runs"),
    TT_OPT_NUMBER(SETTINGS, seed, 0, "seed", "N", "Another order and other pairs (default: 1)", 0, INT64_MAX),
    TT_OPT_NUMBER(SETTINGS, timeout, 0, "timeout", "SECONDS", "One run (default: 60)", 1, 3600),
    TT_OPT_NUMBER(SETTINGS, linger, 0, "linger", "MS", "How long to wait for late requests (default: 300)", 1, 60000),
    TT_OPT_NUMBER(SETTINGS, memory, 0, "memory", "MB", "Of all processes of a run (default: 1536)", 16, 1 << 20),
    TT_OPT_FLAG(SETTINGS, transparent, 0, "transparent", "Every host name leads to the mock; no base URL is needed"),
    TT_OPT_FLAG(SETTINGS, tool_turn, 0, "tool-turn",
                "First answer with a call of a harmless tool, so that there is a second turn"),
    TT_OPT_FLAG(SETTINGS, plan, 0, "plan", "Say what would be varied and how many runs it takes, and run nothing"),
    TT_OPT_STRING(SETTINGS, html, 0, "html", "FILE", "Also write a page that shows the request and what depends on what"),
    TT_OPT_STRING(SETTINGS, learn, 0, "learn", "FILE", "Also describe the marks that were found, for other tools"),
    TT_OPT_END,
};

static const SETTINGS defaults = {.seed = 1};

static const struct tt_command *const subcommands[] = {
    &tt_command_probe_doctor, &tt_command_probe_report, &tt_command_probe_replay, &tt_command_probe_compare, NULL,
};

static const struct tt_example examples[] = {
    {"telltale probe qwen", "A client with a profile, as it is installed"},
    {"telltale probe --env API_URL={BASE_URL}/v1 --env API_KEY={KEY} -- ./client --once",
     "Any other client that takes a base URL"},
    {"telltale probe --transparent -- ./client --once", "One that takes none: its host names lead to the mock"},
    {"telltale probe --factor time-zone --factor host --host llm.example.com qwen", "Two factors, with one more host"},
    {"telltale probe --deep --out qwen-1.2 --html qwen-1.2.html qwen", "The long way, with a page to look at"},
    {NULL, NULL},
};

const struct tt_command tt_command_probe = {
    .name = "probe",
    .summary = "Measure what a client's requests depend on",
    .usage = "[OPTION]... PROFILE | [OPTION]... -- COMMAND [ARGUMENT]...",
    .description = "Runs a client again and again in a sealed box, against a model API that is built in, and varies what the "
                   "client can sense of "
                   "its machine: time zone, locale, host of the base URL, proxy, names, folders, date and more. The report says "
                   "which bytes of its "
                   "requests depend on what: visibly, in a form that a reader would not notice, or as noise. Nothing leaves the "
                   "machine: the box "
                   "has no network but its own loopback, and without a sealed box nothing is run.\n\n"
                   "Placeholders in --env, --file and the command: {BASE_URL}, {HOST}, {CA}, {HOME}, {PROJECT} and {KEY}.\n\n"
                   "Captures hold what the client sends, its vendor's prompts among it: keep them to yourself.",
    .options = options,
    .defaults = &defaults,
    .settings_size = sizeof(SETTINGS),
    .uses = TT_USES_FORMAT | TT_USES_OUTPUT | TT_USES_SHOW | TT_USES_FAIL_ON | TT_USES_JOBS | TT_USES_PROGRESS | TT_USES_QUIET |
            TT_USES_COLOR,
    .examples = examples,
    .max_args = TT_ARGS_ANY,
    .subcommands = subcommands,
    .run = run_probe,
};
