/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Libraries of the system that are loaded when they are first needed, so that nobody pays for them at the start.  For programs: the rooms
 * without I/O do not call this.
 */
#ifndef TT_BASE_LIBRARY_H
#define TT_BASE_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>

/* A function of a library, and where its address goes in the caller's struct of pointers. */
struct tt_library_call {
    const char *name;
    size_t member;
};

/*
 * Fills calls, from any thread; false when the library, or one of the functions, is not there.  The library stays loaded to the end of the
 * process, and a second load is cheap: the loader counts, locks and remembers, so nothing is kept here.
 */
bool tt_library_load(const char *library, const struct tt_library_call *rows, size_t count, void *calls);

#endif
