/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Heads and chunks of requests; see mock_http.h.  RFC 9112, sections 2 to 7.
 *
 * In: bytes as far as they have arrived.  Out: borrowed parts of them.  Allocates nothing.
 * Lenient: lines may end in a bare line feed, and a header line that is none is passed over.  Strict only where the end of the request would be in doubt:
 * two different lengths, a length that is no number, a chunk size that is none.
 */
#include "probe/mock_http.h"

#include "base/limits.h"

#define METHOD_MAX 32

/* ---- words ---- */

/* Takes the next word of a list with commas; false at its end. */
static bool
next_word(struct tt_str *list, struct tt_str *word)
{
    if (list->len == 0) {
        return false;
    }
    const char *comma = memchr(list->ptr, ',', list->len);
    size_t end = comma ? (size_t) (comma - list->ptr) : list->len;
    *word = tt_str_trim(tt_str_slice(*list, 0, end));
    *list = tt_str_slice(*list, end + 1, list->len);
    return true;
}

static bool
has_word(struct tt_str list, const char *word)
{
    struct tt_str one;
    while (next_word(&list, &one)) {
        if (tt_str_eq_folded(one, tt_str_cstr(word))) {
            return true;
        }
    }
    return false;
}

/* RFC 9110, section 5.6.2. */
static bool
is_token_char(char c)
{
    return tt_ascii_is_alnum((unsigned char) c) || (c && strchr("!#$%&'*+-.^_`|~", c));
}

/* ---- the request line ---- */

static bool
nonsense(struct tt_mock_head *head, const char *why)
{
    head->why = why;
    return false;
}

/* The method must be one before the line's end is there: other protocols are recognised at their first bytes. */
static bool
check_start(struct tt_str bytes, struct tt_mock_head *head)
{
    size_t n = 0;
    while (n < bytes.len && n <= METHOD_MAX && is_token_char(bytes.ptr[n])) {
        n++;
    }
    if (n > METHOD_MAX || (n < bytes.len && (n == 0 || bytes.ptr[n] != ' '))) {
        return nonsense(head, bytes.len > 0 && (bytes.ptr[0] == 4 || bytes.ptr[0] == 5) ? "SOCKS" : "no request line");
    }
    return true;
}

/* Parts a target in absolute form or in origin form into its path and its query. */
static void
split_target(struct tt_mock_head *head)
{
    struct tt_str rest = head->target;
    const char *scheme = tt_str_find(rest, TT_STR("://"));
    if (scheme && rest.ptr[0] != '/') {
        rest = tt_str_slice(rest, (size_t) (scheme - rest.ptr) + 3, rest.len);
        const char *slash = memchr(rest.ptr, '/', rest.len);
        rest = slash ? tt_str_slice(rest, (size_t) (slash - rest.ptr), rest.len) : TT_STR("/");
    }
    size_t end = 0;
    while (end < rest.len && rest.ptr[end] != '?' && rest.ptr[end] != '#') {
        end++;
    }
    head->path = tt_str_slice(rest, 0, end);
    head->query = tt_str_slice(rest, end + 1, rest.len);
}

static bool
read_request_line(struct tt_str line, struct tt_mock_head *head)
{
    const char *first = memchr(line.ptr, ' ', line.len), *last = memrchr(line.ptr, ' ', line.len);
    if (!first || first == last) {
        return nonsense(head, "no request line");
    }
    size_t from = (size_t) (first - line.ptr), to = (size_t) (last - line.ptr);
    struct tt_str version = tt_str_slice(line, to + 1, line.len);
    head->method = tt_str_slice(line, 0, from);
    head->target = tt_str_trim(tt_str_slice(line, from, to));
    if (tt_str_starts(version, TT_STR("HTTP/2"))) {
        return nonsense(head, "HTTP/2");
    }
    if (!tt_str_starts(version, TT_STR("HTTP/1.")) || head->target.len == 0) {
        return nonsense(head, "no request line");
    }
    head->old = tt_str_eq(version, TT_STR("HTTP/1.0"));
    head->keep_alive = !head->old;
    split_target(head);
    return true;
}

