/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading archives; see archive.h.
 *
 * In: the bytes of a source, asked for by libarchive.  Out: entries and their bytes.  An archive owns its handle and the buffer that
 * libarchive reads from.
 *
 * An archive can claim anything.  So what counts is what really came out: bytes are counted as they do, over all levels, and
 * reading ends where they are out of proportion to what went in.  Entries that nobody wants are read to their end as well, so that
 * skipping cannot be the way to unpack without being counted.
 */
#include "input/archive.h"

#include "base/limits.h"
#include "input/archive_library.h"

#include <errno.h>

struct tt_archive {
    const struct tt_alloc *alloc;
    struct tt_archive_calls call; /* libarchive */
    struct archive *handle;
    struct archive_entry *entry; /* the current one; the handle's */
    struct tt_source *source;
    struct tt_archive_budget *budget;
    bool outermost;
    char *chunk;         /* TT_SNIFF_SIZE bytes */
    size_t head;         /* of them read before, and not yet asked for */
    bool any;            /* an entry was found */
    const char *stopped; /* why no more can be read */
    char words[160];     /* of libarchive, as a string */
};

bool
tt_archive_is_one(struct tt_str head)
{
    static const struct {
        size_t at;
        struct tt_str bytes;
    } signatures[] = {
        {0, TT_STR_INIT("PK\3\4")},
        {0, TT_STR_INIT("PK\5\6")}, /* an empty one */
        {0, TT_STR_INIT("\x1F\x8B\x08")},
        {0, TT_STR_INIT("\x28\xB5\x2F\xFD")},
        {0, TT_STR_INIT("\xFD"
                        "7zXZ\0")},
        {0, TT_STR_INIT("!<arch>\ndebian-binary")}, /* not the libraries of compilers, which are the same otherwise */
        {4, TT_STR_INIT("1AY&SY")},                 /* bzip2, behind "BZh" and a digit */
        {257, TT_STR_INIT("ustar")},
    };
    for (size_t i = 0; i < sizeof(signatures) / sizeof(*signatures); i++) {
        if (tt_str_starts(tt_str_slice(head, signatures[i].at, head.len), signatures[i].bytes)) {
            return signatures[i].at != 4 || tt_str_starts(head, TT_STR("BZh"));
        }
    }
    return false;
}

/* Is the whole input one compressed stream? */
static bool
is_compressed(struct tt_str head)
{
    return !tt_str_starts(head, TT_STR("PK")) && !tt_str_starts(head, TT_STR("!<")) &&
           !tt_str_starts(tt_str_slice(head, 257, head.len), TT_STR("ustar"));
}

/* libarchive converts names to the thread's locale, and writes ? for what that does not have. */
locale_t
tt_archive_locale(void)
{
    return newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);
}

/* The callback of libarchive for more bytes. */
static la_ssize_t
give(struct archive *handle, void *ctx, const void **bytes)
{
    struct tt_archive *archive = ctx;
    (void) handle;
    size_t n = archive->head;
    archive->head = 0;
    if (n == 0) {
        n = tt_source_read(archive->source, archive->chunk, TT_SNIFF_SIZE);
    }
    archive->budget->read += archive->outermost ? n : 0;
    *bytes = archive->chunk;
    return (la_ssize_t) n;
}

/* The words for a failure: those of the source, if it ended early, else libarchive's. */
static const char *
keep_words(struct tt_archive *archive)
{
    const char *words = archive->call.error_string(archive->handle);
    size_t n = words ? strnlen(words, sizeof(archive->words) - 1) : 0;
    if (archive->source->stopped) {
        return archive->source->stopped;
    }
    if (n > 0) {
        memcpy(archive->words, words, n);
    }
    archive->words[n] = '\0';
    return n > 0 ? archive->words : "damaged";
}

static bool
set_up(struct tt_archive *archive, struct tt_str head)
{
    struct archive *handle = archive->handle;
    int worst = ARCHIVE_OK;
    const struct tt_archive_calls *call = &archive->call;
    int (*const supports[])(struct archive *) = {
        call->read_support_format_tar,   call->read_support_format_zip_streamable,
        call->read_support_format_empty, call->read_support_filter_gzip,
        call->read_support_filter_bzip2, call->read_support_filter_xz,
        call->read_support_filter_zstd,  call->read_support_format_ar,
    };
    for (size_t i = 0; i < sizeof(supports) / sizeof(*supports); i++) {
        int result = supports[i](handle);
        worst = result < worst ? result : worst;
    }
    if (is_compressed(head)) {
        int result = call->read_support_format_raw(handle);
        worst = result < worst ? result : worst;
    }
    return worst == ARCHIVE_OK;
}

