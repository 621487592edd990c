/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit records as JSON (RFC 8259), in the shape that docs and the ledger rely on: adding a member is allowed, renaming none.
 *
 * Input: what is known of a request.  Output: one object appended to the caller's buffer, at most TT_RING_RECORD_MAX bytes of it
 * (the bounds below add up to less, in the worst case of escaping).  Allocates nothing but that buffer's room.
 */
#include "gate/record.h"

#include "base/hash.h"
#include "finding/writer.h"

#define NAME_MAX_BYTES 160 /* of a name, as written between the quotes */
#define PATH_MAX_BYTES 512 /* of a finding's path */
#define GROWTH 6           /* bytes that one byte becomes at most when it is escaped */
#define MARKS_MAX 32       /* findings that a record lists */
#define EDITS_MAX 64       /* edits that a record lists */
#define HASH_BYTES 16      /* of the SHA-256 of a span */

static const struct tt_str ellipsis = TT_STR_INIT("\xe2\x80\xa6");

/* ---- Members ---- */

/* The part of s before n that ends between two characters. */
static struct tt_str
cut(struct tt_str s, size_t n)
{
    while (n > 0 && n < s.len && ((unsigned char) s.ptr[n] & 0xC0) == 0x80) {
        n--;
    }
    return tt_str_slice(s, 0, n);
}

/* A string of at most max bytes between its quotes, however much its characters grow when they are escaped; max <= PATH_MAX_BYTES. */
static void
add_string(struct tt_buf *out, struct tt_str s, size_t max)
{
    char room[PATH_MAX_BYTES * GROWTH + 2];
    struct tt_buf text = {.ptr = room, .cap = sizeof(room), .max = sizeof(room)}; /* never grows */
    if (s.len <= max / GROWTH) {
        tt_json_add_string(out, s);
        return;
    }
    size_t n = s.len < max ? s.len : max;
    tt_json_add_string(&text, cut(s, n));
    if (n < s.len || text.len - 2 > max) {
        while (text.len - 2 + ellipsis.len > max) {
            n = n * (max - ellipsis.len) / (text.len - 2); /* what fits is in proportion, and always less */
            tt_buf_clear(&text);
            tt_json_add_string(&text, cut(s, n));
        }
        text.len--;
        tt_buf_add(&text, ellipsis);
        tt_buf_add_char(&text, '"');
    }
    tt_buf_add(out, tt_buf_str(&text));
}

static void
add_text(struct tt_buf *out, bool *first, const char *key, struct tt_str text)
{
    if (text.len > 0) {
        tt_json_add_key(out, first, key);
        add_string(out, text, NAME_MAX_BYTES);
    }
}

static void
add_hex(struct tt_buf *out, bool *first, const char *key, const unsigned char *bytes, size_t size)
{
    if (bytes) {
        tt_json_add_key(out, first, key);
        tt_buf_add_char(out, '"');
        tt_buf_add_hex(out, tt_str_make(bytes, size));
        tt_buf_add_char(out, '"');
    }
}

/* Writes the last width digits of value. */
static void
put_digits(char *to, uint64_t value, size_t width)
{
    while (width-- > 0) {
        to[width] = (char) ('0' + value % 10);
        value /= 10;
    }
}

/* ---- Times ---- */

#define SECONDS_PER_DAY 86400
#define DAYS_TO_1970 719468   /* from 0000-03-01 */
#define DAYS_PER_ERA 146097   /* 400 years */
#define YEAR_MAX_DAYS 2932896 /* 9999-12-31, since 1970 */

/* yyyymmdd of the proleptic Gregorian calendar.  Years are counted from March, so that the leap day is a year's last. */
static uint64_t
date_of_day(uint64_t days)
{
    days += DAYS_TO_1970;
    uint64_t era = days / DAYS_PER_ERA;
    uint64_t day = days % DAYS_PER_ERA;
    uint64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    uint64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    uint64_t month = (5 * day_of_year + 2) / 153; /* 0 is March */
    uint64_t day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    uint64_t calendar = month < 10 ? month + 3 : month - 9;
    return (era * 400 + year + (calendar <= 2)) * 10000 + calendar * 100 + day_of_month;
}

