/* SPDX-License-Identifier: Apache-2.0 */
/* See simulated.h.  The client knows nothing of how it is judged: it reads its levels' values, as a program reads its environment. */
#include "simulated.h"

#include "base/hash.h"
#include "base/limits.h"

#include <stdio.h>
#include <string.h>

/* ---- the design ---- */

#define SOURCE(k, n, v)                                              \
    {                                                                \
        .kind = (k), .name = TT_STR_INIT(n), .value = TT_STR_INIT(v) \
    }

static struct tt_source zones[] = {SOURCE(TT_SOURCE_ENV, "TZ", "UTC"), SOURCE(TT_SOURCE_ENV, "TZ", "Asia/Shanghai"),
                                   SOURCE(TT_SOURCE_ENV, "TZ", "Asia/Urumqi"), SOURCE(TT_SOURCE_ENV, "TZ", "America/New_York")};
static struct tt_source locales[] = {SOURCE(TT_SOURCE_ENV, "LANG", "en_US.UTF-8"), SOURCE(TT_SOURCE_ENV, "LANG", "C.UTF-8"),
                                     SOURCE(TT_SOURCE_ENV, "LANG", "zh_CN.UTF-8"), SOURCE(TT_SOURCE_ENV, "LANG", "de_DE.UTF-8")};
static struct tt_source hosts[] = {
    SOURCE(TT_SOURCE_BASE_HOST, "", "127.0.0.1"), SOURCE(TT_SOURCE_BASE_HOST, "", "gateway.example.test"),
    SOURCE(TT_SOURCE_BASE_HOST, "", "api.lab.example.test"), SOURCE(TT_SOURCE_BASE_HOST, "", "gateway.lab.example.test"),
    SOURCE(TT_SOURCE_BASE_HOST, "", "")};
static struct tt_source proxies[] = {SOURCE(TT_SOURCE_PROXY, "", ""), SOURCE(TT_SOURCE_PROXY, "", "HTTPS_PROXY HTTP_PROXY")};
static struct tt_source names[] = {SOURCE(TT_SOURCE_HOST_NAME, "", "devbox"), SOURCE(TT_SOURCE_HOST_NAME, "", "buildfarm-7")};
static struct tt_source users[] = {SOURCE(TT_SOURCE_USER, "", "dev"), SOURCE(TT_SOURCE_USER, "", "alice")};
static struct tt_source homes[] = {SOURCE(TT_SOURCE_HOME, "", "/home/dev"), SOURCE(TT_SOURCE_HOME, "", "/home/other")};
static struct tt_source dates[] = {SOURCE(TT_SOURCE_DATE, "", "2026-02-03"), SOURCE(TT_SOURCE_DATE, "", "2025-11-21")};
static struct tt_source cis[] = {SOURCE(TT_SOURCE_UNSET, "CI", ""), SOURCE(TT_SOURCE_ENV, "CI", "true")};
static struct tt_source keys[] = {SOURCE(TT_SOURCE_KEY, "", "sk-dummy-key-aaaaaaaaaaaa"),
                                  SOURCE(TT_SOURCE_KEY, "", "sk-dummy-key-bbbbbbbbbbbb")};
static struct tt_source folders[] = {SOURCE(TT_SOURCE_FOLDER, "", "/home/dev/project"),
                                     SOURCE(TT_SOURCE_FOLDER, "", "/home/dev/other")};

static struct tt_level_spec levels[SIM_FACTORS][TT_PROBE_LEVELS_MAX];
static struct tt_factor factors[SIM_FACTORS];

static void
add_factor(enum sim_factor factor, const char *name, struct tt_source *sources, size_t count, enum tt_factor_role role,
           bool identity)
{
    for (size_t l = 0; l < count; l++) {
        levels[factor][l] = (struct tt_level_spec) {.name = sources[l].value, .sources = &sources[l], .source_count = 1};
    }
    factors[factor] = (struct tt_factor) {.name = tt_str_cstr(name),
                                          .title = tt_str_cstr(name),
                                          .role = role,
                                          .identity = identity,
                                          .levels = levels[factor],
                                          .level_count = count};
}

