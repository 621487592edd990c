/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenes; see scene.h.
 *
 * In: the play and a run.  Out: settings of box and mock, whose strings end in a NUL.  Order of things: first the facts that other values are made
 * of (home folder, base URL, key), then the profile's variables and files, and the sources of the levels last, so that what is varied
 * wins.
 */
#include "probe/scene.h"

#include "base/buf.h"
#include "probe/project.h"
#include "text/date.h"

#define VARS_MAX 128
#define FILES_MAX 256
#define VALUE_MAX (4 * TT_MIB) /* of one value after its placeholders are filled in */
#define DAY 86400
#define ALL_SOURCES SIZE_MAX
#define PROXY_URL "http://127.0.0.1:3128"

/* What values are made of. */
struct facts {
    struct tt_str home, user, host_name, folder;
    struct tt_str base_host, scheme, key, git, date, cpus;
    bool kept;
};

struct maker {
    struct tt_arena *arena;
    const struct tt_scene_play *play;
    const struct tt_run *run;
    struct facts facts;
    struct tt_str base_url;
    struct tt_box_var *vars;
    struct tt_box_file *files;
    size_t var_count, file_count;
};

/* ---- sources of levels ---- */

typedef enum tt_status source_fn(struct maker *maker, const struct tt_source *source);

static enum tt_status
each_of_level(struct maker *maker, const struct tt_level_spec *level, size_t only, source_fn *take)
{
    for (size_t i = 0; i < level->source_count; i++) {
        if (only == ALL_SOURCES || only == i) {
            TT_TRY(take(maker, &level->sources[i]));
        }
    }
    return TT_OK;
}

/* All sources that hold in this run, those of later factors last. */
static enum tt_status
each_source(struct maker *maker, source_fn *take)
{
    const struct tt_design *design = maker->play->design;
    for (size_t i = 0; i < design->fixed_count; i++) {
        TT_TRY(each_of_level(maker, &design->fixed[i], ALL_SOURCES, take));
    }
    for (size_t i = 0; i < design->factor_count; i++) {
        size_t level = maker->run->condition.level[i], only = ALL_SOURCES;
        uint16_t source = maker->run->condition.source;
        if (source > 0 && tt_source_factor(source) == i) {
            TT_TRY(each_of_level(maker, &design->factors[i].levels[0], ALL_SOURCES, take));
            only = tt_source_index(source);
        }
        TT_TRY(each_of_level(maker, &design->factors[i].levels[level], only, take));
    }
    return TT_OK;
}

static enum tt_status
take_fact(struct maker *maker, const struct tt_source *source)
{
    struct facts *facts = &maker->facts;
    switch (source->kind) {
    case TT_SOURCE_HOST_NAME: facts->host_name = source->value; break;
    case TT_SOURCE_FOLDER: facts->folder = source->value; break;
    case TT_SOURCE_HOME: facts->home = source->value; break;
    case TT_SOURCE_USER: facts->user = source->value; break;
    case TT_SOURCE_BASE_HOST: facts->base_host = source->value; break;
    case TT_SOURCE_SCHEME: facts->scheme = source->value; break;
    case TT_SOURCE_KEY: facts->key = source->value; break;
    case TT_SOURCE_GIT: facts->git = source->value; break;
    case TT_SOURCE_DATE: facts->date = source->value; break;
    case TT_SOURCE_CPUS: facts->cpus = source->value; break;
    case TT_SOURCE_HOME_KEPT: facts->kept = true; break;
    case TT_SOURCE_ENV:
    case TT_SOURCE_UNSET:
    case TT_SOURCE_FILE:
    case TT_SOURCE_LINK:
    case TT_SOURCE_PROXY:
    case TT_SOURCE_ABSENT: break;
    }
    return TT_OK;
}

/* ---- placeholders ---- */

/* "http://127.0.0.1", without a port: names shall look as they do outside.  Empty where the client is to use its own. */
static enum tt_status
make_base_url(struct maker *maker)
{
    const struct facts *facts = &maker->facts;
    struct tt_buf url;
    if (facts->base_host.len == 0) {
        return TT_OK;
    }
    bool loopback = tt_str_starts(facts->base_host, TT_STR("127.")) || tt_str_eq(facts->base_host, TT_STR("localhost"));
    bool https = tt_str_eq(facts->scheme, TT_STR("https")) || (maker->play->profile->https_for_names && !loopback);
    tt_buf_init(&url, maker->arena->alloc, VALUE_MAX);
    tt_buf_add_cstr(&url, https ? "https://" : "http://");
    tt_buf_add(&url, facts->base_host);
    enum tt_status status = url.status == TT_OK ? tt_arena_dup(maker->arena, tt_buf_str(&url), &maker->base_url) : url.status;
    tt_buf_free(&url);
    return status;
}

