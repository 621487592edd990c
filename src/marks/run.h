/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the hidden-run channels and their decoders share.
 *
 * First part: bytes, bits and UTF-16 units that a decoder collects.  Second part: runs of hidden characters in a field, how a
 * channel judges them, and how they are reported.  Private to src/marks.
 */
#ifndef TT_MARKS_RUN_H
#define TT_MARKS_RUN_H

#include "marks/channel.h"
#include "marks/payload.h"

/* ---- for decoders ---- */

/* Number of elements of a fixed alphabet. */
#define TT_RUN_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Place of cp in the alphabet, or -1. */
int tt_run_digit(const uint32_t *alphabet, size_t count, uint32_t cp);

/* Is every symbol in the alphabet?  False for no symbols at all. */
bool tt_run_covered(const uint32_t *symbols, size_t n, const uint32_t *alphabet, size_t count);

/* Decoded bytes in the arena.  What does not fit is dropped: a decoder asks for enough, so only hostile expansion is cut. */
struct tt_run_bytes {
    unsigned char *ptr;
    size_t len, cap;
    uint32_t acc;  /* bits that do not make a byte yet */
    unsigned held; /* how many, 0-7 */
    uint32_t high; /* a high surrogate that waits for its low one, or 0 */
    bool bad;      /* a value that is no character was added */
};

enum tt_status tt_run_bytes_init(struct tt_run_bytes *bytes, struct tt_arena *arena, size_t cap) TT_MUST_USE;
void tt_run_add_byte(struct tt_run_bytes *bytes, unsigned byte);

/* Adds the low count (1-8) bits of value, most significant first. */
void tt_run_add_bits(struct tt_run_bytes *bytes, uint32_t value, unsigned count);

/* Adds a code point as UTF-8 / a UTF-16 unit of such text.  Sets bad for what is no scalar value or pair. */
void tt_run_add_point(struct tt_run_bytes *bytes, uint32_t cp);
void tt_run_add_unit(struct tt_run_bytes *bytes, uint32_t unit);

/* Completes a payload from collected bytes: grade, and the first TT_DECODED_MAX bytes.  Nothing collected or bad: grade NONE. */
void tt_run_finish(struct tt_payload *out, const char *format, struct tt_run_bytes *bytes);

/*
 * As above for a run that does not end on a whole unit: something is cut off or the format is another one, so that a text
 * must be longer to be believed.
 */
void tt_run_finish_cut(struct tt_payload *out, const char *format, struct tt_run_bytes *bytes);

/*
 * Takes back the grade TEXT where the format makes readable text too easy: keeps it for least characters or more, of which
 * percent or more are ASCII letters, digits or blanks.
 */
void tt_run_demand_words(struct tt_payload *out, size_t least, size_t percent);

/* The same for UTF-16, in which almost half of all noise is an ideograph: text that is not mostly ASCII must be longer. */
void tt_run_demand_units(struct tt_payload *out);

/*
 * The same for a run that uses fewer than least different symbols: it is of a smaller alphabet, and its values here lie in a
 * narrow range, which is letters or ideographs far too often.
 */
void tt_run_demand_digits(struct tt_payload *out, const uint32_t *symbols, size_t n, size_t least);

/* How many different symbols there are; counting stops at 16. */
size_t tt_run_variety(const uint32_t *symbols, size_t n);

/* ---- for channels ---- */

/* Neighbouring hidden characters in a field's text. */
struct tt_run {
    size_t from, to; /* bytes */
    size_t count;    /* characters */
    uint32_t first;  /* the first of them */
    bool tail;       /* a part of it belongs to an earlier window, which has reported it */
    bool crowded;    /* one of so many that it is not asked whether the text is about them */
};

enum tt_judgement {
    TT_JUDGE_LEGITIMATE,
    TT_JUDGE_SHOWN,   /* what the text is about: valid but unusual, and not counted with others */
    TT_JUDGE_COMPANY, /* a matter of another channel, unless it is part of a message with characters of this one */
    TT_JUDGE_HABIT,   /* typing noise of a script that uses joiners; not counted with others */
    TT_JUDGE_UNUSUAL, /* valid but unusual */
    TT_JUDGE_BROKEN,  /* breaks a rule of legitimate use */
};

struct tt_verdict {
    enum tt_judgement judgement;
    const char *why; /* static; follows the character's name in a message */
    bool quiet;      /* unusual and yet of no interest by itself: it is read together with others, and a few are not reported */
};

