/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counts records; see metrics.h.
 *
 * A request's record comes first and says who asked for what; its outcome, maybe minutes later, says what it took.  Between them, the
 * labels of the request wait in a table of a fixed size: in each of its rows the oldest gives way.  An outcome without its
 * request counts as such, and in nothing that has labels of the request.
 *
 * Ownership: all blocks are asked for in tt_metrics_new and given back in tt_metrics_free.
 */
#include "serve/metrics.h"

#include "base/hash.h"
#include "serve/metrics_record.h"
#include "serve/series.h"

/* Kinds of words. */
enum {
    WORD_FIXED, /* words of this file and of the gateway */
    WORD_ROUTE,
    WORD_OPERATION,
    WORD_DECISION,
    WORD_CHANNEL,
    WORD_REASON,
    WORD_REFERENCE,
    WORD_END,
    WORD_ERROR,
    WORD_TEAM,
    WORD_MODEL,
    WORD_PROVIDER,
};

/* Words that come from records but not from their clients; more of them than this means that records are not ours. */
#define FEW 64
#define MANY 512 /* of the catalogue */

/* ---- What is counted ---- */

enum {
    REQUESTS,
    OUTCOMES,
    FINDINGS,
    NOT_INSPECTED,
    REFERENCES,
    INSPECT_SECONDS,
    ESTIMATED_TOKENS,
    TEAM_REQUESTS,
    TEAM_TOKENS,
    TEAM_COST,
    BUDGETS,
    OWN_SERIES,
};

static const struct tt_otel_bound inspect_bounds[] = {
    {10, "0.00001"}, {20, "0.00002"}, {50, "0.00005"}, {100, "0.0001"}, {200, "0.0002"}, {500, "0.0005"}, {1000, "0.001"},
    {2000, "0.002"}, {5000, "0.005"}, {10000, "0.01"}, {20000, "0.02"}, {50000, "0.05"}, {100000, "0.1"}, {1000000, "1"},
};

static const struct tt_series_spec own[OWN_SERIES] = {
    [REQUESTS] = {"telltale_requests_total",
                  "Requests by what was decided.",
                  TT_SERIES_COUNTER,
                  TT_METRICS_SETS_MAX,
                  {"route", "operation", "decision", "shadow"},
                  1,
                  NULL,
                  0},
    [OUTCOMES] = {"telltale_outcomes_total", "Requests by how they ended.", TT_SERIES_COUNTER, FEW, {"end"}, 1, NULL, 0},
    [FINDINGS] = {"telltale_findings_total",
                  "Marks that were found in requests.",
                  TT_SERIES_COUNTER,
                  TT_METRICS_SETS_MAX,
                  {"channel", "action"},
                  1,
                  NULL,
                  0},
    [NOT_INSPECTED] =
        {"telltale_not_inspected_total", "Requests that were not inspected.", TT_SERIES_COUNTER, FEW, {"reason"}, 1, NULL, 0},
    [REFERENCES] = {"telltale_references_total",
                    "Requests that refer to content which was not inspected.",
                    TT_SERIES_COUNTER,
                    FEW,
                    {"kind"},
                    1,
                    NULL,
                    0},
    [INSPECT_SECONDS] = {"telltale_inspect_seconds",
                         "Time that the inspection of a request took.",
                         TT_SERIES_HISTOGRAM,
                         1,
                         {NULL},
                         1000000,
                         inspect_bounds,
                         sizeof(inspect_bounds) / sizeof(inspect_bounds[0])},
    [ESTIMATED_TOKENS] = {"telltale_estimated_tokens_total",
                          "Tokens of answers whose use was estimated.",
                          TT_SERIES_COUNTER,
                          FEW,
                          {"type"},
                          1,
                          NULL,
                          0},
    [TEAM_REQUESTS] = {"telltale_team_requests_total",
                       "Requests by team.",
                       TT_SERIES_COUNTER,
                       TT_METRICS_SETS_MAX,
                       {"team", "decision"},
                       1,
                       NULL,
                       0},
    [TEAM_TOKENS] = {"telltale_team_tokens_total",
                     "Tokens by team, estimated ones among them.",
                     TT_SERIES_COUNTER,
                     TT_METRICS_SETS_MAX,
                     {"team", "type"},
                     1,
                     NULL,
                     0},
    [TEAM_COST] = {"telltale_team_cost_usd_total",
                   "Cost by team, at the catalogue's prices.",
                   TT_SERIES_COUNTER,
                   TT_METRICS_TEAMS_MAX,
                   {"team"},
                   1000000,
                   NULL,
                   0},
    [BUDGETS] = {"telltale_budget_used_ratio",
                 "Part of a team's budget that is spent.",
                 TT_SERIES_GAUGE,
                 TT_METRICS_TEAMS_MAX,
                 {"team"},
                 1000000,
                 NULL,
                 0},
};

