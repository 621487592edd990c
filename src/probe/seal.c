/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rights and limits of what runs in a box; see capabilities(7), setrlimit(2) and prctl(2).
 */
#include "probe/box_parts.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITIES_MAX 64 /* the kernel says EINVAL behind its last */
#define STACK_SIZE (8 * TT_MIB)
#define OTHER_TASKS 4096

static bool
set_capabilities(uint32_t low)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2] = {{.effective = low, .permitted = low}, {0}};
    return syscall(SYS_capset, &header, data) == 0;
}

/* Nothing that is started from here on can have a capability again. */
static bool
empty_bounds(void)
{
    for (unsigned long i = 0; i < CAPABILITIES_MAX; i++) {
        if (prctl(PR_CAPBSET_DROP, i, 0, 0, 0) != 0) {
            return errno == EINVAL && i > 0;
        }
    }
    return true;
}

/*
 * Process 1 keeps the right to trace, which a strict Yama asks of a tracer.  It has the client's user, yet the client can neither trace it nor read
 * its memory, which is a copy of the caller's.
 */
bool
tt_seal_privileges(struct tt_box_inner *inner)
{
    bool dropped = empty_bounds() && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
                   prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) == 0;
    if (dropped && !inner->user_namespace) {
        dropped = setgroups(0, NULL) == 0 && setresgid(TT_BOX_UID, TT_BOX_UID, TT_BOX_UID) == 0 &&
                  setresuid(TT_BOX_UID, TT_BOX_UID, TT_BOX_UID) == 0;
    }
    dropped = dropped && set_capabilities(1U << CAP_SYS_PTRACE) && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
              prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0;
    return dropped || tt_box_fail(inner, TT_E_UNSUPPORTED, "the rights of the box", NULL, errno);
}

/* ---- the client's process ---- */

static bool
limit(__rlimit_resource_t what, uint64_t soft, uint64_t hard)
{
    struct rlimit old, want = {.rlim_cur = soft, .rlim_max = hard};
    if (getrlimit(what, &old) == 0 && old.rlim_max != RLIM_INFINITY && want.rlim_max > old.rlim_max) {
        want.rlim_max = old.rlim_max; /* it cannot be raised, only be the same for all runs */
        want.rlim_cur = want.rlim_cur > want.rlim_max ? want.rlim_max : want.rlim_cur;
    }
    return setrlimit(what, &want) == 0;
}

/* A core limit of 1 also keeps a program from being started outside for a core (core(5)).  JavaScript engines reserve much: no limit of addresses. */
static bool
set_limits(const struct tt_box_limits *limits, bool user_namespace)
{
    /* Above what ends the run, which would else be seen by nobody; without a namespace of its own the user's other processes count as well. */
    unsigned tasks = 2 * limits->processes + (user_namespace ? 0 : OTHER_TASKS);
    return limit(RLIMIT_CORE, 1, 1) && limit(RLIMIT_FSIZE, limits->disk, limits->disk) &&
           limit(RLIMIT_NOFILE, limits->descriptors, limits->descriptors) && limit(RLIMIT_NPROC, tasks, tasks) &&
           limit(RLIMIT_STACK, STACK_SIZE, RLIM_INFINITY) && limit(RLIMIT_MEMLOCK, STACK_SIZE, STACK_SIZE) &&
           limit(RLIMIT_MSGQUEUE, 0, 0) && limit(RLIMIT_SIGPENDING, 4096, 4096);
}

/* The first of those that telltale itself may use. */
static bool
set_processors(unsigned wanted)
{
    cpu_set_t few;
    return wanted == 0 || (tt_box_processors(wanted, &few) && sched_setaffinity(0, sizeof(few), &few) == 0);
}

bool
tt_seal_client(const struct tt_box_settings *settings, bool user_namespace)
{
    (void) syscall(SYS_keyctl, 1 /* KEYCTL_JOIN_SESSION_KEYRING */, NULL); /* the caller's keys are not the client's */
    return set_capabilities(0) && set_limits(&settings->limits, user_namespace) && set_processors(settings->cpus) &&
           personality(PER_LINUX) != -1 && setsid() >= 0;
}
