/* SPDX-License-Identifier: Apache-2.0 */
/*
 * run.json: all of a capture but the bytes of the client; see capture.h.
 *
 * In and out: one JSON object (RFC 8259).  Both directions go over the same tables, so a member that is written is read, and no other is.
 * A reader is strict: every member has its form and its bounds, every string is printable ASCII.  What it takes from a file is in the capture's arena.
 */
#include "probe/capture.h"

#include "base/limits.h"
#include "finding/writer.h"
#include "json/node.h"

#include <stddef.h>

#define VERSION 1

enum form { FORM_U64, FORM_U32, FORM_U16, FORM_INT, FORM_BOOL, FORM_NAME, FORM_LENGTH, FORM_WORD };

/* A member of an object, and where it stands in its struct. */
struct member {
    const char *name;
    enum form form;
    size_t at;
    const char *const *words; /* of FORM_WORD: the names of an enum's values */
};

static const char *const exchange_kinds[] = {"http", "websocket", NULL};
static const char *const codings[] = {"none", "gzip", "zstd", "deflate", "other", NULL};
static const char *const contact_kinds[] = {"dns",      "sni",          "connect",   "failed_handshake",
                                            "nonsense", "unknown_path", "websocket", NULL};

#define ROW(kind, name, form)                                 \
    {                                                         \
#name, FORM_##form, offsetof(struct kind, name), NULL \
    }
#define WORD(kind, name, words)                              \
    {                                                        \
#name, FORM_WORD, offsetof(struct kind, name), words \
    }

static const struct member run_members[] = {
    ROW(tt_capture, failure, NAME),    ROW(tt_capture, exit_code, INT), ROW(tt_capture, signal, INT),
    ROW(tt_capture, clock_calls, U64), ROW(tt_capture, peak_kb, U64),   ROW(tt_capture, wall_ms, U64),
    ROW(tt_capture, timed_out, BOOL),  ROW(tt_capture, out_cut, BOOL),  ROW(tt_capture, flooded, BOOL),
    ROW(tt_capture, out, LENGTH),      ROW(tt_capture, err, LENGTH),    {NULL, FORM_U64, 0, NULL},
};

static const struct member exchange_members[] = {
    ROW(tt_exchange, ordinal, U32),
    ROW(tt_exchange, connection, U32),
    ROW(tt_exchange, at_us, U64),
    WORD(tt_exchange, kind, exchange_kinds),
    WORD(tt_exchange, coding, codings),
    ROW(tt_exchange, decoded, BOOL),
    ROW(tt_exchange, chunked, BOOL),
    ROW(tt_exchange, tls, BOOL),
    ROW(tt_exchange, port, U16),
    ROW(tt_exchange, address, NAME),
    ROW(tt_exchange, sni, NAME),
    ROW(tt_exchange, alpn, NAME),
    ROW(tt_exchange, connect_target, NAME),
    ROW(tt_exchange, client_hello, NAME),
    ROW(tt_exchange, head, LENGTH),
    ROW(tt_exchange, body, LENGTH),
    ROW(tt_exchange, content, LENGTH),
    ROW(tt_exchange, status, U16),
    {NULL, FORM_U64, 0, NULL},
};

static const struct member contact_members[] = {
    WORD(tt_contact, kind, contact_kinds),
    ROW(tt_contact, connection, U32),
    ROW(tt_contact, at_us, U64),
    ROW(tt_contact, port, U16),
    ROW(tt_contact, address, NAME),
    ROW(tt_contact, name, NAME),
    ROW(tt_contact, detail, NAME),
    ROW(tt_contact, hello, NAME),
    {NULL, FORM_U64, 0, NULL},
};

const char *
tt_contact_kind_name(enum tt_contact_kind kind)
{
    _Static_assert(sizeof(contact_kinds) / sizeof(*contact_kinds) == TT_CONTACT_KINDS + 1, "a name for each kind");
    return (unsigned) kind < TT_CONTACT_KINDS ? contact_kinds[kind] : "nonsense";
}

/* ---- writing ---- */

