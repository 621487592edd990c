/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request of HTTP/1 (RFC 9112), or a message of a WebSocket, as leaves: request line, headers, body.
 *
 * Input: any bytes; what breaks the grammar becomes text.  Output: leaves, whose strings are borrowed from the exchange or lie in the arena.
 * Left out are lengths, which follow from the rest: content-length, and the sizes of chunks unless the body is equal (TT_LEAF_FORM).
 */
#include "probe/leaf.h"

#include "base/hash.h"
#include "base/limits.h"
#include "probe/leaf_parts.h"
#include "json/string.h"

#include <stdlib.h>

/* ---- shared ---- */

struct tt_str
tt_leaf_keep(struct tt_leaf_reader *reader, struct tt_str s)
{
    struct tt_str out = {"", 0};
    if (reader->status == TT_OK && s.len > 0) {
        reader->status = tt_arena_dup(reader->arena, s, &out);
    }
    return out;
}

struct tt_str
tt_leaf_join(struct tt_leaf_reader *reader, struct tt_str a, struct tt_str b)
{
    char *p = reader->status == TT_OK ? tt_arena_get(reader->arena, a.len + b.len + 1) : NULL;
    if (!p) {
        reader->status = TT_E_MEMORY;
        return (struct tt_str) {"", 0};
    }
    if (a.len > 0) {
        memcpy(p, a.ptr, a.len);
    }
    if (b.len > 0) {
        memcpy(p + a.len, b.ptr, b.len);
    }
    return tt_str_make(p, a.len + b.len);
}

static bool
grow(struct tt_leaf_reader *reader)
{
    struct tt_leaves *out = reader->out;
    size_t room = out->room ? out->room * 2 : 64;
    struct tt_leaf *items = tt_arena_get(reader->arena, room * sizeof(*items));
    if (!items) {
        reader->status = TT_E_MEMORY;
        return false;
    }
    if (out->count > 0) {
        memcpy(items, out->items, out->count * sizeof(*items));
    }
    out->items = items;
    out->room = room;
    return true;
}

void
tt_leaf_add(struct tt_leaf_reader *reader, const struct tt_leaf *leaf)
{
    struct tt_leaves *out = reader->out;
    if (out->count == TT_LEAVES_MAX) {
        out->cut = true;
        return;
    }
    if (reader->status == TT_OK && (out->count < out->room || grow(reader))) {
        out->items[out->count++] = *leaf;
    }
}

/* ---- percent-encoding, queries ---- */

static struct tt_str
percent_decode(struct tt_leaf_reader *reader, struct tt_str raw, bool plus)
{
    if (raw.len == 0 || (!memchr(raw.ptr, '%', raw.len) && !(plus && memchr(raw.ptr, '+', raw.len)))) {
        return raw;
    }
    tt_buf_clear(&reader->scratch);
    for (size_t i = 0; i < raw.len; i++) {
        int high = i + 2 < raw.len && raw.ptr[i] == '%' ? tt_ascii_hex((unsigned char) raw.ptr[i + 1]) : -1;
        int low = high >= 0 ? tt_ascii_hex((unsigned char) raw.ptr[i + 2]) : -1;
        if (low >= 0) {
            tt_buf_add_char(&reader->scratch, (char) (high << 4 | low));
            i += 2;
        } else {
            tt_buf_add_char(&reader->scratch, plus && raw.ptr[i] == '+' ? ' ' : raw.ptr[i]);
        }
    }
    if (reader->scratch.status != TT_OK) {
        reader->status = TT_E_MEMORY;
    }
    return tt_leaf_keep(reader, tt_buf_str(&reader->scratch));
}

static size_t
find(struct tt_str s, size_t from, char c)
{
    const char *found = from < s.len ? memchr(s.ptr + from, c, s.len - from) : NULL;
    return found ? (size_t) (found - s.ptr) : s.len;
}

/* A leaf whose raw form is told only where it differs. */
static void
add_text(struct tt_leaf_reader *reader, const struct tt_leaf_source *source, size_t from, struct tt_str path, struct tt_str value,
         struct tt_str raw)
{
    struct tt_leaf leaf = {.kind = TT_LEAF_TEXT,
                           .in_content = source->in_content,
                           .path = path,
                           .value = value,
                           .raw = tt_str_eq(raw, value) ? TT_STR("") : raw,
                           .offset = source->offset + from,
                           .length = raw.len};
    tt_leaf_add(reader, &leaf);
}

