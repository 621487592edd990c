/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The audit records as JSON (RFC 8259), in the shape that docs and the ledger rely on: adding a member is allowed, renaming none.
 *
 * Input: what is known of a request.  Output: one object appended to the caller's buffer, at most TT_RING_RECORD_MAX bytes of it
 * (the bounds below add up to less, in the worst case of escaping).  Allocates nothing but that buffer's room.
 */
#include "gate/record.h"

#include "base/hash.h"
#include "base/word.h"
#include "finding/writer.h"
#include "gate/gate.h"

#define NAME_MAX_BYTES 144 /* of a name, as written between the quotes */
#define PATH_MAX_BYTES 512 /* of a finding's path */
#define GROWTH 6           /* bytes that one byte becomes at most when it is escaped */
#define MARKS_MAX 32       /* findings that a record lists */
#define EDITS_MAX 64       /* edits that a record lists */
#define HASH_BYTES 16      /* of the SHA-256 of a span */

static const struct tt_str ellipsis = TT_STR_INIT("\xe2\x80\xa6");

/* ---- Members ---- */

/* Where there is room already, as there is in a buffer that is used again, this is no more than the copy. */
static inline void
put(struct tt_buf *out, const char *s, size_t n)
{
    if (out->ptr && out->status == TT_OK && n <= out->cap - out->len) {
        memcpy(out->ptr + out->len, s, n);
        out->len += n;
    } else {
        tt_buf_add(out, tt_str_make(s, n));
    }
}

/* A member's name, behind a comma where it is not the first of its object. */
static inline void
put_key(struct tt_buf *out, const char *key, size_t n)
{
    if (out->len > 0 && out->ptr[out->len - 1] != '{') {
        put(out, ",", 1);
    }
    put(out, key, n);
}

#define PUT(out, literal) put(out, literal, sizeof(literal) - 1)
#define PUT_KEY(out, key) put_key(out, "\"" key "\":", sizeof(key) + 2)

