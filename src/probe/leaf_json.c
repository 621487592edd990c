/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON (RFC 8259) as leaves, in two rounds: the tokens become a tree in one array, then the tree is walked with its names sorted.
 *
 * Input: any text.  A text that is no JSON, or over TT_LEAF_DEPTH_MAX or TT_LEAF_NODES_MAX, gives nothing, and the caller compares its lines.
 * Output: leaves; strings borrowed from the text, or in the arena.  Neither round recurses.  Places are found in the first round, because it is the
 * one that goes through the text from front to back.
 *
 * Paths have no index: "[]" for an element, or "[name]" where an object says its name.  "content" and "system" have one path, whether they are a
 * string or a list of text parts; which one is a leaf "#shape".
 */
#include "base/limits.h"
#include "probe/leaf_parts.h"
#include "json/lexer.h"
#include "json/path.h"
#include "json/string.h"

#include <stdlib.h>

#define NONE UINT32_MAX

struct node {
    enum tt_json_kind kind;
    uint32_t next, first, last, count; /* siblings and children, by number */
    bool escaped;                      /* has an escape */
    struct tt_str key;                 /* decoded */
    struct tt_str text;                /* of a scalar, as written; of a string without its quotes */
    struct tt_str margin, closing;     /* white space that is not common: before and behind */
    uint64_t offset, length;           /* in the file */
};

struct tt_leaf_tree {
    struct tt_leaf_reader *reader;
    struct tt_leaf_tree *later; /* the next that waits to be walked */
    struct tt_str path;
    const struct tt_leaf_source *source;
    struct node *nodes;
    size_t count, room;
    uint32_t open[TT_LEAF_DEPTH_MAX + 1];
    uint32_t depth;
    size_t end;             /* of the last token, with its quote */
    size_t raw_at, text_at; /* a place in source->raw, and the one in text that came of it */
    struct tt_str key, margin;
};

/* ---- the tree ---- */

static bool
grow_nodes(struct tt_leaf_tree *tree)
{
    size_t room = tree->room ? tree->room * 2 : 64;
    struct node *nodes = tt_arena_get(tree->reader->arena, room * sizeof(*nodes));
    if (!nodes) {
        tree->reader->status = TT_E_MEMORY;
        return false;
    }
    if (tree->count > 0) {
        memcpy(nodes, tree->nodes, tree->count * sizeof(*nodes));
    }
    tree->nodes = nodes;
    tree->room = room;
    return true;
}

/* Where text[pos] is in the file.  pos never goes back. */
static uint64_t
place_of(struct tt_leaf_tree *tree, size_t pos)
{
    const struct tt_leaf_source *source = tree->source;
    if (source->fixed) {
        return source->offset;
    }
    if (!source->escaped) {
        return source->offset + pos;
    }
    struct tt_str rest = tt_str_slice(source->raw, tree->raw_at, source->raw.len);
    tree->raw_at += tt_json_raw_offset(rest, false, pos - tree->text_at);
    tree->text_at = pos;
    return source->offset + tree->raw_at;
}

static struct tt_str
unescape(struct tt_leaf_reader *reader, struct tt_str raw, bool escaped)
{
    if (!escaped) {
        return raw;
    }
    tt_buf_clear(&reader->scratch);
    tt_json_unescape(raw, true, &reader->scratch);
    if (reader->scratch.status != TT_OK) {
        reader->status = TT_E_MEMORY;
    }
    return tt_leaf_keep(reader, tt_buf_str(&reader->scratch));
}

/* What stands between the last token and the one at from, without the one comma that may be there; empty where that is all. */
static struct tt_str
read_gap(const struct tt_leaf_tree *tree, size_t from)
{
    struct tt_str gap = tt_str_slice(tree->source->text, tree->end, from);
    if (gap.len > 0 && gap.ptr[0] == ',') {
        gap = tt_str_slice(gap, 1, gap.len);
    }
    return gap;
}

/* A name: what is odd about its spelling, and about the space before it, is kept for its value. */
static void
take_key(struct tt_leaf_tree *tree, const struct tt_json_token *token)
{
    struct tt_str raw = tt_str_slice(tree->source->text, (size_t) token->offset, (size_t) (token->offset + token->length));
    tree->margin = read_gap(tree, (size_t) token->offset - 1);
    tree->key = unescape(tree->reader, raw, token->flags & TT_JSON_HAS_ESCAPE);
    if (!tt_leaf_is_plain(raw, tree->key)) {
        tree->margin = tt_leaf_join(tree->reader, tree->margin, tt_leaf_join(tree->reader, TT_STR("\""), raw));
    }
    tree->end = (size_t) (token->offset + token->length) + 1;
}

