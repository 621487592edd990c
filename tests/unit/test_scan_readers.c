/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Readers: from the bytes of an input to findings with their place in it.
 *
 * The mark of nearly every case is U+29F8 between two ASCII letters: it is suspicious whatever stands around it, so a case is about
 * the reader and not about the channel.  The large inputs are built with marks at known places; the random ones are cut anywhere.
 */
#include "collected.h"

#include "scan/reader.h"

#define MARK "\xE2\xA7\xB8"
#define RULE "mark.look-alike"
#define BAD_TEXT "not valid UTF-8"
#define BAD_JSON "not valid JSON"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- one mark and its place ---- */

struct place {
    const char *uri;
    struct tt_str bytes;
    const char *written; /* the mark as it stands in bytes, once */
    uint64_t line, column;
    const char *path;
    int escape_level; /* 0: the fact is missing */
};

#define PLACE(uri, bytes, ...)               \
    {                                        \
        uri, TT_STR_INIT(bytes), __VA_ARGS__ \
    }

static const struct place places[] = {
    PLACE("t.txt", "src" MARK "main", MARK, 1, 4, "", 0),
    PLACE("t.txt", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80 a" MARK "b", MARK, 1, 6, "", 0),
    PLACE("t.txt", "one\ntwo a" MARK "b\n", MARK, 2, 6, "", 0),
    PLACE("t.txt", "one\r\n\r\na" MARK "b\r\n", MARK, 3, 2, "", 0),
    PLACE("t.txt", "one\rtwo\ta" MARK "b", MARK, 1, 10, "", 0), /* a carriage return alone ends no line */
    PLACE("t.txt", "\xEF\xBB\xBFx" MARK "y", MARK, 1, 3, "", 0),
    PLACE("t.txt", "\xC3\xA9\n\xC3\xA9 src\\u29f8main", "\\u29f8", 2, 6, "", 1),
    PLACE("t.txt", "src\\\\u29F8main", "\\\\u29F8", 1, 4, "", 1), /* a string of JSON inside another one */
    PLACE("t.json", "{\"a\":\"src" MARK "main\"}", MARK, 1, 10, "$.a", 0),
    PLACE("t.json", "{\"a\":\"src\\u29f8main\"}", "\\u29f8", 1, 10, "$.a", 0),
    PLACE("t.json", "{\"a\":\"\xC3\xA9\\n\\u00e9 src\\u29F8main\"}", "\\u29F8", 1, 20, "$.a", 0),
    PLACE("t.json", "{\n \"a\": [1, {\"b c\":\n  \"x" MARK "y\"}]}", MARK, 3, 5, "$.a[1][\"b c\"]", 0),
    PLACE("t.json", "\"src" MARK "main\"", MARK, 1, 5, "$", 0),
    PLACE("t.json", " \n12 \"x" MARK "y\"", MARK, 2, 6, "$", 0),
    PLACE("t.json", "{\"x" MARK "y\":1}", MARK, 1, 4, "$[\"x" MARK "y\"]", 0),
    PLACE("t.json", "{\"x\\u29f8y\":1}", "\\u29f8", 1, 4, "$[\"x" MARK "y\"]", 0),
    PLACE("t.json", "\xEF\xBB\xBF{\"a\":\"x" MARK "y\"}", MARK, 1, 9, "$.a", 0),
    PLACE("-", "\xEF\xBB\xBF [\"x" MARK "y\"]", MARK, 1, 6, "$[0]", 0),
    PLACE("t.json", "{\"a\":\"{\\\"b\\\":\\\"x" MARK "y\\\"}\"}", MARK, 1, 17, "$.a!$.b", 0),
    PLACE("t.json", "{\"a\":\"{\\\"b\\\":\\\"x\\\\u29f8y\\\"}\"}", "\\\\u29f8", 1, 17, "$.a!$.b", 1),
    /* a document in a string: its keys, its own escapes, one more level; what is no document */
    PLACE("t.json", "[\"{\\\"x" MARK "y\\\":{}}\"]", MARK, 1, 7, "$[0]!$[\"x" MARK "y\"]", 0),
    PLACE("t.json", "[\" {\\n\\\"b\\\":[0,\\\"\\\\n x" MARK "y\\\"]} \"]", MARK, 1, 23, "$[0]!$.b[1]", 0),
    PLACE("t.json", "{\"a\":\"{\\\"b\\\":\\\"x\\\\\\\\u29f8y\\\"}\"}", "\\\\\\\\u29f8", 1, 17, "$.a!$.b", 1),
    PLACE("t.json", "{\"a\":\"{\\\"b\\\":\\\"x" MARK "y\\\"\"}", MARK, 1, 17, "$.a", 0),
    PLACE("t.har", "{\"log\":{\"entries\":[{\"request\":{\"postData\":{\"text\":\"{\\\"system\\\":\\\"x" MARK "y\\\"}\"}}}]}}",
          MARK, 1, 67, "$.log.entries[0].request.postData.text!$.system", 0),
    /* bodies in base64, and streams of events; what is neither */
    PLACE("t.har", "{\"log\":{\"entries\":[{\"response\":{\"content\":{\"text\":\"eyJzeXN0ZW0iOiJh4qe4eXoifQ==\"}}}]}}", "4qe4",
          1, 68, "$.log.entries[0].response.content.text!$.system", 0),
    PLACE("t.har",
          "{\"log\":{\"entries\":[{\"response\":{\"content\":{\"text\":"
          "\"ZGF0YTogeyJhIjoxfQoKZGF0YTogeyJzeXN0ZW0iOiJh4qe4eXoifQoKZGF0YTogW0RPTkVdCgo=\"}}}]}}",
          "4qe4", 1, 96, "$.log.entries[0].response.content.text!data[1]!$.system", 0),
    PLACE("t.har",
          "{\"log\":{\"entries\":[{\"response\":{\"content\":{\"text\":\"bm90IGEgZG9jdW1lbnQgeGFh4qe4eXogaW4gaXQ=\"}}}]}}",
          "4qe4", 1, 76, "$.log.entries[0].response.content.text", 1),
    PLACE("t.json", "{\"body\":\"data: {\\\"a\\\":1}\\n\\nevent: e\\ndata: {\\\"b\\\":[\\\"x" MARK "y\\\"]}\\n\\n\"}", MARK, 1,
          56, "$.body!data[1]!$.b[0]", 0),
    PLACE("t.json", "{\"body\":\"event: x" MARK "y\\ndata: {\\\"a\\\":1}\\n\"}", MARK, 1, 18, "$.body", 0),
    PLACE("t.json", "{\"body\":\"data: {}\\ndata: x" MARK "y\"}", MARK, 1, 27, "$.body", 0),
    /* rounds of decoding: an escaped backslash makes the next escape */
    PLACE("t.json", "[\"x\\\\u005cu29f8y\"]", "\\\\u005cu29f8", 1, 4, "$[0]", 2),
    PLACE("t.json", "[\"x\\\\u005cu005cu29f8y\"]", "\\\\u005cu005cu29f8", 1, 4, "$[0]", 3),
    PLACE("t.txt", "x\\u005cu005cu29f8y", "\\u005cu005cu29f8", 1, 2, "", 3),
};

static int64_t
number_fact(const struct tt_finding *f, const char *key)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        if (strcmp(f->facts[i].key, key) == 0) {
            return f->facts[i].number;
        }
    }
    return 0;
}

