/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speed of the JSON lexer on a request as coding clients send it, about 300 KB: tool schemas (many short strings), a
 * long system text, and turns whose tool results are source code (many \n and \").
 *
 * Prints bytes per nanosecond (GB/s), the median of seven runs, beside two marks that do not move: a loop of memchr for
 * quotes, which any lexer must pay for, and jansson building its tree (with -DTT_HAVE_JANSSON).  An argument names
 * another file to measure.
 */
#include "base/buf.h"
#include "json/lexer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef TT_HAVE_JANSSON
#include <jansson.h>
#endif

#define RUNS 7
#define BODY_SIZE (300 * 1024)
#define BODY_MAX (64 * TT_MIB)

static void
add_tool(struct tt_buf *b, unsigned n)
{
    tt_buf_add_cstr(b, "{\"name\":\"tool_");
    tt_buf_add_u64(b, n);
    tt_buf_add_cstr(b, "\",\"description\":\"Reads a part of a file and returns it with line numbers. The path must be "
                       "absolute; offset and limit are optional.\\n\\nUsage:\\n- read several files at once where that helps\","
                       "\"input_schema\":{\"type\":\"object\",\"properties\":{");
    for (unsigned i = 0; i < 6; i++) {
        tt_buf_add_cstr(b, i ? ",\"field_" : "\"field_");
        tt_buf_add_u64(b, i);
        tt_buf_add_cstr(b, "\":{\"type\":\"string\",\"description\":\"What the field is for\",\"minLength\":1}");
    }
    tt_buf_add_cstr(b, "},\"required\":[\"field_0\",\"field_1\"],\"additionalProperties\":false}}");
}

static void
add_turn(struct tt_buf *b, unsigned n)
{
    tt_buf_add_cstr(b, ",{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":\"I will look at the parser first, "
                       "then change the caller \xe2\x80\x94 it is the smaller step.\"},{\"type\":\"tool_use\",\"id\":\"toolu_0");
    tt_buf_add_u64(b, n);
    tt_buf_add_cstr(b, "\",\"name\":\"Read\",\"input\":{\"file_path\":\"/srv/app/src/parser.c\",\"offset\":120,\"limit\":40}}]}");
    tt_buf_add_cstr(b, ",{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"toolu_0");
    tt_buf_add_u64(b, n);
    tt_buf_add_cstr(b, "\",\"type\":\"tool_result\",\"content\":\"");
    for (unsigned i = 0; i < 20; i++) {
        tt_buf_add_cstr(b, "   ");
        tt_buf_add_u64(b, 120 + i);
        tt_buf_add_cstr(b, i % 3 ? "\\tstatic int parse_member(struct reader *r, const char *name)\\n"
                                 : "\\t    return report(r, \\\"expected a name, got '%s'\\\\n\\\", name);\\n");
    }
    tt_buf_add_cstr(b, "\",\"is_error\":false}]}");
}

static void
make_body(struct tt_buf *b)
{
    tt_buf_add_cstr(b, "{\"model\":\"some-model-4\",\"max_tokens\":32000,\"temperature\":1,\"stream\":true,\"metadata\":"
                       "{\"user_id\":\"u_0123456789abcdef\"},\"system\":[{\"type\":\"text\",\"text\":\"");
    for (int i = 0; i < 60; i++) {
        tt_buf_add_cstr(b, "Answer briefly and do what was asked, nothing more. Prefer editing a file over making a new one.\\n");
    }
    tt_buf_add_cstr(b, "\",\"cache_control\":{\"type\":\"ephemeral\"}}],\"tools\":[");
    for (unsigned i = 0; i < 100; i++) {
        tt_buf_add_cstr(b, i ? "," : "");
        add_tool(b, i);
    }
    tt_buf_add_cstr(b, "],\"messages\":[{\"role\":\"user\",\"content\":\"Please make the parser keep spans.\"}");
    for (unsigned i = 0; b->len < BODY_SIZE; i++) {
        add_turn(b, i);
    }
    tt_buf_add_cstr(b, "]}");
}

/* Of this thread's processor time, so that other work on the machine does not count. */
static uint64_t
now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t) t.tv_sec * 1000000000u + (uint64_t) t.tv_nsec;
}

