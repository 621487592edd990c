/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packages; see inspect.h.
 *
 * In: a path.  Out: what was found in the files behind it.  Own: for the length of a run, a stack of open archives, their names, and what serves
 * one file.  Archives are entered three deep, as in scan, and what comes out of them is bounded by input/archive.h.  What is read of a package, and what
 * is done in search of hidden lists, is bounded as a whole; where that ends, a note says so, and nothing more is read.
 */
#include "inspect/inspect.h"

#include "base/limits.h"
#include "input/archive.h"
#include "input/walk.h"
#include "inspect/asar.h"
#include "inspect/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* An archive that is open, and what it is called. */
struct level {
    struct tt_archive *archive;
    struct tt_source source; /* its bytes */
    size_t name_len;         /* of run->name */
};

struct run {
    const struct tt_inspect *inspect;
    struct tt_found *found;
    struct tt_file file;
    char *head;         /* TT_SNIFF_SIZE bytes: how the file at hand begins */
    struct tt_buf name; /* of it */
    struct tt_buf path; /* in the innermost archive */
    struct level levels[TT_ARCHIVE_DEPTH_MAX];
    size_t depth;
    struct tt_archive_budget budget;
};

static struct tt_str
name_of(const struct run *run)
{
    return tt_buf_str(&run->name);
}

static void
tell_progress(const struct run *run)
{
    if (run->inspect->progress) {
        run->inspect->progress(run->inspect->ctx, run->found->files, run->found->bytes);
    }
}

/* May no more be read of the package?  Asked when there is something to read. */
static enum tt_status
note_end(struct run *run, bool *ended)
{
    struct tt_effort *effort = &run->file.effort;
    bool told = effort->ended;
    *ended = effort->ended = told || effort->bytes == 0;
    return *ended && !told ? tt_found_note(run->found, name_of(run), TT_FILE_ENDED, NULL) : TT_OK;
}

static uint64_t
least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- asar ---- */

/* Reads the files that an asar archive's list names, which follow in the stream. */
static enum tt_status
read_entries(struct run *run, struct tt_stream *stream, const struct tt_asar *asar)
{
    size_t name_len = run->name.len;
    uint64_t at = 0;
    enum tt_status status = TT_OK;
    bool ended = false;
    for (size_t i = 0; i < asar->count && status == TT_OK && !ended; i++) {
        const struct tt_asar_entry *entry = &asar->entries[i];
        run->name.len = name_len;
        tt_buf_add_char(&run->name, '!');
        tt_buf_add(&run->name, tt_str_slice(entry->path, 0, TT_ARCHIVE_NAME_MAX));
        if (run->name.status != TT_OK) {
            return run->name.status;
        }
        TT_TRY(note_end(run, &ended));
        if (ended) {
            break;
        }
        if (entry->offset < at) {
            status = tt_found_note(run->found, name_of(run), "its bytes are those of another file of the archive", NULL);
            continue;
        }
        /* What lies between files is passed over, and costs as much. */
        uint64_t gap = tt_stream_skip(stream, least(entry->offset - at, run->file.effort.bytes));
        run->file.effort.bytes -= gap;
        at += gap;
        if (at < entry->offset) {
            continue;
        }
        struct tt_stream part = {.source = stream->source, .head = stream->head, .left = entry->size};
        status = tt_file_inspect(&run->file, &part, name_of(run), run->found);
        stream->head = part.head;
        at += entry->size - part.left;
        if (status == TT_OK && part.left > 0 && !run->file.effort.ended) {
            status = tt_found_note(run->found, name_of(run), "the archive ends before the file does", NULL);
        }
        tell_progress(run);
    }
    run->name.len = name_len;
    return status;
}