/* Other channels may have something to say about an input as well: this is the next finding of RULE from *i on, or NULL. */
static const struct tt_finding *
next_finding(const struct collected *c, size_t *i)
{
    while (*i < c->count) {
        const struct tt_finding *f = &c->findings[(*i)++];
        if (strcmp(f->rule->id, RULE) == 0) {
            return f;
        }
    }
    return NULL;
}

static void
check_place(const struct place *p)
{
    size_t i = 0;
    struct collected c;
    struct tt_str written = tt_str_cstr(p->written);
    const char *at = memmem(p->bytes.ptr, p->bytes.len, written.ptr, written.len);
    collect(&c, p->uri, p->bytes);
    if (collected_at_least(&c, RULE, TT_INFO) != 1 || c.note_count != 0) {
        fail_msg("%s: %zu findings, %zu notes", p->bytes.ptr, c.count, c.note_count);
    }
    const struct tt_finding *f = next_finding(&c, &i);
    assert_string_equal(f->where.uri.ptr, p->uri);
    assert_string_equal(f->where.path.ptr, p->path);
    assert_int_equal(f->where.offset, at - p->bytes.ptr);
    assert_int_equal(f->where.length, written.len);
    assert_int_equal(f->where.line, p->line);
    assert_int_equal(f->where.column, p->column);
    assert_int_equal(number_fact(f, "escape_level"), p->escape_level);
    bool raw = strcmp(p->written, MARK) == 0;
    assert_str_equal(collected_fact(f, "written"), raw ? TT_STR("") : written);
    assert_str_equal(collected_fact(f, "bytes"), TT_STR(MARK));
    collected_free(&c);
}

static void
test_places(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(places); i++) {
        check_place(&places[i]);
    }
}

/* Appends inner as a member of an object, as json.dumps would. */
static void
wrap(struct tt_str inner, struct tt_buf *out)
{
    tt_buf_clear(out);
    tt_buf_add_cstr(out, "{\"in\": \"");
    for (size_t i = 0; i < inner.len; i++) {
        if (inner.ptr[i] == '"' || inner.ptr[i] == '\\') {
            tt_buf_add_char(out, '\\');
        }
        tt_buf_add_char(out, inner.ptr[i]);
    }
    tt_buf_add_cstr(out, "\"}");
}

/* A document in a string of a document in a string ...: the escape is found however often its backslash was doubled. */
static void
test_documents_in_strings(void **state)
{
    (void) state;
    struct tt_buf documents[2];
    tt_buf_init(&documents[0], &tt_alloc_libc, TT_MIB);
    tt_buf_init(&documents[1], &tt_alloc_libc, TT_MIB);
    tt_buf_add_cstr(&documents[0], "{\"a\":\"This is the user\\u02bcs file.\"}");
    for (size_t depth = 0; depth <= 4; depth++) {
        struct collected c;
        struct tt_str bytes = tt_buf_str(&documents[depth % 2]);
        size_t length = 5 + ((size_t) 1 << depth);
        collect(&c, "t.json", bytes);
        assert_int_equal(c.count, 1);
        assert_int_equal(c.findings[0].level, TT_SUSPICIOUS);
        assert_int_equal(number_fact(&c.findings[0], "escape_level"), depth > 0);
        assert_int_equal(collected_fact(&c.findings[0], "written").len, length);
        assert_str_equal(tt_str_slice(bytes, c.findings[0].where.offset + length - 5, c.findings[0].where.offset + length),
                         TT_STR("u02bc"));
        collected_free(&c);
        wrap(bytes, &documents[(depth + 1) % 2]);
    }
    tt_buf_free(&documents[0]);
    tt_buf_free(&documents[1]);
}