static void
put_date(char *to, uint64_t date)
{
    put_digits(to, date / 10000, 4);
    to[4] = '-';
    put_digits(to + 5, date / 100 % 100, 2);
    to[7] = '-';
    put_digits(to + 8, date % 100, 2);
}

/* RFC 3339, in UTC and microseconds.  A clock that stands outside of 1970 to 9999 is shown at its nearest end. */
static void
add_time(struct tt_buf *out, bool *first, const struct timespec *time)
{
    char text[] = "0000-00-00T00:00:00.000000Z";
    uint64_t seconds = time->tv_sec > 0 ? (uint64_t) time->tv_sec : 0;
    uint64_t days = seconds / SECONDS_PER_DAY;
    uint64_t rest = seconds % SECONDS_PER_DAY;
    put_date(text, date_of_day(days < YEAR_MAX_DAYS ? days : YEAR_MAX_DAYS));
    put_digits(text + 11, rest / 3600, 2);
    put_digits(text + 14, rest / 60 % 60, 2);
    put_digits(text + 17, rest % 60, 2);
    put_digits(text + 20, time->tv_nsec > 0 ? (uint64_t) time->tv_nsec / 1000 : 0, 6);
    tt_json_add_key(out, first, "time");
    tt_buf_add_char(out, '"');
    tt_buf_add(out, tt_str_make(text, sizeof(text) - 1));
    tt_buf_add_char(out, '"');
}

static void
add_date(struct tt_buf *out, bool *first, const char *key, int64_t date)
{
    char text[] = "0000-00-00";
    if (date > 0) {
        put_date(text, (uint64_t) date);
        tt_json_add_text_member(out, first, key, tt_str_make(text, sizeof(text) - 1));
    }
}

/* Milliseconds, with as many decimals as there are. */
static void
add_ms(struct tt_buf *out, bool *first, const char *key, int64_t us)
{
    char decimals[3];
    if (us < 0) {
        return;
    }
    tt_json_add_key(out, first, key);
    tt_buf_add_u64(out, (uint64_t) us / 1000);
    put_digits(decimals, (uint64_t) us % 1000, 3);
    size_t n = 3;
    while (n > 0 && decimals[n - 1] == '0') {
        n--;
    }
    if (n > 0) {
        tt_buf_add_char(out, '.');
        tt_buf_add(out, tt_str_make(decimals, n));
    }
}

/* ---- The request ---- */

static void
add_body(struct tt_buf *out, const struct tt_record_request *record)
{
    bool first = true;
    tt_buf_add(out, TT_STR(",\"body\":{"));
    tt_json_add_u64_member(out, &first, "length", record->body_length);
    add_hex(out, &first, "fingerprint", record->fingerprint, 16);
    add_hex(out, &first, "sha256", record->sha256, TT_SHA256_SIZE);
    if (record->sent_length >= 0) {
        tt_json_add_u64_member(out, &first, "sent_length", (uint64_t) record->sent_length);
    }
    add_hex(out, &first, "sent_sha256", record->sent_sha256, TT_SHA256_SIZE);
    tt_buf_add_char(out, '}');
}

static void
add_decision(struct tt_buf *out, const struct tt_record_request *record)
{
    bool first = true;
    tt_buf_add(out, TT_STR(",\"decision\":{"));
    add_text(out, &first, "action", tt_str_cstr(record->action));
    add_text(out, &first, "rule", record->rule);
    add_text(out, &first, "status", tt_str_cstr(record->status));
    add_date(out, &first, "since", record->since);
    add_text(out, &first, "alternative", record->alternative);
    add_text(out, &first, "upstream", record->upstream);
    tt_buf_add_char(out, '}');
}

