/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Moments: RFC 3339, section 5.6, of which only UTC with a capital T and Z is taken, so that equal moments have equal forms.
 *
 * In: text, or nanoseconds.  Out: the other.  Owns nothing.
 */
#include "ledger/stamp.h"

#include <time.h>

#define YEAR_MIN 1970
#define YEAR_MAX 2261 /* the last whole year that 63 bits of nanoseconds hold */

static bool
is_leap(int year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
days_of_month(int year, int month)
{
    static const int days[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static int64_t
days_before_year(int year)
{
    int64_t past = year - 1;
    return past * 365 + past / 4 - past / 100 + past / 400;
}

/* Days since 1970-01-01. */
static int64_t
days_of(int year, int month, int day)
{
    int64_t days = days_before_year(year) - days_before_year(1970) + day - 1;
    for (int m = 1; m < month; m++) {
        days += days_of_month(year, m);
    }
    return days;
}

/* Takes count digits, then the character that follows (0: none); false when they are not there. */
static bool
number(struct tt_str *rest, size_t count, char then, int *out)
{
    *out = 0;
    if (rest->len < count + (then != 0)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!tt_ascii_is_digit((unsigned char) rest->ptr[i])) {
            return false;
        }
        *out = *out * 10 + (rest->ptr[i] - '0');
    }
    if (then != 0 && rest->ptr[count] != then) {
        return false;
    }
    *rest = tt_str_slice(*rest, count + (then != 0), rest->len);
    return true;
}

/* ".123456" in front of the Z; nothing is a fraction as well. */
static bool
fraction(struct tt_str *rest, int64_t *nanoseconds)
{
    int64_t unit = TT_SECOND / 10;
    *nanoseconds = 0;
    if (rest->len == 0 || rest->ptr[0] != '.') {
        return true;
    }
    size_t i = 1;
    for (; i < rest->len && i <= 9 && tt_ascii_is_digit((unsigned char) rest->ptr[i]); i++) {
        *nanoseconds += (rest->ptr[i] - '0') * unit;
        unit /= 10;
    }
    *rest = tt_str_slice(*rest, i, rest->len);
    return i > 1;
}

bool
tt_stamp_read(struct tt_str text, int64_t *out)
{
    int year, month, day, hour = 0, minute = 0, second = 0;
    int64_t nanoseconds = 0;
    if (!number(&text, 4, '-', &year) || !number(&text, 2, '-', &month) || !number(&text, 2, 0, &day) || year < YEAR_MIN ||
        year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > days_of_month(year, month)) {
        return false;
    }
    if (text.len > 0) {
        text = text.ptr[0] == 'T' ? tt_str_slice(text, 1, text.len) : (struct tt_str) {"", 0};
        if (!number(&text, 2, ':', &hour) || !number(&text, 2, ':', &minute) || !number(&text, 2, 0, &second) || hour > 23 ||
            minute > 59 || second > 59 || !fraction(&text, &nanoseconds) || !tt_str_eq(text, TT_STR("Z"))) {
            return false;
        }
    }
    int64_t seconds = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    *out = seconds * TT_SECOND + nanoseconds;
    return true;
}

static char *
put(char *at, int64_t value, int digits, char then)
{
    for (int i = digits - 1; i >= 0; i--) {
        at[i] = (char) ('0' + value % 10);
        value /= 10;
    }
    at[digits] = then;
    return at + digits + 1;
}

void
tt_stamp_write(int64_t stamp, char out[TT_STAMP_LENGTH + 1])
{
    int64_t days = stamp / TT_DAY, rest = stamp % TT_DAY;
    int year = (int) (1970 + days / 366), month = 1;
    while (days_before_year(year + 1) - days_before_year(1970) <= days) {
        year++;
    }
    days -= days_before_year(year) - days_before_year(1970);
    while (days >= days_of_month(year, month)) {
        days -= days_of_month(year, month++);
    }
    out = put(out, year, 4, '-');
    out = put(out, month, 2, '-');
    out = put(out, days + 1, 2, 'T');
    out = put(out, rest / (3600 * TT_SECOND), 2, ':');
    out = put(out, rest / (60 * TT_SECOND) % 60, 2, ':');
    out = put(out, rest / TT_SECOND % 60, 2, '.');
    out = put(out, rest % TT_SECOND / 1000, 6, 'Z');
    *out = '\0';
}

int64_t
tt_stamp_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t) now.tv_sec * TT_SECOND + now.tv_nsec;
}

int64_t
tt_stamp_steady_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}