/* One round more than TT_ESCAPE_LEVELS is not decoded. */
static void
test_too_many_rounds(void **state)
{
    (void) state;
    struct collected c;
    assert_int_equal(TT_ESCAPE_LEVELS, 3);
    collect(&c, "t.json", TT_STR("[\"x\\\\u005cu005cu005cu29f8y\"]"));
    assert_int_equal(c.count, 0);
    collected_free(&c);
}

/* ---- several marks, documents, and what cannot be read ---- */

/* What comes of an input: the paths of its marks in order, divided by blanks ("-" for none), and its notes. */
struct outcome {
    const char *uri;
    struct tt_str bytes;
    const char *paths;
    uint64_t documents;
    const char *notes[3]; /* beginnings */
};

#define OUTCOME(uri, bytes, ...)             \
    {                                        \
        uri, TT_STR_INIT(bytes), __VA_ARGS__ \
    }
#define X "x" MARK "y"

static const struct outcome outcomes[] = {
    OUTCOME("t.txt", "", "", 0, {NULL}),
    OUTCOME("t.json", "", "", 0, {NULL}),
    OUTCOME("t.jsonl", "", "", 0, {NULL}),
    OUTCOME("t.json", " \r\n\t", "", 0, {NULL}),
    OUTCOME("t.json", "\xEF\xBB\xBF", "", 0, {NULL}),
    OUTCOME("t.json", "12", "", 1, {NULL}),
    OUTCOME("t.json", "true\n", "", 1, {NULL}),
    OUTCOME("t.txt", X " " X "\n" X, "- - -", 0, {NULL}),
    OUTCOME("t.json", "[\"" X "\",\"" X "\",{\"k\":\"" X "\"}]", "$[0] $[1] $[2].k", 1, {NULL}),
    /* documents in a row */
    OUTCOME("t.jsonl", "[\"" X "\"]\n{\"a\":\"" X "\"}\r\n\n\"" X "\"\n", "$[0] $.a $", 3, {NULL}),
    OUTCOME("t.json", "[\"" X "\"]{\"a\":\"" X "\"}\"" X "\"[1]", "$[0] $.a $", 4, {NULL}),
    OUTCOME("-", "[\"" X "\"]\n[\"" X "\"]\n", "$[0] $[0]", 2, {NULL}),
    OUTCOME("notes", "[1] see [\"" X "\"]", "-", 0, {NULL}), /* no suffix, and no JSON */
    OUTCOME("notes", "{\"a\": " X "}", "-", 0, {NULL}),
    /* broken documents */
    OUTCOME("t.jsonl", "[\"" X "\"]\n{\"a\": " X "}\n[\"" X "\"]\n", "$[0] - $[0]", 2,
            {"line 2, column 7 (byte 16): " BAD_JSON ", read as plain text from here: a value is expected here"}),
    OUTCOME("t.jsonl", "[\"" X "\"\n[\"" X "\"]\n", "$[0] $[0]", 1, {"line 2, column 1 (byte 9): " BAD_JSON}),
    OUTCOME("t.jsonl", "[\"" X "\",\"" X "\n[\"" X "\"]\n", "$[0] - $[0]", 1, {"line 1, column 12 (byte 15): " BAD_JSON}),
    OUTCOME("t.jsonl", "{\"a\n{\"b\n[\"" X "\"]\n{\"", "$[0]", 1, {"line 1, column 4 (byte 3): " BAD_JSON}),
    OUTCOME("t.jsonl", "oops\n[\"" X "\"]", "$[0]", 1, {"line 1, column 1 (byte 0): " BAD_JSON}),
    OUTCOME("t.jsonl", "oops Today\xE2\x80\x99s date is 2026/05/09.\n[\"you don't\"]", "", 1, {"line 1, column 1 "}),
    OUTCOME("t.json", "[1]\n[2]\n[x]\n[\"" X "\"]", "$[0]", 3, {"line 3, column 2 (byte 9): " BAD_JSON}),
    OUTCOME("t.json", "{\"a\":\"" X "\",\n \"b\" \"" X "\",\"c\":\"" X "\"}", "$.a - -", 0, {"line 2, column 6 "}),
    OUTCOME("t.json", "{\"a\":\"" X "\" x, \"" X "\"}\n", "$.a -", 0, {"line 1, column 12 "}),
    OUTCOME("t.json", "{\"" X "\" 1}\n", "$[\"" X "\"]", 0, {"line 1, column 8 "}),
    OUTCOME("t.json", "{\"a\":\"" X, "-", 0, {"line 1, column 10 (byte 11): " BAD_JSON}),
    OUTCOME("t.json", "{\"a\":\"" X "\"", "$.a", 0, {"line 1, column 11 (byte 12): " BAD_JSON}),
    OUTCOME("t.json", "{\"a\":\"" X "\",\"b\":\"x\\u29", "$.a", 0, {"line 1, column 22 (byte 23): " BAD_JSON}),
    OUTCOME("t.json", "[\"" X "\"]\n]\n" X, "$[0] -", 1, {"line 2, column 1 "}),
    OUTCOME("t.json", "[\"" X "\\u12\", \"x\\u29f8y\"]", "- -", 0, {"line 1, column 10 "}), /* an escape of plain text */
    /* comments, and commas before a closing bracket */
    OUTCOME("tsconfig.json", "// " X "\n{\"a\": [1, /* " X " */], // " X "\n}\n/* " X " */", "$ $.a[0] $.a $", 1, {NULL}),
    OUTCOME("notes", "{ // " X "\n\"a\": \"" X "\",}", "$ $.a", 1, {NULL}),
    OUTCOME("t.json", "[1 /* \xFF " X " */]", "$[0]", 1, {"line 1, column 7 (byte 6): " BAD_TEXT}),
    OUTCOME("t.json", "[1 /* " X, "-", 0, {"line 1, column 10 (byte 11): " BAD_JSON}),
    OUTCOME("t.jsonl", "{\"a\": /* " X " }\n[\"" X "\"]\n", "- $[0]", 1, {"line 1, column 7 (byte 6): " BAD_JSON}),
    /* no JSON, whatever they begin with */
    OUTCOME("t.pas", "{ " X " }", "-", 0, {NULL}),
    OUTCOME("t.ini", "[" X "]\na=1\n", "-", 0, {NULL}),
    OUTCOME("t.tpl", "{{ " X " }}", "-", 0, {NULL}),
    OUTCOME("t.md", "[1]\n[2] " X "\n", "-", 0, {NULL}),
    OUTCOME("t.json5", "{a: '" X "'}", "-", 0, {NULL}),
    OUTCOME("t.txt", "{", "", 0, {NULL}),
    OUTCOME("t.txt", "[ \n", "", 0, {NULL}),
    OUTCOME("t.txt", "[]", "", 1, {NULL}),
    OUTCOME("t.txt", "{\"a\":\"" X "\"", "$.a", 0, {"line 1, column 11 (byte 12): " BAD_JSON}),
    /* bytes that are not UTF-8 */
    OUTCOME("t.txt", X "\xFF" X "\n\xC3\n" X, "- - -", 0, {"line 1, column 4 (byte 5): " BAD_TEXT ", passed over; the text"}),
    OUTCOME("t.txt", "\x80\x80\x80\x80" X "\xE2\xA7", "-", 0, {"line 1, column 1 (byte 0): " BAD_TEXT}),
    OUTCOME("t.json", "[\"" X "\xFF\",\"" X "\"]", "- -", 0,
            {"line 1, column 6 (byte 7): " BAD_TEXT, "line 1, column 6 (byte 7): " BAD_JSON}),
};

