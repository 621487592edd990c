/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The date-line mark of the 2026 reports: its codec, published openly as test generator and decoder.
 *
 * A client wrote "Today's date is 2026-05-09." and chose the apostrophe by the host of its base URL (two facts) and the date
 * separator by its time zone (one fact).  value = 4*lab + 2*known + tz.
 */
#ifndef TT_MARKS_DATELINE_H
#define TT_MARKS_DATELINE_H

#include "base/buf.h"
#include "base/status.h"
#include "base/str.h"

/* Lists are data of the caller: data/dateline/{keywords,domains}.txt. */
struct tt_dateline_lists {
    const struct tt_str *keywords; /* substrings of the host name */
    size_t keyword_count;
    const struct tt_str *domains; /* label-boundary suffixes of the host name */
    size_t domain_count;
};

struct tt_dateline {
    bool gated;          /* no base URL, or the vendor's own host: no mark at all */
    bool lab, known, tz; /* meaningless when gated */
    struct tt_str host;  /* as compared; in the buffer given to tt_dateline_classify; empty when the URL has none */
    const char *why;     /* static: which step decided */
};

/* What the rules of the WHATWG URL standard make of a base URL, as far as the mark looks at it. */
struct tt_dateline_url {
    bool parsed;   /* false: the standard refuses it */
    bool has_port; /* a port that is not the scheme's default: it belongs to "host", not to "hostname" */
};

/*
 * Puts the host name of url into host, which is cleared first; nothing when there is none.  A URL that does not parse is no
 * failure of the call.  TT_E_LIMIT for more than TT_URL_MAX bytes.
 */
enum tt_status tt_dateline_host(struct tt_str url, struct tt_buf *host, struct tt_dateline_url *out) TT_MUST_USE;

/*
 * Reads a list file: one name a line, blanks around it ignored, '#' starts a comment.  The names are slices of text.  Returns how
 * many there are; only the first max are stored.
 */
size_t tt_dateline_list(struct tt_str text, struct tt_str *names, size_t max);

/* 0-7 */
unsigned tt_dateline_value(const struct tt_dateline *d);

/*
 * Classifies base_url (WHATWG URL rules for http and https, as far as they decide the host) and zone (IANA name, compared
 * exactly).  base_url.ptr NULL means "not set".  host receives the host name.
 */
enum tt_status tt_dateline_classify(struct tt_str base_url, struct tt_str zone, const struct tt_dateline_lists *lists,
                                    struct tt_buf *host, struct tt_dateline *out) TT_MUST_USE;

/* Appends the sentence for date (YYYY-MM-DD; TT_E_USAGE when it is not one) to out. */
enum tt_status tt_dateline_encode(const struct tt_dateline *d, struct tt_str date, struct tt_buf *out,
                                  struct tt_error *err) TT_MUST_USE;

/* Symbols of a value: the apostrophe's code point and the separator. */
uint32_t tt_dateline_apostrophe(unsigned value);
uint32_t tt_dateline_separator(unsigned value);

/* The value of a pair of symbols, or -1 when the pair is none of the eight. */
int tt_dateline_decode(uint32_t apostrophe, uint32_t separator);

/* One date sentence found in a text. */
struct tt_dateline_site {
    size_t offset, length; /* the whole sentence, its full stop included where present */
    size_t apostrophe_at, apostrophe_length;
    uint32_t apostrophe;   /* code point */
    uint32_t separator[2]; /* code points */
    size_t separator_at[2];
    int value; /* 0-7, or -1: symbols outside the eight, or two different separators */
};

struct tt_date;

/*
 * Is date the date of such a sentence ("Today's date is D", "Today's date: D", "Today's date is now D")?  The apostrophe is any
 * of its look-alike class, or any other single sign.
 */
bool tt_dateline_read(struct tt_str text, const struct tt_date *date, struct tt_dateline_site *out);

/* What a value says about the host name and the time zone: "value 4: the host name contains a keyword; ..."; static. */
const char *tt_dateline_reading(unsigned value);

/* The two ways in which the symbols of a site can have come about.  Never one: no sentence proves that nothing was said. */
void tt_dateline_explain(const struct tt_dateline_site *site, const char *out[2]);

#endif
