/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nginx's error log; see log.h.
 *
 * Input: a file that another process appends to, and that a person may cut or replace.  Output: counters.  At most READ_MAX bytes a call, so that a
 * flood of messages does not hold up the records.
 */
#include "serve/log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME "error.log"
#define OLD_NAME "error.log.1"
#define READ_MAX (1 * TT_MIB)

void
tt_serve_log_begin(struct tt_serve_log *log, const struct tt_serve_state *state)
{
    struct stat st;
    *log = (struct tt_serve_log) {.offset = 0};
    if (fstatat(state->folder, NAME, &st, 0) == 0) {
        log->offset = (uint64_t) st.st_size;
        log->inode = (uint64_t) st.st_ino;
    }
}

/* What nginx was doing when it wrote ("client: ..., request: ...") is left out: it may hold a key. */
static void
remember(struct tt_serve_log *log, struct tt_str line)
{
    const char *bracket = memchr(line.ptr, '[', line.len);
    struct tt_str text = bracket ? tt_str_slice(line, (size_t) (bracket - line.ptr), line.len) : line;
    const char *client = tt_str_find(text, TT_STR(", client: "));
    text.len = client ? (size_t) (client - text.ptr) : text.len;
    text.len = text.len < sizeof(log->last) ? text.len : sizeof(log->last) - 1;
    memcpy(log->last, text.ptr, text.len);
    log->last[text.len] = '\0';
}

static void
take_line(struct tt_serve_log *log, struct tt_str line)
{
    if (tt_str_has(line, TT_STR("is buffered to a temporary file"))) {
        log->temp_files++;
    } else if (tt_str_has(line, TT_STR("[alert]")) || tt_str_has(line, TT_STR("[crit]")) || tt_str_has(line, TT_STR("[emerg]"))) {
        log->alerts++;
        log->deaths += tt_str_has(line, TT_STR(" exited on signal ")) || tt_str_has(line, TT_STR(" exited with fatal code "));
        remember(log, line);
    }
}

/* Of a long line only the beginning counts. */
static void
take_piece(struct tt_serve_log *log, struct tt_str piece)
{
    for (size_t i = 0; i < piece.len; i++) {
        if (piece.ptr[i] == '\n') {
            take_line(log, tt_str_make(log->kept, log->kept_length));
            log->kept_length = 0;
        } else if (log->kept_length < sizeof(log->kept)) {
            log->kept[log->kept_length++] = piece.ptr[i];
        }
    }
}

static void
read_on(struct tt_serve_log *log, int fd)
{
    char piece[16 * 1024];
    ssize_t n = 1;
    for (size_t total = 0; n > 0 && total < READ_MAX; total += (size_t) n) {
        n = pread(fd, piece, sizeof(piece), (off_t) log->offset);
        if (n > 0) {
            take_piece(log, tt_str_make(piece, (size_t) n));
            log->offset += (uint64_t) n;
        }
    }
}

bool
tt_serve_log_read(struct tt_serve_log *log, const struct tt_serve_state *state)
{
    struct stat st;
    int fd = openat(state->folder, NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool full = false;
    if (fstat(fd, &st) == 0) {
        if ((uint64_t) st.st_ino != log->inode || (uint64_t) st.st_size < log->offset) {
            log->inode = (uint64_t) st.st_ino;
            log->offset = 0;
            log->kept_length = 0;
        }
        read_on(log, fd);
        full = (uint64_t) st.st_size > TT_SERVE_LOG_MAX && tt_serve_state_rename(state, NAME, OLD_NAME);
    }
    close(fd);
    return full;
}
