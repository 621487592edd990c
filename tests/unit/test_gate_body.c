/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bodies with a content coding, and a judgement under want of memory.
 */
#include "judged.h"

#include <zlib.h>
#include <zstd.h>

#define MARKED "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"Today\xCA\xBCs date is 2026/05/09.\"}]}"

static const char policy[] =
    JUDGED_HEAD "marks:\n  - id: plain-date\n    channel: date-line\n    level: candidate\n    action: normalise\n";

static void
test_names(void **state)
{
    static const struct {
        const char *value;
        enum tt_coding coding;
    } names[] = {
        {"", TT_CODING_IDENTITY},
        {"identity", TT_CODING_IDENTITY},
        {" Identity ", TT_CODING_IDENTITY},
        {"gzip", TT_CODING_GZIP},
        {"GZIP", TT_CODING_GZIP},
        {"x-gzip", TT_CODING_GZIP},
        {"\tzstd ", TT_CODING_ZSTD},
        {"br", TT_CODING_OTHER},
        {"deflate", TT_CODING_OTHER},
        {"gzip, gzip", TT_CODING_OTHER},
        {"identity, gzip", TT_CODING_OTHER},
        {"gzip2", TT_CODING_OTHER},
        {"gzi", TT_CODING_OTHER},
        {",", TT_CODING_OTHER},
        {"zstd;q=1", TT_CODING_OTHER},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        assert_int_equal(tt_coding_of(tt_str_cstr(names[i].value)), names[i].coding);
    }
}

/* ---- making bodies ---- */

static void
add_gzip(struct tt_buf *out, struct tt_str text)
{
    z_stream stream = {0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    size_t room = deflateBound(&stream, text.len);
    stream.next_in = (unsigned char *) (uintptr_t) text.ptr;
    stream.avail_in = (uInt) text.len;
    stream.next_out = (unsigned char *) tt_buf_reserve(out, room);
    stream.avail_out = (uInt) room;
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out->len += room - stream.avail_out;
    deflateEnd(&stream);
}

static void
add_zstd(struct tt_buf *out, struct tt_str text)
{
    size_t room = ZSTD_compressBound(text.len);
    char *to = tt_buf_reserve(out, room);
    size_t n = ZSTD_compress(to, room, text.ptr, text.len, 3);
    assert_false(ZSTD_isError(n));
    out->len += n;
}

static void
pack(struct tt_buf *out, enum tt_coding coding, struct tt_str text)
{
    (coding == TT_CODING_GZIP ? add_gzip : add_zstd)(out, text);
    assert_int_equal(out->status, TT_OK);
}

/* ---- what comes of them ---- */

static const enum tt_coding codings[] = {TT_CODING_GZIP, TT_CODING_ZSTD};

static void
test_decoded(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_buf packed, out;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&place, policy, tt_cpu_detect());
    tt_buf_init(&packed, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&out, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < 2; i++) {
        request.coding = codings[i];
        tt_buf_clear(&packed);
        pack(&packed, codings[i], TT_STR(MARKED));
        judge(place.desk, &request, tt_buf_str(&packed), &v);
        assert_int_equal(v.action, TT_GATE_NORMALISE);
        assert_str_equal(v.decoded, TT_STR(MARKED));
        struct tt_str after = judged_edit(&v, v.decoded, &out);
        assert_non_null(memmem(after.ptr, after.len, "Today's date is 2026-05-09.", 27));
        for (size_t cut = 1; cut < packed.len; cut++) { /* every split point, and every cut-off body */
            const struct tt_str pieces[] = {tt_str_make(packed.ptr, cut), tt_str_make(packed.ptr + cut, packed.len - cut)};
            assert_int_equal(tt_gate_judge(place.desk, &request, pieces, 2, &v), TT_OK);
            assert_int_equal(v.action, TT_GATE_NORMALISE);
            judge(place.desk, &request, pieces[0], &v);
            assert_int_equal(v.action, TT_GATE_REFUSE);
            assert_int_equal(v.refusal, TT_REFUSE_ENCODING);
        }
    }
    tt_buf_free(&packed);
    tt_buf_free(&out);
    judged_close(&place);
}

static void
assert_refused(struct judged *place, const struct tt_gate_request *request, struct tt_str body, enum tt_refusal refusal)
{
    struct tt_gate_verdict v;
    judge(place->desk, request, body, &v);
    assert_int_equal(v.action, TT_GATE_REFUSE);
    assert_string_equal(tt_refusal_name(v.refusal), tt_refusal_name(refusal));
    assert_int_equal(v.edit_count, 0);
}