/* Does s stand in JSON as it is?  Eight bytes at once; a borrow or a carry can only come from a byte that does not. */
static bool
is_plain(struct tt_str s)
{
    const uint64_t each = 0x0101010101010101;
    uint64_t odd = 0;
    size_t i = 0;
    for (; s.len - i >= TT_WORD_BYTES; i += TT_WORD_BYTES) {
        uint64_t word = tt_word_load(s.ptr + i);
        odd |= word | (word + each) | (word - each * 0x20) | ((word ^ each * '"') - each) | ((word ^ each * '\\') - each);
    }
    for (; i < s.len; i++) {
        unsigned char c = (unsigned char) s.ptr[i];
        odd |= c < 0x20 || c > 0x7E || c == '"' || c == '\\' ? 0x80 : 0;
    }
    return (odd & each * 0x80) == 0;
}

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
    if (s.len <= max && is_plain(s)) {
        PUT(out, "\"");
        put(out, s.ptr, s.len);
        PUT(out, "\"");
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
put_text(struct tt_buf *out, const char *key, size_t n, struct tt_str text)
{
    if (text.len > 0) {
        put_key(out, key, n);
        add_string(out, text, NAME_MAX_BYTES);
    }
}

/* size <= TT_SHA256_SIZE */
static void
put_hex(struct tt_buf *out, const char *key, size_t n, const unsigned char *bytes, size_t size)
{
    char hex[2 * TT_SHA256_SIZE + 2];
    if (!bytes) {
        return;
    }
    hex[0] = '"';
    tt_hex_write(hex + 1, bytes, size);
    hex[1 + 2 * size] = '"';
    put_key(out, key, n);
    put(out, hex, 2 + 2 * size);
}

static void
put_u64(struct tt_buf *out, const char *key, size_t n, uint64_t value)
{
    put_key(out, key, n);
    tt_buf_add_u64(out, value);
}

static void
put_count(struct tt_buf *out, const char *key, size_t n, int64_t value)
{
    if (value >= 0) {
        put_u64(out, key, n, (uint64_t) value);
    }
}

/* Members; what is empty, NULL or below zero is left out. */
#define TEXT(out, key, text) put_text(out, "\"" key "\":", sizeof(key) + 2, text)
#define WORD(out, key, word) TEXT(out, key, tt_str_cstr(word))
#define HEX(out, key, bytes, size) put_hex(out, "\"" key "\":", sizeof(key) + 2, bytes, size)
#define NUMBER(out, key, value) put_u64(out, "\"" key "\":", sizeof(key) + 2, value)
#define COUNT(out, key, value) put_count(out, "\"" key "\":", sizeof(key) + 2, value)
#define TRUTH(out, key, value) \
    do {                       \
        PUT_KEY(out, key);     \
        if (value) {           \
            PUT(out, "true");  \
        } else {               \
            PUT(out, "false"); \
        }                      \
    } while (0)

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
add_time(struct tt_buf *out, const struct timespec *time)
{
    char text[] = "\"0000-00-00T00:00:00.000000Z\"";
    uint64_t seconds = time->tv_sec > 0 ? (uint64_t) time->tv_sec : 0;
    uint64_t days = seconds / SECONDS_PER_DAY;
    uint64_t rest = seconds % SECONDS_PER_DAY;
    put_date(text + 1, date_of_day(days < YEAR_MAX_DAYS ? days : YEAR_MAX_DAYS));
    put_digits(text + 12, rest / 3600, 2);
    put_digits(text + 15, rest / 60 % 60, 2);
    put_digits(text + 18, rest % 60, 2);
    put_digits(text + 21, time->tv_nsec > 0 ? (uint64_t) time->tv_nsec / 1000 : 0, 6);
    PUT_KEY(out, "time");
    put(out, text, sizeof(text) - 1);
}

/* Milliseconds, with as many decimals as there are. */
static void
put_ms(struct tt_buf *out, const char *key, size_t key_len, int64_t us)
{
    char decimals[4] = ".";
    if (us < 0) {
        return;
    }
    put_u64(out, key, key_len, (uint64_t) us / 1000);
    put_digits(decimals + 1, (uint64_t) us % 1000, 3);
    size_t n = sizeof(decimals);
    while (n > 1 && decimals[n - 1] == '0') {
        n--;
    }
    put(out, decimals, n > 1 ? n : 0);
}

#define MILLISECONDS(out, key, us) put_ms(out, "\"" key "\":", sizeof(key) + 2, us)

/* ---- The request ---- */

static void
add_body(struct tt_buf *out, const struct tt_record_request *record)
{
    PUT(out, ",\"body\":{");
    NUMBER(out, "length", record->body_length);
    HEX(out, "fingerprint", record->fingerprint, 16);
    HEX(out, "sha256", record->sha256, TT_SHA256_SIZE);
    COUNT(out, "sent_length", record->sent_length);
    HEX(out, "sent_sha256", record->sent_sha256, TT_SHA256_SIZE);
    PUT(out, "}");
}

static void
add_decision(struct tt_buf *out, const struct tt_record_request *record)
{
    PUT(out, ",\"decision\":{");
    WORD(out, "action", record->action);
    TEXT(out, "rule", record->rule);
    WORD(out, "status", record->status);
    if (record->since > 0) {
        char since[] = "\"0000-00-00\"";
        put_date(since + 1, (uint64_t) record->since);
        PUT_KEY(out, "since");
        put(out, since, sizeof(since) - 1);
    }
    TEXT(out, "alternative", record->alternative);
    TEXT(out, "upstream", record->upstream);
    PUT(out, "}");
}

/* What the body only refers to; left out where that is nothing. */
static void
add_references(struct tt_buf *out, uint32_t references)
{
    bool first = true;
    if (references == 0) {
        return;
    }
    PUT(out, ",\"references\":[");
    for (unsigned i = 0; i < TT_REFERENCES; i++) {
        if (references & UINT32_C(1) << i) {
            put(out, first ? "\"" : ",\"", first ? 1 : 2);
            tt_buf_add_cstr(out, tt_gate_reference_name(i));
            PUT(out, "\"");
            first = false;
        }
    }
    PUT(out, "]");
}

/* The learned site that a finding is of, or nothing. */
static struct tt_str
site_of(const struct tt_finding *f)
{
    for (size_t i = 0; i < f->fact_count; i++) {
        if (strcmp(f->facts[i].key, "learned.site") == 0) {
            return f->facts[i].text;
        }
    }
    return TT_STR("");
}

static void
add_marks(struct tt_buf *out, const struct tt_record_request *record)
{
    size_t listed = record->finding_count < MARKS_MAX ? record->finding_count : MARKS_MAX;
    PUT(out, ",\"marks\":[");
    for (size_t i = 0; i < listed; i++) {
        const struct tt_finding *f = &record->findings[i];
        put(out, i ? ",{" : "{", i ? 2 : 1);
        WORD(out, "rule", f->rule->id);
        WORD(out, "level", tt_level_name(f->level));
        TEXT(out, "site", site_of(f));
        if (f->where.path.len > 0) {
            PUT_KEY(out, "path");
            add_string(out, f->where.path, PATH_MAX_BYTES);
        }
        NUMBER(out, "offset", f->where.offset);
        NUMBER(out, "length", f->where.length);
        PUT(out, "}");
    }
    PUT(out, "]");
    NUMBER(out, "marks_more", record->finding_count - listed + record->finding_more);
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
    NUMBER(out, "offset", edit->offset);
    NUMBER(out, "length", edit->length);
    NUMBER(out, "new_length", edit->with.len);
    WORD(out, "rule", edit->rule);
    if (hash_span(place, edit->offset, edit->offset + edit->length, hash)) {
        HEX(out, "before", hash, HASH_BYTES);
    }
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, edit->with);
    tt_sha256_end(&sha, hash);
    HEX(out, "after", hash, HASH_BYTES);
}

