/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a command line to the job of a probe.
 *
 * In: options, a profile, files that options name.  Out: a job whose strings lie in the caller's arena, or a message.
 */
#include "base/limits.h"
#include "cli/probe.h"
#include "probe/command.h"
#include "probe/factor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_MAX (4 * TT_MIB) /* of a file that an option names */

struct maker {
    const struct tt_call *call;
    const struct tt_probe_cli_settings *settings;
    struct tt_arena *arena;
    struct tt_job *job;
    bool commanded; /* the command line has one; else it is the profile's */
};

static enum tt_exit
no_memory(const struct maker *maker)
{
    return tt_cli_complain(maker->call->cli, TT_EXIT_INTERNAL, "probe: %s", tt_status_name(TT_E_MEMORY));
}

enum tt_exit
tt_probe_read_file(const struct tt_call *call, const char *path, struct tt_buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = 1;
    tt_buf_init(out, call->cli->alloc, FILE_MAX);
    while (fd >= 0 && n > 0) {
        char *room = tt_buf_reserve(out, TT_SCAN_CHUNK);
        n = room ? read(fd, room, TT_SCAN_CHUNK) : -1;
        out->len += n > 0 ? (size_t) n : 0;
    }
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    if (fd >= 0 && n == 0) {
        return TT_EXIT_OK;
    }
    return tt_cli_complain(call->cli, TT_EXIT_USAGE, "probe: %s cannot be read: %s", path,
                           out->status == TT_E_LIMIT ? "it is too large" : strerror(error));
}

/* ---- the profile ---- */

static enum tt_exit
unknown_profile(const struct maker *maker, const char *name)
{
    return tt_cli_complain(maker->call->cli, TT_EXIT_USAGE,
                           "probe: there is no profile '%s'; 'telltale probe doctor' lists them, and a command stands behind --",
                           name);
}

/* The profile of --profile, or the one that the only operand names. */
static enum tt_exit
find_profile(struct maker *maker)
{
    const char *name = maker->settings->profile;
    struct tt_profile *profile = &maker->job->profile;
    struct tt_error err = {.msg = ""};
    struct tt_str wanted = tt_str_cstr(name ? name : maker->call->args[0]);
    enum tt_status status = tt_profile_find(maker->arena, wanted, profile, &err);
    if (status != TT_OK) {
        return tt_cli_complain(maker->call->cli, TT_EXIT_INTERNAL, "probe: profile %.*s, line %u: %s", (int) wanted.len,
                               wanted.ptr, (unsigned) err.line, err.msg);
    }
    bool found = profile->name.len > 0;
    if (name && !found) {
        return unknown_profile(maker, name);
    }
    maker->commanded = name ? maker->call->arg_count > 0 : !found || maker->call->arg_count > 1;
    if (maker->commanded && !name && found && !maker->call->common->quiet) {
        tt_cli_complain(maker->call->cli, TT_EXIT_OK, "probe: there is a profile of this client, which --profile %.*s takes",
                        (int) wanted.len, wanted.ptr);
    }
    if (maker->commanded && !name) {
        *profile = (struct tt_profile) {.name = TT_STR("")};
    }
    return TT_EXIT_OK;
}

/* Room for more pairs behind those that are there. */
static struct tt_profile_pair *
more_pairs(struct maker *maker, const struct tt_profile_pair *pairs, size_t count, size_t more)
{
    struct tt_profile_pair *room = tt_arena_get(maker->arena, (count + more + 1) * sizeof(*room));
    for (size_t i = 0; room && i < count; i++) {
        room[i] = pairs[i];
    }
    return room;
}

/* Replaces the pair of that name, or adds one. */
static void
set_pair(struct tt_profile_pair *pairs, size_t *count, struct tt_profile_pair pair)
{
    for (size_t i = 0; i < *count; i++) {
        if (tt_str_eq(pairs[i].name, pair.name)) {
            pairs[i] = pair;
            return;
        }
    }
    pairs[(*count)++] = pair;
}

/* "NAME=VALUE"; false without a name or without the sign. */
static bool
split(const char *text, struct tt_profile_pair *pair)
{
    const char *sign = strchr(text, '=');
    if (!sign || sign == text) {
        return false;
    }
    pair->name = tt_str_make(text, (size_t) (sign - text));
    pair->value = tt_str_cstr(sign + 1);
    return true;
}

