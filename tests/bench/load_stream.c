/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streams of events that carry the time at which they were sent ("t=" and nanoseconds, upstream.c), and how late each arrives.
 */
#include "load.h"

#include "http.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct stream {
    uint64_t number, received;
    int state; /* 0: text, 1: after "t", 2: in the number after "t=" */
    size_t count;
    double *delays;
    size_t room;
};

static void
on_stream_bytes(void *ctx, const char *data, size_t len)
{
    struct stream *s = ctx;
    for (size_t i = 0; i < len; i++) {
        if (s->state == 2 && data[i] >= '0' && data[i] <= '9') {
            s->number = s->number * 10 + (uint64_t) (data[i] - '0');
            continue;
        }
        if (s->state == 2 && s->number > 0 && s->count < s->room) {
            s->delays[s->count++] = (double) (s->received - s->number) / 1000;
        }
        s->state = data[i] == 't' ? 1 : data[i] == '=' && s->state == 1 ? 2 : 0;
        s->number = 0;
    }
}

static int
compare_double(const void *a, const void *b)
{
    double x = *(const double *) a, y = *(const double *) b;
    return (x > y) - (x < y);
}

/* The median delay of one stream's events; -1 when it was not whole. */
static double
run_stream(const struct options *o, uint16_t port, double *delays)
{
    static const char body[] = "{\"model\":\"claude-sonnet-4-5\",\"max_tokens\":100,\"stream\":true,"
                               "\"messages\":[{\"role\":\"user\",\"content\":\"Go on.\"}]}";
    char request[4096], in[16384];
    struct stream stream = {.delays = delays, .room = o->events};
    struct http_reader reader = {.body = on_stream_bytes, .ctx = &stream};
    int len = snprintf(request, sizeof(request),
                       "POST %s?events=%u&every_ms=%u HTTP/1.1\r\nHost: gateway.example\r\nContent-Type: application/json\r\n%s"
                       "Connection: close\r\nContent-Length: %zu\r\n\r\n%s",
                       o->path, o->events, o->every_ms, o->headers, strlen(body), body);
    int fd = http_connect(port, true);
    bool sent = fd >= 0 && send(fd, request, (size_t) len, MSG_NOSIGNAL) == len;
    http_begin(&reader);
    while (sent && reader.state != HTTP_DONE) {
        ssize_t n = read(fd, in, sizeof(in));
        stream.received = http_now_ns();
        if (n <= 0) {
            break;
        }
        http_feed(&reader, in, (size_t) n);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (stream.count != o->events || reader.state != HTTP_DONE) {
        if (o->go_on) {
            return -1;
        }
        fprintf(stderr, "load: port %u: %zu of %u events\n%.200s\n", port, stream.count, o->events, reader.head);
        exit(1);
    }
    qsort(delays, stream.count, sizeof(*delays), compare_double);
    return delays[stream.count / 2];
}

void
load_streams(const struct options *o, char **ports, int count)
{
    double *delays = load_allocate(o->events, sizeof(*delays));
    printf("[");
    for (unsigned pair = 0; pair < o->pairs; pair++) {
        printf("%s[", pair ? "," : "");
        for (int i = 0; i < count; i++) {
            double delay = run_stream(o, (uint16_t) strtoul(ports[i], NULL, 10), delays);
            printf("%s", i ? "," : "");
            if (delay < 0) {
                printf("null");
            } else {
                printf("%.1f", delay);
            }
        }
        printf("]");
    }
    printf("]\n");
    free(delays);
}
