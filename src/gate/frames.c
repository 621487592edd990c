/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashes of places in a body; see frames.h.
 *
 * Input: names and values as the reader meets them, which stay where they are as long as the frames do.  Output: hashes under a secret, which
 * mean nothing outside of one desk.  Nothing is allocated.
 */
#include "gate/frames.h"

#include "base/hash.h"
#include "scan/siblings.h"
#include "json/path.h"
#include "json/string.h"

/* The product of two words, folded: each bit of it depends on all bits of both. */
static inline uint64_t
mix(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128) a * b;
    return (uint64_t) product ^ (uint64_t) (product >> 64);
}

static inline uint64_t
load(const char *p, size_t n)
{
    uint64_t word = 0;
    memcpy(&word, p, n);
    return word;
}

/* Most names fit in two words, which overlap. */
static inline uint64_t
hash_name(const struct tt_gate_frames *frames, struct tt_str name)
{
    const char *p = name.ptr;
    size_t n = name.len;
    uint64_t a = 0, b = 0;
    if (n > 16) {
        return tt_hash64(frames->salt[0], frames->salt[1], name);
    }
    if (n >= 8) {
        a = load(p, 8);
        b = load(p + n - 8, 8);
    } else if (n >= 4) {
        a = load(p, 4);
        b = load(p + n - 4, 4);
    } else if (n > 0) {
        a = (uint64_t) (unsigned char) p[0] << 16 | (uint64_t) (unsigned char) p[n / 2] << 8 | (unsigned char) p[n - 1];
    }
    return mix(a ^ frames->salt[0], b ^ frames->salt[1] ^ n);
}

void
tt_gate_frames_init(struct tt_gate_frames *frames, const unsigned char *seed)
{
    memcpy(frames->salt, seed, sizeof(frames->salt));
    tt_gate_frames_begin(frames);
}

void
tt_gate_frames_begin(struct tt_gate_frames *frames)
{
    frames->depth = frames->printed = 0;
    frames->at[0] = (struct tt_gate_frame) {.shape = frames->salt[2]};
}

void
tt_gate_frames_open(struct tt_gate_frames *frames, bool object, uint8_t node, size_t first_edit)
{
    const struct tt_gate_frame *around = &frames->at[frames->depth];
    struct tt_gate_frame *frame = &frames->at[frames->depth + 1];
    frame->role = around->role;
    frame->type = around->type;
    frame->siblings = around->siblings;
    frame->own = around->shape;
    frames->printed = frames->printed < frames->depth ? frames->printed : frames->depth;
    frame->shape = object ? around->shape : mix(around->shape ^ frames->salt[3], frames->salt[4]);
    frame->next = 0;
    frame->key = TT_STR("");
    frame->key_end = 0;
    frame->first_edit = first_edit;
    frame->node = node;
    frame->word = 0;
    frame->names = 0;
    frame->met = 0;
    frame->object = object;
    frame->key_escaped = false;
}

void
tt_gate_frames_key(struct tt_gate_frames *frames, struct tt_str raw, struct tt_str decoded)
{
    struct tt_gate_frame *frame = &frames->at[frames->depth];
    frame->key = raw;
    frame->key_escaped = raw.ptr != decoded.ptr;
    frame->shape = mix(frame->own ^ frames->salt[3], hash_name(frames, decoded) ^ frames->salt[5]);
}

/* The hash of the way to a value stands for its name. */
bool
tt_gate_frames_twice(struct tt_gate_frames *frames)
{
    struct tt_gate_frame *frame = &frames->at[frames->depth];
    uint64_t *names = frames->names[frames->depth], bit = (uint64_t) 1 << frame->shape % 64;
    bool twice = false;
    for (size_t i = 0; (frame->met & bit) && i < frame->names && !twice; i++) {
        twice = names[i] == frame->shape;
    }
    frame->met |= bit;
    if (!twice && frame->names < TT_GATE_NAMES) {
        names[frame->names++] = frame->shape;
    }
    return twice;
}

/* As scan/siblings.h: an empty value leaves that of the containers around, an overlong one changes nothing. */
void
tt_gate_frames_sibling(struct tt_gate_frames *frames, bool role, struct tt_str raw)
{
    struct tt_gate_frame *frame = &frames->at[frames->depth];
    const struct tt_gate_frame *around = &frames->at[frames->depth ? frames->depth - 1 : 0];
    struct tt_str value = raw.len > 0 ? raw : role ? around->role : around->type;
    if (raw.len > TT_SIBLING_MAX) {
        return;
    }
    if (role) {
        frame->role = value;
    } else {
        frame->type = value;
    }
    frame->siblings = mix(hash_name(frames, frame->role) ^ frames->salt[6], hash_name(frames, frame->type) ^ frames->salt[7]);
}

uint64_t
tt_gate_frames_context(const struct tt_gate_frames *frames)
{
    const struct tt_gate_frame *frame = &frames->at[frames->depth];
    return mix(frame->shape ^ frames->salt[6], frame->siblings ^ frames->salt[4]);
}

static void
add_segment(const struct tt_gate_frame *frame, bool indexes, struct tt_buf *scratch, struct tt_buf *path)
{
    struct tt_str name = frame->key;
    if (!frame->object) {
        tt_json_path_add_index(path, indexes ? frame->next - 1 : 0);
        return;
    }
    if (frame->key_escaped) {
        tt_buf_clear(scratch);
        tt_json_unescape(name, true, scratch);
        name = tt_buf_str(scratch);
    }
    tt_json_path_add_name(path, name);
}

static const struct tt_str ellipsis = TT_STR_INIT("\xe2\x80\xa6");

/* Goes on behind what path holds, from the container at depth from; false when it does not fit. */
static bool
add_segments(const struct tt_gate_frames *frames, uint32_t from, bool indexes, struct tt_buf *scratch, struct tt_buf *path)
{
    for (uint32_t i = from; i <= frames->depth; i++) {
        size_t whole = path->len;
        add_segment(&frames->at[i], indexes, scratch, path);
        if (path->status == TT_E_LIMIT || path->len > TT_JSON_PATH_MAX) {
            path->status = TT_OK;
            path->len = whole;
            tt_buf_add(path, ellipsis);
            return false;
        }
    }
    return true;
}

void
tt_gate_frames_path(const struct tt_gate_frames *frames, struct tt_buf *scratch, struct tt_buf *path)
{
    tt_buf_clear(path);
    tt_buf_add_char(path, '$');
    (void) add_segments(frames, 1, true, scratch, path);
}

/* The containers around are printed first, each with the length that it begins at; most often they are there already. */
void
tt_gate_frames_place(struct tt_gate_frames *frames, struct tt_buf *scratch, struct tt_buf *place)
{
    uint32_t depth = frames->depth;
    if (frames->printed == 0) {
        tt_buf_clear(place);
        tt_buf_add_char(place, '$');
        frames->at[1].base = place->len;
        frames->printed = 1;
    }
    if (depth == 0) {
        place->len = 1;
        return;
    }
    if (frames->printed > depth) {
        frames->printed = depth;
    }
    place->len = frames->at[frames->printed].base;
    while (frames->printed <= depth) {
        frames->depth = frames->printed;
        bool fits = add_segments(frames, frames->printed, false, scratch, place);
        frames->depth = depth;
        if (!fits || place->status != TT_OK) {
            frames->printed = 0;
            return;
        }
        if (frames->printed == depth) {
            return;
        }
        frames->at[++frames->printed].base = place->len;
    }
}
