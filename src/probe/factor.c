/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Factors from text; see factor.h and docs/internals/probe.md, which describes the form.
 *
 * In: lines, and what of them is wanted.  Out: a design in the caller's arena; nothing else is kept.  Invariants: every factor has at least two
 * levels, level 0 is its baseline, and no level names a time zone that the machine does not have.
 */
#include "probe/factor.h"

#include "probe/texts.h"

#include <unistd.h>

static const struct {
    struct tt_str word;
    enum tt_source_kind kind;
    bool named; /* a name comes before the value */
} kinds[] = {
    {TT_STR_INIT("env"), TT_SOURCE_ENV, true},
    {TT_STR_INIT("unsetenv"), TT_SOURCE_UNSET, true},
    {TT_STR_INIT("file"), TT_SOURCE_FILE, true},
    {TT_STR_INIT("link"), TT_SOURCE_LINK, true},
    {TT_STR_INIT("absent"), TT_SOURCE_ABSENT, true},
    {TT_STR_INIT("hostname"), TT_SOURCE_HOST_NAME, false},
    {TT_STR_INIT("cwd"), TT_SOURCE_FOLDER, false},
    {TT_STR_INIT("home"), TT_SOURCE_HOME, false},
    {TT_STR_INIT("user"), TT_SOURCE_USER, false},
    {TT_STR_INIT("base-host"), TT_SOURCE_BASE_HOST, false},
    {TT_STR_INIT("scheme"), TT_SOURCE_SCHEME, false},
    {TT_STR_INIT("proxy"), TT_SOURCE_PROXY, false},
    {TT_STR_INIT("key"), TT_SOURCE_KEY, false},
    {TT_STR_INIT("git"), TT_SOURCE_GIT, false},
    {TT_STR_INIT("home-kept"), TT_SOURCE_HOME_KEPT, false},
    {TT_STR_INIT("date"), TT_SOURCE_DATE, false},
    {TT_STR_INIT("cpus"), TT_SOURCE_CPUS, false},
};

static const struct {
    struct tt_str word;
    enum tt_factor_role role;
} roles[] = {
    {TT_STR_INIT("host"), TT_ROLE_HOST},
    {TT_STR_INIT("scheme"), TT_ROLE_SCHEME},
    {TT_STR_INIT("proxy"), TT_ROLE_PROXY},
    {TT_STR_INIT("date"), TT_ROLE_DATE},
};

struct reader {
    struct tt_arena *arena;
    struct tt_design *design;
    struct tt_str *word; /* what an error is about */
    struct tt_error *err;
    uint32_t line;
};

static enum tt_status
fail(struct reader *reader, struct tt_str word, enum tt_status status, const char *why)
{
    *reader->word = word;
    tt_error_set(reader->err, status, 0, why);
    reader->err->line = reader->line;
    return status;
}

static struct tt_str
next_word(struct tt_str *rest)
{
    size_t from = 0;
    while (from < rest->len && rest->ptr[from] == ' ') {
        from++;
    }
    size_t to = from;
    while (to < rest->len && rest->ptr[to] != ' ') {
        to++;
    }
    struct tt_str word = tt_str_slice(*rest, from, to);
    while (to < rest->len && rest->ptr[to] == ' ') {
        to++;
    }
    *rest = tt_str_slice(*rest, to, rest->len);
    return word;
}

/* A copy in which \n is a line feed and \\ a backslash. */
static enum tt_status
unescape(struct tt_arena *arena, struct tt_str text, struct tt_str *out)
{
    TT_TRY(tt_arena_dup(arena, text, out));
    char *to = (char *) (uintptr_t) out->ptr;
    size_t n = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool escape = text.ptr[i] == '\\' && i + 1 < text.len && (text.ptr[i + 1] == 'n' || text.ptr[i + 1] == '\\');
        i += escape;
        to[n++] = escape && text.ptr[i] == 'n' ? '\n' : text.ptr[i];
    }
    to[n] = '\0';
    out->len = n;
    return TT_OK;
}

size_t
tt_design_find(const struct tt_design *design, struct tt_str name)
{
    size_t i = 0;
    while (i < design->factor_count && !tt_str_eq(design->factors[i].name, name)) {
        i++;
    }
    return i;
}

