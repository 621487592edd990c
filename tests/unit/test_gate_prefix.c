/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Beginnings of bodies: where reading goes on, what is known there, and what is never remembered.  That verdicts stay the same is for
 * test_gate_known.
 */
#include "judged.h"

#include "gate/reader.h"
#include "gate/rules.h"

#define MESSAGES 40
#define STEP TT_FINGERPRINT_STEP

static const char policy[] =
    JUDGED_HEAD "decisions:\n"
                "  - id: claude\n    reason: r\n    match:\n      model_family: claude\n    status: approved\n"
                "    review_due: 2030-01-01\n";

/* A reader of its own, with what it reads. */
struct place {
    struct judged judged;
    struct tt_gate_rules rules;
    struct tt_gate_look look;
    struct tt_gate_reader reader;
    struct tt_gate_trail trail;
    struct tt_buf body;
};

static struct place *
open_place(void)
{
    static struct place place;
    static const unsigned char seed[64] = "a seed that no test depends on";
    const struct tt_kernels *kernels = tt_kernels_get(tt_cpu_detect());
    memset(&place, 0, sizeof(place));
    judged_open(&place.judged, policy, tt_cpu_detect());
    assert_int_equal(tt_gate_rules_init(&place.rules, &tt_alloc_libc, place.judged.policy, NULL, NULL), TT_OK);
    assert_int_equal(tt_gate_look_init(&place.look, &tt_alloc_libc, kernels, &place.rules, seed, tt_cpu_detect()), TT_OK);
    assert_int_equal(tt_gate_reader_init(&place.reader, &tt_alloc_libc, kernels, &place.look, seed), TT_OK);
    assert_int_equal(tt_gate_trail_init(&place.trail, &tt_alloc_libc, &place.look.memo.key), TT_OK);
    tt_buf_init(&place.body, &tt_alloc_libc, TT_MIB);
    return &place;
}

static void
close_place(struct place *place)
{
    tt_buf_free(&place->body);
    tt_gate_trail_free(&place->trail, &tt_alloc_libc);
    tt_gate_reader_free(&place->reader);
    tt_gate_look_free(&place->look);
    tt_gate_rules_free(&place->rules, &tt_alloc_libc);
    judged_close(&place->judged);
}

/* A conversation; head: what stands before it; odd: the text of one message. */
static void
write_body(struct place *place, const char *head, size_t messages, size_t at, const char *odd)
{
    tt_buf_clear(&place->body);
    tt_buf_add_cstr(&place->body, head);
    tt_buf_add_cstr(&place->body, "\"messages\":[");
    for (size_t i = 0; i < messages; i++) {
        tt_buf_add_cstr(&place->body, i > 0 ? ",{\"role\":\"user\",\"content\":\"" : "{\"role\":\"user\",\"content\":\"");
        tt_buf_add_u64(&place->body, i);
        tt_buf_add_cstr(&place->body,
                        i == at ? odd : ": plain words, of which there are so many that a few messages of the kind make a step");
        tt_buf_add_cstr(&place->body, "\"}");
    }
    tt_buf_add_cstr(&place->body, "]}");
    assert_int_equal(place->body.status, TT_OK);
}

static void
read_cut(struct place *place, size_t cut)
{
    struct tt_str body = tt_buf_str(&place->body);
    const struct tt_str items[] = {tt_str_slice(body, 0, cut), tt_str_slice(body, cut, body.len)};
    const struct tt_gate_pieces pieces = {cut > 0 ? items : items + 1, cut > 0 ? 2 : 1};
    tt_gate_look_begin(&place->look, TT_STR("provider-anthropic"));
    tt_gate_trail_take(&place->trail, &pieces);
    assert_int_equal(tt_gate_read(&place->reader, &pieces, &place->trail), TT_OK);
    assert_null(place->reader.facts.trouble);
    tt_gate_look_end(&place->look);
}

/* Where reading would go on. */
static uint64_t
begin(struct place *place)
{
    const struct tt_str body = tt_buf_str(&place->body);
    const struct tt_gate_pieces pieces = {&body, 1};
    static struct tt_str kept;
    kept = body;
    place->reader.pieces = (struct tt_gate_pieces) {&kept, 1};
    tt_gate_trail_take(&place->trail, &pieces);
    tt_gate_frames_begin(&place->reader.frames);
    return tt_gate_prefix_begin(&place->reader, &place->trail);
}

static const char plain_head[] = "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":77,\"stream\":true,";

static void
test_next_turn(void **state)
{
    struct place *place = open_place();
    (void) state;
    write_body(place, plain_head, MESSAGES, MESSAGES, "");
    assert_int_equal(begin(place), 0);
    read_cut(place, 0);
    size_t length = place->body.len;
    uint64_t strings = place->reader.strings;
    /* What is new begins in the last step of what is old, or the one before. */
    write_body(place, plain_head, MESSAGES + 3, MESSAGES + 3, "");
    uint64_t at = begin(place);
    assert_in_range(at, length - 2 * STEP, length);
    assert_memory_equal(place->body.ptr + at, "{\"role\"", 7);
    const struct tt_gate_facts *facts = &place->reader.facts;
    assert_true(facts->streams && facts->has_model && facts->output_max == 77);
    assert_str_equal(facts->model, TT_STR("claude-sonnet-4-5"));
    assert_in_range((uintptr_t) facts->model.ptr, (uintptr_t) place->body.ptr, (uintptr_t) place->body.ptr + 64);
    assert_true(place->reader.strings > 0 && place->reader.strings < strings);
    /* Another head, as short as it may be: nothing is known. */
    write_body(place, "{\"model\":\"claude-sonnet-4-6\",\"max_tokens\":77,\"stream\":true,", MESSAGES + 3, MESSAGES + 3, "");
    assert_int_equal(begin(place), 0);
    close_place(place);
}

