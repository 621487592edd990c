/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings that are passed over after one look at their bytes: whatever stands around them, the engine finds nothing in them either.
 */
#include "test.h"

#include "gate/idle.h"
#include "marks/glance.h"
#include "scan/field.h"

#define LENGTH_MAX 140

struct engine {
    struct tt_scan_fields fields;
    struct tt_scan_file file;
    struct tt_cursor cursor;
};

static void
open_engine(struct engine *e)
{
    const struct tt_kernels *kernels = tt_kernels_get(tt_cpu_detect());
    tt_scan_file_begin(&e->file, &tt_alloc_libc, kernels, TT_STR(""));
    assert_int_equal(tt_scan_fields_init(&e->fields, &tt_alloc_libc, kernels), TT_OK);
    e->fields.file = &e->file;
    e->fields.alone = true;
}

static void
close_engine(struct engine *e)
{
    tt_scan_fields_free(&e->fields);
    tt_scan_file_free(&e->file);
}

/* How many findings of any level the engine has in the inside of a string at that place. */
static size_t
look(struct engine *e, struct tt_str raw, const char *path, const char *role)
{
    tt_marks_begin_document(&e->fields.marks);
    e->fields.shown = false;
    tt_cursor_begin(&e->cursor, e->fields.marks.kernels);
    e->cursor.bytes = raw;
    tt_scan_file_forget(&e->file);
    const struct tt_scan_field field = {
        .raw = raw,
        .to = raw.len,
        .cursor = &e->cursor,
        .escaped = raw.len > 0 && memchr(raw.ptr, '\\', raw.len) != NULL,
        .at_start = true,
        .at_end = true,
        .in_json = true,
        .path = tt_str_cstr(path),
        .role = tt_str_cstr(role),
    };
    assert_int_equal(tt_scan_fields_look(&e->fields, &field), TT_OK);
    return e->file.result.finding_count;
}

static void
test_cases(void **state)
{
    static const struct {
        const char *text;
        enum tt_gate_idle idle;
    } cases[] = {
        {"", TT_GATE_IDLE},
        {"text", TT_GATE_IDLE},
        {"The absolute path of the file, if there is one (as a string)", TT_GATE_IDLE},
        {"a.b-c/d", TT_GATE_NOT_IDLE}, /* short ones with two separators are left to the engine */
        {"see src/a.c and src/b.c, then run all of the tests there", TT_GATE_IDLE},
        {"2026-05-09", TT_GATE_NOT_IDLE},
        {"from 2026-05-09 on, it says in the text", TT_GATE_NOT_IDLE},
        {"1.5 or 2.5 times as much as there was", TT_GATE_NOT_IDLE},
        {"1.5 times as much as there was before", TT_GATE_IDLE},
        {"additionalProperties", TT_GATE_IDLE_BUT_TOKENS},
        {"a run_of_fifteen1 signs is none", TT_GATE_IDLE},
        {"a run_of_sixteen12 signs is one", TT_GATE_IDLE_BUT_TOKENS},
        {"deadbeefdeadbeefdeadbeef", TT_GATE_NOT_IDLE}, /* the same, and an identifier */
        {"/a/b/c/d/e/f/g/h/i/j/k", TT_GATE_IDLE},
        {"/a/b/c/d/e/f/g/h/i/j/k/l", TT_GATE_NOT_IDLE}, /* 24 characters of base64 */
        {"x-anthropic-billing: something else", TT_GATE_IDLE_BUT_TOKENS},
        {"x-y is no such thing, but begins so", TT_GATE_IDLE_BUT_TOKENS},
        {"100 % of it", TT_GATE_NOT_IDLE},
        {"this & that", TT_GATE_NOT_IDLE},
        {"one + one", TT_GATE_NOT_IDLE},
        {"a line\\n", TT_GATE_NOT_IDLE},
        {"{a}", TT_GATE_NOT_IDLE},
        {"caf\xC3\xA9", TT_GATE_NOT_IDLE},
        {"a\x7F", TT_GATE_NOT_IDLE},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char room[160] = {0};
        struct tt_str text = tt_str_cstr(cases[i].text);
        memcpy(room, text.ptr, text.len);
        if (tt_gate_idle_of(tt_str_make(room, text.len), sizeof(room)) != cases[i].idle) {
            fail_msg("%s", cases[i].text);
        }
    }
    char longer[TT_FIELD_LOOK_MIN + 16];
    memset(longer, ' ', sizeof(longer));
    assert_int_equal(tt_gate_idle_of(tt_str_make(longer, TT_FIELD_LOOK_MIN - 1), sizeof(longer)), TT_GATE_IDLE);
    assert_int_equal(tt_gate_idle_of(tt_str_make(longer, TT_FIELD_LOOK_MIN), sizeof(longer)), TT_GATE_NOT_IDLE);
}