static void
join_paths(const struct collected *c, struct tt_buf *out)
{
    size_t i = 0;
    for (const struct tt_finding *f = next_finding(c, &i); f; f = next_finding(c, &i)) {
        tt_buf_add_cstr(out, out->len > 0 ? " " : "");
        tt_buf_add(out, f->where.path.len > 0 ? f->where.path : TT_STR("-"));
    }
}

static void
check_outcome(const struct outcome *o)
{
    struct collected c;
    struct tt_buf paths;
    size_t notes = 0;
    tt_buf_init(&paths, &tt_alloc_libc, TT_MIB);
    collect(&c, o->uri, o->bytes);
    join_paths(&c, &paths);
    if (!tt_str_eq(tt_buf_str(&paths), tt_str_cstr(o->paths))) {
        fail_msg("%s: %.*s", o->bytes.ptr, (int) paths.len, paths.ptr);
    }
    for (; notes < COUNT(o->notes) && o->notes[notes]; notes++) {
        if (notes >= c.note_count || !tt_str_starts(c.notes[notes], tt_str_cstr(o->notes[notes]))) {
            fail_msg("%s: note %zu: %s", o->bytes.ptr, notes, notes < c.note_count ? c.notes[notes].ptr : "missing");
        }
    }
    assert_int_equal(c.note_count, notes);
    assert_int_equal(c.documents, o->documents);
    tt_buf_free(&paths);
    collected_free(&c);
}

static void
test_outcomes(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        check_outcome(&outcomes[i]);
    }
}

/* Places of one kind are one note, with their number. */
static void
test_notes_are_counted(void **state)
{
    (void) state;
    struct collected c;
    collect(&c, "t.txt", TT_STR("\xFF one \xFF two \xFF"));
    assert_int_equal(c.note_count, 1);
    assert_true(tt_str_ends(c.notes[0], TT_STR("reads other encodings) (and 2 more places)")));
    collected_free(&c);
    collect(&c, "t.jsonl", TT_STR("[1\n]]\n{}\n[}\n"));
    assert_int_equal(c.note_count, 1);
    assert_true(tt_str_ends(c.notes[0], TT_STR(" (and 1 more place)")));
    assert_int_equal(c.documents, 2);
    collected_free(&c);
}

static enum tt_status
take_unread(void *ctx, const struct tt_scan_result *result)
{
    const char *why = ctx;
    assert_int_equal(result->files, 0);
    assert_int_equal(result->bytes, 0);
    assert_int_equal(result->finding_count, 0);
    assert_int_equal(result->not_inspected_count, 1);
    assert_string_equal(result->not_inspected[0].uri.ptr, "t.txt");
    assert_true(tt_str_starts(result->not_inspected[0].why, tt_str_cstr(why)));
    return TT_OK;
}

static void
check_unread(struct tt_str bytes, const char *why)
{
    char copy[80];
    memcpy(copy, why, strlen(why) + 1);
    struct tt_scan scan = {.alloc = &tt_alloc_libc, .kernels = tt_kernels_get(0), .jobs = 1, .result = take_unread, .ctx = copy};
    assert_int_equal(tt_scan_bytes(&scan, TT_STR("t.txt"), bytes), TT_OK);
}