static void
add_marks(struct tt_buf *out, const struct tt_record_request *record)
{
    size_t listed = record->finding_count < MARKS_MAX ? record->finding_count : MARKS_MAX;
    tt_buf_add(out, TT_STR(",\"marks\":["));
    for (size_t i = 0; i < listed; i++) {
        const struct tt_finding *f = &record->findings[i];
        bool first = true;
        tt_buf_add_cstr(out, i ? ",{" : "{");
        add_text(out, &first, "rule", tt_str_cstr(f->rule->id));
        add_text(out, &first, "level", tt_str_cstr(tt_level_name(f->level)));
        if (f->where.path.len > 0) {
            tt_json_add_key(out, &first, "path");
            add_string(out, f->where.path, PATH_MAX_BYTES);
        }
        tt_json_add_u64_member(out, &first, "offset", f->where.offset);
        tt_json_add_u64_member(out, &first, "length", f->where.length);
        tt_buf_add_char(out, '}');
    }
    bool first = false;
    tt_buf_add_char(out, ']');
    tt_json_add_u64_member(out, &first, "marks_more", record->finding_count - listed + record->finding_more);
}

/* Where in the pieces the reading of spans, which rise, has come to. */
struct place {
    const struct tt_str *pieces;
    size_t count, at;
    size_t start; /* offset of piece number at */
};

/* The hash of the bytes from..to; false when the pieces do not have them. */
static bool
hash_span(struct place *place, size_t from, size_t to, unsigned char hash[TT_SHA256_SIZE])
{
    struct tt_sha256 sha;
    tt_sha256_init(&sha);
    while (place->at < place->count && from - place->start >= place->pieces[place->at].len) {
        place->start += place->pieces[place->at].len;
        place->at++;
    }
    size_t start = place->start;
    for (size_t i = place->at; i < place->count && from < to; i++) {
        struct tt_str part = tt_str_slice(place->pieces[i], from - start, to - start);
        tt_sha256_add(&sha, part);
        from += part.len;
        start += place->pieces[i].len;
    }
    tt_sha256_end(&sha, hash);
    return from == to;
}

static void
add_edit(struct tt_buf *out, const struct tt_edit *edit, struct place *place)
{
    unsigned char hash[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    bool first = true;
    tt_json_add_u64_member(out, &first, "offset", edit->offset);
    tt_json_add_u64_member(out, &first, "length", edit->length);
    tt_json_add_u64_member(out, &first, "new_length", edit->with.len);
    add_text(out, &first, "rule", tt_str_cstr(edit->rule));
    if (hash_span(place, edit->offset, edit->offset + edit->length, hash)) {
        add_hex(out, &first, "before", hash, HASH_BYTES);
    }
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, edit->with);
    tt_sha256_end(&sha, hash);
    add_hex(out, &first, "after", hash, HASH_BYTES);
}

static void
add_edits(struct tt_buf *out, const struct tt_record_request *record)
{
    struct place place = {record->pieces, record->piece_count, 0, 0};
    size_t listed = record->edit_count < EDITS_MAX ? record->edit_count : EDITS_MAX;
    tt_buf_add(out, TT_STR(",\"edits\":["));
    for (size_t i = 0; i < listed; i++) {
        tt_buf_add_cstr(out, i ? ",{" : "{");
        add_edit(out, &record->edits[i], &place);
        tt_buf_add_char(out, '}');
    }
    bool first = false;
    tt_buf_add_char(out, ']');
    if (record->edit_count > listed) {
        tt_json_add_u64_member(out, &first, "edits_more", record->edit_count - listed);
    }
}

