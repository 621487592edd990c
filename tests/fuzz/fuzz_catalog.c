/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue over any bytes: as a file of additions, as the name of a model, as a host, and as a pattern.
 *
 * Held: a refused file leaves the catalogue as it was and says where; an accepted one leaves it in order; what is sliced out of a
 * name lies within the name; a name fits itself as a pattern.
 */
#include "catalog/read.h"

#include <stdlib.h>

static void
require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void
require_within(struct tt_str part, struct tt_str whole)
{
    require(part.len <= whole.len);
    require(part.len == 0 || (part.ptr >= whole.ptr && part.ptr + part.len <= whole.ptr + whole.len));
}

static void
check_file(struct tt_str bytes)
{
    struct tt_catalog_reader reader;
    struct tt_error err = {.msg = NULL};
    tt_catalog_reader_init(&reader, &tt_alloc_libc, &tt_catalog_builtin);
    if (tt_catalog_read(&reader, TT_STR("fuzz.json"), bytes, &err) != TT_OK) {
        require(err.msg && err.line > 0 && err.column > 0);
        require(reader.catalog.entries == tt_catalog_builtin.entries);
    }
    for (size_t i = 1; i < reader.catalog.count; i++) {
        require(tt_catalog_compare(&reader.catalog.entries[i - 1], &reader.catalog.entries[i]) < 0);
    }
    tt_catalog_reader_free(&reader);
}

static void
check_names(struct tt_str name)
{
    struct tt_catalog_model model;
    struct tt_catalog_host host;
    bool told = tt_catalog_model(&tt_catalog_builtin, name, &model);
    require(told == (model.family || model.vendor || model.provider));
    require_within(model.region, name);
    require_within(model.base, name);
    require(!told || model.fact);
    require(tt_catalog_host(&tt_catalog_builtin, name, &host) == (host.entry != NULL));
    (void) tt_catalog_host_pattern_ok(name);
    require(name.len > 4096 || tt_catalog_glob(name, name));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_str bytes = tt_str_make(data, size);
    check_file(bytes);
    check_names(bytes);
    return 0;
}
