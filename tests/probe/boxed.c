/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command in a box and says what came of it, for tests and the bench.
 *
 *     boxed [OPTION...] -- COMMAND ARG...
 *
 *     boxed --doctor
 *
 * What the client prints goes to standard output and standard error, at most CAP bytes of each.  The last line on standard output is one of
 *     box: {"cause": ..., ...}      for each run
 *     box: refused STATUS: sentence
 * Connections and name queries that reach the box's sockets are accepted, written down as lines "box: connection PORT ADDRESS", and closed.
 */
#include "probe/box.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CAP (1U << 20)
#define LIST_MAX 64

struct plan {
    struct tt_box_settings settings;
    struct tt_box_var vars[LIST_MAX];
    struct tt_box_file files[LIST_MAX];
    const char *shown[LIST_MAX], *names[LIST_MAX];
    const char *command[4], *const *commands[2];
    size_t shown_count, name_count;
    int times, quiet;
};

struct stream {
    int from, to;
    uint64_t seen;
    bool open_line; /* what was passed on does not end with a newline */
};

static void
fail(const char *what)
{
    fprintf(stderr, "boxed: %s\n", what);
    exit(2);
}

/* The part behind '=', which is cut off. */
static char *
cut(char *text)
{
    char *at = strchr(text, '=');
    if (at) {
        *at++ = '\0';
    }
    return at;
}

static void
add_file(struct plan *plan, enum tt_box_node kind, char *text)
{
    char *content = cut(text);
    if (plan->settings.file_count < LIST_MAX) {
        plan->files[plan->settings.file_count++] =
            (struct tt_box_file) {.kind = kind, .path = text, .content = tt_str_cstr(content ? content : "")};
    }
}

static void
add_var(struct plan *plan, char *text)
{
    char *value = cut(text);
    if (plan->settings.var_count < LIST_MAX) {
        plan->vars[plan->settings.var_count++] = (struct tt_box_var) {text, value};
    }
}

static const struct option options[] = {
    {"instant", required_argument, NULL, 'i'}, {"shown", required_argument, NULL, 's'},
    {"file", required_argument, NULL, 'f'},    {"link", required_argument, NULL, 'l'},
    {"folder", required_argument, NULL, 'd'},  {"absent", required_argument, NULL, 'a'},
    {"var", required_argument, NULL, 'v'},     {"name", required_argument, NULL, 'n'},
    {"cpus", required_argument, NULL, 'c'},    {"wall", required_argument, NULL, 'w'},
    {"linger", required_argument, NULL, 'g'},  {"memory", required_argument, NULL, 'm'},
    {"disk", required_argument, NULL, 'k'},    {"processes", required_argument, NULL, 'p'},
    {"user", required_argument, NULL, 'u'},    {"host-name", required_argument, NULL, 'h'},
    {"home", required_argument, NULL, 'H'},    {"cwd", required_argument, NULL, 'C'},
    {"prepare", required_argument, NULL, 'P'}, {"times", required_argument, NULL, 't'},
    {"quiet", no_argument, NULL, 'q'},         {NULL, 0, NULL, 0},
};

static void
take_number(struct plan *plan, int option, long long value)
{
    struct tt_box_limits *limits = &plan->settings.limits;
    switch (option) {
    case 'i': plan->settings.instant = value; break;
    case 'c': plan->settings.cpus = (unsigned) value; break;
    case 'w': limits->wall_ms = (unsigned) value; break;
    case 'g': limits->linger_ms = (unsigned) value; break;
    case 'm': limits->memory = (uint64_t) value * TT_MIB; break;
    case 'k': limits->disk = (uint64_t) value * TT_MIB; break;
    case 'p': limits->processes = (unsigned) value; break;
    case 't': plan->times = (int) value; break;
    default: fail("unknown option");
    }
}

static void
take_option(struct plan *plan, int option, char *text)
{
    struct tt_box_settings *settings = &plan->settings;
    switch (option) {
    case 's': plan->shown[plan->shown_count++ % (LIST_MAX - 1)] = text; break;
    case 'n': plan->names[plan->name_count++ % (LIST_MAX - 1)] = text; break;
    case 'f': add_file(plan, TT_BOX_FILE, text); break;
    case 'l': add_file(plan, TT_BOX_LINK, text); break;
    case 'd': add_file(plan, TT_BOX_FOLDER, text); break;
    case 'a': add_file(plan, TT_BOX_ABSENT, text); break;
    case 'v': add_var(plan, text); break;
    case 'u': settings->user = text; break;
    case 'h': settings->host_name = text; break;
    case 'H': settings->home = text; break;
    case 'C': settings->cwd = text; break;
    case 'P': plan->command[2] = text; break;
    case 'q': plan->quiet = 1; break;
    default: take_number(plan, option, strtoll(text, NULL, 10));
    }
}

static void
read_plan(struct plan *plan, int argc, char **argv)
{
    int option;
    *plan = (struct plan) {.settings = {.instant = TT_BOX_REAL_CLOCK}, .command = {"/bin/sh", "-c"}, .times = 1};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        take_option(plan, option, optarg);
    }
    plan->commands[0] = plan->command;
    plan->settings.vars = plan->vars;
    plan->settings.files = plan->files;
    plan->settings.shown = plan->shown;
    plan->settings.names = plan->names;
    plan->settings.prepare = plan->command[2] ? plan->commands : NULL;
    plan->settings.argv = (const char *const *) (argv + optind);
}

