/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Load on a gateway on loopback: many connections that post conversations, or pairs of streams whose delay is compared.
 *
 *     load post [--connections N] [--seconds S] [--count N] [--rate R] [--fresh none|end|all] [--seed N] [--path P] [--header LINE]... [--close] PORT BODY
 *     load sse  [--pairs N] [--events N] [--every-ms M] [--go-on] [--header LINE]... PORT PORT...
 *
 * BODY is a file of material (gateway_material.py): one conversation, the lengths at which it can be cut into a request, and the slots in
 * which a word can be changed so that the text is new.  Every request of a connection is cut one turn later than the one before; then it
 * begins again.  --fresh end: the turns behind the part that all requests share are new each time around, so that the last turn of each
 * request is new and nothing else; all: every slot of every request; none: nothing.  Each connection has a conversation of its own, but for
 * none.  --seed chooses the new words, so that another run of the program has others; the shared parts are the same in every run.
 *
 * With --rate requests begin at fixed times whether or not earlier ones have ended, and their time counts from then.  Without, a connection
 * begins its next request when the last one ended.  A connection that its peer closed before the first byte of an answer is used again once,
 * counted as "retried"; whatever else fails is "failed".  A stream that is not whole ends the program, or counts as null with --go-on.
 * Prints one line of JSON.  Times are in microseconds.
 */
#include "load.h"

#include "http.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define WORD_LEN 8
#define TAIL "]}"
#define STALL_NS (20 * UINT64_C(1000000000)) /* without any answer for so long, the run ends */
#define STATUS_MAX 600

struct material {
    size_t len, known, slot_count, turn_count; /* known: what all requests of a conversation share */
    size_t *slots;                             /* offsets of words, rising */
    size_t *turns;                             /* lengths, rising */
    char *body;
};

struct connection {
    int fd; /* -1: none yet */
    bool busy, used, again;
    char *body;
    size_t turn;
    size_t head_len, body_len, sent;
    uint64_t due, got; /* got: bytes of this answer */
    char head[2048];
    struct http_reader reader;
};

struct load {
    struct options options;
    uint16_t port;
    struct material material;
    int epoll;
    struct connection *connections;
    struct connection **idle;
    size_t idle_count;
    uint64_t words;                         /* made so far */
    uint64_t begun, ended, failed, retried; /* requests */
    uint64_t statuses[STATUS_MAX];
    uint64_t start, last;
    uint32_t *times; /* of each request that ended, in tenths of a microsecond */
    size_t times_room;
    char in[256 * 1024];
};

void *
load_allocate(size_t count, size_t size)
{
    void *p = calloc(count ? count : 1, size);
    if (!p) {
        http_fail("calloc");
    }
    return p;
}

static void
read_numbers(FILE *f, size_t *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (fscanf(f, "%zu", &numbers[i]) != 1) {
            errno = 0;
            http_fail("body: a number");
        }
    }
}

static void
read_material(struct material *m, const char *name)
{
    FILE *f = fopen(name, "rb");
    if (!f) {
        http_fail(name);
    }
    errno = 0;
    if (fscanf(f, "%zu %zu %zu %zu", &m->len, &m->known, &m->slot_count, &m->turn_count) != 4 || m->turn_count == 0) {
        http_fail(name);
    }
    m->slots = load_allocate(m->slot_count, sizeof(*m->slots));
    m->turns = load_allocate(m->turn_count, sizeof(*m->turns));
    m->body = load_allocate(m->len, 1);
    read_numbers(f, m->slots, m->slot_count);
    read_numbers(f, m->turns, m->turn_count);
    if (fgetc(f) != '\n' || fread(m->body, 1, m->len, f) != m->len) {
        http_fail(name);
    }
    fclose(f);
}

/* A word that was not used before, easy to say and in no way odd: four syllables, 81 million of them. */
static void
make_word(uint64_t number, char word[WORD_LEN])
{
    static const char consonants[] = "bcdfghjklmnpqrstvwz", vowels[] = "aeiou";
    uint64_t rest = number * 59604644783 % UINT64_C(81450625);
    for (int i = 0; i < WORD_LEN; i += 2) {
        word[i] = consonants[rest % 95 % 19];
        word[i + 1] = vowels[rest % 95 / 19];
        rest /= 95;
    }
}

