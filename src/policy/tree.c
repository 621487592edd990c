/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policy files through libyaml's event API.
 *
 * In: the bytes of a file.  Out: a tree of scalars, lists and maps with places, or errors with places.  The tree and its texts live
 * in the arena of the problems; libyaml's own memory is given back before the function returns.  Invariants: depth, events, bytes
 * and the size of a scalar are bounded before anything is built of them, and a file is left at once at the first event too deep,
 * because libyaml's cost of nesting grows with its square.  Follows YAML 1.1 as libyaml 0.2 reads it, and refuses the rest.
 */
#include "policy/tree.h"

#include "text/utf8.h"

#include <yaml.h>

struct reader {
    struct tt_policy_problems *problems;
    struct tt_yaml *open[TT_POLICY_DEPTH_MAX]; /* containers around the next event */
    struct tt_yaml *key[TT_POLICY_DEPTH_MAX];  /* of an open map: the key that waits for its value */
    bool flow[TT_POLICY_DEPTH_MAX];
    bool extras[TT_POLICY_DEPTH_MAX]; /* its place is that of an anchor or tag */
    size_t depth;
    struct tt_yaml *root;
    size_t documents;
};

#define SAY(r, at, ...) TT_POLICY_PROBLEM((r)->problems, at, __VA_ARGS__)

static struct tt_policy_at
place(yaml_mark_t mark)
{
    return (struct tt_policy_at) {(uint32_t) mark.line + 1, (uint32_t) mark.column + 1};
}

/* ---- characters ---- */

/* Why a character may not stand in a policy, or NULL. */
static const char *
why_refused(uint32_t cp)
{
    if (cp == '\t') {
        return "a tab; indent and divide by spaces";
    }
    if (cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029) {
        return "a control character";
    }
    if (cp == 0x61c || cp == 0x200e || cp == 0x200f || (cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069)) {
        return "a control of writing direction, which could make the text read otherwise than it is";
    }
    if (cp == 0xfeff) {
        return "a byte order mark or zero-width character; save the file as UTF-8 without one";
    }
    return NULL;
}

/* Refuses characters before libyaml sees them: its own errors about them carry no line. */
static enum tt_status
check_characters(struct tt_str bytes, struct tt_policy_problems *problems)
{
    struct tt_policy_at at = {1, 1};
    for (size_t i = 0; i < bytes.len;) {
        struct tt_rune c = tt_utf8_next(bytes, i);
        bool is_crlf = c.cp == '\r' && i + 1 < bytes.len && bytes.ptr[i + 1] == '\n';
        const char *why = c.len == 0 ? "bytes that are not UTF-8" : c.cp == '\n' || is_crlf ? NULL : why_refused(c.cp);
        if (why) { /* one is enough: the file is damaged */
            TT_POLICY_PROBLEM(problems, at, tt_str_cstr(why));
            return TT_E_INPUT;
        }
        at.column++;
        if (c.cp == '\n') {
            at = (struct tt_policy_at) {at.line + 1, 1};
        }
        i += c.len;
    }
    return TT_OK;
}

/* ---- the tree ---- */

static struct tt_yaml *
add_node(struct reader *r, enum tt_yaml_kind kind, struct tt_policy_at at)
{
    struct tt_yaml *node = tt_arena_get(r->problems->arena, sizeof(*node));
    if (node) {
        *node = (struct tt_yaml) {.kind = kind, .at = at};
    } else {
        r->problems->status = TT_E_MEMORY;
    }
    return node;
}

static void
append(struct tt_yaml *parent, struct tt_yaml *node)
{
    if (parent->last) {
        parent->last->next = node;
    } else {
        parent->first = node;
    }
    parent->last = node;
    parent->count++;
}

/* Is the next node a key of the innermost map? */
static bool
expects_key(const struct reader *r)
{
    return r->depth > 0 && r->open[r->depth - 1]->kind == TT_YAML_MAP && !r->key[r->depth - 1];
}

/* What may not be a key; NULL: nothing. */
static const char *
why_no_key(const struct reader *r, const struct tt_yaml *node)
{
    bool is_placed = !r->flow[r->depth - 1] && !r->extras[r->depth - 1];
    if (node->kind != TT_YAML_SCALAR) {
        return "a key must be a plain word";
    }
    if (is_placed && node->at.column != r->open[r->depth - 1]->at.column) {
        return "keys marked with '?' are not allowed";
    }
    return tt_str_eq(node->text, TT_STR("<<")) ? "merging of maps with '<<' is not allowed" : NULL;
}