enum tt_status
tt_archive_open(struct tt_archive **out, const struct tt_alloc *alloc, struct tt_source *source, struct tt_str head,
                struct tt_archive_budget *budget, bool outermost)
{
    struct tt_archive *archive = tt_alloc_new(alloc, sizeof(*archive));
    *out = archive;
    if (!archive) {
        return TT_E_MEMORY;
    }
    *archive = (struct tt_archive) {.alloc = alloc, .source = source, .budget = budget, .outermost = outermost, .head = head.len};
    if (!tt_archive_library_load(&archive->call)) {
        archive->stopped = "libarchive.so.13, which opens archives, is not installed";
        return TT_OK;
    }
    archive->chunk = tt_alloc_new(alloc, TT_SNIFF_SIZE);
    archive->handle = archive->call.read_new();
    if (!archive->chunk || !archive->handle || !set_up(archive, head)) {
        tt_archive_close(archive);
        *out = NULL;
        return TT_E_MEMORY;
    }
    if (head.len > 0) {
        memcpy(archive->chunk, head.ptr, head.len);
    }
    if (archive->call.read_open(archive->handle, archive, NULL, give, NULL) != ARCHIVE_OK) {
        archive->stopped = keep_words(archive);
    }
    return TT_OK;
}

void
tt_archive_close(struct tt_archive *archive)
{
    if (archive->handle) {
        (void) archive->call.read_free(archive->handle);
    }
    tt_alloc_free(archive->alloc, archive->chunk, TT_SNIFF_SIZE);
    tt_alloc_free(archive->alloc, archive, sizeof(*archive));
}

/* Reads to the end what is left of the current file. */
static void
drain(struct tt_archive *archive)
{
    char bytes[4 * TT_KIB];
    const char *stopped = NULL;
    while (archive->entry && !archive->stopped && tt_archive_read(archive, bytes, sizeof(bytes), &stopped) > 0) {
    }
    archive->entry = NULL;
}

static bool
is_file(const struct tt_archive *archive)
{
    return archive->call.entry_filetype(archive->entry) == AE_IFREG && !archive->call.entry_hardlink(archive->entry);
}

/* The entry behind the current one, whatever it is; false at the end. */
static bool
next_entry(struct tt_archive *archive)
{
    struct archive_entry *entry;
    if (!tt_archive_closed_why(archive)) {
        drain(archive);
    }
    if (archive->stopped) {
        return false;
    }
    if (archive->budget->entries++ == TT_ARCHIVE_ENTRIES_MAX) {
        archive->stopped = "it has more entries than are read";
        return false;
    }
    int result = archive->call.read_next_header(archive->handle, &entry);
    bool compressed = archive->call.filter_code(archive->handle, 0) != ARCHIVE_FILTER_NONE;
    if (result >= ARCHIVE_WARN && archive->call.format(archive->handle) == ARCHIVE_FORMAT_RAW && !compressed) {
        archive->stopped = "it is not what its first bytes say"; /* and would be its own content for ever */
        return false;
    }
    if (result == ARCHIVE_OK || result == ARCHIVE_WARN || result == ARCHIVE_RETRY) {
        archive->entry = result == ARCHIVE_RETRY ? NULL : entry;
        archive->any = true;
        return true;
    }
    if (result != ARCHIVE_EOF || archive->source->stopped) {
        archive->stopped = keep_words(archive);
    } else if (!archive->any && compressed && archive->call.format(archive->handle) != ARCHIVE_FORMAT_EMPTY) {
        archive->stopped = "no files were found in it"; /* zeros, which end a tar, and whatever follows them */
    }
    return false;
}

bool
tt_archive_next(struct tt_archive *archive, struct tt_buf *name, const char **trouble)
{
    bool found = false;
    do {
        found = next_entry(archive);
    } while (found && (!archive->entry || !is_file(archive)));
    *trouble = archive->stopped;
    if (found && archive->call.format(archive->handle) != ARCHIVE_FORMAT_RAW) {
        const char *path = archive->call.entry_pathname(archive->entry);
        path = path ? path : archive->call.entry_pathname_utf8(archive->entry);
        size_t len = path ? strnlen(path, TT_ARCHIVE_NAME_MAX) : 0;
        tt_buf_add(name, len > 0 ? tt_str_make(path, len) : TT_STR("?"));
    }
    return found;
}

const char *
tt_archive_closed_why(const struct tt_archive *archive)
{
    return archive->entry && archive->call.entry_is_data_encrypted(archive->entry) ? "encrypted; unpack it to scan it" : NULL;
}

static bool
is_more_than_asked(const struct tt_archive_budget *budget)
{
    return budget->most > 0 && budget->unpacked > budget->most;
}

/* Has more come out than a decent archive holds? */
static bool
is_bomb(const struct tt_archive_budget *budget)
{
    return budget->unpacked > TT_ARCHIVE_BYTES_MAX ||
           budget->unpacked > TT_ARCHIVE_BYTES_FREE + TT_ARCHIVE_RATIO_MAX * budget->read;
}

size_t
tt_archive_read(struct tt_archive *archive, char *to, size_t size, const char **stopped)
{
    *stopped = archive->stopped;
    if (archive->stopped || !archive->entry) {
        return 0;
    }
    la_ssize_t n = archive->call.read_data(archive->handle, to, size);
    if (n < 0) {
        *stopped = keep_words(archive);
        archive->stopped = n == ARCHIVE_FATAL || archive->source->stopped ? *stopped : NULL;
        archive->entry = NULL; /* the next one may be whole */
        return 0;
    }
    archive->budget->unpacked += (uint64_t) n;
    if (is_bomb(archive->budget)) {
        *stopped = archive->stopped = "it unpacks to far more than its size (a bomb?)";
    }
    if (is_more_than_asked(archive->budget)) {
        *stopped = archive->stopped = "it unpacks to more than is read";
    }
    return (size_t) n;
}
