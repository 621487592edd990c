/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of clean parts: what is found in it, and which part of a set goes.
 */
#include "test.h"

#include "gate/parts.h"

#define CONTEXT 7
#define TEXT_MAX 128

static const unsigned char secret[16] = "sixteen letters.";

static void
open_parts(struct tt_gate_parts *parts, struct tt_fingerprint_key *key)
{
    tt_fingerprint_key_init(key, secret, 0);
    assert_int_equal(tt_gate_parts_init(parts, &tt_alloc_libc, key), TT_OK);
}

/* Chains so far apart share a set; each has a text of its own. */
static uint64_t
chain_of(size_t number)
{
    return number * TT_GATE_PARTS_SETS;
}

static struct tt_str
text_of(size_t number, char room[TEXT_MAX])
{
    memset(room, (int) ('a' + number % 26), TEXT_MAX);
    return tt_str_make(room, TEXT_MAX);
}

static void
add(struct tt_gate_parts *parts, size_t number)
{
    char room[TEXT_MAX];
    const struct tt_gate_part part = {.strings = (uint16_t) number};
    (void) tt_gate_parts_add(parts, chain_of(number), CONTEXT, text_of(number, room), &part);
}

static bool
has(struct tt_gate_parts *parts, size_t number)
{
    char room[TEXT_MAX];
    const struct tt_gate_part *part = tt_gate_parts_find(parts, chain_of(number), CONTEXT, text_of(number, room));
    assert_true(!part || part->strings == number);
    return part != NULL;
}

static void
test_what_is_known(void **state)
{
    (void) state;
    char room[TEXT_MAX];
    struct tt_gate_parts parts;
    struct tt_fingerprint_key key;
    struct tt_str text = text_of(1, room);
    open_parts(&parts, &key);
    add(&parts, 1);
    assert_non_null(tt_gate_parts_find(&parts, chain_of(1), CONTEXT, text));
    assert_null(tt_gate_parts_find(&parts, chain_of(2), CONTEXT, text));
    assert_null(tt_gate_parts_find(&parts, chain_of(1), CONTEXT + 1, text));
    assert_null(tt_gate_parts_find(&parts, chain_of(1), CONTEXT, tt_str_slice(text, 0, TEXT_MAX - 1)));
    for (size_t i = 0; i < TEXT_MAX; i++) { /* each byte counts */
        room[i] ^= 1;
        assert_null(tt_gate_parts_find(&parts, chain_of(1), CONTEXT, text));
        room[i] ^= 1;
    }
    tt_gate_parts_free(&parts, &tt_alloc_libc);
}

/* Whether what is asked for in a row is still there after the set took the parts with numbers below count. */
static void
test_what_goes(void **state)
{
    static const struct {
        const char *what;
        size_t met, count; /* part met, 0: none, is met again before each new one comes */
        unsigned left;     /* bits of the parts that are there at the end */
    } rows[] = {
        {"all fit", 0, 5, 0x1E},
        {"the oldest goes", 0, 6, 0x3C},
        {"one that goes on stays", 1, 6, 0x3A},
        {"however many come", 1, 9, 0x1C2},
        {"it need not be the oldest", 2, 9, 0x1C4},
    };
    (void) state;
    for (size_t r = 0; r < sizeof(rows) / sizeof(*rows); r++) {
        struct tt_gate_parts parts;
        struct tt_fingerprint_key key;
        unsigned left = 0;
        open_parts(&parts, &key);
        for (size_t i = 1; i < rows[r].count; i++) {
            if (rows[r].met > 0 && i > rows[r].met) {
                assert_true(has(&parts, rows[r].met));
            }
            add(&parts, i);
        }
        for (size_t i = 1; i < rows[r].count; i++) {
            left |= (unsigned) has(&parts, i) << i;
        }
        if (left != rows[r].left) {
            fail_msg("%s: %x", rows[r].what, left);
        }
        tt_gate_parts_free(&parts, &tt_alloc_libc);
    }
}

/* All in use: one of them has to go, and the rest are no longer counted as met. */
static void
test_all_are_met(void **state)
{
    (void) state;
    struct tt_gate_parts parts;
    struct tt_fingerprint_key key;
    open_parts(&parts, &key);
    for (size_t i = 1; i <= TT_GATE_PARTS_WAYS; i++) {
        add(&parts, i);
    }
    for (size_t i = 1; i <= TT_GATE_PARTS_WAYS; i++) {
        assert_true(has(&parts, i));
    }
    add(&parts, 5);
    assert_false(has(&parts, 1));
    assert_true(has(&parts, 2));
    add(&parts, 6);
    assert_true(has(&parts, 2));
    assert_false(has(&parts, 3));
    tt_gate_parts_free(&parts, &tt_alloc_libc);
}

static bool
open_and_close(void *ctx, const struct tt_alloc *alloc)
{
    struct tt_gate_parts parts;
    enum tt_status status = tt_gate_parts_init(&parts, alloc, ctx);
    tt_gate_parts_free(&parts, alloc);
    return status == TT_OK;
}

static void
test_memory(void **state)
{
    (void) state;
    struct tt_fingerprint_key key;
    tt_fingerprint_key_init(&key, secret, 0);
    test_every_allocation(open_and_close, &key);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_known),
        cmocka_unit_test(test_what_goes),
        cmocka_unit_test(test_all_are_met),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