static void
renew(struct load *load, struct connection *c, size_t from, uint64_t number)
{
    char word[WORD_LEN];
    make_word(number, word);
    for (size_t i = 0; i < load->material.slot_count; i++) {
        if (load->material.slots[i] >= from) {
            memcpy(c->body + load->material.slots[i], word, WORD_LEN);
        }
    }
}

/* Makes the connection's next request. */
static void
make_request(struct load *load, struct connection *c)
{
    const struct material *m = &load->material;
    if (load->options.fresh == FRESH_ALL) {
        renew(load, c, 0, load->words++);
    } else if (load->options.fresh == FRESH_END && c->turn == 0) {
        renew(load, c, m->known, load->words++);
    }
    c->body_len = m->turns[c->turn];
    c->turn = (c->turn + 1) % m->turn_count;
    c->head_len = (size_t) snprintf(
        c->head, sizeof(c->head),
        "POST %s HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: application/json\r\n%s%sContent-Length: %zu\r\n\r\n",
        load->options.path, load->options.headers, load->options.close ? "Connection: close\r\n" : "",
        c->body_len + strlen(TAIL));
}

static void
end_request(struct load *load, struct connection *c, bool good)
{
    uint64_t now = http_now_ns();
    if (good && load->ended == load->times_room) {
        load->times_room = load->times_room * 2 + 4096;
        load->times = realloc(load->times, load->times_room * sizeof(*load->times));
        if (!load->times) {
            http_fail("realloc");
        }
    }
    if (good) {
        uint64_t tenths = (now - c->due) / 100;
        load->times[load->ended++] = tenths < UINT32_MAX ? (uint32_t) tenths : UINT32_MAX;
    } else {
        load->failed++;
    }
    load->last = now;
    c->busy = false;
    load->idle[load->idle_count++] = c;
}

static void
drop(struct connection *c)
{
    if (c->fd >= 0) {
        close(c->fd);
    }
    c->fd = -1;
}

static void send_request(struct load *load, struct connection *c);

/* The peer is gone.  A connection that was open before may have been closed while the request was on its way: try it once more. */
static void
lose(struct load *load, struct connection *c)
{
    drop(c);
    if (!c->busy) {
        return;
    }
    if (c->used && c->got == 0 && !c->again) {
        load->retried++;
        c->again = true;
        send_request(load, c);
    } else {
        end_request(load, c, false);
    }
}

static void
go_on_sending(struct load *load, struct connection *c)
{
    size_t len[3] = {c->head_len, c->body_len, strlen(TAIL)}, total = len[0] + len[1] + len[2];
    char tail[] = TAIL, *base[3] = {c->head, c->body, tail};
    while (c->sent < total) {
        struct iovec iov[3];
        int count = 0;
        size_t skip = c->sent;
        for (int i = 0; i < 3; i++) {
            if (skip < len[i]) {
                iov[count++] = (struct iovec) {base[i] + skip, len[i] - skip};
            }
            skip = skip > len[i] ? skip - len[i] : 0;
        }
        struct msghdr message = {.msg_iov = iov, .msg_iovlen = (size_t) count};
        ssize_t n = sendmsg(c->fd, &message, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
            epoll_ctl(load->epoll, EPOLL_CTL_MOD, c->fd, &event);
            return;
        }
        if (n < 0) {
            /* An answer may be there already (413): reading finds it, or the end. */
            return;
        }
        c->sent += (size_t) n;
    }
}

static void
send_request(struct load *load, struct connection *c)
{
    c->sent = c->got = 0;
    c->used = c->fd >= 0;
    http_begin(&c->reader);
    if (c->fd < 0) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        c->fd = http_connect(load->port, false);
        if (c->fd < 0) {
            end_request(load, c, false);
            return;
        }
        if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0) {
            http_fail("epoll_ctl");
        }
    }
    go_on_sending(load, c);
}

