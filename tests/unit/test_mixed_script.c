/* SPDX-License-Identifier: Apache-2.0 */
/* Look-alike letters and digits: which words break the rule, which are somebody's spelling, and what letters spell. */
#include "collected.h"
#include "look.h"

#include "marks/twin.h"

#include <stdlib.h>

#define RULE "mark.mixed-script"
#define NOTHING (-1)

/* Cyrillic and Greek letters by the ASCII ones that they look like. */
#define A "\xD0\xB0"
#define C "\xD1\x81"
#define E "\xD0\xB5"
#define O "\xD0\xBE"
#define P "\xD1\x80"
#define X "\xD1\x85"
#define BIG_A "\xD0\x90"
#define BIG_C "\xD0\xA1"
#define BIG_K "\xD0\x9A"
#define BIG_X "\xD0\xA5"
#define ALPHA "\xCE\xB1"
#define OMICRON "\xCE\xBF"
#define RUSSIAN "\xD0\xBF\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82 \xD0\xBC\xD0\xB8\xD1\x80 " /* "hello world " */
#define ITALIC_N "\xF0\x9D\x91\x9B"                                                          /* U+1D45B */
#define BOLD_A "\xF0\x9D\x90\x9A"                                                            /* U+1D41A */
#define WIDE_A "\xEF\xBD\x81"
#define HAN "\xE4\xB8\xAD\xE6\x96\x87"

static const struct look_row words[] = {
    {"send the p" A "yment to me", TT_SUSPICIOUS},
    {"p" A "y", TT_CANDIDATE}, /* nothing says that it is Latin */
    {"p" A "y the bill", TT_SUSPICIOUS},
    {"\xD0\xB1"
     "o" A " \xD0\xB1"
     "e"
     "\xD0\xB1" A,
     NOTHING}, /* two slips; U+0431 looks like a digit */
    {"aA" A WIDE_A BOLD_A ALPHA, NOTHING},
    {"b" A OMICRON "d" WIDE_A "c", NOTHING}, /* three scripts: a table */
    {BIG_A "pple is the best", TT_SUSPICIOUS},
    {"w" OMICRON "rd of the day", TT_SUSPICIOUS},
    {"Ffer isem n useqdac deg ibeddilen d umu\xCE\xB3"
     "en",
     TT_CANDIDATE}, /* Kabyle */
    {"send the pa\xCE\xB3ment to me", TT_SUSPICIOUS},
    {"the user_n" A "me is set", TT_SUSPICIOUS},
    {"it is n" O "t", TT_SUSPICIOUS},
    {"it is t" O " do", TT_SUSPICIOUS},            /* an English word of two letters */
    {"5 m" BIG_A " and k" BIG_C "", TT_CANDIDATE}, /* other short ones are units */
    {"re" WIDE_A "d this", TT_SUSPICIOUS},
    {"re" BOLD_A "d this", TT_SUSPICIOUS},
    {WIDE_A "pple", TT_CANDIDATE},
    {HAN "re" WIDE_A "d", TT_CANDIDATE},
    {HAN WIDE_A "pple", NOTHING},
    {"p\xCE\xB1ssword is the key", TT_SUSPICIOUS}, /* alpha inside a word of prose */
    {"p\xD6\x85p\xD6\x85l", TT_SUSPICIOUS},        /* Armenian */
    /* the other script is at home around the word */
    {RUSSIAN "p" A "yment", TT_CANDIDATE},
    {RUSSIAN BIG_K "DE", NOTHING},
    {RUSSIAN "c" A "\xD0\xBC\xD0\xBE\xD0\xBB\xD0\xB5\xD1\x82", NOTHING},                  /* a Latin c begins a Russian word */
    {RUSSIAN "m" A "l" E ", f" E "m" A "l" E " and m" A "l" E, TT_CANDIDATE},             /* words in which nothing is left out */
    {RUSSIAN BIG_K "DE " BIG_K "DE " BIG_K "DE " BIG_K "DE", TT_CANDIDATE},               /* four slips */
    {RUSSIAN BIG_X "IX", NOTHING},                                                        /* a Roman numeral */
    {RUSSIAN "p" A "yl" O A "d d" A "t" A "l" O "g m" A "nd" A "t" E "d", TT_SUSPICIOUS}, /* three are no accident */
    /* about letters */
    {"p" A "ypal is not paypal", TT_CANDIDATE},
    {"p" A "yment with a Cyrillic letter", TT_CANDIDATE},
    {"p" A "ypal.com is xn--pypal-4ve.com", TT_CANDIDATE},
    {"[a-z" A "-" X "]", NOTHING},
    {"a" A "e" E "o" O, NOTHING},
    {"ace" A C E, NOTHING},
    {"see ae" A C " here", TT_SUSPICIOUS}, /* no pairs */
    /* escapes */
    {"\\fI" BIG_A BIG_C "\\fP", NOTHING},
    {"\\(lq" A C "\\(rq", NOTHING},
    {"\\n" O C A, NOTHING},
    {"a\\np" A "yment", TT_SUSPICIOUS},
    {"%d" X "%d and %-5s" C, NOTHING},
    {"%(count)s" X, NOTHING},
    {"\x1B[31m" O C A "\x1B[0m", NOTHING},
    {"[1;31m" O C A, NOTHING},
    {"<b>" O C A "</b>", NOTHING},
    /* one script, or words that nobody takes for another */
    {"cgroup\xD1\x8B", NOTHING},
    {"IP" A "\xD0\xB4" P E C, NOTHING},
    {"3" X "4, 20" BIG_C ", 5" BIG_A, NOTHING},
    {O C A " is a wasp in it", NOTHING},
    {"86" C O C O " in the text", TT_CANDIDATE}, /* reads as a Latin word */
    {"TGF" ALPHA " and Fc\xCE\xB3RII and cos" ALPHA ", h\xCE\xBD", NOTHING},
    {"sin" ALPHA "cos" ALPHA " and d" ALPHA "dt and x" ALPHA "max", NOTHING},
    {"d\xCF\x81/dt, x" ALPHA "y", NOTHING},
    {"the " ITALIC_N "th of log" ITALIC_N, NOTHING},
    {"5 \xC2\xB5m, 3 \xE2\x84\xA6, m\xE2\x84\x93", NOTHING},
    {"\xD7\x95Windows", NOTHING}, /* Hebrew "and" */
    {"caf\xC3\xA9 na\xC3\xAFve", NOTHING},
};

