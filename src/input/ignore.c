/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Patterns of .gitignore files.
 *
 * Input: the bytes of a file; a path.  Output: what the last fitting pattern says.  A list owns a copy of its file.
 *
 * The meaning is that of gitignore(5) as git 2.39 carries it out, which tests compare.  Two details are not in that page: what
 * stands before the first wildcard is compared as it is, so that the rest begins a pattern of its own ("/a**" + "/b" fits
 * "ab"); and a range that never closes fits nothing.
 *
 * A pattern is not followed by trial and error: after each of its elements, the set of all places of the path that it can have
 * come to is known.  So the time is at most the product of both lengths, whatever a hostile file says.
 */
#include "input/ignore.h"

#include "base/limits.h"

struct tt_ignore_pattern {
    struct tt_str text;  /* without "!", and without the slash at the end or the beginning */
    size_t plain;        /* how many of its bytes stand before the first wildcard */
    bool keeps;          /* it began with "!" */
    bool directory;      /* it ended with a slash: only directories fit */
    bool name_only;      /* no slash in it: the last part of a path is compared */
    bool any_then_plain; /* "*.o" */
};

/* ---- Reading ---- */

/* How many bytes of text stand before the first wildcard. */
static size_t
plain_length(struct tt_str text)
{
    size_t n = 0;
    while (n < text.len && text.ptr[n] != '*' && text.ptr[n] != '?' && text.ptr[n] != '[' && text.ptr[n] != '\\') {
        n++;
    }
    return n;
}

/* Blanks at a line's end do not count unless a backslash stands before them.  Only spaces are blanks here. */
static struct tt_str
without_end_blanks(struct tt_str line)
{
    size_t end = 0;
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\\') {
            if (++i == line.len) {
                return line;
            }
            end = i + 1;
        } else if (line.ptr[i] != ' ') {
            end = i + 1;
        }
    }
    return tt_str_slice(line, 0, end);
}

static struct tt_ignore_pattern
read_pattern(struct tt_str text)
{
    struct tt_ignore_pattern pattern = {0};
    if (tt_str_starts(text, TT_STR("!"))) {
        pattern.keeps = true;
        text = tt_str_slice(text, 1, text.len);
    }
    if (tt_str_ends(text, TT_STR("/"))) {
        pattern.directory = true;
        text.len--;
    }
    pattern.name_only = text.len == 0 || !memchr(text.ptr, '/', text.len);
    if (tt_str_starts(text, TT_STR("/"))) {
        text = tt_str_slice(text, 1, text.len);
    }
    struct tt_str rest = tt_str_slice(text, 1, text.len);
    pattern.text = text;
    pattern.plain = plain_length(text);
    pattern.any_then_plain = pattern.name_only && tt_str_starts(text, TT_STR("*")) && plain_length(rest) == rest.len;
    return pattern;
}

static enum tt_status
add_pattern(struct tt_ignore_list *list, const struct tt_alloc *alloc, struct tt_str text)
{
    if (list->count == TT_IGNORE_PATTERNS_MAX) {
        return TT_E_LIMIT;
    }
    if (list->count == list->room) {
        size_t room = list->room ? list->room * 2 : 16;
        struct tt_ignore_pattern *grown =
            tt_alloc_resize(alloc, list->patterns, list->room * sizeof(*grown), room * sizeof(*grown));
        if (!grown) {
            return TT_E_MEMORY;
        }
        list->patterns = grown;
        list->room = room;
    }
    list->patterns[list->count++] = read_pattern(text);
    return TT_OK;
}

/* One line of the file, without its end.  A NUL ends it for git. */
static enum tt_status
read_line(struct tt_ignore_list *list, const struct tt_alloc *alloc, struct tt_str line)
{
    if (line.len == 0 || line.ptr[0] == '#') {
        return TT_OK;
    }
    if (line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    line.len = strnlen(line.ptr, line.len);
    return add_pattern(list, alloc, without_end_blanks(line));
}

enum tt_status
tt_ignore_list_read(struct tt_ignore_list *list, const struct tt_alloc *alloc, struct tt_str file)
{
    enum tt_status status = TT_OK;
    *list = (struct tt_ignore_list) {0};
    if (file.len > TT_IGNORE_FILE_MAX) {
        return TT_E_LIMIT;
    }
    if (tt_str_starts(file, TT_STR("\xEF\xBB\xBF"))) {
        file = tt_str_slice(file, 3, file.len);
    }
    if (file.len == 0) {
        return TT_OK;
    }
    list->text = tt_alloc_new(alloc, file.len);
    if (!list->text) {
        return TT_E_MEMORY;
    }
    list->text_size = file.len;
    memcpy(list->text, file.ptr, file.len);
    for (size_t at = 0; at < file.len && status == TT_OK;) {
        struct tt_str rest = tt_str_make(list->text + at, file.len - at);
        const char *line_end = memchr(rest.ptr, '\n', rest.len);
        size_t length = line_end ? (size_t) (line_end - rest.ptr) : rest.len;
        status = read_line(list, alloc, tt_str_slice(rest, 0, length));
        at += length + 1;
    }
    if (status != TT_OK) {
        tt_ignore_list_free(list, alloc);
    }
    return status;
}

void
tt_ignore_list_free(struct tt_ignore_list *list, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, list->patterns, list->room * sizeof(*list->patterns));
    tt_alloc_free(alloc, list->text, list->text_size);
    *list = (struct tt_ignore_list) {0};
}