static uint32_t
add_node(struct tt_leaf_tree *tree, const struct node *node)
{
    if (tree->count == tree->room && !grow_nodes(tree)) {
        return NONE;
    }
    uint32_t number = (uint32_t) tree->count++;
    tree->nodes[number] = *node;
    if (tree->depth > 0) {
        struct node *parent = &tree->nodes[tree->open[tree->depth - 1]];
        if (parent->count++ == 0) {
            parent->first = number;
        } else {
            tree->nodes[parent->last].next = number;
        }
        parent->last = number;
    }
    return number;
}

static enum tt_status
take_value(struct tt_leaf_tree *tree, const struct tt_json_token *token)
{
    bool quoted = token->kind == TT_JSON_STRING;
    size_t from = (size_t) token->offset;
    size_t to = (size_t) (token->offset + token->length);
    struct tt_str gap = read_gap(tree, from - quoted);
    struct node node = {.kind = token->kind, .next = NONE, .first = NONE, .last = NONE, .key = tree->key};
    node.margin = tree->key.ptr && tt_str_eq(gap, TT_STR(":")) ? tree->margin
                  : tree->margin.len == 0                      ? gap
                                                               : tt_leaf_join(tree->reader, tree->margin, gap);
    node.escaped = token->flags & TT_JSON_HAS_ESCAPE;
    node.text = tt_str_slice(tree->source->text, from, to);
    node.offset = place_of(tree, from);
    node.length = tree->source->fixed ? tree->source->length : place_of(tree, to) - node.offset;
    tree->key = tree->margin = (struct tt_str) {NULL, 0};
    tree->end = to + quoted;
    if (tree->count == TT_LEAF_NODES_MAX) {
        return TT_E_LIMIT;
    }
    uint32_t number = add_node(tree, &node);
    if (number != NONE && (token->kind == TT_JSON_OBJECT_BEGIN || token->kind == TT_JSON_ARRAY_BEGIN)) {
        tree->open[tree->depth++] = number; /* the lexer keeps to TT_LEAF_DEPTH_MAX */
    }
    return tree->reader->status;
}

static enum tt_status
take_token(void *ctx, const struct tt_json_token *token)
{
    struct tt_leaf_tree *tree = ctx;
    switch (token->kind) {
    case TT_JSON_KEY: take_key(tree, token); return tree->reader->status;
    case TT_JSON_OBJECT_END:
    case TT_JSON_ARRAY_END:
        tree->depth--;
        tree->nodes[tree->open[tree->depth]].closing = read_gap(tree, (size_t) token->offset);
        tree->end = (size_t) token->offset + 1;
        return TT_OK;
    case TT_JSON_COMMENT: return TT_OK;
    default: return take_value(tree, token);
    }
}

/* False: it is no JSON, or over a bound. */
static bool
read_tree(struct tt_leaf_tree *tree)
{
    struct tt_json_lexer lexer;
    struct tt_error err;
    tt_json_begin(&lexer, tt_kernels_get(0), TT_LEAF_DEPTH_MAX, take_token, tree);
    enum tt_status status = tt_json_feed(&lexer, tree->source->text, &err);
    if (status == TT_OK) {
        status = tt_json_end(&lexer, &err);
    }
    if (status == TT_E_LIMIT) {
        tree->reader->out->cut = true;
    }
    return status == TT_OK && tree->count > 0 && tree->reader->status == TT_OK;
}

/* ---- names ---- */

static const struct node *
member(const struct tt_leaf_tree *tree, const struct node *object, struct tt_str name)
{
    uint32_t i = object->kind == TT_JSON_OBJECT_BEGIN ? object->first : NONE;
    for (; i != NONE; i = tree->nodes[i].next) {
        if (tt_str_eq(tree->nodes[i].key, name)) {
            return &tree->nodes[i];
        }
    }
    return NULL;
}

static struct tt_str
string_member(const struct tt_leaf_tree *tree, const struct node *object, struct tt_str name)
{
    const struct node *found = member(tree, object, name);
    return found && found->kind == TT_JSON_STRING && found->text.len > 0 ? found->text : (struct tt_str) {NULL, 0};
}

