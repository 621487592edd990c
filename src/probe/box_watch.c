/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the box's own /proc; see box_watch.h and proc(5).
 *
 * A process that ends meanwhile is not counted.
 */
#include "probe/box_watch.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct sums {
    uint64_t own_pages, shared_pages;
    unsigned tasks;
};

static bool
read_file(int folder, const char *pid, const char *name, char *out, size_t size)
{
    char path[64];
    snprintf(path, sizeof(path), "%.20s/%s", pid, name);
    int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, out, size - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    out[n > 0 ? n : 0] = '\0';
    return n > 0;
}

/* Field 20 of stat is the number of threads; the name before it may hold anything but ends at the last ')'. */
static unsigned
count_threads(const char *stat)
{
    const char *at = strrchr(stat, ')');
    for (int i = 2; at && i < 20; i++) {
        at = strchr(at + 1, ' ');
    }
    return at ? (unsigned) strtoul(at, NULL, 10) : 0;
}

static void
add_process(struct sums *sums, int folder, const char *pid)
{
    char text[1024], *end;
    if (!read_file(folder, pid, "stat", text, sizeof(text))) {
        return;
    }
    sums->tasks += count_threads(text);
    if (read_file(folder, pid, "statm", text, sizeof(text))) {
        (void) strtoull(text, &end, 10);
        uint64_t resident = strtoull(end, &end, 10), shared = strtoull(end, NULL, 10);
        sums->own_pages += resident > shared ? resident - shared : 0;
        sums->shared_pages = shared > sums->shared_pages ? shared : sums->shared_pages;
    }
}

struct tt_box_use
tt_box_watch(unsigned tasks_max)
{
    struct sums sums = {0};
    DIR *list = opendir("/proc");
    struct dirent *entry;
    while (list && sums.tasks <= tasks_max && (entry = readdir(list))) {
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && strcmp(entry->d_name, "1") != 0) {
            add_process(&sums, dirfd(list), entry->d_name);
        }
    }
    if (list) {
        closedir(list);
    }
    uint64_t page_kb = (uint64_t) sysconf(_SC_PAGESIZE) / 1024;
    return (struct tt_box_use) {.kb = (sums.own_pages + sums.shared_pages) * page_kb, .tasks = sums.tasks};
}