/* ---- Requests that wait for their outcome ---- */

#define WAYS 8

struct open_request {
    uint64_t key[2]; /* hashes of the id */
    uint64_t number; /* of the request, in the order in which they came; 0: nobody waits here */
    uint16_t operation, provider, model, team;
    bool streams, is_generation;
};

/* The word of a model's name, so that the catalogue is asked once for a name that comes often. */
struct known_model {
    uint64_t key[2];
    uint16_t word;
};
#define KNOWN_MODELS 256

struct tt_metrics {
    const struct tt_alloc *alloc;
    const struct tt_catalog *catalog;
    struct tt_words *words;
    struct tt_series *own[OWN_SERIES];
    struct tt_series *otel[TT_OTEL_METRICS];
    struct tt_series_spec otel_specs[TT_OTEL_METRICS];
    struct tt_metrics_state state;
    uint16_t input, output, is_true, is_false; /* words */
    uint64_t requests, outcomes, unreadable, unpaired, estimated, open_count;
    struct known_model models[KNOWN_MODELS];
    struct open_request open[TT_METRICS_OPEN_MAX];
};

static void
name_otel_labels(struct tt_series_spec *spec, enum tt_otel_metric_id id)
{
    enum tt_otel_attribute last = id == TT_OTEL_TOKEN_USAGE ? TT_OTEL_TOKEN_TYPE : TT_OTEL_ERROR_TYPE;
    const enum tt_otel_attribute order[] = {TT_OTEL_OPERATION, TT_OTEL_PROVIDER, TT_OTEL_REQUEST_MODEL, TT_OTEL_RESPONSE_MODEL,
                                            last};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        spec->labels[i] = tt_otel_attributes[order[i]].prometheus;
    }
}

static enum tt_status
make_series(struct tt_metrics *metrics)
{
    for (size_t i = 0; i < OWN_SERIES; i++) {
        TT_TRY(tt_series_new(metrics->alloc, &own[i], &metrics->own[i]));
    }
    for (size_t i = 0; i < TT_OTEL_METRICS; i++) {
        const struct tt_otel_metric *otel = &tt_otel_metrics[i];
        struct tt_series_spec *spec = &metrics->otel_specs[i];
        *spec = (struct tt_series_spec) {.name = otel->prometheus,
                                         .help = otel->help,
                                         .type = TT_SERIES_HISTOGRAM,
                                         .max = TT_METRICS_SETS_MAX,
                                         .scale = otel->scale,
                                         .bounds = otel->bounds,
                                         .bound_count = otel->bound_count};
        name_otel_labels(spec, (enum tt_otel_metric_id) i);
        TT_TRY(tt_series_new(metrics->alloc, spec, &metrics->otel[i]));
    }
    return tt_words_new(metrics->alloc, &metrics->words);
}

static uint16_t
fixed_word(struct tt_metrics *metrics, const char *word)
{
    return tt_words_get(metrics->words, WORD_FIXED, TT_METRICS_WORDS_MAX, tt_str_cstr(word));
}