static const struct look_row numbers[] = {
    {"the price is 1\xD9\xA6"
     "2 for it",
     TT_SUSPICIOUS},
    {"the price is 1\xD9\xA6 for it", TT_CANDIDATE},
    {"\xD9\x85\xD8\xA8\xD9\x84\xD8\xBA \xD8\xA7\xD9\x84\xD9\x81 1\xD9\xA6"
     "2",
     TT_CANDIDATE}, /* Arabic around */
    {"\xD9\x85\xD8\xA8\xD9\x84\xD8\xBA \xD8\xA7\xD9\x84\xD9\x81 1\xD9\xA6", NOTHING},
    {"[0-9\xD9\xA0-\xD9\xA9]", NOTHING},
    {"on 2026-0\xD9\xA5-09", TT_CANDIDATE},
    {"0\xD9\xA0"
     "1\xD9\xA1",
     NOTHING},
    {"MP\xEF\xBC\x93", NOTHING},
    {"1\xEF\xBC\x92"
     "3",
     TT_SUSPICIOUS},
    {HAN "1\xEF\xBC\x92"
         "3",
     TT_CANDIDATE},
    {"7\xF0\x9D\x9F\x96"
     "9",
     TT_SUSPICIOUS}, /* U+1D7D6 */
};

static void
test_words(void **state)
{
    (void) state;
    LOOK_CHECK(RULE, words, LOOK_ANYWHERE);
}

static void
test_numbers(void **state)
{
    (void) state;
    LOOK_CHECK(RULE, numbers, LOOK_ANYWHERE);
}

static void
test_facts(void **state)
{
    struct collected c;
    (void) state;
    collect(&c, "t.txt", TT_STR("first\nsend the p" A "yment to me"));
    assert_int_equal(c.count, 1);
    assert_str_equal(collected_fact(&c.findings[0], "script"), TT_STR("Cyrillic"));
    assert_str_equal(collected_fact(&c.findings[0], "reads_as"), TT_STR("payment"));
    assert_int_equal(c.findings[0].where.line, 2);
    assert_int_equal(c.findings[0].where.column, 10);
    assert_int_equal(c.findings[0].where.length, 8);
    collected_free(&c);
}