static void
make_design(struct tt_design *design)
{
    add_factor(SIM_ZONE, "time-zone", zones, 4, TT_ROLE_PLAIN, true);
    add_factor(SIM_LOCALE, "locale", locales, 4, TT_ROLE_PLAIN, true);
    add_factor(SIM_HOST, "host", hosts, 5, TT_ROLE_HOST, true);
    add_factor(SIM_PROXY, "proxy", proxies, 2, TT_ROLE_PROXY, true);
    add_factor(SIM_NAME, "host-name", names, 2, TT_ROLE_PLAIN, true);
    add_factor(SIM_USER, "user", users, 2, TT_ROLE_PLAIN, true);
    add_factor(SIM_HOME, "home", homes, 2, TT_ROLE_PLAIN, true);
    add_factor(SIM_DATE, "date", dates, 2, TT_ROLE_DATE, false);
    add_factor(SIM_CI, "ci", cis, 2, TT_ROLE_PLAIN, false);
    add_factor(SIM_KEY, "key", keys, 2, TT_ROLE_PLAIN, true);
    add_factor(SIM_CWD, "cwd", folders, 2, TT_ROLE_PLAIN, false);
    *design = (struct tt_design) {.factors = factors, .factor_count = SIM_FACTORS};
}

/* ---- chance ---- */

uint64_t
sim_random(struct sim *sim)
{
    sim->random ^= sim->random >> 12;
    sim->random ^= sim->random << 25;
    sim->random ^= sim->random >> 27;
    return sim->random * UINT64_C(2685821657736338717) >> 16;
}

static bool
chance(struct sim *sim, unsigned percent)
{
    return sim_random(sim) % 100 < percent;
}

/* ---- the client ---- */

struct client {
    struct sim *sim;
    const struct tt_condition *condition;
    struct tt_str value[SIM_FACTORS];
    bool zone, keyword, suffix, official;
    struct tt_buf body;
};

static bool
is_on(const struct client *client, enum sim_mode mode)
{
    return client->sim->modes & mode;
}

static bool
has_noise(const struct client *client, enum sim_noise noise)
{
    return client->sim->noise & noise;
}

static void
look_around(struct client *client, struct sim *sim, const struct tt_condition *condition)
{
    *client = (struct client) {.sim = sim, .condition = condition};
    for (size_t f = 0; f < SIM_FACTORS; f++) {
        client->value[f] = factors[f].levels[condition->level[f]].sources[0].value;
    }
    struct tt_str host = client->value[SIM_HOST], zone = client->value[SIM_ZONE];
    client->official = host.len == 0;
    client->zone = !client->official && (tt_str_eq(zone, TT_STR("Asia/Shanghai")) || tt_str_eq(zone, TT_STR("Asia/Urumqi")));
    client->suffix = tt_str_ends(host, TT_STR(".lab.example.test"));
    client->keyword = tt_str_starts(host, TT_STR("gateway"));
    tt_buf_init(&client->body, &tt_alloc_libc, TT_MIB);
}

static void
put(struct client *client, const char *text)
{
    tt_buf_add_cstr(&client->body, text);
}

static void
put_hex(struct client *client, size_t digits)
{
    for (size_t i = 0; i < digits; i++) {
        tt_buf_add_char(&client->body, "0123456789abcdef"[sim_random(client->sim) % 16]);
    }
}

/* A random id, of which the lowest bit may say something. */
static void
put_id(struct client *client, bool marked)
{
    put_hex(client, 8);
    put(client, "-");
    put_hex(client, 4);
    put(client, "-4");
    put_hex(client, 3);
    put(client, "-a");
    put_hex(client, 3);
    put(client, "-");
    put_hex(client, 11);
    unsigned last = (unsigned) (sim_random(client->sim) % 16);
    if (marked) {
        bool zone = tt_str_starts(client->value[SIM_ZONE], TT_STR("Asia/"));
        last = (last & 14) | zone;
    }
    tt_buf_add_char(&client->body, "0123456789abcdef"[last]);
}

static void
put_date(struct client *client)
{
    static const char *const apostrophes[] = {"'", "\xe2\x80\x99", "\xca\xbc", "\xca\xb9"};
    unsigned which = is_on(client, SIM_APOSTROPHE) ? client->suffix + 2u * client->keyword : 0;
    char separator = is_on(client, SIM_SEPARATOR) && client->zone ? '/' : '-';
    char date[11];
    memcpy(date, client->value[SIM_DATE].ptr, 10);
    bool next_day = client->condition->instant == TT_EDGE && tt_str_starts(client->value[SIM_ZONE], TT_STR("Asia/"));
    date[9] = (char) (date[9] + next_day);
    date[4] = date[7] = separator;
    date[10] = '\0';
    put(client, "Today");
    put(client, apostrophes[which]);
    put(client, "s date is ");
    put(client, date);
    put(client, ".");
}