enum tt_status
tt_metrics_new(const struct tt_alloc *alloc, const struct tt_catalog *catalog, struct tt_metrics **metrics)
{
    struct tt_metrics *m = tt_alloc_new(alloc, sizeof(*m));
    *metrics = NULL;
    if (!m) {
        return TT_E_MEMORY;
    }
    memset(m, 0, sizeof(*m));
    m->alloc = alloc;
    m->catalog = catalog;
    enum tt_status status = make_series(m);
    if (status != TT_OK) {
        tt_metrics_free(m);
        return status;
    }
    m->input = fixed_word(m, "input");
    m->output = fixed_word(m, "output");
    m->is_true = fixed_word(m, "true");
    m->is_false = fixed_word(m, "false");
    *metrics = m;
    return TT_OK;
}

void
tt_metrics_free(struct tt_metrics *metrics)
{
    if (!metrics) {
        return;
    }
    for (size_t i = 0; i < OWN_SERIES; i++) {
        tt_series_free(metrics->own[i]);
    }
    for (size_t i = 0; i < TT_OTEL_METRICS; i++) {
        tt_series_free(metrics->otel[i]);
    }
    tt_words_free(metrics->words);
    tt_alloc_free(metrics->alloc, metrics, sizeof(*metrics));
}

/* ---- Words of records ---- */

/* Control characters are in no name that is worth a label. */
static uint16_t
word_of(struct tt_metrics *metrics, uint8_t kind, size_t max, struct tt_str word)
{
    for (size_t i = 0; i < word.len; i++) {
        if ((unsigned char) word.ptr[i] < 0x20 || word.ptr[i] == 0x7F) {
            return TT_WORD_OTHER;
        }
    }
    return tt_words_get(metrics->words, kind, max, word);
}

static uint16_t
provider_word(struct tt_metrics *metrics, struct tt_str id)
{
    for (size_t i = 0; i < tt_otel_provider_count; i++) {
        if (tt_str_eq(tt_otel_providers[i].provider, id)) {
            return tt_words_get(metrics->words, WORD_PROVIDER, MANY, tt_str_cstr(tt_otel_providers[i].name));
        }
    }
    bool is_known = tt_catalog_find(metrics->catalog, TT_CATALOG_PROVIDER, id) != NULL;
    return is_known ? tt_words_get(metrics->words, WORD_PROVIDER, MANY, id) : TT_WORD_OTHER;
}

/* The name of a model as the catalogue writes it: one that has a price, else the family.  A client's own spelling never is a label. */
static struct tt_str
catalog_name(const struct tt_catalog *catalog, struct tt_str name)
{
    struct tt_catalog_model model;
    if (!tt_catalog_model(catalog, name, &model)) {
        return TT_STR("other");
    }
    for (size_t i = 0; i < catalog->count; i++) {
        const struct tt_catalog_entry *entry = &catalog->entries[i];
        const struct tt_catalog_value *price = NULL;
        if (entry->kind == TT_CATALOG_PROVIDER && (price = tt_catalog_price(entry, model.base, NULL))) {
            return price->text;
        }
    }
    return model.family ? model.family->id : TT_STR("other");
}

static uint16_t
model_word(struct tt_metrics *metrics, struct tt_str name)
{
    if (name.len == 0) {
        return TT_WORD_NONE;
    }
    uint64_t key[2] = {tt_hash64(1, 2, name), tt_hash64(3, 4, name)};
    struct known_model *known = &metrics->models[key[0] % KNOWN_MODELS];
    if (known->word == TT_WORD_NONE || memcmp(known->key, key, sizeof(key)) != 0) {
        memcpy(known->key, key, sizeof(key));
        known->word = tt_words_get(metrics->words, WORD_MODEL, MANY, catalog_name(metrics->catalog, name));
    }
    return known->word;
}

/* ---- Requests ---- */