struct parameter {
    struct tt_str name, raw; /* name decoded */
    size_t offset, number;
};

static int
by_parameter(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    size_t least = x->name.len < y->name.len ? x->name.len : y->name.len;
    int order = least ? memcmp(x->name.ptr, y->name.ptr, least) : 0;
    if (order == 0) {
        order = x->name.len != y->name.len ? (x->name.len < y->name.len ? -1 : 1) : (x->number < y->number ? -1 : 1);
    }
    return order;
}

static size_t
count_parameters(struct tt_str text)
{
    size_t count = 1;
    for (size_t i = 0; i < text.len; i++) {
        count += text.ptr[i] == '&';
    }
    return count;
}

/* The parameters in their order; *names gets the names, a line feed behind each. */
static size_t
split_query(struct tt_leaf_reader *reader, struct tt_str text, struct parameter *list, struct tt_str *names)
{
    struct tt_buf buf;
    size_t count = 0;
    tt_buf_init(&buf, reader->arena->alloc, TT_LEAF_ARENA);
    for (size_t pos = 0; pos < text.len; count++) {
        size_t end = find(text, pos, '&');
        struct tt_str pair = tt_str_slice(text, pos, end);
        size_t equals = find(pair, 0, '=');
        list[count].name = percent_decode(reader, tt_str_slice(pair, 0, equals), true);
        list[count].raw = tt_str_slice(pair, equals + 1, pair.len);
        list[count].offset = pos + (equals < pair.len ? equals + 1 : equals);
        list[count].number = count;
        tt_buf_add(&buf, list[count].name);
        tt_buf_add_char(&buf, '\n');
        pos = end + 1;
    }
    if (buf.status != TT_OK) {
        reader->status = TT_E_MEMORY;
    }
    *names = tt_leaf_keep(reader, tt_buf_str(&buf));
    tt_buf_free(&buf);
    return count;
}

void
tt_leaf_add_query(struct tt_leaf_reader *reader, const struct tt_leaf_source *source, struct tt_str path)
{
    struct parameter *list = tt_arena_get(reader->arena, count_parameters(source->text) * sizeof(*list));
    struct tt_str names;
    if (!list) {
        reader->status = TT_E_MEMORY;
        return;
    }
    size_t count = split_query(reader, source->text, list, &names);
    if (reader->status == TT_OK && count > 1) {
        qsort(list, count, sizeof(*list), by_parameter);
    }
    for (size_t i = 0; i < count && reader->status == TT_OK && !reader->out->cut; i++) {
        struct tt_str place =
            tt_leaf_join(reader, path, tt_leaf_join(reader, TT_STR("?"), tt_str_slice(list[i].name, 0, TT_LEAF_PATH_MAX)));
        add_text(reader, source, list[i].offset, place, percent_decode(reader, list[i].raw, true), list[i].raw);
    }
    struct tt_leaf order = {.kind = TT_LEAF_ORDER,
                            .in_content = source->in_content,
                            .path = tt_leaf_join(reader, path, TT_STR("?#order")),
                            .value = names,
                            .offset = source->offset,
                            .length = source->text.len};
    tt_leaf_add(reader, &order);
}

/* ---- request line ---- */

/* Where the path of a target begins: behind scheme and host, if it has them. */
static size_t
path_start(struct tt_str target)
{
    for (size_t i = 0; i + 2 < target.len && target.ptr[i] != '/' && target.ptr[i] != '?'; i++) {
        if (target.ptr[i] == ':' && target.ptr[i + 1] == '/' && target.ptr[i + 2] == '/') {
            return find(target, i + 3, '/');
        }
    }
    return 0;
}

static void
read_target(struct tt_leaf_reader *reader, struct tt_str target, uint64_t offset)
{
    size_t start = path_start(target);
    size_t question = find(target, start, '?');
    struct tt_str raw = tt_str_slice(target, start, question);
    struct tt_leaf_source source = {.text = tt_str_slice(target, question + 1, target.len), .offset = offset + question + 1};
    struct tt_leaf_source whole = {.text = target, .offset = offset};
    reader->out->path = percent_decode(reader, raw, false);
    add_text(reader, &whole, 0, TT_STR("#origin"), tt_str_slice(target, 0, start), tt_str_slice(target, 0, start));
    add_text(reader, &whole, start, TT_STR("#path"), reader->out->path, raw);
    if (source.text.len > 0) {
        tt_leaf_add_query(reader, &source, TT_STR("#path"));
    }
}

