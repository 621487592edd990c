/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The catalogue as a run sees it: what was built in, and what people added.
 *
 * In: two folders, either of which may be absent.  Out: a reader that holds the catalogue.  Files are taken in the order of their names'
 * bytes, those of /etc first, so that a person's own come last and win.  Nothing is skipped silently: a catalogue that lacks a
 * file would answer wrongly.
 */
#include "base/limits.h"
#include "cli/catalog.h"
#include "cli/dateline_files.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static int
is_addition(const struct dirent *entry)
{
    struct tt_str name = tt_str_cstr(entry->d_name);
    return name.len > 5 && name.ptr[0] != '.' && tt_str_ends(name, TT_STR(".json"));
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static enum tt_exit
refused(const struct tt_cli *cli, const char *path, const struct tt_catalog_reader *reader, const struct tt_error *err)
{
    bool wrong = reader->wrong.len > 0, near = reader->near.len > 0;
    return tt_cli_complain(cli, TT_EXIT_USAGE, "%s:%u:%u: error: %s%s%.*s%s%s%.*s%s", path, err->line, err->column, err->msg,
                           wrong ? " '" : "", (int) reader->wrong.len, wrong ? reader->wrong.ptr : "", wrong ? "'" : "",
                           near ? "; did you mean '" : "", (int) reader->near.len, near ? reader->near.ptr : "",
                           near ? "'?" : "");
}

static enum tt_exit
load_file(const struct tt_cli *cli, const char *path, struct tt_catalog_reader *reader)
{
    struct tt_error err = {.msg = "the file cannot be used"};
    struct tt_buf bytes;
    enum tt_exit code = TT_EXIT_OK;
    tt_buf_init(&bytes, cli->alloc, TT_CATALOG_FILE_MAX);
    if (!tt_file_read(path, &bytes)) {
        code = tt_cli_complain(cli, TT_EXIT_USAGE, "cannot read %s: %s", path, strerror(errno));
    } else if (tt_catalog_read(reader, tt_str_cstr(path), tt_buf_str(&bytes), &err) != TT_OK) {
        code = refused(cli, path, reader, &err);
    }
    tt_buf_free(&bytes);
    return code;
}

static enum tt_exit
load_folder(const struct tt_cli *cli, const char *folder, struct tt_catalog_reader *reader)
{
    struct dirent **names = NULL;
    char path[PATH_MAX];
    enum tt_exit code = TT_EXIT_OK;
    int count = scandir(folder, &names, is_addition, by_bytes);
    if (count < 0) {
        bool absent = errno == ENOENT || errno == ENOTDIR;
        return absent ? TT_EXIT_OK : tt_cli_complain(cli, TT_EXIT_USAGE, "cannot list %s: %s", folder, strerror(errno));
    }
    if (count > TT_CATALOG_FILES_MAX) {
        code = tt_cli_complain(cli, TT_EXIT_USAGE, "%s has more than %d files", folder, TT_CATALOG_FILES_MAX);
    }
    for (int i = 0; i < count; i++) {
        int n = snprintf(path, sizeof(path), "%s/%s", folder, names[i]->d_name);
        if (code == TT_EXIT_OK && n > 0 && (size_t) n < sizeof(path)) {
            code = load_file(cli, path, reader);
        } else if (code == TT_EXIT_OK) {
            code = tt_cli_complain(cli, TT_EXIT_USAGE, "a name in %s is too long", folder);
        }
        free(names[i]);
    }
    free(names);
    return code;
}

enum tt_exit
tt_catalog_load(const struct tt_cli *cli, struct tt_catalog_reader *reader)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    char folder[PATH_MAX];
    /* A relative value is to be ignored (XDG Base Directory Specification). */
    bool own = config && config[0] == '/';
    tt_catalog_reader_init(reader, cli->alloc, &tt_catalog_builtin);
    enum tt_exit code = load_folder(cli, "/etc/telltale/catalog.d", reader);
    if (code != TT_EXIT_OK || (!own && (!home || home[0] != '/'))) {
        return code;
    }
    int n = own ? snprintf(folder, sizeof(folder), "%s/telltale/catalog.d", config)
                : snprintf(folder, sizeof(folder), "%s/.config/telltale/catalog.d", home);
    return n > 0 && (size_t) n < sizeof(folder) ? load_folder(cli, folder, reader)
                                                : tt_cli_complain(cli, TT_EXIT_USAGE, "XDG_CONFIG_HOME is too long");
}
