/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of months, weekdays and time zones.
 *
 * Months in the languages in which date formatting of common systems is most often met; more is a line in a table.  Names as
 * in Unicode CLDR, format width wide and abbreviated, without a final full stop.
 */
#include "text/value_parts.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Twelve names in a row, in lower case as far as the letters are ASCII. */
static const char *const months[][12] = {
    {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"},
    {"januar", "februar", "m\xC3\xA4rz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november",
     "dezember"},
    {"janvier", "f\xC3\xA9vrier", "mars", "avril", "mai", "juin", "juillet", "ao\xC3\xBBt", "septembre", "octobre", "novembre",
     "d\xC3\xA9"
     "cembre"},
    {"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"},
    {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre",
     "dicembre"},
    {"janeiro", "fevereiro", "mar\xC3\xA7o", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
     "dezembro"},
    {"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"},
    {"\xD1\x8F\xD0\xBD\xD0\xB2\xD0\xB0\xD1\x80\xD1\x8F", "\xD1\x84\xD0\xB5\xD0\xB2\xD1\x80\xD0\xB0\xD0\xBB\xD1\x8F",
     "\xD0\xBC\xD0\xB0\xD1\x80\xD1\x82\xD0\xB0", "\xD0\xB0\xD0\xBF\xD1\x80\xD0\xB5\xD0\xBB\xD1\x8F", "\xD0\xBC\xD0\xB0\xD1\x8F",
     "\xD0\xB8\xD1\x8E\xD0\xBD\xD1\x8F", "\xD0\xB8\xD1\x8E\xD0\xBB\xD1\x8F",
     "\xD0\xB0\xD0\xB2\xD0\xB3\xD1\x83\xD1\x81\xD1\x82\xD0\xB0",
     "\xD1\x81\xD0\xB5\xD0\xBD\xD1\x82\xD1\x8F\xD0\xB1\xD1\x80\xD1\x8F",
     "\xD0\xBE\xD0\xBA\xD1\x82\xD1\x8F\xD0\xB1\xD1\x80\xD1\x8F", "\xD0\xBD\xD0\xBE\xD1\x8F\xD0\xB1\xD1\x80\xD1\x8F",
     "\xD0\xB4\xD0\xB5\xD0\xBA\xD0\xB0\xD0\xB1\xD1\x80\xD1\x8F"},
};
static const char *const short_months[][12] = {
    {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"},
    {"", "", "mrz", "", "", "", "", "", "sept", "okt", "", "dez"},
};
static const char *const weekdays[][7] = {
    {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"},
    {"mon", "tue", "wed", "thu", "fri", "sat", "sun"},
    {"montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag"},
    {"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"},
    {"lunes", "martes", "mi\xC3\xA9rcoles", "jueves", "viernes",
     "s\xC3\xA1"
     "bado",
     "domingo"},
};

/* The place from 1 of word in a row of names, or 0. */
static int
find(struct tt_str word, const char *const *names, int n)
{
    for (int i = 0; i < n; i++) {
        if (word.len > 0 && tt_str_eq_folded(word, tt_str_cstr(names[i]))) {
            return i + 1;
        }
    }
    return 0;
}

int
tt_value_month(struct tt_str word, bool *abbreviated)
{
    int month = 0;
    *abbreviated = false;
    for (size_t i = 0; i < COUNT(months) && month == 0; i++) {
        month = find(word, months[i], 12);
    }
    for (size_t i = 0; i < COUNT(short_months) && month == 0; i++) {
        month = find(word, short_months[i], 12);
        *abbreviated = month > 0;
    }
    return month;
}

int
tt_value_weekday(struct tt_str word)
{
    int day = 0;
    for (size_t i = 0; i < COUNT(weekdays) && day == 0; i++) {
        day = find(word, weekdays[i], 7);
    }
    return day;
}

/* Abbreviations in use by the time zone database; where two regions share one, its offset says nothing. */
static const struct {
    const char *name;
    short minutes;
    bool exact;
} zones[] = {
    {"UTC", 0, true},     {"GMT", 0, true},     {"CET", 60, true},   {"CEST", 120, true}, {"EET", 120, true},
    {"EEST", 180, true},  {"WET", 0, true},     {"WEST", 60, true},  {"MSK", 180, true},  {"BST", 60, false},
    {"IST", 330, false},  {"PST", -480, false}, {"PDT", -420, true}, {"MST", -420, true}, {"MDT", -360, true},
    {"CST", 0, false},    {"CDT", -300, true},  {"EST", -300, true}, {"EDT", -240, true}, {"AKST", -540, true},
    {"AKDT", -480, true}, {"HST", -600, true},  {"JST", 540, true},  {"KST", 540, true},  {"HKT", 480, true},
    {"SGT", 480, true},   {"AEST", 600, true},  {"AEDT", 660, true}, {"ACST", 570, true}, {"AWST", 480, true},
    {"NZST", 720, true},  {"NZDT", 780, true},  {"WIB", 420, true},  {"PKT", 300, true},
};

bool
tt_value_zone_name(struct tt_str word, int *minutes, bool *exact)
{
    for (size_t i = 0; i < COUNT(zones); i++) {
        if (tt_str_eq(word, tt_str_cstr(zones[i].name))) {
            *minutes = zones[i].minutes;
            *exact = zones[i].exact;
            return true;
        }
    }
    return false;
}

size_t
tt_value_zone_region(struct tt_str text)
{
    static const char *const regions[] = {
        "Africa/",    "America/", "Antarctica/", "Arctic/",  "Asia/", "Atlantic/",
        "Australia/", "Europe/",  "Indian/",     "Pacific/", "Etc/",
    };
    for (size_t i = 0; i < COUNT(regions); i++) {
        if (tt_str_starts(text, tt_str_cstr(regions[i]))) {
            return strlen(regions[i]);
        }
    }
    return 0;
}
