/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run showed, in memory; see capture.h.
 *
 * Everything is in the capture's arena and freed with it.  Arrays grow by doubling; what they leave behind stays in the arena, at most as much again.
 */
#include "probe/capture.h"

#include "base/limits.h"

#define FIRST 16 /* entries of an array */

void
tt_capture_init(struct tt_capture *capture, const struct tt_alloc *alloc)
{
    *capture = (struct tt_capture) {.exchange_count = 0};
    tt_arena_init(&capture->arena, alloc, TT_PROBE_CAPTURE_MAX);
}

void
tt_capture_free(struct tt_capture *capture)
{
    tt_arena_free(&capture->arena);
}

/* The array with room for one more entry; NULL where there is none. */
static void *
grow(struct tt_capture *capture, void *array, size_t count, size_t *room, size_t max, size_t size)
{
    if (count < *room) {
        return array;
    }
    size_t wanted = *room ? 2 * *room : FIRST;
    if (wanted > max) {
        wanted = max;
    }
    void *fresh = count < max ? tt_arena_get(&capture->arena, wanted * size) : NULL;
    if (!fresh) {
        capture->flooded = true;
        return NULL;
    }
    if (count > 0) {
        memcpy(fresh, array, count * size);
    }
    *room = wanted;
    return fresh;
}

struct tt_exchange *
tt_capture_exchange(struct tt_capture *capture)
{
    struct tt_exchange *array = grow(capture, capture->exchanges, capture->exchange_count, &capture->exchange_room,
                                     TT_PROBE_EXCHANGES_MAX, sizeof(*array));
    if (!array) {
        return NULL;
    }
    capture->exchanges = array;
    struct tt_exchange *entry = &array[capture->exchange_count++];
    *entry = (struct tt_exchange) {.ordinal = (uint32_t) capture->exchange_count};
    return entry;
}

struct tt_contact *
tt_capture_contact(struct tt_capture *capture, enum tt_contact_kind kind)
{
    struct tt_contact *array =
        grow(capture, capture->contacts, capture->contact_count, &capture->contact_room, TT_PROBE_CONTACTS_MAX, sizeof(*array));
    if (!array) {
        return NULL;
    }
    capture->contacts = array;
    struct tt_contact *entry = &array[capture->contact_count++];
    *entry = (struct tt_contact) {.kind = kind};
    return entry;
}

void
tt_contact_add_name(const struct tt_contact *contact, struct tt_buf *out)
{
    bool tls = contact->kind == TT_CONTACT_SNI || contact->kind == TT_CONTACT_FAILED_HANDSHAKE;
    bool six = tt_str_has(contact->address, TT_STR(":"));
    if (!tls || contact->name.len > 0) {
        tt_buf_add(out, contact->name);
        return;
    }
    tt_buf_add_cstr(out, six ? "[" : "");
    tt_buf_add(out, contact->address);
    tt_buf_add_cstr(out, six ? "]:" : ":");
    tt_buf_add_u64(out, contact->port);
}

/* One byte as it is written in names; the length. */
static size_t
show_byte(unsigned char c, char out[4])
{
    if (c >= ' ' && c < 0x7F && c != '\\') {
        out[0] = (char) c;
        return 1;
    }
    out[0] = '\\';
    out[1] = (char) ('0' + c / 100);
    out[2] = (char) ('0' + c / 10 % 10);
    out[3] = (char) ('0' + c % 10);
    return 4;
}

struct tt_str
tt_capture_name(struct tt_capture *capture, struct tt_str bytes)
{
    char text[TT_PROBE_NAME_MAX];
    struct tt_str kept;
    size_t len = 0;
    for (size_t i = 0; i < bytes.len && len + 4 <= sizeof(text); i++) {
        len += show_byte((unsigned char) bytes.ptr[i], text + len);
    }
    capture->flooded = tt_arena_dup(&capture->arena, tt_str_make(text, len), &kept) != TT_OK || capture->flooded;
    return kept;
}

struct tt_str
tt_capture_hex(struct tt_capture *capture, struct tt_str bytes)
{
    char *text = tt_arena_get(&capture->arena, 2 * bytes.len + 1);
    if (!text) {
        capture->flooded = true;
        return TT_STR("");
    }
    tt_hex_write(text, bytes.ptr, bytes.len);
    text[2 * bytes.len] = '\0';
    return tt_str_make(text, 2 * bytes.len);
}
