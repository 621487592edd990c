/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard output, or a file that is renamed into place.
 *
 * In: bytes.  Out: the same bytes, or a message and a failure; a full disk or a closed pipe is never silent.  The struct owns its
 * file, names and directory from open until finish or abandon.  Invariant: until finish, a file of the target's name is untouched.
 *
 * A signal must not leave a temporary file behind.  A handler would need a global variable to know its name; so the signals are
 * blocked, and a thread that knows the name waits for them.
 */
#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Tells of the last system error, once. */
static bool
fail(struct tt_output *output, const char *what)
{
    if (!output->failed) {
        output->failed = true;
        tt_cli_complain(output->cli, TT_EXIT_INTERNAL, "cannot %s %s: %s", what, output->name, strerror(errno));
    }
    return false;
}

/* The part of a path after its last slash. */
static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int
open_parent(const char *path)
{
    size_t len = (size_t) (base_name(path) - path);
    char *parent = len ? strndup(path, len) : strdup(".");
    int fd = parent ? open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
    free(parent);
    return fd;
}

/* Wakes the watcher when it is no longer needed.  pthread_cancel would load a library, which a sealed process cannot. */
#define WAKE SIGUSR1

/* Removes the temporary file when a signal comes, and lets the signal do what it came for. */
static void *
watch(void *ctx)
{
    struct tt_output *output = ctx;
    int number;
    do {
        if (sigwait(&output->held, &number) != 0) {
            return NULL;
        }
    } while (number == WAKE && !atomic_load(&output->unwatch));
    if (number != WAKE) {
        sigset_t taken; /* not all that are held: the program may be about to send WAKE */
        sigemptyset(&taken);
        sigaddset(&taken, number);
        unlinkat(output->directory, base_name(output->temporary), 0);
        pthread_sigmask(SIG_UNBLOCK, &taken, NULL);
        raise(number);
    }
    return NULL;
}

