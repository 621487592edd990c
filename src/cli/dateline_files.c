/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lists of the date-line codec, read from data files at run time: they are data that may grow, so no program holds them.
 *
 * In: a folder, or nothing.  Out: lists for tt_dateline_classify(), whose names are slices of the files' text; both are the
 * caller's until tt_dateline_files_free().
 */
#include "cli/dateline_files.h"

#include "base/limits.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

bool
tt_file_read(const char *path, struct tt_buf *out)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
    if (!file) {
        return false;
    }
    char *to = NULL;
    size_t n = 1;
    while (n > 0 && (to = tt_buf_reserve(out, 1)) != NULL) {
        size_t room = out->cap - out->len;
        n = fread(to, 1, room, file);
        out->len += n;
    }
    int error = !to ? out->status == TT_E_LIMIT ? EFBIG : ENOMEM : ferror(file) ? errno : 0;
    if (file != stdin) {
        fclose(file);
    }
    errno = error;
    return error == 0;
}

static const char *const list_names[2] = {"keywords.txt", "domains.txt"};

#define NAMES_SIZE (2 * TT_DATELINE_NAMES_MAX * sizeof(struct tt_str))

void
tt_dateline_files_free(struct tt_dateline_files *lists, const struct tt_alloc *alloc)
{
    tt_buf_free(&lists->files[0]);
    tt_buf_free(&lists->files[1]);
    tt_alloc_free(alloc, lists->names, NAMES_SIZE);
}

/* The folder of the running program, without a slash at its end. */
static bool
program_folder(char *out, size_t size)
{
    ssize_t n = readlink("/proc/self/exe", out, size - 1);
    if (n <= 0) {
        return false;
    }
    out[n] = '\0';
    char *slash = strrchr(out, '/');
    if (slash) {
        *slash = '\0';
    }
    return slash != NULL;
}

/* Where the lists are when --lists does not say: as installed, or in the source tree that the program was built in. */
static bool
find_lists(char *out, size_t size)
{
    static const char *const places[] = {"../share/telltale/dateline", "../../data/dateline"};
    char folder[PATH_MAX], probe[PATH_MAX];
    if (!program_folder(folder, sizeof(folder))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        int n = snprintf(out, size, "%s/%s", folder, places[i]);
        int m = snprintf(probe, sizeof(probe), "%s/%s/%s", folder, places[i], list_names[0]);
        if (n > 0 && (size_t) n < size && m > 0 && (size_t) m < sizeof(probe) && access(probe, R_OK) == 0) {
            return true;
        }
    }
    return false;
}

static enum tt_exit
read_list(const struct tt_cli *cli, const char *folder, int which, struct tt_dateline_files *lists, size_t *count)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/%s", folder, list_names[which]);
    if (n < 0 || (size_t) n >= sizeof(path)) {
        return tt_cli_complain(cli, TT_EXIT_USAGE, "the path of the lists is too long");
    }
    if (!tt_file_read(path, &lists->files[which])) {
        return tt_cli_complain(cli, TT_EXIT_USAGE, "cannot read %s: %s", path, strerror(errno));
    }
    struct tt_str *names = lists->names + which * TT_DATELINE_NAMES_MAX;
    *count = tt_dateline_list(tt_buf_str(&lists->files[which]), names, TT_DATELINE_NAMES_MAX);
    if (*count > TT_DATELINE_NAMES_MAX) {
        return tt_cli_complain(cli, TT_EXIT_USAGE, "%s: more than %d names", path, TT_DATELINE_NAMES_MAX);
    }
    return TT_EXIT_OK;
}

enum tt_exit
tt_dateline_files_read(const struct tt_cli *cli, const char *folder, struct tt_dateline_files *lists)
{
    char found[PATH_MAX];
    *lists = (struct tt_dateline_files) {.names = tt_alloc_new(cli->alloc, NAMES_SIZE)};
    tt_buf_init(&lists->files[0], cli->alloc, TT_DATELINE_LIST_MAX);
    tt_buf_init(&lists->files[1], cli->alloc, TT_DATELINE_LIST_MAX);
    if (!lists->names) {
        return tt_cli_complain(cli, TT_EXIT_INTERNAL, "%s", tt_status_name(TT_E_MEMORY));
    }
    if (!folder && !find_lists(found, sizeof(found))) {
        return tt_cli_complain(cli, TT_EXIT_USAGE, "the lists of the codec are not installed; name their folder with --lists");
    }
    lists->lists.keywords = lists->names;
    lists->lists.domains = lists->names + TT_DATELINE_NAMES_MAX;
    enum tt_exit code = read_list(cli, folder ? folder : found, 0, lists, &lists->lists.keyword_count);
    return code != TT_EXIT_OK ? code : read_list(cli, folder ? folder : found, 1, lists, &lists->lists.domain_count);
}
