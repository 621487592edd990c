/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sealed box: a client runs in it and can reach nothing but the sockets that the box hands out.
 *
 * A box is one child of the calling process: process 1 of namespaces of its own, with a network that has no device but the loopback, a file system in
 * which only programs of the system and what `shown` names exist, a private /etc, an empty environment and limits.  Every address is local there
 * ("AnyIP"), so whatever host a client asks for, it comes to the listeners; they are made inside and served by the caller outside.  The client's clock
 * starts at an instant that the caller chooses, for static and dynamic programs alike.
 *
 * Nothing is left behind: process 1 ends with the box or with the calling process, however that ends, and the kernel then ends everything in the
 * box.  There is no way to run a client unsealed: where a piece of the box is missing, tt_box_open says which, and nothing runs.
 *
 * Not safe to use from a process with threads.  A box is about four megabytes of memory and no file outside.
 */
#ifndef TT_PROBE_BOX_H
#define TT_PROBE_BOX_H

#include "base/buf.h"
#include "base/limits.h"

#include <sys/types.h>

/* A variable of the client's environment; value NULL: it is not set, even if the box would set it. */
struct tt_box_var {
    const char *name;
    const char *value;
};

enum tt_box_node {
    TT_BOX_FILE,   /* content: its bytes */
    TT_BOX_LINK,   /* content: what it leads to */
    TT_BOX_FOLDER, /* content is not used */
    TT_BOX_ABSENT, /* nothing is there, although the machine has it */
};

/*
 * An entry of the box's file system, whatever the machine has in its place: a link is replaced as a link.  Folders above it are made.  Later entries
 * replace earlier ones.  Entries in /etc, /usr and shown folders can be read only; those below HOME, cwd and /tmp are the client's own.  Not in /proc,
 * /sys and /dev.
 */
struct tt_box_file {
    enum tt_box_node kind;
    const char *path; /* absolute, inside the box, without "." and ".." */
    struct tt_str content;
    unsigned mode; /* 0: 0644, and 0755 for folders */
};

/* 0 stands for the value behind it. */
struct tt_box_limits {
    unsigned wall_ms;   /* TT_BOX_WALL_MS: for one run of argv; then it is ended */
    unsigned linger_ms; /* TT_BOX_LINGER_MS: how long processes that the client leaves may go on; TT_BOX_NO_LINGER: not at all */
    uint64_t memory;    /* TT_BOX_MEMORY: bytes of all processes together */
    uint64_t disk;      /* TT_BOX_DISK: bytes of all that is written to files */
    unsigned processes; /* TT_BOX_PROCESSES: processes and threads at once */
    unsigned descriptors; /* TT_BOX_DESCRIPTORS: of one process */
};

#define TT_BOX_REAL_CLOCK INT64_MIN

struct tt_box_settings {
    const char *const *argv; /* the client; argv[0] is looked up in the box's PATH */
    const char *const *const *
        prepare; /* commands that run before it in the same box, one after the other, as the client would; ends with NULL; or NULL.
                                        * One that does not exit with 0 fails tt_box_open.  Their output is dropped. */
    const struct tt_box_var
        *vars; /* after PATH, HOME, USER, LOGNAME, SHELL, PWD, TERM=dumb, LANG=C.UTF-8 and TZ=UTC; nothing is inherited */
    size_t var_count;
    const struct tt_box_file *
        files; /* after hosts, hostname, resolv.conf, nsswitch.conf, passwd, group, machine-id, ... of /etc that the box writes */
    size_t file_count;
    const char *const
        *shown; /* files and folders of the machine that can be read at the same path; ends with NULL; or NULL.  /usr, /opt and
                                      * what belongs to them are always shown. */
    const char *const *names; /* host names that /etc/hosts leads to 127.0.0.1; ends with NULL; or NULL */
    const char *host_name;    /* NULL: "devbox" */
    const char *user;         /* NULL: "dev"; number 1000 */
    const char *home;         /* NULL: "/home/dev" */
    const char *cwd;          /* NULL: home; is made if it is not there */
    int64_t instant;          /* Unix seconds at which each run's clock starts; TT_BOX_REAL_CLOCK: no tracer */
    unsigned cpus;            /* that the client may use; 0: all */
    struct tt_box_limits limits;
};