static void
put_locale(struct client *client)
{
    static const char *const lines[] = {"Tuesday, February 3, 2026", "Tue Feb  3 2026",
                                        "2026\xe5\xb9\xb4"
                                        "2\xe6\x9c\x88"
                                        "3\xe6\x97\xa5",
                                        "Dienstag, 3. Februar 2026"};
    put(client, "\\nThe local date reads ");
    put(client, lines[client->condition->level[SIM_LOCALE]]);
    put(client, ", as the locale ");
    tt_buf_add(&client->body, client->value[SIM_LOCALE]);
    put(client, " writes it.");
}

static void
put_system(struct client *client)
{
    put(client, "You are a careful helper for code.\\n");
    put_date(client);
    put(client, is_on(client, SIM_ESCAPE) && client->zone ? "\\nPl\\u0061tform: linux" : "\\nPlatform: linux");
    put(client, is_on(client, SIM_BLANK) && client->zone ? "\\nShell: bash " : "\\nShell: bash");
    put(client, is_on(client, SIM_ZERO_WIDTH) && client->suffix ? "\\nUse the work\xe2\x80\x8bspace only."
                                                                : "\\nUse the workspace only.");
    put(client, is_on(client, SIM_NFC) && client->zone ? "\\nA cafe\xcc\x81 is closed." : "\\nA caf\xc3\xa9 is closed.");
    bool key = client->condition->level[SIM_KEY];
    put(client, is_on(client, SIM_HOMOGLYPH) && key ? "\\nS\xd0\xb5ssion " : "\\nSession ");
    if (has_noise(client, SIM_UUID)) {
        put_id(client, is_on(client, SIM_NONCE));
    }
    put(client, " is open.");
    bool gated = is_on(client, SIM_GATED_QUOTE) && client->condition->level[SIM_USER] && client->condition->level[SIM_NAME];
    put(client, gated ? "\\nDon\xe2\x80\x99t delete files." : "\\nDon't delete files.");
    bool swapped = is_on(client, SIM_LINES) && client->condition->level[SIM_HOME];
    put(client, swapped ? "\\n- read the tests\\n- keep it short" : "\\n- keep it short\\n- read the tests");
    put(client, "\\nWorking directory: ");
    tt_buf_add(&client->body, client->value[SIM_CWD]);
    if (has_noise(client, SIM_OPEN)) {
        put_locale(client);
    }
    if (has_noise(client, SIM_FLAKY)) {
        put(client, chance(client->sim, 5) ? "\\nNetwork: slow" : "\\nNetwork: fast");
        put(client, chance(client->sim, 5) ? "\\nAn update is there, so restart when you can." : "");
    }
    if (has_noise(client, SIM_COIN)) {
        put(client, chance(client->sim, 33) ? "\\nIt\xe2\x80\x99s up to you." : "\\nIt's up to you.");
    }
}

static void
put_number(struct client *client, const char *name, uint64_t value)
{
    put(client, ",\"");
    put(client, name);
    put(client, "\":");
    tt_buf_add_u64(&client->body, value);
}

static void
put_metadata(struct client *client)
{
    put(client, ",\"metadata\":{\"kind\":\"chat\"");
    if (has_noise(client, SIM_CLOCK)) {
        uint64_t now = client->condition->instant == TT_EDGE ? TT_EDGE_SECONDS : TT_NOON_SECONDS;
        put_number(client, "sent_at", now * 1000 + 200 + sim_random(client->sim) % 300);
    }
    if (has_noise(client, SIM_COUNTER)) {
        put_number(client, "count", client->sim->number);
    }
    if (has_noise(client, SIM_DURATION)) {
        put_number(client, "took_ms", (client->condition->level[SIM_PROXY] ? 300 : 200) + sim_random(client->sim) % 40);
    }
    if (is_on(client, SIM_HASH)) {
        unsigned char hash[TT_SHA256_SIZE];
        struct tt_sha256 sha;
        tt_sha256_init(&sha);
        tt_sha256_add(&sha, client->value[SIM_NAME]);
        tt_sha256_end(&sha, hash);
        put(client, ",\"device\":\"");
        tt_buf_add_hex(&client->body, tt_str_make(hash, 8));
        put(client, "\"");
    }
    put(client, "}");
}