static enum tt_exit
add_vars(struct maker *maker)
{
    const struct tt_option_list *list = &maker->settings->vars;
    struct tt_profile *profile = &maker->job->profile;
    profile->vars = more_pairs(maker, profile->vars, profile->var_count, list->count);
    for (size_t i = 0; profile->vars && i < list->count; i++) {
        struct tt_profile_pair pair;
        if (!split(list->items[i], &pair)) {
            return tt_cli_complain(maker->call->cli, TT_EXIT_USAGE, "probe: --env %s: it is NAME=VALUE", list->items[i]);
        }
        set_pair(profile->vars, &profile->var_count, pair);
    }
    return profile->vars ? TT_EXIT_OK : no_memory(maker);
}

/* "PATH=SOURCE": the content of SOURCE. */
static enum tt_exit
read_pair(struct maker *maker, const char *option, const char *text, struct tt_profile_pair *pair)
{
    struct tt_buf bytes;
    if (!split(text, pair)) {
        return tt_cli_complain(maker->call->cli, TT_EXIT_USAGE, "probe: --%s %s: it is PATH=SOURCE", option, text);
    }
    enum tt_exit code = tt_probe_read_file(maker->call, pair->value.ptr, &bytes);
    if (code == TT_EXIT_OK && tt_arena_dup(maker->arena, tt_buf_str(&bytes), &pair->value) != TT_OK) {
        code = no_memory(maker);
    }
    tt_buf_free(&bytes);
    return code;
}

static enum tt_exit
add_files(struct maker *maker)
{
    const struct tt_option_list *list = &maker->settings->files;
    struct tt_profile *profile = &maker->job->profile;
    enum tt_exit code = TT_EXIT_OK;
    profile->files = more_pairs(maker, profile->files, profile->file_count, list->count);
    for (size_t i = 0; profile->files && code == TT_EXIT_OK && i < list->count; i++) {
        struct tt_profile_pair pair;
        code = read_pair(maker, "file", list->items[i], &pair);
        if (code == TT_EXIT_OK && pair.name.ptr[0] != '/' && pair.name.ptr[0] != '~' && pair.name.ptr[0] != '{') {
            code = tt_cli_complain(maker->call->cli, TT_EXIT_USAGE, "probe: --file %s: the path begins with / or ~/",
                                   list->items[i]);
        } else if (code == TT_EXIT_OK) {
            set_pair(profile->files, &profile->file_count, pair);
        }
    }
    return profile->files ? code : no_memory(maker);
}

static enum tt_exit
add_answers(struct maker *maker)
{
    const struct tt_option_list *list = &maker->settings->answers;
    struct tt_job *job = maker->job;
    enum tt_exit code = TT_EXIT_OK;
    job->answers = more_pairs(maker, NULL, 0, list->count);
    for (size_t i = 0; job->answers && code == TT_EXIT_OK && i < list->count; i++) {
        struct tt_profile_pair pair;
        code = read_pair(maker, "answer", list->items[i], &pair);
        if (code == TT_EXIT_OK) {
            set_pair(job->answers, &job->answer_count, pair);
        }
    }
    return job->answers ? code : no_memory(maker);
}

/* ---- the command ---- */

/* The words of the command: the profile's where the command line has none. */
static enum tt_exit
take_words(struct maker *maker, struct tt_str **words, size_t *count)
{
    const struct tt_profile *profile = &maker->job->profile;
    *count = maker->commanded ? maker->call->arg_count : profile->argument_count + 1;
    *words = tt_arena_get(maker->arena, (*count + 1) * sizeof(**words));
    if (!*words) {
        return no_memory(maker);
    }
    for (size_t i = 0; i < *count; i++) {
        (*words)[i] = maker->commanded ? tt_str_cstr(maker->call->args[i])
                      : i == 0         ? profile->program
                                       : profile->arguments[i - 1];
        if ((*words)[i].len == 0 && i == 0) {
            return tt_cli_complain(maker->call->cli, TT_EXIT_USAGE, "probe: the command is empty");
        }
    }
    return TT_EXIT_OK;
}

static enum tt_exit
take_binds(struct maker *maker)
{
    const struct tt_option_list *list = &maker->settings->binds;
    struct tt_job *job = maker->job;
    job->shown = tt_arena_get(maker->arena, (list->count + 1) * sizeof(*job->shown));
    if (!job->shown) {
        return no_memory(maker);
    }
    for (size_t i = 0; i < list->count; i++) {
        char real[PATH_MAX];
        if (!realpath(list->items[i], real)) {
            return tt_cli_complain(maker->call->cli, TT_EXIT_USAGE, "probe: --bind %s: %s", list->items[i], strerror(errno));
        }
        if (tt_arena_dup(maker->arena, tt_str_cstr(real), &job->shown[job->shown_count++]) != TT_OK) {
            return no_memory(maker);
        }
    }
    return TT_EXIT_OK;
}