/* json: bytes of the list, which follows the first TT_ASAR_PREFIX ones; base: where the files begin. */
static enum tt_status
read_asar(struct run *run, struct tt_stream *stream, size_t json, uint64_t base)
{
    struct tt_asar asar;
    const struct tt_alloc *alloc = run->inspect->alloc;
    if (json > TT_ASAR_HEADER_MAX) {
        return tt_found_note(run->found, name_of(run), "the list of its files is too long", NULL);
    }
    char *text = tt_alloc_new(alloc, json + 1);
    if (!text) {
        return TT_E_MEMORY;
    }
    (void) tt_stream_skip(stream, TT_ASAR_PREFIX);
    size_t len = tt_stream_fill(stream, text, json);
    uint64_t gap = base - TT_ASAR_PREFIX - json;
    bool whole = len == json && tt_stream_skip(stream, gap) == gap;
    enum tt_status status = tt_asar_read(&asar, alloc, run->inspect->kernels, tt_str_make(text, len));
    if (status == TT_E_INPUT || status == TT_E_LIMIT || !whole || asar.damaged) {
        status = tt_found_note(run->found, name_of(run), "the list of its files is damaged", NULL);
    }
    if (status == TT_OK && asar.unpacked > 0) {
        status = tt_found_note(run->found, name_of(run), "some of its files lie beside the archive (app.asar.unpacked)", NULL);
    }
    if (status == TT_OK) {
        status = read_entries(run, stream, &asar);
    }
    tt_asar_free(&asar);
    tt_alloc_free(alloc, text, json + 1);
    return status;
}

/* A file that is no archive, or an asar archive; head bytes of it were read. */
static enum tt_status
read_plain(struct run *run, struct tt_source *source, size_t head)
{
    struct tt_stream stream = {.source = source, .head = tt_str_make(run->head, head), .left = UINT64_MAX};
    size_t json;
    uint64_t base;
    enum tt_status status = tt_asar_is_one(stream.head, &json, &base)
                                ? read_asar(run, &stream, json, base)
                                : tt_file_inspect(&run->file, &stream, name_of(run), run->found);
    tell_progress(run);
    return status;
}

/* ---- Other archives ---- */

/* Opens the archive whose head bytes were read. */
static enum tt_status
descend(struct run *run, const struct tt_source *source, size_t head)
{
    if (run->depth == TT_ARCHIVE_DEPTH_MAX) {
        return tt_found_note(run->found, name_of(run), "archives are nested too deep; unpack it to inspect it", NULL);
    }
    struct level *level = &run->levels[run->depth];
    *level = (struct level) {.source = *source, .name_len = run->name.len};
    TT_TRY(tt_archive_open(&level->archive, run->inspect->alloc, &level->source, tt_str_make(run->head, head), &run->budget,
                           run->depth == 0));
    run->depth++;
    return TT_OK;
}

/* Goes on to the next file of the innermost archive and reads it, or to the archive around it. */
static enum tt_status
read_next_entry(struct run *run)
{
    struct level *level = &run->levels[run->depth - 1];
    const char *trouble;
    tt_buf_clear(&run->path);
    bool found = tt_archive_next(level->archive, &run->path, &trouble);
    run->name.len = level->name_len;
    if (!found) {
        enum tt_status status =
            trouble ? tt_found_note(run->found, name_of(run), "the archive was not read to its end", trouble) : TT_OK;
        tt_archive_close(level->archive);
        run->depth--;
        return status;
    }
    TT_TRY(run->path.status);
    tt_buf_add_char(&run->name, '!');
    tt_buf_add(&run->name, tt_buf_str(&run->path));
    TT_TRY(run->name.status);
    bool ended;
    TT_TRY(note_end(run, &ended));
    if (ended) {
        return TT_OK;
    }
    const char *closed = tt_archive_closed_why(level->archive);
    if (closed) {
        return tt_found_note(run->found, name_of(run), "encrypted; unpack it to inspect it", NULL);
    }
    struct tt_source source = {.fd = -1, .entry = level->archive};
    size_t head = tt_source_fill(&source, run->head, TT_SNIFF_SIZE);
    return tt_archive_is_one(tt_str_make(run->head, head)) ? descend(run, &source, head) : read_plain(run, &source, head);
}

static enum tt_status
read_archive(struct run *run, const struct tt_source *source, size_t head)
{
    locale_t before = run->inspect->names ? uselocale(run->inspect->names) : (locale_t) 0;
    enum tt_status status = descend(run, source, head);
    while (status == TT_OK && run->depth > 0 && !run->file.effort.ended) {
        status = read_next_entry(run);
    }
    while (run->depth > 0) {
        tt_archive_close(run->levels[--run->depth].archive);
    }
    if (run->inspect->names) {
        (void) uselocale(before);
    }
    return status;
}

static enum tt_status
read_source(struct run *run, struct tt_source *source)
{
    size_t head = tt_source_fill(source, run->head, TT_SNIFF_SIZE);
    bool archive = tt_archive_is_one(tt_str_make(run->head, head));
    return archive ? read_archive(run, source, head) : read_plain(run, source, head);
}