/* The name by which a tool or function calls itself, as it is written; none: NULL. */
static struct tt_str
name_of(const struct tt_leaf_tree *tree, const struct node *object)
{
    struct tt_str name = string_member(tree, object, TT_STR("name"));
    const struct node *function = name.ptr ? NULL : member(tree, object, TT_STR("function"));
    return function ? string_member(tree, function, TT_STR("name")) : name;
}

static bool
is_text_part(const struct tt_leaf_tree *tree, const struct node *object)
{
    return tt_str_eq(string_member(tree, object, TT_STR("type")), TT_STR("text")) && member(tree, object, TT_STR("text")) != NULL;
}

/* ---- the walk ---- */

struct child {
    struct tt_str name; /* sorted by it */
    uint32_t number;    /* of the node; nodes are numbered in the order of the text */
};

struct frame {
    struct child *children;
    size_t count, at;
    size_t path; /* length of the container's own path */
    const struct node *node;
    bool named;      /* a list whose elements have a name each */
    bool is_content; /* a list of parts that stands for a text */
    bool is_part;    /* such a part */
};

struct walk {
    const struct tt_leaf_tree *tree;
    struct tt_leaf_reader *reader;
    struct tt_buf path;
    struct frame frames[TT_LEAF_DEPTH_MAX + 1];
    size_t depth;
};

static int
by_name(const void *a, const void *b)
{
    const struct child *x = a, *y = b;
    size_t least = x->name.len < y->name.len ? x->name.len : y->name.len;
    int order = least ? memcmp(x->name.ptr, y->name.ptr, least) : 0;
    if (order == 0) {
        order = x->name.len != y->name.len ? (x->name.len < y->name.len ? -1 : 1) : (x->number < y->number ? -1 : 1);
    }
    return order;
}

static struct tt_str
path_and(struct walk *walk, struct tt_str suffix)
{
    return tt_leaf_join(walk->reader, tt_buf_str(&walk->path), suffix);
}

static void
add_leaf(struct walk *walk, const struct node *node, enum tt_leaf_kind kind, struct tt_str path, struct tt_str value,
         struct tt_str margin)
{
    struct tt_leaf leaf = {.kind = kind,
                           .in_content = walk->tree->source->in_content,
                           .path = path,
                           .value = value,
                           .margin = margin,
                           .offset = node->offset,
                           .length = node->length};
    tt_leaf_add(walk->reader, &leaf);
}

/* The children in the order of the text. */
static bool
list_children(struct walk *walk, struct frame *frame)
{
    const struct tt_leaf_tree *tree = walk->tree;
    frame->children = tt_arena_get(walk->reader->arena, (frame->node->count + 1) * sizeof(*frame->children));
    if (!frame->children) {
        walk->reader->status = TT_E_MEMORY;
        return false;
    }
    bool object = frame->node->kind == TT_JSON_OBJECT_BEGIN;
    frame->named = !object && frame->node->count > 0;
    for (uint32_t i = frame->node->first; i != NONE; i = tree->nodes[i].next) {
        struct tt_str name = object ? tree->nodes[i].key : name_of(tree, &tree->nodes[i]);
        frame->named = frame->named && name.ptr;
        frame->children[frame->count++] = (struct child) {name, i};
    }
    return true;
}

/* The names in their order, a line feed behind each. */
static struct tt_str
write_names(struct walk *walk, const struct frame *frame)
{
    tt_buf_clear(&walk->reader->scratch);
    for (size_t i = 0; i < frame->count; i++) {
        tt_buf_add(&walk->reader->scratch, frame->children[i].name);
        tt_buf_add_char(&walk->reader->scratch, '\n');
    }
    if (walk->reader->scratch.status != TT_OK) {
        walk->reader->status = TT_E_MEMORY;
    }
    return tt_leaf_keep(walk->reader, tt_buf_str(&walk->reader->scratch));
}

/* Sorts by name what has names; a list in which a name comes twice keeps its order. */
static void
sort_children(struct frame *frame)
{
    bool object = frame->node->kind == TT_JSON_OBJECT_BEGIN;
    if (frame->count < 2 || !(object || frame->named)) {
        return;
    }
    qsort(frame->children, frame->count, sizeof(*frame->children), by_name);
    for (size_t i = 1; frame->named && i < frame->count; i++) {
        frame->named = !tt_str_eq(frame->children[i - 1].name, frame->children[i].name);
    }
}

