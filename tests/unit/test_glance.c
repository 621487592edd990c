/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A glance at a JSON string: when it says that there is nothing, the engine finds nothing either, wherever the string stands.
 */
#include "engine.h"

#include "marks/glance.h"

#define LENGTH_MAX 6000

static const struct tt_kernels *
kernels(void)
{
    return tt_kernels_get(tt_cpu_detect());
}

static enum tt_glance
glance(struct engine *e, struct tt_str raw)
{
    static char text[LENGTH_MAX + 512]; /* the string within its document */
    memset(text + raw.len, '"', 256);
    memcpy(text, raw.ptr, raw.len);
    enum tt_glance answer = tt_glance_at(kernels(), &e->scratch, raw, raw.len);
    assert_int_equal(tt_glance_at(tt_kernels_get(0), &e->scratch, raw, raw.len), answer);
    assert_int_equal(tt_glance_at(kernels(), &e->scratch, tt_str_make(text, raw.len), raw.len + 1 + raw.len % 255), answer);
    return answer;
}

#define TWICE4(x) x x x x
#define LINES8(x) TWICE4(x) TWICE4(x)

static void
test_cases(void **state)
{
    static const struct {
        const char *text;
        enum tt_glance answer;
    } cases[] = {
        {"", TT_GLANCE_NO},
        {"text", TT_GLANCE_NO},
        {"a line\\n\\tand \\\"another\\\" \\\\ one", TT_GLANCE_NO},
        {"caf\xC3\xA9 \xE2\x80\x94 and so on, \xE6\xBC\xA2\xE5\xAD\x97", TT_GLANCE_NO},
        {"it\xE2\x80\x99s", TT_GLANCE_PERHAPS},
        {"a\\u0041", TT_GLANCE_PERHAPS}, /* what is not simple is left to the engine */
        {"a\\/b", TT_GLANCE_PERHAPS},
        {"a\\r\\n", TT_GLANCE_PERHAPS},
        {"2026-05-09", TT_GLANCE_PERHAPS},
        {"a\x7F", TT_GLANCE_PERHAPS},
        {"printf(\\\"%d %s %u%%\\\\n\\\", a & b, i + 1, &x, j+=2)", TT_GLANCE_NO},
        {"%41", TT_GLANCE_PERHAPS},
        {"%u00e9", TT_GLANCE_PERHAPS},
        {"&rsquo;", TT_GLANCE_PERHAPS},
        {"&#8217;", TT_GLANCE_PERHAPS},
        {"&amp", TT_GLANCE_NO},
        {"+IBk-", TT_GLANCE_PERHAPS},
        {"\\\\u2019", TT_GLANCE_PERHAPS},
        {"\\\\\\\\u2019", TT_GLANCE_PERHAPS},
        {"\\\\x41", TT_GLANCE_PERHAPS},
        {"\\\\047", TT_GLANCE_PERHAPS},
        {"\\\\342\\\\200\\\\231", TT_GLANCE_PERHAPS},
        {"\\\\U0001f600", TT_GLANCE_PERHAPS},
        {"\\\\use, \\\\xylophone, \\\\0, \\\\.", TT_GLANCE_NO},
        {"dGhpcyBpcyBhIHRleHQgaW4gYmFzZTY0", TT_GLANCE_PERHAPS},
        {"a \\ndGhpcyBpcyBhIHRleHQgaW4gYmFzZTY0\\n", TT_GLANCE_PERHAPS},
        {"74686973206973206120746578742069", TT_GLANCE_PERHAPS},
        {"/usr/lib/python3/dist-packages/module", TT_GLANCE_NO},
        {" {\\\"a\\\": 1}", TT_GLANCE_HOLDS},
        {"\\n\\t{}", TT_GLANCE_HOLDS},
        {"data: x", TT_GLANCE_HOLDS},
        {TWICE4("a\\t\\n") TWICE4("b\\t\\n"), TT_GLANCE_NO},         /* eight lines with blanks */
        {TWICE4("a\\t\\n") LINES8("b\\t\\n"), TT_GLANCE_PERHAPS},    /* twelve */
        {TWICE4("a\\t\\n") "b    \\n", TT_GLANCE_PERHAPS},           /* tabs and spaces */
        {"a\\n" TWICE4("\\tb\\n"), TT_GLANCE_NO},                    /* one form */
        {TWICE4("\\n\\tb") TWICE4("\\n b"), TT_GLANCE_NO},           /* both, and no message */
        {TWICE4("a\\n\\n") TWICE4("a\\n\\n\\n"), TT_GLANCE_NO},      /* one and two empty lines */
        {LINES8("one  two\\n") LINES8("three four "), TT_GLANCE_NO}, /* no message in it */
    };
    static struct engine engine;
    (void) state;
    engine_open(&engine);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        if (glance(&engine, tt_str_cstr(cases[i].text)) != cases[i].answer) {
            fail_msg("%s", cases[i].text);
        }
    }
    engine_close(&engine);
}

