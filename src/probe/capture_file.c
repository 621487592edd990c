/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Captures on disk; see capture.h.
 *
 * In and out: a folder.  What is read is not believed: lengths in run.json must fit to the files, which are bounded before they are read.
 */
#include "probe/capture.h"

#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_ROOM 32

/* ---- writing ---- */

static enum tt_status
write_bytes(int fd, struct tt_str bytes)
{
    while (bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        if (n < 0 && errno != EINTR) {
            return TT_E_IO;
        }
        bytes = tt_str_slice(bytes, n > 0 ? (size_t) n : 0, bytes.len);
    }
    return TT_OK;
}

/* Makes a file of two parts. */
static enum tt_status
write_file(int folder, const char *name, struct tt_str first, struct tt_str second)
{
    int fd = openat(folder, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return TT_E_IO;
    }
    enum tt_status status = write_bytes(fd, first);
    if (status == TT_OK) {
        status = write_bytes(fd, second);
    }
    return close(fd) == 0 ? status : TT_E_IO;
}

static bool
has_content(const struct tt_exchange *exchange)
{
    return exchange->content.ptr != exchange->body.ptr || exchange->content.len != exchange->body.len;
}

static enum tt_status
write_exchange(int folder, const struct tt_exchange *exchange)
{
    char name[NAME_ROOM];
    snprintf(name, sizeof(name), "%02u.request", (unsigned) exchange->ordinal);
    TT_TRY(write_file(folder, name, exchange->head, exchange->body));
    if (!has_content(exchange)) {
        return TT_OK;
    }
    snprintf(name, sizeof(name), "%02u.content", (unsigned) exchange->ordinal);
    return write_file(folder, name, exchange->content, TT_STR(""));
}

enum tt_status
tt_capture_write(const struct tt_capture *capture, int folder)
{
    struct tt_buf json;
    for (size_t i = 0; i < capture->exchange_count; i++) {
        TT_TRY(write_exchange(folder, &capture->exchanges[i]));
    }
    TT_TRY(write_file(folder, "stdout", capture->out, TT_STR("")));
    TT_TRY(write_file(folder, "stderr", capture->err, TT_STR("")));
    tt_buf_init(&json, capture->arena.alloc, TT_PROBE_RUN_JSON_MAX);
    tt_capture_format(capture, &json);
    enum tt_status status = json.status;
    if (status == TT_OK) {
        status = write_file(folder, "run.json.new", tt_buf_str(&json), TT_STR(""));
    }
    tt_buf_free(&json);
    TT_TRY(status);
    return renameat(folder, "run.json.new", folder, "run.json") == 0 ? TT_OK : TT_E_IO;
}

/* ---- reading ---- */

/* The whole of a file of at most max bytes into out. */
static enum tt_status
read_file(int folder, const char *name, struct tt_buf *out)
{
    struct stat facts;
    ssize_t n = 0;
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return TT_E_IO;
    }
    tt_buf_clear(out);
    enum tt_status status = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) ? TT_OK : TT_E_INPUT;
    while (status == TT_OK) {
        size_t room = out->max - out->len < TT_SCAN_CHUNK ? out->max - out->len : TT_SCAN_CHUNK;
        char *to = room > 0 ? tt_buf_reserve(out, room) : NULL;
        if (!to) {
            status = room > 0 ? out->status : TT_E_LIMIT; /* no file is as long as the buffer's maximum */
            break;
        }
        n = read(fd, to, room);
        if (n <= 0) {
            status = n == 0 ? TT_OK : TT_E_IO;
            break;
        }
        out->len += (size_t) n;
    }
    close(fd);
    return status;
}

/* A file that must have that many bytes, into the capture. */
static enum tt_status
take_file(struct tt_capture *capture, int folder, const char *name, size_t length, struct tt_str *out, struct tt_error *err)
{
    struct tt_buf bytes;
    tt_buf_init(&bytes, capture->arena.alloc, length + 1);
    enum tt_status status = read_file(folder, name, &bytes);
    if (status == TT_OK && bytes.len == length) {
        status = tt_arena_dup(&capture->arena, tt_buf_str(&bytes), out);
    } else if (status == TT_OK || status == TT_E_LIMIT) {
        status = TT_E_INPUT;
    }
    tt_buf_free(&bytes);
    return status == TT_OK ? TT_OK
                           : tt_error_set(err, status, 0, "a file of a run is missing or has another length than run.json says");
}

static enum tt_status
take_exchange(struct tt_capture *capture, int folder, struct tt_exchange *exchange, struct tt_error *err)
{
    char name[NAME_ROOM];
    struct tt_str both;
    size_t head = exchange->head.len, body = exchange->body.len, content = exchange->content.len;
    if (head > TT_PROBE_BYTES_MAX || body > TT_PROBE_BYTES_MAX) {
        return tt_error_set(err, TT_E_LIMIT, 0, "a request is too large");
    }
    snprintf(name, sizeof(name), "%02u.request", (unsigned) exchange->ordinal);
    TT_TRY(take_file(capture, folder, name, head + body, &both, err));
    exchange->head = tt_str_slice(both, 0, head);
    exchange->body = tt_str_make(both.ptr + head, body);
    snprintf(name, sizeof(name), "%02u.content", (unsigned) exchange->ordinal);
    if (content == body && faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) != 0) {
        exchange->content = exchange->body;
        return TT_OK;
    }
    return take_file(capture, folder, name, content, &exchange->content, err);
}

enum tt_status
tt_capture_read(struct tt_capture *capture, int folder, struct tt_error *err)
{
    struct tt_buf json;
    tt_buf_init(&json, capture->arena.alloc, TT_PROBE_RUN_JSON_MAX);
    enum tt_status status = read_file(folder, "run.json", &json);
    status = status == TT_OK ? tt_capture_parse(capture, tt_buf_str(&json), err)
                             : tt_error_set(err, status, 0, "run.json cannot be read");
    tt_buf_free(&json);
    for (size_t i = 0; status == TT_OK && i < capture->exchange_count; i++) {
        status = take_exchange(capture, folder, &capture->exchanges[i], err);
    }
    if (status == TT_OK) {
        status = take_file(capture, folder, "stdout", capture->out.len, &capture->out, err);
    }
    if (status == TT_OK) {
        status = take_file(capture, folder, "stderr", capture->err.len, &capture->err, err);
    }
    return status;
}