/* A copy of text with every placeholder replaced. */
static enum tt_status
fill(struct maker *maker, struct tt_str text, struct tt_str *out)
{
    const struct {
        struct tt_str name, value;
    } holders[] = {
        {TT_STR("{BASE_URL}"), maker->base_url},    {TT_STR("{HOST}"), maker->facts.base_host},
        {TT_STR("{CA}"), TT_STR(TT_SCENE_CA)},      {TT_STR("{HOME}"), maker->facts.home},
        {TT_STR("{PROJECT}"), maker->facts.folder}, {TT_STR("{KEY}"), maker->facts.key},
    };
    struct tt_buf filled;
    tt_buf_init(&filled, maker->arena->alloc, VALUE_MAX);
    while (text.len > 0) {
        size_t i = 0;
        while (i < sizeof(holders) / sizeof(*holders) && !tt_str_starts(text, holders[i].name)) {
            i++;
        }
        bool found = i < sizeof(holders) / sizeof(*holders);
        tt_buf_add(&filled, found ? holders[i].value : tt_str_slice(text, 0, 1));
        text = tt_str_slice(text, found ? holders[i].name.len : 1, text.len);
    }
    enum tt_status status = filled.status == TT_OK ? tt_arena_dup(maker->arena, tt_buf_str(&filled), out) : filled.status;
    tt_buf_free(&filled);
    return status;
}

/* "~/x" is in the home folder. */
static enum tt_status
expand(struct maker *maker, struct tt_str path, struct tt_str *out)
{
    struct tt_buf full;
    if (!tt_str_starts(path, TT_STR("~/"))) {
        return tt_arena_dup(maker->arena, path, out);
    }
    tt_buf_init(&full, maker->arena->alloc, VALUE_MAX);
    tt_buf_add(&full, maker->facts.home);
    tt_buf_add(&full, tt_str_slice(path, 1, path.len));
    enum tt_status status = full.status == TT_OK ? tt_arena_dup(maker->arena, tt_buf_str(&full), out) : full.status;
    tt_buf_free(&full);
    return status;
}

/* Does the value need a base URL in a run that has none? */
static bool
is_without_use(const struct maker *maker, struct tt_str value)
{
    return maker->base_url.len == 0 && (tt_str_has(value, TT_STR("{BASE_URL}")) || tt_str_has(value, TT_STR("{HOST}")));
}

/* ---- variables and files ---- */

static enum tt_status
set_var(struct maker *maker, struct tt_str name, const char *value)
{
    struct tt_str copy;
    TT_TRY(tt_arena_dup(maker->arena, name, &copy));
    for (size_t i = 0; i < maker->var_count; i++) {
        if (strcmp(maker->vars[i].name, copy.ptr) == 0) {
            maker->vars[i].value = value;
            return TT_OK;
        }
    }
    if (maker->var_count == VARS_MAX) {
        return TT_E_LIMIT;
    }
    maker->vars[maker->var_count++] = (struct tt_box_var) {copy.ptr, value};
    return TT_OK;
}

static enum tt_status
add_file(struct maker *maker, enum tt_box_node kind, struct tt_str path, struct tt_str content)
{
    struct tt_str full;
    if (maker->file_count == FILES_MAX) {
        return TT_E_LIMIT;
    }
    TT_TRY(expand(maker, path, &full));
    maker->files[maker->file_count++] = (struct tt_box_file) {.kind = kind, .path = full.ptr, .content = content};
    return TT_OK;
}

static enum tt_status
set_proxies(struct maker *maker, struct tt_str names)
{
    while (names.len > 0) {
        const char *end = memchr(names.ptr, ' ', names.len);
        size_t len = end ? (size_t) (end - names.ptr) : names.len;
        if (len > 0) {
            TT_TRY(set_var(maker, tt_str_slice(names, 0, len), PROXY_URL));
        }
        names = tt_str_slice(names, len + 1, names.len);
    }
    return TT_OK;
}

static enum tt_status
take_source(struct maker *maker, const struct tt_source *source)
{
    switch (source->kind) {
    case TT_SOURCE_ENV: return set_var(maker, source->name, source->value.ptr);
    case TT_SOURCE_UNSET: return set_var(maker, source->name, NULL);
    case TT_SOURCE_FILE: return add_file(maker, TT_BOX_FILE, source->name, source->value);
    case TT_SOURCE_LINK: return add_file(maker, TT_BOX_LINK, source->name, source->value);
    case TT_SOURCE_PROXY: return set_proxies(maker, source->value);
    case TT_SOURCE_ABSENT: return add_file(maker, TT_BOX_ABSENT, source->name, TT_STR(""));
    default: return TT_OK; /* a fact, taken before */
    }
}

