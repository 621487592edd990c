/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads one input, lets a reader be chosen by its beginning, and feeds it through.
 *
 * Trouble with the input becomes a note in its result.  A status other than TT_OK means that the machine is out of memory or
 * that a promise inside is broken: then the whole run ends.
 */
#include "scan/worker.h"

#include "scan/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum tt_status
tt_worker_init(struct tt_worker *worker, const struct tt_scan *scan, _Atomic uint64_t *bytes_done)
{
    *worker = (struct tt_worker) {.alloc = scan->alloc, .scan = scan, .bytes_done = bytes_done};
    tt_decoder_init(&worker->decoder, scan->alloc);
    worker->chunk = tt_alloc_new(scan->alloc, TT_SCAN_CHUNK);
    if (!worker->chunk) {
        return TT_E_MEMORY;
    }
    TT_TRY(tt_input_init(&worker->input, scan->alloc, scan->kernels));
    worker->input.fields.sites.any_text = scan->compare;
    return TT_OK;
}

void
tt_worker_free(struct tt_worker *worker)
{
    tt_alloc_free(worker->alloc, worker->chunk, TT_SCAN_CHUNK);
    tt_decoder_free(&worker->decoder);
    if (worker->input.store.alloc) {
        tt_input_free(&worker->input);
    }
}

/* Where the bytes come from: a descriptor, or memory (fd < 0). */
struct source {
    int fd;
    struct tt_str bytes;
    uint64_t size; /* of a regular file when it was opened, or 0 */
    uint64_t done; /* bytes read */
    bool ended;    /* there is nothing more to read */
    int error;     /* errno of a failed read */
};

/* The next bytes, at most size, into chunk; 0 at the end or on an error. */
static size_t
read_some(struct source *source, char *chunk, size_t size)
{
    if (source->fd < 0) {
        size_t n = source->bytes.len < size ? source->bytes.len : size;
        if (n > 0) {
            memcpy(chunk, source->bytes.ptr, n);
        }
        source->bytes = tt_str_slice(source->bytes, n, source->bytes.len);
        return n;
    }
    while (!source->ended) {
        ssize_t n = read(source->fd, chunk, size);
        if (n >= 0) {
            /* A short read that reaches the size of the file needs no other one to say that this is all. */
            source->done += (uint64_t) n;
            source->ended = n == 0 || ((size_t) n < size && source->done == source->size);
            return (size_t) n;
        }
        if (errno != EINTR) {
            source->error = errno;
            source->ended = true;
        }
    }
    return 0;
}

/* Fills chunk up to size unless the input ends before. */
static size_t
read_full(struct source *source, char *chunk, size_t size)
{
    size_t len = 0;
    while (len < size) {
        size_t n = read_some(source, chunk + len, size - len);
        if (n == 0) {
            break;
        }
        len += n;
    }
    return len;
}

static void
count(struct tt_worker *worker, struct tt_scan_file *file, size_t n)
{
    file->result.bytes += n;
    atomic_fetch_add_explicit(worker->bytes_done, n, memory_order_relaxed);
}

/* Feeds everything to the reader. */
static enum tt_status
feed_all(struct tt_worker *worker, struct tt_scan_file *file, const struct tt_reader *reader, struct source *source, size_t head)
{
    struct tt_input *input = &worker->input;
    for (size_t n = head; n > 0; n = read_some(source, worker->chunk, TT_SCAN_CHUNK)) {
        count(worker, file, n);
        TT_TRY(reader->feed(input, tt_str_make(worker->chunk, n)));
    }
    return reader->end(input);
}

/* Says that reading ended before the input did. */
static enum tt_status
note_stop(struct tt_scan_file *file, const struct source *source)
{
    return source->error ? tt_scan_file_note(file, NULL, "reading stopped", tt_scan_errno(source->error), 0) : TT_OK;
}

/* Binaries are many in a tree, so there they are only counted. */
static enum tt_status
pass_over(struct tt_scan_file *file, bool named, const char *why)
{
    if (!named && strncmp(why, "binary", 6) == 0) {
        file->result.binary = 1;
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
read_encoded(struct tt_worker *worker, struct tt_scan_file *file, struct source *source, size_t head, struct tt_str bytes)
{
    struct tt_decoder *decoder = &worker->decoder;
    struct tt_str text = tt_str_make(decoder->text, decoder->len);
    bool final = head < TT_SNIFF_SIZE;
    const struct tt_reader *reader = tt_reader_choose(file->result.uri, text, final && bytes.len == 0, file->kernels);
    size_t left = 0;
    file->result.files = 1;
    tt_input_begin(&worker->input, file);
    count(worker, file, head);
    TT_TRY(feed_decoded(worker, reader, bytes, final, &left));
    while (!final) {
        size_t n = read_full(source, worker->chunk + left, TT_SCAN_CHUNK - left);
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

static enum tt_status
read_source(struct tt_worker *worker, struct tt_scan_file *file, struct source *source, bool named)
{
    size_t head = read_full(source, worker->chunk, TT_SNIFF_SIZE);
    bool complete = head < TT_SNIFF_SIZE;
    struct tt_str start = tt_str_make(worker->chunk, head);
    const struct tt_encoding *encoding = find_encoding(worker, start);
    const char *binary;
    if (encoding) {
        struct tt_str bytes = start;
        TT_TRY(tt_decoder_begin(&worker->decoder, encoding));
        tt_decoder_feed(&worker->decoder, &bytes, complete);
        binary = decoded_binary_why(&worker->decoder);
        if (!binary) {
            return read_encoded(worker, file, source, head, bytes);
        }
    } else {
        binary = tt_reader_binary_why(start, file->kernels);
    }
    if (binary && !worker->scan->binary) {
        return source->error ? note_stop(file, source) : pass_over(file, named, binary);
    }
    const struct tt_reader *reader =
        binary ? &tt_reader_binary : tt_reader_choose(file->result.uri, start, complete, file->kernels);
    file->result.files = 1;
    tt_input_begin(&worker->input, file);
    TT_TRY(feed_all(worker, file, reader, source, head));
    return note_stop(file, source);
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

enum tt_status
tt_worker_file(struct tt_worker *worker, struct tt_scan_file *file, bool named)
{
    struct stat st;
    struct source source = {.fd = open_input(file->result.uri.ptr, named)};
    enum tt_status status;
    if (source.fd < 0 || fstat(source.fd, &st) != 0) {
        status = tt_scan_file_note(file, NULL, tt_scan_errno(errno), NULL, 0);
    } else if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) || (!named && !S_ISREG(st.st_mode))) {
        status = tt_scan_file_note(file, NULL, "not a regular file", NULL, 0);
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
    struct source source = {.fd = -1, .bytes = bytes};
    TT_TRY(read_source(worker, file, &source, true));
    return tt_scan_file_end(file);
}