/* The signals by which people and shells end a program, without those that are ignored or blocked already. */
static void
choose_signals(sigset_t *set)
{
    static const int ending[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    sigset_t blocked;
    sigemptyset(set);
    sigaddset(set, WAKE);
    pthread_sigmask(SIG_BLOCK, NULL, &blocked);
    for (size_t i = 0; i < sizeof(ending) / sizeof(*ending); i++) {
        struct sigaction action;
        if (sigaction(ending[i], NULL, &action) == 0 && action.sa_handler == SIG_DFL && !sigismember(&blocked, ending[i])) {
            sigaddset(set, ending[i]);
        }
    }
}

void
tt_output_watch(struct tt_output *output)
{
    if (!output->temporary) {
        return;
    }
    choose_signals(&output->held);
    pthread_sigmask(SIG_BLOCK, &output->held, NULL);
    output->watched = pthread_create(&output->watcher, NULL, watch, output) == 0;
    if (!output->watched) {
        pthread_sigmask(SIG_UNBLOCK, &output->held, NULL);
    }
}

static void
end_watch(struct tt_output *output)
{
    if (output->watched) {
        atomic_store(&output->unwatch, true);
        pthread_kill(output->watcher, WAKE);
        pthread_join(output->watcher, NULL);
        pthread_sigmask(SIG_UNBLOCK, &output->held, NULL);
        output->watched = false;
    }
}

static void
release(struct tt_output *output)
{
    end_watch(output);
    free(output->target);
    free(output->temporary);
    if (output->directory >= 0) {
        close(output->directory);
    }
    output->target = NULL;
    output->temporary = NULL;
    output->directory = -1;
    output->file = NULL;
}

/* The mode that the file would have had without the detour. */
static mode_t
final_mode(const struct stat *old)
{
    if (old) {
        return old->st_mode & 0777;
    }
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

/* Creates the temporary file.  On failure the caller releases. */
static bool
open_temporary(struct tt_output *output, const struct stat *old)
{
    output->directory = open_parent(output->target);
    if (output->directory < 0 || asprintf(&output->temporary, "%s.XXXXXX", output->target) < 0) {
        output->temporary = NULL; /* asprintf leaves it undefined */
        return false;
    }
    int fd = mkostemp(output->temporary, O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    output->file = fchmod(fd, final_mode(old)) == 0 ? fdopen(fd, "w") : NULL;
    if (!output->file) {
        int error = errno;
        unlink(output->temporary);
        close(fd);
        errno = error;
        return false;
    }
    return true;
}

bool
tt_output_open(struct tt_output *output, const struct tt_cli *cli, const char *path)
{
    struct stat st;
    *output = (struct tt_output) {.cli = cli, .name = "standard output", .file = cli->out, .directory = -1};
    if (!path || strcmp(path, "-") == 0) {
        return true;
    }
    output->name = path;
    if (*path == '\0') {
        errno = ENOENT;
        return fail(output, "create");
    }
    bool exists = stat(path, &st) == 0;
    if (exists && !S_ISREG(st.st_mode)) {
        /* A device or a pipe is written to, not replaced. */
        output->file = fopen(path, "we");
        return output->file ? true : fail(output, "open");
    }
    /* Behind a symbolic link the file is replaced, not the link. */
    output->target = exists ? realpath(path, NULL) : strdup(path);
    if (!output->target || !open_temporary(output, exists ? &st : NULL)) {
        fail(output, "create");
        release(output);
        return false;
    }
    return true;
}

bool
tt_output_write(struct tt_output *output, struct tt_str bytes)
{
    if (output->failed) {
        return false;
    }
    if (bytes.len > 0 && fwrite(bytes.ptr, 1, bytes.len, output->file) != bytes.len) {
        return fail(output, "write to");
    }
    return true;
}

/* Closes a file of our own and says whether all bytes are on the disk. */
static bool
close_file(FILE *file)
{
    bool good = fflush(file) == 0 && !ferror(file);
    /* Pipes and devices cannot be synchronised, and need not be. */
    good = good && (fsync(fileno(file)) == 0 || errno == EINVAL || errno == EROFS);
    int error = errno;
    if (fclose(file) != 0 && good) {
        return false;
    }
    errno = error;
    return good;
}

bool
tt_output_finish(struct tt_output *output)
{
    if (output->failed) {
        tt_output_abandon(output);
        return false;
    }
    if (output->file == output->cli->out) {
        return fflush(output->file) == 0 && !ferror(output->file) ? true : fail(output, "write to");
    }
    bool good = close_file(output->file) ? true : fail(output, "write to");
    output->file = NULL;
    if (good && output->target) {
        good = renameat(output->directory, base_name(output->temporary), output->directory, base_name(output->target)) == 0
                   ? true
                   : fail(output, "put in place");
    }
    if (!good) {
        tt_output_abandon(output);
    }
    release(output);
    return good;
}

void
tt_output_abandon(struct tt_output *output)
{
    if (output->file && output->file != output->cli->out) {
        fclose(output->file);
    }
    if (output->temporary) {
        unlinkat(output->directory, base_name(output->temporary), 0);
    }
    release(output);
}

bool
tt_output_is_terminal(const struct tt_output *output)
{
    int fd = output->file ? fileno(output->file) : -1;
    return fd >= 0 && isatty(fd);
}

const char *const tt_cli_formats[] = {"text", "json", NULL};

enum tt_exit
tt_cli_deliver(const struct tt_call *call, struct tt_buf *text)
{
    struct tt_output output;
    enum tt_exit code = TT_EXIT_INTERNAL;
    if (text->status != TT_OK) {
        tt_cli_complain(call->cli, code, "no output: %s", tt_status_name(text->status));
    } else if (tt_output_open(&output, call->cli, call->common->output)) {
        tt_output_write(&output, tt_buf_str(text));
        code = tt_output_finish(&output) ? TT_EXIT_OK : TT_EXIT_INTERNAL;
    }
    tt_buf_free(text);
    return code;
}
