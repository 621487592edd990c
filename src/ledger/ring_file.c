/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making, finding and mapping the files of rings.
 *
 * In: a folder, whose permissions a new file takes over.  Out: mappings, which outlive their descriptors.  Invariants: a file gets its name only when
 * its head is whole, and its room is reserved, because a full tmpfs would otherwise end the process that writes to the mapping.
 */
#include "ledger/ring_file.h"

#include "base/crc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define VERSION 1
#define NAME_MAX_BYTES 32

static const char magic[8] = "TTRING\r\n";

static uint32_t
head_check(const struct tt_ring_file *file)
{
    return tt_crc32c(0, tt_str_make(file, offsetof(struct tt_ring_file, check)));
}

static bool
is_size(uint64_t size)
{
    return size >= TT_RING_SIZE_MIN && size <= TT_RING_SIZE_MAX && (size & (size - 1)) == 0;
}

static void
name_of(unsigned slot, char name[NAME_MAX_BYTES])
{
    snprintf(name, NAME_MAX_BYTES, "ring.%u", slot);
}

bool
tt_ring_file_slot(const char *name, unsigned *slot)
{
    char again[NAME_MAX_BYTES];
    struct tt_str digits = tt_str_cstr(name);
    unsigned number = 0;
    if (!tt_str_starts(digits, TT_STR("ring."))) {
        return false;
    }
    for (size_t i = 5; i < digits.len && number < TT_RINGS_MAX; i++) {
        number = number * 10 + (unsigned) (digits.ptr[i] - '0');
    }
    *slot = number;
    name_of(number, again);
    return number < TT_RINGS_MAX && strcmp(name, again) == 0;
}

int
tt_ring_file_open(int folder, unsigned slot)
{
    char name[NAME_MAX_BYTES];
    name_of(slot, name);
    return openat(folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}

/* Fills a file that has no name yet. */
static enum tt_status
fill(int fd, const struct tt_ring_file *file, mode_t mode)
{
    int code = posix_fallocate(fd, 0, (off_t) (TT_RING_HEAD + file->size));
    if (code != 0) {
        errno = code;
        return TT_E_IO;
    }
    return fchmod(fd, mode) == 0 && pwrite(fd, file, sizeof(*file), 0) == (ssize_t) sizeof(*file) ? TT_OK : TT_E_IO;
}

/* Gives the file its name, unless there is such a file: without AT_EMPTY_PATH, which asks for a capability. */
static enum tt_status
publish(int fd, int folder, unsigned slot)
{
    char name[NAME_MAX_BYTES], path[40];
    name_of(slot, name);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW) == 0) {
        return TT_OK;
    }
    return errno == EEXIST ? TT_E_USAGE : TT_E_IO;
}

enum tt_status
tt_ring_file_create(int folder, unsigned slot, size_t size, uint64_t owner)
{
    struct stat st;
    struct tt_ring_file file = {.version = VERSION, .slot = slot, .size = size, .owner = owner};
    memcpy(file.magic, magic, sizeof(magic));
    if (getrandom(&file.number, sizeof(file.number), 0) != (ssize_t) sizeof(file.number) || fstat(folder, &st) != 0) {
        return TT_E_IO;
    }
    file.check = head_check(&file);
    int fd = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        return TT_E_IO;
    }
    enum tt_status status = fill(fd, &file, st.st_mode & 0666);
    if (status == TT_OK) {
        status = publish(fd, folder, slot);
    }
    int error = errno;
    close(fd);
    errno = error;
    return status;
}

/* Is this the head of a ring of that slot and size? */
static bool
is_whole(const struct tt_ring_file *file, unsigned slot, uint64_t size)
{
    return memcmp(file->magic, magic, sizeof(magic)) == 0 && file->version == VERSION && file->check == head_check(file) &&
           file->slot == slot && file->size == size;
}

/* Reserves the addresses first, so that the parts lie behind each other. */
static enum tt_status
map_parts(struct tt_ring_map *map, int fd, size_t size)
{
    const int access = PROT_READ | PROT_WRITE;
    char *at = mmap(NULL, TT_RING_HEAD + 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) {
        return TT_E_IO;
    }
    *map = (struct tt_ring_map) {.file = (void *) at, .data = at + TT_RING_HEAD, .size = size};
    if (mmap(at, TT_RING_HEAD + size, access, MAP_SHARED | MAP_FIXED, fd, 0) == MAP_FAILED ||
        mmap(map->data + size, size, access, MAP_SHARED | MAP_FIXED, fd, (off_t) TT_RING_HEAD) == MAP_FAILED) {
        tt_ring_map_close(map);
        return TT_E_IO;
    }
    return TT_OK;
}

enum tt_status
tt_ring_map_open(struct tt_ring_map *map, int fd, unsigned slot)
{
    struct stat st;
    *map = (struct tt_ring_map) {.file = NULL};
    if (fstat(fd, &st) != 0) {
        return TT_E_IO;
    }
    if (!S_ISREG(st.st_mode) || st.st_size < (off_t) TT_RING_HEAD || !is_size((uint64_t) st.st_size - TT_RING_HEAD)) {
        return TT_E_INPUT;
    }
    size_t size = (size_t) st.st_size - TT_RING_HEAD;
    TT_TRY(map_parts(map, fd, size));
    if (!is_whole(map->file, slot, size)) {
        tt_ring_map_close(map);
        return TT_E_INPUT;
    }
    return TT_OK;
}

void
tt_ring_map_close(struct tt_ring_map *map)
{
    if (map->file) {
        int error = errno;
        munmap(map->file, TT_RING_HEAD + 2 * map->size);
        errno = error;
    }
    map->file = NULL;
}

uint32_t
tt_ring_frame_check(const struct tt_ring_frame *frame, struct tt_str bytes)
{
    const size_t from = offsetof(struct tt_ring_frame, sequence);
    uint32_t crc = tt_crc32c(0, tt_str_make((const char *) frame + from, sizeof(*frame) - from));
    crc = tt_crc32c(crc, tt_str_make(&frame->length, sizeof(frame->length)));
    return tt_crc32c(crc, bytes);
}
