/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small clients, each with one way to depend on something or to be noisy, and what a probe of it must say.  Encoders that the documentation does not name
 * stand here.
 */
#include "simulated.h"

#include <stdio.h>
#include <stdlib.h>

#define ZONE (UINT32_C(1) << SIM_ZONE)
#define LOCALE (UINT32_C(1) << SIM_LOCALE)
#define HOST (UINT32_C(1) << SIM_HOST)
#define NAME (UINT32_C(1) << SIM_NAME)
#define USER (UINT32_C(1) << SIM_USER)
#define CI (UINT32_C(1) << SIM_CI)

#define BODY_MAX 4096

/* A request whose system text is text, and whose other members are more. */
static void
say(struct tt_capture *capture, const char *text, const char *more)
{
    char body[BODY_MAX];
    snprintf(body, sizeof(body),
             "{\"model\":\"m\",\"system\":\"You help with code.\\n%s\\nBe "
             "brief.\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]%s}",
             text, more);
    sim_send(capture, NULL, body);
}

#define CLIENT(name) static void name(struct sim *sim, const struct tt_condition *condition, struct tt_capture *capture)
#define LEVEL(factor) (condition->level[SIM_##factor])
#define UNUSED (void) sim, (void) condition

CLIENT(double_blank)
{
    UNUSED;
    say(capture, LEVEL(ZONE) ? "Use  the tools." : "Use the tools.", "");
}

CLIENT(last_line_feed)
{
    UNUSED;
    say(capture, "x", LEVEL(ZONE) ? ",\"note\":\"one\\n\"" : ",\"note\":\"one\"");
}

CLIENT(empty_line)
{
    UNUSED;
    say(capture, LEVEL(ZONE) ? "One.\\n\\nTwo." : "One.\\nTwo.", "");
}

CLIENT(tab_for_blanks)
{
    UNUSED;
    say(capture, LEVEL(ZONE) ? "\\tUse it." : "    Use it.", "");
}

CLIENT(tools_turned)
{
    UNUSED;
    say(capture, "x",
        LEVEL(USER) ? ",\"tools\":[{\"name\":\"b\"},{\"name\":\"a\"}]" : ",\"tools\":[{\"name\":\"a\"},{\"name\":\"b\"}]");
}

CLIENT(list_turned)
{
    UNUSED;
    say(capture, "x", LEVEL(USER) ? ",\"required\":[\"two\",\"one\"]" : ",\"required\":[\"one\",\"two\"]");
}

CLIENT(lines_reversed)
{
    UNUSED;
    say(capture, LEVEL(NAME) ? "Third thing.\\nSecond thing.\\nFirst thing." : "First thing.\\nSecond thing.\\nThird thing.", "");
}

CLIENT(selector)
{
    UNUSED;
    say(capture, LEVEL(ZONE) ? "Fine \xe2\x9c\x94\xef\xb8\x8f here" : "Fine \xe2\x9c\x94 here", "");
}

CLIENT(counted_blanks)
{
    static const char *const ends[] = {"End", "End ", "End  ", "End   "};
    UNUSED;
    say(capture, ends[LEVEL(ZONE)], "");
}

/* Either factor turns the sign, both turn it back. */
CLIENT(exclusive_or)
{
    UNUSED;
    bool on = (LEVEL(USER) != 0) != (LEVEL(NAME) != 0);
    say(capture, on ? "It\xe2\x80\x99s on." : "It's on.", "");
}

CLIENT(joint_code)
{
    static const char *const texts[] = {"It's on.", "It\xe2\x80\x99s on.", "It\xca\xbcs on.", "It\xca\xb9s on."};
    UNUSED;
    say(capture, texts[(LEVEL(USER) != 0) + 2 * (LEVEL(NAME) != 0)], "");
}

CLIENT(gated_order)
{
    UNUSED;
    bool on = LEVEL(CI) && LEVEL(USER);
    sim_send(capture, NULL, on ? "{\"b\":1,\"a\":2}" : "{\"a\":2,\"b\":1}");
}