static void
test_broken(void **state)
{
    struct judged place;
    struct tt_buf packed, twice;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&place, JUDGED_HEAD "gateway:\n  on_error: open\n", tt_cpu_detect());
    tt_buf_init(&packed, &tt_alloc_libc, TT_MIB);
    tt_buf_init(&twice, &tt_alloc_libc, TT_MIB);
    for (size_t i = 0; i < 2; i++) {
        request.coding = codings[i];
        tt_buf_clear(&packed);
        pack(&packed, codings[i], TT_STR(MARKED));
        size_t whole = packed.len;
        tt_buf_add_char(&packed, 'x');
        assert_refused(&place, &request, tt_buf_str(&packed), TT_REFUSE_ENCODING); /* something behind it */
        packed.len = whole;
        pack(&packed, codings[i], TT_STR(" "));
        assert_refused(&place, &request, tt_buf_str(&packed), TT_REFUSE_ENCODING); /* a second member */
        packed.len = whole;
        tt_buf_clear(&twice);
        pack(&twice, codings[i], tt_buf_str(&packed));
        struct tt_gate_verdict v;
        judge(place.desk, &request, tt_buf_str(&twice), &v); /* compressed twice: inside is no JSON */
        assert_int_equal(v.action, TT_GATE_REPORT);
        assert_non_null(v.not_inspected);
        packed.ptr[0] ^= 1;
        assert_refused(&place, &request, tt_buf_str(&packed), TT_REFUSE_ENCODING);
        assert_refused(&place, &request, TT_STR(MARKED), TT_REFUSE_ENCODING); /* not compressed at all */
        assert_refused(&place, &request, TT_STR(""), TT_REFUSE_ENCODING);
    }
    request.coding = TT_CODING_OTHER;
    assert_refused(&place, &request, TT_STR(MARKED), TT_REFUSE_ENCODING);
    tt_buf_free(&packed);
    tt_buf_free(&twice);
    judged_close(&place);
}

/* A body of exactly that many bytes of JSON. */
static void
make_body(struct tt_buf *out, size_t length)
{
    tt_buf_clear(out);
    tt_buf_add_cstr(out, "{\"a\":\"");
    while (out->len < length - 2) {
        tt_buf_add_char(out, (char) ('a' + out->len * 7 % 26));
    }
    tt_buf_add_cstr(out, "\"}");
    assert_int_equal(out->len, length);
}

static void
test_limit_and_ratio(void **state)
{
    struct judged place;
    struct tt_gate_verdict v;
    struct tt_buf body, packed;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    (void) state;
    judged_open(&place, JUDGED_HEAD, tt_cpu_detect());
    tt_buf_init(&body, &tt_alloc_libc, 8 * TT_MIB);
    tt_buf_init(&packed, &tt_alloc_libc, 8 * TT_MIB);
    for (size_t i = 0; i < 2; i++) {
        request.coding = codings[i];
        for (size_t length = 99999; length <= 100001; length++) {
            request.body_max = 100000;
            make_body(&body, length);
            tt_buf_clear(&packed);
            pack(&packed, codings[i], tt_buf_str(&body));
            judge(place.desk, &request, tt_buf_str(&packed), &v);
            assert_int_equal(v.action, length <= request.body_max ? TT_GATE_ALLOW : TT_GATE_REFUSE);
            assert_true(length <= request.body_max || v.refusal == TT_REFUSE_TOO_LARGE);
        }
        request.body_max = 8 * TT_MIB; /* four millions of one letter: within the limit, but no request */
        tt_buf_clear(&body);
        tt_buf_add_cstr(&body, "{\"a\":\"");
        memset(tt_buf_reserve(&body, 4 * TT_MIB), 'a', 4 * TT_MIB);
        body.len += 4 * TT_MIB;
        tt_buf_add_cstr(&body, "\"}");
        tt_buf_clear(&packed);
        pack(&packed, codings[i], tt_buf_str(&body));
        assert_true(packed.len * TT_GATE_RATIO < body.len);
        assert_refused(&place, &request, tt_buf_str(&packed), TT_REFUSE_TOO_LARGE);
    }
    tt_buf_free(&body);
    tt_buf_free(&packed);
    judged_close(&place);
}

/* ---- memory ---- */

struct sweep {
    const struct tt_policy *policy;
    struct tt_str packed;
};

/* True when all went well. */
static bool
judge_once(void *ctx, const struct tt_alloc *alloc)
{
    const struct sweep *sweep = ctx;
    static const unsigned char seed[32] = {1};
    struct tt_gate *gate;
    struct tt_desk *desk;
    struct tt_gate_verdict v;
    bool done = false;
    struct tt_gate_request request = judged_request(TT_API_ANTHROPIC);
    if (tt_gate_new(alloc, sweep->policy, &tt_catalog_builtin, NULL, NULL, 0, &gate, NULL) != TT_OK) {
        return false;
    }
    if (tt_desk_new(alloc, gate, tt_cpu_detect(), seed, &desk) == TT_OK) {
        static const char marked[] = MARKED;
        const struct tt_str pieces[] = {tt_str_make(marked, 5), tt_str_make(marked + 5, 60),
                                        tt_str_make(marked + 65, sizeof(marked) - 66)};
        done = tt_gate_judge(desk, &request, pieces, 3, &v) == TT_OK && v.edit_count == 3;
        request.coding = TT_CODING_ZSTD;
        done = tt_gate_judge(desk, &request, &sweep->packed, 1, &v) == TT_OK && v.edit_count == 3 && done;
        tt_desk_free(desk);
    }
    tt_gate_free(gate);
    return done;
}

static void
test_no_memory(void **state)
{
    struct judged place;
    struct tt_buf packed;
    (void) state;
    judged_open(&place, policy, tt_cpu_detect());
    tt_buf_init(&packed, &tt_alloc_libc, TT_MIB);
    pack(&packed, TT_CODING_ZSTD, TT_STR(MARKED));
    struct sweep sweep = {.policy = place.policy, .packed = tt_buf_str(&packed)};
    test_every_allocation(judge_once, &sweep);
    tt_buf_free(&packed);
    judged_close(&place);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),           cmocka_unit_test(test_decoded),   cmocka_unit_test(test_broken),
        cmocka_unit_test(test_limit_and_ratio), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
