/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The notification of a service manager; see notify.h.
 *
 * Input: NOTIFY_SOCKET, a path, or a name of an abstract socket behind '@'.  Output: one datagram.  A failure is nobody's business: the manager then
 * gives up waiting and says so.
 */
#include "serve/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void
tt_serve_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = path ? strlen(path) : 0;
    if (len == 0 || len >= sizeof(address.sun_path) || (path[0] != '/' && path[0] != '@')) {
        return;
    }
    memcpy(address.sun_path, path, len);
    if (path[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        socklen_t size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + len);
        /* Not read: see above. */
        ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *) &address, size);
        (void) sent;
        close(fd);
    }
}