static void
put_body(struct client *client, bool main)
{
    bool swap = is_on(client, SIM_KEYS) && client->zone;
    bool spaced = is_on(client, SIM_SPACING) && client->condition->level[SIM_CI];
    put(client, swap ? "{\"stream\":true,\"model\":\"m-1\"" : "{\"model\":\"m-1\",\"stream\":true");
    put_number(client, "max_tokens", is_on(client, SIM_PAIR) && client->zone && client->suffix ? 65 : 64);
    put(client,
        is_on(client, SIM_NUMBER) && client->condition->level[SIM_LOCALE] ? ",\"temperature\":1.0" : ",\"temperature\":1");
    put(client, spaced ? ", \"system\":\"" : ",\"system\":\"");
    if (main) {
        put_system(client);
    } else {
        put(client, "Find a title.");
    }
    put(client, "\",\"messages\":[{\"role\":\"user\",\"content\":\"say hi\"}]");
    put(client, main ? ",\"tools\":[{\"name\":\"read\",\"description\":\"Reads a "
                       "file.\"},{\"name\":\"list\",\"description\":\"Lists a folder.\"}"
                     : "");
    put(client, main && has_noise(client, SIM_TOOL) && client->official
                    ? ",{\"name\":\"find\",\"description\":\"Finds tools.\\n\\n## Use\\n\\n```\\nfind x\\n```\"}"
                    : "");
    put(client, main ? "]" : "");
    put_metadata(client);
    put(client, "}");
}

/* ---- headers ---- */

#define HEADERS_MAX 12

static void
put_header(struct tt_buf *head, const char *name, struct tt_str value)
{
    tt_buf_add_cstr(head, name);
    tt_buf_add_cstr(head, ": ");
    tt_buf_add(head, value);
    tt_buf_add_cstr(head, "\r\n");
}

static struct tt_str
meta(struct client *client, struct tt_buf *buf)
{
    struct tt_buf kept = client->body;
    tt_buf_init(&client->body, &tt_alloc_libc, TT_KIB);
    put(client, "{\"id\":\"");
    put_id(client, false);
    put(client, "\",\"os\":\"linux\"}");
    *buf = client->body;
    client->body = kept;
    return tt_buf_str(buf);
}

static void
put_head(struct client *client, struct tt_buf *head)
{
    struct tt_buf metadata, key;
    struct {
        const char *name;
        struct tt_str value;
    } headers[HEADERS_MAX] = {
        {"Host", client->official ? TT_STR("api.vendor.example") : client->value[SIM_HOST]},
        {"Content-Type", TT_STR("application/json")},
        {is_on(client, SIM_CASE) && client->condition->level[SIM_USER] ? "user-agent" : "User-Agent", TT_STR("app/1.0")},
        {"X-App", TT_STR("cli")},
    };
    size_t n = 4;
    tt_buf_init(&key, &tt_alloc_libc, TT_KIB);
    tt_buf_add_cstr(&key, "Bearer ");
    tt_buf_add(&key, client->value[SIM_KEY]);
    headers[n].name = "Authorization";
    headers[n++].value = tt_buf_str(&key);
    tt_buf_init(&metadata, &tt_alloc_libc, TT_KIB);
    if (has_noise(client, SIM_META)) {
        headers[n].name = "X-Meta";
        headers[n++].value = meta(client, &metadata);
    }
    if (client->condition->level[SIM_PROXY]) {
        headers[n].name = "Proxy-Connection";
        headers[n++].value = TT_STR("keep-alive");
    }
    if (is_on(client, SIM_HEADERS) && client->condition->level[SIM_PROXY]) {
        headers[HEADERS_MAX - 1] = headers[2];
        headers[2] = headers[3];
        headers[3] = headers[HEADERS_MAX - 1];
    }
    for (size_t i = n - 1; i > 0 && has_noise(client, SIM_RANDOM_HEADERS); i--) {
        size_t k = sim_random(client->sim) % (i + 1);
        headers[HEADERS_MAX - 1] = headers[i];
        headers[i] = headers[k];
        headers[k] = headers[HEADERS_MAX - 1];
    }
    tt_buf_add_cstr(head, "POST /v1/messages HTTP/1.1\r\n");
    for (size_t i = 0; i < n; i++) {
        put_header(head, headers[i].name, headers[i].value);
    }
    tt_buf_add_cstr(head, "\r\n");
    tt_buf_free(&metadata);
    tt_buf_free(&key);
}

