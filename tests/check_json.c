/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer against jansson: the conformance cases and 20,000 mutations of real shapes, with a fixed seed.  Both must
 * accept or refuse the same documents; of an accepted one the members and strings must agree too, text for text.  Prints
 * TAP.
 *
 *     check_json [MUTATIONS [SEED]]
 *
 * Where the two differ by design, and only there, a difference is allowed:
 *   - numbers: jansson refuses integers and reals that it cannot hold; the lexer does not look at values;
 *   - "\u0000" in a member name: jansson's names are C strings;
 *   - half a surrogate pair in an escape: jansson refuses, the lexer accepts and sets TT_JSON_LONE_SURROGATE;
 *   - depth: jansson ends at 2048 levels, the lexer at TT_JSON_DEPTH_MAX.
 *   - a NUL byte right behind a number or a literal: jansson (2.14) loses one there and reads on, so it accepts "7\0"
 *     and "[1\0]"; RFC 8259 does not.  Without that byte the two must agree.
 * Jansson keeps one of several equal names, so documents with duplicates are compared by their verdict only.
 */
#include "base/buf.h"
#include "unit/json_cases.h"
#include "json/lexer.h"
#include "json/string.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define MUTATIONS 20000
#define DOCUMENT_MAX (64 * TT_KIB)

static const char *const shapes[] = {
    "{\"model\":\"m-1\",\"max_tokens\":1024,\"temperature\":0.7,\"stream\":true,\"metadata\":{\"user_id\":\"u_1\"},\"system\":[{"
    "\"type\":"
    "\"text\",\"text\":\"Be brief.\\nUse "
    "\\\"tools\\\".\",\"cache_control\":{\"type\":\"ephemeral\"}}],\"messages\":[{\"role\":\"user\","
    "\"content\":\"Today\\u02bcs date is "
    "2026\\/05\\/09.\"},{\"role\":\"assistant\",\"content\":[{\"type\":\"tool_use\",\"id\":\"t1\","
    "\"name\":\"Read\",\"input\":{\"path\":\"/a "
    "b/c\",\"limit\":-40,\"x\":null}}]},{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\","
    "\"tool_use_id\":\"t1\",\"content\":\"1\\tint main(void)\\n\",\"is_error\":false}]}]}",
    "{ \"model\" : \"m\",\n  \"messages\" : [ { \"role\" : \"tool\", \"content\" : \"caf\xc3\xa9 \xe2\x80\x99 \xf0\x9f\x98\x80\" "
    "} ],\r\n"
    "\t\"tools\" : [ ], \"seed\" : 1.5e-3, \"n\" : 0, \"p\" : [ -0, 1E+2, 120.340 ] }\n",
    "{\"contents\":[{\"role\":\"user\",\"parts\":[{\"text\":\"\\ud83d\\ude00 "
    "\\u00e9\"},{\"functionResponse\":{\"name\":\"f\",\"response\":"
    "{\"a\":[[],[{}],[[1]]]}}}]}],\"systemInstruction\":{\"parts\":[{\"text\":\"\\\\ \\b\\f\\r\"}]}}",
    "[true,false,null,[],{},\"\",0,[[[[{\"a\":{\"b\":{\"c\":[1,2,3]}}}]]]]]",
    "\"a string at top level, long enough for more than one word of the fast path \\\\u2019\"",
};

