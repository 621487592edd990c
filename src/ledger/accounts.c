/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts in a mapped file; see accounts.h.
 *
 * In: keys, which are hashes of budgets and windows.  Out: sums.  Open addressing over rows that are never given back: a budget takes one for each of its
 * weeks or months, and the table has room for decades.  Invariants: a key is written once, by whoever wins the row; sums change by atomic
 * additions only.
 */
#include "ledger/accounts.h"

#include "base/limits.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct row {
    uint64_t key; /* 0: free */
    int64_t spent, reserved;
    uint64_t unused;
};

struct file {
    char magic[8];
    uint64_t rows;
    uint64_t unused[6];
    struct row row[TT_ACCOUNTS_ROWS];
};

struct tt_accounts {
    struct file *file;
};

static const char magic[8] = "TTACC01\n";

/* ---- the file ---- */

/* Owner and mode are those of its folder, so that who may write there may write to it. */
static int
make_file(const char *path)
{
    char folder[TT_LEDGER_PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t) (slash - path) : 0;
    struct stat st;
    if (length >= sizeof(folder)) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(folder, path, length);
    folder[length] = '\0';
    if (stat(slash ? (length ? folder : "/") : ".", &st) != 0) {
        return -1;
    }
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd >= 0 && (fchown(fd, st.st_uid, st.st_gid) != 0 || fchmod(fd, st.st_mode & 0666) != 0 ||
                    posix_fallocate(fd, 0, sizeof(struct file)) != 0)) {
        int error = errno;
        unlink(path);
        close(fd);
        errno = error ? error : ENOSPC;
        return -1;
    }
    return fd;
}

static enum tt_status
map(int fd, bool made, struct tt_accounts *accounts)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return TT_E_IO;
    }
    if (!S_ISREG(st.st_mode) || st.st_size != (off_t) sizeof(struct file)) {
        return TT_E_INPUT;
    }
    void *at = mmap(NULL, sizeof(struct file), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED) {
        return TT_E_IO;
    }
    accounts->file = at;
    if (made) {
        accounts->file->rows = TT_ACCOUNTS_ROWS;
        memcpy(accounts->file->magic, magic, sizeof(magic));
    }
    if (memcmp(accounts->file->magic, magic, sizeof(magic)) != 0 || accounts->file->rows != TT_ACCOUNTS_ROWS) {
        munmap(at, sizeof(struct file));
        return TT_E_INPUT;
    }
    return TT_OK;
}

enum tt_status
tt_accounts_open(const char *path, bool make, struct tt_accounts **accounts, bool *made)
{
    bool is_new = false;
    int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 && errno == ENOENT && make) {
        fd = make_file(path);
        is_new = fd >= 0;
    }
    if (fd < 0) {
        return TT_E_IO;
    }
    *accounts = malloc(sizeof(**accounts));
    enum tt_status status = *accounts ? map(fd, is_new, *accounts) : TT_E_MEMORY;
    if (status != TT_OK) {
        int error = errno;
        free(*accounts);
        *accounts = NULL;
        close(fd);
        errno = error;
        return status;
    }
    close(fd);
    if (made) {
        *made = is_new;
    }
    return TT_OK;
}

void
tt_accounts_close(struct tt_accounts *accounts)
{
    if (accounts) {
        munmap(accounts->file, sizeof(struct file));
        free(accounts);
    }
}

/* ---- the table ---- */

/* The row of key; a free one is taken for it when take says so.  NULL: none. */
static struct row *
find(const struct tt_accounts *accounts, uint64_t key, bool take)
{
    for (size_t i = 0; i < TT_ACCOUNTS_ROWS; i++) {
        struct row *row = &accounts->file->row[(key + i) % TT_ACCOUNTS_ROWS];
        uint64_t seen = __atomic_load_n(&row->key, __ATOMIC_ACQUIRE);
        if (seen == 0 && !take) {
            return NULL;
        }
        /* Whoever loses the race learns whose row it became. */
        if (seen == 0 && __atomic_compare_exchange_n(&row->key, &seen, key, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            return row;
        }
        if (seen == key) {
            return row;
        }
    }
    return NULL;
}

struct tt_account
tt_accounts_get(const struct tt_accounts *accounts, uint64_t key)
{
    const struct row *row = find(accounts, key, false);
    if (!row) {
        return (struct tt_account) {0, 0};
    }
    return (struct tt_account) {__atomic_load_n(&row->spent, __ATOMIC_ACQUIRE),
                                __atomic_load_n(&row->reserved, __ATOMIC_ACQUIRE)};
}

enum tt_status
tt_accounts_add(struct tt_accounts *accounts, uint64_t key, int64_t spent, int64_t reserved, struct tt_account *now)
{
    struct row *row = find(accounts, key, true);
    struct tt_account account;
    if (!row) {
        return TT_E_LIMIT;
    }
    /* Spent grows before reserved shrinks: in between an account holds too much, never too little. */
    account.spent = __atomic_add_fetch(&row->spent, spent, __ATOMIC_ACQ_REL);
    account.reserved = __atomic_add_fetch(&row->reserved, reserved, __ATOMIC_ACQ_REL);
    if (now) {
        *now = account;
    }
    return TT_OK;
}

enum tt_status
tt_accounts_set_spent(struct tt_accounts *accounts, const struct tt_accounts *from)
{
    for (size_t i = 0; i < TT_ACCOUNTS_ROWS; i++) {
        uint64_t old = __atomic_load_n(&accounts->file->row[i].key, __ATOMIC_ACQUIRE);
        uint64_t key = from->file->row[i].key;
        if (old) {
            int64_t more = tt_accounts_get(from, old).spent - tt_accounts_get(accounts, old).spent;
            TT_TRY(tt_accounts_add(accounts, old, more, 0, NULL));
        }
        if (key) {
            int64_t more = tt_accounts_get(from, key).spent - tt_accounts_get(accounts, key).spent;
            TT_TRY(tt_accounts_add(accounts, key, more, 0, NULL));
        }
    }
    return TT_OK;
}
