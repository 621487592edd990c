/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strings of a request that are passed over after a look at their bytes: whatever stands around them, the engine finds nothing in them either.
 */
#include "engine.h"

#include "gate/idle.h"
#include "marks/glance.h"

#define LENGTH_MAX 140

static void
test_cases(void **state)
{
    static const struct {
        const char *text;
        bool idle;
    } cases[] = {
        {"", true},          {"text", true},         {"a.b/c", false},                                       /* two separators */
        {"src/a:c d", true}, {"2026-05-09", false},  {"fifteen signs__", true}, {"sixteen signs___", false}, /* for a glance */
        {"100 %", false},    {"this & that", false}, {"one + one", false},      {"a line\\n", false},
        {"{a}", false},      {"caf\xC3\xA9", false}, {"a\x7F", false},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char room[160] = {0};
        struct tt_str text = tt_str_cstr(cases[i].text);
        memcpy(room, text.ptr, text.len);
        if (tt_gate_is_idle(tt_str_make(room, text.len), sizeof(room)) != cases[i].idle) {
            fail_msg("%s", cases[i].text);
        }
        assert_false(tt_gate_is_idle(tt_str_make(room, text.len), text.len) && text.len > 0); /* nothing behind it may be read */
    }
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

/* Is a string at that path passed over, as look.c does it? */
static bool
passes(struct engine *e, const char *path, const char *role, struct tt_str raw, size_t room)
{
    enum tt_place place = tt_place_of(tt_str_cstr(path), tt_str_cstr(role), TT_STR(""));
    bool about_user = tt_glance_is_about_user(tt_str_cstr(path));
    enum tt_glance answer = tt_glance_at(e->fields.marks.kernels, &e->fields.marks.arena, raw, room);
    bool plain = place == TT_PLACE_PLAIN || place == TT_PLACE_METADATA;
    return tt_gate_is_idle(raw, room) || ((answer == TT_GLANCE_NO || (answer == TT_GLANCE_HOLDS && !plain)) &&
                                          !(tt_glance_wants_tokens(place, about_user, raw) && tt_glance_has_token(raw)));
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
    size_t idle = 0, found = 0;
    (void) state;
    engine_open(&engine);
    for (int round = 0; round < 60000; round++) {
        char text[LENGTH_MAX + 32] = {0};
        size_t length;
        make(text, &length, &random);
        struct tt_str raw = tt_str_make(text, length);
        for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
            bool is_idle = passes(&engine, places[i].path, places[i].role, raw, round % 2 ? sizeof(text) : length);
            idle += is_idle;
            if (!is_idle && round % 8 != 0) {
                continue;
            }
            size_t count = engine_look(&engine, raw, places[i].path, places[i].role);
            if (is_idle && count > 0) {
                fail_msg("%s at %s", text, places[i].path);
            }
            found += count > 0;
        }
    }
    assert_true(idle > 20000 && found > 200); /* the question was asked, and could have been answered otherwise */
    engine_close(&engine);
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