struct tally {
    uint64_t tokens, strings, escaped;
};

static enum tt_status
count_token(void *ctx, const struct tt_json_token *token)
{
    struct tally *t = ctx;
    t->tokens++;
    t->strings += token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING;
    t->escaped += (token->flags & TT_JSON_HAS_ESCAPE) != 0;
    return TT_OK;
}

static struct tt_str body;

static void
lex(const struct tt_kernels *kernels, struct tally *tally)
{
    struct tt_json_lexer lexer;
    struct tt_error err;
    *tally = (struct tally) {0};
    tt_json_begin(&lexer, kernels, 0, count_token, tally);
    if (tt_json_feed(&lexer, body, &err) != TT_OK || tt_json_end(&lexer, &err) != TT_OK) {
        fprintf(stderr, "byte %llu: %s\n", (unsigned long long) err.pos, err.msg);
        exit(1);
    }
}

static void
run_lexer(const void *ctx)
{
    struct tally tally;
    lex(ctx, &tally);
}

static void
run_quotes(const void *ctx)
{
    (void) ctx;
    volatile size_t seen = 0;
    const char *end = body.ptr + body.len;
    for (const char *p = body.ptr; (p = memchr(p, '"', (size_t) (end - p))); p++) {
        seen = seen + 1;
    }
}

#ifdef TT_HAVE_JANSSON
static void
run_jansson(const void *ctx)
{
    (void) ctx;
    json_decref(json_loadb(body.ptr, body.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
}
#endif

static int
compare_double(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

/* GB/s, the median of RUNS runs of at least 50 ms each. */
static double
measure(void (*run)(const void *ctx), const void *ctx)
{
    double speed[RUNS];
    run(ctx);
    for (int i = 0; i < RUNS; i++) {
        uint64_t start = now_ns(), taken;
        uint64_t rounds = 0;
        do {
            run(ctx);
            rounds++;
            taken = now_ns() - start;
        } while (taken < 50000000);
        speed[i] = (double) (body.len * rounds) / (double) taken;
    }
    qsort(speed, RUNS, sizeof(*speed), compare_double);
    return speed[RUNS / 2];
}

static bool
read_file(struct tt_buf *b, const char *name)
{
    FILE *f = fopen(name, "rb");
    size_t n = 1;
    while (f && n > 0) {
        char *to = tt_buf_reserve(b, 64 * TT_KIB);
        n = to ? fread(to, 1, 64 * TT_KIB, f) : 0;
        b->len += n;
    }
    return f && fclose(f) == 0 && b->status == TT_OK;
}

static void
print_row(const char *name, double speed, double quotes)
{
    printf("%-16s %6.2f GB/s  %7.0f us  %5.2f x memchr\n", name, speed, (double) body.len / speed / 1000, speed / quotes);
}

int
main(int argc, char **argv)
{
    struct tt_buf b;
    tt_buf_init(&b, &tt_alloc_libc, BODY_MAX);
    if (argc > 1 && !read_file(&b, argv[1])) {
        fprintf(stderr, "cannot read %s\n", argv[1]);
        return 2;
    }
    if (argc <= 1) {
        make_body(&b);
    }
    body = tt_buf_str(&b);
    struct tally tally;
    lex(tt_kernels_get(0), &tally);
    printf("%zu bytes, %llu tokens, %llu strings, %llu of them with a backslash\n", body.len, (unsigned long long) tally.tokens,
           (unsigned long long) tally.strings, (unsigned long long) tally.escaped);
    double quotes = measure(run_quotes, NULL);
    print_row("memchr", quotes, quotes);
    const struct tt_kernels *last = NULL;
    for (unsigned shift = 0; shift <= 8; shift++) {
        const struct tt_kernels *k = tt_kernels_get(tt_cpu_detect() & ((1u << shift) - 1));
        if (k != last) {
            char name[32];
            snprintf(name, sizeof(name), "lexer (%s)", k->name);
            print_row(name, measure(run_lexer, k), quotes);
        }
        last = k;
    }
#ifdef TT_HAVE_JANSSON
    print_row("jansson", measure(run_jansson, NULL), quotes);
#endif
    tt_buf_free(&b);
    return 0;
}