/* Pieces that a mutation puts in. */
static const struct tt_str pieces[] = {
    TT_STR_INIT("{"),
    TT_STR_INIT("}"),
    TT_STR_INIT("["),
    TT_STR_INIT("]"),
    TT_STR_INIT(","),
    TT_STR_INIT(":"),
    TT_STR_INIT("\""),
    TT_STR_INIT("\\"),
    TT_STR_INIT("\\u0041"),
    TT_STR_INIT("\\u0000"),
    TT_STR_INIT("\\ud83d"),
    TT_STR_INIT("\\ude00"),
    TT_STR_INIT("\\u12"),
    TT_STR_INIT("\\x"),
    TT_STR_INIT("0"),
    TT_STR_INIT("-"),
    TT_STR_INIT("."),
    TT_STR_INIT("e"),
    TT_STR_INIT("+"),
    TT_STR_INIT("1e999"),
    TT_STR_INIT("99999999999999999999"),
    TT_STR_INIT("true"),
    TT_STR_INIT("nul"),
    TT_STR_INIT(" "),
    TT_STR_INIT("\n"),
    TT_STR_INIT("\0"),
    TT_STR_INIT("\x1f"),
    TT_STR_INIT("\x7f"),
    TT_STR_INIT("\x80"),
    TT_STR_INIT("\xc3"),
    TT_STR_INIT("\xc3\xa9"),
    TT_STR_INIT("\xe2\x80"),
    TT_STR_INIT("\xed\xa0\x80"),
    TT_STR_INIT("\xf4\x90\x80\x80"),
    TT_STR_INIT("\xef\xbb\xbf"),
    TT_STR_INIT("\"a\":1,"),
    TT_STR_INIT("\"model\":2,"),
    TT_STR_INIT(",\"\":\"\""),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t seed = 0x6a736f6e31323334;

static size_t
random_below(size_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (size_t) (seed % n);
}

/* ---- What the lexer says ---- */

struct verdict {
    struct tt_str text;
    enum tt_status status;
    struct tt_error err;
    bool lone_surrogate, nul_name;
    uint64_t members, strings;
    uint64_t digest; /* of all names and strings, in order */
    struct tt_buf *decoded;
};

static void
mix(uint64_t *digest, struct tt_str text)
{
    static const unsigned char end = 0xff; /* no byte of UTF-8: keeps neighbours apart */
    for (size_t i = 0; i <= text.len; i++) {
        *digest = (*digest ^ (i < text.len ? (unsigned char) text.ptr[i] : end)) * 1099511628211u;
    }
}

static enum tt_status
take_token(void *ctx, const struct tt_json_token *token)
{
    struct verdict *v = ctx;
    tt_buf_clear(v->decoded);
    if (token->kind == TT_JSON_KEY || token->kind == TT_JSON_STRING) {
        tt_json_unescape(tt_str_slice(v->text, token->offset, token->offset + token->length), true, v->decoded);
        mix(&v->digest, tt_buf_str(v->decoded));
        v->members += token->kind == TT_JSON_KEY;
        v->strings += token->kind == TT_JSON_STRING;
        v->lone_surrogate |= (token->flags & TT_JSON_LONE_SURROGATE) != 0;
        v->nul_name |= token->kind == TT_JSON_KEY && v->decoded->len > 0 && memchr(v->decoded->ptr, 0, v->decoded->len);
    }
    return TT_OK;
}

/* Lexes in pieces of a length that the text chooses, so that cuts are tried as well. */
static void
lex(struct verdict *v, size_t step)
{
    struct tt_json_lexer lexer;
    v->status = TT_OK;
    tt_json_begin(&lexer, tt_kernels_get(tt_cpu_detect()), 0, take_token, v);
    for (size_t at = 0; at < v->text.len && v->status == TT_OK; at += step) {
        v->status = tt_json_feed(&lexer, tt_str_slice(v->text, at, at + step), &v->err);
    }
    if (v->status == TT_OK) {
        v->status = tt_json_end(&lexer, &v->err);
    }
}

/* ---- What jansson says ---- */

#define WALK_MAX 4096

/* One container that is being walked; jansson keeps the order of members. */
struct step {
    json_t *value;
    void *member;
    size_t index;
};

struct walk {
    struct step stack[WALK_MAX];
    size_t depth;
    uint64_t members, strings, digest;
};

static void
visit(struct walk *w, json_t *value)
{
    if (json_is_string(value)) {
        w->strings++;
        mix(&w->digest, tt_str_make(json_string_value(value), json_string_length(value)));
    } else if (json_is_object(value) || json_is_array(value)) {
        w->stack[w->depth++] = (struct step) {.value = value, .member = json_object_iter(value)};
    }
}

static void
walk_tree(struct walk *w, json_t *root)
{
    w->depth = 0;
    visit(w, root);
    while (w->depth > 0) {
        struct step *s = &w->stack[w->depth - 1];
        if (json_is_array(s->value) && s->index < json_array_size(s->value)) {
            visit(w, json_array_get(s->value, s->index++));
        } else if (s->member) {
            json_t *value = json_object_iter_value(s->member);
            const char *name = json_object_iter_key(s->member);
            mix(&w->digest, tt_str_cstr(name));
            w->members++;
            s->member = json_object_iter_next(s->value, s->member);
            visit(w, value);
        } else {
            w->depth--;
        }
    }
}

/* ---- The comparison ---- */

static struct {
    unsigned long accepted, refused, numbers, names, surrogates, deep, lost;
} tally;

/* True when the lexer accepts and jansson refuses for a reason of the list above. */
static bool
is_allowed(const struct verdict *v, const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_numeric_overflow: tally.numbers++; return true;
    case json_error_null_byte_in_key: tally.names++; return v->nul_name;
    case json_error_invalid_syntax: tally.surrogates++; return v->lone_surrogate && strstr(error->text, "invalid Unicode");
    default: return false;
    }
}

