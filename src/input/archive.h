/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Archives and compressed files, entry by entry and in bounded memory, through libarchive: tar, zip and Debian packages, and what
 * gzip, bzip2, xz or zstd has compressed.  Nothing is ever written to disk.
 */
#ifndef TT_INPUT_ARCHIVE_H
#define TT_INPUT_ARCHIVE_H

#include "base/buf.h"
#include "input/source.h"

#include <locale.h>

/* What the archives of one input have cost so far, those inside of others included; zeroes at first, but for what the caller bounds. */
struct tt_archive_budget {
    uint64_t read;     /* bytes of the input itself */
    uint64_t unpacked; /* bytes that came out, at all levels */
    uint64_t entries;
    uint64_t most; /* bytes that may come out; 0: what fits to those of the input */
};

/* Does an input that begins so hold an archive, or something compressed?  Judged by signatures, never by the name. */
bool tt_archive_is_one(struct tt_str head);

/* The characters of names in archives, made before the sandbox is sealed; 0 when the system has none. */
locale_t tt_archive_locale(void);

/*
 * Begins to read the source, whose first bytes (head, at most TT_SNIFF_SIZE) were read already.  budget is shared with the archives
 * around this one; outermost says that the source is the input itself.
 */
enum tt_status tt_archive_open(struct tt_archive **archive, const struct tt_alloc *alloc, struct tt_source *source,
                               struct tt_str head, struct tt_archive_budget *budget, bool outermost) TT_MUST_USE;
void tt_archive_close(struct tt_archive *archive);

/*
 * Goes on to the next file; false at the end.  name gets its path as the archive has it, at most TT_ARCHIVE_NAME_MAX bytes, and nothing
 * for the content of a compressed file, which has none.  *trouble: why the archive was not read to its end, or NULL; valid until it is
 * closed.
 */
bool tt_archive_next(struct tt_archive *archive, struct tt_buf *name, const char **trouble);

/* Why the current file cannot be read at all (it is encrypted), or NULL; static. */
const char *tt_archive_closed_why(const struct tt_archive *archive);

/* Bytes of the current file; see tt_source_read. */
size_t tt_archive_read(struct tt_archive *archive, char *to, size_t size, const char **stopped);

#endif
