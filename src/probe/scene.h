/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The scene of one run: from the level of every factor to the box that the client finds itself in, and the mock in front of it.
 */
#ifndef TT_PROBE_SCENE_H
#define TT_PROBE_SCENE_H

#include "probe/box.h"
#include "probe/design.h"
#include "probe/mock.h"
#include "probe/profile.h"

/* Where the authority's certificate is in the box, and the bundle with it. */
#define TT_SCENE_CA "/etc/ssl/certs/telltale-probe.pem"
#define TT_SCENE_BUNDLE "/etc/ssl/certs/ca-certificates.crt"

/* What all runs of a probe share. */
struct tt_scene_play {
    const struct tt_design *design;
    const struct tt_profile *profile; /* with what --env and --file add */
    const struct tt_str *argv;        /* the command as it is in the box; placeholders as they stand */
    size_t argv_count;
    const char *const *shown; /* of tt_box_settings */
    struct tt_str path;       /* PATH in the box; empty: the box's own */
    struct tt_str ca, bundle; /* PEM; empty: no TLS */
    bool transparent;         /* every name leads to the mock in every run */
    struct tt_box_limits limits;
    struct tt_mock_settings mock; /* all but its names */
};

struct tt_scene {
    struct tt_box_settings box;
    struct tt_mock_settings mock;
    bool home_kept; /* the client runs twice in the same box, and the second run counts */
};

/* Everything lies in arena or in the play.  TT_E_LIMIT: more variables or files than a scene has. */
enum tt_status tt_scene_make(struct tt_arena *arena, const struct tt_scene_play *play, const struct tt_run *run,
                             struct tt_scene *scene) TT_MUST_USE;

#endif
