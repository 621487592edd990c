/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Loading libraries; see library.h.
 *
 * In: the system's loader.  Out: addresses of functions.  Owns nothing.
 */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

bool
tt_library_load(const char *library, const struct tt_library_call *rows, size_t count, void *calls)
{
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    bool all = true;
    if (!handle) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        void *function = dlsym(handle, rows[i].name);
        all = all && function;
        memcpy((char *) calls + rows[i].member, &function, sizeof(function)); /* C has no cast from data to functions */
    }
    dlclose(handle);
    return all;
}