static void
test_binary(void **state)
{
    (void) state;
    check_unread(TT_STR("text " X "\0"), "binary");
    check_unread(TT_STR("\xFF\xFE\0\0\0\0\0\0"), "binary: it holds NUL");
    check_unread(TT_STR("\xFE\xFF\0a\0\0"), "binary: it holds NUL");
    check_unread(TT_STR("w\0o\0r\0d\0s\0 \0o\0f\0 \0a\0n\0y\0"), "UTF-16 without a byte order mark; --encoding utf-16le");
    check_unread(TT_STR("\0w\0o\0r\0d\0s\0 \0o\0f\0 \0a\0n\0y"), "UTF-16 without a byte order mark; --encoding utf-16be");
}

/* ---- which part of a request ---- */

struct part {
    const char *bytes;
    const char *places; /* the fact "place" of each mark */
};

static const struct part parts[] = {
    {"{\"system\":\"" X "\",\"messages\":[{\"role\":\"user\",\"content\":\"" X "\"}]}", "system message"},
    {"{\"messages\":[{\"role\":\"system\",\"content\":\"" X "\"},{\"role\":\"user\",\"content\":\"" X "\"}]}", "system message"},
    {"{\"messages\":[{\"content\":\"" X "\",\"role\":\"system\"}]}", "message"}, /* the role comes too late */
    {"{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"" X "\"},"
     "{\"type\":\"tool_result\",\"content\":\"" X "\"},{\"type\":\"text\",\"text\":\"" X "\"}]}]}",
     "message tool_result message"},
    {"{\"tools\":[{\"name\":\"f\",\"description\":\"" X "\"}],\"model\":\"" X "\"}", "tool metadata"},
    {"{\"messages\":[{\"role\":\"tool\",\"content\":\"" X "\"}]}", "tool_result"},
    {"{\"messages\":[{\"role\":\"system\",\"n\":1},{\"content\":\"" X "\"}]}", "message"}, /* a role is its object's own */
    {"{\"other\":\"" X "\"}", ""},
};

static void
test_parts_of_requests(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct collected c;
        struct tt_buf joined;
        tt_buf_init(&joined, &tt_alloc_libc, TT_KIB);
        size_t k = 0;
        collect(&c, "t.json", tt_str_cstr(parts[i].bytes));
        for (const struct tt_finding *f = next_finding(&c, &k); f; f = next_finding(&c, &k)) {
            tt_buf_add_cstr(&joined, joined.len > 0 ? " " : "");
            tt_buf_add(&joined, collected_fact(f, "place"));
        }
        assert_str_equal(tt_buf_str(&joined), tt_str_cstr(parts[i].places));
        tt_buf_free(&joined);
        collected_free(&c);
    }
}

/* ---- inputs in pieces ---- */

static uint64_t
next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

struct reading {
    struct tt_input input;
    struct tt_scan_file file;
};

#define WHOLE SIZE_MAX
#define RANDOM 0

/* Reads bytes in pieces of that size; seed is for RANDOM. */
static void
read_pieces(struct reading *r, const char *uri, struct tt_str bytes, size_t piece, uint64_t *seed)
{
    const struct tt_kernels *kernels = tt_kernels_get(tt_cpu_detect());
    assert_int_equal(tt_input_init(&r->input, &tt_alloc_libc, kernels), TT_OK);
    tt_scan_file_begin(&r->file, &tt_alloc_libc, kernels, tt_str_cstr(uri));
    struct tt_str head = tt_str_slice(bytes, 0, TT_SNIFF_SIZE);
    const struct tt_reader *reader = tt_reader_choose(tt_str_cstr(uri), head, bytes.len < TT_SNIFF_SIZE, kernels);
    tt_input_begin(&r->input, &r->file);
    for (size_t at = 0; at < bytes.len;) {
        size_t n = piece == RANDOM ? 1 + next_random(seed) % ((size_t) 1 << next_random(seed) % 20) : piece;
        n = n < bytes.len - at ? n : bytes.len - at;
        assert_int_equal(reader->feed(&r->input, tt_str_slice(bytes, at, at + n)), TT_OK);
        at += n;
    }
    assert_int_equal(reader->end(&r->input), TT_OK);
    assert_int_equal(tt_scan_file_end(&r->file), TT_OK);
}

static void
free_reading(struct reading *r)
{
    tt_input_free(&r->input);
    tt_scan_file_free(&r->file);
}

static void
assert_same_finding(const struct tt_finding *a, const struct tt_finding *b)
{
    assert_string_equal(a->id, b->id); /* rule, path, offset, length, excerpt */
    assert_int_equal(a->level, b->level);
    assert_int_equal(a->where.line, b->where.line);
    assert_int_equal(a->where.column, b->where.column);
    assert_str_equal(a->message, b->message);
    assert_int_equal(a->fact_count, b->fact_count);
    for (size_t i = 0; i < a->fact_count; i++) {
        assert_string_equal(a->facts[i].key, b->facts[i].key);
        assert_str_equal(a->facts[i].text, b->facts[i].text);
        assert_int_equal(a->facts[i].number, b->facts[i].number);
    }
}

static void
assert_same(const struct tt_scan_result *a, const struct tt_scan_result *b)
{
    assert_int_equal(a->documents, b->documents);
    assert_int_equal(a->finding_count, b->finding_count);
    for (size_t i = 0; i < a->finding_count; i++) {
        assert_same_finding(&a->findings[i], &b->findings[i]);
    }
    assert_int_equal(a->not_inspected_count, b->not_inspected_count);
    for (size_t i = 0; i < a->not_inspected_count; i++) {
        assert_str_equal(a->not_inspected[i].why, b->not_inspected[i].why);
    }
}

