/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale probe doctor`: what this machine has of what a probe needs, and which clients with a profile are installed.
 */
#include "base/limits.h"
#include "cli/probe.h"
#include "probe/tls.h"

#include <stdlib.h>
#include <unistd.h>

#include "probe/texts.h"

static void
add_line(struct tt_buf *out, bool good, const char *what, struct tt_str advice)
{
    tt_buf_add_cstr(out, good ? "  yes  " : "  NO   ");
    tt_buf_add_cstr(out, what);
    if (advice.len > 0) {
        tt_buf_add_cstr(out, ": ");
        tt_writer_add_safe(out, advice);
    }
    tt_buf_add_char(out, '\n');
}

/* The box, and TLS in front of it.  Returns whether probes can be made. */
static bool
examine_box(const struct tt_call *call, struct tt_buf *out)
{
    struct tt_box_fact facts[TT_BOX_FACTS_MAX];
    struct tt_tls_authority *authority = NULL;
    struct tt_buf message;
    bool good = true;
    tt_buf_init(&message, call->cli->alloc, TT_BOX_MESSAGE_MAX);
    size_t count = tt_box_doctor(facts, &message);
    tt_buf_add_cstr(out, "The sealed box\n");
    for (size_t i = 0; i < count; i++) {
        add_line(out, facts[i].good, facts[i].what, facts[i].good ? TT_STR("") : tt_str_cstr(facts[i].advice));
        good = good && (facts[i].good || !facts[i].needed);
    }
    if (message.len > 0) {
        add_line(out, false, "a box can be made", tt_buf_str(&message));
        good = false;
    }
    bool tls = tt_tls_authority_new(call->cli->alloc, &authority) == TT_OK;
    add_line(out, tls, "OpenSSL 3", tls ? TT_STR("") : TT_STR("install the package libssl3"));
    tt_tls_authority_free(authority);
    tt_buf_free(&message);
    return good && tls;
}

static bool
is_installed(struct tt_str program)
{
    char path[4096];
    const char *at = getenv("PATH");
    while (at && *at) {
        size_t len = strcspn(at, ":");
        int n = snprintf(path, sizeof(path), "%.*s/%.*s", (int) len, at, (int) program.len, program.ptr);
        if (n > 0 && (size_t) n < sizeof(path) && access(path, X_OK) == 0) {
            return true;
        }
        at += len + (at[len] == ':');
    }
    return false;
}

static void
list_profiles(const struct tt_call *call, struct tt_buf *out)
{
    struct tt_arena arena;
    struct tt_profile profile;
    struct tt_error err;
    tt_arena_init(&arena, call->cli->alloc, TT_MIB);
    tt_buf_add_cstr(out, "\nClients with a profile\n");
    for (size_t i = 0; i < tt_probe_text_count; i++) {
        if (!tt_str_ends(tt_probe_texts[i].name, TT_STR(".json")) ||
            tt_profile_read(&arena, tt_probe_texts[i].text, &profile, &err) != TT_OK) {
            continue;
        }
        bool installed = is_installed(profile.program);
        tt_buf_add_cstr(out, installed ? "  installed  " : "  not there  ");
        tt_buf_add(out, profile.name);
        tt_buf_add_cstr(out, " (");
        tt_buf_add(out, profile.title);
        tt_buf_add_cstr(out, installed ? ")\n" : "): ");
        tt_buf_add(out, installed ? TT_STR("") : profile.install);
        tt_buf_add_cstr(out, installed ? "" : "\n");
    }
    tt_arena_free(&arena);
}

static enum tt_exit
run_doctor(const struct tt_call *call)
{
    struct tt_buf out;
    tt_buf_init(&out, call->cli->alloc, TT_MIB);
    bool good = examine_box(call, &out);
    list_profiles(call, &out);
    tt_buf_add_cstr(&out, good ? "\nProbes can be made here.\n" : "\nProbes cannot be made here.\n");
    enum tt_exit code = tt_cli_deliver(call, &out);
    return code == TT_EXIT_OK && !good ? TT_EXIT_USAGE : code;
}

const struct tt_command tt_command_probe_doctor = {
    .name = "doctor",
    .summary = "Say what a probe needs and what of it is missing",
    .usage = "[OPTION]...",
    .description =
        "Looks at the kernel's limits, opens a box that runs nothing, and lists the clients that have a profile. The exit code "
        "is 2 when no sealed box can be made.",
    .uses = TT_USES_OUTPUT,
    .run = run_doctor,
};
