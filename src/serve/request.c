/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both ends of asking a running gateway: `telltale gateway reload | upgrade | stop | status` here, the gateway there.
 *
 * The asker holds a lock on request.lock, writes "ID COMMAND" to the file request, and sends SIGUSR1.  The gateway does the work and writes
 * "ID CODE MESSAGE" to the file answer.  Only who may write in the folder can ask, and files outlive whoever is killed in between: an answer with
 * another id is nobody's.
 */
#include "serve/run.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_SECONDS 120
#define POLL_MS 50
#define AGAIN_MS 500

static const char *const commands[] = {[TT_SERVE_RELOAD] = "reload", [TT_SERVE_UPGRADE] = "upgrade"};

/* ---- the gateway's end ---- */

static enum tt_status
obey(struct tt_serve *serve, struct tt_str command, struct tt_buf *message)
{
    if (tt_str_eq(command, tt_str_cstr(commands[TT_SERVE_RELOAD]))) {
        tt_serve_reload(serve, message);
        return serve->attempt.good ? TT_OK : TT_E_INPUT;
    }
    if (tt_str_eq(command, tt_str_cstr(commands[TT_SERVE_UPGRADE]))) {
        enum tt_status status = tt_serve_upgrade(serve, message);
        tt_serve_say(serve, "%.*s", (int) message->len, message->ptr ? message->ptr : "");
        return status;
    }
    tt_buf_add_cstr(message, "this gateway does not know the command");
    return TT_E_INPUT;
}

void
tt_serve_request_take(struct tt_serve *serve)
{
    struct tt_buf request, answer, message;
    tt_buf_init(&request, serve->front->alloc, 256);
    tt_buf_init(&answer, serve->front->alloc, 2 * TT_SERVE_SAID_MAX);
    tt_buf_init(&message, serve->front->alloc, TT_SERVE_SAID_MAX);
    if (tt_serve_state_read(&serve->state, "request", &request)) {
        struct tt_str text = tt_buf_str(&request);
        const char *blank = text.len ? memchr(text.ptr, ' ', text.len) : NULL;
        tt_serve_state_drop(&serve->state, "request");
        if (blank) {
            size_t at = (size_t) (blank - text.ptr);
            enum tt_status status = obey(serve, tt_str_slice(text, at + 1, text.len), &message);
            tt_buf_add(&answer, tt_str_slice(text, 0, at));
            tt_buf_add_cstr(&answer, status == TT_OK ? " 0 " : " 1 ");
            tt_buf_add(&answer, tt_buf_str(&message));
            (void) tt_serve_state_write(&serve->state, "answer", tt_buf_str(&answer), false);
        }
    }
    tt_buf_free(&message);
    tt_buf_free(&answer);
    tt_buf_free(&request);
}

/* ---- the asker's end ---- */

static void
pause_ms(long ms)
{
    struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&wait, NULL);
}

/* The folder and its gateway; message says when there is none. */
static enum tt_status
find_gateway(const char *folder, struct tt_serve_state *state, struct tt_serve_process *gateway, struct tt_buf *message)
{
    TT_TRY(tt_serve_state_visit(state, folder, message));
    *gateway = tt_serve_process_of(tt_serve_state_owner(state));
    if (gateway->pid == 0) {
        tt_buf_add_cstr(message, "no gateway runs on ");
        tt_buf_add_cstr(message, folder);
        return TT_E_USAGE;
    }
    return TT_OK;
}

/* The answer to id, once it is there. */
static bool
take_answer(const struct tt_serve_state *state, const char *id, bool *good, struct tt_buf *message)
{
    struct tt_buf answer;
    tt_buf_init(&answer, message->alloc, 2 * TT_SERVE_SAID_MAX);
    bool there = tt_serve_state_read(state, "answer", &answer) && tt_str_starts(tt_buf_str(&answer), tt_str_cstr(id));
    size_t at = strlen(id);
    there = there && answer.len >= at + 3;
    if (there) {
        *good = answer.ptr[at + 1] == '0';
        tt_buf_add(message, tt_str_slice(tt_buf_str(&answer), at + 3, answer.len));
        tt_serve_state_drop(state, "answer");
    }
    tt_buf_free(&answer);
    return there;
}