/* Whole, and in pieces of several sizes: the same result.  The caller frees whole. */
static void
read_every_way(struct reading *whole, const char *uri, struct tt_str bytes, uint64_t *seed)
{
    static const size_t sizes[] = {1, 7, 4096, RANDOM, RANDOM};
    read_pieces(whole, uri, bytes, WHOLE, NULL);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        struct reading r;
        read_pieces(&r, uri, bytes, sizes[i], seed);
        assert_same(&whole->file.result, &r.file.result);
        free_reading(&r);
    }
}

static void
test_tables_in_pieces(void **state)
{
    (void) state;
    uint64_t seed = 0x70696563657331;
    struct reading r;
    for (size_t i = 0; i < COUNT(places); i++) {
        read_every_way(&r, places[i].uri, places[i].bytes, &seed);
        free_reading(&r);
    }
    for (size_t i = 0; i < COUNT(outcomes); i++) {
        read_every_way(&r, outcomes[i].uri, outcomes[i].bytes, &seed);
        free_reading(&r);
    }
}

/* ---- marks at known places ---- */

#define KNOWN_MAX 4096

struct known {
    struct tt_buf bytes;
    const char *path;
    size_t at[KNOWN_MAX]; /* offsets of marks, rising */
    size_t count;
};

static void
known_init(struct known *known, const char *path)
{
    tt_buf_init(&known->bytes, &tt_alloc_libc, 8 * TT_MIB);
    known->path = path;
    known->count = 0;
}

/* Appends unit, whose mark stands at mark_at. */
static void
add_unit(struct known *known, const char *unit, size_t mark_at)
{
    assert_true(known->count < KNOWN_MAX);
    known->at[known->count++] = known->bytes.len + mark_at;
    tt_buf_add_cstr(&known->bytes, unit);
}

/* The findings of the rule are exactly the known places; line and column are counted here byte by byte. */
static void
assert_known(const struct tt_scan_result *result, const struct known *known, const char *rule)
{
    struct tt_position at = {.offset = 0, .line = 1, .column = 1};
    size_t n = 0;
    for (size_t i = 0; i < result->finding_count; i++) {
        const struct tt_where *where = &result->findings[i].where;
        if (strcmp(result->findings[i].rule->id, rule) != 0) {
            continue;
        }
        if (n == known->count || where->offset != known->at[n]) {
            fail_msg("mark %zu of %zu: at %zu, not %zu", n, known->count, (size_t) where->offset,
                     n < known->count ? known->at[n] : 0);
        }
        for (; at.offset < where->offset; at.offset++) {
            unsigned char c = (unsigned char) known->bytes.ptr[at.offset];
            at.column = c == '\n' ? 1 : at.column + ((c & 0xC0) != 0x80);
            at.line += c == '\n';
        }
        assert_int_equal(where->line, at.line);
        assert_int_equal(where->column, at.column);
        if (known->path) {
            assert_str_equal(where->path, tt_str_cstr(known->path));
        }
        n++;
    }
    assert_int_equal(n, known->count);
}

/* ---- windows ---- */

/* Where the first search of a line without end stops, and how far the window then moves. */
#define FIRST_LIMIT (TT_WINDOW_SIZE - TT_WINDOW_AHEAD)
#define STEP (FIRST_LIMIT - TT_WINDOW_BEHIND)
#define ZONE 100 /* bytes around a border that are full of marks */
#define LONG (3 * TT_MIB + 200 * TT_KIB)

/* How a mark is written in a long line or string, and where it stands in there. */
struct unit {
    const char *text;
    size_t mark_at;
    const char *rule;
};

static const struct unit text_units[] = {
    {X, 1, RULE},
    {"x\\u29f8y", 1, RULE},
    {"x\\\\\\\\u29f8y ", 1, RULE},
    {"Today\xCA\xBCs date is 2026-05-09. ", 5, "mark.dateline"},
};

static const struct unit string_units[] = {
    {X, 1, RULE},
    {"x\\u29f8y", 1, RULE},
    {"x\\\\u29f8y", 1, RULE},
    {"x\\\\\\\\u29f8y ", 1, RULE},
    {"x\\\\u005cu29f8y ", 1, RULE},
    {"Today\\u02bcs date is 2026-05-09. ", 5, "mark.dateline"},
    {"Today\\\\u02bcs date is 2026-05-09. ", 5, "mark.dateline"},
};

/* Ordinary words up to that length. */
static void
fill_to(struct known *known, size_t len)
{
    static const char words[] = "ordinary words without any mark \xC3\xA9 ";
    while (known->bytes.len + sizeof(words) <= len) {
        tt_buf_add_cstr(&known->bytes, words);
    }
    while (known->bytes.len < len) {
        tt_buf_add_char(&known->bytes, '.');
    }
}

static void
add_zone(struct known *known, const struct unit *unit, size_t border, size_t shift)
{
    if (border < ZONE + shift || border - ZONE - shift < known->bytes.len) {
        return;
    }
    fill_to(known, border - ZONE - shift);
    while (known->bytes.len < border + ZONE) {
        add_unit(known, unit->text, unit->mark_at);
    }
    tt_buf_add_char(&known->bytes, ' ');
}

