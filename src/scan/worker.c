/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one input, lets a reader be chosen by its beginning, and feeds it through.
 *
 * Trouble with the input becomes a note in its result.  A status other than TT_OK means that the machine is out of memory or
 * that a promise inside is broken: then the whole run ends.
 */
#include "scan/worker.h"

#include "input/archive.h"
#include "input/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum tt_status
tt_worker_init(struct tt_worker *worker, const struct tt_scan *scan, _Atomic uint64_t *bytes_done)
{
    *worker = (struct tt_worker) {.alloc = scan->alloc, .scan = scan, .bytes_done = bytes_done};
    tt_decoder_init(&worker->decoder, scan->alloc);
    tt_buf_init(&worker->name, scan->alloc, TT_ARCHIVE_URI_MAX);
    tt_buf_init(&worker->path, scan->alloc, TT_ARCHIVE_NAME_MAX);
    worker->chunk = tt_alloc_new(scan->alloc, TT_SCAN_CHUNK);
    if (!worker->chunk) {
        return TT_E_MEMORY;
    }
    TT_TRY(tt_input_init(&worker->input, scan->alloc, scan->kernels));
    worker->input.fields.sites.any_text = scan->compare;
    worker->input.fields.learned = scan->learned;
    return TT_OK;
}

void
tt_worker_free(struct tt_worker *worker)
{
    tt_alloc_free(worker->alloc, worker->chunk, TT_SCAN_CHUNK);
    tt_decoder_free(&worker->decoder);
    if (worker->name.alloc) {
        tt_buf_free(&worker->name);
        tt_buf_free(&worker->path);
    }
    if (worker->input.store.alloc) {
        tt_input_free(&worker->input);
    }
}

static void
count(struct tt_worker *worker, struct tt_scan_file *file, size_t n)
{
    file->result.bytes += n;
    atomic_fetch_add_explicit(worker->bytes_done, n, memory_order_relaxed);
}

/* Feeds everything to the reader. */
static enum tt_status
feed_all(struct tt_worker *worker, struct tt_scan_file *file, const struct tt_reader *reader, struct tt_source *source,
         size_t head)
{
    struct tt_input *input = &worker->input;
    for (size_t n = head; n > 0; n = input->whole ? 0 : tt_source_read(source, worker->chunk, TT_SCAN_CHUNK)) {
        count(worker, file, n);
        TT_TRY(reader->feed(input, tt_str_make(worker->chunk, n)));
    }
    return reader->end(input);
}

/* Says that reading ended before the input did. */
static enum tt_status
note_stop(struct tt_scan_file *file, const struct tt_source *source)
{
    return source->stopped ? tt_scan_file_note(file, NULL, "reading stopped", source->stopped, 0) : TT_OK;
}

/* Binaries are many in a tree, so there they are only counted. */
static enum tt_status
pass_over(struct tt_scan_file *file, bool named, const char *why)
{
    if (!named && strncmp(why, "binary", 6) == 0) {
        file->result.binary++;
        return TT_OK;
    }
    return tt_scan_file_note(file, NULL, why, NULL, 0);
}

/* ---- Other encodings ---- */

/* The encoding of an input that begins so; NULL: UTF-8. */
static const struct tt_encoding *
find_encoding(const struct tt_worker *worker, struct tt_str start)
{
    const struct tt_encoding *given = worker->scan->encoding;
    enum tt_utf marked = tt_utf_of_mark(start);
    if (marked != TT_UTF_8) {
        return tt_encoding_of_form(marked);
    }
    if (tt_str_starts(start, TT_STR("\xEF\xBB\xBF")) || !given || (!given->by_iconv && given->form == TT_UTF_8)) {
        return NULL;
    }
    return given;
}

/* Why what was decoded first is no text, or NULL; static. */
static const char *
decoded_binary_why(const struct tt_decoder *decoder)
{
    struct tt_str text = tt_str_make(decoder->text, decoder->len);
    if (decoder->len > 0 && memchr(text.ptr, '\0', text.len)) {
        return "binary: it holds NUL characters";
    }
    return decoder->bad_count > text.len / 32 + 4 ? "binary: no text of its encoding" : NULL;
}

/* Feeds what was decoded, then decodes and feeds the rest of bytes, which lie at the start of the chunk.  *left: how many remain. */
static enum tt_status
feed_decoded(struct tt_worker *worker, const struct tt_reader *reader, struct tt_str bytes, bool final, size_t *left)
{
    struct tt_decoder *decoder = &worker->decoder;
    while (decoder->len > 0) {
        worker->input.fed_widths = decoder->widths;
        TT_TRY(reader->feed(&worker->input, tt_str_make(decoder->text, decoder->len)));
        tt_decoder_feed(decoder, &bytes, final);
    }
    if (bytes.len > 0) {
        memmove(worker->chunk, bytes.ptr, bytes.len);
    }
    *left = bytes.len;
    return TT_OK;
}

static enum tt_status
note_bad(const struct tt_decoder *decoder, struct tt_scan_file *file)
{
    if (decoder->bad_count == 0) {
        return TT_OK;
    }
    return tt_scan_file_note(file, &decoder->bad_at, "no character of the encoding, read as U+FFFD", decoder->encoding->name,
                             decoder->bad_count - 1);
}

