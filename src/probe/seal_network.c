/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network of a box: a loopback and nothing else, on which every address is local; see rtnetlink(7), netdevice(7) and ipv6(7).
 *
 * Out: listening sockets in inner->sockets.  A new network namespace has one device, lo, that is down and has no routes; this file proves that before
 * it does anything.  Two routes of type LOCAL for every destination ("AnyIP") then lead all addresses to lo.  Packets never leave the namespace, for
 * there is no device that could take them out.
 */
#include "probe/box_parts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define BACKLOG 128

/* ---- proofs ---- */

static bool
has_only_loopback(struct tt_box_inner *inner)
{
    struct if_nameindex *list = if_nameindex();
    bool only = list && list[0].if_index != 0 && strcmp(list[0].if_name, "lo") == 0 && list[1].if_index == 0;
    bool more = list && !only;
    if (list) {
        if_freenameindex(list);
    }
    return only || tt_box_fail(inner, TT_E_UNSUPPORTED, "the box is not sealed",
                               more ? "it has another network device than lo" : "no list of devices", 0);
}

/* 192.0.2.1 belongs to nobody (RFC 5737). */
static bool
has_no_route(struct tt_box_inner *inner)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(80), .sin_addr.s_addr = htonl(0xC0000201)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool refused = fd >= 0 && connect(fd, (struct sockaddr *) &address, sizeof(address)) != 0 && errno == ENETUNREACH;
    if (fd >= 0) {
        close(fd);
    }
    return refused || tt_box_fail(inner, TT_E_UNSUPPORTED, "the box is not sealed", "a new network has a route", 0);
}

bool
tt_seal_network_check(struct tt_box_inner *inner)
{
    char text[2048];
    int fd = open("/proc/net/dev", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (fd >= 0) {
        close(fd);
    }
    text[n > 0 ? n : 0] = '\0';
    /* Two lines of heading, then one line for each device. */
    const char *first = strchr(text, '\n'), *second = first ? strchr(first + 1, '\n') : NULL;
    const char *end = second ? strchr(second + 1, '\n') : NULL;
    bool only = end && strncmp(second + 1 + strspn(second + 1, " "), "lo:", 3) == 0 && end[1] == '\0';
    return (only && has_only_loopback(inner)) ||
           tt_box_fail(inner, TT_E_UNSUPPORTED, "the box is not sealed", "/proc/net/dev has more than lo", 0);
}

/* ---- AnyIP ---- */

static bool
raise_loopback(struct tt_box_inner *inner)
{
    struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool up = fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    return up || tt_box_fail(inner, TT_E_UNSUPPORTED, "the loopback of the box", NULL, error);
}

struct route {
    struct nlmsghdr head;
    struct rtmsg body;
    struct rtattr device;
    uint32_t index;
};

/* Sends the request and reads its acknowledgement; 0 or an errno. */
static int
ask_route(int fd, int family, uint32_t index)
{
    struct route route = {
        .head = {.nlmsg_len = sizeof(route), .nlmsg_type = RTM_NEWROUTE, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE},
        .body = {.rtm_family = (unsigned char) family,
                 .rtm_table = RT_TABLE_MAIN,
                 .rtm_protocol = RTPROT_BOOT,
                 .rtm_scope = RT_SCOPE_HOST,
                 .rtm_type = RTN_LOCAL},
        .device = {.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = RTA_OIF},
        .index = index,
    };
    struct {
        struct nlmsghdr head;
        struct nlmsgerr body;
        char rest[512];
    } answer;
    if (send(fd, &route, sizeof(route), 0) != (ssize_t) sizeof(route)) {
        return errno;
    }
    ssize_t n = recv(fd, &answer, sizeof(answer), 0);
    if (n < (ssize_t) (sizeof(answer.head) + sizeof(answer.body)) || answer.head.nlmsg_type != NLMSG_ERROR) {
        return EPROTO;
    }
    return -answer.body.error;
}

/* A machine without IPv6 is a fact of it; one without IPv4 is not. */
static bool
make_all_local(struct tt_box_inner *inner)
{
    uint32_t index = if_nametoindex("lo");
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    int error = fd < 0 ? errno : ask_route(fd, AF_INET, index);
    if (error == 0) {
        (void) ask_route(fd, AF_INET6, index);
    }
    if (fd >= 0) {
        close(fd);
    }
    return error == 0 || tt_box_fail(inner, TT_E_UNSUPPORTED, "the routes of the box", NULL, error);
}

/* ---- listeners ---- */

/* One socket for both versions; for IPv4 alone where the machine has no IPv6. */
static int
open_both(int type, uint16_t port)
{
    int off = 0, on = 1;
    struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_ANY_INIT};
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_ANY)};
    int fd = socket(AF_INET6, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) == 0 &&
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on)) == 0 &&
        bind(fd, (struct sockaddr *) &six, sizeof(six)) == 0) {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    fd = socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on)) == 0 &&
        bind(fd, (struct sockaddr *) &four, sizeof(four)) == 0) {
        return fd;
    }
    return -1;
}

static bool
open_listeners(struct tt_box_inner *inner)
{
    bool opened = true;
    for (size_t i = 0; i < TT_BOX_PORTS; i++) {
        inner->sockets[i] = open_both(SOCK_STREAM, tt_box_ports[i]);
        opened = opened && inner->sockets[i] >= 0 && listen(inner->sockets[i], BACKLOG) == 0;
    }
    inner->sockets[TT_BOX_PORTS] = open_both(SOCK_DGRAM, 53);
    opened = opened && inner->sockets[TT_BOX_PORTS] >= 0;
    return opened || tt_box_fail(inner, TT_E_UNSUPPORTED, "the listeners of the box", NULL, errno);
}

bool
tt_seal_network(struct tt_box_inner *inner)
{
    return has_only_loopback(inner) && has_no_route(inner) && raise_loopback(inner) && make_all_local(inner) &&
           open_listeners(inner);
}