static int
by_number(const void *a, const void *b)
{
    const struct child *x = a, *y = b;
    return x->number < y->number ? -1 : 1;
}

/* Opens the container: its own leaf, and a frame for its children. */
static void
open_container(struct walk *walk, const struct node *node, bool is_content, bool is_part)
{
    bool object = node->kind == TT_JSON_OBJECT_BEGIN;
    struct tt_str margin = node->closing.len == 0
                               ? node->margin
                               : tt_leaf_join(walk->reader, node->margin, tt_leaf_join(walk->reader, TT_STR("}"), node->closing));
    if (node->count == 0) {
        add_leaf(walk, node, TT_LEAF_WORD, path_and(walk, TT_STR("")), object ? TT_STR("{}") : TT_STR("[]"), margin);
        return;
    }
    struct frame *frame = &walk->frames[walk->depth];
    *frame = (struct frame) {.path = walk->path.len, .node = node, .is_content = is_content, .is_part = is_part};
    if (!list_children(walk, frame)) {
        return;
    }
    struct tt_str names = object || frame->named ? write_names(walk, frame) : TT_STR("");
    sort_children(frame);
    if (!object && !frame->named) {
        qsort(frame->children, frame->count, sizeof(*frame->children), by_number);
        names = TT_STR("");
    }
    add_leaf(walk, node, names.len > 0 ? TT_LEAF_ORDER : TT_LEAF_WORD,
             path_and(walk, object ? TT_STR("#keys") : TT_STR("#items")), names, margin);
    walk->depth++;
}

/* JSON inside the string: its leaves, and one for how it is spelled there. */
static bool
expand(struct walk *walk, const struct node *node, struct tt_str value)
{
    const struct tt_leaf_source *outer = walk->tree->source;
    bool direct = !outer->fixed && !outer->escaped;
    struct tt_leaf_source source = {
        .text = value,
        .in_content = outer->in_content,
        .fixed = !direct,
        .escaped = direct && node->escaped,
        .raw = node->text,
        .offset = node->offset,
        .length = node->length,
        .depth = outer->depth + 1,
    };
    if (outer->depth + 1 > TT_LEAF_INSIDE_MAX || !tt_leaf_may_be_json(value) ||
        !tt_leaf_add_json(walk->reader, &source, path_and(walk, TT_STR("(json)")))) {
        return false;
    }
    struct tt_leaf leaf = {.kind = TT_LEAF_FORM,
                           .in_content = outer->in_content,
                           .path = path_and(walk, TT_STR("")),
                           .value = value,
                           .raw = tt_leaf_is_plain(node->text, value) ? TT_STR("") : node->text,
                           .margin = node->margin,
                           .offset = node->offset,
                           .length = node->length};
    tt_leaf_add(walk->reader, &leaf);
    return true;
}

/* Could the text be a number or a word of JSON without its quotes? */
static bool
looks_bare(struct tt_str value)
{
    bool digits = value.len > 0;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        digits = digits && (tt_ascii_is_digit((unsigned char) c) || (c == '.' && i > 0) || (c == '-' && i == 0));
    }
    return digits || tt_str_eq(value, TT_STR("true")) || tt_str_eq(value, TT_STR("false")) || tt_str_eq(value, TT_STR("null"));
}

/* A leaf for each line.  The line feed's own spelling belongs to the line before it. */
static void
add_lines(struct walk *walk, const struct node *node, struct tt_str value)
{
    struct tt_str raw = node->text;
    struct tt_str path = path_and(walk, TT_STR(""));
    bool plain = !node->escaped || tt_leaf_is_plain(raw, value);
    bool direct = !walk->tree->source->fixed && !walk->tree->source->escaped;
    /* "1" is not 1: the quotes are told where the value could do without. */
    struct tt_str margin = looks_bare(value) ? tt_leaf_join(walk->reader, node->margin, TT_STR("\"")) : node->margin;
    size_t raw_at = 0;
    for (size_t pos = 0; pos <= value.len && !walk->reader->out->cut && walk->reader->status == TT_OK;) {
        const char *feed = pos < value.len ? memchr(value.ptr + pos, '\n', value.len - pos) : NULL;
        size_t end = feed ? (size_t) (feed - value.ptr) : value.len;
        struct tt_str rest = tt_str_slice(raw, raw_at, raw.len);
        size_t length = node->escaped ? tt_json_raw_offset(rest, false, end - pos) : end - pos;
        size_t whole = feed && node->escaped ? length + tt_json_raw_offset(tt_str_slice(rest, length, rest.len), false, 1)
                                             : length + (feed != NULL);
        struct tt_leaf leaf = {.kind = TT_LEAF_TEXT,
                               .escaped = node->escaped,
                               .line = feed != NULL || pos > 0,
                               .in_content = walk->tree->source->in_content,
                               .path = path,
                               .value = tt_str_slice(value, pos, end),
                               .raw = plain ? TT_STR("") : tt_str_slice(rest, 0, whole),
                               .margin = pos == 0 ? margin : TT_STR(""),
                               .offset = direct ? node->offset + raw_at : node->offset,
                               .length = direct ? length : node->length};
        if (!plain && tt_leaf_is_plain(tt_str_slice(rest, 0, whole), tt_str_slice(value, pos, end + (feed != NULL)))) {
            leaf.raw = TT_STR("");
        }
        tt_leaf_add(walk->reader, &leaf);
        raw_at += whole;
        pos = end + 1;
    }
}