static enum tt_exit
resolve(struct maker *maker)
{
    struct tt_str *words = NULL;
    struct tt_buf message;
    size_t count = 0;
    enum tt_exit code = take_binds(maker);
    code = code == TT_EXIT_OK ? take_words(maker, &words, &count) : code;
    if (code != TT_EXIT_OK) {
        return code;
    }
    tt_buf_init(&message, maker->call->cli->alloc, TT_COMPLAINT_MAX);
    const char *search = getenv("PATH"), *home = getenv("HOME");
    enum tt_status status =
        tt_command_resolve(maker->arena, words, count, search ? search : "/usr/bin:/bin", home, maker->job, &message);
    if (status != TT_OK) {
        struct tt_str install = maker->commanded ? TT_STR("") : maker->job->profile.install;
        code = tt_cli_complain(maker->call->cli, status == TT_E_USAGE ? TT_EXIT_USAGE : TT_EXIT_INTERNAL, "probe: %.*s%s%.*s",
                               (int) message.len, message.ptr ? message.ptr : tt_status_name(status),
                               install.len > 0 ? "; it is installed with: " : "", (int) install.len, install.ptr);
    }
    tt_buf_free(&message);
    maker->job->name = maker->job->profile.name.len > 0 ? maker->job->profile.name : maker->job->name;
    return code;
}

/* Keys have no place in a probe: the box would hand them to whatever runs in it, and the captures keep them. */
static enum tt_exit
refuse_keys(struct maker *maker)
{
    const struct tt_job *job = maker->job;
    bool found = false;
    for (size_t i = 0; i < job->argv_count; i++) {
        found = found || tt_command_holds_key(job->argv[i]);
    }
    for (size_t i = 0; i < job->profile.var_count; i++) {
        found = found || tt_command_holds_key(job->profile.vars[i].value);
    }
    for (size_t i = 0; i < job->profile.file_count; i++) {
        found = found || tt_command_holds_key(job->profile.files[i].value);
    }
    return found ? tt_cli_complain(
                       maker->call->cli, TT_EXIT_USAGE,
                       "probe: the command, a variable or a file holds what looks like a real key; write {KEY} in its place")
                 : TT_EXIT_OK;
}

/* ---- the design ---- */

static bool
uses(const struct tt_job *job, struct tt_str placeholder)
{
    bool found = tt_profile_uses(&job->profile, placeholder);
    for (size_t i = 0; i < job->argv_count; i++) {
        found = found || tt_str_has(job->argv[i], placeholder);
    }
    return found;
}

static unsigned
processors(void)
{
    cpu_set_t set;
    int n = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : 1;
    return n < 1 ? 1 : (unsigned) n;
}

static enum tt_exit
complain_of_factors(const struct maker *maker, const struct tt_error *err, struct tt_str word)
{
    const struct tt_cli *cli = maker->call->cli;
    return err->line > 0 ? tt_cli_complain(cli, TT_EXIT_USAGE, "probe: %s:%u: %s '%.*s'", maker->settings->factor_file,
                                           (unsigned) err->line, err->msg, (int) word.len, word.ptr)
                         : tt_cli_complain(cli, TT_EXIT_USAGE, "probe: %s '%.*s'", err->msg, (int) word.len, word.ptr);
}

/* Hosts of the profile and of the command line. */
static const char **
all_hosts(const struct maker *maker, size_t *count)
{
    const struct tt_profile *profile = &maker->job->profile;
    const struct tt_option_list *own = &maker->settings->hosts;
    const char **hosts = tt_arena_get(maker->arena, (profile->host_count + own->count + 1) * sizeof(*hosts));
    *count = 0;
    for (size_t i = 0; hosts && i < profile->host_count; i++) {
        hosts[(*count)++] = profile->hosts[i].ptr;
    }
    for (size_t i = 0; hosts && i < own->count; i++) {
        hosts[(*count)++] = own->items[i];
    }
    return hosts;
}

static enum tt_exit
take_left_out(struct maker *maker, struct tt_str lines)
{
    struct tt_job *job = maker->job;
    struct tt_str item;
    job->left_out = tt_arena_get(maker->arena, (lines.len + 1) * sizeof(*job->left_out));
    if (!job->left_out) {
        return no_memory(maker);
    }
    while (tt_writer_next_item(&lines, &item)) {
        if (tt_arena_dup(maker->arena, item, &job->left_out[job->left_out_count++]) != TT_OK) {
            return no_memory(maker);
        }
    }
    return TT_EXIT_OK;
}

