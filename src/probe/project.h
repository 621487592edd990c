/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The project that a client finds in the box, through data/gen/project.py: a few files, and a git repository with one commit.
 */
#ifndef TT_PROBE_PROJECT_H
#define TT_PROBE_PROJECT_H

#include "base/str.h"

struct tt_project_file {
    const char *path; /* "src/temperature.py", ".git/HEAD" */
    struct tt_str content;
};

/* Ordered by path. */
extern const struct tt_project_file tt_project_files[];
extern const size_t tt_project_file_count;

#endif
