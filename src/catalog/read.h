/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Additions to the catalogue: files of the form of data/catalog, as docs/catalog-format.md describes it.
 *
 * A reader starts from a catalogue and takes files one by one.  A file counts as a whole or not at all.  A record of a new kind and id
 * is added; one that is there already gets the file's facts before its own, the file's aliases behind its own, and keeps its name.
 */
#ifndef TT_CATALOG_READ_H
#define TT_CATALOG_READ_H

#include "base/arena.h"
#include "catalog/catalog.h"

struct tt_catalog_reader {
    struct tt_catalog catalog; /* what was read so far; valid until the reader is freed */
    struct tt_arena arena;
    struct tt_str wrong; /* after an error: the word that err->msg is about, or empty */
    struct tt_str near;  /* what may have been meant, or empty */
};

/* Starts from base, which must outlive the reader, as alloc must.  Allocates nothing. */
void tt_catalog_reader_init(struct tt_catalog_reader *reader, const struct tt_alloc *alloc, const struct tt_catalog *base);
void tt_catalog_reader_free(struct tt_catalog_reader *reader);

/*
 * Adds what bytes, the content of the file called name, says; both are copied.  On an error *err has the line and the column
 * and the catalogue is as it was.  TT_E_INPUT: the form is broken; TT_E_LIMIT, TT_E_MEMORY.
 */
enum tt_status tt_catalog_read(struct tt_catalog_reader *reader, struct tt_str name, struct tt_str bytes,
                               struct tt_error *err) TT_MUST_USE;

#endif