CLIENT(query_turned)
{
    UNUSED;
    sim_send(capture, LEVEL(ZONE) ? "GET /v1/models?b=2&a=1 HTTP/1.1\r\n\r\n" : "GET /v1/models?a=1&b=2 HTTP/1.1\r\n\r\n", "");
}

CLIENT(percent_path)
{
    UNUSED;
    sim_send(capture, LEVEL(ZONE) ? "GET /v1/mod%65ls HTTP/1.1\r\n\r\n" : "GET /v1/models HTTP/1.1\r\n\r\n", "");
}

CLIENT(inner_order)
{
    UNUSED;
    say(capture, "x", LEVEL(NAME) ? ",\"user_id\":\"{\\\"b\\\":1,\\\"a\\\":2}\"" : ",\"user_id\":\"{\\\"a\\\":2,\\\"b\\\":1}\"");
}

CLIENT(inner_escape)
{
    UNUSED;
    say(capture, "x",
        LEVEL(NAME) ? ",\"user_id\":\"{\\\"a\\\":\\\"\\\\u0078y\\\"}\"" : ",\"user_id\":\"{\\\"a\\\":\\\"xy\\\"}\"");
}

CLIENT(quoted_number)
{
    UNUSED;
    say(capture, "x", LEVEL(ZONE) ? ",\"seed\":\"7\"" : ",\"seed\":7");
}

static void
put_random(struct sim *sim, char *out, size_t n, const char *digits)
{
    size_t count = strlen(digits);
    for (size_t i = 0; i < n; i++) {
        out[i] = digits[sim_random(sim) % count];
    }
    out[n] = '\0';
}

CLIENT(capital_id)
{
    char id[33], more[80];
    put_random(sim, id, 32, LEVEL(ZONE) ? "0123456789ABCDEF" : "0123456789abcdef");
    snprintf(more, sizeof(more), ",\"id\":\"%s\"", id);
    say(capture, "x", more);
}

CLIENT(frozen_id)
{
    char id[33], more[80];
    put_random(sim, id, 32, "0123456789abcdef");
    snprintf(more, sizeof(more), ",\"id\":\"%s\"", LEVEL(ZONE) ? "00c0ffee00c0ffee00c0ffee00c0ffee" : id);
    say(capture, "x", more);
}

/* The version of an id that is random otherwise: 4, or 7. */
CLIENT(other_version)
{
    char id[37], more[80];
    put_random(sim, id, 36, "0123456789abcdef");
    id[8] = id[13] = id[18] = id[23] = '-';
    id[14] = LEVEL(ZONE) ? '7' : '4';
    id[19] = "89ab"[sim_random(sim) % 4];
    snprintf(more, sizeof(more), ",\"id\":\"%s\"", id);
    say(capture, "x", more);
}

CLIENT(digit_in_token)
{
    char id[33], more[80];
    put_random(sim, id, 32, "0123456789abcdefghijklmnopqrstuvwxyz");
    id[20] = LEVEL(NAME) ? 'x' : 'q';
    snprintf(more, sizeof(more), ",\"id\":\"%s\"", id);
    say(capture, "x", more);
}

CLIENT(feed_behind)
{
    UNUSED;
    sim_send(capture, NULL, LEVEL(USER) ? "{\"a\":1}\n" : "{\"a\":1}");
}

CLIENT(length_or_chunks)
{
    bool chunks = LEVEL(NAME) > 0;
    UNUSED;
    sim_send(capture,
             chunks ? "POST /v1/messages HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: chunked\r\n\r\n"
                    : "POST /v1/messages HTTP/1.1\r\nHost: a.test\r\nContent-Length: 7\r\n\r\n",
             chunks ? "7\r\n{\"a\":1}\r\n0\r\n\r\n" : "{\"a\":1}");
    capture->exchanges[0].content = TT_STR("{\"a\":1}");
    capture->exchanges[0].chunked = chunks;
}

