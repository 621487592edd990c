/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a box shows of processors and of the machine's start; see proc(5), sched_setaffinity(2) and Documentation/admin-guide/cputopology.rst.
 *
 * Not every program asks its affinity how many processors there are: some count lines in /proc/cpuinfo, in /proc/stat or in /sys.  So all of these show
 * the same number.  /proc/stat also has the time of the machine's start, from which the real time could be read; it moves with the client's clock.  What
 * covers these files is written once and does not change while the box lives.
 */
#include "probe/box_parts.h"
#include "probe/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX (8 * TT_MIB)

bool
tt_box_processors(unsigned wanted, cpu_set_t *few)
{
    cpu_set_t all;
    CPU_ZERO(few);
    if (sched_getaffinity(0, sizeof(all), &all) != 0) {
        return false;
    }
    for (int i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all) && (wanted == 0 || (unsigned) CPU_COUNT(few) < wanted)) {
            CPU_SET(i, few);
        }
    }
    return true;
}

/* ---- files ---- */

static bool
read_text(const char *path, struct tt_buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = -1;
    for (char *room; fd >= 0 && (room = tt_buf_reserve(out, 16 * TT_KIB)) && (n = read(fd, room, 16 * TT_KIB)) > 0;) {
        out->len += (size_t) n;
    }
    if (fd >= 0) {
        close(fd);
    }
    return n == 0 && out->status == TT_OK;
}

/* A file of its own over one of the kernel's.  One that this kernel does not have needs no cover. */
static bool
cover(struct tt_box_inner *inner, const char *name, const char *path, struct tt_str content)
{
    char own[TT_BOX_PATH_MAX];
    snprintf(own, sizeof(own), TT_BOX_LAYERS "/%s", name);
    if (access(path, F_OK) != 0) {
        return true;
    }
    int fd = open(own, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0444);
    bool covered = fd >= 0 && write(fd, content.ptr, content.len) == (ssize_t) content.len &&
                   mount(own, path, NULL, MS_BIND, NULL) == 0 &&
                   mount(NULL, path, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) == 0;
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    return covered || tt_box_fail(inner, TT_E_IO, "what the box shows of processors", path, error);
}

/* ---- their contents ---- */

/* "0-1,4": as the kernel writes sets. */
static void
add_set(struct tt_buf *out, const cpu_set_t *set)
{
    for (int i = 0; i < CPU_SETSIZE; i++) {
        int first = i;
        if (!CPU_ISSET(i, set)) {
            continue;
        }
        while (i + 1 < CPU_SETSIZE && CPU_ISSET(i + 1, set)) {
            i++;
        }
        tt_buf_add_cstr(out, out->len ? "," : "");
        tt_buf_add_u64(out, (uint64_t) first);
        if (i > first) {
            tt_buf_add_char(out, '-');
            tt_buf_add_u64(out, (uint64_t) i);
        }
    }
    tt_buf_add_char(out, '\n');
}

/* The number behind a word at the text's start: "cpu12 ...", "processor : 12".  -1: another word, or none. */
static int
number_behind(struct tt_str text, struct tt_str word)
{
    size_t at = word.len;
    int number = 0;
    if (!tt_str_starts(text, word)) {
        return -1;
    }
    while (at < text.len && (text.ptr[at] == ' ' || text.ptr[at] == '\t' || text.ptr[at] == ':')) {
        at++;
    }
    if (at == text.len || !tt_ascii_is_digit(text.ptr[at])) {
        return -1;
    }
    for (; at < text.len && tt_ascii_is_digit(text.ptr[at]) && number < CPU_SETSIZE; at++) {
        number = number * 10 + text.ptr[at] - '0';
    }
    return number < CPU_SETSIZE ? number : -1;
}

/* Blocks of lines, each of which begins with the number of its processor. */
static void
filter_cpuinfo(struct tt_str text, const cpu_set_t *set, struct tt_buf *out)
{
    bool shown = true;
    for (size_t at = 0; at < text.len;) {
        struct tt_str rest = tt_str_slice(text, at, text.len);
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t length = end ? (size_t) (end - rest.ptr) + 1 : rest.len;
        int number = number_behind(rest, TT_STR("processor"));
        shown = number >= 0 ? CPU_ISSET(number, set) : shown;
        if (shown) {
            tt_buf_add(out, tt_str_slice(rest, 0, length));
        }
        at += length;
    }
}

/* The client's time of the machine's start: as long before its instant as in truth before now. */
static int64_t
start_time(int64_t instant)
{
    struct timespec up;
    clock_gettime(CLOCK_BOOTTIME, &up);
    return instant - up.tv_sec;
}

static void
filter_stat(struct tt_str text, const cpu_set_t *set, int64_t instant, struct tt_buf *out)
{
    for (size_t at = 0; at < text.len;) {
        struct tt_str rest = tt_str_slice(text, at, text.len);
        const char *end = memchr(rest.ptr, '\n', rest.len);
        size_t length = end ? (size_t) (end - rest.ptr) + 1 : rest.len;
        int number = tt_str_starts(rest, TT_STR("cpu ")) ? -1 : number_behind(rest, TT_STR("cpu"));
        if (tt_str_starts(rest, TT_STR("btime ")) && instant != TT_BOX_REAL_CLOCK) {
            tt_buf_add_cstr(out, "btime ");
            tt_buf_add_u64(out, (uint64_t) start_time(instant));
            tt_buf_add_char(out, '\n');
        } else if (number < 0 || CPU_ISSET(number, set)) {
            tt_buf_add(out, tt_str_slice(rest, 0, length));
        }
        at += length;
    }
}

static bool
cover_sets(struct tt_box_inner *inner, const cpu_set_t *set)
{
    static const char *const names[] = {"online", "present", "possible"};
    struct tt_buf text;
    char path[128];
    bool covered = true;
    tt_buf_init(&text, &tt_alloc_libc, 16 * TT_KIB);
    add_set(&text, set);
    for (size_t i = 0; covered && i < sizeof(names) / sizeof(*names); i++) {
        snprintf(path, sizeof(path), "/sys/devices/system/cpu/%s", names[i]);
        covered = cover(inner, names[i], path, tt_buf_str(&text));
    }
    tt_buf_free(&text);
    return covered;
}

bool
tt_box_processors_show(struct tt_box_inner *inner)
{
    struct tt_buf text, shown;
    cpu_set_t set;
    unsigned wanted = inner->settings->cpus;
    bool covered = tt_box_processors(wanted, &set);
    tt_buf_init(&text, &tt_alloc_libc, TEXT_MAX);
    tt_buf_init(&shown, &tt_alloc_libc, TEXT_MAX);
    if (covered && wanted > 0) {
        if ((covered = read_text("/proc/cpuinfo", &text))) {
            filter_cpuinfo(tt_buf_str(&text), &set, &shown);
            covered = cover(inner, "cpuinfo", "/proc/cpuinfo", tt_buf_str(&shown)) && cover_sets(inner, &set);
        }
    } else {
        memset(&set, 0xff, sizeof(set)); /* also those that telltale may not use are shown */
    }
    tt_buf_clear(&text);
    tt_buf_clear(&shown);
    if (covered && (covered = read_text("/proc/stat", &text))) {
        filter_stat(tt_buf_str(&text), &set, inner->settings->instant, &shown);
        covered = cover(inner, "stat", "/proc/stat", tt_buf_str(&shown));
    }
    tt_buf_free(&text);
    tt_buf_free(&shown);
    return covered ||
           (inner->message.text[0] ? false : tt_box_fail(inner, TT_E_IO, "what the box shows of processors", NULL, errno));
}
