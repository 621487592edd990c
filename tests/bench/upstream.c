/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model API on loopback that costs almost nothing: reads each request to its end and answers like Anthropic's Messages API.
 *
 *     upstream [PORT]
 *
 * Prints the port and serves until its parent ends.  A query of the path asks for a stream: ?events=40&every_ms=5 sends so many events so
 * far apart, each with "t=" and the time at which it was sent, in nanoseconds of the machine's monotonic clock.  GET /count tells how many
 * requests were read; the n-th is answered with the id msg_n, so that records can be counted against answers.
 *
 * One thread, one epoll.  A connection is one allocation, freed with its descriptors; nothing else is kept.
 */
#include "http.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define OUT_MAX 4096
#define EVENTS_AT_ONCE 256

struct connection;

/* What epoll gives back.  A connection has two: its socket and, while it streams, its timer. */
struct source {
    struct connection *connection; /* NULL: the listener */
    int fd;
};

struct connection {
    struct source socket, timer;
    struct http_reader reader;
    uint64_t events, event;   /* of the stream: how many, and which is next */
    struct connection *freed; /* list of those that ended in this turn of the loop */
    bool ended;
    size_t out_len, out_sent; /* an answer that did not fit into the socket */
    char out[OUT_MAX];
};

struct upstream {
    int epoll;
    uint64_t requests, streams;
    struct connection *freed;
    char in[256 * 1024];
};

static const char text[] =
    "The parser keeps spans now: each token carries its offset and length, and the caller reads names from the raw "
    "bytes. I changed three files and ran the tests, which pass. ";

static void
watch(struct upstream *up, struct source *source, uint32_t events, int operation)
{
    struct epoll_event event = {.events = events, .data.ptr = source};
    if (epoll_ctl(up->epoll, operation, source->fd, &event) != 0) {
        http_fail("epoll_ctl");
    }
}

/* The memory stays until the end of the loop's turn: other events of this turn may name it. */
static void
end_connection(struct upstream *up, struct connection *c)
{
    if (c->ended) {
        return;
    }
    c->ended = true;
    close(c->socket.fd);
    if (c->timer.fd >= 0) {
        close(c->timer.fd);
    }
    c->freed = up->freed;
    up->freed = c;
}

/* Sends what is in out; what does not fit waits for room. */
static void
flush(struct upstream *up, struct connection *c)
{
    while (c->out_sent < c->out_len) {
        ssize_t n = send(c->socket.fd, c->out + c->out_sent, c->out_len - c->out_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) {
            watch(up, &c->socket, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
            return;
        }
        if (n <= 0) {
            end_connection(up, c);
            return;
        }
        c->out_sent += (size_t) n;
    }
    c->out_len = c->out_sent = 0;
}

static void
add(struct connection *c, const char *data, size_t len)
{
    if (len > OUT_MAX - c->out_len) {
        errno = 0;
        http_fail("upstream: a reader that is slower than its stream");
    }
    memcpy(c->out + c->out_len, data, len);
    c->out_len += len;
}

/* One chunk with one event. */
static void
add_event(struct connection *c, const char *name, const char *data)
{
    char event[1024], size[16];
    int len = snprintf(event, sizeof(event), "event: %s\ndata: {\"type\":\"%s\"%s}\n\n", name, name, data);
    int head = snprintf(size, sizeof(size), "%x\r\n", (unsigned) len);
    add(c, size, (size_t) head);
    add(c, event, (size_t) len);
    add(c, "\r\n", 2);
}

static void
add_start_event(struct connection *c, uint64_t id)
{
    char data[512];
    snprintf(data, sizeof(data),
             ",\"message\":{\"id\":\"msg_%" PRIu64
             "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\","
             "\"content\":[],\"stop_reason\":null,\"usage\":{\"input_tokens\":12,\"cache_read_input_tokens\":7000,"
             "\"cache_creation_input_tokens\":300,\"output_tokens\":1}}",
             id);
    add_event(c, "message_start", data);
}

static void
add_timed_event(struct connection *c)
{
    char data[256];
    snprintf(data, sizeof(data), ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"t=%" PRIu64 " and more \"}",
             http_now_ns());
    add_event(c, "content_block_delta", data);
}

static void
add_last_events(struct connection *c)
{
    char data[256];
    snprintf(data, sizeof(data), ",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"output_tokens\":%" PRIu64 "}",
             c->events * 8);
    add_event(c, "message_delta", data);
    add_event(c, "message_stop", "");
    add(c, "0\r\n\r\n", 5);
}

static void
begin_stream(struct upstream *up, struct connection *c, uint64_t every_ms)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                               "Transfer-Encoding: chunked\r\n\r\n";
    struct itimerspec times = {.it_interval = {(time_t) (every_ms / 1000), (long) (every_ms % 1000) * 1000000}};
    times.it_value = times.it_interval;
    up->streams++;
    add(c, head, sizeof(head) - 1);
    add_start_event(c, up->requests);
    flush(up, c);
    c->timer.fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (c->timer.fd < 0 || timerfd_settime(c->timer.fd, 0, &times, NULL) != 0) {
        http_fail("timerfd");
    }
    watch(up, &c->timer, EPOLLIN, EPOLL_CTL_ADD);
}

