/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What judging a request costs, in memory.
 *
 *     bench_gate FILE...     files as gateway_material.py makes requests, with slots of eight letters
 *
 * Each way is run in turn, ROUNDS times, and the median is printed as one JSON object a file, in microseconds of processor time a request:
 *   memchr   a loop of memchr over the quotes
 *   lexer    the lexer alone
 *   glance   the lexer, and a glance at each string that is not short
 *   repeated the judgement of a request that has been judged before
 *   turn     of one whose last part is new: the slots of its last tenth
 *   fresh    of one whose every slot is new
 */
#include "gate/gate.h"
#include "gate/idle.h"
#include "marks/glance.h"
#include "json/lexer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 101
#define SLOT "zqzqzqzq"
#define SLOT_LENGTH (sizeof(SLOT) - 1)

static const char policy_text[] = "telltale_policy: 1\n"
                                  "id: bench\n"
                                  "owner: bench@telltale.example\n"
                                  "decisions:\n"
                                  "  - id: claude\n"
                                  "    match:\n"
                                  "      model_family: claude\n"
                                  "    status: approved\n"
                                  "    reason: measured\n"
                                  "    review_due: 2030-01-01\n";

struct request {
    char *bytes;
    size_t length;
    size_t *slots;
    size_t slot_count;
};

static double
now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); /* the machine may be busy with other things */
    return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

static void
die(const char *what)
{
    fprintf(stderr, "bench_gate: %s\n", what);
    exit(2);
}

static struct request
read_request(const char *path)
{
    struct request r = {0};
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0) {
        die("cannot read a file");
    }
    r.length = (size_t) ftell(file);
    rewind(file);
    r.bytes = malloc(r.length + 1);
    r.slots = malloc((r.length / SLOT_LENGTH + 1) * sizeof(*r.slots));
    if (!r.bytes || !r.slots || fread(r.bytes, 1, r.length, file) != r.length) {
        die("cannot read a file");
    }
    fclose(file);
    r.bytes[r.length] = '\0';
    for (const char *at = r.bytes; (at = strstr(at, SLOT)); at += SLOT_LENGTH) {
        r.slots[r.slot_count++] = (size_t) (at - r.bytes);
    }
    return r;
}

/* New words in the slots from the given offset on. */
static void
refresh(const struct request *r, size_t from)
{
    static uint64_t state = 88172645463325252u;
    for (size_t i = 0; i < r->slot_count; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        for (size_t k = 0; k < SLOT_LENGTH && r->slots[i] >= from; k++) {
            r->bytes[r->slots[i] + k] = (char) ('a' + (state >> 5 * k) % 26);
        }
    }
}

static size_t
count_quotes(struct tt_str text)
{
    size_t count = 0;
    const char *p = text.ptr, *end = text.ptr + text.len;
    while ((p = memchr(p, '"', (size_t) (end - p)))) {
        count++;
        p++;
    }
    return count;
}

/* What is looked at, and how much of it a glance leaves. */
struct glances {
    const struct tt_kernels *kernels;
    struct tt_str text;
    struct tt_arena scratch;
    size_t left;
};

static enum tt_status
glance_at_token(void *ctx, const struct tt_json_token *token)
{
    struct glances *g = ctx;
    size_t at = (size_t) token->offset, end = at + (size_t) token->length;
    if (token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING) {
        struct tt_str raw = tt_str_slice(g->text, at, end);
        size_t room = g->text.len - at;
        bool left = !tt_gate_is_idle(raw, room) && tt_glance_at(g->kernels, &g->scratch, raw, room) == TT_GLANCE_PERHAPS;
        g->left += left ? raw.len : 0;
    }
    return TT_OK;
}

static enum tt_status
count_token(void *ctx, const struct tt_json_token *token)
{
    *(size_t *) ctx += token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING;
    return TT_OK;
}

static void
read_tokens(struct tt_str text, tt_json_token_fn *token, void *ctx)
{
    struct tt_json_lexer lexer;
    tt_json_begin(&lexer, tt_kernels_get(tt_cpu_detect()), TT_GATE_DEPTH_MAX, token, ctx);
    if (tt_json_feed(&lexer, text, NULL) != TT_OK || tt_json_end(&lexer, NULL) != TT_OK) {
        die("a request is no JSON");
    }
}

static size_t
lex(struct tt_str text)
{
    size_t strings = 0;
    read_tokens(text, count_token, &strings);
    return strings;
}