static void
take_key(struct reader *r, struct tt_yaml *node)
{
    struct tt_yaml *map = r->open[r->depth - 1];
    const char *why = why_no_key(r, node);
    if (why) {
        SAY(r, node->at, tt_str_cstr(why));
        node->refused = true;
    }
    for (const struct tt_yaml *other = map->first; other; other = other->next) {
        if (node->kind == TT_YAML_SCALAR && tt_str_eq(other->text, node->text)) {
            SAY(r, node->at, TT_STR("the key '"), node->text, TT_STR("' stands here twice"));
            node->refused = true;
            break;
        }
    }
    append(map, node);
    r->key[r->depth - 1] = node;
}

/* Hangs a finished scalar or a begun container into the tree. */
static void
take_node(struct reader *r, struct tt_yaml *node)
{
    if (r->depth == 0) {
        r->root = node;
    } else if (expects_key(r)) {
        take_key(r, node);
    } else if (r->open[r->depth - 1]->kind == TT_YAML_MAP) {
        r->key[r->depth - 1]->value = node;
        r->key[r->depth - 1] = NULL;
    } else {
        append(r->open[r->depth - 1], node);
    }
}

static bool
refuse_extras(struct reader *r, struct tt_policy_at at, const yaml_char_t *anchor, const yaml_char_t *tag)
{
    if (anchor) {
        SAY(r, at, TT_STR("anchors ('&') are not allowed; write the value out"));
    }
    if (tag) {
        SAY(r, at, TT_STR("tags ('!') are not allowed; the schema knows the types"));
    }
    return anchor || tag;
}

/* ---- events ---- */

/* Why a value may not stand in a policy for its characters, or NULL.  An escape in quotes may stand for what bytes may not hold. */
static const char *
why_text_refused(struct tt_str text)
{
    const char *why = NULL;
    for (size_t i = 0; i < text.len && !why;) {
        struct tt_rune c = tt_utf8_next(text, i);
        why = c.len > 0 ? why_refused(c.cp) : "bytes that are not UTF-8";
        i += c.len;
    }
    return why;
}

/* Says what is wrong with a scalar; false when something is. */
static bool
check_scalar(struct reader *r, const yaml_event_t *event, struct tt_policy_at at, struct tt_str text)
{
    yaml_scalar_style_t style = event->data.scalar.style;
    const char *why = why_text_refused(text);
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE) {
        SAY(r, at, TT_STR("block texts ('|' and '>') are not allowed; write the text on one line"));
    } else if (style == YAML_PLAIN_SCALAR_STYLE && event->end_mark.line != event->start_mark.line) {
        SAY(r, at, TT_STR("a value without quotes goes on in the next line; is that line indented too far?"));
    } else if (text.len == 0) {
        SAY(r, at, expects_key(r) ? TT_STR("an empty key") : TT_STR("an empty value; leave the key out instead"));
    } else if (text.len > TT_POLICY_SCALAR_MAX) {
        SAY(r, at, TT_STR("a value of more than 4096 bytes"));
    } else if (tt_str_eq(text, TT_STR("~")) || tt_str_eq(text, TT_STR("null")) || tt_str_eq(text, TT_STR("Null")) ||
               tt_str_eq(text, TT_STR("NULL"))) {
        SAY(r, at, TT_STR("null is not a value here; leave the key out instead"));
    } else if (why) {
        SAY(r, at, TT_STR("the value holds "), tt_str_cstr(why));
    } else {
        return true;
    }
    return false;
}

static enum tt_status
take_scalar(struct reader *r, const yaml_event_t *event)
{
    struct tt_policy_at at = place(event->start_mark);
    struct tt_str text = tt_str_make(event->data.scalar.value, event->data.scalar.length);
    struct tt_yaml *node = add_node(r, TT_YAML_SCALAR, at);
    if (!node) {
        return TT_E_MEMORY;
    }
    refuse_extras(r, at, event->data.scalar.anchor, event->data.scalar.tag);
    node->refused = !check_scalar(r, event, at, text);
    TT_TRY(tt_arena_dup(r->problems->arena, tt_str_slice(text, 0, TT_POLICY_SCALAR_MAX), &node->text));
    take_node(r, node);
    return TT_OK;
}

