/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The encoding channel, and the rounds of decoding through which every channel sees what an encoding hides.
 *
 * Texts of terminals are written with E for ESC, so that a row can be read.
 */
#include "collected.h"
#include "look.h"

#include "text/utf8.h"

#define RULE "mark.encoding"
#define ESC "\x1b"

static const struct look_row terminal_rows[] = {
    /* what terminal output is made of */
    {ESC "[1;31mred" ESC "[0m " ESC "[2J" ESC "[H" ESC "(B" ESC "7" ESC "8" ESC "[?25l", -1},
    {ESC "]0;a title\a" ESC "]2;another" ESC "\\" ESC "]133;A\a" ESC "]7;file://host/home\a", -1},
    {ESC "]8;;https://example.org\atext" ESC "]8;;\a", -1},
    {ESC "]8;id=1;https://example.org/a\ahttps://www.example.org" ESC "]8;;\a", -1},
    {ESC "[8m" ESC "[0m" ESC "[8m  " ESC "[28m", -1},
    {ESC "[30;40m    " ESC "[0m", -1},
    {ESC "[38;5;8;48;5;8m\u2588\u2588" ESC "[m", -1},
    {ESC "[38;5;8mthis 8 is part of a colour" ESC "[m", -1},
    {"10%" ESC "[2K\r20%" ESC "[2K\rdone", -1},
    {"Compiling first" ESC "[2K\rCompiling second", -1},
    {"words to come" ESC "[K", -1},
    {"N\bNA\bAM\bME\bE  _\bu_\bn_\bd_\be_\br o\b\" 50%\b\b\b\b60%", -1},
    {"bold word\b\b\b\b\b\b\b\b\bbold word", -1},
    {"|\b/\b-\b\\\b|", -1},
    {ESC "P1$r0m" ESC "\\" ESC "Pq#0;2;0;0;0~~" ESC "\\" ESC "_Gf=100;AAAA" ESC "\\", -1},
    {ESC "]4;1;rgb:00/00/00\a" ESC "]52;c;?\a", -1},
    {ESC "]9999;cut off", -1},
    {ESC, -1},
    {"\xC3\xA2\xC2\x80\xC2\x9D is UTF-8 read as Latin-1\a", -1},
    /* what a terminal hides */
    {ESC "[8mhidden words" ESC "[0m", TT_SUSPICIOUS},
    {ESC "[1;8mhidden words\nnext line", TT_SUSPICIOUS},
    {ESC "[8mab" ESC "[0m", TT_CANDIDATE},
    {ESC "[30;40mhidden words" ESC "[0m", TT_SUSPICIOUS},
    {ESC "[97;107mhidden words" ESC "[0m", TT_SUSPICIOUS},
    {ESC "[38;2;9;9;9;48;2;9;9;9mhidden words" ESC "[0m", TT_SUSPICIOUS},
    {"\xC2\x9B"
     "8mhidden words\xC2\x9B"
     "0m",
     TT_SUSPICIOUS},
    {ESC "]8;;https://a.example\a" ESC "]8;;\a", TT_SUSPICIOUS},
    {ESC "]8;;https://a.example/x\ahttps://b.example/x" ESC "]8;;\a", TT_SUSPICIOUS},
    {ESC "]8;;https://b.example@a.example/\awww.b.example" ESC "]8;;\a", TT_SUSPICIOUS},
    {ESC "^a private message" ESC "\\", TT_SUSPICIOUS},
    {ESC "Xa start of string" ESC "\\", TT_SUSPICIOUS},
    {ESC "_an application command" ESC "\\", TT_SUSPICIOUS},
    {ESC "]52;c;aGVsbG8=\a", TT_CANDIDATE},
    {ESC "]9998;words that nobody shows\a", TT_CANDIDATE},
    {"words that are erased" ESC "[2Kother", TT_CANDIDATE},
    {"secret\b\b\b\b\b\bpublic", TT_CANDIDATE},
    {"do the first thing now\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\b\bsomething else", TT_SUSPICIOUS},
    {"s\be\bc\br\be\bt\bx", TT_SUSPICIOUS},
    /* bits of two renditions: "hide" */
    {ESC "[0m" ESC "[1m" ESC "[1m" ESC "[0m" ESC "[1m" ESC "[0m" ESC "[0m" ESC "[0m" ESC "[0m" ESC "[1m" ESC "[1m" ESC "[0m" ESC
         "[1m" ESC "[0m" ESC "[0m" ESC "[1m" ESC "[0m" ESC "[1m" ESC "[1m" ESC "[0m" ESC "[0m" ESC "[1m" ESC "[0m" ESC "[0m" ESC
         "[0m" ESC "[1m" ESC "[1m" ESC "[0m" ESC "[0m" ESC "[1m" ESC "[0m" ESC "[1m",
     TT_CONFIRMED},
};