/* How one channel treats its hidden characters. */
struct tt_run_kind {
    uint32_t flags;  /* of the characters that make a run */
    size_t alone;    /* a broken run of so many characters is reported by itself ... */
    size_t together; /* ... shorter ones together, when a field has so many odd characters */
    unsigned bits;   /* capacity of a character; 0: by the number of different ones */
    bool single;     /* what is spread over a text is one character at each place, else it is not read together */
    const char *noun;
    struct tt_verdict (*judge)(const struct tt_field *field, const struct tt_run *run);
    /*
     * Looks at habits in their neighbourhood; true when it has dealt with the run.  May be NULL.  The channel's kept word is not zero
     * when a legitimate run was met in the document.
     */
    bool (*habit)(struct tt_look *look, const struct tt_run *run);
    /* The same for an unusual or broken run that could not be read with its line. */
    bool (*odd)(struct tt_look *look, const struct tt_run *run);
};

/* Where the text begins: behind the byte order mark of a file, which belongs to no run. */
size_t tt_run_text_start(const struct tt_field *field);

/* Does the run stand in a row of characters of which none comes twice, as tables of character sets have them? */
bool tt_run_is_in_table(struct tt_str text, const struct tt_run *run);

/* The maximal run of characters with flags around pos, where one of them stands. */
struct tt_run tt_run_at(const struct tt_field *field, size_t pos, uint32_t flags);

/* The first run that starts in from..to; count 0 when there is none. */
struct tt_run tt_run_next(const struct tt_field *field, size_t from, size_t to, uint32_t flags);

/*
 * Where reading of a line begins whose first odd character stands at pos: symbols before that one may be legitimate by chance, as at
 * the start of a line or beside another script, but they are part of a message.
 */
size_t tt_run_line_start(const struct tt_field *field, size_t pos);

/* End of the line in which pos stands, or of the part of the field that is searched. */
size_t tt_run_line_end(const struct tt_field *field, size_t pos);

/* The hidden characters of from..to, at most TT_RUN_MAX; NULL when memory is out (look->status says so). */
uint32_t *tt_run_symbols(struct tt_look *look, size_t from, size_t to, uint32_t flags, size_t *n);

/* Name of a hidden character in lower case, "variation selector" and so on; static. */
const char *tt_run_name(uint32_t cp);

/*
 * Does the line hold the run's own code or name, and does the run stand alone there?  Tables about characters show them so.
 * Or does source code list it by escapes?
 */
bool tt_run_is_quoted(const struct tt_field *field, const struct tt_run *run);

/*
 * Is the run shown for its own sake, without a name beside it: alone in quotes, in a cell, in a JSON string, or listed in a
 * character class or alternative of a pattern, each character once?
 */
bool tt_run_is_shown(const struct tt_field *field, const struct tt_run *run);

/* The verdict on a run by its neighbours, unless the text is about it. */
struct tt_verdict tt_run_unless_shown(const struct tt_field *field, const struct tt_run *run, struct tt_verdict verdict);

/* What a report rests on. */
struct tt_run_evidence {
    struct tt_run run;       /* where it is shown */
    size_t to;               /* end of the last character that it rests on */
    const uint32_t *symbols; /* what was read, in order */
    size_t n;
    size_t total; /* characters there are, also beyond TT_RUN_MAX */
    const char *why;
    struct tt_readings readings;
};

/* Reports: TT_CONFIRMED when it can be read, else TT_SUSPICIOUS. */
void tt_run_report(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_run_evidence *e);

/* Reports a use that is valid but unusual, unless it is quiet. */
void tt_run_report_unusual(struct tt_look *look, const struct tt_run *run, struct tt_verdict verdict);

/* Reads e->symbols into e->readings; true when they say something.  A failure is left in look->status. */
bool tt_run_read(struct tt_look *look, struct tt_run_evidence *e);

/*
 * Deals with every run that starts in from..to, all in one visit.  skip_short: short odd runs have been reported together.
 */
void tt_run_sweep(struct tt_look *look, const struct tt_run_kind *kind, size_t from, size_t to, bool skip_short);

/*
 * Are there so many characters like the one at pos, each alone at a place that is_site accepts, in one line from pos on?  Then
 * their presence or absence could be bits: reports them together and is done with the line.
 */
struct tt_crowd {
    uint32_t flags; /* of the characters */
    bool (*is_site)(const struct tt_field *field, const struct tt_run *run);
    size_t least;
    const char *why;
};
bool tt_run_crowd(struct tt_look *look, const struct tt_run_kind *kind, const struct tt_crowd *crowd, size_t pos);

/* What visit() of a hidden-run channel does. */
void tt_run_visit(struct tt_look *look, const struct tt_run_kind *kind, size_t pos);

#endif