/* The ports on which every address of the box listens (TCP, IPv4 and IPv6).  Others are refused there. */
#define TT_BOX_PORTS 6
extern const uint16_t tt_box_ports[TT_BOX_PORTS]; /* 80, 443, 3128, 8080, 8443, 53 */

struct tt_box {
    pid_t pid;    /* process 1 of the box, as seen from outside; 0: no box */
    int pidfd;    /* readable when it has ended */
    int report;   /* readable when a run has ended, or the box has: then ask tt_box_ended */
    int out, err; /* what the client prints; non-blocking.  Whoever lets them fill up stops the client. */
    int listeners
        [TT_BOX_PORTS]; /* non-blocking, in the order of tt_box_ports; a connection's own address tells where the client wanted to go */
    int dns; /* UDP port 53 of every address, non-blocking.  IPV6_RECVPKTINFO is set: answer with the same packet information,
                                  * so that the answer comes from the address that was asked (recvmsg, sendmsg). */
    bool user_namespace; /* a fact for the report */
    bool running;
};

enum tt_box_cause {
    TT_BOX_EXITED,    /* by itself, with exit_code */
    TT_BOX_SIGNALLED, /* by a signal, not from the box */
    TT_BOX_NOT_FOUND, /* the command is not inside the box, or is no program; error says which */
    TT_BOX_WALL,      /* limits: it took too long, ... */
    TT_BOX_OVER_MEMORY,
    TT_BOX_OVER_PROCESSES,
    TT_BOX_LOST, /* the box itself ended: somebody killed it */
};

/* How one run ended; nothing of it runs any longer. */
struct tt_box_end {
    enum tt_box_cause cause;
    int exit_code;         /* TT_BOX_EXITED */
    int signal;            /* TT_BOX_SIGNALLED */
    int error;             /* TT_BOX_NOT_FOUND: errno */
    bool left_over;        /* processes of the client were still there when it and the linger time had ended */
    uint64_t wall_us;      /* from start to the client's end */
    uint64_t clock_calls;  /* answered with the box's clock */
    uint64_t clock_missed; /* programs that were started with a clock that could not be replaced: the real time */
    uint64_t peak_kb;      /* memory of all processes together, as far as sampling saw it */
    unsigned peak_tasks;   /* processes and threads at once, the same */
};

/*
 * Makes the box, checks that it is sealed and runs `prepare`; the client does not run yet.  On failure nothing is left, *box is closed, and message (a
 * buffer of TT_BOX_MESSAGE_MAX) says in one sentence what is missing or wrong.
 *   TT_E_UNSUPPORTED  this machine, or this user on it, cannot make a sealed box or control the clock
 *   TT_E_USAGE        the settings are wrong: a path that does not exist, a name that is too long, ...
 *   TT_E_IO, TT_E_LIMIT, TT_E_INTERNAL
 */
enum tt_status tt_box_open(struct tt_box *box, const struct tt_box_settings *settings, struct tt_buf *message) TT_MUST_USE;

/*
 * Starts the client.  After a run has ended it can be started again in the same box: HOME and all other files are then as it left them, and the clock
 * starts at the same instant.
 */
enum tt_status tt_box_go(struct tt_box *box) TT_MUST_USE;

/* Has the run ended?  Fills *end then.  Never blocks. */
bool tt_box_ended(struct tt_box *box, struct tt_box_end *end);

/* The name of a cause for reports: "exited", "over-memory", ... */
const char *tt_box_cause_name(enum tt_box_cause cause);

/* Ends everything in the box and waits for it; closes all descriptors.  A closed or zeroed box may be closed again. */
void tt_box_close(struct tt_box *box);

/* ---- what the machine can do ---- */

/* One thing that a box needs, for `telltale probe doctor` and for the report. */
struct tt_box_fact {
    const char *what;   /* "user namespaces" */
    bool good;          /* it is there */
    bool needed;        /* without it there is no box (or, where `clock`, no clock control) */
    bool clock;         /* only clock control needs it */
    const char *advice; /* one sentence: what it is for, or what to do when it is missing */
};

/* Looks at the machine and, last, opens a box that runs nothing.  Returns how many facts were written; message: as tt_box_open's, if that failed. */
size_t tt_box_doctor(struct tt_box_fact facts[TT_BOX_FACTS_MAX], struct tt_buf *message);

#endif