static void
test_terminal(void **state)
{
    (void) state;
    LOOK_CHECK(RULE, terminal_rows, LOOK_IN_TEXT);
}

static const struct look_row control_rows[] = {
    {"a\001b\002c", -1},
    {"form\ffeed, bell\a, \013 and \017", -1},
    {"\001\002\003\004\005\006\007\010\016\017\020", TT_CANDIDATE}, /* a table */
    {"\x14\x08\x05\x10\x01\x13\x13\x17\x0f\x12\x04", TT_CONFIRMED}, /* thepassword */
    {"\001\002\001\002\001\002\001\002\001\002\001\002\001\002\001\002\001\002\001\002", TT_CANDIDATE},
    {"\001\002\002\001\003\002\001\001\003\003\002\001\002\003\001\002\001\001\003\002", TT_SUSPICIOUS},
    {"na\xC2\x92"
     "ve \xC2\x93quoted\xC2\x94",
     -1}, /* a Windows code page */
    {"x \xC2\x81 y", TT_CANDIDATE},
};

static const struct look_row private_rows[] = {
    {"\uE0B0 main \uF126 \uF8FF \U000F0A18", -1},
    {"\uF0B7 item\n\uF0B7 item", -1},
    {"\U000F0041\U000F0042\U000F0043\U000F0044", -1}, /* in the order of codes: a table */
    {"\U000F0068\U000F0065\U000F006C\U000F006C\U000F006F", TT_CONFIRMED},
    {"w\U00100068o\U00100065r\U0010006Cd\U0010006C\U0010006F", TT_CONFIRMED}, /* spread */
    {"\U0010FF48\U0010FF45\U0010FF4C\U0010FF50 me", TT_CONFIRMED},
    {"\U000F0441\U000F0435\U000F043A\U000F0440\U000F0435\U000F0442", TT_CONFIRMED}, /* Cyrillic */
    {"\uF053\uF079\uF06D\uF062\uF06F\uF06C\uF020\uF066\uF06F\uF06E\uF074", -1},     /* a symbol font */
    {"\uE068\uE069\uE064\uE064\uE065\uE06E\uE020\uE06E\uE06F\uE074\uE065", TT_CONFIRMED},
    {"\uE068\uE069", -1},
    {"\U000F0001\U000F1002\U000F0001\U000F0001\U000F1002\U000F1002\U000F1002\U000F0001\U000F0001\U000F1002\U000F0001\U000F1002"
     "\U000F0001\U000F0001\U000F0001\U000F1002",
     TT_SUSPICIOUS},
    {"x\uFDD0y", TT_SUSPICIOUS},
    {"['\uFDD0'-'z']", TT_CANDIDATE},
    {"[^\uFDD0-\uFDEF\uFFFE\uFFFF]|[a-z\u00A1-\uFFFF]", TT_CANDIDATE}, /* patterns */
    {"word \uFDD0 word \uFDD1 word \uFDD0 word", TT_SUSPICIOUS},
    {"(\uE430\uE431\uE432\uE433\uE434\uE436\uE436\uE437\uE438\uE439\uE43A\uE43B\uE43C)", -1}, /* nearly in order */
    {"a \uFFFF\uFFFE b", TT_SUSPICIOUS},
    {"\uE000 \U0001FFFEx", TT_SUSPICIOUS}, /* behind an icon */
};

static void
test_controls_and_private(void **state)
{
    (void) state;
    LOOK_CHECK(RULE, control_rows, LOOK_IN_TEXT);
    LOOK_CHECK(RULE, private_rows, LOOK_IN_TEXT);
}

static void
test_decoded_facts(void **state)
{
    (void) state;
    struct looked l;
    look_text(&l, RULE, TT_STR("ab \U000F0068\U000F0065\U000F006C\U000F006C\U000F006F cd"), false);
    assert_int_equal(l.count, 1);
    assert_int_equal(l.findings[0].where.offset, 3);
    assert_int_equal(l.findings[0].where.length, 20);
    assert_str_equal(look_fact(&l.findings[0], "decoded.text")->text, TT_STR("hello"));
    look_free(&l);
}