/* The row of the table in which a request of that id waits; the request itself, or the place of the oldest. */
static struct open_request *
find_open(struct tt_metrics *metrics, struct tt_str id, uint64_t key[2], bool *found)
{
    key[0] = tt_hash64(5, 6, id);
    key[1] = tt_hash64(7, 8, id);
    struct open_request *row = metrics->open + key[0] % (TT_METRICS_OPEN_MAX / WAYS) * WAYS;
    struct open_request *oldest = row;
    for (size_t i = 0; i < WAYS; i++) {
        if (row[i].number > 0 && memcmp(row[i].key, key, 2 * sizeof(key[0])) == 0) {
            *found = true;
            return &row[i];
        }
        oldest = row[i].number < oldest->number ? &row[i] : oldest;
    }
    *found = false;
    return oldest;
}

/* Operations that OpenTelemetry knows; others are calls beside the models. */
static bool
is_generation(struct tt_str operation)
{
    static const char *const words[] = {"chat", "generate_content", "text_completion", "embeddings"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (tt_str_eq(operation, tt_str_cstr(words[i]))) {
            return true;
        }
    }
    return false;
}

static void
keep_open(struct tt_metrics *metrics, const struct tt_metrics_record *record, uint16_t operation, uint16_t team)
{
    uint64_t key[2];
    bool found;
    struct open_request *open = find_open(metrics, record->id, key, &found);
    metrics->open_count += open->number == 0;
    *open = (struct open_request) {
        .key = {key[0], key[1]},
        .number = metrics->requests,
        .operation = operation,
        .provider = provider_word(metrics, record->provider),
        .model = model_word(metrics, record->model),
        .team = team,
        .streams = record->stream == 1,
        .is_generation = is_generation(record->operation),
    };
}

static void
count_findings(struct tt_metrics *metrics, const struct tt_metrics_record *record, uint16_t action)
{
    for (size_t i = 0; i < record->mark_count; i++) {
        uint16_t channel = word_of(metrics, WORD_CHANNEL, FEW, record->marks[i]);
        tt_series_take(metrics->own[FINDINGS], (uint16_t[TT_SERIES_LABELS]) {channel, action}, 1);
    }
    uint64_t more = record->marks_over + (record->marks_more > 0 ? (uint64_t) record->marks_more : 0);
    if (more > 0) {
        tt_series_take(metrics->own[FINDINGS], (uint16_t[TT_SERIES_LABELS]) {TT_WORD_OTHER, action}, more);
    }
}

static void
add_request(struct tt_metrics *metrics, const struct tt_metrics_record *record)
{
    uint16_t route = word_of(metrics, WORD_ROUTE, FEW, record->api);
    uint16_t operation = word_of(metrics, WORD_OPERATION, FEW, record->operation);
    uint16_t decision = word_of(metrics, WORD_DECISION, FEW, record->action);
    uint16_t team = word_of(metrics, WORD_TEAM, TT_METRICS_TEAMS_MAX, record->team);
    uint16_t shadow = record->shadow == 1 ? metrics->is_true : metrics->is_false;
    metrics->requests++;
    tt_series_take(metrics->own[REQUESTS], (uint16_t[TT_SERIES_LABELS]) {route, operation, decision, shadow}, 1);
    tt_series_take(metrics->own[TEAM_REQUESTS], (uint16_t[TT_SERIES_LABELS]) {team, decision}, 1);
    if (record->not_inspected.len > 0) {
        uint16_t reason = word_of(metrics, WORD_REASON, FEW, record->not_inspected);
        tt_series_take(metrics->own[NOT_INSPECTED], (uint16_t[TT_SERIES_LABELS]) {reason}, 1);
    }
    if (record->inspect_us >= 0) {
        tt_series_take(metrics->own[INSPECT_SECONDS], (uint16_t[TT_SERIES_LABELS]) {TT_WORD_NONE}, (uint64_t) record->inspect_us);
    }
    for (size_t i = 0; i < record->reference_count; i++) {
        uint16_t kind = word_of(metrics, WORD_REFERENCE, FEW, record->references[i]);
        tt_series_take(metrics->own[REFERENCES], (uint16_t[TT_SERIES_LABELS]) {kind}, 1);
    }
    count_findings(metrics, record, decision);
    if (record->id.len > 0) {
        keep_open(metrics, record, operation, team);
    }
}