/* How many bytes of strings a glance leaves to a closer look. */
static size_t
glance(struct tt_str text)
{
    struct glances g = {.kernels = tt_kernels_get(tt_cpu_detect()), .text = text};
    tt_arena_init(&g.scratch, &tt_alloc_libc, TT_MARKS_ARENA);
    read_tokens(text, glance_at_token, &g);
    tt_arena_free(&g.scratch);
    return g.left;
}

static void
judge(struct tt_desk *desk, struct tt_str text)
{
    struct tt_gate_verdict verdict;
    const struct tt_gate_request request = {
        .route = {.api = TT_API_ANTHROPIC, .operation = TT_OPERATION_CHAT, .has_body = true},
        .provider = TT_STR("provider-anthropic"),
        .host = TT_STR("api.anthropic.com"),
        .user_agent = TT_STR("claude-cli/2.1.300 (external, cli)"),
        .team = TT_STR("web"),
        .region = TT_STR("DE"),
        .day = 20261121,
        .body_max = 32 * TT_MIB,
    };
    if (tt_gate_judge(desk, &request, &text, 1, &verdict) != TT_OK || verdict.action != TT_GATE_ALLOW) {
        fprintf(stderr, "%s: %s %.*s\n", tt_gate_action_name(verdict.action), verdict.not_inspected ? verdict.not_inspected : "",
                (int) verdict.message.len, verdict.message.ptr ? verdict.message.ptr : "");
        for (size_t i = 0; i < verdict.finding_count; i++) {
            fprintf(stderr, "%s %.*s\n", verdict.findings[i].rule->id, (int) verdict.findings[i].message.len,
                    verdict.findings[i].message.ptr);
        }
        die("a request is not allowed");
    }
}

static int
by_value(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

enum way { MEMCHR, LEXER, GLANCE, REPEATED, TURN, FRESH, WAYS };
static const char *const names[] = {"memchr", "lexer", "glance", "repeated", "turn", "fresh"};

static void
measure(struct tt_desk *desk, const char *path)
{
    static double times[WAYS][ROUNDS];
    struct request r = read_request(path);
    struct tt_str text = tt_str_make(r.bytes, r.length);
    size_t strings = lex(text), quotes = 0, left = 0;
    for (int round = 0; round < ROUNDS; round++) {
        for (int way = 0; way < WAYS; way++) {
            if (way == TURN || way == FRESH) {
                refresh(&r, way == TURN ? r.length - r.length / 10 : 0);
            }
            double start = now();
            switch (way) {
            case MEMCHR: quotes = count_quotes(text); break;
            case LEXER: lex(text); break;
            case GLANCE: left = glance(text); break;
            default: judge(desk, text); break;
            }
            times[way][round] = now() - start;
        }
    }
    printf("{\"bytes\":%zu,\"strings\":%zu,\"quotes\":%zu,\"left\":%zu", r.length, strings, quotes, left);
    for (int way = 0; way < WAYS; way++) {
        qsort(times[way], ROUNDS, sizeof(double), by_value);
        printf(",\"%s\":%.2f", names[way], times[way][ROUNDS / 2]);
    }
    printf("}\n");
    free(r.bytes);
    free(r.slots);
}

int
main(int argc, char **argv)
{
    static const unsigned char seed[32] = "a seed of a bench, no secret";
    struct tt_arena arena;
    struct tt_policy_problems problems = {.arena = &arena};
    const struct tt_policy *policy;
    struct tt_policy_names lookup = tt_policy_names_of(&tt_catalog_builtin);
    struct tt_gate *gate;
    struct tt_desk *desk;
    tt_arena_init(&arena, &tt_alloc_libc, TT_POLICY_ARENA);
    if (tt_policy_read(tt_str_cstr(policy_text), &lookup, &problems, &policy) != TT_OK ||
        tt_gate_new(&tt_alloc_libc, policy, &tt_catalog_builtin, NULL, NULL, 0, &gate, NULL) != TT_OK ||
        tt_desk_new(&tt_alloc_libc, gate, tt_cpu_detect(), seed, &desk) != TT_OK) {
        die("no gate");
    }
    for (int i = 1; i < argc; i++) {
        measure(desk, argv[i]);
    }
    tt_desk_free(desk);
    tt_gate_free(gate);
    tt_arena_free(&arena);
    return 0;
}