static enum tt_status
add_factor(struct reader *reader, struct tt_str name, struct tt_factor **out)
{
    struct tt_design *design = reader->design;
    if (design->factor_count == TT_PROBE_FACTORS_MAX) {
        return fail(reader, name, TT_E_LIMIT, "too many factors");
    }
    struct tt_factor *factor = &design->factors[design->factor_count];
    *factor = (struct tt_factor) {.name = name, .title = name};
    factor->levels = tt_arena_get(reader->arena, TT_PROBE_LEVELS_MAX * sizeof(*factor->levels));
    if (!factor->levels) {
        return TT_E_MEMORY;
    }
    design->factor_count++;
    *out = factor;
    return TT_OK;
}

static enum tt_status
add_level(struct reader *reader, struct tt_factor *factor, struct tt_str name, struct tt_level_spec **out)
{
    for (size_t i = 0; i < factor->level_count; i++) {
        if (tt_str_eq(factor->levels[i].name, name)) {
            *out = &factor->levels[i];
            return TT_OK;
        }
    }
    if (factor->level_count == TT_PROBE_LEVELS_MAX) {
        return fail(reader, name, TT_E_LIMIT, "a factor has too many levels");
    }
    struct tt_level_spec *level = &factor->levels[factor->level_count];
    *level = (struct tt_level_spec) {.name = name};
    level->sources = tt_arena_get(reader->arena, TT_PROBE_SOURCES_MAX * sizeof(*level->sources));
    if (!level->sources) {
        return TT_E_MEMORY;
    }
    factor->level_count++;
    *out = level;
    return TT_OK;
}

static enum tt_status
add_source(struct reader *reader, struct tt_level_spec *level, struct tt_str kind, struct tt_str rest)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (!tt_str_eq(kinds[i].word, kind)) {
            continue;
        }
        if (level->source_count == TT_PROBE_SOURCES_MAX) {
            return fail(reader, level->name, TT_E_LIMIT, "a level has too many sources");
        }
        struct tt_source *source = &level->sources[level->source_count];
        *source = (struct tt_source) {.kind = kinds[i].kind};
        source->name = kinds[i].named ? next_word(&rest) : TT_STR("");
        if (kinds[i].named && source->name.len == 0) {
            return fail(reader, kind, TT_E_INPUT, "a name is missing behind");
        }
        TT_TRY(unescape(reader->arena, rest, &source->value));
        level->source_count++;
        return TT_OK;
    }
    return fail(reader, kind, TT_E_INPUT, "there is no such kind of source:");
}

/* "@ FACTOR [identity] [ROLE] TITLE" */
static enum tt_status
read_head(struct reader *reader, struct tt_str rest)
{
    struct tt_factor *factor = NULL;
    struct tt_str name = next_word(&rest);
    if (name.len == 0) {
        return fail(reader, TT_STR("@"), TT_E_INPUT, "a factor's name is missing behind");
    }
    TT_TRY(add_factor(reader, name, &factor));
    if (tt_str_starts(rest, TT_STR("identity "))) {
        factor->identity = true;
        (void) next_word(&rest);
    }
    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        struct tt_str after = rest;
        if (tt_str_eq(next_word(&after), roles[i].word) && after.len > 0) {
            factor->role = roles[i].role;
            rest = after;
            break;
        }
    }
    factor->title = rest.len > 0 ? rest : name;
    return TT_OK;
}

static enum tt_status
read_line(struct reader *reader, struct tt_str line)
{
    struct tt_factor *factor = NULL;
    struct tt_level_spec *level = NULL;
    struct tt_str rest = line;
    struct tt_str name = next_word(&rest);
    if (name.len == 0 || name.ptr[0] == '#') {
        return TT_OK;
    }
    if (tt_str_eq(name, TT_STR("@"))) {
        return read_head(reader, rest);
    }
    struct tt_str level_name = next_word(&rest);
    struct tt_str kind = next_word(&rest);
    if (kind.len == 0) {
        return fail(reader, name, TT_E_INPUT, "a line is FACTOR LEVEL KIND NAME VALUE; something is missing behind");
    }
    size_t number = tt_design_find(reader->design, name);
    if (number < reader->design->factor_count) {
        factor = &reader->design->factors[number];
    } else {
        TT_TRY(add_factor(reader, name, &factor));
    }
    TT_TRY(add_level(reader, factor, level_name, &level));
    return tt_str_eq(kind, TT_STR("=")) ? TT_OK : add_source(reader, level, kind, rest);
}