/* Words, signs and numbers from which marks of ASCII are made. */
static const char *const pieces[] = {
    "a",
    "the",
    "Today's date is ",
    "2026",
    "05",
    "-",
    "/",
    ".",
    ":",
    " ",
    "  ",
    "x-",
    "deadbeef",
    "0123456789abcdef",
    "QUJDREVG",
    "_",
    "=",
    "==",
    "~",
    "^",
    "(",
    ")",
    "<env>",
    "<system-reminder>",
    "id",
    "http://",
    "user",
    "'",
    "`",
    "!",
    "?",
    ",",
    ";",
    "%",
    "+",
    "&",
    "\\n",
    "\\u02bc",
    "{",
    "1",
    "12",
    "7",
    "Z",
    "zzzzzzzz",
};

static void
make(char *text, size_t *length, uint64_t *random)
{
    size_t want = (*random >> 20) % LENGTH_MAX;
    *length = 0;
    for (;;) {
        *random = *random * 6364136223846793005u + 1442695040888963407u;
        const char *piece = pieces[(*random >> 33) % (sizeof(pieces) / sizeof(*pieces))];
        size_t n = strlen(piece);
        bool sign = strchr("%+&\\{", piece[0]) != NULL;
        if (sign && (*random >> 50) % 8) {
            continue; /* seldom, or nothing would be idle */
        }
        if (*length + n > want) {
            return;
        }
        memcpy(text + *length, piece, n);
        *length += n;
    }
}

/* Is a string at that path passed over? */
static bool
passes(enum tt_gate_idle idle, const char *path, const char *role, struct tt_str raw)
{
    enum tt_place place = tt_place_of(tt_str_cstr(path), tt_str_cstr(role), TT_STR(""));
    bool about_user = tt_glance_is_about_user(tt_str_cstr(path));
    return idle == TT_GATE_IDLE || (idle == TT_GATE_IDLE_BUT_TOKENS && !tt_gate_has_tokens(place, about_user, raw));
}

static void
test_engine_agrees(void **state)
{
    static const struct {
        const char *path, *role;
    } places[] = {
        {"$.system", ""},
        {"$.system[0].text", ""},
        {"$.tools[0].description", ""},
        {"$.messages[0].content", "user"},
        {"$.messages[0].content[0].input.command", "assistant"},
        {"$.messages[0].content[0].tool_use_id", "user"},
        {"$.messages[0].content", "tool"},
        {"$.messages[0].content", "system"},
        {"$.user", ""},
        {"$.metadata.user_id", ""},
        {"$.other", ""},
    };
    static struct engine engine;
    uint64_t random = 20260509;
    size_t idle = 0, but_tokens = 0, found = 0;
    (void) state;
    open_engine(&engine);
    for (int round = 0; round < 60000; round++) {
        char text[LENGTH_MAX + 32] = {0};
        size_t length;
        make(text, &length, &random);
        struct tt_str raw = tt_str_make(text, length);
        enum tt_gate_idle with_room = tt_gate_idle_of(raw, sizeof(text)), without_room = tt_gate_idle_of(raw, length);
        assert_true(length < 16 || with_room == without_room); /* the versions agree; of short ones, one is stricter */
        for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
            bool is_idle = passes(with_room, places[i].path, places[i].role, raw) ||
                           passes(without_room, places[i].path, places[i].role, raw);
            if (!is_idle && round % 8 != 0) {
                continue;
            }
            size_t count = look(&engine, raw, places[i].path, places[i].role);
            if (is_idle && count > 0) {
                fail_msg("%s at %s", text, places[i].path);
            }
            found += count > 0;
        }
        idle += with_room == TT_GATE_IDLE;
        but_tokens += with_room == TT_GATE_IDLE_BUT_TOKENS;
    }
    assert_true(idle > 2000 && but_tokens > 500 &&
                found > 200); /* the question was asked, and could have been answered otherwise */
    close_engine(&engine);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_engine_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