/* A long line whose window starts at origin: marks all around each place where a window begins, is cut, or ends; some between. */
static void
add_line(struct known *known, const struct unit *unit, size_t shift, uint64_t *seed)
{
    size_t origin = known->bytes.len;
    tt_buf_add_char(&known->bytes, '"');
    add_unit(known, unit->text, unit->mark_at);
    for (size_t start = origin; start + TT_WINDOW_SIZE < origin + LONG; start += STEP) {
        add_zone(known, unit, start + TT_WINDOW_BEHIND, shift); /* for all but the first the place searched so far */
        add_zone(known, unit, start + TT_WINDOW_SIZE / 2 + next_random(seed) % TT_KIB, shift);
        add_zone(known, unit, start + STEP, shift);
        add_zone(known, unit, start + FIRST_LIMIT, shift);
        add_zone(known, unit, start + TT_WINDOW_SIZE, shift);
    }
    fill_to(known, origin + LONG);
    add_unit(known, unit->text, unit->mark_at);
    tt_buf_add_char(&known->bytes, '"');
}

static void
check_line(const char *uri, const char *path, const char *before, const char *after, const struct unit *unit, size_t shift)
{
    struct known known;
    struct reading r;
    uint64_t seed = 0x77696e646f77 + shift;
    known_init(&known, path);
    tt_buf_add_cstr(&known.bytes, before);
    add_line(&known, unit, shift, &seed);
    tt_buf_add_cstr(&known.bytes, after);
    assert_int_equal(known.bytes.status, TT_OK);
    if (shift == 0) {
        read_every_way(&r, uri, tt_buf_str(&known.bytes), &seed);
    } else {
        read_pieces(&r, uri, tt_buf_str(&known.bytes), TT_SCAN_CHUNK, NULL);
    }
    assert_known(&r.file.result, &known, unit->rule);
    assert_int_equal(r.file.result.not_inspected_count, 0);
    free_reading(&r);
    tt_buf_free(&known.bytes);
}

static void
test_long_line(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(text_units); i++) {
        for (size_t shift = 0; shift < strlen(text_units[i].text); shift++) {
            check_line("t.txt", "", "", "\n", &text_units[i], shift);
        }
    }
}

static void
test_long_string(void **state)
{
    (void) state;
    for (size_t i = 0; i < COUNT(string_units); i++) {
        for (size_t shift = 0; shift < strlen(string_units[i].text); shift++) {
            check_line("t.json", "$.a", "{\"a\":", "}", &string_units[i], shift);
        }
    }
}

/* A date whose separators both make the engine look, with a border between them. */
static void
test_long_line_of_dates(void **state)
{
    (void) state;
    static const struct unit unit = {"Today's date is 2026\u221505\u221509. ", 20, "mark.dateline"};
    for (size_t shift = 0; shift < strlen(unit.text); shift++) {
        check_line("t.txt", "", "", "\n", &unit, shift);
    }
}

/* The only escape of the input, with the border at each of its bytes. */
static void
test_lone_escape(void **state)
{
    (void) state;
    for (size_t back = 0; back <= 12; back++) {
        for (int json = 0; json < 2; json++) {
            struct known known;
            struct reading r;
            known_init(&known, json ? "$" : "");
            tt_buf_add_char(&known.bytes, '"');
            fill_to(&known, FIRST_LIMIT - back);
            add_unit(&known, "x\\\\u29f8y", 1);
            fill_to(&known, TT_WINDOW_SIZE + TT_KIB);
            tt_buf_add_char(&known.bytes, '"');
            read_pieces(&r, json ? "t.json" : "t.txt", tt_buf_str(&known.bytes), TT_SCAN_CHUNK, NULL);
            assert_known(&r.file.result, &known, RULE);
            free_reading(&r);
            tt_buf_free(&known.bytes);
        }
    }
}

/* Bytes that are no UTF-8 are counted once, also where they are another window's context. */
static void
test_long_line_not_utf8(void **state)
{
    (void) state;
    struct known known;
    struct reading r;
    uint64_t seed = 0x75746638;
    known_init(&known, "");
    for (size_t i = 0; i < 1001 * 30; i++) {
        tt_buf_add_cstr(&known.bytes, i % 30 ? "some words or other " : "bad: \xE2\x82 ");
        tt_buf_add_cstr(&known.bytes,
                        i % 30 ? "\xE2\x82\xAC and so on, \xC3\xA9, and on, and on and on and on, on and on. " : X " ");
        if (i % 30 == 0) {
            known.at[known.count++] = known.bytes.len - 5;
        }
    }
    assert_true(known.bytes.len > 2 * TT_MIB);
    read_every_way(&r, "t.txt", tt_buf_str(&known.bytes), &seed);
    assert_known(&r.file.result, &known, RULE);
    assert_int_equal(r.file.result.not_inspected_count, 1);
    assert_true(tt_str_ends(r.file.result.not_inspected[0].why, TT_STR(" (and 1000 more places)")));
    free_reading(&r);
    tt_buf_free(&known.bytes);
}

/* The path of a long string is known before its end. */
static void
test_long_element(void **state)
{
    (void) state;
    check_line("t.json", "$[1]", "[\"a\",", "]", &string_units[0], 0);
    check_line("t.json", "$", "", "", &string_units[1], 0);
    check_line("t.jsonl", "$\xE2\x80\xA6", "{\"a\":1,", ":1}", &string_units[1], 0);
}

