/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client that tries to get out of the box, for its tests.  Every attempt is one line: "shut NAME: why" or "OPEN NAME".
 *
 *     escape network PORT ABSTRACT | path PATH... | rest
 *
 * PORT is one of a listener on the machine's loopback, ABSTRACT the name of an abstract socket on the machine.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static void
report(const char *name, bool open)
{
    if (open) {
        printf("OPEN %s\n", name);
    } else {
        printf("shut %s: %s\n", name, strerror(errno));
    }
    errno = 0;
}

static void
try_connect(const char *name, int type, const void *address, socklen_t size, bool answer)
{
    char byte = 'x';
    struct timeval soon = {.tv_usec = 200000};
    int fd = socket(((const struct sockaddr *) address)->sa_family, type, 0);
    bool open = fd >= 0;
    if (open) {
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
        open = connect(fd, address, size) == 0;
    }
    if (open && answer) {
        open = send(fd, &byte, 1, MSG_NOSIGNAL) == 1 && recv(fd, &byte, 1, 0) == 1;
    }
    report(name, open);
    if (fd >= 0) {
        close(fd);
    }
}

static void
try_four(const char *name, int type, const char *host, unsigned port, bool answer)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t) port)};
    inet_pton(AF_INET, host, &address.sin_addr);
    try_connect(name, type, &address, sizeof(address), answer);
}

static void
try_six(const char *name, int type, const char *host, unsigned port, bool answer)
{
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t) port)};
    inet_pton(AF_INET6, host, &address.sin6_addr);
    try_connect(name, type, &address, sizeof(address), answer);
}

static void
try_unix(const char *name, const char *path, bool abstract)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    memcpy(address.sun_path + abstract, path, length < sizeof(address.sun_path) - 1 ? length : sizeof(address.sun_path) - 1);
    socklen_t size = (socklen_t) (offsetof(struct sockaddr_un, sun_path) + length + abstract);
    try_connect(name, SOCK_STREAM, &address, size, true);
}

static void
try_socket(const char *name, int family, int type, int protocol)
{
    int fd = socket(family, type, protocol);
    report(name, fd >= 0);
    if (fd >= 0) {
        close(fd);
    }
}

static void
try_network(unsigned port, const char *abstract)
{
    static const int families[] = {AF_PACKET,  AF_VSOCK, AF_ALG, AF_BLUETOOTH, AF_TIPC, AF_RXRPC,
                                   AF_QIPCRTR, AF_CAN,   AF_KCM, AF_XDP,       AF_SMC};
    char name[64];
    try_four("listener of the machine", SOCK_STREAM, "127.0.0.1", port, true);
    try_six("listener of the machine (IPv6)", SOCK_STREAM, "::1", port, true);
    try_four("192.0.2.1 port 9", SOCK_STREAM, "192.0.2.1", 9, true);
    try_four("8.8.8.8 port 853", SOCK_STREAM, "8.8.8.8", 853, true);
    try_four("8.8.8.8 port 443, an answer by UDP", SOCK_DGRAM, "8.8.8.8", 443, true);
    try_six("2001:4860:4860::8888 port 853", SOCK_STREAM, "2001:4860:4860::8888", 853, true);
    try_four("169.254.169.254 port 81", SOCK_STREAM, "169.254.169.254", 81, true);
    try_unix("abstract socket of the machine", abstract, true);
    try_socket("raw socket", AF_INET, SOCK_RAW, IPPROTO_ICMP);
    try_socket("raw socket (IPv6)", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
    try_socket("ping socket", AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
    for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
        snprintf(name, sizeof(name), "family %d", families[i]);
        try_socket(name, families[i], families[i] == AF_ALG ? SOCK_SEQPACKET : SOCK_STREAM, 0);
    }
    struct if_nameindex *list = if_nameindex();
    errno = 0;
    report("device besides lo", !list || strcmp(list[0].if_name, "lo") != 0 || list[1].if_index != 0);
}

/* A path of the machine: read it, list it, write to it, talk to it. */
static void
try_path(const char *path)
{
    char name[4200];
    struct stat st;
    DIR *list = opendir(path);
    bool seen = lstat(path, &st) == 0;
    snprintf(name, sizeof(name), "%s", path);
    report(name, seen && !S_ISSOCK(st.st_mode) && !S_ISFIFO(st.st_mode) && !list && access(path, R_OK) == 0);
    if (list) {
        closedir(list);
    }
    snprintf(name, sizeof(name), "%s as a socket", path);
    try_unix(name, path, false);
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_APPEND);
    snprintf(name, sizeof(name), "%s for writing", path);
    report(name, fd >= 0 && write(fd, "x", 1) == 1);
    if (fd >= 0) {
        close(fd);
    }
}

static void
try_rights(void)
{
    char root[] = "/";
    report("mount", mount("tmpfs", "/tmp", "tmpfs", 0, NULL) == 0);
    report("umount of /usr", umount2("/usr", MNT_DETACH) == 0);
    report("remount of /", mount(NULL, root, NULL, MS_REMOUNT | MS_BIND, NULL) == 0);
    report("host name", sethostname("x", 1) == 0);
    report("chroot", chroot("/tmp") == 0);
    report("uid 0", setuid(0) == 0);
    report("process 1 by ptrace", ptrace(PTRACE_SEIZE, 1, NULL, NULL) == 0);
    report("memory of process 1", open("/proc/1/mem", O_RDONLY) >= 0);
    report("environment of process 1", open("/proc/1/environ", O_RDONLY) >= 0);
    report("descriptors of process 1", opendir("/proc/1/fd") != NULL);
    report("root of process 1", access("/proc/1/root/etc", R_OK) == 0);
    report("write to /usr", open("/usr/x", O_WRONLY | O_CREAT, 0644) >= 0);
    report("write to /etc/hosts", open("/etc/hosts", O_WRONLY) >= 0);
    report("write to /", open("/x", O_WRONLY | O_CREAT, 0644) >= 0);
    report("write to /proc/sys", open("/proc/sys/kernel/core_pattern", O_WRONLY) >= 0);
}

/* Calls by which a program could go round what shuts it in. */
static void
try_calls(void)
{
    char buffer[64];
    report("io_uring", syscall(SYS_io_uring_setup, 4, buffer) >= 0);
    report("request_key", syscall(SYS_request_key, "dns_resolver", "example.com", "", 0) >= 0);
    report("keyctl", syscall(SYS_keyctl, 0, -3, 0) >= 0);
    report("bpf", syscall(SYS_bpf, 0, buffer, 0) >= 0);
    report("kernel log", syscall(SYS_syslog, 3, buffer, sizeof(buffer)) >= 0);
    report("network namespace", unshare(CLONE_NEWNET) == 0);
    report("disk", open("/dev/vda", O_RDONLY) >= 0 || open("/dev/sda", O_RDONLY) >= 0);
    report("terminal", open("/dev/tty", O_RDWR) >= 0);
    report("another descriptor",
           fcntl(3, F_GETFD) >= 0 || fcntl(4, F_GETFD) >= 0 || fcntl(5, F_GETFD) >= 0 || fcntl(6, F_GETFD) >= 0);
}

int
main(int argc, char **argv)
{
    if (argc > 3 && strcmp(argv[1], "network") == 0) {
        try_network((unsigned) strtoul(argv[2], NULL, 10), argv[3]);
    } else if (argc > 1 && strcmp(argv[1], "path") == 0) {
        for (int i = 2; i < argc; i++) {
            try_path(argv[i]);
        }
    } else {
        try_calls(); /* first, before it opens descriptors */
        try_rights();
    }
    return 0;
}