/* Programs look for authorities in different places; where a variable replaces the system's store, it names the bundle. */
static enum tt_status
add_authority(struct maker *maker)
{
    static const struct {
        struct tt_str name;
        const char *value;
    } vars[] = {
        {TT_STR_INIT("NODE_EXTRA_CA_CERTS"), TT_SCENE_CA}, {TT_STR_INIT("DENO_CERT"), TT_SCENE_CA},
        {TT_STR_INIT("SSL_CERT_FILE"), TT_SCENE_BUNDLE},   {TT_STR_INIT("REQUESTS_CA_BUNDLE"), TT_SCENE_BUNDLE},
        {TT_STR_INIT("CURL_CA_BUNDLE"), TT_SCENE_BUNDLE},  {TT_STR_INIT("GIT_SSL_CAINFO"), TT_SCENE_BUNDLE},
    };
    if (maker->play->ca.len == 0) {
        return TT_OK;
    }
    for (size_t i = 0; i < sizeof(vars) / sizeof(*vars); i++) {
        TT_TRY(set_var(maker, vars[i].name, vars[i].value));
    }
    TT_TRY(add_file(maker, TT_BOX_FILE, TT_STR(TT_SCENE_CA), maker->play->ca));
    return add_file(maker, TT_BOX_FILE, TT_STR(TT_SCENE_BUNDLE), maker->play->bundle);
}

static enum tt_status
add_profile(struct maker *maker)
{
    const struct tt_profile *profile = maker->play->profile;
    for (size_t i = 0; i < profile->var_count; i++) {
        struct tt_str value;
        if (is_without_use(maker, profile->vars[i].value)) {
            continue;
        }
        TT_TRY(fill(maker, profile->vars[i].value, &value));
        TT_TRY(set_var(maker, profile->vars[i].name, value.ptr));
    }
    for (size_t i = 0; i < profile->file_count; i++) {
        struct tt_str content, path;
        TT_TRY(fill(maker, profile->files[i].value, &content));
        TT_TRY(fill(maker, profile->files[i].name, &path));
        TT_TRY(add_file(maker, TT_BOX_FILE, path, content));
    }
    return TT_OK;
}

static enum tt_status
join(struct maker *maker, struct tt_str a, struct tt_str b, struct tt_str c, struct tt_str *out)
{
    char *text = tt_arena_get(maker->arena, a.len + b.len + c.len + 1);
    if (!text) {
        return TT_E_MEMORY;
    }
    memcpy(text, a.ptr, a.len);
    memcpy(text + a.len, b.ptr, b.len);
    memcpy(text + a.len + b.len, c.ptr, c.len);
    text[a.len + b.len + c.len] = '\0';
    *out = tt_str_make(text, a.len + b.len + c.len);
    return TT_OK;
}

static enum tt_status
add_project(struct maker *maker)
{
    struct tt_str git = maker->facts.git;
    bool none = tt_str_eq(git, TT_STR("none"));
    bool remote = !none && !tt_str_eq(git, TT_STR("repo"));
    for (size_t i = 0; i < tt_project_file_count; i++) {
        const struct tt_project_file *file = &tt_project_files[i];
        struct tt_str name = tt_str_cstr(file->path), path, content = file->content;
        if (none && tt_str_starts(name, TT_STR(".git/"))) {
            continue;
        }
        TT_TRY(join(maker, maker->facts.folder, TT_STR("/"), name, &path));
        if (remote && tt_str_eq(name, TT_STR(".git/config"))) {
            TT_TRY(join(maker, content, TT_STR("[remote \"origin\"]\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n\turl = "),
                        git, &content));
            TT_TRY(join(maker, content, TT_STR("\n"), TT_STR(""), &content));
        }
        TT_TRY(add_file(maker, TT_BOX_FILE, path, content));
    }
    return TT_OK;
}

/* ---- the command ---- */

/* An argument that needs a base URL goes where there is none, and an option before it that it belongs to. */
static enum tt_status
make_argv(struct maker *maker, const char ***out)
{
    const struct tt_scene_play *play = maker->play;
    const char **argv = tt_arena_get(maker->arena, (play->argv_count + 1) * sizeof(*argv));
    size_t n = 0;
    if (!argv) {
        return TT_E_MEMORY;
    }
    for (size_t i = 0; i < play->argv_count; i++) {
        struct tt_str arg;
        if (is_without_use(maker, play->argv[i])) {
            bool option = n > 1 && argv[n - 1][0] == '-' && !strchr(argv[n - 1], '=') && play->argv[i].ptr[0] != '-';
            n -= option;
            continue;
        }
        TT_TRY(fill(maker, play->argv[i], &arg));
        argv[n++] = arg.ptr;
    }
    argv[n] = NULL;
    *out = argv;
    return TT_OK;
}

