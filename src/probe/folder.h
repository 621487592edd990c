/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files of a probe's folder: read as a whole, and written so that a reader sees the old file or the new one.
 */
#ifndef TT_PROBE_FOLDER_H
#define TT_PROBE_FOLDER_H

#include "base/buf.h"

/* Appends what the file holds.  TT_E_IO with errno. */
enum tt_status tt_folder_read(int folder, const char *name, struct tt_buf *out) TT_MUST_USE;
enum tt_status tt_folder_write(int folder, const char *name, struct tt_str bytes) TT_MUST_USE;

#endif