static enum tt_status
read_text(struct reader *reader, struct tt_str text)
{
    reader->line = 0;
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        size_t len = end ? (size_t) (end - text.ptr) : text.len;
        struct tt_str line = tt_str_slice(text, 0, len > 0 && text.ptr[len - 1] == '\r' ? len - 1 : len);
        reader->line++;
        if (memchr(line.ptr, '\0', line.len)) {
            return fail(reader, TT_STR(""), TT_E_INPUT, "a line holds a NUL byte");
        }
        TT_TRY(read_line(reader, line));
        text = tt_str_slice(text, len + 1, text.len);
    }
    reader->line = 0;
    return TT_OK;
}

/* ---- what is wanted, and what the machine has ---- */

static enum tt_status
add_hosts(struct reader *reader, const struct tt_factor_choice *choice)
{
    size_t number = tt_design_find(reader->design, TT_STR("host"));
    for (size_t i = 0; i < choice->host_count && number < reader->design->factor_count; i++) {
        struct tt_level_spec *level = NULL;
        struct tt_str host = tt_str_cstr(choice->hosts[i]);
        TT_TRY(add_level(reader, &reader->design->factors[number], host, &level));
        if (level->source_count == 0) {
            level->sources[level->source_count++] = (struct tt_source) {TT_SOURCE_BASE_HOST, TT_STR(""), host};
        }
    }
    return TT_OK;
}

/* Of a level: do its links into the time zone data lead somewhere? */
static bool
is_known(const struct tt_level_spec *level)
{
    for (size_t i = 0; i < level->source_count; i++) {
        const struct tt_source *source = &level->sources[i];
        /* Values end in a NUL: they are copies. */
        if (source->kind == TT_SOURCE_LINK && tt_str_starts(source->value, TT_STR("/usr/share/zoneinfo/")) &&
            access(source->value.ptr, R_OK) != 0) {
            return false;
        }
    }
    return true;
}

/* A line of what is left out: a factor, or one level of it. */
static void
add_left_out(struct tt_buf *out, struct tt_str factor, struct tt_str level, const char *why)
{
    tt_buf_add(out, factor);
    tt_buf_add_cstr(out, level.len > 0 ? " " : "");
    tt_buf_add(out, level);
    tt_buf_add_cstr(out, ": ");
    tt_buf_add_cstr(out, why);
    tt_buf_add_char(out, '\n');
}

static void
drop_unknown_levels(struct tt_factor *factor, struct tt_buf *left_out)
{
    size_t kept = 0;
    for (size_t i = 0; i < factor->level_count; i++) {
        if (is_known(&factor->levels[i])) {
            factor->levels[kept++] = factor->levels[i];
            continue;
        }
        add_left_out(left_out, factor->name, factor->levels[i].name, "the machine does not know it");
    }
    factor->level_count = kept;
}

/* A factor of a file may name one level: then it is compared with its absence. */
static void
add_absence(struct tt_factor *factor)
{
    factor->levels[1] = factor->levels[0];
    factor->levels[0] = (struct tt_level_spec) {.name = TT_STR("without")};
    factor->level_count = 2;
}

static bool
is_wanted(const struct tt_factor_choice *choice, const struct tt_factor *factor)
{
    bool wanted = choice->name_count == 0;
    for (size_t i = 0; i < choice->name_count; i++) {
        wanted = wanted || tt_str_eq(tt_str_cstr(choice->names[i]), factor->name);
    }
    return wanted;
}

static bool
has_kind(const struct tt_factor *factor, enum tt_source_kind kind)
{
    for (size_t i = 0; i < factor->level_count; i++) {
        for (size_t k = 0; k < factor->levels[i].source_count; k++) {
            if (factor->levels[i].sources[k].kind == kind) {
                return true;
            }
        }
    }
    return false;
}

struct reason {
    const char *why, *complaint; /* of what is left out; of what was asked for */
};

