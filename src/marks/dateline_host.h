/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parts of the host parser that tt_dateline_host() (dateline.h) is made of; nothing else uses them.
 *
 * Functions that add to a buffer leave a failure of memory in its status; their own answer is whether the input is valid.
 */
#ifndef TT_MARKS_DATELINE_HOST_H
#define TT_MARKS_DATELINE_HOST_H

#include "base/buf.h"

/* Maps decoded bytes to the name that is compared; false for bytes and characters that no domain name may hold. */
bool tt_host_map(struct tt_str name, struct tt_buf *out);

/* Adds the labels of a mapped name, those with other characters than ASCII as Punycode. */
bool tt_host_add_labels(struct tt_str name, struct tt_buf *host);

/* Does host end in a number?  Then it is an IPv4 address or an error, never a name.  host is not empty. */
bool tt_host_is_number(struct tt_str host);

bool tt_host_ipv4(struct tt_str host, uint32_t *out);
void tt_host_add_ipv4(struct tt_buf *host, uint32_t address);

/* inside is what stands between the brackets; the brackets are added. */
bool tt_host_add_ipv6(struct tt_str inside, struct tt_buf *host);

#endif