CLIENT(shifted_clock)
{
    char more[80];
    unsigned long long now = (unsigned long long) (condition->instant == TT_EDGE ? TT_EDGE_SECONDS : TT_NOON_SECONDS);
    now = now * 1000 + sim_random(sim) % 400 + (LEVEL(ZONE) == 1 ? 28800000ULL : 0);
    snprintf(more, sizeof(more), ",\"at\":%llu", now);
    say(capture, "x", more);
}

CLIENT(added_token)
{
    UNUSED;
    sim_send(capture,
             LEVEL(USER) ? "POST /v1/messages HTTP/1.1\r\nHost: a.test\r\nx-trace: 5f2d9c81e07ab364\r\n\r\n"
                         : "POST /v1/messages HTTP/1.1\r\nHost: a.test\r\n\r\n",
             "{\"model\":\"m\"}");
}

CLIENT(added_random)
{
    char id[33], head[200];
    put_random(sim, id, 32, "0123456789abcdef");
    snprintf(head, sizeof(head), "POST /v1/messages HTTP/1.1\r\nHost: a.test\r\nx-trace: %s\r\n\r\n", id);
    sim_send(capture, LEVEL(USER) ? head : "POST /v1/messages HTTP/1.1\r\nHost: a.test\r\n\r\n", "{\"model\":\"m\"}");
}

CLIENT(sign_and_words)
{
    static const char *const texts[] = {"It's in English today.", "It's in English today.", "It\xe2\x80\x99s in Chinese today.",
                                        "It's in German today."};
    UNUSED;
    say(capture, texts[LEVEL(LOCALE)], "");
}

CLIENT(second_request)
{
    UNUSED;
    say(capture, "x", "");
    sim_send(capture, "POST /v1/title HTTP/1.1\r\nHost: a.test\r\n\r\n",
             LEVEL(ZONE) ? "{\"text\":\"A title\xe2\x80\x8b for it\"}" : "{\"text\":\"A title for it\"}");
}

CLIENT(requests_turned)
{
    UNUSED;
    const char *title = "POST /v1/title HTTP/1.1\r\nHost: a.test\r\n\r\n";
    if (LEVEL(ZONE)) {
        sim_send(capture, title, "{\"text\":\"A title\"}");
        say(capture, "x", "");
    } else {
        say(capture, "x", "");
        sim_send(capture, title, "{\"text\":\"A title\"}");
    }
}

CLIENT(chunk_sizes)
{
    UNUSED;
    sim_send(capture, NULL, LEVEL(ZONE) ? "4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n" : "7\r\n{\"a\":1}\r\n0\r\n\r\n");
    capture->exchanges[0].content = TT_STR("{\"a\":1}");
    capture->exchanges[0].chunked = true;
}

/* The line that carries the mark is there in two of three runs only. */
CLIENT(mark_in_flaky_line)
{
    bool there = sim_random(sim) % 3 > 0;
    say(capture,
        !there        ? "A."
        : LEVEL(ZONE) ? "A.\\nDon\xe2\x80\x99t wait for the network."
                      : "A.\\nDon't wait for the network.",
        "");
}

CLIENT(mark_beside_id)
{
    char id[9], text[120];
    put_random(sim, id, 8, "0123456789abcdef");
    snprintf(text, sizeof(text), LEVEL(ZONE) ? "Session %s \xe2\x80\x93 open, %lu ms" : "Session %s - open, %lu ms", id,
             (unsigned long) (sim_random(sim) % 900));
    say(capture, text, "");
}

CLIENT(language_tag)
{
    static const char *const tags[] = {"en-US", "C", "zh-CN", "de-DE"};
    char head[200];
    UNUSED;
    snprintf(head, sizeof(head), "POST /v1/messages HTTP/1.1\r\nHost: a.test\r\nAccept-Language: %s\r\n\r\n",
             tags[LEVEL(LOCALE)]);
    sim_send(capture, head, "{\"model\":\"m\"}");
}

/* A digest in base64: it has both signs, in one name at other places than in the other. */
CLIENT(digest_in_base64)
{
    UNUSED;
    say(capture, LEVEL(NAME) ? "Device e5++7JQuD6s//8t4/QjBlw== is known." : "Device 2jHWcrUn/4Icqd0u7+s4dg== is known.", "");
}

