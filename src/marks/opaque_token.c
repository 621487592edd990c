/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opaque tokens: identifiers in the part of a request that a client writes itself.
 *
 * Input: a string of a request.  Output: candidates, one of each type a document.  An identifier hides nothing, it is plain to see; what
 * it says about whom, only its issuer knows.  So presence is all that is said here: the type, the length, how much it can say and
 * whether its producer documents it.  What makes it change is a matter of several documents.
 *
 * Only system prompts, descriptions of tools, reminders in messages, and fields about the user are looked at.  What a tool
 * returned or a person wrote is full of hashes and ids that mean what they say; in prompts, too, hashes of commits and
 * files are left alone, and examples.
 */
#include "marks/channels.h"
#include "marks/context.h"
#include "marks/glance.h"

#include "base/limits.h"
#include "text/value.h"

#define RUN_MIN 16      /* characters of a run that is looked at */
#define HEX_MIN 16      /* hexadecimal digits of an identifier */
#define TOKEN_MIN 20    /* characters of one in base64url */
#define VARIETY_MIN 6   /* different characters; fewer are a placeholder */
#define WORDS_BEFORE 48 /* bytes in which a word says that the token is a hash or an example */
#define HEADER_NAME_MAX 64
#define HEADER_MAX 512 /* bytes of a header's values */

enum type { TYPE_HEADER, TYPE_UUID, TYPE_HEX, TYPE_TOKEN };

static const char *
type_name(enum type type)
{
    static const char *const names[] = {"header", "UUID", "hexadecimal digits", "base64url"};
    return names[type];
}

/* ---- where ---- */

/* Does a message begin with a block that clients put into it? */
static bool
is_reminder(struct tt_str text)
{
    static const struct tt_str blocks[] = {
        TT_STR_INIT("<system-reminder"), TT_STR_INIT("<environment"), TT_STR_INIT("<env>"),     TT_STR_INIT("<context"),
        TT_STR_INIT("<user_info"),       TT_STR_INIT("<system"),      TT_STR_INIT("<metadata"), TT_STR_INIT("<session"),
    };
    size_t pos = 0;
    while (pos < text.len && (text.ptr[pos] == ' ' || text.ptr[pos] == '\n')) {
        pos++;
    }
    for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
        if (tt_str_starts(tt_str_slice(text, pos, text.len), blocks[i])) {
            return true;
        }
    }
    return false;
}

bool
tt_glance_is_about_user(struct tt_str path)
{
    static const struct tt_str ends[] = {
        TT_STR_INIT(".user"),
        TT_STR_INIT(".safety_identifier"),
        TT_STR_INIT(".prompt_cache_key"),
        TT_STR_INIT(".user_id"),
    };
    const char *metadata = tt_str_find(path, TT_STR(".metadata."));
    for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
        if (tt_str_ends(path, ends[i])) {
            return true;
        }
    }
    return metadata != NULL;
}

/* Does the client write this string, rather than a person, a tool or the model? */
static bool
is_template(const struct tt_look *look, bool *user)
{
    const struct tt_field *field = look->field;
    *user = false;
    switch (tt_look_place(look)) {
    case TT_PLACE_SYSTEM:
    case TT_PLACE_TOOL: return true;
    case TT_PLACE_MESSAGE: return is_reminder(field->text);
    case TT_PLACE_METADATA: *user = tt_glance_is_about_user(field->path); return *user;
    default: return false;
    }
}

/* ---- how much ---- */

/* 256 * log2(x), for x > 0: whole bits, then one bit of the fraction with each squaring. */
static uint32_t
log2_256(uint32_t x)
{
    uint32_t whole = 31 - (uint32_t) __builtin_clz(x), result = whole << 8;
    uint64_t mantissa = ((uint64_t) x << 31) >> whole; /* 1 to 2, with 31 bits behind the point */
    for (uint32_t bit = 128; bit > 0; bit >>= 1) {
        mantissa = mantissa * mantissa >> 31;
        if (mantissa >> 32) {
            mantissa >>= 1;
            result += bit;
        }
    }
    return result;
}

