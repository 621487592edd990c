/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A probe as it stands in DIR/plan.json: everything that decides what its runs are, and what is known of the client.
 *
 * It is written before the first run, and read by everything that comes back to the folder: going on, reports, replay, comparison.
 */
#ifndef TT_PROBE_JOB_H
#define TT_PROBE_JOB_H

#include "base/buf.h"
#include "probe/plan.h"
#include "probe/scene.h"

/* A file that a client's identity rests on. */
struct tt_job_file {
    struct tt_str path;
    struct tt_str sha256; /* lower-case hexadecimal */
};

struct tt_job {
    struct tt_str tool; /* version of telltale */
    struct tt_str name; /* of the profile or, without one, of the program */
    struct tt_profile profile;
    struct tt_design design;
    struct tt_str *argv;
    size_t argv_count;
    struct tt_str *shown;
    size_t shown_count;
    struct tt_str path; /* PATH in the box */
    struct tt_job_file *client;
    size_t client_count;          /* the program, and the script where the program is its interpreter */
    struct tt_str client_version; /* as its package says; empty: unknown */
    struct tt_profile_pair *answers;
    size_t answer_count;
    uint32_t *crosses; /* of --cross: bit sets of factors */
    size_t cross_count;
    struct tt_str *left_out; /* what cannot be varied: "time-zone Asia/Urumqi: the machine does not know it" */
    size_t left_out_count;
    uint64_t seed;
    enum tt_plan_depth depth;
    bool transparent, tool_turn, web_socket;
    uint64_t wall_ms, linger_ms, memory; /* 0: the usual */
};

/* As JSON with line feeds; the same job gives the same bytes. */
void tt_job_format(const struct tt_job *job, struct tt_buf *out);

/* Everything is copied into arena.  TT_E_INPUT, with place. */
enum tt_status tt_job_parse(struct tt_arena *arena, struct tt_str json, struct tt_job *out, struct tt_error *err) TT_MUST_USE;

/* The play that the job's runs are made of; ca and bundle are left empty. */
enum tt_status tt_job_play(struct tt_arena *arena, const struct tt_job *job, struct tt_scene_play *play) TT_MUST_USE;

#endif
