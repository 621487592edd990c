/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target over every file of the folders named, without a fuzzer, so that ordinary tests replay the corpus.  Each
 * input is also cut at a few places, which finds what only breaks on the last byte.  Prints TAP.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX (1 << 20)

/* An exact copy on the heap, so that a sanitizer sees a read beyond the end. */
static void
run_copy(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (copy) {
        memcpy(copy, data, size);
        LLVMFuzzerTestOneInput(copy, size);
        free(copy);
    }
}

static int
replay(const char *dir, const char *name, uint8_t *data)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        return 0;
    }
    size_t size = fread(data, 1, INPUT_MAX, file);
    fclose(file);
    run_copy(data, size);
    for (size_t cut = 1; cut < size; cut += 1 + size / 64) {
        run_copy(data, cut);
    }
    return 1;
}

int
main(int argc, char **argv)
{
    static uint8_t data[INPUT_MAX];
    int number = 0;
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        if (!dir) {
            printf("not ok %d - %s cannot be opened\n", ++number, argv[i]);
            continue;
        }
        for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
            if (entry->d_name[0] != '.') {
                int ok = replay(argv[i], entry->d_name, data);
                printf("%s %d - %s\n", ok ? "ok" : "not ok", ++number, entry->d_name);
                fflush(stdout);
            }
        }
        closedir(dir);
    }
    printf("1..%d\n", number);
    return number == 0;
}
