/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop of the mock; see mock.h.
 *
 * In: descriptors.  Out: a capture.  One poll() over listeners, connections, the socket of DNS, the client's output and the report of its end.
 * Nothing blocks but poll(), and poll() never longer than the deadline.
 *
 * At the end, what the kernel still holds is taken without waiting: requests that the client had sent when it ended, and connections that it had opened.
 */
#include "probe/mock.h"

#include "probe/mock_connection.h"
#include "probe/mock_dns.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define DRAIN_ROUNDS 10000 /* of the last turn: enough for all that a kernel holds, and an end for a client that is still there */

/* Where in the array of poll() a descriptor stands: these, then the listeners, then the connections. */
enum slot { SLOT_REPORT, SLOT_OUT, SLOT_ERR, SLOT_DNS, SLOT_LISTENERS };
#define SLOTS_MAX (SLOT_LISTENERS + TT_MOCK_LISTENERS_MAX + TT_MOCK_CONNECTIONS_MAX)

struct output {
    int fd;
    struct tt_buf kept;
    uint64_t seen;
};

struct open {
    int fd;
    bool ended; /* the client sends no more */
    struct tt_mock_connection *connection;
};

struct server {
    const struct tt_mock_settings *settings;
    const struct tt_mock_ends *ends;
    struct tt_capture *capture;
    struct tt_mock_state state;
    struct timespec began;
    uint64_t wall_ms;
    struct output out, err;
    struct open open[TT_MOCK_CONNECTIONS_MAX];
    size_t open_count;
    struct pollfd polls[SLOTS_MAX];
    bool failed; /* poll() did */
    char bytes[TT_MOCK_READ];
};

static uint64_t
since_us(const struct server *s)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t) ((now.tv_sec - s->began.tv_sec) * 1000000 + (now.tv_nsec - s->began.tv_nsec) / 1000);
}

static bool
unblock(int fd)
{
    int flags = fd < 0 ? 0 : fcntl(fd, F_GETFL);
    return fd < 0 || (flags >= 0 && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0);
}

/* ---- the client's output ---- */

/* Returns whether something was read. */
static bool
read_output(struct server *s, struct output *o)
{
    ssize_t n = o->fd < 0 ? -1 : read(o->fd, s->bytes, sizeof(s->bytes));
    if (n <= 0) {
        if (o->fd >= 0 && (n == 0 || (errno != EAGAIN && errno != EINTR))) {
            o->fd = -1;
        }
        return false;
    }
    size_t room = o->kept.max - o->kept.len, take = (size_t) n < room ? (size_t) n : room;
    tt_buf_add(&o->kept, tt_str_make(s->bytes, take));
    o->seen += (uint64_t) n;
    s->capture->out_cut = s->capture->out_cut || take < (size_t) n;
    s->capture->flooded = s->capture->flooded || s->out.seen + s->err.seen > TT_PROBE_OUTPUT_FLOOD;
    return true;
}

/* ---- names ---- */

/* The answer must come from the address that was asked, which any address may be: it goes with the packet both ways. */
union control {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
};

static void
log_query(struct server *s, const struct tt_dns_query *query)
{
    char room[16];
    struct tt_contact *contact = tt_capture_contact(s->capture, TT_CONTACT_DNS);
    if (contact) {
        contact->at_us = s->state.now_us;
        contact->port = 53;
        contact->name = tt_capture_name(s->capture, tt_str_make(query->name, query->name_len));
        contact->detail = tt_capture_name(s->capture, tt_dns_type_name(query->type, room));
    }
}

static void
ask_for_addresses(int fd)
{
    const int on = 1;
    /* One of the two is not the socket's own family, and says so. */
    (void) setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof(on));
    (void) setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof(on));
}

