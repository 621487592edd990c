/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the service manager that started this process how far it is; see sd_notify(3).
 */
#ifndef TT_SERVE_NOTIFY_H
#define TT_SERVE_NOTIFY_H

/* "READY=1", "STOPPING=1".  Nothing happens where nobody asked for it. */
void tt_serve_notify(const char *state);

#endif
