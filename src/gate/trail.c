/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trails; see trail.h.
 *
 * Input: pieces, borrowed for the call.  Output: states.  What does not fill a step waits for the next piece.
 */
#include "gate/trail.h"

#include "base/hash.h"

#define STEP TT_FINGERPRINT_STEP
#define SIZE (TT_GATE_TRAIL_MAX * sizeof(struct tt_fingerprint))
#define AT_ONCE 16 /* steps behind those that are kept */

enum tt_status
tt_gate_trail_init(struct tt_gate_trail *trail, const struct tt_alloc *alloc, const struct tt_fingerprint_key *key)
{
    trail->key = key;
    trail->count = 0;
    trail->states = tt_alloc_new(alloc, SIZE);
    return trail->states ? TT_OK : TT_E_MEMORY;
}

void
tt_gate_trail_free(struct tt_gate_trail *trail, const struct tt_alloc *alloc)
{
    tt_alloc_free(alloc, trail->states, SIZE);
    trail->states = NULL;
}

static void
take_steps(struct tt_gate_trail *trail, const unsigned char *p, size_t count)
{
    struct tt_fingerprint more[AT_ONCE];
    while (count > 0) {
        size_t room = TT_GATE_TRAIL_MAX - trail->count, most = room > 0 ? room : AT_ONCE, n = count < most ? count : most;
        struct tt_fingerprint *out = room > 0 ? trail->states + trail->count : more;
        trail->key->steps(trail->key, trail->last, p, n, out);
        trail->last = out[n - 1];
        trail->count += room > 0 ? n : 0;
        p += n * STEP;
        count -= n;
    }
}

static void
take_piece(struct tt_gate_trail *trail, struct tt_str piece)
{
    const unsigned char *p = (const unsigned char *) piece.ptr;
    size_t n = piece.len;
    if (trail->rest_len > 0) {
        size_t room = STEP - trail->rest_len, more = n < room ? n : room;
        memcpy(trail->rest + trail->rest_len, p, more);
        trail->rest_len += more;
        p += more;
        n -= more;
        if (trail->rest_len < STEP) {
            return;
        }
        take_steps(trail, trail->rest, 1);
    }
    take_steps(trail, p, n / STEP);
    trail->rest_len = n % STEP;
    memcpy(trail->rest, p + (n - trail->rest_len), trail->rest_len);
}

void
tt_gate_trail_take(struct tt_gate_trail *trail, const struct tt_gate_pieces *pieces)
{
    trail->count = trail->rest_len = 0;
    trail->last = (struct tt_fingerprint) {0, 0};
    trail->length = 0;
    for (size_t i = 0; i < pieces->count; i++) {
        if (pieces->items[i].len > 0) {
            trail->length += pieces->items[i].len;
            take_piece(trail, pieces->items[i]);
        }
    }
}

void
tt_gate_trail_show(const struct tt_gate_trail *trail, const unsigned char secret[16], unsigned char out[16])
{
    unsigned char words[3 * TT_FINGERPRINT_BLOCK], digest[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    memcpy(words, secret, TT_FINGERPRINT_BLOCK);
    tt_fingerprint_bytes(trail->last, words + TT_FINGERPRINT_BLOCK);
    tt_fingerprint_bytes(tt_fingerprint_of(trail->key, trail->length, tt_str_make(trail->rest, trail->rest_len)),
                         words + 2 * TT_FINGERPRINT_BLOCK);
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, tt_str_make(words, sizeof(words)));
    tt_sha256_end(&sha, digest);
    memcpy(out, digest, TT_FINGERPRINT_BLOCK);
}
