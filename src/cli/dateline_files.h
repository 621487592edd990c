/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list files of the date-line codec, and whole files as bytes.
 */
#ifndef TT_CLI_DATELINE_FILES_H
#define TT_CLI_DATELINE_FILES_H

#include "cli/cli.h"
#include "marks/dateline.h"

struct tt_dateline_files {
    struct tt_buf files[2]; /* keywords.txt, domains.txt: the names are slices of them */
    struct tt_str *names;   /* of both, TT_DATELINE_NAMES_MAX each */
    struct tt_dateline_lists lists;
};

/*
 * Reads both files of folder; NULL searches for them beside the program, as installed or as built.  What goes wrong is told here.
 * Free in any case.
 */
enum tt_exit tt_dateline_files_read(const struct tt_cli *cli, const char *folder, struct tt_dateline_files *lists);
void tt_dateline_files_free(struct tt_dateline_files *lists, const struct tt_alloc *alloc);

/* Appends a whole file, or standard input for "-".  False with errno set; EFBIG when it is longer than the buffer may grow. */
bool tt_file_read(const char *path, struct tt_buf *out);

#endif