static bool
answer_query(struct server *s)
{
    struct sockaddr_storage from;
    union control control;
    struct tt_dns_query query;
    struct iovec part = {s->bytes, sizeof(s->bytes)};
    struct msghdr message = {.msg_name = &from,
                             .msg_namelen = sizeof(from),
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = &control,
                             .msg_controllen = sizeof(control)};
    ssize_t n = s->ends->dns < 0 ? -1 : recvmsg(s->ends->dns, &message, 0);
    struct tt_buf *answer = &s->state.answer;
    if (n < 0) {
        return false;
    }
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof(info));
            info.ipi_ifindex = 0;
            info.ipi_spec_dst = info.ipi_addr;
            memcpy(CMSG_DATA(c), &info, sizeof(info));
        }
    }
    tt_buf_clear(answer);
    if (tt_dns_answer(tt_str_make(s->bytes, (size_t) n), s->settings->dns, &query, answer)) {
        log_query(s, &query);
        part = (struct iovec) {answer->ptr, answer->len};
        (void) sendmsg(s->ends->dns, &message, MSG_NOSIGNAL); /* a lost answer is asked for again */
    }
    return true;
}

/* ---- connections ---- */

/* The address that the client connected to, as text; an IPv4 address on a socket of IPv6 without the prefix of it. */
static struct tt_str
local_address(int fd, char room[INET6_ADDRSTRLEN], uint16_t *port)
{
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t len = sizeof(address);
    const char *text = NULL;
    *port = 0;
    (void) getsockname(fd, (struct sockaddr *) &address, &len);
    if (address.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *) &address;
        text = inet_ntop(AF_INET, &in->sin_addr, room, INET6_ADDRSTRLEN);
        *port = ntohs(in->sin_port);
    } else if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in = (const void *) &address;
        bool mapped = IN6_IS_ADDR_V4MAPPED(&in->sin6_addr);
        text = inet_ntop(mapped ? AF_INET : AF_INET6, in->sin6_addr.s6_addr + (mapped ? 12 : 0), room, INET6_ADDRSTRLEN);
        *port = ntohs(in->sin6_port);
    }
    return tt_str_cstr(text);
}

static void
close_one(struct server *s, size_t i)
{
    close(s->open[i].fd);
    tt_mock_connection_free(s->open[i].connection);
    s->open[i] = s->open[--s->open_count];
}

/* A connection between two requests, that any server may close (RFC 9112, section 9.6); the longest open.  open_count: none. */
static size_t
find_idle(const struct server *s)
{
    size_t found = s->open_count;
    for (size_t i = 0; i < s->open_count; i++) {
        const struct tt_mock_connection *c = s->open[i].connection;
        if (tt_mock_connection_is_idle(c) && (found == s->open_count || c->number < s->open[found].connection->number)) {
            found = i;
        }
    }
    return found;
}

static bool
has_place(const struct server *s)
{
    return s->open_count < TT_MOCK_CONNECTIONS_MAX || find_idle(s) < s->open_count;
}

static bool
accept_one(struct server *s, int listener)
{
    char room[INET6_ADDRSTRLEN];
    uint16_t port;
    int fd = has_place(s) ? accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC) : -1;
    if (fd < 0) {
        return false;
    }
    if (s->open_count == TT_MOCK_CONNECTIONS_MAX) {
        close_one(s, find_idle(s));
    }
    struct tt_str address = local_address(fd, room, &port);
    struct tt_mock_connection *connection = tt_mock_connection_new(&s->state, address, port);
    if (!connection) {
        close(fd);
        return false;
    }
    s->open[s->open_count++] = (struct open) {.fd = fd, .connection = connection};
    return true;
}

static void
send_waiting(struct open *o)
{
    struct tt_buf *out = &o->connection->out;
    ssize_t n = 1;
    while (out->len > 0 && n > 0) {
        n = send(o->fd, out->ptr, out->len, MSG_NOSIGNAL);
        if (n > 0) {
            tt_buf_drop(out, (size_t) n);
        } else if (errno == EINTR) {
            n = 1;
        } else if (errno != EAGAIN) {
            tt_buf_clear(out); /* the client is gone; what it sent before may still be there */
            o->connection->closing = o->connection->closing || o->ended;
        }
    }
}

static bool
has_room(const struct open *o)
{
    return !o->ended && !o->connection->closing && o->connection->out.len <= TT_MOCK_WAITING_MAX;
}