static void
begin_request(struct load *load, uint64_t due)
{
    struct connection *c = load->idle[--load->idle_count];
    c->busy = true;
    c->again = false;
    c->due = due;
    make_request(load, c);
    load->begun++;
    send_request(load, c);
}

static void
take_answer(struct load *load, struct connection *c)
{
    unsigned status = (unsigned) strtoul(c->reader.head + strlen("HTTP/1.1"), NULL, 10);
    load->statuses[status < STATUS_MAX ? status : 0]++;
    if (c->reader.closes || c->sent < c->head_len + c->body_len + strlen(TAIL)) {
        drop(c);
    }
    end_request(load, c, status == 200);
}

static void
on_event(struct load *load, struct connection *c, uint32_t events)
{
    if (c->fd < 0) {
        return;
    }
    if (events & EPOLLOUT) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(load->epoll, EPOLL_CTL_MOD, c->fd, &event);
        go_on_sending(load, c);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
        return;
    }
    ssize_t n = read(c->fd, load->in, sizeof(load->in));
    if (n < 0 && errno == EAGAIN) {
        return;
    }
    if (n <= 0 && c->reader.state == HTTP_LENGTH && c->reader.left > UINT64_MAX / 2 && n == 0) {
        take_answer(load, c); /* a body without a length ends with its connection */
        return;
    }
    if (n <= 0 || !c->busy) {
        lose(load, c);
        return;
    }
    c->got += (uint64_t) n;
    http_feed(&c->reader, load->in, (size_t) n);
    if (c->reader.state == HTTP_DONE) {
        take_answer(load, c);
    }
}

/* Begins what is due; returns the time until which nothing is, or 0. */
static uint64_t
begin_what_is_due(struct load *load, uint64_t now)
{
    const struct options *o = &load->options;
    uint64_t next = 0;
    while (load->idle_count > 0 && load->begun < o->count) {
        next = o->rate > 0 ? load->start + (uint64_t) ((double) load->begun * 1e9 / o->rate) : now;
        if (next > now) {
            return next;
        }
        if ((double) (next - load->start) / 1e9 >= o->seconds) {
            return 0;
        }
        begin_request(load, next);
    }
    return 0;
}

static void
run(struct load *load)
{
    struct epoll_event events[256];
    load->start = load->last = http_now_ns();
    for (;;) {
        uint64_t now = http_now_ns(), next = begin_what_is_due(load, now);
        if (load->ended + load->failed == load->begun && next == 0) {
            return;
        }
        if (http_now_ns() - load->last > STALL_NS) {
            fprintf(stderr, "load: no answer for %" PRIu64 " s\n", STALL_NS / UINT64_C(1000000000));
            exit(1);
        }
        uint64_t wait = next > now ? next - now : 1000000000;
        struct timespec timeout = {(time_t) (wait / 1000000000), (long) (wait % 1000000000)};
        int count = epoll_pwait2(load->epoll, events, 256, &timeout, NULL);
        for (int i = 0; i < count; i++) {
            on_event(load, events[i].data.ptr, events[i].events);
        }
    }
}

static int
compare_times(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;
    return (x > y) - (x < y);
}

static double
quantile(const struct load *load, double share)
{
    size_t at = (size_t) (share * (double) load->ended);
    return load->ended == 0 ? 0 : load->times[at < load->ended ? at : load->ended - 1] / 10.0;
}

static void
print_result(struct load *load)
{
    qsort(load->times, load->ended, sizeof(*load->times), compare_times);
    printf("{\"requests\":%" PRIu64 ",\"failed\":%" PRIu64 ",\"retried\":%" PRIu64
           ",\"seconds\":%.4f,\"p50_us\":%.1f,\"p99_us\":%.1f,"
           "\"max_us\":%.1f,\"statuses\":{",
           load->ended, load->failed, load->retried, (double) (load->last - load->start) / 1e9, quantile(load, 0.5),
           quantile(load, 0.99), quantile(load, 1));
    const char *comma = "";
    for (unsigned i = 0; i < STATUS_MAX; i++) {
        if (load->statuses[i] > 0) {
            printf("%s\"%u\":%" PRIu64, comma, i, load->statuses[i]);
            comma = ",";
        }
    }
    printf("}}\n");
}

