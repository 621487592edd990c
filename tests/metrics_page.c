/* SPDX-License-Identifier: Apache-2.0 */
/* The page of metrics of the records on standard input, one a line. */
#include "serve/metrics.h"

#include <stdio.h>
#include <stdlib.h>

int
main(void)
{
    static const struct tt_metrics_state state = {.version = "1.2.3",
                                                  .policy = "sha256:ab\"\\",
                                                  .shadow = true,
                                                  .ring_used = 1,
                                                  .ring_size = 2,
                                                  .dropped = 3,
                                                  .spooled = 4,
                                                  .ledger_works = true,
                                                  .temp_files = 5,
                                                  .workers = 6,
                                                  .started = 7};
    struct tt_metrics *metrics;
    struct tt_buf page;
    char *line = NULL;
    size_t size = 0;
    ssize_t n;
    if (tt_metrics_new(&tt_alloc_libc, &tt_catalog_builtin, &metrics) != TT_OK) {
        return 1;
    }
    while ((n = getline(&line, &size, stdin)) > 0) {
        tt_metrics_add(metrics, tt_str_make(line, (size_t) n - (line[n - 1] == '\n')));
    }
    free(line);
    tt_metrics_set_state(metrics, &state);
    tt_metrics_set_budget(metrics, TT_STR("payments"), 1250000);
    tt_metrics_set_budget(metrics, TT_STR("payments"), 250000);
    tt_buf_init(&page, &tt_alloc_libc, TT_METRICS_TEXT_MAX);
    tt_metrics_write(metrics, &page);
    bool ok = page.status == TT_OK && fwrite(page.ptr, 1, page.len, stdout) == page.len;
    tt_buf_free(&page);
    tt_metrics_free(metrics);
    return ok ? 0 : 1;
}