/* The base URL's host, for /etc/hosts; an address needs no entry. */
static enum tt_status
make_names(struct maker *maker, const char *const **out)
{
    const struct facts *facts = &maker->facts;
    const char **names = tt_arena_get(maker->arena, 2 * sizeof(*names));
    if (!names) {
        return TT_E_MEMORY;
    }
    bool name = false;
    for (size_t i = 0; i < facts->base_host.len; i++) {
        name = name || tt_ascii_is_alpha(facts->base_host.ptr[i]);
    }
    names[0] = name && !tt_str_has(facts->base_host, TT_STR(":")) ? facts->base_host.ptr : NULL;
    names[1] = NULL;
    *out = names;
    return TT_OK;
}

/* Days from 1970-01-01 to a date after it. */
static int64_t
days_of(const struct tt_date *date)
{
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t past = date->year - 1;
    bool leap = (date->year % 4 == 0 && date->year % 100 != 0) || date->year % 400 == 0;
    int64_t days = past * 365 + past / 4 - past / 100 + past / 400 - 719162;
    return days + before[date->month - 1] + (leap && date->month > 2) + date->day - 1;
}

static int64_t
make_instant(const struct maker *maker)
{
    struct tt_date date;
    int64_t noon = TT_NOON_SECONDS;
    if (maker->run->condition.instant == TT_REAL) {
        return TT_BOX_REAL_CLOCK;
    }
    if (tt_date_read(maker->facts.date, 0, &date)) {
        noon = days_of(&date) * DAY + DAY / 2;
    }
    return noon + (maker->run->condition.instant == TT_EDGE ? TT_EDGE_SECONDS - TT_NOON_SECONDS : 0);
}

static unsigned
make_cpus(const struct maker *maker)
{
    unsigned n = 0;
    for (size_t i = 0; i < maker->facts.cpus.len && n < 1000; i++) {
        n = n * 10 + (unsigned) (maker->facts.cpus.ptr[i] - '0');
    }
    return n;
}

static enum tt_status
make_facts(struct maker *maker)
{
    maker->facts = (struct facts) {.home = TT_STR("/home/dev"),
                                   .user = TT_STR("dev"),
                                   .host_name = TT_STR("devbox"),
                                   .folder = TT_STR("~/project"),
                                   .base_host = TT_STR("127.0.0.1"),
                                   .scheme = TT_STR("http"),
                                   .key = TT_STR("sk-telltale-dummy"),
                                   .git = TT_STR("repo"),
                                   .date = TT_STR("2026-02-03")};
    TT_TRY(each_source(maker, take_fact));
    TT_TRY(expand(maker, maker->facts.folder, &maker->facts.folder));
    return make_base_url(maker);
}

static enum tt_status
make_contents(struct maker *maker)
{
    maker->vars = tt_arena_get(maker->arena, VARS_MAX * sizeof(*maker->vars));
    maker->files = tt_arena_get(maker->arena, FILES_MAX * sizeof(*maker->files));
    if (!maker->vars || !maker->files) {
        return TT_E_MEMORY;
    }
    if (maker->play->path.len > 0) {
        TT_TRY(set_var(maker, TT_STR("PATH"), maker->play->path.ptr));
    }
    TT_TRY(add_authority(maker));
    TT_TRY(add_project(maker));
    TT_TRY(add_profile(maker));
    return each_source(maker, take_source);
}

enum tt_status
tt_scene_make(struct tt_arena *arena, const struct tt_scene_play *play, const struct tt_run *run, struct tt_scene *scene)
{
    struct maker maker = {.arena = arena, .play = play, .run = run};
    const char **argv = NULL;
    const char *const *names = NULL;
    TT_TRY(make_facts(&maker));
    TT_TRY(make_contents(&maker));
    TT_TRY(make_argv(&maker, &argv));
    TT_TRY(make_names(&maker, &names));
    const struct facts *facts = &maker.facts;
    *scene = (struct tt_scene) {.mock = play->mock, .home_kept = facts->kept};
    scene->mock.dns = play->transparent || facts->base_host.len == 0 ? TT_MOCK_DNS_REDIRECT : TT_MOCK_DNS_NX;
    scene->box = (struct tt_box_settings) {
        .argv = argv,
        .vars = maker.vars,
        .var_count = maker.var_count,
        .files = maker.files,
        .file_count = maker.file_count,
        .shown = play->shown,
        .names = names,
        .host_name = facts->host_name.ptr,
        .user = facts->user.ptr,
        .home = facts->home.ptr,
        .cwd = facts->folder.ptr,
        .instant = make_instant(&maker),
        .cpus = make_cpus(&maker),
        .limits = play->limits,
    };
    return TT_OK;
}