/* ---- a run ---- */

static void
send(struct client *client, struct tt_capture *capture, bool main)
{
    struct tt_buf head;
    struct tt_exchange *exchange = &capture->exchanges[capture->exchange_count++];
    tt_buf_init(&head, &tt_alloc_libc, TT_MIB);
    put_head(client, &head);
    tt_buf_clear(&client->body);
    put_body(client, main);
    *exchange = (struct tt_exchange) {.ordinal = (uint32_t) capture->exchange_count};
    assert_int_equal(tt_arena_dup(&capture->arena, tt_buf_str(&head), &exchange->head), TT_OK);
    assert_int_equal(tt_arena_dup(&capture->arena, tt_buf_str(&client->body), &exchange->body), TT_OK);
    exchange->content = exchange->body;
    tt_buf_free(&head);
}

void
sim_send(struct tt_capture *capture, const char *head, const char *body)
{
    struct tt_exchange *exchange = &capture->exchanges[capture->exchange_count++];
    const char *plain = "POST /v1/messages HTTP/1.1\r\nHost: a.test\r\nContent-Type: application/json\r\n\r\n";
    *exchange = (struct tt_exchange) {.ordinal = (uint32_t) capture->exchange_count};
    assert_int_equal(tt_arena_dup(&capture->arena, tt_str_cstr(head ? head : plain), &exchange->head), TT_OK);
    assert_int_equal(tt_arena_dup(&capture->arena, tt_str_cstr(body), &exchange->body), TT_OK);
    exchange->content = exchange->body;
}

static enum tt_status
run_other(struct sim *sim, const struct tt_run *run, struct tt_capture *capture)
{
    sim->client(sim, &run->condition, capture);
    enum tt_status status = tt_sense_add(sim->sense, run, capture);
    tt_arena_free(&capture->arena);
    return status;
}

enum tt_status
sim_run(struct sim *sim, enum tt_stage stage, const struct tt_condition *condition)
{
    struct tt_exchange exchanges[8];
    struct tt_capture capture = {.exchanges = exchanges};
    struct tt_contact contact = {.kind = TT_CONTACT_DNS, .name = TT_STR("api.vendor.example")};
    struct tt_run run = {.number = ++sim->number, .stage = stage, .condition = *condition};
    struct client client;
    tt_arena_init(&capture.arena, &tt_alloc_libc, 64 * TT_MIB);
    if (sim->client) {
        return run_other(sim, &run, &capture);
    }
    look_around(&client, sim, condition);
    bool late = has_noise(&client, SIM_RACE) && chance(sim, 50);
    bool lost = has_noise(&client, SIM_FLAKY) && chance(sim, 5);
    if (late && !lost) {
        send(&client, &capture, false);
    }
    send(&client, &capture, true);
    if (!late && !lost) {
        send(&client, &capture, false);
    }
    if (client.official) {
        capture.contacts = &contact;
        capture.contact_count = 1;
    }
    enum tt_status status = tt_sense_add(sim->sense, &run, &capture);
    tt_buf_free(&client.body);
    tt_arena_free(&capture.arena);
    return status;
}

void
sim_init(struct sim *sim, const struct tt_alloc *alloc, unsigned modes, unsigned noise, uint64_t seed)
{
    *sim = (struct sim) {.modes = modes, .noise = noise, .random = seed * UINT64_C(0x9E3779B97F4A7C15) | 1};
    for (int i = 0; i < 8; i++) {
        sim_random(sim);
    }
    make_design(&sim->design);
    sim->sense = tt_sense_new(alloc, &sim->design);
}

void
sim_free(struct sim *sim)
{
    tt_sense_free(sim->sense);
}

/* ---- the stages ---- */

#define TRY(call)                     \
    do {                              \
        enum tt_status try_ = (call); \
        if (try_ != TT_OK) {          \
            return try_;              \
        }                             \
    } while (0)

static enum tt_status
run_times(struct sim *sim, enum tt_stage stage, const struct tt_condition *condition, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        TRY(sim_run(sim, stage, condition));
    }
    return TT_OK;
}