/* Reads once, and answers.  Returns whether something came. */
static bool
serve_one(struct server *s, struct open *o)
{
    send_waiting(o);
    if (!has_room(o)) {
        return false;
    }
    tt_mock_connection_take(o->connection, TT_STR("")); /* what waited for room */
    ssize_t n = has_room(o) ? recv(o->fd, s->bytes, sizeof(s->bytes), 0) : -1;
    if (n > 0) {
        tt_mock_connection_take(o->connection, tt_str_make(s->bytes, (size_t) n));
    } else if (has_room(o) && (n == 0 || (errno != EAGAIN && errno != EINTR))) {
        o->ended = true;
        tt_mock_connection_end(o->connection);
    }
    send_waiting(o);
    return n > 0;
}

static void
close_finished(struct server *s)
{
    for (size_t i = s->open_count; i > 0; i--) {
        const struct open *o = &s->open[i - 1];
        if ((o->ended || o->connection->closing) && o->connection->out.len == 0) {
            close_one(s, i - 1);
        }
    }
}

/* Buffers are bounded each; together they are here. */
static void
check_held(struct server *s)
{
    size_t held = 0;
    for (size_t i = 0; i < s->open_count; i++) {
        held += tt_mock_connection_held(s->open[i].connection);
    }
    s->capture->flooded = s->capture->flooded || held > TT_MOCK_HELD_MAX;
}

/* ---- the loop ---- */

static void
watch(struct server *s)
{
    const int fixed[SLOT_LISTENERS] = {
        [SLOT_REPORT] = s->ends->report, [SLOT_OUT] = s->out.fd, [SLOT_ERR] = s->err.fd, [SLOT_DNS] = s->ends->dns};
    for (size_t i = 0; i < SLOT_LISTENERS; i++) {
        s->polls[i] = (struct pollfd) {.fd = fixed[i], .events = POLLIN};
    }
    bool takes = has_place(s);
    for (size_t i = 0; i < s->ends->listener_count; i++) {
        s->polls[SLOT_LISTENERS + i] = (struct pollfd) {.fd = takes ? s->ends->listeners[i] : -1, .events = POLLIN};
    }
    for (size_t i = 0; i < s->open_count; i++) {
        const struct open *o = &s->open[i];
        short events = (short) ((has_room(o) ? POLLIN : 0) | (o->connection->out.len > 0 ? POLLOUT : 0));
        s->polls[SLOT_LISTENERS + s->ends->listener_count + i] = (struct pollfd) {.fd = o->fd, .events = events};
    }
}

/* One turn over everything that poll() told; the last connections first, so that those accepted in this turn wait for the next. */
static void
take_turn(struct server *s)
{
    const struct pollfd *listeners = s->polls + SLOT_LISTENERS, *connections = listeners + s->ends->listener_count;
    s->state.now_us = since_us(s);
    if (s->polls[SLOT_OUT].revents) {
        read_output(s, &s->out);
    }
    if (s->polls[SLOT_ERR].revents) {
        read_output(s, &s->err);
    }
    while (s->polls[SLOT_DNS].revents && !s->capture->flooded && answer_query(s)) {
    }
    for (size_t i = 0; i < s->open_count; i++) {
        if (connections[i].revents) {
            serve_one(s, &s->open[i]);
        }
    }
    for (size_t i = 0; i < s->ends->listener_count; i++) {
        while (listeners[i].revents && accept_one(s, s->ends->listeners[i])) {
        }
    }
    close_finished(s);
    check_held(s);
}

static bool
is_over(struct server *s)
{
    if (s->failed || s->capture->flooded || s->state.status != TT_OK) {
        return true;
    }
    if (s->ends->report >= 0 ? s->polls[SLOT_REPORT].revents != 0 : s->out.fd < 0 && s->err.fd < 0) {
        return true;
    }
    s->capture->timed_out = since_us(s) / 1000 >= s->wall_ms;
    return s->capture->timed_out;
}