static void
post(struct load *load, const char *body)
{
    const struct options *o = &load->options;
    read_material(&load->material, body);
    load->words = (o->seed + 1) * UINT64_C(1000000);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->connections = load_allocate(o->connections, sizeof(*load->connections));
    load->idle = load_allocate(o->connections, sizeof(struct connection *));
    for (unsigned i = o->connections; i-- > 0;) {
        struct connection *c = &load->connections[i];
        c->fd = -1;
        c->turn = i % load->material.turn_count;
        c->body = o->fresh == FRESH_NONE ? load->material.body : load_allocate(load->material.len, 1);
        if (o->fresh != FRESH_NONE) {
            memcpy(c->body, load->material.body, load->material.len);
            renew(load, c, 0, i);
            renew(load, c, load->material.known, load->words++);
        }
        load->idle[load->idle_count++] = c;
    }
    run(load);
    print_result(load);
}

static void
add_header(struct options *o, const char *line)
{
    size_t at = strlen(o->headers);
    int len = snprintf(o->headers + at, sizeof(o->headers) - at, "%s\r\n", line);
    if (len < 0 || (size_t) len >= sizeof(o->headers) - at) {
        errno = E2BIG;
        http_fail("--header");
    }
}

static const struct option long_options[] = {
    {"connections", required_argument, NULL, 'c'},
    {"seconds", required_argument, NULL, 's'},
    {"count", required_argument, NULL, 'n'},
    {"rate", required_argument, NULL, 'r'},
    {"fresh", required_argument, NULL, 'f'},
    {"path", required_argument, NULL, 'p'},
    {"header", required_argument, NULL, 'H'},
    {"close", no_argument, NULL, 'C'},
    {"go-on", no_argument, NULL, 'g'},
    {"seed", required_argument, NULL, 'S'},
    {"pairs", required_argument, NULL, 'P'},
    {"events", required_argument, NULL, 'e'},
    {"every-ms", required_argument, NULL, 'm'},
    {NULL, 0, NULL, 0},
};

static bool
take_option(struct options *o, int option, const char *value)
{
    switch (option) {
    case 'c': o->connections = (unsigned) strtoul(value, NULL, 10); return o->connections > 0;
    case 's': o->seconds = strtod(value, NULL); return true;
    case 'n': o->count = strtoull(value, NULL, 10); return true;
    case 'r': o->rate = strtod(value, NULL); return true;
    case 'f': o->fresh = value[0] == 'a' ? FRESH_ALL : value[0] == 'e' ? FRESH_END : FRESH_NONE; return true;
    case 'S': o->seed = strtoull(value, NULL, 10); return true;
    case 'p': o->path = value; return true;
    case 'H': add_header(o, value); return true;
    case 'C': o->close = true; return true;
    case 'g': o->go_on = true; return true;
    case 'P': o->pairs = (unsigned) strtoul(value, NULL, 10); return true;
    case 'e': o->events = (unsigned) strtoul(value, NULL, 10); return true;
    case 'm': o->every_ms = (unsigned) strtoul(value, NULL, 10); return true;
    default: return false;
    }
}

int
main(int argc, char **argv)
{
    static struct load load = {.options = {.connections = 64,
                                           .pairs = 10,
                                           .events = 40,
                                           .every_ms = 5,
                                           .seconds = 1e9,
                                           .count = UINT64_MAX,
                                           .path = "/v1/messages"}};
    bool good = true;
    int option;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    prctl(PR_SET_TIMERSLACK, 1); /* else requests begin up to 50 us late */
    while (good && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        good = take_option(&load.options, option, optarg);
    }
    if (good && argc - optind == 3 && strcmp(argv[optind], "post") == 0) {
        load.port = (uint16_t) strtoul(argv[optind + 1], NULL, 10);
        post(&load, argv[optind + 2]);
    } else if (good && argc - optind >= 2 && strcmp(argv[optind], "sse") == 0) {
        load_streams(&load.options, argv + optind + 1, argc - optind - 1);
    } else {
        fprintf(stderr, "usage: see the head of load.c\n");
        return 2;
    }
    return 0;
}
