/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sandbox, tried from the inside: each case runs in a child process, for a sealed process stays sealed.  A kernel without
 * Landlock skips what it cannot deny.
 */
#include "folder.h"

#include "cli/sandbox.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* given/file may be read, out/ may be replaced in, other/file may not be touched. */
static char root[FOLDER_PATH_MAX];

static void
make_file(const char *name)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "x", 1), 1);
    close(fd);
}

static int
make_tree(void **state)
{
    (void) state;
    folder_make(root);
    assert_int_equal(chdir(root), 0);
    assert_int_equal(mkdir("given", 0700) | mkdir("given/below", 0700) | mkdir("out", 0700) | mkdir("other", 0700), 0);
    make_file("given/file");
    make_file("given/below/file");
    make_file("other/file");
    assert_int_equal(symlink("given", "link"), 0);
    assert_int_equal(symlink("../other/file", "given/way-out"), 0);
    return 0;
}

static int
remove_tree(void **state)
{
    (void) state;
    return chdir("/") == 0 ? folder_remove(root) : -1;
}

/* errno of opening the file, or 0. */
static int
try_open(const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC, 0600);
    int error = fd < 0 ? errno : 0;
    if (fd >= 0) {
        close(fd);
    }
    return error;
}

#define READ O_RDONLY
#define WRITE O_WRONLY
#define CREATE (O_WRONLY | O_CREAT)
#define LIST (O_RDONLY | O_DIRECTORY)

/* What is tried in the child, and what must come of it when Landlock is there. */
struct attempt {
    const char *path;
    int flags;
    int expected;
};

/* Runs body in a child; its return value is the number of the attempt that went wrong, from 1. */
static void
in_child(int (*body)(void))
{
    int status = 0;
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        /* _exit, for the leak checker has nothing to say about a process without its allocations' owner. */
        _exit(body());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int
seal(const char *const *paths, size_t count, int replace_in)
{
    struct tt_sandbox_paths allowed = {.read = paths, .read_count = count, .replace_in = replace_in};
    return tt_sandbox_begin() == TT_SANDBOX_BEGUN && tt_sandbox_restrict(&allowed) == TT_SANDBOX_SEALED;
}

static int
run_attempts(const struct attempt *attempts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (try_open(attempts[i].path, attempts[i].flags) != attempts[i].expected) {
            return (int) i + 1;
        }
    }
    return 0;
}

static int
directory_body(void)
{
    static const char *const paths[] = {"-", "missing", "link"};
    static const struct attempt attempts[] = {
        {"given/file", READ, 0},       {"given/below/file", READ, 0},   {"given", LIST, 0},
        {"link/file", READ, 0},        {"given/file", WRITE, EACCES},   {"given/new", CREATE, EACCES},
        {"other/file", READ, EACCES},  {"given/way-out", READ, EACCES}, {"other", LIST, EACCES},
        {"other/file", WRITE, EACCES}, {"/etc/passwd", READ, EACCES},   {"out/new", CREATE, EACCES},
    };
    return seal(paths, 3, -1) ? run_attempts(attempts, sizeof(attempts) / sizeof(*attempts)) : 99;
}

static int
file_body(void)
{
    static const char *const paths[] = {"given/file"};
    static const struct attempt attempts[] = {
        {"given/file", READ, 0},
        {"given/below/file", READ, EACCES},
        {"given", LIST, EACCES},
    };
    return seal(paths, 1, -1) ? run_attempts(attempts, sizeof(attempts) / sizeof(*attempts)) : 99;
}

/* The one thing that is written: the output takes its place, and nothing else may. */
static int
output_body(void)
{
    int directory = open("out", O_PATH | O_DIRECTORY | O_CLOEXEC);
    make_file("out/draft");
    if (directory < 0 || !seal(NULL, 0, directory)) {
        return 99;
    }
    if (renameat(directory, "draft", directory, "final") != 0) {
        return 1;
    }
    if (renameat(directory, "final", AT_FDCWD, "other/new") == 0) {
        return 2;
    }
    if (try_open("out/final", READ) != EACCES || try_open("out/final", WRITE) != EACCES) {
        return 3;
    }
    return unlinkat(directory, "final", 0) == 0 ? 0 : 4;
}

static int
network_body(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (!seal(NULL, 0, -1)) {
        return 99;
    }
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return fd >= 0 && connect(fd, (struct sockaddr *) &address, sizeof(address)) != 0 && errno == EACCES ? 0 : 1;
}

static int
privileges_body(void)
{
    return tt_sandbox_begin() == TT_SANDBOX_BEGUN && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
}

/* Without the first stage the second one cannot seal, and says so. */
static int
order_body(void)
{
    struct tt_sandbox_paths none = {.replace_in = -1};
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 || geteuid() == 0) {
        return 0; /* inherited, or with the privilege that makes it needless */
    }
    return tt_sandbox_restrict(&none) == TT_SANDBOX_NONE ? 0 : 1;
}

static void
need_landlock(int abi)
{
    if (tt_sandbox_abi() < abi) {
        skip();
    }
}

static void
test_directory(void **state)
{
    (void) state;
    need_landlock(1);
    in_child(directory_body);
}

static void
test_file(void **state)
{
    (void) state;
    need_landlock(1);
    in_child(file_body);
}

static void
test_output(void **state)
{
    (void) state;
    need_landlock(1);
    in_child(output_body);
}

static void
test_network(void **state)
{
    (void) state;
    need_landlock(4);
    in_child(network_body);
}

static void
test_privileges(void **state)
{
    (void) state;
    in_child(privileges_body);
}

static void
test_order(void **state)
{
    (void) state;
    in_child(order_body);
}

int
main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directory), cmocka_unit_test(test_file),       cmocka_unit_test(test_output),
        cmocka_unit_test(test_network),   cmocka_unit_test(test_privileges), cmocka_unit_test(test_order),
    };
    return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