/* ---- headers ---- */

static bool
read_length(struct tt_str value, struct tt_mock_head *head, bool *seen)
{
    uint64_t length = 0;
    if (value.len == 0 || value.len > 18) {
        return nonsense(head, "Content-Length is no number");
    }
    for (size_t i = 0; i < value.len; i++) {
        if (!tt_ascii_is_digit((unsigned char) value.ptr[i])) {
            return nonsense(head, "Content-Length is no number");
        }
        length = length * 10 + (uint64_t) (value.ptr[i] - '0');
    }
    if (*seen && head->content_length != length) {
        return nonsense(head, "two values of Content-Length");
    }
    *seen = true;
    head->content_length = length;
    return true;
}

static bool
read_header(struct tt_str name, struct tt_str value, struct tt_mock_head *head, bool *has_length)
{
    if (tt_str_eq_folded(name, TT_STR("content-length"))) {
        return read_length(value, head, has_length);
    }
    if (tt_str_eq_folded(name, TT_STR("transfer-encoding"))) {
        head->chunked = head->chunked || has_word(value, "chunked");
    } else if (tt_str_eq_folded(name, TT_STR("connection")) || tt_str_eq_folded(name, TT_STR("proxy-connection"))) {
        head->keep_alive = has_word(value, "close") ? false : head->keep_alive || has_word(value, "keep-alive");
    } else if (tt_str_eq_folded(name, TT_STR("expect"))) {
        head->expects = tt_str_eq_folded(value, TT_STR("100-continue"));
    } else if (tt_str_eq_folded(name, TT_STR("upgrade"))) {
        head->upgrade = head->upgrade || has_word(value, "websocket");
    } else if (tt_str_eq_folded(name, TT_STR("sec-websocket-key"))) {
        head->socket_key = value;
    } else if (tt_str_eq_folded(name, TT_STR("content-encoding"))) {
        head->content_encoding = value;
    }
    return true;
}