static void
answer_json(struct upstream *up, struct connection *c, bool counted)
{
    char body[2048], head[256];
    int len =
        counted
            ? snprintf(body, sizeof(body),
                       "{\"id\":\"msg_%" PRIu64 "\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-sonnet-4-5\","
                       "\"content\":[{\"type\":\"text\",\"text\":\"%s%s%s%s%s%s\"}],\"stop_reason\":\"end_turn\","
                       "\"stop_sequence\":null,\"usage\":{\"input_tokens\":12,\"cache_creation_input_tokens\":300,"
                       "\"cache_read_input_tokens\":7000,\"output_tokens\":210,\"service_tier\":\"standard\"}}",
                       up->requests, text, text, text, text, text, text)
            : snprintf(body, sizeof(body), "{\"requests\":%" PRIu64 ",\"streams\":%" PRIu64 "}", up->requests, up->streams);
    int head_len =
        snprintf(head, sizeof(head),
                 "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nrequest-id: req_%" PRIu64 "\r\nContent-Length: %d\r\n\r\n",
                 up->requests, len);
    add(c, head, (size_t) head_len);
    add(c, body, (size_t) len);
    flush(up, c);
}

static void
answer(struct upstream *up, struct connection *c)
{
    bool counted = strncmp(c->reader.head, "GET /count", 10) != 0;
    up->requests += counted;
    c->events = http_query(&c->reader, "events", 0);
    c->event = 0;
    if (c->events > 0) {
        begin_stream(up, c, http_query(&c->reader, "every_ms", 10));
    } else {
        answer_json(up, c, counted);
    }
}

static void
on_timer(struct upstream *up, struct connection *c)
{
    uint64_t ticks;
    if (read(c->timer.fd, &ticks, sizeof(ticks)) != sizeof(ticks)) {
        return;
    }
    if (c->event++ < c->events) {
        add_timed_event(c);
        flush(up, c);
        return;
    }
    close(c->timer.fd);
    c->timer.fd = -1;
    add_last_events(c);
    flush(up, c);
}

static void
on_socket(struct upstream *up, struct connection *c, uint32_t events)
{
    if (events & EPOLLOUT) {
        watch(up, &c->socket, EPOLLIN, EPOLL_CTL_MOD);
        flush(up, c);
    }
    if (!(events & (EPOLLIN | EPOLLHUP | EPOLLERR))) {
        return;
    }
    ssize_t n = read(c->socket.fd, up->in, sizeof(up->in));
    if (n <= 0) {
        if (n == 0 || errno != EAGAIN) {
            end_connection(up, c);
        }
        return;
    }
    for (size_t at = 0; at < (size_t) n && !c->ended;) {
        at += http_feed(&c->reader, up->in + at, (size_t) n - at);
        if (c->reader.state == HTTP_DONE) {
            answer(up, c);
            http_begin(&c->reader);
        }
    }
}

static void
on_listener(struct upstream *up, int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
        struct connection *c = calloc(1, sizeof(*c));
        if (!c) {
            http_fail("calloc");
        }
        c->socket = (struct source) {c, fd};
        c->timer = (struct source) {c, -1};
        http_begin(&c->reader);
        watch(up, &c->socket, EPOLLIN, EPOLL_CTL_ADD);
    }
}

static void
on_event(struct upstream *up, const struct epoll_event *event)
{
    struct source *source = event->data.ptr;
    struct connection *c = source->connection;
    if (!c) {
        on_listener(up, source->fd);
    } else if (c->ended) {
        return;
    } else if (source == &c->socket) {
        on_socket(up, c, event->events);
    } else {
        on_timer(up, c);
    }
}

static void
free_ended(struct upstream *up)
{
    while (up->freed) {
        struct connection *c = up->freed;
        up->freed = c->freed;
        free(c);
    }
}

int
main(int argc, char **argv)
{
    static struct upstream up;
    struct epoll_event events[EVENTS_AT_ONCE];
    uint16_t port = argc > 1 ? (uint16_t) strtoul(argv[1], NULL, 10) : 0;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    struct source listener = {NULL, http_listen(&port)};
    up.epoll = epoll_create1(EPOLL_CLOEXEC);
    watch(&up, &listener, EPOLLIN, EPOLL_CTL_ADD);
    printf("%u\n", port);
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(up.epoll, events, EVENTS_AT_ONCE, -1);
        for (int i = 0; i < count; i++) {
            on_event(&up, &events[i]);
        }
        free_ended(&up);
    }
}