CLIENT(digest_in_base64url)
{
    UNUSED;
    say(capture, "x", LEVEL(NAME) ? ",\"device\":\"e5--7JQuD6s__8t4_QjBlw\"" : ",\"device\":\"2jHWcrUn_4Icqd0u7-s4dg\"");
}

/* Shorter than what is opaque by its looks: it is the name that is in it. */
CLIENT(name_in_base64)
{
    UNUSED;
    say(capture, LEVEL(NAME) ? "Machine YnVpbGRmYXJtLTc=" : "Machine ZGV2Ym94", "");
}

CLIENT(name_in_hex)
{
    UNUSED;
    say(capture, LEVEL(NAME) ? "Machine 6275696c646661726d2d37" : "Machine 646576626f78", "");
}

CLIENT(name_in_words)
{
    UNUSED;
    say(capture, LEVEL(NAME) ? "Machine buildfarm-7" : "Machine devbox", "");
}

/* ---- only noise ---- */

CLIENT(random_tips)
{
    static const char *const tips[] = {"Tip: press the tab key.", "Tip: ask for tests.", "Tip: it's fine to stop.",
                                       "Tip: it\xe2\x80\x99s fine to go on.", "Tip: use a list \xe2\x80\x93 or two."};
    UNUSED;
    say(capture, tips[sim_random(sim) % 5], "");
}