/* Entropy of the characters by their frequency, in bits for the whole token; *variety says how many different ones. */
static uint32_t
measure(struct tt_str token, size_t *variety)
{
    uint32_t count[128] = {0};
    uint32_t n = (uint32_t) token.len;
    uint64_t sum = 0;
    *variety = 0;
    for (size_t i = 0; i < token.len; i++) {
        count[(unsigned char) token.ptr[i] & 0x7F]++;
    }
    for (size_t i = 0; i < 128; i++) {
        if (count[i] > 0) {
            *variety += 1;
            sum += (uint64_t) count[i] * log2_256(count[i]);
        }
    }
    return n > 0 ? (uint32_t) (((uint64_t) n * log2_256(n) - sum) >> 8) : 0;
}

/* Bits that the form leaves free. */
static uint32_t
capacity(enum type type, struct tt_str token)
{
    switch (type) {
    case TYPE_UUID: return token.ptr[14] == '7' ? 74 : 122; /* RFC 9562: version 7 begins with the time */
    case TYPE_HEX: return 4 * (uint32_t) token.len;
    default: return 6 * (uint32_t) token.len;
    }
}

/* ---- what ---- */

/* Does a word before the token say that it is a hash of content, or an example? */
static bool
is_explained(struct tt_str text, size_t pos)
{
    static const struct tt_str words[] = {
        TT_STR_INIT("commit"), TT_STR_INIT("commits"), TT_STR_INIT("sha"),       TT_STR_INIT("sha1"),    TT_STR_INIT("sha256"),
        TT_STR_INIT("sha512"), TT_STR_INIT("md5"),     TT_STR_INIT("hash"),      TT_STR_INIT("digest"),  TT_STR_INIT("checksum"),
        TT_STR_INIT("head"),   TT_STR_INIT("tree"),    TT_STR_INIT("revision"),  TT_STR_INIT("example"), TT_STR_INIT("e.g."),
        TT_STR_INIT("blob"),   TT_STR_INIT("parent"),  TT_STR_INIT("integrity"), TT_STR_INIT("like"),    TT_STR_INIT("such"),
    };
    size_t from = pos > WORDS_BEFORE ? pos - WORDS_BEFORE : 0;
    struct tt_span line = tt_context_line(text, pos);
    struct tt_str before = tt_str_slice(text, from > line.from ? from : line.from, pos);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (tt_context_has_word(before, words[i])) {
            return true;
        }
    }
    return false;
}

static void
report(struct tt_look *look, enum type type, size_t from, struct tt_str token, bool declared)
{
    struct tt_finding f;
    size_t variety;
    uint32_t entropy = measure(token, &variety);
    uint32_t bit = (uint32_t) 1 << type;
    if (*look->kept & bit) {
        return;
    }
    *look->kept |= bit;
    struct tt_str message = tt_look_text(look, type == TYPE_HEADER ? "a header inside a text" : "an identifier in a text",
                                         " that the client writes itself (", type_name(type), ")", NULL);
    tt_look_begin(look, &f, TT_CANDIDATE, from, token.len, message);
    tt_finding_add_text(&f, "value.type", tt_str_cstr(type_name(type)));
    tt_finding_add_number(&f, "value.length", (int64_t) token.len);
    tt_finding_add_number(&f, "bits", type == TYPE_HEADER ? entropy : capacity(type, token));
    tt_finding_add_number(&f, "entropy", entropy);
    tt_finding_add_fact(&f, "labels", TT_FACT_LIST, declared ? TT_STR("declared") : TT_STR("undeclared"));
    tt_look_report(look, &f);
}

/* The identifier that begins with the text, if one does: its length, else 0. */
static size_t
read_identifier(struct tt_str text, enum type *type)
{
    struct tt_value value;
    if (!tt_value_read(text, 0, &value)) {
        return 0;
    }
    switch (value.type) {
    case TT_VALUE_UUID: *type = TYPE_UUID; return value.length;
    case TT_VALUE_HEX: *type = TYPE_HEX; return value.length >= HEX_MIN ? value.length : 0;
    case TT_VALUE_TOKEN: *type = TYPE_TOKEN; return value.length >= TOKEN_MIN ? value.length : 0;
    default: return 0;
    }
}

static bool
is_run(unsigned char c)
{
    return tt_ascii_is_alnum(c) || c == '_' || c == '-';
}

