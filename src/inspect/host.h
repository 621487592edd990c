/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of hosts in texts.
 */
#ifndef TT_INSPECT_HOST_H
#define TT_INSPECT_HOST_H

#include "base/str.h"
#include "inspect/tables.h"

/* The last label's row, or NULL for one that is not in use. */
const struct tt_inspect_tld *tt_host_tld(struct tt_str label);

/* Is the whole text the name of a host with a last label that is in use?  Any case; an address in digits is none. */
bool tt_host_is_one(struct tt_str text);

/* The host of the URL whose "://" stands at pos, or an empty string; *port_end: behind host and port. */
struct tt_str tt_host_of_url(struct tt_str text, size_t pos, size_t *end);

/* The service that the host belongs to, or NULL. */
const struct tt_inspect_service *tt_host_service(struct tt_str host);

#endif
