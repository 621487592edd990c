/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loads libarchive; see archive_library.h.
 *
 * In: the system's loader.  Out: addresses of functions.  Own: nothing; the loader counts, locks and remembers, so there is no state here
 * that threads would have to share.
 */
#include "input/archive_library.h"

#include "base/library.h"
#include "base/limits.h"

#include <dlfcn.h>
#include <link.h>

/* Its version is part of the name: the functions of another one may differ from the header's. */
#define LIBRARY "libarchive.so.13"

#define ROW(name)                                                 \
    {                                                             \
        "archive_" #name, offsetof(struct tt_archive_calls, name) \
    }

bool
tt_archive_library_load(struct tt_archive_calls *calls)
{
    static const struct tt_library_call rows[] = {
        ROW(entry_filetype),
        ROW(entry_hardlink),
        ROW(entry_is_data_encrypted),
        ROW(entry_pathname),
        ROW(entry_pathname_utf8),
        ROW(error_string),
        ROW(filter_code),
        ROW(format),
        ROW(read_data),
        ROW(read_free),
        ROW(read_new),
        ROW(read_next_header),
        ROW(read_open),
        ROW(read_support_filter_bzip2),
        ROW(read_support_filter_gzip),
        ROW(read_support_filter_xz),
        ROW(read_support_filter_zstd),
        ROW(read_support_format_ar),
        ROW(read_support_format_empty),
        ROW(read_support_format_raw),
        ROW(read_support_format_tar),
        ROW(read_support_format_zip_streamable),
    };
    _Static_assert(sizeof(rows) / sizeof(*rows) == sizeof(*calls) / sizeof(calls->read_new), "a row for each call");
    return tt_library_load(LIBRARY, rows, sizeof(rows) / sizeof(*rows), calls);
}

enum tt_status
tt_archive_library_files(struct tt_buf *names)
{
    union {
        Dl_serinfo path;
        char room[8 * TT_KIB]; /* behind it come the directories that it lists */
    } search;
    void *self = dlopen(NULL, RTLD_NOW);
    bool known = self && dlinfo(self, RTLD_DI_SERINFOSIZE, &search) == 0 && search.path.dls_size <= sizeof(search) &&
                 dlinfo(self, RTLD_DI_SERINFO, &search) == 0;
    tt_buf_add(names, TT_STR("/etc/ld.so.cache\0"));
    for (unsigned i = 0; known && i < search.path.dls_cnt; i++) {
        const char *directory = search.path.dls_serpath[i].dls_name;
        tt_buf_add(names, tt_str_make(directory, strlen(directory) + 1));
    }
    if (self) {
        dlclose(self);
    }
    return names->status;
}
