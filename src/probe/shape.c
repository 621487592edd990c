/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shapes of random values, by their characters alone.
 *
 * Input: one value.  Output: a shape and its name.  Formats: RFC 9562 for UUIDs, RFC 4648 for base16 and base64.
 */
#include "probe/shape.h"

#include "probe/stats.h"

#define YEAR_2020 INT64_C(1577836800)
#define YEAR_2040 INT64_C(2208988800)
#define NEAR INT64_C(172800) /* two days: every time zone, and a client that rounds to days */
#define QUARTER INT64_C(900)

struct census {
    size_t digits, small, capitals, hex_small, hex_capitals, other;
};

static struct census
count_letters(struct tt_str s)
{
    struct census c = {0};
    for (size_t i = 0; i < s.len; i++) {
        unsigned char ch = (unsigned char) s.ptr[i];
        bool small = ch >= 'a' && ch <= 'z', capital = ch >= 'A' && ch <= 'Z';
        c.digits += tt_ascii_is_digit(ch);
        c.small += small;
        c.capitals += capital;
        c.hex_small += small && ch <= 'f';
        c.hex_capitals += capital && ch <= 'F';
        c.other += !small && !capital && !tt_ascii_is_digit(ch) && ch != '+' && ch != '/' && ch != '-' && ch != '_' && ch != '=';
    }
    return c;
}

static bool
is_uuid(struct tt_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s.ptr[i] != '-' : tt_ascii_hex((unsigned char) s.ptr[i]) < 0) {
            return false;
        }
    }
    return s.len == 36;
}

/* A Unix time in seconds, milliseconds, microseconds or nanoseconds. */
static bool
read_time(struct tt_str s, int64_t instant, struct tt_shape *shape)
{
    int64_t value = 0;
    if (s.len < 10 || s.len > 18 + (s.ptr[0] <= '8')) {
        return false;
    }
    for (size_t i = 0; i < s.len; i++) {
        value = value * 10 + (s.ptr[i] - '0');
    }
    for (int64_t per = 1; per <= INT64_C(1000000000); per *= 1000) {
        int64_t seconds = value / per;
        int64_t from = instant ? instant - NEAR : YEAR_2020, to = instant ? instant + NEAR : YEAR_2040;
        if (seconds >= from && seconds <= to) {
            shape->kind = TT_SHAPE_TIME;
            shape->per_second = per;
            shape->quarters = instant ? (seconds - instant + NEAR + QUARTER / 2) / QUARTER - NEAR / QUARTER : 0;
            return true;
        }
    }
    return false;
}

static bool
is_of_uuid(char c)
{
    return c == '-' || tt_ascii_hex((unsigned char) c) >= 0;
}

struct tt_str
tt_shape_part(struct tt_str text, size_t from, size_t to)
{
    size_t begin = from, end = to;
    while (begin > 0 && is_of_uuid(text.ptr[begin - 1])) {
        begin--;
    }
    while (end < text.len && is_of_uuid(text.ptr[end])) {
        end++;
    }
    struct tt_str whole = tt_str_slice(text, begin, end);
    return is_uuid(whole) ? whole : tt_str_slice(text, from, to);
}

struct tt_shape
tt_shape_read(struct tt_str value, int64_t instant)
{
    struct tt_shape shape = {.kind = TT_SHAPE_OTHER, .length = value.len};
    struct census c = count_letters(value);
    if (value.len == 0) {
        shape.kind = TT_SHAPE_EMPTY;
    } else if (is_uuid(value)) {
        shape.kind = TT_SHAPE_UUID;
        shape.version = (unsigned) tt_ascii_hex((unsigned char) value.ptr[TT_SHAPE_UUID_VERSION]);
        shape.capitals = c.capitals > 0;
    } else if (c.digits == value.len) {
        shape.kind = TT_SHAPE_NUMBER;
        read_time(value, instant, &shape);
    } else if (c.digits + c.hex_small == value.len || c.digits + c.hex_capitals == value.len) {
        shape.kind = TT_SHAPE_HEX;
        shape.capitals = c.capitals > 0;
    } else if (c.digits + c.small == value.len || c.digits + c.capitals == value.len) {
        shape.kind = TT_SHAPE_ALNUM;
        shape.capitals = c.capitals > 0;
    } else if (c.other == 0) {
        shape.kind = TT_SHAPE_BASE64;
    }
    return shape;
}

void
tt_shape_write(const struct tt_shape *shape, struct tt_buf *out)
{
    static const char *const names[] = {"empty", "uuid", "hex", "base64", "integer near now", "integer", "alphanumeric", "text"};
    tt_buf_add_cstr(out, names[shape->kind]);
    if (shape->kind == TT_SHAPE_UUID) {
        tt_buf_add_u64(out, shape->version);
    } else if (shape->kind != TT_SHAPE_TIME && shape->kind != TT_SHAPE_EMPTY) {
        tt_buf_add_char(out, '(');
        tt_buf_add_u64(out, shape->length);
        tt_buf_add_char(out, ')');
    }
    if (shape->kind == TT_SHAPE_TIME && shape->quarters != 0) {
        tt_buf_add_cstr(out, shape->quarters > 0 ? " +" : " -");
        tt_buf_add_u64(out, (uint64_t) (shape->quarters > 0 ? shape->quarters : -shape->quarters) * 15);
        tt_buf_add_cstr(out, " minutes");
    }
    if (shape->capitals) {
        tt_buf_add_cstr(out, " in capitals");
    }
}

double
tt_shape_bits(const struct tt_shape *shape)
{
    double length = (double) shape->length;
    switch (shape->kind) {
    case TT_SHAPE_UUID: return shape->version == 4 ? 122 : shape->version == 7 ? 74 : 128;
    case TT_SHAPE_HEX: return 4 * length;
    case TT_SHAPE_BASE64: return 6 * length;
    case TT_SHAPE_NUMBER: return length * tt_stats_log2(10);
    case TT_SHAPE_ALNUM: return length * tt_stats_log2(36);
    case TT_SHAPE_OTHER: return 7 * length;
    default: return 0;
    }
}

size_t
tt_shape_clock_digits(struct tt_str value, int64_t instant)
{
    static const struct {
        size_t digits;
        int64_t per;
    } units[] = {{8, 1}, {11, 1000}, {12, 1000}};
    int64_t from = instant ? instant - NEAR : YEAR_2020, to = instant ? instant + NEAR : YEAR_2040;
    for (size_t u = 0; u < sizeof(units) / sizeof(*units); u++) {
        int64_t time = 0;
        size_t i = 0;
        for (; i < units[u].digits && i < value.len && tt_ascii_hex((unsigned char) value.ptr[i]) >= 0; i++) {
            time = time << 4 | tt_ascii_hex((unsigned char) value.ptr[i]);
        }
        if (i == units[u].digits && time / units[u].per >= from && time / units[u].per <= to) {
            return units[u].digits;
        }
    }
    return 0;
}