/* ---- Outcomes ---- */

/* What went wrong, in few words; none when nothing did. */
static uint16_t
error_word(struct tt_metrics *metrics, const struct tt_metrics_record *record)
{
    if (record->status >= 400 && record->status <= 599) {
        char digits[3] = {(char) ('0' + record->status / 100), (char) ('0' + record->status / 10 % 10),
                          (char) ('0' + record->status % 10)};
        return tt_words_get(metrics->words, WORD_ERROR, 256, tt_str_make(digits, 3));
    }
    if (record->end.len > 0 && !tt_str_eq(record->end, TT_STR("complete"))) {
        return word_of(metrics, WORD_ERROR, 256, record->end);
    }
    return record->error == 1 ? tt_words_get(metrics->words, WORD_ERROR, 256, TT_STR("provider_error")) : TT_WORD_NONE;
}

/* OpenTelemetry wants figures of the provider only; estimates have a metric of their own. */
static void
count_tokens(struct tt_metrics *metrics, const struct open_request *open, uint16_t model, bool estimated, uint16_t type,
             int64_t tokens)
{
    if (tokens < 0) {
        return;
    }
    tt_series_take(metrics->own[TEAM_TOKENS], (uint16_t[TT_SERIES_LABELS]) {open->team, type}, (uint64_t) tokens);
    if (estimated) {
        tt_series_take(metrics->own[ESTIMATED_TOKENS], (uint16_t[TT_SERIES_LABELS]) {type}, (uint64_t) tokens);
    } else {
        tt_series_take(metrics->otel[TT_OTEL_TOKEN_USAGE],
                       (uint16_t[TT_SERIES_LABELS]) {open->operation, open->provider, open->model, model, type},
                       (uint64_t) tokens);
    }
}

static void
count_operation(struct tt_metrics *metrics, const struct open_request *open, const struct tt_metrics_record *record)
{
    uint16_t model = model_word(metrics, record->model);
    uint16_t error = error_word(metrics, record);
    const uint16_t labels[TT_SERIES_LABELS] = {open->operation, open->provider, open->model, model, error};
    bool estimated = tt_str_eq(record->source, TT_STR("estimated"));
    metrics->estimated += estimated;
    count_tokens(metrics, open, model, estimated, metrics->input, record->input);
    count_tokens(metrics, open, model, estimated, metrics->output, record->output);
    if (record->cost >= 0) {
        tt_series_take(metrics->own[TEAM_COST], (uint16_t[TT_SERIES_LABELS]) {open->team}, (uint64_t) record->cost);
    }
    if (record->total_us >= 0) {
        tt_series_take(metrics->otel[TT_OTEL_DURATION], labels, (uint64_t) record->total_us);
    }
    if (record->first_byte_us >= 0 && open->streams) {
        tt_series_take(metrics->otel[TT_OTEL_FIRST_CHUNK], labels, (uint64_t) record->first_byte_us);
    }
}

static void
add_outcome(struct tt_metrics *metrics, const struct tt_metrics_record *record)
{
    uint16_t end = word_of(metrics, WORD_END, FEW, record->end);
    uint64_t key[2];
    bool found;
    metrics->outcomes++;
    tt_series_take(metrics->own[OUTCOMES], (uint16_t[TT_SERIES_LABELS]) {end}, 1);
    struct open_request *open = find_open(metrics, record->id, key, &found);
    if (!found) {
        metrics->unpaired++;
        return;
    }
    if (open->is_generation && !tt_str_eq(record->end, TT_STR("refused"))) {
        count_operation(metrics, open, record);
    }
    open->number = 0;
    metrics->open_count--;
}

