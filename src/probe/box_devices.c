/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's file systems in a box: its own /proc and /sys, and the few devices that programs need; see proc(5), sysfs(5) and pts(4).
 *
 * The machine's /sys would show its network devices, and its /dev its disks; /sys is that of the box's network and read-only, /dev has six devices.
 * What names the machine's maker and serial numbers is hidden.  A /sys that may not be mounted stays empty.
 */
#include "probe/box_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
mount_proc(struct tt_box_inner *inner)
{
    return mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0 ||
           tt_box_fail(inner, TT_E_UNSUPPORTED,
                       "the box cannot have a /proc of its own (a container that hides parts of /proc forbids it)", NULL, errno);
}

static void
mount_sys(void)
{
    static const char *const hidden[] = {"/sys/devices/virtual/dmi", "/sys/firmware"};
    if (mount("sysfs", "/sys", "sysfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0) {
        return;
    }
    for (size_t i = 0; i < sizeof(hidden) / sizeof(*hidden); i++) {
        (void) mount("tmpfs", hidden[i], "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=755,size=4k");
    }
}

/* Nodes cannot be made in a user namespace; the machine's are bound. */
static bool
bind_device(struct tt_box_inner *inner, const char *name)
{
    char from[64], to[64];
    snprintf(from, sizeof(from), TT_BOX_OLD "/dev/%s", name);
    snprintf(to, sizeof(to), "/dev/%s", name);
    int fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    bool bound = fd >= 0 && mount(from, to, NULL, MS_BIND, NULL) == 0;
    int error = errno;
    if (fd >= 0) {
        close(fd);
    }
    return bound || tt_box_fail(inner, TT_E_UNSUPPORTED, "a device of the box", to, error);
}

static bool
make_terminals(struct tt_box_inner *inner)
{
    bool made = mkdir("/dev/pts", 0755) == 0 &&
                mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620") == 0;
    return made || tt_box_fail(inner, TT_E_UNSUPPORTED, "a device of the box", "/dev/pts", errno);
}

static bool
make_links(struct tt_box_inner *inner)
{
    static const char *const links[][2] = {{"/proc/self/fd", "/dev/fd"},
                                           {"/proc/self/fd/0", "/dev/stdin"},
                                           {"/proc/self/fd/1", "/dev/stdout"},
                                           {"/proc/self/fd/2", "/dev/stderr"},
                                           {"pts/ptmx", "/dev/ptmx"}};
    for (size_t i = 0; i < sizeof(links) / sizeof(*links); i++) {
        if (symlink(links[i][0], links[i][1]) != 0) {
            return tt_box_fail(inner, TT_E_IO, "a device of the box", links[i][1], errno);
        }
    }
    return true;
}

bool
tt_box_devices_make(struct tt_box_inner *inner)
{
    static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
    for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); i++) {
        if (!bind_device(inner, devices[i])) {
            return false;
        }
    }
    mount_sys();
    return make_terminals(inner) && make_links(inner) && mount_proc(inner) && tt_box_processors_show(inner);
}
