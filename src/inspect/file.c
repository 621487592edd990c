/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file of a package; see file.h.
 *
 * In: a stream of bytes.  Out: findings and notes.  Own: a buffer for one stretch, its tokens, and the detectors' scratch; all stay from file
 * to file.  A file is as long as it is; what is held of it is at most TT_INSPECT_STRETCH and TT_INSPECT_AHEAD bytes, and a stretch ends where
 * a line or a statement does, so that the next one begins outside of a string in what minifiers write.
 */
#include "inspect/file.h"

#include "base/limits.h"
#include "input/archive.h"
#include "inspect/patterns.h"
#include "text/utf8.h"

#define RUN_MIN 6      /* characters of a run of text in a binary; fewer are noise */
#define SCRIPT_RUN 256 /* a run of so many bytes may be a script */
#define SIGNS_SHARE 40 /* of which one in so many is a sign that scripts are made of */
#define CUT_SEARCH (64 * TT_KIB)

static const struct tt_detector *const detectors[] = {
    &tt_detector_environment, &tt_detector_endpoint, &tt_detector_install,
    &tt_detector_hidden,      &tt_detector_table,    &tt_detector_mark,
};

void
tt_file_init(struct tt_file *file, const struct tt_alloc *alloc, const struct tt_kernels *kernels,
             const struct tt_patterns *patterns)
{
    *file = (struct tt_file) {.alloc = alloc, .kernels = kernels, .patterns = patterns};
    tt_tokens_init(&file->tokens, alloc);
    tt_arena_init(&file->scratch, alloc, TT_INSPECT_SCRATCH);
}

void
tt_file_free(struct tt_file *file)
{
    tt_alloc_free(file->alloc, file->bytes, file->room);
    tt_tokens_free(&file->tokens);
    tt_arena_free(&file->scratch);
}

/* ---- Kinds ---- */

enum tt_view_kind
tt_file_kind(struct tt_str uri, struct tt_str head)
{
    static const struct {
        struct tt_str ending;
        enum tt_view_kind kind;
    } rows[] = {
        {TT_STR_INIT(".d.ts"), TT_VIEW_PROSE},     {TT_STR_INIT(".d.mts"), TT_VIEW_PROSE},
        {TT_STR_INIT(".d.cts"), TT_VIEW_PROSE},    {TT_STR_INIT(".md"), TT_VIEW_PROSE},
        {TT_STR_INIT(".markdown"), TT_VIEW_PROSE}, {TT_STR_INIT(".txt"), TT_VIEW_PROSE},
        {TT_STR_INIT(".rst"), TT_VIEW_PROSE},      {TT_STR_INIT(".1"), TT_VIEW_PROSE},
        {TT_STR_INIT(".json"), TT_VIEW_DATA},      {TT_STR_INIT(".map"), TT_VIEW_DATA},
        {TT_STR_INIT(".css"), TT_VIEW_DATA},       {TT_STR_INIT(".svg"), TT_VIEW_DATA},
        {TT_STR_INIT(".xml"), TT_VIEW_DATA},       {TT_STR_INIT(".yaml"), TT_VIEW_DATA},
        {TT_STR_INIT(".yml"), TT_VIEW_DATA},       {TT_STR_INIT(".toml"), TT_VIEW_DATA},
        {TT_STR_INIT(".lock"), TT_VIEW_DATA},      {TT_STR_INIT(".scss"), TT_VIEW_DATA},
        {TT_STR_INIT("LICENSE"), TT_VIEW_PROSE},   {TT_STR_INIT("LICENCE"), TT_VIEW_PROSE},
        {TT_STR_INIT("README"), TT_VIEW_PROSE},    {TT_STR_INIT("NOTICE"), TT_VIEW_PROSE},
        {TT_STR_INIT("CHANGELOG"), TT_VIEW_PROSE}, {TT_STR_INIT("copyright"), TT_VIEW_PROSE},
    };
    struct tt_str name = tt_found_name(uri);
    if (head.len > 0 && memchr(head.ptr, '\0', head.len)) {
        return TT_VIEW_BINARY;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (tt_str_ends(name, rows[i].ending)) {
            return rows[i].kind;
        }
    }
    return TT_VIEW_SCRIPT;
}