void
tt_record_request(struct tt_buf *out, const struct tt_record_request *record)
{
    bool first = false;
    tt_buf_add(out, TT_STR("{\"type\":\"request\""));
    add_text(out, &first, "id", record->id);
    add_time(out, &first, &record->time);
    add_text(out, &first, "policy", record->policy);
    add_text(out, &first, "client", record->client);
    add_text(out, &first, "identity", record->identity);
    add_text(out, &first, "team", record->team);
    add_text(out, &first, "region", record->region);
    add_text(out, &first, "product", record->product);
    add_text(out, &first, "api", tt_str_cstr(tt_api_name(record->api)));
    add_text(out, &first, "operation", tt_str_cstr(tt_operation_name(record->operation)));
    add_text(out, &first, "provider", record->provider);
    add_text(out, &first, "model", record->model);
    tt_json_add_bool_member(out, &first, "stream", record->stream);
    add_body(out, record);
    add_decision(out, record);
    tt_json_add_bool_member(out, &first, "shadow", record->shadow);
    tt_json_add_key(out, &first, "not_inspected");
    if (record->not_inspected) {
        add_string(out, tt_str_cstr(record->not_inspected), NAME_MAX_BYTES);
    } else {
        tt_buf_add(out, TT_STR("null"));
    }
    add_marks(out, record);
    add_edits(out, record);
    tt_json_add_u64_member(out, &first, "inspect_us", record->inspect_us);
    tt_buf_add_char(out, '}');
}

/* ---- The outcome ---- */

static void
add_tokens(struct tt_buf *out, bool *first, const char *key, int64_t tokens)
{
    if (tokens >= 0) {
        tt_json_add_u64_member(out, first, key, (uint64_t) tokens);
    }
}

static void
add_meter(struct tt_buf *out, const struct tt_meter_result *meter)
{
    const struct tt_usage *usage = &meter->usage;
    bool first = false;
    add_text(out, &first, "model", meter->model);
    add_text(out, &first, "response_id", meter->id);
    add_text(out, &first, "finish", meter->finish);
    if (meter->has_error) {
        tt_json_add_bool_member(out, &first, "error", true);
    }
    if (usage->grade == TT_USAGE_NONE) {
        return;
    }
    first = true;
    tt_buf_add(out, TT_STR(",\"usage\":{"));
    add_tokens(out, &first, "input_total", usage->input_total);
    add_tokens(out, &first, "input_cached", usage->input_cached);
    add_tokens(out, &first, "input_cache_write", usage->input_cache_write);
    add_tokens(out, &first, "output_total", usage->output_total);
    add_tokens(out, &first, "output_reasoning", usage->output_reasoning);
    add_text(out, &first, "source", tt_str_cstr(tt_usage_grade_name(usage->grade)));
    tt_buf_add_char(out, '}');
}

void
tt_record_outcome(struct tt_buf *out, const struct tt_record_outcome *record)
{
    bool first = false;
    tt_buf_add(out, TT_STR("{\"type\":\"outcome\""));
    add_text(out, &first, "id", record->id);
    add_time(out, &first, &record->time);
    if (record->status > 0) {
        tt_json_add_u64_member(out, &first, "status", record->status);
    }
    if (record->upstream_status > 0) {
        tt_json_add_u64_member(out, &first, "upstream_status", record->upstream_status);
    }
    if (record->attempts > 0) {
        tt_json_add_u64_member(out, &first, "attempts", record->attempts);
    }
    if (record->meter) {
        add_meter(out, record->meter);
    }
    add_ms(out, &first, "first_byte_ms", record->first_byte_us);
    add_ms(out, &first, "total_ms", record->total_us);
    add_text(out, &first, "end", tt_str_cstr(tt_record_end_name(record->end)));
    tt_buf_add_char(out, '}');
}

const char *
tt_record_end_name(enum tt_record_end end)
{
    switch (end) {
    case TT_END_COMPLETE: return "complete";
    case TT_END_CLIENT_ABORT: return "client_abort";
    case TT_END_UPSTREAM_ABORT: return "upstream_abort";
    case TT_END_REFUSED: return "refused";
    case TT_END_WORKER_LOST: return "worker_lost";
    }
    return NULL;
}
