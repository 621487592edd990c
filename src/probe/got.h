/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader of bytes that still arrive says. */
#ifndef TT_PROBE_GOT_H
#define TT_PROBE_GOT_H

enum tt_got {
    TT_GOT_ALL,      /* the thing is complete */
    TT_GOT_PART,     /* so far it fits; more bytes are needed */
    TT_GOT_NONSENSE, /* no bytes behind it can make it one */
};

#endif