/* Why the client could not sense this factor at all, here; NULL: it could. */
static const struct reason *
why_not(const struct tt_factor_choice *choice, const struct tt_factor *factor)
{
    static const struct reason no_url = {"the command, --env and --file name no {BASE_URL}",
                                         "the command, --env and --file name no {BASE_URL}, so there is no way to vary"};
    static const struct reason no_key = {"the command, --env and --file name no {KEY}",
                                         "the command, --env and --file name no {KEY}, so there is no way to vary"};
    static const struct reason one_cpu = {"the machine has one processor",
                                          "the machine has one processor, so there is no way to vary"};
    if (!choice->base_url && (has_kind(factor, TT_SOURCE_BASE_HOST) || has_kind(factor, TT_SOURCE_SCHEME))) {
        return &no_url;
    }
    if (!choice->key && has_kind(factor, TT_SOURCE_KEY)) {
        return &no_key;
    }
    return choice->processors > 1 || !has_kind(factor, TT_SOURCE_CPUS) ? NULL : &one_cpu;
}

static enum tt_status
check_name(struct reader *reader, const struct tt_factor_choice *choice, struct tt_str name)
{
    size_t number = tt_design_find(reader->design, name);
    if (number == reader->design->factor_count) {
        return fail(reader, name, TT_E_USAGE, "there is no factor");
    }
    const struct reason *reason = why_not(choice, &reader->design->factors[number]);
    return reason ? fail(reader, name, TT_E_USAGE, reason->complaint) : TT_OK;
}

static enum tt_status
check_names(struct reader *reader, const struct tt_factor_choice *choice)
{
    for (size_t i = 0; i < choice->name_count; i++) {
        TT_TRY(check_name(reader, choice, tt_str_cstr(choice->names[i])));
    }
    return choice->host_count > 0 ? check_name(reader, choice, TT_STR("host")) : TT_OK;
}

/* Parts what is varied from what stays at its baseline. */
static enum tt_status
select_factors(struct reader *reader, const struct tt_factor_choice *choice, struct tt_buf *left_out)
{
    struct tt_design *design = reader->design;
    size_t count = design->factor_count;
    design->fixed = tt_arena_get(reader->arena, TT_PROBE_FACTORS_MAX * sizeof(*design->fixed));
    if (!design->fixed) {
        return TT_E_MEMORY;
    }
    design->factor_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct tt_factor factor = design->factors[i];
        bool wanted = is_wanted(choice, &factor);
        const struct reason *reason = wanted ? why_not(choice, &factor) : NULL;
        bool varied = wanted && !reason;
        if (varied) {
            drop_unknown_levels(&factor, left_out);
        }
        if (reason) {
            add_left_out(left_out, factor.name, TT_STR(""), reason->why);
        }
        if (varied && factor.level_count > 1) {
            design->factors[design->factor_count++] = factor;
        } else if (factor.level_count > 0) {
            design->fixed[design->fixed_count++] = factor.levels[0];
        }
    }
    return TT_OK;
}

static enum tt_status
read_factors(struct reader *reader, const struct tt_factor_choice *choice)
{
    struct tt_str builtin = TT_STR("");
    for (size_t i = 0; i < tt_probe_text_count; i++) {
        if (tt_str_eq(tt_probe_texts[i].name, TT_STR("factors.txt"))) {
            builtin = tt_probe_texts[i].text;
        }
    }
    TT_TRY(read_text(reader, builtin));
    size_t own = reader->design->factor_count;
    TT_TRY(read_text(reader, choice->file));
    for (size_t i = own; i < reader->design->factor_count; i++) {
        if (reader->design->factors[i].level_count == 1) {
            add_absence(&reader->design->factors[i]);
        }
    }
    return add_hosts(reader, choice);
}

enum tt_status
tt_design_build(struct tt_arena *arena, const struct tt_factor_choice *choice, struct tt_design *design, struct tt_buf *left_out,
                struct tt_str *word, struct tt_error *err)
{
    struct reader reader = {.arena = arena, .design = design, .word = word, .err = err};
    *design = (struct tt_design) {.factors = tt_arena_get(arena, TT_PROBE_FACTORS_MAX * sizeof(struct tt_factor))};
    *word = TT_STR("");
    tt_error_set(err, TT_E_MEMORY, 0, "not enough memory for the factors");
    if (!design->factors) {
        return TT_E_MEMORY;
    }
    TT_TRY(read_factors(&reader, choice));
    TT_TRY(check_names(&reader, choice));
    return select_factors(&reader, choice, left_out);
}