static void
read_request_line(struct tt_leaf_reader *reader, struct tt_str line)
{
    size_t one = find(line, 0, ' ');
    size_t two = line.len;
    while (two > one && line.ptr[two - 1] != ' ') {
        two--;
    }
    struct tt_leaf_source source = {.text = line};
    reader->out->method = tt_str_slice(line, 0, one);
    add_text(reader, &source, 0, TT_STR("#method"), reader->out->method, reader->out->method);
    if (two > one + 1) {
        read_target(reader, tt_str_slice(line, one + 1, two - 1), one + 1);
        struct tt_str version = tt_str_slice(line, two, line.len);
        add_text(reader, &source, two, TT_STR("#version"), version, version);
    } else {
        struct tt_str rest = tt_str_slice(line, one, line.len);
        add_text(reader, &source, one, TT_STR("#path"), rest, rest);
    }
}

/* ---- headers ---- */

struct header {
    struct tt_str name, value; /* raw */
    struct tt_str lower;       /* name in lower case */
    struct tt_str margin;      /* name, colon and blanks, as they came */
    uint64_t offset;           /* of value */
    size_t number;
};

static int
by_name(const void *a, const void *b)
{
    const struct header *x = a, *y = b;
    size_t least = x->lower.len < y->lower.len ? x->lower.len : y->lower.len;
    int order = least ? memcmp(x->lower.ptr, y->lower.ptr, least) : 0;
    if (order == 0) {
        order = x->lower.len != y->lower.len ? (x->lower.len < y->lower.len ? -1 : 1) : (x->number < y->number ? -1 : 1);
    }
    return order;
}

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static struct tt_str
lower_case(struct tt_leaf_reader *reader, struct tt_str s)
{
    struct tt_str copy = tt_leaf_join(reader, s, TT_STR(""));
    char *p = reader->status == TT_OK ? (char *) (uintptr_t) copy.ptr : NULL; /* our own copy */
    for (size_t i = 0; p && i < copy.len; i++) {
        p[i] = (char) tt_ascii_lower((unsigned char) p[i]);
    }
    return copy;
}

/* Cuts a line of the head into name and value. */
static void
read_header(struct tt_leaf_reader *reader, struct tt_str line, uint64_t offset, struct header *out)
{
    size_t colon = find(line, 0, ':');
    size_t from = colon < line.len ? colon + 1 : colon;
    size_t to = line.len;
    while (from < to && is_blank(line.ptr[from])) {
        from++;
    }
    while (to > from && is_blank(line.ptr[to - 1])) {
        to--;
    }
    out->name = tt_str_slice(line, 0, colon);
    out->value = tt_str_slice(line, from, to);
    out->lower = lower_case(reader, out->name);
    out->margin = tt_leaf_join(reader, tt_str_slice(line, 0, from), tt_str_slice(line, to, line.len));
    out->offset = offset + from;
}

/* Every leaf can be named: a line that begins with a colon has no name of its own. */
static struct tt_str
path_of(const struct header *header)
{
    return header->lower.len > 0 ? header->lower : TT_STR("#nameless");
}

/* The value of a header may be JSON, as it stands or percent-encoded. */
static bool
add_inside(struct tt_leaf_reader *reader, const struct header *header)
{
    struct tt_leaf_source source = {.text = header->value, .offset = header->offset};
    struct tt_str suffix = TT_STR("(json)");
    if (!tt_leaf_may_be_json(header->value)) {
        struct tt_str decoded = percent_decode(reader, header->value, false);
        if (decoded.ptr == header->value.ptr || !tt_leaf_may_be_json(decoded)) {
            return false;
        }
        source = (struct tt_leaf_source) {.text = decoded, .fixed = true, .offset = header->offset, .length = header->value.len};
        suffix = TT_STR("(percent)(json)");
    }
    return tt_leaf_add_json(reader, &source, tt_leaf_join(reader, path_of(header), suffix));
}