static void
add_edits(struct tt_buf *out, const struct tt_record_request *record)
{
    struct place place = {record->pieces, record->piece_count, 0, 0};
    size_t listed = record->edit_count < EDITS_MAX ? record->edit_count : EDITS_MAX;
    PUT(out, ",\"edits\":[");
    for (size_t i = 0; i < listed; i++) {
        put(out, i ? ",{" : "{", i ? 2 : 1);
        add_edit(out, &record->edits[i], &place);
        PUT(out, "}");
    }
    PUT(out, "]");
    if (record->edit_count > listed) {
        NUMBER(out, "edits_more", record->edit_count - listed);
    }
}

static void
add_charge(struct tt_buf *out, const struct tt_record_charge *charge)
{
    if (!charge) {
        return;
    }
    PUT(out, ",\"charge\":{");
    TEXT(out, "team", charge->team);
    TEXT(out, "product", charge->product);
    TEXT(out, "provider", charge->provider);
    TEXT(out, "model", charge->model);
    NUMBER(out, "day", (uint64_t) charge->day);
    NUMBER(out, "reserved", (uint64_t) charge->reserved);
    TRUTH(out, "priced", charge->is_priced);
    if (charge->is_priced) {
        COUNT(out, "cost", charge->cost);
    }
    if (charge->budget.len > 0) {
        TEXT(out, "budget", charge->budget);
        TRUTH(out, "over", charge->is_over);
    }
    PUT(out, "}");
}

void
tt_record_request(struct tt_buf *out, const struct tt_record_request *record)
{
    PUT(out, "{\"type\":\"request\"");
    TEXT(out, "id", record->id);
    add_time(out, &record->time);
    TEXT(out, "policy", record->policy);
    TEXT(out, "client", record->client);
    TEXT(out, "identity", record->identity);
    TEXT(out, "team", record->team);
    TEXT(out, "region", record->region);
    TEXT(out, "product", record->product);
    WORD(out, "api", tt_api_name(record->api));
    WORD(out, "operation", tt_operation_name(record->operation));
    TEXT(out, "provider", record->provider);
    TEXT(out, "model", record->model);
    TRUTH(out, "stream", record->stream);
    add_body(out, record);
    add_decision(out, record);
    TRUTH(out, "shadow", record->shadow);
    PUT_KEY(out, "not_inspected");
    if (record->not_inspected) {
        add_string(out, tt_str_cstr(record->not_inspected), NAME_MAX_BYTES);
    } else {
        PUT(out, "null");
    }
    add_references(out, record->references);
    add_marks(out, record);
    add_edits(out, record);
    NUMBER(out, "inspect_us", record->inspect_us);
    add_charge(out, record->charge);
    PUT(out, "}");
}

/* ---- The outcome ---- */

static void
add_meter(struct tt_buf *out, const struct tt_meter_result *meter)
{
    const struct tt_usage *usage = &meter->usage;
    TEXT(out, "model", meter->model);
    TEXT(out, "response_id", meter->id);
    TEXT(out, "finish", meter->finish);
    if (meter->has_error) {
        TRUTH(out, "error", true);
    }
    if (usage->grade == TT_USAGE_NONE) {
        return;
    }
    PUT(out, ",\"usage\":{");
    COUNT(out, "input_total", usage->input_total);
    COUNT(out, "input_cached", usage->input_cached);
    COUNT(out, "input_cache_write", usage->input_cache_write);
    COUNT(out, "output_total", usage->output_total);
    COUNT(out, "output_reasoning", usage->output_reasoning);
    WORD(out, "source", tt_usage_grade_name(usage->grade));
    PUT(out, "}");
}

void
tt_record_outcome(struct tt_buf *out, const struct tt_record_outcome *record)
{
    PUT(out, "{\"type\":\"outcome\"");
    TEXT(out, "id", record->id);
    add_time(out, &record->time);
    if (record->status > 0) {
        NUMBER(out, "status", record->status);
    }
    if (record->upstream_status > 0) {
        NUMBER(out, "upstream_status", record->upstream_status);
    }
    if (record->attempts > 0) {
        NUMBER(out, "attempts", record->attempts);
    }
    if (record->meter) {
        add_meter(out, record->meter);
    }
    add_charge(out, record->charge);
    MILLISECONDS(out, "first_byte_ms", record->first_byte_us);
    MILLISECONDS(out, "total_ms", record->total_us);
    WORD(out, "end", tt_record_end_name(record->end));
    PUT(out, "}");
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
