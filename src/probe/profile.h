/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Profiles: how a client is started and led to the mock; files of data/clients, whose form docs/internals/probe.md describes.  What
 * telltale knows of a particular client stands there and nowhere else.
 */
#ifndef TT_PROBE_PROFILE_H
#define TT_PROBE_PROFILE_H

#include "base/arena.h"

struct tt_profile_pair {
    struct tt_str name, value; /* a variable, or a file and its content; placeholders as they stand */
};

struct tt_profile {
    struct tt_str name, title;
    struct tt_str program; /* looked up in PATH */
    struct tt_str *arguments;
    size_t argument_count;
    struct tt_profile_pair *vars;
    size_t var_count;
    struct tt_profile_pair *files;
    size_t file_count;
    struct tt_str *hosts; /* more levels of the base URL's host */
    size_t host_count;
    bool https_for_names; /* the client takes http only for loopback */
    struct tt_str install, source;
};

/* Everything is copied into arena.  TT_E_INPUT, with place. */
enum tt_status tt_profile_read(struct tt_arena *arena, struct tt_str json, struct tt_profile *out,
                               struct tt_error *err) TT_MUST_USE;

/* The built-in profile of that name; out->name is empty when there is none. */
enum tt_status tt_profile_find(struct tt_arena *arena, struct tt_str name, struct tt_profile *out,
                               struct tt_error *err) TT_MUST_USE;

/* Does any value hold the placeholder, "{BASE_URL}"? */
bool tt_profile_uses(const struct tt_profile *profile, struct tt_str placeholder);

#endif