void
tt_metrics_add(struct tt_metrics *metrics, struct tt_str record)
{
    struct tt_metrics_record read;
    if (!tt_metrics_record_read(record, &read)) {
        metrics->unreadable++;
    } else if (tt_str_eq(read.type, TT_STR("request"))) {
        add_request(metrics, &read);
    } else if (tt_str_eq(read.type, TT_STR("outcome"))) {
        add_outcome(metrics, &read);
    }
}

void
tt_metrics_set_state(struct tt_metrics *metrics, const struct tt_metrics_state *state)
{
    metrics->state = *state;
}

void
tt_metrics_set_budget(struct tt_metrics *metrics, struct tt_str team, uint64_t millionths)
{
    uint16_t word = word_of(metrics, WORD_TEAM, TT_METRICS_TEAMS_MAX, team);
    if (word > TT_WORD_OTHER) {
        tt_series_take(metrics->own[BUDGETS], (uint16_t[TT_SERIES_LABELS]) {word}, millionths);
    }
}

/* ---- The page ---- */

static uint64_t
overflow(const struct tt_metrics *metrics)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < OWN_SERIES; i++) {
        sum += tt_series_overflow(metrics->own[i]);
    }
    for (size_t i = 0; i < TT_OTEL_METRICS; i++) {
        sum += tt_series_overflow(metrics->otel[i]);
    }
    return sum;
}

static void
add_one(struct tt_buf *out, const char *name, const char *help, const char *type, uint64_t value)
{
    tt_series_write_one(out, name, help, type, NULL, TT_STR(""), value);
}

static void
add_state(const struct tt_metrics *metrics, struct tt_buf *out)
{
    const struct tt_metrics_state *state = &metrics->state;
    if (state->version) {
        tt_series_write_one(out, "telltale_build_info", "The version that runs.", "gauge", "version", tt_str_cstr(state->version),
                            1);
    }
    if (state->policy) {
        tt_series_write_one(out, "telltale_policy_info", "The policy in force.", "gauge", "hash", tt_str_cstr(state->policy), 1);
    }
    add_one(out, "telltale_start_time_seconds", "When the gateway started, since 1970.", "gauge", state->started);
    add_one(out, "telltale_shadow", "1 when decisions are recorded but not acted upon.", "gauge", state->shadow);
    add_one(out, "telltale_workers", "Worker processes.", "gauge", state->workers);
    add_one(out, "telltale_body_tempfile_total",
            "Bodies that were put into a temporary file; each costs its request tens of milliseconds.", "counter",
            state->temp_files);
    add_one(out, "telltale_ring_used_bytes", "Records that wait in memory.", "gauge", state->ring_used);
    add_one(out, "telltale_ring_size_bytes", "Room for records in memory.", "gauge", state->ring_size);
    add_one(out, "telltale_spool_bytes", "Records that wait in files for the ledger.", "gauge", state->spooled);
    add_one(out, "telltale_ledger_up", "1 when the ledger takes records.", "gauge", state->ledger_works);
    add_one(out, "telltale_audit_dropped_total", "Records that never came.", "counter", state->dropped);
}

void
tt_metrics_write(const struct tt_metrics *metrics, struct tt_buf *out)
{
    add_state(metrics, out);
    add_one(out, "telltale_open_requests", "Requests whose outcome is still to come.", "gauge", metrics->open_count);
    add_one(out, "telltale_usage_estimated_total", "Answers whose use was estimated, because the provider did not say it.",
            "counter", metrics->estimated);
    add_one(out, "telltale_outcomes_unpaired_total", "Outcomes of requests that these metrics do not know.", "counter",
            metrics->unpaired);
    add_one(out, "telltale_records_unreadable_total", "Records that could not be read.", "counter", metrics->unreadable);
    add_one(out, "telltale_metrics_overflow_total", "Values that count under \"other\", for lack of room for labels.", "counter",
            overflow(metrics));
    for (size_t i = 0; i < OWN_SERIES; i++) {
        tt_series_write(metrics->own[i], metrics->words, out);
    }
    for (size_t i = 0; i < TT_OTEL_METRICS; i++) {
        tt_series_write(metrics->otel[i], metrics->words, out);
    }
}