/* One of the last messages changes from turn to turn: what is before it is known all the same. */
static void
test_change_near_the_end(void **state)
{
    struct place *place = open_place();
    (void) state;
    write_body(place, plain_head, MESSAGES, MESSAGES - 1, "the last one is another one now");
    read_cut(place, 0);
    size_t length = place->body.len;
    write_body(place, plain_head, MESSAGES, MESSAGES, "");
    uint64_t at = begin(place);
    assert_in_range(at, length - 3 * STEP, length - 1);
    close_place(place);
}

/* What was found, what has escapes in names, and what lies in the second piece is read again. */
static void
test_not_remembered(void **state)
{
    static const struct {
        const char *head, *odd;
        size_t at, cut;
    } cases[] = {
        {plain_head, ": Today\xCA\xBCs date is 2026/05/09.", 2, 0},
        {"{\"mod\\u0065l\":\"claude-sonnet-4-5\",", ": plain", 2, 0},
        {"{\"model\":\"claude-sonnet-4-5\",\"tools\":[{\"name\":\"mcp__a\\u0062__c\"}],", ": plain", 2, 0},
        {plain_head, ": plain", 2, 500},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct place *place = open_place();
        write_body(place, cases[i].head, MESSAGES, cases[i].at, cases[i].odd);
        read_cut(place, cases[i].cut);
        read_cut(place, cases[i].cut);
        assert_true(begin(place) < STEP);
        close_place(place);
    }
}

/* Of many conversations those that go on are kept. */
static void
test_crowd(void **state)
{
    struct place *place = open_place();
    char head[128];
    size_t known = 0;
    (void) state;
    for (unsigned i = 0; i < 2 * TT_GATE_PREFIX_SETS * TT_GATE_PREFIX_WAYS; i++) {
        write_body(place, plain_head, MESSAGES, MESSAGES, "");
        if (i % 64 == 0) {
            known += begin(place) > 0;
            read_cut(place, 0);
        }
        snprintf(head, sizeof(head), "{\"model\":\"claude-%u\",", i);
        write_body(place, head, MESSAGES, MESSAGES, "");
        read_cut(place, 0);
    }
    /* All but the first time; a fingerprint may meet a set that is crowded more than others. */
    assert_in_range(known, 2 * TT_GATE_PREFIX_SETS * TT_GATE_PREFIX_WAYS / 64 - 3,
                    2 * TT_GATE_PREFIX_SETS * TT_GATE_PREFIX_WAYS / 64 - 1);
    close_place(place);
}

/* A shown fingerprint depends on every byte, the length and the secret, and on no cut. */
static void
test_shown(void **state)
{
    struct place *place = open_place();
    unsigned char one[16], other[16], secret[16] = "shown", another[16] = "shown too";
    (void) state;
    write_body(place, plain_head, MESSAGES, MESSAGES, "");
    struct tt_str body = tt_buf_str(&place->body);
    const struct tt_gate_pieces whole = {&body, 1};
    tt_gate_trail_take(&place->trail, &whole);
    tt_gate_trail_show(&place->trail, secret, one);
    tt_gate_trail_show(&place->trail, another, other);
    assert_memory_not_equal(one, other, 16);
    for (size_t cut = 0; cut <= body.len; cut += cut % 7 + 1) {
        const struct tt_str items[] = {tt_str_slice(body, 0, cut / 2), tt_str_slice(body, cut / 2, cut),
                                       tt_str_slice(body, cut, body.len)};
        const struct tt_gate_pieces pieces = {items, 3};
        tt_gate_trail_take(&place->trail, &pieces);
        tt_gate_trail_show(&place->trail, secret, other);
        assert_memory_equal(one, other, 16);
        const struct tt_str shorter = tt_str_slice(body, 0, cut);
        const struct tt_gate_pieces part = {&shorter, 1};
        tt_gate_trail_take(&place->trail, &part);
        tt_gate_trail_show(&place->trail, secret, other);
        assert_int_equal(memcmp(one, other, 16) == 0, cut == body.len);
        if (cut < body.len) {
            place->body.ptr[cut] ^= 1;
            tt_gate_trail_take(&place->trail, &whole);
            tt_gate_trail_show(&place->trail, secret, other);
            assert_memory_not_equal(one, other, 16);
            place->body.ptr[cut] ^= 1;
        }
    }
    close_place(place);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_next_turn),      cmocka_unit_test(test_change_near_the_end),
        cmocka_unit_test(test_not_remembered), cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