static void
add_header(struct tt_leaf_reader *reader, const struct header *header)
{
    struct tt_leaf leaf = {.kind = TT_LEAF_TEXT,
                           .path = path_of(header),
                           .value = header->value,
                           .margin = header->margin,
                           .offset = header->offset,
                           .length = header->value.len};
    if (tt_str_eq(header->lower, TT_STR("content-length"))) {
        leaf.value = TT_STR(""); /* it follows from the body; the spelling of its name does not */
    } else if (add_inside(reader, header)) {
        leaf.value = TT_STR("(json)");
    }
    tt_leaf_add(reader, &leaf);
}

/* The order of headers; a name that comes again counts as itself. */
static void
add_order(struct tt_leaf_reader *reader, const struct header *headers, size_t count, size_t length)
{
    size_t room = 0;
    for (size_t i = 0; i < count; i++) {
        room += headers[i].name.len + 1;
    }
    char *raw = tt_arena_get(reader->arena, room + 1);
    char *lower = tt_arena_get(reader->arena, room + 1);
    if (!raw || !lower || reader->status != TT_OK) {
        reader->status = TT_E_MEMORY;
        return;
    }
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        memcpy(raw + at, headers[i].name.ptr, headers[i].name.len);
        memcpy(lower + at, headers[i].lower.ptr, headers[i].lower.len);
        at += headers[i].name.len;
        raw[at] = lower[at] = '\n';
        at++;
    }
    reader->out->head_names = tt_str_make(raw, at);
    struct tt_leaf leaf = {
        .kind = TT_LEAF_ORDER, .path = TT_STR("#hdr-order"), .value = tt_str_make(lower, at), .length = length};
    tt_leaf_add(reader, &leaf);
}

static size_t
count_lines(struct tt_str text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.len; i++) {
        lines += text.ptr[i] == '\n';
    }
    return lines;
}

static void
read_head(struct tt_leaf_reader *reader, const struct tt_exchange *exchange)
{
    struct tt_str head = exchange->head;
    size_t count = 0;
    struct header *headers = tt_arena_get(reader->arena, count_lines(head) * sizeof(*headers));
    if (!headers) {
        reader->status = TT_E_MEMORY;
        return;
    }
    for (size_t pos = 0; pos < head.len;) {
        size_t end = find(head, pos, '\n');
        size_t stop = end > pos && head.ptr[end - 1] == '\r' ? end - 1 : end;
        struct tt_str line = tt_str_slice(head, pos, stop);
        if (pos == 0) {
            read_request_line(reader, line);
        } else if (line.len > 0) {
            headers[count].number = count;
            read_header(reader, line, pos, &headers[count++]);
        }
        pos = end + 1;
    }
    add_order(reader, headers, count, head.len);
    if (reader->status == TT_OK && count > 0) {
        qsort(headers, count, sizeof(*headers), by_name);
    }
    for (size_t i = 0; i < count && reader->status == TT_OK; i++) {
        add_header(reader, &headers[i]);
    }
}

/* ---- framing ---- */

static struct tt_str
digest(struct tt_leaf_reader *reader, struct tt_str bytes)
{
    unsigned char hash[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, bytes);
    tt_sha256_end(&sha, hash);
    return tt_leaf_keep(reader, tt_str_make(hash, sizeof(hash)));
}

static void
add_form(struct tt_leaf_reader *reader, const struct tt_exchange *exchange, struct tt_str path, struct tt_str form)
{
    struct tt_leaf leaf = {.kind = TT_LEAF_FORM,
                           .path = path,
                           .value = digest(reader, exchange->content),
                           .raw = form,
                           .offset = exchange->head.len,
                           .length = exchange->body.len};
    tt_leaf_add(reader, &leaf);
}

/* The size at the beginning of a line of chunks. */
static size_t
chunk_size(struct tt_str line)
{
    size_t size = 0;
    for (size_t i = 0; i < line.len && tt_ascii_hex((unsigned char) line.ptr[i]) >= 0 && size < SIZE_MAX >> 5; i++) {
        size = size << 4 | (size_t) tt_ascii_hex((unsigned char) line.ptr[i]);
    }
    return size;
}