/* A control in a text that a client writes itself is worth a word, once a document. */
static void
test_template_places(void **state)
{
    (void) state;
    struct collected c;
    collect(&c, "t.json",
            TT_STR("{\"system\":\"a\\u0001b\\u0002c\",\"messages\":[{\"role\":\"user\",\"content\":\"a\\u0001b\"}]}"));
    assert_int_equal(collected_at_least(&c, RULE, TT_CANDIDATE), 1);
    collected_free(&c);
}

/* ---- rounds of decoding ---- */

struct encoded {
    const char *uri, *text;
    const char *rule;
    int level;            /* of the rule's one finding, or -1 */
    const char *encoding; /* the fact, or "" */
    const char *written;  /* raw bytes of the finding */
};

static const struct encoded encoded[] = {
    /* a message hides in any form: sixteen joiners of two kinds */
    {"t.txt", "Use%E2%80%8B%E2%80%8C%E2%80%8B%E2%80%8B%E2%80%8C%E2%80%8C%E2%80%8B%E2%80%8C%E2%80%8C%E2%80%8C it",
     "mark.zero-width", TT_SUSPICIOUS, "percent",
     "%E2%80%8B%E2%80%8C%E2%80%8B%E2%80%8B%E2%80%8C%E2%80%8C%E2%80%8B%E2%80%8C%E2%80%8C%E2%80%8C"},
    {"t.html", "a&#8203;&zwnj;&#x200B;&#8203;&zwnj;&zwnj;&#8203;&ZeroWidthSpace;&zwnj;b", "mark.zero-width", TT_SUSPICIOUS,
     "entity", "&#8203;&zwnj;&#x200B;&#8203;&zwnj;&zwnj;&#8203;&ZeroWidthSpace;&zwnj;"},
    /* one that is shown by its escape: not more than a candidate, in a list nothing */
    {"t.html", "pass&#8203;word", "mark.zero-width", TT_CANDIDATE, "entity", "&#8203;"},
    {"t.js", "s.replace(/[\\u200b\\u200c\\u200d\\ufeff]/g, '')", "mark.zero-width", -1, "", ""},
    {"t.js", "const list = '\\u200b\\u200c\\u200d\\u2060\\ufeff'", "mark.zero-width", -1, "", ""},
    {"t.c", "char *s = \"\\xe2\\x80\\x8b\";", "mark.zero-width", -1, "", ""},
    {"t.html", "a&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;b", "mark.zero-width", TT_CANDIDATE,
     "entity", NULL},
    /* look-alikes are not shown by their escapes */
    {"t.txt", "This is what you can%CA%BCt do.", "mark.look-alike", TT_SUSPICIOUS, "percent", "%CA%BC"},
    {"t.html", "This is what you can&#700;t do.", "mark.look-alike", TT_SUSPICIOUS, "entity", "&#700;"},
    {"t.py", "'This is what you can\\xca\\xbct do.'", "mark.look-alike", TT_SUSPICIOUS, "byte escape", "\\xca\\xbc"},
    {"t.txt", "This is what you can\\u{2bc}t do.", "mark.look-alike", TT_SUSPICIOUS, "", "\\u{2bc}"},
    /* rounds */
    {"t.txt", "This is what you can%25CA%25BCt do.", "mark.look-alike", TT_SUSPICIOUS, "percent", "%25CA%25BC"},
    {"t.html", "This is what you can&amp;#700;t do.", "mark.look-alike", TT_SUSPICIOUS, "entity", "&amp;#700;"},
    /* base64, hexadecimal digits, UTF-7 */
    {"t.txt", "x VGhpcyBpcyB3aGF0IHlvdSBjYW7KvHQgZG8u y", "mark.look-alike", TT_SUSPICIOUS, "base64", "7KvH"},
    {"t.txt", "x 5468697320697320776861742063616ecabc7420646f y", "mark.look-alike", TT_SUSPICIOUS, "hexadecimal", "cabc"},
    {"t.txt", "This is what you can+Arw-t do.", "mark.look-alike", TT_SUSPICIOUS, "UTF-7", "+Arw-"},
    {"t.json", "{\"system\":\"VGhpcyBpcyB3aGF0IHlvdSBjYW7KvHQgZG8u\"}", "mark.look-alike", TT_SUSPICIOUS, "base64", "7KvH"},
    {"t.json", "{\"other\":\"VGhpcyBpcyB3aGF0IHlvdSBjYW7KvHQgZG8u\"}", "mark.look-alike", -1, "", ""}, /* not a request */
    {"t.txt", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6y",
     "mark.look-alike", -1, "", ""},
};