static void
add_scalar(struct walk *walk, const struct node *node)
{
    if (node->kind == TT_JSON_STRING) {
        struct tt_str value = unescape(walk->reader, node->text, node->escaped);
        if (walk->reader->status == TT_OK && !expand(walk, node, value)) {
            add_lines(walk, node, value);
        }
        return;
    }
    struct tt_leaf leaf = {.kind = node->kind == TT_JSON_NUMBER ? TT_LEAF_NUMBER : TT_LEAF_WORD,
                           .in_content = walk->tree->source->in_content,
                           .path = path_and(walk, TT_STR("")),
                           .value = node->text,
                           .margin = node->margin,
                           .offset = node->offset,
                           .length = node->length};
    if (node->kind == TT_JSON_NUMBER) {
        leaf.value = tt_leaf_number(walk->reader, node->text);
        leaf.raw = tt_str_eq(leaf.value, node->text) ? TT_STR("") : node->text;
    }
    tt_leaf_add(walk->reader, &leaf);
}

/* "content" and "system" may be a text or a list of parts. */
static bool
names_content(struct tt_str key)
{
    return tt_str_eq(key, TT_STR("content")) || tt_str_eq(key, TT_STR("system"));
}

static void
visit(struct walk *walk, const struct node *node, bool content, bool part)
{
    bool list = node->kind == TT_JSON_ARRAY_BEGIN;
    if (content && (list || node->kind == TT_JSON_STRING)) {
        add_leaf(walk, node, TT_LEAF_WORD, path_and(walk, TT_STR("#shape")), list ? TT_STR("list") : TT_STR("string"),
                 TT_STR(""));
    }
    if (list || node->kind == TT_JSON_OBJECT_BEGIN) {
        open_container(walk, node, content && list, part);
    } else {
        add_scalar(walk, node);
    }
}

/* The path of a child, behind that of its container. */
static void
add_step(struct walk *walk, const struct frame *frame, const struct child *child)
{
    if (walk->path.len > TT_LEAF_PATH_MAX) {
        return;
    }
    if (frame->node->kind == TT_JSON_OBJECT_BEGIN) {
        if (!(frame->is_part && tt_str_eq(child->name, TT_STR("text")))) {
            tt_buf_add(&walk->path, frame->is_part ? TT_STR("[]") : TT_STR(""));
            tt_json_path_add_name(&walk->path, tt_str_slice(child->name, 0, TT_LEAF_PATH_MAX));
        }
        return;
    }
    if (child->name.ptr) {
        tt_buf_add_char(&walk->path, '[');
        tt_buf_add(&walk->path, tt_str_slice(child->name, 0, TT_LEAF_PATH_MAX));
        tt_buf_add_char(&walk->path, ']');
    } else if (!(frame->is_content && is_text_part(walk->tree, &walk->tree->nodes[child->number]))) {
        tt_buf_add_cstr(&walk->path, "[]");
    }
}

static void
walk_tree(struct walk *walk)
{
    visit(walk, &walk->tree->nodes[0], false, false);
    while (walk->depth > 0 && walk->reader->status == TT_OK && !walk->reader->out->cut) {
        struct frame *frame = &walk->frames[walk->depth - 1];
        walk->path.len = frame->path;
        if (frame->at == frame->count) {
            walk->depth--;
            continue;
        }
        const struct child *child = &frame->children[frame->at++];
        const struct node *node = &walk->tree->nodes[child->number];
        bool object = frame->node->kind == TT_JSON_OBJECT_BEGIN;
        add_step(walk, frame, child);
        if (walk->path.status != TT_OK) {
            walk->reader->status = TT_E_MEMORY;
        } else {
            visit(walk, node, object && names_content(child->name),
                  frame->is_content && !child->name.ptr && is_text_part(walk->tree, node));
        }
    }
}