static void
test_how_many(void **state)
{
    struct looked l;
    (void) state;
    look_text(&l, RULE, TT_STR("p" A "yment and d" A "tum\nand s" O "lid"), false);
    assert_int_equal(l.count, 3);
    assert_int_equal(l.findings[2].where.offset, 24);
    look_free(&l);
    look_text(&l, RULE, TT_STR("p" A "yment and d" A "tum\nand s" O "lid and b" A "d"), false);
    assert_int_equal(l.count, 1); /* four are one finding */
    assert_int_equal(look_fact(&l.findings[0], "symbols")->number, 4);
    look_free(&l);
    look_text(&l, RULE, TT_STR(RUSSIAN "p" A "yment " RUSSIAN "p" A "yment\n"), false);
    assert_int_equal(l.count, 1); /* once a document */
    look_free(&l);
}

/* ---- payloads ---- */

struct table {
    const char *ascii;
    uint32_t twin[64];
};

static const struct table ugs = {"AaBCcEeHIiJjKMOoPpTXxy",
                                 {0x410, 0x430, 0x412, 0x421, 0x441, 0x415, 0x435, 0x41D, 0x406, 0x456, 0x408,
                                  0x458, 0x41A, 0x41C, 0x41E, 0x43E, 0x420, 0x440, 0x422, 0x425, 0x445, 0x443}};
static const struct table stego = {"aceopxybhikmtACEOPXYBHIKMT",
                                   {0x430, 0x441, 0x435, 0x43E, 0x440, 0x445, 0x443, 0x42C, 0x4BB, 0x456, 0x43A, 0x43C, 0x442,
                                    0x410, 0x421, 0x415, 0x41E, 0x420, 0x425, 0x423, 0x412, 0x41D, 0x406, 0x41A, 0x41C, 0x422}};
static const struct table vowels = {"aeo", {0x430, 0x435, 0x43E}};
static const struct table greek = {"ovai", {0x3BF, 0x3BD, 0x3B1, 0x3B9}};
static const struct table wide = {"abcdefghijklmnopqrstuvwxyz",
                                  {0xFF41, 0xFF42, 0xFF43, 0xFF44, 0xFF45, 0xFF46, 0xFF47, 0xFF48, 0xFF49,
                                   0xFF4A, 0xFF4B, 0xFF4C, 0xFF4D, 0xFF4E, 0xFF4F, 0xFF50, 0xFF51, 0xFF52,
                                   0xFF53, 0xFF54, 0xFF55, 0xFF56, 0xFF57, 0xFF58, 0xFF59, 0xFF5A}};

static const char cover[] =
    "The quick brown fox jumps over the lazy dog and then it rests under the old tree for the whole of a long afternoon, "
    "because nothing else is left to do on such a day, and because the shade is so very pleasant there at that time. "
    "Please read the complete report before the committee meets again, since the members expect a precise answer to each of "
    "their questions. Every copy of this letter is the same to the eye, and nobody who reads it will notice anything at all.\n";

/* The cover four times, with bits in its letters. */
static struct tt_str
hide(const struct table *table, const char *message, size_t skip, bool low_first, bool reversed)
{
    size_t size = 4 * (sizeof(cover) - 1), len = 0, bit = 0, bits = strlen(message) * 8;
    char *out = malloc(size * 4);
    assert_non_null(out);
    for (size_t i = 0; i < size; i++) {
        char c = cover[i % (sizeof(cover) - 1)];
        const char *place = strchr(table->ascii, c);
        bool one = reversed;
        if (!place || c == '\0') {
            out[len++] = c;
            continue;
        }
        if (skip > 0) {
            skip--;
        } else if (bit < bits) {
            unsigned byte = (unsigned char) message[bit / 8];
            one = byte >> (low_first ? bit % 8 : 7 - bit % 8) & 1;
            bit++;
        }
        len += tt_utf8_put(one != reversed ? table->twin[place - table->ascii] : (uint32_t) c, out + len);
    }
    assert_int_equal(bit, bits);
    return tt_str_make(out, len);
}