/* Looks for identifiers at the places in a run at which one can begin: its start, and behind its signs. */
static void
judge_run(struct tt_look *look, size_t from, size_t to, bool user)
{
    struct tt_str text = look->field->text;
    for (size_t pos = from; to - pos >= RUN_MIN && pos < to; pos++) {
        enum type type;
        size_t variety;
        bool begins = pos == from || text.ptr[pos - 1] == '_' || text.ptr[pos - 1] == '-';
        size_t length = begins ? read_identifier(tt_str_slice(text, pos, to), &type) : 0;
        if (length == 0) {
            continue;
        }
        struct tt_str token = tt_str_slice(text, pos, pos + length);
        (void) measure(token, &variety);
        if (variety >= VARIETY_MIN && !is_explained(text, from)) {
            report(look, type, pos, token, user);
        }
        pos += length - 1;
    }
}

/* "x-name: value" at the start of a text, which begins with x-: a header that is written where text belongs.  One is documented by its producer's clients. */
static size_t
judge_header(struct tt_look *look)
{
    static const struct tt_str documented = TT_STR_INIT("x-anthropic-billing-header:");
    struct tt_str text = look->field->text;
    size_t end = 0;
    while (end < text.len && end < HEADER_NAME_MAX &&
           (tt_ascii_is_alnum((unsigned char) text.ptr[end]) || text.ptr[end] == '-')) {
        end++;
    }
    if (end == text.len || text.ptr[end] != ':') {
        return 0;
    }
    struct tt_str rest = tt_str_slice(text, 0, HEADER_MAX);
    const char *line_end = memchr(rest.ptr, '\n', rest.len);
    struct tt_str line = tt_str_slice(rest, 0, line_end ? (size_t) (line_end - rest.ptr) : rest.len);
    report(look, TYPE_HEADER, 0, line, tt_str_starts(text, documented));
    return line.len;
}

/* The first run at or behind *pos that is long enough.  Where the last character of a possible one is none, no run begins before it. */
static bool
find_run(struct tt_str text, size_t *pos, size_t *end)
{
    while (text.len - *pos >= RUN_MIN) {
        size_t at = *pos + RUN_MIN;
        while (at > *pos && is_run((unsigned char) text.ptr[at - 1])) {
            at--;
        }
        if (at == *pos) {
            *end = *pos + RUN_MIN;
            while (*end < text.len && is_run((unsigned char) text.ptr[*end])) {
                *end += 1;
            }
            return true;
        }
        *pos = at;
    }
    return false;
}

static bool
is_header_like(struct tt_str text)
{
    return tt_str_starts(text, TT_STR("x-")) || tt_str_starts(text, TT_STR("X-"));
}

bool
tt_glance_wants_tokens(enum tt_place place, bool about_user, struct tt_str raw)
{
    switch (place) {
    case TT_PLACE_SYSTEM:
    case TT_PLACE_TOOL: return true;
    case TT_PLACE_MESSAGE: return raw.len > 0 && strchr("< \\", raw.ptr[0]) != NULL; /* a reminder, also behind a line feed */
    case TT_PLACE_METADATA: return about_user;
    default: return false;
    }
}

bool
tt_glance_has_token(struct tt_str raw)
{
    size_t pos = 0, end;
    return is_header_like(raw) || find_run(raw, &pos, &end); /* the letter of an escape makes a run longer, never shorter */
}

static void
visit_field(struct tt_look *look)
{
    struct tt_str text = tt_str_slice(look->field->text, 0, TT_OPAQUE_FIELD_MAX);
    size_t pos = 0, end;
    bool user;
    bool header_like = is_header_like(text);
    /* Where the place is known it is asked first: it is dear to work out, and most texts have a run. */
    if (!look->field->in_json || (look->field->place && !is_template(look, &user)) ||
        !(header_like || find_run(text, &pos, &end)) || !is_template(look, &user)) {
        return;
    }
    size_t header = header_like ? judge_header(look) : 0;
    pos = pos > header ? pos : header;
    while (find_run(text, &pos, &end) && look->status == TT_OK) {
        judge_run(look, pos, end, user);
        pos = end;
    }
}

const struct tt_channel tt_channel_opaque_token = {
    .name = "opaque-token",
    .rule = "mark.opaque-token",
    .alphabet = "identifiers in templates: UUID, hexadecimal digits, base64url, headers inside text",
    .capacity = "74 to 122 bits a UUID, 4 bits a hexadecimal digit, 6 bits a character of base64url",
    .field_least = RUN_MIN,
    .visit_field = visit_field,
};