static const char only_jansson[] = "only jansson accepts";

/* Does an object of the document, which jansson accepts, have a name twice? */
static bool
has_twice(struct tt_str text)
{
    json_error_t error;
    json_t *tree = json_loadb(text.ptr, text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, &error);
    bool refused = tree == NULL;
    json_decref(tree);
    return refused;
}

/* What differs, or NULL. */
static const char *
compare(struct verdict *v, size_t step)
{
    static struct walk walk;
    json_error_t error;
    json_t *tree = json_loadb(v->text.ptr, v->text.len, JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    const char *what = NULL;
    lex(v, step);
    if (v->status == TT_E_LIMIT) {
        tally.deep++; /* the lexer did not look further */
    } else if (tree && v->status != TT_OK) {
        what = only_jansson;
    } else if (!tree && v->status == TT_OK) {
        what = is_allowed(v, &error) ? NULL : "only the lexer accepts";
    } else if (tree && !has_twice(v->text)) {
        walk.members = walk.strings = 0;
        walk.digest = 0;
        walk_tree(&walk, tree);
        if (walk.members != v->members || walk.strings != v->strings) {
            what = "not as many members or strings";
        } else if (walk.digest != v->digest) {
            what = "the text of names or strings";
        }
    }
    tally.accepted += tree != NULL;
    tally.refused += tree == NULL;
    json_decref(tree);
    return what;
}

/* True when the lexer stopped at a NUL byte that jansson loses. */
static bool
is_lost_nul(const struct verdict *v)
{
    uint64_t pos = v->err.pos;
    if (v->status != TT_E_INPUT || pos == 0 || pos >= v->text.len || v->text.ptr[pos] != '\0') {
        return false;
    }
    char before = v->text.ptr[pos - 1];
    return tt_ascii_is_digit(before) || tt_ascii_is_alpha(before);
}

static void
print_difference(const char *what, const struct verdict *v)
{
    printf("# %s; lexer: byte %llu, %s\n# ", what, (unsigned long long) v->err.pos, v->status == TT_OK ? "accepts" : v->err.msg);
    for (size_t i = 0; i < v->text.len; i++) {
        unsigned char c = (unsigned char) v->text.ptr[i];
        printf(c >= 0x20 && c < 0x7f && c != '\\' ? "%c" : "\\x%02x", c);
    }
    printf("\n");
}

/* Compares text, and where jansson lost a NUL byte the text without it instead. */
static bool
check(struct tt_str text, size_t step, struct tt_buf *decoded)
{
    struct tt_buf copy;
    const char *what;
    bool again;
    tt_buf_init(&copy, &tt_alloc_libc, DOCUMENT_MAX);
    tt_buf_add(&copy, text);
    do {
        struct verdict v = {.text = tt_buf_str(&copy), .decoded = decoded};
        if (copy.status != TT_OK) {
            abort();
        }
        what = compare(&v, step);
        again = what && strcmp(what, only_jansson) == 0 && is_lost_nul(&v);
        if (again) {
            tally.lost++;
            memmove(copy.ptr + v.err.pos, copy.ptr + v.err.pos + 1, copy.len - v.err.pos - 1);
            copy.len--;
        } else if (what) {
            print_difference(what, &v);
        }
    } while (again);
    tt_buf_free(&copy);
    return what == NULL;
}

/* ---- Mutations ---- */

/* Replaces length bytes at pos by the piece. */
static void
splice(struct tt_buf *doc, size_t pos, size_t length, struct tt_str piece)
{
    char tail[4096];
    size_t rest = doc->len - pos - length;
    if (rest > sizeof(tail) || doc->len + piece.len > sizeof(tail)) {
        return;
    }
    memcpy(tail, doc->ptr + pos + length, rest);
    doc->len = pos;
    tt_buf_add(doc, piece);
    tt_buf_add(doc, tt_str_make(tail, rest));
}

static void
mutate(struct tt_buf *doc)
{
    size_t pos = random_below(doc->len + 1);
    size_t left = doc->len - pos;
    size_t length = left > 0 ? random_below(left < 8 ? left : 8) : 0;
    char byte = (char) random_below(256);
    char copy[32];
    size_t from = doc->len > 0 ? random_below(doc->len) : 0;
    struct tt_str part = tt_str_slice(tt_buf_str(doc), from, from + random_below(sizeof(copy)));
    switch (random_below(6)) {
    case 0: splice(doc, pos, 0, pieces[random_below(COUNT(pieces))]); break;
    case 1: splice(doc, pos, length, pieces[random_below(COUNT(pieces))]); break;
    case 2: splice(doc, pos, length, TT_STR("")); break;
    case 3: splice(doc, pos, left > 0, tt_str_make(&byte, 1)); break;
    case 4: doc->len = random_below(20) == 0 ? pos : doc->len; break;
    default:
        if (part.len > 0) {
            memcpy(copy, part.ptr, part.len);
        }
        splice(doc, pos, 0, tt_str_make(copy, part.len));
        break;
    }
}

static unsigned
check_mutations(unsigned long count, struct tt_buf *decoded)
{
    unsigned failed = 0;
    struct tt_buf doc;
    tt_buf_init(&doc, &tt_alloc_libc, DOCUMENT_MAX);
    for (unsigned long i = 0; i < count; i++) {
        tt_buf_clear(&doc);
        tt_buf_add_cstr(&doc, shapes[random_below(COUNT(shapes))]);
        for (size_t n = random_below(4) + 1; n > 0; n--) {
            mutate(&doc);
        }
        failed += !check(tt_buf_str(&doc), 1 + random_below(64), decoded);
    }
    tt_buf_free(&doc);
    return failed;
}

static unsigned
check_cases(struct tt_buf *decoded)
{
    unsigned failed = 0;
    for (size_t i = 0; i < JSON_CASES; i++) {
        failed += !check(json_cases[i].text, 1 + i % 7, decoded);
    }
    return failed;
}

static unsigned
check_shapes(struct tt_buf *decoded)
{
    unsigned failed = 0;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        unsigned long before = tally.accepted;
        failed += !check(tt_str_cstr(shapes[i]), 5, decoded) || tally.accepted == before;
    }
    return failed;
}

static int
report(int number, unsigned failed, const char *name)
{
    printf("%sok %d - %s\n", failed ? "not " : "", number, name);
    return failed != 0;
}

int
main(int argc, char **argv)
{
    unsigned long count = argc > 1 ? strtoul(argv[1], NULL, 0) : MUTATIONS;
    seed = argc > 2 ? strtoull(argv[2], NULL, 0) | 1 : seed;
    struct tt_buf decoded;
    int result = 0;
    tt_buf_init(&decoded, &tt_alloc_libc, DOCUMENT_MAX);
    json_object_seed(1); /* the same order of work in every run */
    printf("1..3\n");
    result |= report(1, check_cases(&decoded), "conformance cases");
    result |= report(2, check_shapes(&decoded), "real shapes");
    tally.accepted = tally.refused = 0;
    result |= report(3, check_mutations(count, &decoded), "mutations of real shapes");
    printf("# %lu accepted, %lu refused by jansson; allowed differences: numbers %lu, NUL in names %lu, half pairs %lu, depth "
           "%lu, lost NUL %lu\n",
           tally.accepted, tally.refused, tally.numbers, tally.names, tally.surrogates, tally.deep, tally.lost);
    tt_buf_free(&decoded);
    return result;
}
