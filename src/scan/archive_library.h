/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libarchive, loaded when the first archive is met.
 *
 * It brings a dozen libraries with it (XML, ICU, C++), which took 2 ms of every start: longer than most scans.
 */
#ifndef TT_SCAN_ARCHIVE_LIBRARY_H
#define TT_SCAN_ARCHIVE_LIBRARY_H

#include "base/buf.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

/* What is used of it.  X(name): the function archive_name. */
#define TT_ARCHIVE_CALLS(X)      \
    X(entry_filetype)            \
    X(entry_hardlink)            \
    X(entry_is_data_encrypted)   \
    X(entry_pathname)            \
    X(entry_pathname_utf8)       \
    X(error_string)              \
    X(filter_code)               \
    X(format)                    \
    X(read_data)                 \
    X(read_free)                 \
    X(read_new)                  \
    X(read_next_header)          \
    X(read_open)                 \
    X(read_support_filter_bzip2) \
    X(read_support_filter_gzip)  \
    X(read_support_filter_xz)    \
    X(read_support_filter_zstd)  \
    X(read_support_format_empty) \
    X(read_support_format_raw)   \
    X(read_support_format_tar)   \
    X(read_support_format_zip_streamable)

#define TT_ARCHIVE_CALL_MEMBER(name) __typeof__(&archive_##name) name;

struct tt_archive_calls {
    TT_ARCHIVE_CALLS(TT_ARCHIVE_CALL_MEMBER)
};

/*
 * Finds the functions, from any thread; false when the library is not installed or cannot be loaded.  The first call loads it, and it
 * stays loaded to the end of the process, so that a tree of archives pays once and nobody has to hold it.
 */
bool tt_archive_library_load(struct tt_archive_calls *calls);

/*
 * Appends the files and directories that loading reads, each name with a NUL behind it: for a sandbox that is sealed before.  Everybody may
 * read them; where one is missing, loading fails, and archives are reported as not inspected.
 */
enum tt_status tt_archive_library_files(struct tt_buf *names) TT_MUST_USE;

#endif