/* Reads an input of another encoding.  head bytes were read into the chunk; what the decoder holds was decoded of them, bytes remain. */
static enum tt_status
read_encoded(struct tt_worker *worker, struct tt_scan_file *file, struct tt_source *source, size_t head, struct tt_str bytes)
{
    struct tt_decoder *decoder = &worker->decoder;
    struct tt_str text = tt_str_make(decoder->text, decoder->len);
    bool final = head < TT_SNIFF_SIZE;
    const struct tt_reader *reader = tt_reader_choose(file->uri, text, final && bytes.len == 0, file->kernels);
    size_t left = 0;
    file->result.files++;
    tt_input_begin(&worker->input, file);
    count(worker, file, head);
    TT_TRY(feed_decoded(worker, reader, bytes, final, &left));
    while (!final) {
        size_t n = tt_source_fill(source, worker->chunk + left, TT_SCAN_CHUNK - left);
        count(worker, file, n);
        final = n < TT_SCAN_CHUNK - left;
        bytes = tt_str_make(worker->chunk, left + n);
        tt_decoder_feed(decoder, &bytes, final);
        TT_TRY(feed_decoded(worker, reader, bytes, final, &left));
    }
    TT_TRY(reader->end(&worker->input));
    TT_TRY(note_bad(decoder, file));
    return note_stop(file, source);
}

/* Reads an input, whose first head bytes stand in the chunk.  It is no archive. */
static enum tt_status
read_plain(struct tt_worker *worker, struct tt_scan_file *file, struct tt_source *source, size_t head, bool named)
{
    bool complete = head < TT_SNIFF_SIZE;
    struct tt_str start = tt_str_make(worker->chunk, head);
    const struct tt_encoding *encoding = find_encoding(worker, start);
    const char *binary;
    size_t valid = 0;
    if (encoding) {
        struct tt_str bytes = start;
        TT_TRY(tt_decoder_begin(&worker->decoder, encoding));
        tt_decoder_feed(&worker->decoder, &bytes, complete);
        binary = decoded_binary_why(&worker->decoder);
        if (!binary) {
            return read_encoded(worker, file, source, head, bytes);
        }
    } else {
        binary = tt_reader_binary_why(start, file->kernels, &valid);
    }
    if (binary && !worker->scan->binary) {
        return source->stopped ? note_stop(file, source) : pass_over(file, named, binary);
    }
    const struct tt_reader *reader = binary ? &tt_reader_binary : tt_reader_choose(file->uri, start, complete, file->kernels);
    file->result.files++;
    tt_input_begin(&worker->input, file);
    worker->input.valid_head = valid;
    worker->input.whole = complete;
    TT_TRY(feed_all(worker, file, reader, source, head));
    return note_stop(file, source);
}

/* ---- Archives ---- */

/* An archive that is open, and what it is called. */
struct level {
    struct tt_archive *archive;
    struct tt_source source; /* its bytes */
    size_t name_len;         /* of worker->name */
};

struct descent {
    struct level levels[TT_ARCHIVE_DEPTH_MAX];
    size_t depth;
    struct tt_archive_budget budget;
};

/* What a compressed file holds is called as it, without the suffix. */
static struct tt_str
name_inside(struct tt_str uri)
{
    static const char *const suffixes[] = {".gz", ".bz2", ".xz", ".zst"};
    size_t begin = uri.len;
    while (begin > 0 && uri.ptr[begin - 1] != '/' && uri.ptr[begin - 1] != '!') {
        begin--;
    }
    struct tt_str name = tt_str_slice(uri, begin, uri.len);
    for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
        struct tt_str suffix = tt_str_cstr(suffixes[i]);
        if (tt_str_ends(name, suffix)) {
            return tt_str_slice(name, 0, name.len - suffix.len);
        }
    }
    return name;
}

/* The name of what the archive called worker->name holds: "archive.zip!path/in/it". */
static enum tt_status
add_name(struct tt_buf *name, struct tt_str path)
{
    char copy[NAME_MAX]; /* of a part of name, which may move */
    if (path.len == 0) {
        struct tt_str inside = name_inside(tt_buf_str(name));
        path = tt_str_make(copy, inside.len < sizeof(copy) ? inside.len : sizeof(copy));
        memcpy(copy, inside.ptr, path.len);
    }
    tt_buf_add_char(name, '!');
    tt_buf_add(name, path);
    return name->status;
}

/* Opens the archive whose head bytes stand in the chunk. */
static enum tt_status
descend(struct tt_worker *worker, struct tt_scan_file *file, struct descent *descent, const struct tt_source *source, size_t head)
{
    if (descent->depth == TT_ARCHIVE_DEPTH_MAX) {
        return tt_scan_file_note(file, NULL, "archives are nested too deep; unpack it to scan it", NULL, 0);
    }
    struct level *level = &descent->levels[descent->depth];
    *level = (struct level) {.source = *source, .name_len = worker->name.len};
    TT_TRY(tt_archive_open(&level->archive, worker->alloc, &level->source, tt_str_make(worker->chunk, head), &descent->budget,
                           descent->depth == 0));
    descent->depth++;
    return TT_OK;
}