/* ---- Ranges: [a-z] ---- */

struct range {
    bool fits[256];
};

static void
add_bytes(struct range *range, unsigned from, unsigned to)
{
    for (unsigned c = from; c <= to; c++) {
        range->fits[c] = true;
    }
}

/* Adds the ASCII class of that name; false when there is none. */
static bool
add_class(struct range *range, struct tt_str name)
{
    static const struct {
        struct tt_str name;
        const char *bytes; /* pairs: from, to */
    } classes[] = {
        {TT_STR_INIT("alnum"), "09AZaz"},   {TT_STR_INIT("alpha"), "AZaz"},
        {TT_STR_INIT("blank"), "  \t\t"},   {TT_STR_INIT("cntrl"), "\x01\x1F\x7F\x7F"},
        {TT_STR_INIT("digit"), "09"},       {TT_STR_INIT("graph"), "!~"},
        {TT_STR_INIT("lower"), "az"},       {TT_STR_INIT("print"), " ~"},
        {TT_STR_INIT("punct"), "!/:@[`{~"}, {TT_STR_INIT("space"), "  \t\r"},
        {TT_STR_INIT("upper"), "AZ"},       {TT_STR_INIT("xdigit"), "09AFaf"},
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        if (tt_str_eq(name, classes[i].name)) {
            for (const char *pair = classes[i].bytes; *pair; pair += 2) {
                add_bytes(range, (unsigned char) pair[0], (unsigned char) pair[1]);
            }
            return true;
        }
    }
    return false;
}

/* The byte at *at, behind a backslash if there is one; 0 at the text's end. */
static unsigned char
escaped_byte(struct tt_str text, size_t *at)
{
    if (*at < text.len && text.ptr[*at] == '\\') {
        ++*at;
    }
    return *at < text.len ? (unsigned char) text.ptr[*at] : 0;
}

/* "[:alpha:]" at at: the length of what stands between the colons, or -1 when it is not written so. */
static ptrdiff_t
class_length(struct tt_str text, size_t at)
{
    if (at + 1 >= text.len || text.ptr[at] != '[' || text.ptr[at + 1] != ':') {
        return -1;
    }
    const char *close = memchr(text.ptr + at + 2, ']', text.len - at - 2);
    ptrdiff_t length = close ? close - (text.ptr + at + 2) - 1 : 0;
    return close && length >= 0 && close[-1] == ':' ? length : -1;
}

/* Reads the range whose first byte behind "[" is at *at, up to behind its "]".  False: it is none, and fits nothing. */
static bool
read_range(struct tt_str text, size_t *at, struct range *range)
{
    size_t i = *at;
    unsigned char before = 0; /* what a "-" could start from */
    bool negated = i < text.len && (text.ptr[i] == '!' || text.ptr[i] == '^');
    *range = (struct range) {{false}};
    i += negated;
    for (bool first = true; i < text.len && (first || text.ptr[i] != ']'); first = false, i++) {
        ptrdiff_t class = class_length(text, i);
        if (text.ptr[i] == '-' && before && i + 1 < text.len && text.ptr[i + 1] != ']') {
            i++;
            add_bytes(range, before, escaped_byte(text, &i));
            before = 0;
        } else if (class >= 0) {
            if (!add_class(range, tt_str_slice(text, i + 2, i + 2 + (size_t) class))) {
                return false;
            }
            i += (size_t) class + 3;
            before = 0;
        } else {
            before = escaped_byte(text, &i);
            range->fits[before] = true;
        }
    }
    for (unsigned c = 0; negated && c < 256; c++) {
        range->fits[c] = !range->fits[c];
    }
    range->fits['/'] = false;
    *at = i + 1;
    return i < text.len;
}

/* ---- Wildcards ---- */

/* Where in the path the elements so far can have come to: reached[first..last], with reached[last] true. */
struct places {
    struct tt_str path;
    bool reached[TT_IGNORE_PATH_MAX + 1];
    size_t first, last;
};