static void
check_encoded(const struct encoded *e)
{
    struct collected c;
    const struct tt_finding *found = NULL;
    collect(&c, e->uri, tt_str_cstr(e->text));
    for (size_t i = 0; i < c.count; i++) {
        if (strcmp(c.findings[i].rule->id, e->rule) == 0) {
            found = &c.findings[i];
        }
    }
    if ((found ? (int) found->level : -1) != e->level) {
        fail_msg("%s: level %d, not %d", e->text, found ? (int) found->level : -1, e->level);
    }
    if (found) {
        assert_str_equal(collected_fact(found, "encoding"), tt_str_cstr(e->encoding));
    }
    if (found && e->written) {
        assert_str_equal(collected_fact(found, "written"), tt_str_cstr(e->written));
        assert_memory_equal(e->text + found->where.offset, e->written, found->where.length);
    }
    collected_free(&c);
}

static void
test_encoded(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(encoded) / sizeof(*encoded); i++) {
        check_encoded(&encoded[i]);
    }
}

/* The date line is found in a request that was written into a URL or a page. */
static void
test_dateline_in_encodings(void **state)
{
    (void) state;
    static const char *const texts[] = {
        "Today%CA%B9s%20date%20is%202026%2F05%2F09.",
        "Today&#697;s date is 2026&#47;05&#47;09.",
        "Today\\u02b9s date is 2026\\/05\\/09. Today\\u02b9s date is 2026/05/09.",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct collected c;
        collect(&c, "t.txt", tt_str_cstr(texts[i]));
        assert_int_equal(collected_at_least(&c, "mark.dateline", TT_SUSPICIOUS), 1);
        collected_free(&c);
    }
}

/* ---- properties ---- */

struct trace {
    uint64_t sum;
    size_t count;
};

static enum tt_status
trace_take(void *ctx, const struct tt_finding *f)
{
    struct trace *trace = ctx;
    trace->count++;
    trace->sum = trace->sum * 31 + f->where.offset * 7 + f->where.length * 3 + (uint64_t) f->level;
    return TT_OK;
}

static struct trace
trace_of(struct tt_str text, const struct tt_kernels *kernels)
{
    struct trace trace = {0};
    struct tt_marks marks;
    const struct tt_field field = {.text = text, .to = text.len, .at_start = true, .at_end = true};
    tt_marks_init(&marks, &tt_alloc_libc, kernels);
    assert_int_equal(tt_marks_look(&marks, &field, (struct tt_sink) {trace_take, &trace}), TT_OK);
    tt_marks_free(&marks);
    return trace;
}

/* Random mixtures of what wakes the channel: the same findings from every kernel, and from a second look. */
static void
test_random(void **state)
{
    (void) state;
    static const char *const pieces[] = {
        ESC "[", "8m",   "0m",   ESC "]8;;", "https://a", "\a",       "\b",         "\b\b\b\b",   "words ",
        "x",     "\001", "\002", "\xC2\x9B", "\xC2\x81",  "\uE068",   "\U000F0068", "\U000F0065", "\uFFFF",
        "\n",    "%",    "&",    ESC "^",    ESC "\\",    ESC "[31m", ESC "[2K",    "_",          "\x7F",
    };
    uint32_t seed = 5;
    for (int round = 0; round < 3000; round++) {
        char bytes[512];
        size_t len = 0;
        for (int i = 0; i < 40; i++) {
            seed = seed * 1103515245u + 12345u;
            const char *piece = pieces[(seed >> 16) % (sizeof(pieces) / sizeof(*pieces))];
            memcpy(bytes + len, piece, strlen(piece));
            len += strlen(piece);
        }
        struct tt_str text = tt_str_make(bytes, len);
        struct trace a = trace_of(text, tt_kernels_get(0)), b = trace_of(text, tt_kernels_get(tt_cpu_detect()));
        assert_int_equal(a.count, b.count);
        assert_int_equal(a.sum, b.sum);
    }
}

static void
test_memory(void **state)
{
    (void) state;
    struct tt_str text = TT_STR("\U000F0068\U000F0065\U000F006C\U000F006C\U000F006F " ESC "[8mhidden" ESC
                                "[0m \001\002\002\001\003\002\001\001\003\003\002\001\002\003\001\002\001\001\003\002");
    assert_survives_failing_memory(RULE, text, false);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_terminal),      cmocka_unit_test(test_controls_and_private),
        cmocka_unit_test(test_decoded_facts), cmocka_unit_test(test_template_places),
        cmocka_unit_test(test_encoded),       cmocka_unit_test(test_dateline_in_encodings),
        cmocka_unit_test(test_random),        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
