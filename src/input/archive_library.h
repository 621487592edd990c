/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libarchive, loaded when the first archive is met.
 *
 * It brings a dozen libraries with it (XML, ICU, C++), which took 2 ms of every start: longer than most scans.
 */
#ifndef TT_INPUT_ARCHIVE_LIBRARY_H
#define TT_INPUT_ARCHIVE_LIBRARY_H

#include "base/buf.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>

#define TT_ARCHIVE_CALL(name) __typeof__(archive_##name) *name

/* What is used of it: each is the function archive_... */
struct tt_archive_calls {
    TT_ARCHIVE_CALL(entry_filetype);
    TT_ARCHIVE_CALL(entry_hardlink);
    TT_ARCHIVE_CALL(entry_is_data_encrypted);
    TT_ARCHIVE_CALL(entry_pathname);
    TT_ARCHIVE_CALL(entry_pathname_utf8);
    TT_ARCHIVE_CALL(error_string);
    TT_ARCHIVE_CALL(filter_code);
    TT_ARCHIVE_CALL(format);
    TT_ARCHIVE_CALL(read_data);
    TT_ARCHIVE_CALL(read_free);
    TT_ARCHIVE_CALL(read_new);
    TT_ARCHIVE_CALL(read_next_header);
    TT_ARCHIVE_CALL(read_open);
    TT_ARCHIVE_CALL(read_support_filter_bzip2);
    TT_ARCHIVE_CALL(read_support_filter_gzip);
    TT_ARCHIVE_CALL(read_support_filter_xz);
    TT_ARCHIVE_CALL(read_support_filter_zstd);
    TT_ARCHIVE_CALL(read_support_format_ar);
    TT_ARCHIVE_CALL(read_support_format_empty);
    TT_ARCHIVE_CALL(read_support_format_raw);
    TT_ARCHIVE_CALL(read_support_format_tar);
    TT_ARCHIVE_CALL(read_support_format_zip_streamable);
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