/* Words, signs and blanks from which marks are made; the later ones seldom, or nothing would be clean. */
static const char *const pieces[] = {
    "a",
    "the ",
    "word. ",
    "word.  ",
    "if (x):  # ",
    "foo(a, b) ",
    "return self._get_default_metavar_for_optional(action)",
    " ",
    "  ",
    "   ",
    "        ",
    "\\n",
    "\\n\\n",
    "\\n    ",
    "\\n        ",
    "\\n\\t",
    "\\t",
    "\\\"",
    "\\\\n",
    "\\\\",
    "\\\\\\\\",
    "%s",
    "%",
    "& ",
    " + ",
    "2026",
    "-",
    "/",
    ".",
    ":",
    "deadbeef",
    "_",
    "=",
    "{",
    "\xE2\x80\x94",
    "\xC3\xA9",
    "xyzzy",
    "u00e9",
    "x41",
    "&amp",
    "QUJDREVG", /* from here on seldom */
    "dGhpcyBpcyBhIHRleHQg",
    " \\n",
    "\\t\\n",
    "\\n\\n\\n",
    "\\u02bc",
    "\xE2\x80\x99",
    "%41",
    "&#8217;",
    "+IBk-",
    "05",
    "<env>",
};

#define PIECES (sizeof(pieces) / sizeof(*pieces))
#define SELDOM 12

static uint64_t
next_random(uint64_t *random)
{
    *random = *random * 6364136223846793005u + 1442695040888963407u;
    return *random >> 33;
}

/* A text of a few pieces chosen at random, so that forms stand against each other. */
static size_t
make(char *text, uint64_t *random)
{
    const char *chosen[6];
    size_t count = 2 + next_random(random) % 5, length = 0;
    size_t want = next_random(random) % (next_random(random) % 4 ? 400 : LENGTH_MAX);
    for (size_t i = 0; i < count; i++) {
        bool seldom = next_random(random) % 16 == 0;
        chosen[i] = pieces[seldom ? PIECES - 1 - next_random(random) % SELDOM : next_random(random) % (PIECES - SELDOM)];
    }
    for (;;) {
        bool other = next_random(random) % 64 == 0;
        const char *piece = other ? pieces[next_random(random) % (PIECES - SELDOM)] : chosen[next_random(random) % count];
        size_t n = strlen(piece);
        if (length + n > want) {
            return length;
        }
        memcpy(text + length, piece, n);
        length += n;
    }
}

static size_t
put(char *text, size_t length, const char *piece)
{
    memcpy(text + length, piece, strlen(piece));
    return length + strlen(piece);
}

/* Bits of a message, as gaps between words or behind sentences, starts of lines or empty ones: what the engine finds, no glance may miss. */
static size_t
hide(char *text, uint64_t *random)
{
    static const char message[] = "a hidden text of some length, as ever";
    static const char *const words[] = {"word", "code()", "it.", "ends:", "\\\"so\\\"", "one\\nand", "x"};
    static const char *const forms[][2] = {{" ", "  "}, {" ", "  "}, {"\\n ", "\\n\\t"}, {"\\n\\n", "\\n\\n\\n"}};
    size_t length = 0, skip = next_random(random) % 3, way = next_random(random) % 4;
    for (size_t i = 0; i < 8 * (sizeof(message) - 1);) {
        const char *word = words[next_random(random) % (sizeof(words) / sizeof(*words) - (way > 1 ? 2 : 0))];
        bool ends = strchr(".:)\"", word[strlen(word) - 1]) != NULL, place = (ends || way != 1) && skip == 0;
        skip -= skip > 0;
        length = put(text, length, word);
        length = put(text, length, forms[way][place && (message[i / 8] >> (7 - i % 8) & 1)]);
        i += place;
    }
    text[length++] = 'z';
    return length;
}

static void
test_engine_agrees(void **state)
{
    static const struct {
        const char *path, *role;
        bool plain; /* a text may be a document there */
    } places[] = {
        {"$.messages[0].content", "user", false},
        {"$.messages[0].content[0].input.command", "assistant", true},
        {"$.messages[0].content", "tool", false},
        {"$.system", "", false},
        {"$.tools[0].description", "", false},
        {"$.metadata.user_id", "", true},
        {"$.other", "", true},
    };
    static struct engine engine;
    static char text[LENGTH_MAX + 64];
    uint64_t random = 20260509;
    size_t answers[3] = {0}, found = 0, hidden = 0;
    (void) state;
    engine_open(&engine);
    for (int round = 0; round < 20000; round++) {
        bool message = round % 20 == 0;
        struct tt_str raw = tt_str_make(text, message ? hide(text, &random) : make(text, &random));
        enum tt_glance answer = glance(&engine, raw);
        answers[answer]++;
        for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
            bool none = answer == TT_GLANCE_NO || (answer == TT_GLANCE_HOLDS && !places[i].plain);
            if ((tt_glance_has_token(raw) || !none) && (round + (int) i) % 8 != 0) {
                continue; /* of what says nothing, some */
            }
            size_t count = engine_look(&engine, raw, places[i].path, places[i].role);
            if (none && count > 0 && !tt_glance_has_token(raw)) {
                fail_msg("%.*s at %s", (int) raw.len, raw.ptr, places[i].path);
            }
            found += count > 0;
            hidden += message && count > 0;
        }
    }
    /* The question was asked, and could have been answered otherwise. */
    assert_true(answers[TT_GLANCE_NO] > 4000 && answers[TT_GLANCE_HOLDS] > 100 && answers[TT_GLANCE_PERHAPS] > 4000);
    assert_true(found > 500 && hidden > 500);
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