/* The lines between the chunks: sizes as they are written, extensions, trailers. */
static void
add_chunks(struct tt_leaf_reader *reader, const struct tt_exchange *exchange)
{
    struct tt_str body = exchange->body;
    tt_buf_clear(&reader->scratch);
    for (size_t pos = 0; pos < body.len;) {
        size_t end = find(body, pos, '\n');
        struct tt_str line = tt_str_slice(body, pos, end);
        size_t size = chunk_size(line);
        tt_buf_add(&reader->scratch, line);
        tt_buf_add_char(&reader->scratch, '\n');
        size_t left = body.len - (end < body.len ? end + 1 : end);
        pos = end + 1 + (size > 0 && size < left ? size + 2 : 0);
        if (size >= left && size > 0) {
            break;
        }
    }
    if (reader->scratch.status != TT_OK) {
        reader->status = TT_E_MEMORY;
        return;
    }
    add_form(reader, exchange, TT_STR("#chunks"), tt_leaf_keep(reader, tt_buf_str(&reader->scratch)));
}

static const struct tt_str codings[] = {TT_STR_INIT("none"), TT_STR_INIT("gzip"), TT_STR_INIT("zstd"), TT_STR_INIT("deflate"),
                                        TT_STR_INIT("other")};

static void
add_framing(struct tt_leaf_reader *reader, const struct tt_exchange *exchange)
{
    if (exchange->chunked) {
        add_chunks(reader, exchange);
    }
    if (exchange->coding != TT_ENCODED_NOT && exchange->coding <= TT_ENCODED_OTHER) {
        struct tt_str name = codings[exchange->coding];
        struct tt_leaf leaf = {.kind = TT_LEAF_WORD, .path = TT_STR("#coding"), .value = name, .offset = exchange->head.len};
        tt_leaf_add(reader, &leaf);
        if (exchange->decoded && !exchange->chunked) { /* with chunks, #chunks holds the layout, and sizes the rest */
            add_form(reader, exchange, TT_STR("#coded"), digest(reader, exchange->body));
        }
    }
}

/* ---- body ---- */

static bool
is_form(const struct tt_leaves *out)
{
    for (size_t i = 0; i < out->count; i++) {
        if (tt_str_eq(out->items[i].path, TT_STR("content-type"))) {
            return tt_str_starts(out->items[i].value, TT_STR("application/x-www-form-urlencoded"));
        }
    }
    return false;
}

/* Lines, of which each may be a document of JSON. */
static void
read_lines(struct tt_leaf_reader *reader, const struct tt_leaf_source *source)
{
    for (size_t pos = 0; pos < source->text.len && reader->out->count < TT_LEAVES_MAX && reader->status == TT_OK;) {
        size_t end = find(source->text, pos, '\n');
        struct tt_leaf_source line = *source;
        line.text = tt_str_slice(source->text, pos, end);
        line.offset = source->offset + pos;
        if (!tt_leaf_may_be_json(line.text) || !tt_leaf_add_json(reader, &line, TT_STR("body(json)"))) {
            add_text(reader, &line, 0, TT_STR("body"), line.text, line.text);
        }
        pos = end + 1;
        reader->out->cut = reader->out->cut || (reader->out->count == TT_LEAVES_MAX && pos < source->text.len);
    }
}

static void
read_body(struct tt_leaf_reader *reader, const struct tt_exchange *exchange)
{
    bool own = exchange->content.ptr == exchange->body.ptr && exchange->content.len == exchange->body.len;
    struct tt_leaf_source source = {.text = exchange->content, .in_content = !own, .offset = own ? exchange->head.len : 0};
    if (source.text.len == 0) {
        return;
    }
    if (is_form(reader->out)) {
        tt_leaf_add_query(reader, &source, TT_STR("body"));
    } else if (tt_leaf_add_json(reader, &source, TT_STR("$"))) {
        reader->out->is_json = true;
    } else {
        read_lines(reader, &source);
    }
}

enum tt_status
tt_leaf_read(const struct tt_exchange *exchange, struct tt_arena *arena, struct tt_leaves *out)
{
    struct tt_leaf_reader reader = {.arena = arena, .out = out};
    *out = (struct tt_leaves) {0};
    tt_buf_init(&reader.scratch, arena->alloc, TT_LEAF_ARENA);
    if (exchange->kind == TT_EXCHANGE_HTTP) {
        read_head(&reader, exchange);
        add_framing(&reader, exchange);
    } else {
        out->method = TT_STR("MESSAGE");
    }
    if (reader.status == TT_OK) {
        read_body(&reader, exchange);
        tt_leaf_walk(&reader);
    }
    tt_buf_free(&reader.scratch);
    return reader.status;
}