static void
add_members(struct tt_buf *out, const struct member *members, const void *from)
{
    bool first = true;
    for (const struct member *m = members; m->name; m++) {
        const void *at = (const char *) from + m->at;
        tt_json_add_key(out, &first, m->name);
        switch (m->form) {
        case FORM_U64: tt_buf_add_u64(out, *(const uint64_t *) at); break;
        case FORM_U32: tt_buf_add_u64(out, *(const uint32_t *) at); break;
        case FORM_U16: tt_buf_add_u64(out, *(const uint16_t *) at); break;
        case FORM_INT: tt_buf_add_u64(out, (uint64_t) (*(const int *) at < 0 ? 0 : *(const int *) at)); break;
        case FORM_BOOL: tt_buf_add_cstr(out, *(const bool *) at ? "true" : "false"); break;
        case FORM_NAME: tt_json_add_string(out, *(const struct tt_str *) at); break;
        case FORM_LENGTH: tt_buf_add_u64(out, ((const struct tt_str *) at)->len); break;
        case FORM_WORD: tt_json_add_string(out, tt_str_cstr(m->words[*(const unsigned *) at])); break;
        }
    }
}

void
tt_capture_format(const struct tt_capture *capture, struct tt_buf *out)
{
    tt_buf_add_cstr(out, "{\"version\":1,\n");
    add_members(out, run_members, capture);
    tt_buf_add_cstr(out, ",\n\"exchanges\":[");
    for (size_t i = 0; i < capture->exchange_count; i++) {
        tt_buf_add_cstr(out, i ? ",\n{" : "\n{");
        add_members(out, exchange_members, &capture->exchanges[i]);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_cstr(out, "],\n\"contacts\":[");
    for (size_t i = 0; i < capture->contact_count; i++) {
        tt_buf_add_cstr(out, i ? ",\n{" : "\n{");
        add_members(out, contact_members, &capture->contacts[i]);
        tt_buf_add_char(out, '}');
    }
    tt_buf_add_cstr(out, "]}\n");
}

/* ---- reading ---- */

struct parse {
    struct tt_capture *capture;
    struct tt_str json;
    struct tt_error *err;
};

static enum tt_status
refuse(const struct parse *p, const struct tt_node *at, const char *msg)
{
    return tt_error_set(p->err, TT_E_INPUT, at->pos, msg);
}

/* A whole number without sign, point or exponent. */
static bool
number_of(const struct parse *p, const struct tt_node *node, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;
    size_t at = node->pos;
    if (node->kind != TT_JSON_NUMBER) {
        return false;
    }
    for (; at < p->json.len && tt_ascii_is_digit((unsigned char) p->json.ptr[at]); at++) {
        uint64_t digit = (uint64_t) (p->json.ptr[at] - '0');
        if (n > (UINT64_MAX - digit) / 10) {
            return false;
        }
        n = n * 10 + digit;
    }
    *out = n;
    return at > node->pos && (at == p->json.len || !strchr(".eE", p->json.ptr[at])) && n <= max;
}

static bool
is_printable(struct tt_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] < ' ' || s.ptr[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool
take_name(const struct parse *p, const struct tt_node *node, struct tt_str *out)
{
    return node->kind == TT_JSON_STRING && is_printable(node->text) && tt_arena_dup(&p->capture->arena, node->text, out) == TT_OK;
}

static bool
take_word(const struct tt_node *node, const char *const *words, unsigned *out)
{
    for (unsigned i = 0; node->kind == TT_JSON_STRING && words[i]; i++) {
        if (tt_str_eq(node->text, tt_str_cstr(words[i]))) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool
take_member(const struct parse *p, const struct member *m, const struct tt_node *node, void *at)
{
    static const uint64_t most[] = {[FORM_U64] = UINT64_MAX,
                                    [FORM_U32] = UINT32_MAX,
                                    [FORM_U16] = UINT16_MAX,
                                    [FORM_INT] = INT32_MAX,
                                    [FORM_LENGTH] = TT_PROBE_BYTES_MAX};
    uint64_t n = 0;
    switch (m->form) {
    case FORM_NAME: return take_name(p, node, at);
    case FORM_WORD: return take_word(node, m->words, at);
    case FORM_BOOL: *(bool *) at = node->kind == TT_JSON_TRUE; return node->kind == TT_JSON_TRUE || node->kind == TT_JSON_FALSE;
    default: break;
    }
    if (!number_of(p, node, most[m->form], &n)) {
        return false;
    }
    switch (m->form) {
    case FORM_U64: *(uint64_t *) at = n; break;
    case FORM_U32: *(uint32_t *) at = (uint32_t) n; break;
    case FORM_U16: *(uint16_t *) at = (uint16_t) n; break;
    case FORM_INT: *(int *) at = (int) n; break;
    default: *(struct tt_str *) at = (struct tt_str) {NULL, (size_t) n}; break;
    }
    return true;
}

static enum tt_status
take_members(const struct parse *p, const struct member *members, const struct tt_node *object, void *to)
{
    if (object->kind != TT_JSON_OBJECT_BEGIN) {
        return refuse(p, object, "this is no object");
    }
    for (const struct member *m = members; m->name; m++) {
        const struct tt_node *node = tt_node_get(object, tt_str_cstr(m->name));
        if (!node) {
            return refuse(p, object, "a member is missing");
        }
        if (!take_member(p, m, node, (char *) to + m->at)) {
            return refuse(p, node, "a value has another form");
        }
    }
    return TT_OK;
}

static enum tt_status
take_list(const struct parse *p, const struct tt_node *root, const char *name, const struct tt_node **first)
{
    const struct tt_node *list = tt_node_get(root, tt_str_cstr(name));
    if (!list || list->kind != TT_JSON_ARRAY_BEGIN) {
        return refuse(p, list ? list : root, "a list is missing");
    }
    *first = list->first;
    return TT_OK;
}

static enum tt_status
take_exchanges(const struct parse *p, const struct tt_node *node)
{
    for (; node; node = node->next) {
        struct tt_exchange *exchange = tt_capture_exchange(p->capture);
        uint32_t expected = (uint32_t) p->capture->exchange_count;
        if (!exchange) {
            return tt_error_set(p->err, TT_E_LIMIT, node->pos, "there are too many requests");
        }
        TT_TRY(take_members(p, exchange_members, node, exchange));
        if (exchange->ordinal != expected) {
            return refuse(p, node, "requests are not in their order");
        }
    }
    return TT_OK;
}

static enum tt_status
take_contacts(const struct parse *p, const struct tt_node *node)
{
    for (; node; node = node->next) {
        struct tt_contact *contact = tt_capture_contact(p->capture, TT_CONTACT_DNS);
        if (!contact) {
            return tt_error_set(p->err, TT_E_LIMIT, node->pos, "there are too many contacts");
        }
        TT_TRY(take_members(p, contact_members, node, contact));
    }
    return TT_OK;
}

static enum tt_status
take_run(const struct parse *p, const struct tt_node *root)
{
    const struct tt_node *version = root->kind == TT_JSON_OBJECT_BEGIN ? tt_node_get(root, TT_STR("version")) : NULL,
                         *first = NULL;
    uint64_t number = 0;
    if (!version || !number_of(p, version, UINT32_MAX, &number)) {
        return refuse(p, root, "this is no run of a probe");
    }
    if (number != VERSION) {
        return tt_error_set(p->err, TT_E_UNSUPPORTED, version->pos, "a run of another version of telltale");
    }
    TT_TRY(take_list(p, root, "exchanges", &first));
    TT_TRY(take_exchanges(p, first));
    TT_TRY(take_list(p, root, "contacts", &first));
    TT_TRY(take_contacts(p, first));
    return take_members(p, run_members, root, p->capture); /* last, because the others may set a flag */
}

enum tt_status
tt_capture_parse(struct tt_capture *capture, struct tt_str json, struct tt_error *err)
{
    const struct tt_node *root = NULL;
    const struct parse p = {.capture = capture, .json = json, .err = err};
    struct tt_arena nodes;
    if (json.len > TT_PROBE_RUN_JSON_MAX) {
        return tt_error_set(err, TT_E_LIMIT, 0, "run.json is too large");
    }
    tt_arena_init(&nodes, capture->arena.alloc, TT_PROBE_CAPTURE_MAX);
    enum tt_status status = tt_node_parse(&nodes, json, &root, err);
    if (status == TT_OK) {
        status = take_run(&p, root);
    }
    tt_arena_free(&nodes);
    return status;
}