/* ---- the loop ---- */

static void
pass_on(struct stream *stream)
{
    char piece[65536];
    ssize_t n;
    while ((n = read(stream->from, piece, sizeof(piece))) > 0) {
        size_t room = stream->seen < CAP ? (size_t) (CAP - stream->seen) : 0, size = (size_t) n < room ? (size_t) n : room;
        stream->seen += (uint64_t) n;
        if (write(stream->to, piece, size) != (ssize_t) size) {
            fail("standard output");
        }
        stream->open_line = size ? piece[size - 1] != '\n' : stream->open_line;
    }
}

static void
take_connection(const struct plan *plan, int listener, unsigned port)
{
    struct sockaddr_in6 here;
    socklen_t size = sizeof(here);
    char text[INET6_ADDRSTRLEN] = "?";
    int fd = accept(listener, NULL, NULL);
    if (fd < 0) {
        return;
    }
    if (getsockname(fd, (struct sockaddr *) &here, &size) == 0) {
        inet_ntop(AF_INET6, &here.sin6_addr, text, sizeof(text));
    }
    if (!plan->quiet) {
        printf("box: connection %u %s\n", port, text);
        fflush(stdout);
    }
    close(fd);
}

static void
take_query(int fd)
{
    char bytes[2048];
    ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
    printf("box: query of %zd bytes\n", n);
    fflush(stdout);
}

static void
serve(const struct plan *plan, struct tt_box *box, struct tt_box_end *end)
{
    struct stream streams[2] = {{.from = box->out, .to = 1}, {.from = box->err, .to = 2}};
    while (!tt_box_ended(box, end)) {
        struct pollfd look[4 + TT_BOX_PORTS] = {{.fd = box->report, .events = POLLIN},
                                                {.fd = box->out, .events = POLLIN},
                                                {.fd = box->err, .events = POLLIN},
                                                {.fd = box->dns, .events = POLLIN}};
        for (size_t i = 0; i < TT_BOX_PORTS; i++) {
            look[4 + i] = (struct pollfd) {.fd = box->listeners[i], .events = POLLIN};
        }
        poll(look, 4 + TT_BOX_PORTS, -1);
        pass_on(&streams[0]);
        pass_on(&streams[1]);
        if (look[3].revents & POLLIN) {
            take_query(box->dns);
        }
        for (size_t i = 0; i < TT_BOX_PORTS; i++) {
            if (look[4 + i].revents & POLLIN) {
                take_connection(plan, box->listeners[i], tt_box_ports[i]);
            }
        }
    }
    pass_on(&streams[0]);
    pass_on(&streams[1]);
    if (streams[0].open_line) {
        putchar('\n');
    }
}

static void
print_end(const struct tt_box *box, const struct tt_box_end *end, double opened_ms)
{
    printf("box: {\"cause\": \"%s\", \"exit_code\": %d, \"signal\": %d, \"error\": \"%s\", \"left_over\": %s, \"wall_us\": %llu, "
           "\"clock_calls\": %llu, "
           "\"clock_missed\": %llu, \"peak_kb\": %llu, \"peak_tasks\": %u, \"user_namespace\": %s, \"opened_ms\": %.2f}\n",
           tt_box_cause_name(end->cause), end->exit_code, end->signal, end->error ? strerror(end->error) : "",
           end->left_over ? "true" : "false", (unsigned long long) end->wall_us, (unsigned long long) end->clock_calls,
           (unsigned long long) end->clock_missed, (unsigned long long) end->peak_kb, end->peak_tasks,
           box->user_namespace ? "true" : "false", opened_ms);
    fflush(stdout);
}

static double
now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

static int
print_doctor(void)
{
    struct tt_box_fact facts[TT_BOX_FACTS_MAX];
    struct tt_buf message;
    tt_buf_init(&message, &tt_alloc_libc, TT_BOX_MESSAGE_MAX);
    size_t count = tt_box_doctor(facts, &message);
    for (size_t i = 0; i < count; i++) {
        printf("%s %s%s%s: %s\n", facts[i].good ? "yes" : "no", facts[i].what, facts[i].needed ? " (needed)" : "",
               facts[i].clock ? " (clock)" : "", facts[i].advice);
    }
    printf("%.*s\n", (int) message.len, message.ptr ? message.ptr : "");
    tt_buf_free(&message);
    return 0;
}

int
main(int argc, char **argv)
{
    static struct plan plan;
    if (argc == 2 && strcmp(argv[1], "--doctor") == 0) {
        return print_doctor();
    }
    struct tt_box box;
    struct tt_box_end end;
    struct tt_buf message;
    read_plan(&plan, argc, argv);
    tt_buf_init(&message, &tt_alloc_libc, TT_BOX_MESSAGE_MAX);
    double start = now_ms();
    enum tt_status status = tt_box_open(&box, &plan.settings, &message);
    if (status != TT_OK) {
        printf("box: refused %s: %.*s\n", tt_status_name(status), (int) message.len, message.ptr);
        tt_buf_free(&message);
        return 2;
    }
    double opened = now_ms() - start;
    for (int i = 0; i < plan.times && status == TT_OK; i++) {
        status = tt_box_go(&box);
        if (status == TT_OK) {
            serve(&plan, &box, &end);
            print_end(&box, &end, opened);
        }
    }
    tt_box_close(&box);
    tt_buf_free(&message);
    return status != TT_OK;
}