static void
assert_decoded(struct tt_str text, const char *message, const char *format)
{
    struct looked l;
    look_text(&l, RULE, text, false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].level, TT_CONFIRMED);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, tt_str_cstr(message));
    assert_non_null(strstr(look_fact(&l.findings[0], "decoded.format")->text.ptr, format));
    assert_true(l.findings[0].fact_count < TT_FACTS_MAX);
    look_free(&l);
}

static unsigned
crc16(const char *bytes, size_t n)
{
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < n * 8; i++) {
        unsigned bit = (unsigned char) bytes[i / 8] >> (7 - i % 8) & 1;
        crc = (crc << 1 ^ ((crc >> 15 ^ bit) & 1 ? 0x1021 : 0)) & 0xFFFF;
    }
    return crc;
}

/* A frame with a wrong byte is not read. */
static void
test_framed(void **state)
{

    static const unsigned char frame[] = {0xAD, 0x53, 0x10, 0x00, 0x00, 0x02, 0x4F, 0x4B, 0x9E, 0xA9};
    (void) state;
    assert_int_equal(crc16((const char *) frame + 2, 6), 0x9EA9);
    for (size_t skip = 0; skip < 40; skip += 13) {
        uint32_t symbols[160];
        struct tt_arena arena;
        struct tt_readings readings;
        size_t n = 0;
        while (n < skip) {
            symbols[n++] = 'a';
        }
        for (size_t bit = 0; bit < sizeof(frame) * 8; bit++) {
            symbols[n++] = frame[bit / 8] >> (7 - bit % 8) & 1 ? 0x430 : 'a';
        }
        tt_arena_init(&arena, &tt_alloc_libc, TT_MIB);
        assert_int_equal(tt_payload_read(&arena, symbols, n, &readings), TT_OK);
        assert_int_equal(readings.count, 1);
        assert_int_equal(readings.best[0].grade, TT_GRADE_CHECKED);
        assert_str_equal(readings.best[0].bytes, TT_STR("OK"));
        symbols[n - 1] ^= 'a' ^ 0x430;
        assert_int_equal(tt_payload_read(&arena, symbols, n, &readings), TT_OK);
        assert_true(readings.count == 0 || readings.best[0].grade < TT_GRADE_CHECKED);
        assert_int_equal(tt_payload_read(&arena, symbols, n - 8, &readings), TT_OK);
        assert_true(readings.count == 0 || readings.best[0].grade < TT_GRADE_CHECKED);
        tt_arena_free(&arena);
    }
}

static void
test_messages(void **state)
{
    static const struct {
        const struct table *table;
        const char *message;
        size_t skip;
        bool low_first, reversed;
    } rows[] = {
        {&stego, "user-4711", 0, false, false},
        {&stego, "\xD0\x9F\xD1\x80\xD0\xB8\xD0\xB2\xD0\xB5\xD1\x82 \xD0\xBC\xD0\xB8\xD1\x80", 0, false, false},
        {&stego, "id=42; name=John Doe", 0, true, false},
        {&ugs, "secret key 9f3a", 5, false, false},
        {&ugs, "{\"id\":17,\"to\":\"J. Doe\"}", 0, false, false},
        {&vowels, "copy for J. Doe", 0, false, false},
        {&vowels, "copy for J. Doe", 3, false, true},
        {&greek, "copy for J. Doe", 0, false, false},
        {&wide, "copy for J. Doe", 0, false, false},
    };
    (void) state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct tt_str text = hide(rows[i].table, rows[i].message, rows[i].skip, rows[i].low_first, rows[i].reversed);
        assert_decoded(text, rows[i].message, rows[i].low_first ? "least" : "most");
        free((void *) (uintptr_t) text.ptr);
    }
}

/* Letters exchanged at random are suspicious and spell nothing. */
static void
test_noise(void **state)
{
    uint64_t seed = 11;
    (void) state;
    for (int round = 0; round < 40; round++) {
        char noise[20];
        for (size_t i = 0; i < sizeof(noise) - 1; i++) {
            seed = seed * 6364136223846793005 + 1442695040888963407;
            noise[i] = (char) (seed >> 40 | 0x80);
        }
        noise[sizeof(noise) - 1] = '\0';
        struct tt_str text = hide(&stego, noise, 0, false, false);
        assert_int_equal(look_level(RULE, text, false), TT_SUSPICIOUS);
        free((void *) (uintptr_t) text.ptr);
    }
}