static enum tt_status
ask(struct tt_serve_state *state, struct tt_serve_process gateway, enum tt_serve_command command, struct tt_buf *message)
{
    uint64_t random = 0;
    char id[32], request[64];
    bool good = false;
    if (getrandom(&random, sizeof(random), 0) != (ssize_t) sizeof(random)) {
        random = gateway.start ^ (uint64_t) getpid();
    }
    snprintf(id, sizeof(id), "%016llx", (unsigned long long) random);
    snprintf(request, sizeof(request), "%s %s", id, commands[command]);
    if (!tt_serve_state_write(state, "request", tt_str_cstr(request), false) || !tt_serve_process_signal(gateway, SIGUSR1)) {
        tt_buf_add_cstr(message, "cannot ask the gateway: ");
        tt_buf_add_cstr(message, strerror(errno));
        return TT_E_IO;
    }
    for (int waited = 0; waited < ANSWER_SECONDS * 1000; waited += POLL_MS) {
        if (take_answer(state, id, &good, message)) {
            return good ? TT_OK : TT_E_INPUT;
        }
        if (!tt_serve_process_lives(gateway)) {
            tt_buf_add_cstr(message, "the gateway ended before it answered");
            return TT_E_IO;
        }
        pause_ms(POLL_MS);
    }
    tt_buf_add_cstr(message, "the gateway does not answer");
    return TT_E_IO;
}

enum tt_status
tt_serve_ask(const char *folder, enum tt_serve_command command, struct tt_buf *message)
{
    struct tt_serve_state state;
    struct tt_serve_process gateway = {.pid = 0};
    enum tt_status status = find_gateway(folder, &state, &gateway, message);
    if (status == TT_OK) {
        int lock = openat(state.folder, "request.lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        bool good = lock >= 0 && (!state.visited || fchown(lock, state.uid, state.gid) == 0);
        if (!good || flock(lock, LOCK_EX) != 0) {
            tt_buf_add_cstr(message, "cannot ask the gateway: ");
            tt_buf_add_cstr(message, strerror(errno));
            status = TT_E_IO;
        } else {
            status = ask(&state, gateway, command, message);
        }
        if (lock >= 0) {
            close(lock);
        }
    }
    tt_serve_state_close(&state);
    return status;
}

enum tt_status
tt_serve_stop(const char *folder, unsigned seconds, struct tt_buf *message)
{
    struct tt_serve_state state;
    struct tt_serve_process gateway = {.pid = 0};
    enum tt_status status = find_gateway(folder, &state, &gateway, message);
    bool cut = false;
    tt_serve_state_close(&state);
    if (status != TT_OK) {
        return status;
    }
    tt_serve_process_signal(gateway, SIGTERM);
    for (uint64_t waited = 0; tt_serve_process_lives(gateway); waited += POLL_MS) {
        /* Again and again: signals that come together count as one. */
        if (waited >= (uint64_t) seconds * 1000 && waited % AGAIN_MS == 0) {
            cut = true;
            tt_serve_process_signal(gateway, SIGTERM);
        }
        if (waited >= (uint64_t) seconds * 1000 + ANSWER_SECONDS * 1000) {
            tt_buf_add_cstr(message, "the gateway does not end");
            return TT_E_IO;
        }
        pause_ms(POLL_MS);
    }
    tt_buf_add_cstr(message, cut ? "stopped; streams that still ran were cut" : "stopped");
    return TT_OK;
}

enum tt_status
tt_serve_status(const char *folder, struct tt_buf *json, struct tt_buf *message)
{
    struct tt_serve_state state;
    struct tt_serve_process gateway = {.pid = 0};
    enum tt_status status = find_gateway(folder, &state, &gateway, message);
    if (status == TT_OK && !tt_serve_state_read(&state, "status.json", json)) {
        tt_buf_add_cstr(message, "the gateway has not said anything about itself yet");
        status = TT_E_IO;
    }
    tt_serve_state_close(&state);
    return status;
}
