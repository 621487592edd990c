/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A folder for rings that a test makes and removes, and the damage that is done to a file in it.
 */
#ifndef TT_TESTS_RING_FOLDER_H
#define TT_TESTS_RING_FOLDER_H

#include <fcntl.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct ring_folder {
    char path[64];
};

/* In memory where there is a tmpfs for everybody. */
static inline bool
ring_folder_make(struct ring_folder *folder)
{
    bool shm = access("/dev/shm", W_OK | X_OK) == 0;
    snprintf(folder->path, sizeof(folder->path), "%s/telltale-test-XXXXXX", shm ? "/dev/shm" : "/tmp");
    return mkdtemp(folder->path) != NULL;
}

static inline int
ring_folder_drop(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void) st;
    (void) kind;
    (void) where;
    return remove(path);
}

static inline void
ring_folder_remove(const struct ring_folder *folder)
{
    nftw(folder->path, ring_folder_drop, 8, FTW_DEPTH | FTW_PHYS);
}

/* Overwrites bytes of a ring's file. */
static inline bool
ring_folder_write(const struct ring_folder *folder, unsigned slot, off_t at, const void *bytes, size_t length)
{
    char name[128];
    snprintf(name, sizeof(name), "%s/ring.%u", folder->path, slot);
    int fd = open(name, O_RDWR | O_CREAT, 0600);
    bool done = fd >= 0 && pwrite(fd, bytes, length, at) == (ssize_t) length;
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

#endif