/* ---- Files ---- */

/* Opens a path; -1 with errno.  Never waits for a pipe's other end in a tree, and takes no controlling terminal. */
static int
open_input(const char *path, bool named)
{
    if (named && strcmp(path, "-") == 0) {
        return dup(STDIN_FILENO);
    }
    return open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | (named ? 0 : O_NOFOLLOW | O_NONBLOCK));
}

static enum tt_status
read_file(struct run *run, const struct tt_walk_item *item)
{
    struct stat st;
    struct tt_source source = {.fd = open_input(item->uri.ptr, !item->from_tree)};
    enum tt_status status;
    tt_buf_clear(&run->name);
    tt_buf_add(&run->name, item->uri);
    bool ended = false;
    status = run->name.status == TT_OK ? note_end(run, &ended) : run->name.status;
    if (status != TT_OK || ended) {
        /* nothing more is read */
    } else if (source.fd < 0 || fstat(source.fd, &st) != 0) {
        status = tt_found_note(run->found, item->uri, tt_input_errno(errno), NULL);
    } else if (S_ISDIR(st.st_mode) || S_ISBLK(st.st_mode) || (item->from_tree && !S_ISREG(st.st_mode))) {
        status = tt_found_note(run->found, item->uri, "not a regular file", NULL);
    } else {
        source.size = S_ISREG(st.st_mode) ? (uint64_t) st.st_size : 0;
        status = read_source(run, &source);
    }
    if (source.fd >= 0) {
        close(source.fd);
    }
    return status;
}

static enum tt_status
walk_all(struct run *run, const char *path)
{
    struct tt_walk walk;
    struct tt_walk_item item;
    enum tt_status status;
    tt_walk_begin(&walk, run->inspect->alloc, &path, 1);
    walk.no_ignore = true; /* a package is what is in it */
    while (tt_walk_next(&walk, &item, &status)) {
        status = item.trouble ? tt_found_note(run->found, item.uri, item.trouble, NULL) : read_file(run, &item);
        if (status != TT_OK || run->file.effort.ended) {
            break;
        }
    }
    tt_walk_free(&walk);
    return status;
}

static enum tt_status
begin(struct run *run, const struct tt_inspect *inspect, struct tt_found *found)
{
    *run = (struct run) {.inspect = inspect, .found = found};
    tt_file_init(&run->file, inspect->alloc, inspect->kernels, inspect->patterns);
    run->file.effort.bytes = inspect->bytes_max ? inspect->bytes_max : TT_INSPECT_TOTAL_MAX;
    run->file.effort.work = inspect->work_max ? inspect->work_max : TT_INSPECT_WORK_MAX;
    run->budget.most =
        (TT_ARCHIVE_DEPTH_MAX + 1) * run->file.effort.bytes; /* what lies deeper comes out of each archive around it */
    tt_buf_init(&run->name, inspect->alloc, TT_ARCHIVE_URI_MAX);
    tt_buf_init(&run->path, inspect->alloc, TT_ARCHIVE_NAME_MAX);
    run->head = tt_alloc_new(inspect->alloc, TT_SNIFF_SIZE);
    return run->head ? TT_OK : TT_E_MEMORY;
}

static enum tt_status
end(struct run *run, enum tt_status status)
{
    tt_file_free(&run->file);
    tt_buf_free(&run->name);
    tt_buf_free(&run->path);
    tt_alloc_free(run->inspect->alloc, run->head, TT_SNIFF_SIZE);
    return status == TT_OK ? tt_found_end(run->found) : status;
}

enum tt_status
tt_inspect_run(const struct tt_inspect *inspect, const char *path, struct tt_found *found)
{
    struct run run;
    enum tt_status status = begin(&run, inspect, found);
    return end(&run, status == TT_OK ? walk_all(&run, path) : status);
}

enum tt_status
tt_inspect_bytes(const struct tt_inspect *inspect, struct tt_str uri, struct tt_str bytes, struct tt_found *found)
{
    struct run run;
    struct tt_source source = {.fd = -1, .bytes = bytes};
    enum tt_status status = begin(&run, inspect, found);
    if (status == TT_OK) {
        tt_buf_add(&run.name, uri);
        status = run.name.status == TT_OK ? read_source(&run, &source) : run.name.status;
    }
    return end(&run, status);
}