CLIENT(random_process)
{
    char dir[7], text[200];
    put_random(sim, dir, 6, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    UNUSED;
    snprintf(text, sizeof(text), "pid %u, folder /tmp/work-%s, memory %u MB, up %u.%u s", (unsigned) (sim_random(sim) % 40), dir,
             (unsigned) (180 + sim_random(sim) % 30), (unsigned) (sim_random(sim) % 2), (unsigned) (sim_random(sim) % 10));
    say(capture, text, "");
}

CLIENT(random_lines)
{
    static const char *const orders[] = {"a.c\\nb.c\\nc.c", "b.c\\na.c\\nc.c", "c.c\\nb.c\\na.c", "a.c\\nc.c\\nb.c"};
    UNUSED;
    say(capture, orders[sim_random(sim) % 4], "");
}

CLIENT(random_retries)
{
    UNUSED;
    say(capture, "x", "");
    for (size_t i = sim_random(sim) % 10 < 2; i > 0; i--) {
        say(capture, "x", ",\"retry\":true");
    }
    if (sim_random(sim) % 10 == 0) {
        sim_send(capture, "GET /v1/health HTTP/1.1\r\n\r\n", "");
    }
}

/* Ids that begin with the time, of a client that is slower at some levels: the digits of the time move with these. */
CLIENT(timed_ids)
{
    char id[37], text[120];
    unsigned long long now = (unsigned long long) (condition->instant == TT_EDGE ? TT_EDGE_SECONDS : TT_NOON_SECONDS) * 1000;
    now += 900 + sim_random(sim) % 60 + (LEVEL(HOST) ? 2500 : 0);
    put_random(sim, id, 36, "0123456789abcdef");
    id[8] = id[13] = id[18] = id[23] = '-';
    id[14] = '7';
    snprintf(text, sizeof(text), ",\"id\":\"%08llx-%04llx%s\",\"mark\":\"%012llx%.8s\"", now >> 16, now & 0xffff, id + 13, now,
             id);
    say(capture, "x", text);
}

CLIENT(random_chunks)
{
    UNUSED;
    sim_send(capture, NULL, sim_random(sim) % 10 ? "7\r\n{\"a\":1}\r\n0\r\n\r\n" : "4\r\n{\"a\"\r\n3\r\n:1}\r\n0\r\n\r\n");
    capture->exchanges[0].content = TT_STR("{\"a\":1}");
    capture->exchanges[0].chunked = true;
}

CLIENT(random_words)
{
    char text[200];
    UNUSED;
    snprintf(text, sizeof(text), "state %s, mode %s, level %s", sim_random(sim) % 5 ? "ok" : "Ok",
             sim_random(sim) % 8 ? "a-b" : "a_b", sim_random(sim) % 20 ? "low" : "low ");
    say(capture, text, "");
}

CLIENT(session_path)
{
    char id[33], head[200];
    put_random(sim, id, 32, "0123456789abcdef");
    UNUSED;
    snprintf(head, sizeof(head), "POST /v1/sessions/%s/messages HTTP/1.1\r\nHost: a.test\r\nCookie: s=%s; v=1\r\n\r\n", id, id);
    sim_send(capture, head, "{\"model\":\"m\",\"text\":\"It's here.\"}");
}

/* How long it takes depends on the level; nothing else does. */
CLIENT(random_times)
{
    char text[200];
    unsigned ms = (LEVEL(PROXY) ? 1040 : LEVEL(ZONE) ? 960 : 930) + (unsigned) (sim_random(sim) % 80);
    snprintf(text, sizeof(text), "at 12:00:%02u.%03uZ, took %u.%u s, %u ms, id %08x%04x%016llx", ms / 1000, ms % 1000, ms / 1000,
             ms / 100 % 10, ms, (unsigned) TT_NOON_SECONDS + ms / 1000, ms,
             (unsigned long long) (sim_random(sim) << 20 ^ sim_random(sim)));
    say(capture, text, "");
}

/* ---- */

static const struct expectation {
    const char *name;
    sim_client_fn *client;
    enum tt_probe_class class;
    uint32_t factors;
    size_t covert;   /* dependences */
    unsigned tenths; /* bits * 10; 0: any */
} clients[] = {
    {"double blank", double_blank, TT_CLASS_C1, ZONE, 1, 10},
    {"last line feed", last_line_feed, TT_CLASS_C1, ZONE, 1, 10},
    {"empty line", empty_line, TT_CLASS_C1, ZONE, 1, 10},
    {"tab", tab_for_blanks, TT_CLASS_C1, ZONE, 1, 10},
    {"tools turned", tools_turned, TT_CLASS_C2, USER, 1, 10},
    {"list turned", list_turned, TT_CLASS_C2, USER, 1, 10},
    {"lines reversed", lines_reversed, TT_CLASS_C2, NAME, 1, 10},
    {"selector", selector, TT_CLASS_C0, ZONE, 1, 10},
    {"counted blanks", counted_blanks, TT_CLASS_C1, ZONE, 1, 20},
    {"exclusive or, user", exclusive_or, TT_CLASS_C0, USER, 2, 10},
    {"exclusive or, name", exclusive_or, TT_CLASS_C0, NAME, 2, 10},
    {"joint code, user", joint_code, TT_CLASS_C0, USER, 3, 10},
    {"joint code, both", joint_code, TT_CLASS_C0, USER | NAME, 3, 10},
    {"gated order", gated_order, TT_CLASS_C2, CI | USER, 1, 10},
    {"query turned", query_turned, TT_CLASS_C2, ZONE, 1, 10},
    {"percent path", percent_path, TT_CLASS_C3, ZONE, 1, 10},
    {"inner order", inner_order, TT_CLASS_C2, NAME, 1, 10},
    {"inner escape", inner_escape, TT_CLASS_C3, NAME, 1, 10},
    {"quoted number", quoted_number, TT_CLASS_C3, ZONE, 1, 10},
    {"capital id", capital_id, TT_CLASS_C1, ZONE, 1, 0},
    {"frozen id", frozen_id, TT_CLASS_C4, ZONE, 1, 0},
    {"shifted clock", shifted_clock, TT_CLASS_VISIBLE, ZONE, 0, 0},
    {"added token", added_token, TT_CLASS_C4, USER, 1, 10},
    {"added random", added_random, TT_CLASS_VISIBLE, USER, 0, 0},
    {"sign and words", sign_and_words, TT_CLASS_C0, LOCALE, 1, 10},
    {"second request", second_request, TT_CLASS_C0, ZONE, 1, 10},
    {"requests turned", requests_turned, TT_CLASS_C2, ZONE, 1, 10},
    {"chunk sizes", chunk_sizes, TT_CLASS_C3, ZONE, 1, 10},
    {"mark in a flaky line", mark_in_flaky_line, TT_CLASS_C0, ZONE, 1, 10},
    {"mark beside an id", mark_beside_id, TT_CLASS_C0, ZONE, 1, 10},
    {"language tag", language_tag, TT_CLASS_VISIBLE, LOCALE, 0, 0},
    {"digest in base64", digest_in_base64, TT_CLASS_C4, NAME, 1, 10},
    {"digest in base64url", digest_in_base64url, TT_CLASS_C4, NAME, 1, 10},
    {"name in base64", name_in_base64, TT_CLASS_C4, NAME, 1, 10},
    {"name in hexadecimal", name_in_hex, TT_CLASS_C4, NAME, 1, 10},
    {"name in words", name_in_words, TT_CLASS_VISIBLE, NAME, 0, 0},
    {"other version", other_version, TT_CLASS_C5, ZONE, 1, 10},
    {"digit in a token", digit_in_token, TT_CLASS_C5, NAME, 1, 10},
    {"feed behind", feed_behind, TT_CLASS_C3, USER, 1, 10},
    {"length or chunks", length_or_chunks, TT_CLASS_C3, NAME, 1, 10},
};

static void
probe_client(struct sim *sim, sim_client_fn *client, uint64_t seed, bool deep, const struct tt_conclusion **conclusion)
{
    sim_init(sim, &tt_alloc_libc, 0, 0, seed);
    sim->client = client;
    assert_int_equal(sim_probe(sim, deep, conclusion), TT_OK);
}

static bool
has_expected(const struct tt_conclusion *conclusion, const struct expectation *expected)
{
    for (size_t i = 0; i < conclusion->dependence_count; i++) {
        const struct tt_dependence *d = &conclusion->dependences[i];
        unsigned tenths = (unsigned) (d->bits * 10 + 0.5);
        bool confirmed = d->confirmed || d->class == TT_CLASS_VISIBLE;
        if (d->class == expected->class && d->factors == expected->factors && confirmed &&
            (expected->tenths == 0 || tenths == expected->tenths)) {
            return true;
        }
    }
    return false;
}

static void
test_clients(void **state)
{
    (void) state;
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof(clients) / sizeof(*clients); i++) {
        for (uint64_t seed = 1; seed < 4; seed++) {
            struct sim sim;
            const struct tt_conclusion *conclusion;
            probe_client(&sim, clients[i].client, 10 * i + seed, false, &conclusion);
            if (!has_expected(conclusion, &clients[i]) || sim_covert(conclusion) != clients[i].covert) {
                fprintf(stderr, "# ---- %s, seed %u: %zu covert\n", clients[i].name, (unsigned) seed, sim_covert(conclusion));
                sim_print(&sim, conclusion);
                failed++;
                seed = 4;
            }
            sim_free(&sim);
        }
    }
    assert_int_equal(failed, 0);
}

static void
test_noise(void **state)
{
    (void) state;
    static const struct {
        const char *name;
        sim_client_fn *client;
    } noisy[] = {
        {"random tips", random_tips},       {"random process", random_process}, {"random lines", random_lines},
        {"random retries", random_retries}, {"random chunks", random_chunks},   {"random words", random_words},
        {"session path", session_path},     {"random times", random_times},     {"timed ids", timed_ids},
    };
    unsigned failed = 0;
    for (size_t i = 0; i < sizeof(noisy) / sizeof(*noisy); i++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            struct sim sim;
            const struct tt_conclusion *conclusion;
            probe_client(&sim, noisy[i].client, 100 * i + seed, seed % 10 == 0, &conclusion);
            if (sim_covert(conclusion) > 0) {
                fprintf(stderr, "# ---- %s, seed %u: %zu covert\n", noisy[i].name, (unsigned) seed, sim_covert(conclusion));
                sim_print(&sim, conclusion);
                failed++;
            }
            sim_free(&sim);
        }
    }
    assert_int_equal(failed, 0);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