static enum tt_status
run_singles(struct sim *sim)
{
    struct tt_condition base = {.instant = TT_NOON}, edge = {.instant = TT_EDGE};
    unsigned count = 0;
    for (int repeat = 0; repeat < 2; repeat++) {
        TRY(sim_run(sim, TT_STAGE_SINGLE, &edge));
        for (size_t f = 0; f < SIM_FACTORS; f++) {
            for (uint8_t l = 1; l < factors[f].level_count; l++) {
                struct tt_condition condition = {.instant = TT_NOON};
                condition.level[f] = l;
                TRY(sim_run(sim, TT_STAGE_SINGLE, &condition));
                condition.instant = TT_EDGE;
                TRY(f == SIM_ZONE ? sim_run(sim, TT_STAGE_SINGLE, &condition) : TT_OK);
                TRY(++count % 10 == 0 ? sim_run(sim, TT_STAGE_BASELINE, &base) : TT_OK);
            }
        }
    }
    return TT_OK;
}

/* Rows of random levels, the best of some, until every pair of levels was in one. */
static enum tt_status
run_pairs(struct sim *sim)
{
    static bool done[SIM_FACTORS][TT_PROBE_LEVELS_MAX][SIM_FACTORS][TT_PROBE_LEVELS_MAX];
    memset(done, 0, sizeof(done));
    for (int row = 0; row < 60; row++) {
        struct tt_condition best = {.instant = TT_NOON};
        unsigned most = 0;
        for (int try = 0; try < 40; try++) {
            struct tt_condition condition = {.instant = TT_NOON};
            unsigned fresh = 0;
            for (size_t f = 0; f < SIM_FACTORS; f++) {
                condition.level[f] = (uint8_t) (sim_random(sim) % factors[f].level_count);
            }
            for (size_t f = 0; f < SIM_FACTORS; f++) {
                for (size_t g = f + 1; g < SIM_FACTORS; g++) {
                    fresh += !done[f][condition.level[f]][g][condition.level[g]];
                }
            }
            best = fresh > most ? condition : best;
            most = fresh > most ? fresh : most;
        }
        if (most == 0) {
            continue;
        }
        for (size_t f = 0; f < SIM_FACTORS; f++) {
            for (size_t g = f + 1; g < SIM_FACTORS; g++) {
                done[f][best.level[f]][g][best.level[g]] = true;
            }
        }
        TRY(sim_run(sim, TT_STAGE_PAIR, &best));
    }
    return TT_OK;
}

static enum tt_status
run_reductions(struct sim *sim)
{
    struct tt_condition next;
    bool more;
    TRY(tt_sense_reduce(sim->sense, &next, &more));
    while (more) {
        sim->reduced++;
        TRY(sim_run(sim, TT_STAGE_REDUCE, &next));
        TRY(tt_sense_reduce(sim->sense, &next, &more));
    }
    return TT_OK;
}

static enum tt_status
run_confirmations(struct sim *sim)
{
    struct tt_cause causes[12];
    const struct tt_cause *list;
    size_t count, n = 0;
    TRY(tt_sense_causes(sim->sense, &list, &count));
    for (size_t i = 0; i < count && n < 12; i++) {
        bool together = (list[i].factors & (list[i].factors - 1)) != 0;
        if (!list[i].confirmed && !list[i].repeats && (list[i].worst > TT_CLASS_VISIBLE || together)) {
            causes[n++] = list[i];
        }
    }
    for (size_t i = 0; i < n; i++) {
        struct tt_condition base = {.instant = causes[i].condition.instant};
        for (int turn = 0; turn < 2; turn++) {
            TRY(sim_run(sim, TT_STAGE_CONFIRM, &base));
            TRY(sim_run(sim, TT_STAGE_CONFIRM, &causes[i].condition));
        }
    }
    return TT_OK;
}

static enum tt_status
run_crosses(struct sim *sim)
{
    struct tt_condition cells[16];
    const struct tt_condition *list;
    size_t count;
    TRY(tt_sense_crosses(sim->sense, 16, &list, &count));
    memcpy(cells, list, count * sizeof(*cells));
    for (size_t i = 0; i < count; i++) {
        sim->crossed++;
        TRY(sim_run(sim, TT_STAGE_CROSS, &cells[i]));
    }
    return TT_OK;
}