/* The innermost archive has ended. */
static enum tt_status
ascend(struct tt_scan_file *file, struct descent *descent, const char *trouble)
{
    enum tt_status status = trouble ? tt_scan_file_note(file, NULL, "the archive was not read to its end", trouble, 0) : TT_OK;
    tt_archive_close(descent->levels[--descent->depth].archive);
    return status;
}

/* Goes on to the next file of the innermost archive and reads it, or to the archive around it. */
static enum tt_status
read_next_entry(struct tt_worker *worker, struct tt_scan_file *file, struct descent *descent)
{
    struct level *level = &descent->levels[descent->depth - 1];
    const char *trouble;
    tt_buf_clear(&worker->path);
    bool found = tt_archive_next(level->archive, &worker->path, &trouble);
    worker->name.len = level->name_len;
    if (!found) {
        tt_scan_file_begin_entry(file, tt_buf_str(&worker->name));
        return ascend(file, descent, trouble);
    }
    TT_TRY(worker->path.status);
    TT_TRY(add_name(&worker->name, tt_buf_str(&worker->path)));
    tt_scan_file_begin_entry(file, tt_buf_str(&worker->name));
    const char *closed = tt_archive_closed_why(level->archive);
    if (closed) {
        return tt_scan_file_note(file, NULL, closed, NULL, 0);
    }
    struct tt_source source = {.fd = -1, .entry = level->archive};
    size_t head = tt_source_fill(&source, worker->chunk, TT_SNIFF_SIZE);
    if (tt_archive_is_one(tt_str_make(worker->chunk, head))) {
        return descend(worker, file, descent, &source, head);
    }
    return read_plain(worker, file, &source, head, false);
}

/* Reads all that an archive holds, whose head bytes stand in the chunk. */
static enum tt_status
read_archive(struct tt_worker *worker, struct tt_scan_file *file, const struct tt_source *source, size_t head)
{
    struct descent descent = {.depth = 0};
    locale_t names = worker->scan->names;
    locale_t before = names ? uselocale(names) : (locale_t) 0;
    tt_buf_clear(&worker->name);
    tt_buf_add(&worker->name, file->uri);
    enum tt_status status = worker->name.status;
    if (status == TT_OK) {
        status = descend(worker, file, &descent, source, head);
    }
    while (status == TT_OK && descent.depth > 0) {
        status = read_next_entry(worker, file, &descent);
    }
    while (descent.depth > 0) {
        tt_archive_close(descent.levels[--descent.depth].archive);
    }
    if (names) {
        (void) uselocale(before);
    }
    return status;
}

static enum tt_status
read_source(struct tt_worker *worker, struct tt_scan_file *file, struct tt_source *source, bool named)
{
    size_t head = tt_source_fill(source, worker->chunk, TT_SNIFF_SIZE);
    bool archive = tt_archive_is_one(tt_str_make(worker->chunk, head));
    return archive ? read_archive(worker, file, source, head) : read_plain(worker, file, source, head, named);
}

/* Opens a path; -1 with errno.  Never waits for a pipe's other end in a tree, and takes no controlling terminal. */
static int
open_input(const char *path, bool named)
{
    if (named && strcmp(path, "-") == 0) {
        return dup(STDIN_FILENO);
    }
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NOFOLLOW | O_NONBLOCK));
}

/* Is it the report that is just being written? */
static bool
is_output(const struct tt_worker *worker, const struct stat *st)
{
    const struct stat *output = worker->scan->output;
    return output && S_ISREG(st->st_mode) && st->st_dev == output->st_dev && st->st_ino == output->st_ino;
}

enum tt_status
tt_worker_file(struct tt_worker *worker, struct tt_scan_file *file, bool named)
{
    struct stat st;
    struct tt_source source = {.fd = open_input(file->result.uri.ptr, named)};
    enum tt_status status;
    if (source.fd < 0 || fstat(source.fd, &st) != 0) {
        status = tt_scan_file_note(file, NULL, tt_input_errno(errno), NULL, 0);
    } else if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) || (!named && !S_ISREG(st.st_mode))) {
        status = tt_scan_file_note(file, NULL, "not a regular file", NULL, 0);
    } else if (is_output(worker, &st)) {
        status = named ? tt_scan_file_note(file, NULL, "the results are written to it", NULL, 0) : TT_OK;
    } else {
        source.size = S_ISREG(st.st_mode) ? (uint64_t) st.st_size : 0;
        status = read_source(worker, file, &source, named);
    }
    if (source.fd >= 0) {
        close(source.fd);
    }
    return status == TT_OK ? tt_scan_file_end(file) : status;
}

enum tt_status
tt_worker_bytes(struct tt_worker *worker, struct tt_scan_file *file, struct tt_str bytes)
{
    struct tt_source source = {.fd = -1, .bytes = bytes};
    TT_TRY(read_source(worker, file, &source, true));
    return tt_scan_file_end(file);
}