static enum tt_exit
build_design(struct maker *maker, struct tt_str file)
{
    const struct tt_probe_cli_settings *settings = maker->settings;
    struct tt_buf left_out;
    struct tt_str word;
    struct tt_error err = {.msg = ""};
    struct tt_factor_choice choice = {.names = settings->factors.items,
                                      .name_count = settings->factors.count,
                                      .file = file,
                                      .base_url = uses(maker->job, TT_STR("{BASE_URL}")) || uses(maker->job, TT_STR("{HOST}")),
                                      .key = uses(maker->job, TT_STR("{KEY}")),
                                      .processors = processors()};
    choice.hosts = all_hosts(maker, &choice.host_count);
    tt_buf_init(&left_out, maker->call->cli->alloc, TT_COMPLAINT_MAX);
    enum tt_status status =
        choice.hosts ? tt_design_build(maker->arena, &choice, &maker->job->design, &left_out, &word, &err) : TT_E_MEMORY;
    enum tt_exit code = status == TT_OK         ? take_left_out(maker, tt_buf_str(&left_out))
                        : status == TT_E_MEMORY ? no_memory(maker)
                                                : complain_of_factors(maker, &err, word);
    tt_buf_free(&left_out);
    maker->job->transparent = settings->transparent || !choice.base_url;
    return code;
}

static enum tt_exit
make_design(struct maker *maker)
{
    struct tt_buf file;
    struct tt_str text = TT_STR("");
    enum tt_exit code = TT_EXIT_OK;
    tt_buf_init(&file, maker->call->cli->alloc, TT_KIB);
    if (maker->settings->factor_file) {
        code = tt_probe_read_file(maker->call, maker->settings->factor_file, &file);
        if (code == TT_EXIT_OK && tt_arena_dup(maker->arena, tt_buf_str(&file), &text) != TT_OK) {
            code = no_memory(maker);
        }
    }
    tt_buf_free(&file);
    return code == TT_EXIT_OK ? build_design(maker, text) : code;
}

/* "time-zone,host" */
static enum tt_exit
take_cross(struct maker *maker, const char *text)
{
    const struct tt_design *design = &maker->job->design;
    uint32_t mask = 0;
    size_t cells = 1;
    for (const char *at = text; *at;) {
        size_t len = strcspn(at, ",");
        size_t factor = tt_design_find(design, tt_str_make(at, len));
        if (factor == design->factor_count) {
            return tt_cli_complain(maker->call->cli, TT_EXIT_USAGE, "probe: --cross %s: there is no factor '%.*s' here", text,
                                   (int) len, at);
        }
        cells *= mask >> factor & 1 ? 1 : design->factors[factor].level_count;
        mask |= UINT32_C(1) << factor;
        at += len + (at[len] == ',');
    }
    if (cells > TT_PROBE_WANTED_MAX) {
        return tt_cli_complain(maker->call->cli, TT_EXIT_USAGE, "probe: --cross %s has %zu cells; at most %d are run", text,
                               cells, TT_PROBE_WANTED_MAX);
    }
    maker->job->crosses[maker->job->cross_count++] = mask;
    return TT_EXIT_OK;
}

static enum tt_exit
take_crosses(struct maker *maker)
{
    const struct tt_option_list *list = &maker->settings->crosses;
    enum tt_exit code = TT_EXIT_OK;
    maker->job->crosses = tt_arena_get(maker->arena, (list->count + 1) * sizeof(*maker->job->crosses));
    if (!maker->job->crosses) {
        return no_memory(maker);
    }
    for (size_t i = 0; i < list->count && code == TT_EXIT_OK; i++) {
        code = take_cross(maker, list->items[i]);
    }
    return code;
}

enum tt_exit
tt_probe_make_job(const struct tt_call *call, struct tt_arena *arena, struct tt_job *job)
{
    const struct tt_probe_cli_settings *settings = call->settings;
    struct maker maker = {.call = call, .settings = settings, .arena = arena, .job = job};
    static enum tt_exit (*const steps[])(struct maker *) = {find_profile, add_vars,    add_files,   add_answers,
                                                            resolve,      refuse_keys, make_design, take_crosses};
    *job = (struct tt_job) {.tool = TT_STR(TT_VERSION)};
    job->seed = settings->seed;
    job->depth = settings->deep ? TT_PLAN_DEEP : settings->quick ? TT_PLAN_QUICK : TT_PLAN_DEFAULT;
    job->tool_turn = settings->tool_turn;
    job->wall_ms = settings->timeout * 1000;
    job->linger_ms = settings->linger;
    job->memory = settings->memory * TT_MIB;
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        enum tt_exit code = steps[i](&maker);
        if (code != TT_EXIT_OK) {
            return code;
        }
    }
    return TT_EXIT_OK;
}