static enum tt_status
open_container(struct reader *r, const yaml_event_t *event, enum tt_yaml_kind kind, bool flow, bool extras)
{
    struct tt_policy_at at = place(event->start_mark);
    if (r->depth == TT_POLICY_DEPTH_MAX) {
        SAY(r, at, TT_STR("nested more than 8 levels deep"));
        return TT_E_INPUT;
    }
    struct tt_yaml *node = add_node(r, kind, at);
    if (!node) {
        return TT_E_MEMORY;
    }
    if (flow && kind == TT_YAML_MAP) {
        SAY(r, at, TT_STR("maps in braces are not allowed; write one key on each line"));
        node->refused = true;
    } else if (r->depth > 0 && r->flow[r->depth - 1]) {
        SAY(r, at, TT_STR("a list in brackets holds single values only"));
        node->refused = true;
    }
    take_node(r, node);
    r->open[r->depth] = node;
    r->key[r->depth] = NULL;
    r->flow[r->depth] = flow;
    r->extras[r->depth] = extras;
    r->depth++;
    return TT_OK;
}

static void
close_container(struct reader *r, const yaml_event_t *event)
{
    struct tt_yaml *node = r->open[--r->depth];
    if (r->flow[r->depth] && node->kind == TT_YAML_LIST) {
        if (place(event->end_mark).line != node->at.line) {
            SAY(r, node->at, TT_STR("a list in brackets must end on its line"));
        }
        if (node->count > TT_POLICY_FLOW_MAX) {
            SAY(r, node->at, TT_STR("more than 16 items in brackets; write one item on each line, after '- '"));
        }
    }
}

static enum tt_status
begin_document(struct reader *r, const yaml_event_t *event)
{
    struct tt_policy_at at = place(event->start_mark);
    const yaml_tag_directive_t *tags = event->data.document_start.tag_directives.start;
    if (event->data.document_start.version_directive || tags != event->data.document_start.tag_directives.end) {
        SAY(r, at, TT_STR("directives ('%') are not allowed"));
    }
    if (++r->documents > 1) {
        SAY(r, at, TT_STR("a second document; a policy is one"));
        return TT_E_INPUT;
    }
    return TT_OK;
}

static enum tt_status
take_event(struct reader *r, const yaml_event_t *event)
{
    struct tt_policy_at at = place(event->start_mark);
    bool extras;
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT: return begin_document(r, event);
    case YAML_ALIAS_EVENT:
        SAY(r, at, TT_STR("aliases ('*') are not allowed; write the value out, or in quotes"));
        return TT_E_INPUT;
    case YAML_SCALAR_EVENT: return take_scalar(r, event);
    case YAML_SEQUENCE_START_EVENT:
        extras = refuse_extras(r, at, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return open_container(r, event, TT_YAML_LIST, event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE, extras);
    case YAML_MAPPING_START_EVENT:
        extras = refuse_extras(r, at, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return open_container(r, event, TT_YAML_MAP, event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE, extras);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT: close_container(r, event); return TT_OK;
    default: return TT_OK;
    }
}

/* libyaml's words about a broken file, at the place it names. */
static enum tt_status
yaml_failed(struct reader *r, const yaml_parser_t *parser)
{
    if (parser->error == YAML_MEMORY_ERROR) {
        return TT_E_MEMORY;
    }
    SAY(r, place(parser->problem_mark), TT_STR("not valid YAML: "),
        tt_str_cstr(parser->problem ? parser->problem : "the reader gave up"));
    return TT_E_INPUT;
}

static enum tt_status
read_events(struct reader *r, yaml_parser_t *parser)
{
    for (size_t events = 0;; events++) {
        yaml_event_t event;
        if (!yaml_parser_parse(parser, &event)) {
            return yaml_failed(r, parser);
        }
        bool last = event.type == YAML_STREAM_END_EVENT;
        enum tt_status status = TT_E_INPUT;
        if (events == TT_POLICY_EVENTS_MAX) {
            SAY(r, place(event.start_mark), TT_STR("more than 10000 keys, values and ends"));
        } else {
            status = take_event(r, &event);
        }
        yaml_event_delete(&event);
        if (status != TT_OK || last) {
            return status;
        }
    }
}

enum tt_status
tt_policy_tree_read(struct tt_str bytes, struct tt_policy_problems *problems, struct tt_yaml **root)
{
    struct reader r = {.problems = problems};
    yaml_parser_t parser;
    *root = NULL;
    if (bytes.len > TT_POLICY_BYTES_MAX) {
        SAY(&r, ((struct tt_policy_at) {1, 1}), TT_STR("a policy of more than 1 MiB"));
        return TT_E_INPUT;
    }
    TT_TRY(check_characters(bytes, problems));
    if (!yaml_parser_initialize(&parser)) {
        return TT_E_MEMORY;
    }
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *) (bytes.len ? bytes.ptr : ""), bytes.len);
    enum tt_status status = read_events(&r, &parser);
    yaml_parser_delete(&parser);
    if (status == TT_OK && problems->status != TT_OK) {
        status = problems->status;
    }
    *root = status == TT_OK ? r.root : NULL;
    return status;
}
