/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The progress line.
 *
 * In: numbers of files and bytes.  Out: one line on a terminal, redrawn in place with a carriage return and "erase to end of line"
 * (ECMA-48, 8.3.41), and gone at the end.  Nothing is written to anything but a terminal.  The caller owns the struct.
 */
#include "cli/progress.h"

#include "base/limits.h"
#include "finding/writer.h"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define REDRAW_MS 100 /* ten times a second */
#define BAR_CELLS 20
#define WIDTH_DEFAULT 80
#define WIDTH_MAX 200

/* Each is one code point and three bytes, so the line's columns are easy to count. */
static const char full_cell[] = "█", empty_cell[] = "░";
static const char *const spinner[] = {"⠋", "⠙", "⠸", "⠴", "⠦", "⠇"};

static uint64_t
now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t) t.tv_sec * 1000 + (uint64_t) t.tv_nsec / 1000000;
}

void
tt_progress_begin(struct tt_progress *progress, FILE *to, bool wanted)
{
    int fd = fileno(to);
    *progress = (struct tt_progress) {.begun_ms = now_ms()};
    if (wanted && fd >= 0 && isatty(fd)) {
        progress->to = to;
        /* The first line comes late: short work shows nothing at all. */
        progress->drawn_ms = progress->begun_ms + REDRAW_MS;
    }
}

static void
add_bar(struct tt_buf *out, const struct tt_progress_numbers *numbers)
{
    /* Files may outnumber 2^59 only in theory; dividing first there keeps the product in range. */
    uint64_t done = numbers->files_done, known = numbers->files_known;
    uint64_t cells = known >= BAR_CELLS * UINT64_C(1000) ? done / (known / BAR_CELLS) : done * BAR_CELLS / (known ? known : 1);
    for (uint64_t i = 0; i < BAR_CELLS; i++) {
        tt_buf_add_cstr(out, i < cells ? full_cell : empty_cell);
    }
}

/* Cuts the line after width code points. */
static void
cut(struct tt_buf *out, size_t from, size_t width)
{
    size_t points = 0;
    for (size_t i = from; i < out->len; i++) {
        points += ((unsigned char) out->ptr[i] & 0xC0) != 0x80;
        if (points > width) {
            out->len = i;
            return;
        }
    }
}

static void
add_bytes(struct tt_buf *out, const struct tt_progress_numbers *numbers, uint64_t elapsed_ms)
{
    tt_buf_add_cstr(out, numbers->known ? ", " : " so far, ");
    tt_writer_add_size(out, numbers->bytes_done);
    if (elapsed_ms >= 1000) {
        tt_buf_add_cstr(out, ", ");
        tt_writer_add_size(out, numbers->bytes_done / elapsed_ms * 1000);
        tt_buf_add_cstr(out, "/s");
    }
}

/* ", about 2 min 10 s left" */
static void
add_time_left(struct tt_buf *out, uint64_t left_ms)
{
    uint64_t seconds = (left_ms + 999) / 1000;
    if (seconds > 0) {
        tt_buf_add_cstr(out, ", about ");
        if (seconds >= 60) {
            tt_buf_add_u64(out, seconds / 60);
            tt_buf_add_cstr(out, " min ");
        }
        tt_buf_add_u64(out, seconds % 60);
        tt_buf_add_cstr(out, " s left");
    }
}

void
tt_progress_line(struct tt_buf *out, const struct tt_progress_numbers *numbers, uint64_t elapsed_ms, unsigned turn, size_t width)
{
    size_t from = out->len;
    if (numbers->known) {
        add_bar(out, numbers);
    } else {
        tt_buf_add_cstr(out, spinner[turn % (sizeof(spinner) / sizeof(*spinner))]);
    }
    tt_buf_add_char(out, ' ');
    tt_buf_add_u64(out, numbers->files_done);
    tt_buf_add_cstr(out, " of ");
    tt_writer_add_count(out, numbers->files_known, numbers->noun ? numbers->noun : "file");
    if (numbers->noun) {
        add_time_left(out, numbers->left_ms);
    } else {
        add_bytes(out, numbers, elapsed_ms);
    }
    cut(out, from, width);
}

static size_t
terminal_width(FILE *to)
{
    struct winsize size;
    if (ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return WIDTH_DEFAULT;
    }
    return size.ws_col < WIDTH_MAX ? size.ws_col : WIDTH_MAX;
}

void
tt_progress_show(struct tt_progress *progress, const struct tt_progress_numbers *numbers)
{
    if (!progress->to) {
        return;
    }
    uint64_t now = now_ms();
    if (now < progress->drawn_ms + REDRAW_MS) {
        return;
    }
    struct tt_buf line;
    tt_buf_init(&line, &tt_alloc_libc, TT_KIB);
    /* One column is left free: a full line makes some terminals wrap. */
    tt_progress_line(&line, numbers, now - progress->begun_ms, progress->turn++, terminal_width(progress->to) - 1);
    fprintf(progress->to, "\r%.*s\033[K", (int) line.len, line.ptr ? line.ptr : "");
    fflush(progress->to);
    tt_buf_free(&line);
    progress->drawn_ms = now;
    progress->visible = true;
}

void
tt_progress_hide(struct tt_progress *progress)
{
    if (progress->visible) {
        fputs("\r\033[K", progress->to);
        fflush(progress->to);
        progress->visible = false;
    }
}