/* Why the file that begins so cannot be read by anything here, or NULL. */
static const char *
closed_why(struct tt_str head)
{
    static const struct tt_str archives[] = {
        TT_STR_INIT("7z\xBC\xAF\x27\x1C"), TT_STR_INIT("\xED\xAB\xEE\xDB"), TT_STR_INIT("xar!"), TT_STR_INIT("MSCF\0\0\0\0"),
        TT_STR_INIT("Rar!\x1A\x07"),       TT_STR_INIT("\x04\x22\x4D\x18"), TT_STR_INIT("hsqs"), TT_STR_INIT("\x1F\x9D"),
    };
    for (size_t i = 0; i < sizeof(archives) / sizeof(*archives); i++) {
        if (tt_str_starts(head, archives[i])) {
            return "an archive of a kind that is not opened; unpack it to inspect it";
        }
    }
    if (tt_archive_is_one(head)) {
        return "an archive inside of an asar archive; unpack it to inspect it";
    }
    bool wide = tt_str_starts(head, TT_STR("\xFF\xFE")) || tt_str_starts(head, TT_STR("\xFE\xFF"));
    return wide ? "text in UTF-16 or UTF-32, which is not read here" : NULL;
}

/* "ELF", or NULL for what is no compiled code. */
static const char *
compiled_kind(struct tt_str head)
{
    static const struct {
        struct tt_str begin;
        const char *what;
    } rows[] = {
        {TT_STR_INIT("\x7F"
                     "ELF"),
         "ELF"},
        {TT_STR_INIT("MZ"), "PE"},
        {TT_STR_INIT("\xCF\xFA\xED\xFE"), "Mach-O"},
        {TT_STR_INIT("\xCE\xFA\xED\xFE"), "Mach-O"},
        {TT_STR_INIT("\xCA\xFE\xBA\xBE"), "Mach-O or Java"},
        {TT_STR_INIT("\0asm"), "WebAssembly"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        if (tt_str_starts(head, rows[i].begin)) {
            return rows[i].what;
        }
    }
    return NULL;
}

/* ---- Tokens ---- */

/* The length of the run of text at pos of a binary. */
static size_t
run_length(struct tt_str text, size_t pos)
{
    size_t at = pos;
    while (at < text.len) {
        unsigned char c = (unsigned char) text.ptr[at];
        if ((c >= 0x20 && c < 0x7F) || c == '\n' || c == '\t' || c == '\r') {
            at++;
        } else {
            struct tt_rune rune = c >= 0x80 ? tt_utf8_next_wide(text, at) : (struct tt_rune) {0, 0};
            if (rune.len == 0) {
                break;
            }
            at += rune.len;
        }
    }
    return at - pos;
}

static bool
is_script(struct tt_str run)
{
    size_t signs = 0;
    for (size_t i = 0; i < run.len; i++) {
        signs += strchr(";(){}=\"'", run.ptr[i]) != NULL;
    }
    return run.len >= SCRIPT_RUN && signs > run.len / SIGNS_SHARE;
}

static enum tt_status
read_binary(struct tt_tokens *tokens, struct tt_str text)
{
    for (size_t pos = 0; pos < text.len;) {
        size_t n = run_length(text, pos);
        if (n >= RUN_MIN && is_script(tt_str_slice(text, pos, pos + n))) {
            TT_TRY(tt_tokens_read(tokens, text, pos, pos + n));
        } else if (n >= RUN_MIN) {
            size_t len = n < TT_TOKEN_LEN_MAX ? n : TT_TOKEN_LEN_MAX;
            TT_TRY(tt_tokens_add(
                tokens, (struct tt_token) {(uint32_t) pos, (uint32_t) len & TT_TOKEN_LEN_MAX, TT_TOKEN_STRING, TT_TOKEN_RAW}));
        }
        pos += n + 1;
    }
    return TT_OK;
}

static enum tt_status
look(struct tt_file *file, struct tt_view *view)
{
    struct tt_tokens *tokens = &file->tokens;
    tokens->count = 0;
    TT_TRY(view->kind == TT_VIEW_BINARY ? read_binary(tokens, view->text)
                                        : tt_tokens_read(tokens, view->text, 0, view->text.len));
    view->tokens = tokens->list;
    view->count = tokens->count;
    for (size_t i = 0; i < sizeof(detectors) / sizeof(*detectors); i++) {
        if (detectors[i]->kinds & (unsigned) view->kind) {
            tt_arena_reset(&file->scratch);
            TT_TRY(detectors[i]->look(view));
        }
    }
    tt_arena_reset(&file->scratch);
    return TT_OK;
}

/* ---- Stretches ---- */

/* Reads until a stretch and what is ahead of it are held, or the file ends. */
static enum tt_status
fill(struct tt_file *file, struct tt_stream *stream, size_t *len)
{
    const size_t most = TT_INSPECT_STRETCH + TT_INSPECT_AHEAD;
    for (;;) {
        if (*len == file->room) {
            size_t room = file->room ? file->room * 2 : TT_SNIFF_SIZE;
            room = room < most ? room : most;
            if (room == file->room) {
                return TT_OK;
            }
            char *bytes = tt_alloc_resize(file->alloc, file->bytes, file->room, room);
            if (!bytes) {
                return TT_E_MEMORY;
            }
            file->bytes = bytes;
            file->room = room;
        }
        size_t n = tt_stream_fill(stream, file->bytes + *len, file->room - *len);
        *len += n;
        if (*len < file->room) {
            return TT_OK;
        }
    }
}

/* Where a stretch of a longer file ends: behind a line or a statement, if one ends in time. */
static size_t
find_cut(struct tt_str text)
{
    size_t last = text.len - TT_INSPECT_AHEAD;
    for (const char *sign = "\n;"; *sign; sign++) {
        for (size_t at = last; at > last - CUT_SEARCH; at--) {
            if (text.ptr[at - 1] == *sign) {
                return at;
            }
        }
    }
    return last;
}

static enum tt_status
note_compiled(struct tt_view *view)
{
    const char *what = compiled_kind(view->text);
    if (!what) {
        return TT_OK;
    }
    struct tt_finding finding =
        tt_found_make("client.compiled-code", TT_INFO, 0, 4, TT_STR("compiled code, of which only the texts in it were read"));
    tt_finding_add_text(&finding, "format", tt_str_cstr(what));
    return tt_found_add(view, &finding, tt_str_cstr(what));
}

/* Looks at what is held, and goes on to the next stretch; *len: what is held of it. */
static enum tt_status
take_stretch(struct tt_file *file, struct tt_view *view, size_t *len)
{
    bool last = *len < TT_INSPECT_STRETCH + TT_INSPECT_AHEAD;
    view->text = tt_str_make(file->bytes, *len);
    view->owned = last ? *len : find_cut(view->text);
    view->cursor = 0;
    view->line = view->first_line;
    view->column = view->first_column;
    if (view->offset == 0) {
        TT_TRY(note_compiled(view));
    }
    TT_TRY(look(file, view));
    if (file->patterns) {
        TT_TRY(tt_patterns_look(file->patterns, view));
    }
    view->found->bytes += view->owned;
    file->effort.bytes -= view->owned;
    tt_view_place(view, view->owned);
    view->first_line = view->line;
    view->first_column = view->column;
    *len -= view->owned;
    memmove(file->bytes, file->bytes + view->owned, *len);
    view->offset += view->owned;
    return TT_OK;
}

/* Is there a byte behind those that were handed out? */
static bool
has_more(struct tt_stream *stream)
{
    char byte;
    stream->left = 1;
    return tt_stream_fill(stream, &byte, 1) == 1;
}

enum tt_status
tt_file_inspect(struct tt_file *file, struct tt_stream *stream, struct tt_str uri, struct tt_found *found)
{
    struct tt_view view = {.uri = uri,
                           .found = found,
                           .kernels = file->kernels,
                           .scratch = &file->scratch,
                           .first_line = 1,
                           .first_column = 1,
                           .effort = &file->effort};
    size_t len = 0;
    bool cut = stream->left > file->effort.bytes;
    stream->left = cut ? file->effort.bytes : stream->left;
    tt_found_begin_file(found);
    TT_TRY(fill(file, stream, &len));
    struct tt_str head = tt_str_make(file->bytes, len < TT_SNIFF_SIZE ? len : TT_SNIFF_SIZE);
    const char *closed = closed_why(head);
    if (closed) {
        return tt_found_note(found, uri, closed, NULL);
    }
    view.kind = tt_file_kind(uri, head);
    found->files++;
    while (len > 0) {
        TT_TRY(take_stretch(file, &view, &len));
        TT_TRY(fill(file, stream, &len));
    }
    if (cut && stream->left == 0 && has_more(stream)) {
        file->effort.ended = true;
        return tt_found_note(found, uri, TT_FILE_ENDED, NULL);
    }
    return stream->source->stopped ? tt_found_note(found, uri, "reading stopped", stream->source->stopped) : TT_OK;
}