/* All places move over one byte, if it fits. */
static bool
step(struct places *places, const struct range *range)
{
    bool any = false;
    size_t last = 0;
    for (size_t i = places->last + 1; i-- > places->first;) {
        bool goes = places->reached[i] && i < places->path.len && range->fits[(unsigned char) places->path.ptr[i]];
        places->reached[i] = false;
        if (goes) {
            places->reached[i + 1] = true;
            last = any ? last : i + 1;
            any = true;
        }
    }
    places->first++;
    places->last = last;
    return any;
}

static bool
step_byte(struct places *places, unsigned char byte)
{
    struct range one = {{false}};
    one.fits[byte] = true;
    return step(places, &one);
}

/* A star: all places behind a place, up to the next slash unless it crosses them. */
static void
spread(struct places *places, bool crosses)
{
    for (size_t i = places->first; i < places->path.len; i++) {
        if (places->reached[i] && (crosses || places->path.ptr[i] != '/')) {
            places->reached[i + 1] = true;
            places->last = i + 1 > places->last ? i + 1 : places->last;
        }
    }
}

/* Two stars between slashes, and the slash behind them: any number of directories, or none. */
static void
spread_over_directories(struct places *places)
{
    for (size_t i = places->first; i < places->path.len; i++) {
        if (places->path.ptr[i] == '/') {
            places->reached[i + 1] = true;
            places->last = i + 1 > places->last ? i + 1 : places->last;
        }
    }
}

/* The stars at *at, up to behind them, and a slash that belongs to them. */
static void
take_stars(struct places *places, struct tt_str text, size_t *at)
{
    size_t begin = *at;
    while (*at < text.len && text.ptr[*at] == '*') {
        ++*at;
    }
    struct tt_str rest = tt_str_slice(text, *at, text.len);
    bool opens = begin == 0 || text.ptr[begin - 1] == '/';
    bool closes = rest.len == 0 || rest.ptr[0] == '/' || tt_str_starts(rest, TT_STR("\\/"));
    bool crosses = *at - begin > 1 && opens && closes;
    if (crosses && tt_str_starts(rest, TT_STR("/"))) {
        ++*at;
        spread_over_directories(places);
    } else {
        spread(places, crosses);
    }
}

/* Takes the element at *at; false when it fits nowhere. */
static bool
take_element(struct places *places, struct tt_str text, size_t *at)
{
    struct range range;
    unsigned char c = (unsigned char) text.ptr[(*at)++];
    switch (c) {
    case '*':
        --*at;
        take_stars(places, text, at);
        return true;
    case '?':
        memset(range.fits, 1, sizeof(range.fits));
        range.fits['/'] = false;
        return step(places, &range);
    case '[': return read_range(text, at, &range) && step(places, &range);
    case '\\': return *at < text.len && step_byte(places, (unsigned char) text.ptr[(*at)++]);
    default: return step_byte(places, c);
    }
}

static bool
fits_wildcards(struct tt_str text, struct tt_str path)
{
    struct places places;
    places.path = path;
    places.first = places.last = 0;
    memset(places.reached, 0, path.len + 1);
    places.reached[0] = true;
    for (size_t at = 0; at < text.len;) {
        if (!take_element(&places, text, &at)) {
            return false;
        }
    }
    return places.reached[path.len];
}

static bool
fits(const struct tt_ignore_pattern *pattern, struct tt_str path, struct tt_str name)
{
    struct tt_str text = pattern->text;
    if (pattern->any_then_plain) {
        return tt_str_ends(name, tt_str_slice(text, 1, text.len));
    }
    if (pattern->name_only) {
        return pattern->plain == text.len ? tt_str_eq(text, name) : fits_wildcards(text, name);
    }
    if (!tt_str_starts(path, tt_str_slice(text, 0, pattern->plain))) {
        return false;
    }
    return fits_wildcards(tt_str_slice(text, pattern->plain, text.len), tt_str_slice(path, pattern->plain, path.len));
}

enum tt_ignore_verdict
tt_ignore_list_judge(const struct tt_ignore_list *list, struct tt_str path, bool directory)
{
    if (path.len > TT_IGNORE_PATH_MAX || list->count == 0) {
        return TT_IGNORE_SILENT;
    }
    const char *slash = memrchr(path.ptr, '/', path.len);
    struct tt_str name = slash ? tt_str_slice(path, (size_t) (slash - path.ptr) + 1, path.len) : path;
    for (size_t i = list->count; i-- > 0;) {
        const struct tt_ignore_pattern *pattern = &list->patterns[i];
        if ((directory || !pattern->directory) && fits(pattern, path, name)) {
            return pattern->keeps ? TT_IGNORE_KEPT : TT_IGNORE_IGNORED;
        }
    }
    return TT_IGNORE_SILENT;
}