static struct tt_str
next_line(struct tt_str *rest)
{
    const char *feed = memchr(rest->ptr, '\n', rest->len);
    size_t end = feed ? (size_t) (feed - rest->ptr) : rest->len;
    struct tt_str line = tt_str_slice(*rest, 0, end);
    *rest = tt_str_slice(*rest, end + 1, rest->len);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

static bool
read_lines(struct tt_str rest, struct tt_mock_head *head)
{
    bool has_length = false;
    if (!read_request_line(next_line(&rest), head)) {
        return false;
    }
    while (rest.len > 0) {
        struct tt_str line = next_line(&rest);
        const char *colon = line.len > 0 ? memchr(line.ptr, ':', line.len) : NULL;
        if (!colon || line.ptr[0] == ' ' || line.ptr[0] == '\t') {
            continue;
        }
        size_t at = (size_t) (colon - line.ptr);
        if (!read_header(tt_str_trim(tt_str_slice(line, 0, at)), tt_str_trim(tt_str_slice(line, at + 1, line.len)), head,
                         &has_length)) {
            return false;
        }
    }
    if (head->chunked) {
        head->content_length = 0; /* the chunks say where it ends: RFC 9112, section 6.3 */
    }
    return true;
}

/* The length of the head, or 0 while its blank line is missing. */
static size_t
find_end(struct tt_str bytes, size_t *searched)
{
    const char *feed;
    for (size_t at = *searched; at < bytes.len && (feed = memchr(bytes.ptr + at, '\n', bytes.len - at)) != NULL;) {
        at = (size_t) (feed - bytes.ptr) + 1;
        *searched = at - 1; /* what decides may stand behind this line feed, and not be here yet */
        struct tt_str rest = tt_str_slice(bytes, at, bytes.len);
        if (tt_str_starts(rest, TT_STR("\n"))) {
            return at + 1;
        }
        if (tt_str_starts(rest, TT_STR("\r\n"))) {
            return at + 2;
        }
    }
    if (bytes.len > *searched + 2) {
        *searched = bytes.len; /* the line at hand is not blank */
    }
    return 0;
}

enum tt_got
tt_mock_head_read(struct tt_str bytes, size_t *searched, struct tt_mock_head *head)
{
    *head = (struct tt_mock_head) {.why = NULL};
    if (!check_start(bytes, head)) {
        return TT_GOT_NONSENSE;
    }
    head->length = find_end(bytes, searched);
    if (head->length > TT_PROBE_HEAD_MAX || (head->length == 0 && bytes.len > TT_PROBE_HEAD_MAX)) {
        head->why = "a head over the limit";
        return TT_GOT_NONSENSE;
    }
    if (head->length == 0) {
        return TT_GOT_PART;
    }
    return read_lines(tt_str_slice(bytes, 0, head->length), head) ? TT_GOT_ALL : TT_GOT_NONSENSE;
}

/* ---- chunks ---- */

enum chunk_state { SIZE, EXTENSION, DATA, DATA_CR, DATA_LF, TRAILER, DONE };

static bool
take_size(struct tt_mock_chunks *c, char byte)
{
    int digit = c->state == SIZE ? tt_ascii_hex((unsigned char) byte) : -1;
    if (digit >= 0) {
        c->left = c->left * 16 + (uint64_t) digit;
        return ++c->digits <= 15;
    }
    c->state = EXTENSION;
    if (byte == '\n') {
        c->state = c->left > 0 ? DATA : TRAILER;
        c->line = 0;
    }
    return c->digits > 0;
}

/* The end of the line behind data. */
static bool
take_data_end(struct tt_mock_chunks *c, char byte)
{
    if (byte == '\r' && c->state == DATA_CR) {
        c->state = DATA_LF;
        return true;
    }
    c->state = SIZE;
    c->digits = 0;
    c->line = 0;
    return byte == '\n';
}

static void
take_trailer(struct tt_mock_chunks *c, char byte)
{
    if (byte == '\n') {
        c->state = c->line == 1 ? DONE : TRAILER;
        c->line = 0;
    } else if (byte == '\r') {
        c->line--; /* so that an empty line has one byte either way */
    }
}

/* One byte of the framing.  False: it is none. */
static bool
take_framing(struct tt_mock_chunks *c, char byte)
{
    if (++c->line > TT_PROBE_HEAD_MAX) {
        return false;
    }
    switch ((enum chunk_state) c->state) {
    case SIZE:
    case EXTENSION: return take_size(c, byte);
    case DATA_CR:
    case DATA_LF: return take_data_end(c, byte);
    case TRAILER: take_trailer(c, byte); return true;
    default: return false;
    }
}

enum tt_got
tt_mock_chunks_read(struct tt_mock_chunks *c, struct tt_str bytes, size_t *used, struct tt_buf *content)
{
    *used = 0;
    while (*used < bytes.len && c->state != DONE) {
        if (c->state != DATA) {
            if (!take_framing(c, bytes.ptr[(*used)++])) {
                return TT_GOT_NONSENSE;
            }
            continue;
        }
        size_t n = bytes.len - *used < c->left ? bytes.len - *used : (size_t) c->left;
        if (content) {
            tt_buf_add(content, tt_str_slice(bytes, *used, *used + n));
        }
        c->left -= n;
        c->total += n;
        *used += n;
        if (c->left == 0) {
            c->state = DATA_CR;
        }
    }
    return c->state == DONE ? TT_GOT_ALL : TT_GOT_PART;
}

/* ---- content codings ---- */

enum tt_exchange_coding
tt_mock_coding_of(struct tt_str content_encoding)
{
    static const struct {
        const char *name;
        enum tt_exchange_coding coding;
    } names[] = {
        {"", TT_ENCODED_NOT},        {"identity", TT_ENCODED_NOT}, {"gzip", TT_ENCODED_GZIP},
        {"x-gzip", TT_ENCODED_GZIP}, {"zstd", TT_ENCODED_ZSTD},    {"deflate", TT_ENCODED_DEFLATE},
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        if (tt_str_eq_folded(content_encoding, tt_str_cstr(names[i].name))) {
            return names[i].coding;
        }
    }
    return TT_ENCODED_OTHER;
}