/* ---- windows, kernels, memory ---- */

static size_t
count_in(struct tt_str text, size_t from, size_t to)
{
    struct looked l;
    struct tt_field field = {.text = text, .from = from, .to = to, .at_start = true, .at_end = true};
    assert_int_equal(look_field(&l, RULE, &field, &tt_alloc_libc), TT_OK);
    size_t count = l.count;
    look_free(&l);
    return count;
}

static void
test_windows(void **state)
{
    struct tt_str single = TT_STR("the p" A A "yment is t" O "o late, " BIG_A "lice");
    struct tt_str hidden = hide(&vowels, "copy for J. Doe", 0, false, false);
    (void) state;
    for (size_t cut = 0; cut <= single.len; cut++) {
        if (cut == single.len || ((unsigned char) single.ptr[cut] & 0xC0) != 0x80) {
            assert_int_equal(count_in(single, 0, cut) + count_in(single, cut, single.len), 3);
        }
    }
    for (size_t cut = 0; cut <= hidden.len; cut += 37) {
        size_t at = cut;
        while (at < hidden.len && ((unsigned char) hidden.ptr[at] & 0xC0) == 0x80) {
            at++;
        }
        assert_int_equal(count_in(hidden, 0, at) + count_in(hidden, at, hidden.len), 1);
    }
    free((void *) (uintptr_t) hidden.ptr);
}

/* Every kernel finds the same. */
static void
test_kernels(void **state)
{
    struct tt_str hidden = hide(&stego, "user-4711", 0, false, false);
    (void) state;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words) + 1; i++) {
        struct tt_str text = i ? tt_str_cstr(words[i - 1].text) : hidden;
        struct tt_field field = {.text = text, .to = text.len, .at_start = true, .at_end = true};
        size_t count[2];
        for (unsigned k = 0; k < 2; k++) {
            struct looked l = {.rule = RULE};
            struct tt_marks marks;
            tt_arena_init(&l.arena, &tt_alloc_libc, 64 * TT_MIB);
            tt_marks_init(&marks, &tt_alloc_libc, tt_kernels_get(k ? tt_cpu_detect() : 0));
            assert_int_equal(tt_marks_look(&marks, &field, (struct tt_sink) {look_take, &l}), TT_OK);
            tt_marks_free(&marks);
            count[k] = l.count;
            look_free(&l);
        }
        assert_int_equal(count[0], count[1]);
    }
    free((void *) (uintptr_t) hidden.ptr);
}

/* Any mixture of letters, in bounded time and memory. */
static void
test_dense_field(void **state)
{
    static const char *const pieces[] = {A, C, "a", "b", " ", OMICRON, WIDE_A, "\n", "1", "\xD9\xA6", "l", "\\", "-", "\xD0\xB6"};
    const size_t size = 128 * 1024;
    char *text = malloc(size + 64);
    uint64_t seed = 5;
    size_t len = 0;
    (void) state;
    assert_non_null(text);
    while (len < size) {
        seed = seed * 6364136223846793005 + 1442695040888963407;
        const char *piece = pieces[(seed >> 33) % 14];
        memcpy(text + len, piece, strlen(piece));
        len += strlen(piece);
    }
    assert_true(look_level(RULE, tt_str_make(text, len), false) >= TT_CANDIDATE);
    memset(text, 'l', size);
    memcpy(text + size / 2, A, 2); /* a word of a size that no word has */
    assert_true(look_level(RULE, tt_str_make(text, size), false) >= TT_CANDIDATE);
    free(text);
}

static void
test_failing_memory(void **state)
{
    struct tt_str hidden = hide(&stego, "user-4711", 0, false, false);
    struct tt_str single = TT_STR("the p" A "yment");
    (void) state;
    assert_survives_failing_memory(RULE, hidden, false);
    assert_survives_failing_memory(RULE, single, false);
    free((void *) (uintptr_t) hidden.ptr);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),       cmocka_unit_test(test_numbers),        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_how_many),    cmocka_unit_test(test_framed),         cmocka_unit_test(test_messages),
        cmocka_unit_test(test_noise),       cmocka_unit_test(test_windows),        cmocka_unit_test(test_kernels),
        cmocka_unit_test(test_dense_field), cmocka_unit_test(test_failing_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
