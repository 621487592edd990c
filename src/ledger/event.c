/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as rows.
 *
 * In: what was read from a ring.  Out: time, kind, id and JSON.  A record is trusted in nothing: it is checked to be one JSON object in UTF-8; its kind and id
 * are taken from it only when they are plain short words, its time only when it is one.
 */
#include "ledger/event.h"

#include "base/buf.h"
#include "base/limits.h"
#include "ledger/member.h"
#include "ledger/stamp.h"

/* A word of a kind or an id: [A-Za-z0-9_.-]. */
static bool
is_word(const struct tt_member *member, size_t max)
{
    if (!member->raw.ptr || member->kind != TT_JSON_STRING || member->raw.len == 0 || member->raw.len > max) {
        return false;
    }
    for (size_t i = 0; i < member->raw.len; i++) {
        char c = member->raw.ptr[i];
        if (!tt_ascii_is_alnum((unsigned char) c) && c != '_' && c != '.' && c != '-') {
            return false;
        }
    }
    return true;
}

static void
begin(struct tt_buf *json, struct tt_arena *arena, const char *type)
{
    tt_buf_init(json, arena->alloc, TT_LEDGER_JSON_MAX);
    tt_buf_add_cstr(json, "{\"type\":\"");
    tt_buf_add_cstr(json, type);
    tt_buf_add_char(json, '"');
}

static void
add_number(struct tt_buf *json, const char *name, uint64_t number)
{
    tt_buf_add_cstr(json, ",\"");
    tt_buf_add_cstr(json, name);
    tt_buf_add_cstr(json, "\":");
    tt_buf_add_u64(json, number);
}

static void
add_time(struct tt_buf *json, int64_t time)
{
    char text[TT_STAMP_LENGTH + 1];
    tt_stamp_write(time, text);
    tt_buf_add_cstr(json, ",\"time\":\"");
    tt_buf_add_cstr(json, text);
    tt_buf_add_cstr(json, "\"");
}

/* Keeps the text in the arena and makes the row. */
static enum tt_status
end(struct tt_buf *json, struct tt_arena *arena, struct tt_ledger_row *row)
{
    tt_buf_add_char(json, '}');
    enum tt_status status = json->status == TT_OK ? tt_arena_dup(arena, tt_buf_str(json), &row->json) : json->status;
    tt_buf_free(json);
    return status;
}

static enum tt_status
fault_row(const struct tt_event *event, struct tt_arena *arena, struct tt_ledger_row *row)
{
    struct tt_buf json;
    row->kind = TT_STR("fault");
    begin(&json, arena, "fault");
    tt_buf_add_cstr(&json, ",\"why\":\"not a JSON object\"");
    add_number(&json, "slot", event->slot);
    add_number(&json, "sequence", event->from);
    add_time(&json, event->seen);
    add_number(&json, "length", event->bytes.len);
    tt_buf_add_cstr(&json, ",\"hex\":\"");
    tt_buf_add_hex(&json, event->bytes);
    tt_buf_add_cstr(&json, "\"");
    return end(&json, arena, row);
}

enum tt_status
tt_event_row(const struct tt_event *event, struct tt_arena *arena, struct tt_ledger_row *row)
{
    enum { TYPE, ID, TIME, COUNT };
    struct tt_member members[COUNT] = {
        [TYPE] = {.name = TT_STR_INIT("type")}, [ID] = {.name = TT_STR_INIT("id")}, [TIME] = {.name = TT_STR_INIT("time")}};
    *row = (struct tt_ledger_row) {.time = event->seen, .json = event->bytes};
    if (tt_member_read(event->bytes, members, COUNT) != TT_OK) {
        return fault_row(event, arena, row);
    }
    row->kind = is_word(&members[TYPE], TT_LEDGER_KIND_MAX) ? members[TYPE].raw : TT_STR("other");
    row->id = is_word(&members[ID], TT_LEDGER_ID_MAX) ? members[ID].raw : TT_STR("");
    if (members[TIME].kind != TT_JSON_STRING || !tt_stamp_read(members[TIME].raw, &row->time)) {
        row->time = event->seen;
    }
    return TT_OK;
}

enum tt_status
tt_event_loss_row(const struct tt_event *event, struct tt_arena *arena, struct tt_ledger_row *row)
{
    struct tt_buf json;
    *row = (struct tt_ledger_row) {.time = event->seen, .kind = TT_STR("loss")};
    begin(&json, arena, "loss");
    if (event->kind == TT_EVENT_DAMAGE) {
        tt_buf_add_cstr(&json, ",\"why\":\"a part of the spool cannot be read\"");
        add_number(&json, "bytes", event->from);
    } else {
        add_number(&json, "slot", event->slot);
        add_number(&json, "from", event->from);
        add_number(&json, "to", event->to);
        tt_buf_add_cstr(&json, event->from == 0 ? ",\"why\":\"the file of the ring cannot be read\"" : "");
    }
    add_time(&json, event->seen);
    return end(&json, arena, row);
}

enum tt_status
tt_event_lost_row(const struct tt_event *event, struct tt_str id, struct tt_arena *arena, struct tt_ledger_row *row)
{
    struct tt_buf json;
    *row = (struct tt_ledger_row) {.time = event->seen, .kind = TT_STR("outcome")};
    begin(&json, arena, "outcome");
    tt_buf_add_cstr(&json, ",\"id\":\"");
    tt_buf_add(&json, id); /* a word */
    tt_buf_add_cstr(&json, "\"");
    add_time(&json, event->seen);
    tt_buf_add_cstr(&json, ",\"end\":\"worker_lost\"");
    TT_TRY(end(&json, arena, row));
    return tt_arena_dup(arena, id, &row->id);
}
