/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of a probe's folder; see folder.h.
 *
 * In: the folder's descriptor and a name.  Out: bytes, or a file that appears by a rename.  Nothing is kept.
 */
#include "probe/folder.h"

#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum tt_status
tt_folder_read(int folder, const char *name, struct tt_buf *out)
{
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
    enum tt_status status = fd >= 0 ? TT_OK : TT_E_IO;
    ssize_t n = 1;
    while (status == TT_OK && n > 0) {
        char *room = tt_buf_reserve(out, TT_SCAN_CHUNK);
        n = room ? read(fd, room, TT_SCAN_CHUNK) : -1;
        status = !room ? out->status : n < 0 ? TT_E_IO : TT_OK;
        out->len += n > 0 ? (size_t) n : 0;
    }
    if (fd >= 0) {
        int kept = errno;
        close(fd);
        errno = kept;
    }
    return status;
}

enum tt_status
tt_folder_write(int folder, const char *name, struct tt_str bytes)
{
    int fd = openat(folder, "new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return TT_E_IO;
    }
    bool good = true;
    while (good && bytes.len > 0) {
        ssize_t n = write(fd, bytes.ptr, bytes.len);
        good = n > 0;
        bytes = tt_str_slice(bytes, good ? (size_t) n : 0, bytes.len);
    }
    good = close(fd) == 0 && good;
    return good && renameat(folder, "new", folder, name) == 0 ? TT_OK : TT_E_IO;
}
