/* SPDX-License-Identifier: Apache-2.0 */
/* The engine of the marks as the gateway asks it: one string of a JSON document at a time, nothing kept between two. */
#ifndef TT_TESTS_ENGINE_H
#define TT_TESTS_ENGINE_H

#include "test.h"

#include "scan/field.h"
#include "scan/file.h"

struct engine {
    struct tt_scan_fields fields;
    struct tt_scan_file file;
    struct tt_cursor cursor;
    struct tt_arena scratch;
};

/* With the fastest kernels of this machine.  Close with engine_close. */
void engine_open(struct engine *e);
void engine_close(struct engine *e);

/* How many findings of any level the engine has in the inside of a string at that place. */
size_t engine_look(struct engine *e, struct tt_str raw, const char *path, const char *role);

#endif