/* A comment longer than the window. */
static void
test_long_comment(void **state)
{
    (void) state;
    check_line("t.json", "$", "/* ", "*/ {\"a\":1}", &text_units[0], 0);
    check_line("t.json", "$.a", "{\"a\":1, // ", "\n}", &text_units[0], 0);
}

/* A string that never ends: what was searched as a string is not reported again as text. */
static void
test_long_string_broken(void **state)
{
    (void) state;
    struct known known;
    struct reading r;
    uint64_t seed = 0x62726f6b656e;
    known_init(&known, NULL);
    tt_buf_add_cstr(&known.bytes, "{\"a\":");
    add_line(&known, &string_units[0], 0, &seed);
    known.bytes.ptr[known.bytes.len - 1] = '\n';
    add_unit(&known, X, 1);
    read_every_way(&r, "t.json", tt_buf_str(&known.bytes), &seed);
    assert_known(&r.file.result, &known, RULE);
    assert_int_equal(r.file.result.not_inspected_count, 1);
    free_reading(&r);
    tt_buf_free(&known.bytes);
}

/* Lines of every length: a window ends inside of one, and is cut at a line's end. */
static void
test_many_lines(void **state)
{
    (void) state;
    struct known known;
    struct reading r;
    uint64_t seed = 0x6c696e6573;
    known_init(&known, "");
    while (known.bytes.len < LONG) {
        fill_to(&known, known.bytes.len + next_random(&seed) % (next_random(&seed) % 64 == 0 ? 100000 : 300));
        if (next_random(&seed) % 16 == 0) {
            add_unit(&known, X, 1);
        }
        tt_buf_add_cstr(&known.bytes, next_random(&seed) % 8 == 0 ? "\xFF\r\n" : "\n");
    }
    read_every_way(&r, "t.txt", tt_buf_str(&known.bytes), &seed);
    assert_known(&r.file.result, &known, RULE);
    assert_int_equal(r.file.result.not_inspected_count, 1);
    free_reading(&r);
    tt_buf_free(&known.bytes);
}

/* ---- hostile and random inputs ---- */

static void
test_deep(void **state)
{
    (void) state;
    struct known known;
    struct reading r;
    uint64_t seed = 0x64656570;
    for (int object = 0; object < 2; object++) {
        known_init(&known, "");
        for (size_t i = 0; i < 100000; i++) {
            tt_buf_add_cstr(&known.bytes, object ? "{\"a\":" : "[");
        }
        tt_buf_add_cstr(&known.bytes, "\"");
        add_unit(&known, X, 1);
        read_every_way(&r, "t.json", tt_buf_str(&known.bytes), &seed);
        assert_known(&r.file.result, &known, RULE);
        assert_int_equal(r.file.result.not_inspected_count, 1);
        assert_true(tt_str_ends(r.file.result.not_inspected[0].why, TT_STR("nested deeper than the limit")));
        free_reading(&r);
        tt_buf_free(&known.bytes);
    }
}

/* Pieces of documents in any order: mostly broken ones. */
static void
add_random(struct known *known, uint64_t *seed)
{
    static const char *const pieces[] = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"",
        "\"",
        "\n",
        "\n",
        " ",
        "1",
        "-0.5e3",
        "true",
        "nul",
        "{\"a\":\"",
        "\"}\n",
        "[\"",
        "\"]",
        "{\"role\":\"system\",\"content\":\"",
        "\\n",
        "\\",
        "\\\\",
        "\\u00",
        "\\u00e9",
        "\\ud83d",
        "\\ude00",
        "\xC3\xA9",
        "\xF0\x9F\x98",
        "\xFF",
        "\xEF\xBB\xBF",
        "word ",
    };
    for (size_t n = next_random(seed) % 40; n > 0; n--) {
        switch (next_random(seed) % 8) {
        case 0: add_unit(known, X, 1); break;
        case 1: add_unit(known, "x\\u29f8y", 1); break;
        default: tt_buf_add_cstr(&known->bytes, pieces[next_random(seed) % COUNT(pieces)]);
        }
    }
}

/* However broken the input: every mark is found once, and the way it is cut does not matter. */
static void
test_random(void **state)
{
    (void) state;
    static const char *const uris[] = {"t.txt", "t.json", "t.jsonl"};
    uint64_t seed = 0x72616e646f6d;
    for (size_t round = 0; round < 6000; round++) {
        struct known known;
        struct reading whole, r;
        const char *uri = uris[round % COUNT(uris)];
        known_init(&known, NULL);
        add_random(&known, &seed);
        struct tt_str bytes = tt_buf_str(&known.bytes);
        read_pieces(&whole, uri, bytes, WHOLE, NULL);
        assert_known(&whole.file.result, &known, RULE);
        read_pieces(&r, uri, bytes, round % 2 ? 1 : RANDOM, &seed);
        assert_same(&whole.file.result, &r.file.result);
        free_reading(&r);
        free_reading(&whole);
        tt_buf_free(&known.bytes);
    }
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_documents_in_strings),
        cmocka_unit_test(test_too_many_rounds),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_notes_are_counted),
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_parts_of_requests),
        cmocka_unit_test(test_tables_in_pieces),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_long_line_of_dates),
        cmocka_unit_test(test_lone_escape),
        cmocka_unit_test(test_long_line_not_utf8),
        cmocka_unit_test(test_long_string),
        cmocka_unit_test(test_long_element),
        cmocka_unit_test(test_long_comment),
        cmocka_unit_test(test_long_string_broken),
        cmocka_unit_test(test_many_lines),
        cmocka_unit_test(test_deep),
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