static void
wait_once(struct server *s)
{
    uint64_t passed = since_us(s) / 1000, left = passed < s->wall_ms ? s->wall_ms - passed : 0;
    nfds_t count = SLOT_LISTENERS + s->ends->listener_count + s->open_count;
    watch(s);
    int ready = poll(s->polls, count, left > 60000 ? 60000 : (int) left + 1);
    if (ready < 0) {
        s->failed = errno != EINTR;
        for (nfds_t i = 0; i < count; i++) {
            s->polls[i].revents = 0;
        }
    }
}

/* Takes what is still there, without waiting. */
static void
drain(struct server *s)
{
    bool more = true;
    s->state.now_us = since_us(s);
    for (size_t round = 0; more && round < DRAIN_ROUNDS && !s->capture->flooded && s->state.status == TT_OK; round++) {
        more = read_output(s, &s->out);
        more = read_output(s, &s->err) || more;
        more = answer_query(s) || more;
        for (size_t i = 0; i < s->ends->listener_count; i++) {
            more = accept_one(s, s->ends->listeners[i]) || more;
        }
        for (size_t i = 0; i < s->open_count; i++) {
            more = serve_one(s, &s->open[i]) || more;
        }
        close_finished(s);
        check_held(s);
    }
    for (size_t i = 0; i < s->open_count; i++) {
        tt_mock_connection_end(s->open[i].connection);
    }
}

/* ---- beginning and end ---- */

static bool
begin(struct server *s)
{
    const struct tt_mock_ends *ends = s->ends;
    size_t output_max = s->settings->output_max ? (size_t) s->settings->output_max : TT_PROBE_OUTPUT_MAX;
    bool ready = ends->listener_count <= TT_MOCK_LISTENERS_MAX && unblock(ends->dns) && unblock(ends->out) && unblock(ends->err);
    for (size_t i = 0; ready && i < ends->listener_count; i++) {
        ready = unblock(ends->listeners[i]);
    }
    tt_mock_state_init(&s->state, s->settings, s->capture);
    tt_buf_init(&s->out.kept, s->capture->arena.alloc, output_max);
    tt_buf_init(&s->err.kept, s->capture->arena.alloc, output_max);
    s->out.fd = ends->out;
    s->err.fd = ends->err;
    s->wall_ms = s->settings->wall_ms ? s->settings->wall_ms : TT_PROBE_WALL_MS;
    clock_gettime(CLOCK_MONOTONIC, &s->began);
    if (ready && ends->dns >= 0) {
        ask_for_addresses(ends->dns);
    }
    return ready;
}

static enum tt_status
finish(struct server *s)
{
    struct tt_capture *capture = s->capture;
    enum tt_status status = s->state.status;
    capture->wall_ms = since_us(s) / 1000;
    if (s->out.kept.status != TT_OK || tt_arena_dup(&capture->arena, tt_buf_str(&s->out.kept), &capture->out) != TT_OK ||
        s->err.kept.status != TT_OK || tt_arena_dup(&capture->arena, tt_buf_str(&s->err.kept), &capture->err) != TT_OK) {
        status = TT_E_MEMORY;
    }
    while (s->open_count > 0) {
        close_one(s, s->open_count - 1);
    }
    tt_buf_free(&s->out.kept);
    tt_buf_free(&s->err.kept);
    tt_mock_state_free(&s->state);
    return s->failed ? TT_E_IO : status;
}

enum tt_status
tt_mock_serve(const struct tt_mock_settings *settings, const struct tt_mock_ends *ends, struct tt_capture *capture)
{
    struct server *s = tt_alloc_new(capture->arena.alloc, sizeof(*s));
    if (!s) {
        return TT_E_MEMORY;
    }
    *s = (struct server) {.settings = settings, .ends = ends, .capture = capture};
    s->failed = !begin(s);
    while (!is_over(s)) {
        wait_once(s);
        take_turn(s);
    }
    if (!s->failed) {
        drain(s);
    }
    enum tt_status status = finish(s);
    tt_alloc_free(capture->arena.alloc, s, sizeof(*s));
    return status;
}