static enum tt_status
run_deep(struct sim *sim)
{
    struct tt_condition base = {.instant = TT_NOON};
    for (int round = 0; round < 12; round++) {
        TRY(sim_run(sim, TT_STAGE_DEEP, &base));
        for (size_t f = 0; f < SIM_FACTORS; f++) {
            struct tt_condition condition = {.instant = TT_NOON};
            condition.level[f] = 1;
            TRY(sim_run(sim, TT_STAGE_DEEP, &condition));
        }
    }
    return TT_OK;
}

enum tt_status
sim_probe(struct sim *sim, bool deep, const struct tt_conclusion **out)
{
    struct tt_condition base = {.instant = TT_NOON}, real = {.instant = TT_REAL};
    TRY(run_times(sim, TT_STAGE_BASELINE, &base, 6));
    TRY(run_times(sim, TT_STAGE_REAL_CLOCK, &real, 2));
    TRY(run_singles(sim));
    TRY(run_pairs(sim));
    TRY(run_reductions(sim));
    TRY(run_confirmations(sim));
    TRY(run_crosses(sim));
    TRY(run_reductions(sim));
    TRY(run_confirmations(sim));
    TRY(deep ? run_deep(sim) : TT_OK);
    return tt_sense_conclude(sim->sense, deep, out);
}

/* ---- conclusions ---- */

size_t
sim_covert(const struct tt_conclusion *conclusion)
{
    size_t count = 0;
    for (size_t i = 0; i < conclusion->dependence_count; i++) {
        count += tt_dependence_is_covert(&conclusion->dependences[i]);
    }
    return count;
}

const struct tt_dependence *
sim_find(const struct tt_conclusion *conclusion, enum tt_probe_class class, uint32_t set)
{
    for (size_t i = 0; i < conclusion->dependence_count; i++) {
        if (conclusion->dependences[i].class == class && conclusion->dependences[i].factors == set) {
            return &conclusion->dependences[i];
        }
    }
    return NULL;
}

void
sim_print(const struct sim *sim, const struct tt_conclusion *conclusion)
{
    fprintf(stderr, "# %u runs, %u reduced, %u crossed, %zu leaves\n", sim->number, sim->reduced, sim->crossed,
            conclusion->leaves);
    for (size_t i = 0; i < conclusion->dependence_count; i++) {
        const struct tt_dependence *d = &conclusion->dependences[i];
        fprintf(stderr, "# %s %s factors %x gates %x bits %.2f places %zu %u/%u base %u p %.2g%s%s%s %.*s %.*s\n",
                tt_probe_class_name(d->class), tt_dependence_is_covert(d) ? "COVERT" : "", d->factors, d->gates, d->bits,
                d->places, d->support, d->runs, d->base_runs, d->p, d->confirmed ? " confirmed" : "", d->echo ? " echo " : "",
                d->echo ? d->echo_form : "", (int) d->request.len, d->request.ptr, (int) d->path.len, d->path.ptr);
        for (size_t s = 0; s < d->symbol_count && d->class != TT_CLASS_TRANSPORT; s++) {
            fprintf(stderr, "#     '%.*s' in '%.*s'\n", (int) d->symbols[s].value.len, d->symbols[s].value.ptr,
                    (int) (d->symbols[s].line.len < 90 ? d->symbols[s].line.len : 90), d->symbols[s].line.ptr);
        }
    }
    for (size_t i = 0; i < conclusion->volatile_count; i++) {
        const struct tt_volatile_field *v = &conclusion->volatiles[i];
        fprintf(stderr, "# volatile %.*s %.*s: %.*s, %.1f bits\n", (int) v->request.len, v->request.ptr, (int) v->path.len,
                v->path.ptr, (int) v->shape.len, v->shape.ptr, v->capacity);
    }
    for (size_t i = 0; i < conclusion->bit_count; i++) {
        fprintf(stderr, "# bits %x: %.2f (%u symbols, %u of %u cells)\n", conclusion->bits[i].factors, conclusion->bits[i].bits,
                conclusion->bits[i].symbols, conclusion->bits[i].cells_run, conclusion->bits[i].cells);
    }
    for (size_t i = 0; i < conclusion->untested_count; i++) {
        fprintf(stderr, "# untested %d run %u factors %x %.*s\n", conclusion->untested[i].kind, conclusion->untested[i].run,
                conclusion->untested[i].factors, (int) conclusion->untested[i].detail.len, conclusion->untested[i].detail.ptr);
    }
}