/* ---- documents: those inside of strings wait in a queue, so that nothing recurses ---- */

/* The names of the top object, sorted, and how many tools it has: what kind of request it is. */
static void
set_shape(struct tt_leaf_reader *reader, struct walk *walk)
{
    struct frame frame = {.node = &walk->tree->nodes[0]};
    if (frame.node->kind != TT_JSON_OBJECT_BEGIN || !list_children(walk, &frame)) {
        return;
    }
    sort_children(&frame);
    const struct node *tools = member(walk->tree, frame.node, TT_STR("tools"));
    struct tt_str names = write_names(walk, &frame);
    tt_buf_clear(&reader->scratch);
    tt_buf_add(&reader->scratch, names);
    tt_buf_add_u64(&reader->scratch, tools ? tools->count : 0);
    reader->out->shape = tt_leaf_keep(reader, tt_buf_str(&reader->scratch));
}

bool
tt_leaf_may_be_json(struct tt_str text)
{
    size_t from = 0, to = text.len;
    while (from < to && (text.ptr[from] == ' ' || text.ptr[from] == '\n' || text.ptr[from] == '\r' || text.ptr[from] == '\t')) {
        from++;
    }
    while (to > from &&
           (text.ptr[to - 1] == ' ' || text.ptr[to - 1] == '\n' || text.ptr[to - 1] == '\r' || text.ptr[to - 1] == '\t')) {
        to--;
    }
    return to - from >= 2 &&
           ((text.ptr[from] == '{' && text.ptr[to - 1] == '}') || (text.ptr[from] == '[' && text.ptr[to - 1] == ']'));
}

bool
tt_leaf_add_json(struct tt_leaf_reader *reader, const struct tt_leaf_source *source, struct tt_str path)
{
    struct tt_leaf_tree *tree = tt_arena_get(reader->arena, sizeof(*tree));
    struct tt_leaf_source *copy = tt_arena_get(reader->arena, sizeof(*copy));
    if (!tree || !copy || reader->status != TT_OK) {
        reader->status = TT_E_MEMORY;
        return false;
    }
    *copy = *source;
    *tree = (struct tt_leaf_tree) {.reader = reader, .source = copy, .path = path};
    if (!read_tree(tree)) {
        return false;
    }
    if (reader->last_tree) {
        reader->last_tree->later = tree;
    } else {
        reader->first_tree = tree;
    }
    reader->last_tree = tree;
    return true;
}

static bool
is_white(struct tt_str text)
{
    size_t i = 0;
    while (i < text.len && (text.ptr[i] == ' ' || text.ptr[i] == '\t' || text.ptr[i] == '\r' || text.ptr[i] == '\n')) {
        i++;
    }
    return i == text.len;
}

void
tt_leaf_walk(struct tt_leaf_reader *reader)
{
    struct walk *walk = reader->first_tree ? tt_arena_get(reader->arena, sizeof(*walk)) : NULL;
    if (!walk) {
        reader->status = reader->first_tree ? TT_E_MEMORY : reader->status;
        return;
    }
    *walk = (struct walk) {.reader = reader};
    tt_buf_init(&walk->path, reader->arena->alloc, 16 * TT_LEAF_PATH_MAX);
    for (; reader->first_tree && reader->status == TT_OK; reader->first_tree = reader->first_tree->later) {
        struct tt_leaf_tree *tree = reader->first_tree;
        walk->tree = tree;
        walk->depth = 0;
        tt_buf_clear(&walk->path);
        tt_buf_add(&walk->path, tree->path);
        if (tt_str_eq(tree->path, TT_STR("$"))) {
            set_shape(reader, walk);
        }
        walk_tree(walk);
        struct tt_str tail = tt_str_slice(tree->source->text, tree->end, tree->source->text.len);
        if (tail.len > 0) {
            walk->path.len = tree->path.len;
            add_leaf(walk, &tree->nodes[0], TT_LEAF_WORD, path_and(walk, TT_STR("#tail")), is_white(tail) ? TT_STR("") : tail,
                     tail);
        }
    }
    tt_buf_free(&walk->path);
}
