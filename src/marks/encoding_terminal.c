/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminal output: text that a terminal does not show, and a program that reads the bytes does.
 *
 * Input: a control function in a field, read by text/terminal.c.  Output: findings.  Colours, cursor movements, titles, links and
 * the marks of shells are what terminal output is made of, and progress displays erase what they wrote; these are silent.
 * Not legitimate: concealed text, links without text or with the text of another host, strings that every terminal
 * ignores, writing to the clipboard, words that are erased at once, rows of functions without an effect.
 */
#include "marks/encoding.h"

#include "base/limits.h"
#include "marks/context.h"
#include "marks/run.h"
#include "text/terminal.h"

#define HIDDEN_MIN 4    /* letters that are more than a test of a terminal */
#define ERASED_MIN 12   /* letters of an erased text that was more than a counter */
#define TITLE_LONG 160  /* bytes; longer than a prompt's directory and command */
#define STRING_MIN 8    /* letters of a string that no terminal knows */
#define LOOK_AHEAD 2048 /* bytes in which concealed text or a link must end */
#define ROW 16          /* functions in a row without a character between */
#define PARAMETERS 32

/* ---- text between functions ---- */

/* What a terminal shows of from..to: letters, without the functions between. */
static size_t
count_shown(struct tt_str text, size_t from, size_t to)
{
    size_t n = 0;
    for (size_t pos = from; pos < to;) {
        struct tt_control control;
        struct tt_rune rune = tt_utf8_next(text, pos);
        if ((rune.cp == 0x1B || (rune.cp >= 0x80 && rune.cp < 0xA0)) && tt_control_read(text, pos, &control)) {
            pos = control.to;
            continue;
        }
        n += rune.len && (tt_char_is_letter(rune.cp) || tt_char(rune.cp)->digit >= 0);
        pos += rune.len ? rune.len : 1;
    }
    return n;
}

static size_t
line_end(struct tt_str text, size_t pos)
{
    size_t end = text.len - pos > LOOK_AHEAD ? pos + LOOK_AHEAD : text.len;
    const char *found = memchr(text.ptr + pos, '\n', end - pos);
    return found ? (size_t) (found - text.ptr) : end;
}

/* ---- colours ---- */

static bool
is_rendition(const struct tt_control *control)
{
    bool private = control->body.len > 0 && strchr("<=>?", control->body.ptr[0]);
    return control->kind == TT_CONTROL_SEQUENCE && control->final == 'm' && !private;
}

struct rendition {
    bool conceals, reveals, same_colours;
};

/* A colour's numbers from numbers[i] on, 38 or 48 first; how many there are. */
static size_t
colour_length(const unsigned *numbers, size_t i, size_t n)
{
    size_t length = i + 1 < n && numbers[i + 1] == 5 ? 3 : i + 1 < n && numbers[i + 1] == 2 ? 5 : 1;
    return i + length <= n ? length : n - i;
}

static struct rendition
read_rendition(const struct tt_control *control)
{
    unsigned numbers[PARAMETERS];
    struct rendition r = {0};
    size_t n = tt_control_numbers(control, numbers, PARAMETERS);
    size_t front = n, back = n, front_length = 0, back_length = 0;
    for (size_t i = 0, length = 1; i < n; i += length) {
        unsigned number = numbers[i];
        length = number == 38 || number == 48 || number == 58 ? colour_length(numbers, i, n) : 1;
        if (number == 38 || (number >= 30 && number <= 37) || (number >= 90 && number <= 97)) {
            front = i;
            front_length = length;
        } else if (number == 48 || (number >= 40 && number <= 47) || (number >= 100 && number <= 107)) {
            back = i;
            back_length = length;
        }
        r.conceals = r.conceals || number == 8;
        r.reveals = r.reveals || number == 0 || number == 28;
    }
    r.same_colours = front < n && back < n && front_length == back_length && numbers[front] + 10 == numbers[back] &&
                     memcmp(numbers + front + 1, numbers + back + 1, (front_length - 1) * sizeof(*numbers)) == 0;
    return r;
}

/* Where concealed text ends that begins at pos: at the next function that changes it, or at the line's end. */
static size_t
find_reveal(struct tt_str text, size_t pos, bool colours)
{
    size_t end = line_end(text, pos);
    while (pos < end) {
        struct tt_control control;
        const char *found = memchr(text.ptr + pos, 0x1B, end - pos);
        if (!found) {
            return end;
        }
        pos = (size_t) (found - text.ptr);
        if (tt_control_read(text, pos, &control) && is_rendition(&control) && (colours || read_rendition(&control).reveals)) {
            return pos;
        }
        pos++;
    }
    return end;
}

static void
judge_rendition(struct tt_look *look, const struct tt_control *control)
{
    struct tt_str text = look->field->text;
    struct rendition r = read_rendition(control);
    if (!r.conceals && !r.same_colours) {
        return;
    }
    size_t end = find_reveal(text, control->to, !r.conceals);
    size_t shown = count_shown(text, control->to, end);
    if (shown >= HIDDEN_MIN) {
        struct tt_str message = r.conceals ? TT_STR("text that a terminal conceals") : TT_STR("text in the colour of its ground");
        tt_encoding_report(look, TT_SUSPICIOUS, control->from, end, message, NULL);
    } else if (shown > 0 && r.conceals) {
        tt_encoding_report(look, TT_CANDIDATE, control->from, end, TT_STR("signs that a terminal conceals"), NULL);
    }
}

/* The symbols of a row of renditions: their number, if each has one; else which of them it is. */
static bool
read_row(struct tt_look *look, size_t from, size_t to, bool numbers, struct tt_symbols *out)
{
    struct tt_control control;
    *out = (struct tt_symbols) {.to = to};
    out->ptr = tt_arena_get(look->arena, ((to - from) / 3 + 1) * sizeof(*out->ptr)); /* ESC [ m is the shortest */
    if (!out->ptr) {
        look->status = TT_E_MEMORY;
        return false;
    }
    for (size_t pos = from; pos < to && out->n < TT_RUN_MAX && tt_control_read(look->field->text, pos, &control);
         pos = control.to) {
        unsigned number;
        uint32_t hash = 5381;
        for (size_t i = 0; i < control.body.len; i++) {
            hash = hash * 33 + (unsigned char) control.body.ptr[i];
        }
        (void) tt_control_numbers(&control, &number, 1);
        out->ptr[out->n++] = numbers ? number : hash;
    }
    return true;
}

/* Renditions without a character between: only the last of a kind has an effect, so many are a message or a fault. */
static void
judge_row(struct tt_look *look, size_t from, size_t to)
{
    struct tt_symbols kinds, values;
    struct tt_payload payload;
    if (!read_row(look, from, to, false, &kinds) || !read_row(look, from, to, true, &values)) {
        return;
    }
    if (tt_encoding_read_bits(look, &kinds, &payload) ||
        tt_encoding_read_bytes(look, &values, 0, "numbers of colours", &payload)) {
        tt_encoding_report(look, TT_CONFIRMED, from, to, TT_STR("colours without text carry readable text"), &payload);
    } else if (tt_run_variety(kinds.ptr, kinds.n) <= 4 && tt_encoding_is_varied(&kinds)) {
        tt_encoding_report(look, TT_SUSPICIOUS, from, to, TT_STR("a row of colours without text that could carry a message"),
                           NULL);
    }
}

/* Deals with the renditions that stand in a row from control on; where they end. */
static size_t
visit_renditions(struct tt_look *look, const struct tt_control *control)
{
    struct tt_control next = *control;
    size_t n = 0, to = control->from;
    do {
        judge_rendition(look, &next);
        to = next.to;
        n++;
    } while (tt_control_read(look->field->text, to, &next) && is_rendition(&next));
    if (n >= ROW) {
        judge_row(look, control->from, to);
    }
    return to;
}

/* ---- erasing ---- */

/* Where what a line shows begins. */
static size_t
shown_start(struct tt_str text, size_t pos)
{
    size_t least = pos > TT_CONTEXT_BYTES ? pos - TT_CONTEXT_BYTES : 0;
    while (pos > least && text.ptr[pos - 1] != '\n' && text.ptr[pos - 1] != '\r') {
        pos--;
    }
    return pos;
}

/* Do both begin with the same letters?  A counter that is written again does. */
static bool
is_rewritten(struct tt_str text, size_t erased, size_t pos)
{
    struct tt_control control;
    while (pos < text.len && (text.ptr[pos] == '\r' || text.ptr[pos] == '\n' || tt_control_read(text, pos, &control))) {
        pos = text.ptr[pos] == '\r' || text.ptr[pos] == '\n' ? pos + 1 : control.to;
    }
    while (erased < text.len && tt_control_read(text, erased, &control)) {
        erased = control.to;
    }
    struct tt_str old = tt_str_slice(text, erased, erased + 3);
    return pos == text.len || tt_str_starts(tt_str_slice(text, pos, text.len), old);
}

/* CSI 1 K and CSI 2 K behind text on their line. */
static void
judge_erasing(struct tt_look *look, const struct tt_control *control)
{
    unsigned number;
    struct tt_str text = look->field->text;
    (void) tt_control_numbers(control, &number, 1);
    if (number == 0) {
        return; /* what is to come, which nobody has written yet */
    }
    size_t from = shown_start(text, control->from);
    if (count_shown(text, from, control->from) >= ERASED_MIN && !is_rewritten(text, from, control->to)) {
        tt_encoding_report(look, TT_CANDIDATE, control->from, control->to, TT_STR("words that a terminal erases at once"), NULL);
    }
}

/* The place one character before pos on its line, or pos. */
static size_t
step_back(struct tt_str text, size_t pos)
{
    struct tt_rune rune = tt_utf8_prev(text, pos);
    return rune.len && rune.cp >= 0x20 && rune.cp != 0x7F ? pos - rune.len : pos;
}

/* Letters that are typed over one by one: how many, from the backspace at pos on.  Bold, underlined and accented ones are none. */
static size_t
count_overtyped(struct tt_str text, size_t pos)
{
    size_t n = 0;
    while (pos < text.len && text.ptr[pos] == '\b') {
        struct tt_rune before = tt_utf8_prev(text, pos), behind = tt_utf8_next(text, pos + 1);
        if (!tt_char_is_letter(before.cp) || !tt_char_is_letter(behind.cp) || before.cp == behind.cp) {
            break;
        }
        n++;
        pos += 1 + behind.len;
    }
    return n;
}

void
tt_encoding_erasing(struct tt_look *look, size_t pos)
{
    struct tt_str text = look->field->text;
    size_t to = pos, from = pos, n = 0;
    while (to < text.len && (text.ptr[to] == '\b' || text.ptr[to] == 0x7F)) {
        to++;
        n++;
    }
    for (size_t i = 0; i < n; i++) {
        from = step_back(text, from);
    }
    *look->done = to;
    size_t overtyped = n == 1 ? count_overtyped(text, pos) : 0;
    if (overtyped >= HIDDEN_MIN && tt_context_is_binary(text, from, pos + 2 * overtyped)) {
        return;
    }
    if (overtyped >= HIDDEN_MIN) {
        *look->done = pos + 2 * overtyped;
        tt_encoding_report(look, TT_SUSPICIOUS, from, pos + 2 * overtyped, TT_STR("letters that are typed over by others"), NULL);
        return;
    }
    size_t words = count_shown(text, from, pos);
    bool again = tt_str_starts(tt_str_slice(text, to, text.len), tt_str_slice(text, from, pos)); /* bold */
    if (n < HIDDEN_MIN || words < HIDDEN_MIN || again) {
        return;
    }
    bool sentence = words >= ERASED_MIN && memchr(text.ptr + from, ' ', pos - from);
    tt_encoding_report(look, sentence ? TT_SUSPICIOUS : TT_CANDIDATE, from, to, TT_STR("words that backspaces erase"), NULL);
}

/* ---- strings ---- */

/* The number before the first semicolon, and what follows it; -1 when there is none. */
static int
command_number(struct tt_str body, struct tt_str *rest)
{
    int number = 0;
    size_t i = 0;
    while (i < body.len && i < 6 && tt_ascii_is_digit((unsigned char) body.ptr[i])) {
        number = number * 10 + (body.ptr[i++] - '0');
    }
    *rest = tt_str_slice(body, i < body.len && body.ptr[i] == ';' ? i + 1 : i, body.len);
    return i > 0 && (i == body.len || body.ptr[i] == ';') ? number : -1;
}

/* The host of a URL, without user and port; or the whole, if it is none. */
static struct tt_str
host_of(struct tt_str url)
{
    size_t from = 0, to;
    for (size_t i = 0; i + 2 < url.len; i++) {
        if (memcmp(url.ptr + i, "://", 3) == 0) {
            from = i + 3;
            break;
        }
    }
    for (to = from; to < url.len && !strchr("/?#: \t", url.ptr[to]); to++) {
        if (url.ptr[to] == '@') {
            from = to + 1;
        }
    }
    return tt_str_slice(url, from, to);
}

/* Is shown the address of another host than the link's? */
static bool
is_other_host(struct tt_str shown, struct tt_str uri)
{
    bool address = tt_str_starts(shown, TT_STR("http://")) || tt_str_starts(shown, TT_STR("https://")) ||
                   tt_str_starts(shown, TT_STR("www."));
    struct tt_str a = host_of(shown), b = host_of(uri);
    struct tt_str www = TT_STR("www.");
    a = tt_str_starts(a, www) ? tt_str_slice(a, www.len, a.len) : a;
    b = tt_str_starts(b, www) ? tt_str_slice(b, www.len, b.len) : b;
    return address && !tt_str_eq(a, b);
}

/* OSC 8 ; parameters ; URI, then the text, then OSC 8 ; ; */
static void
judge_link(struct tt_look *look, const struct tt_control *control, struct tt_str rest)
{
    struct tt_str text = look->field->text;
    const char *semicolon = rest.len > 0 ? memchr(rest.ptr, ';', rest.len) : NULL;
    struct tt_str uri = semicolon ? tt_str_slice(rest, (size_t) (semicolon - rest.ptr) + 1, rest.len) : TT_STR("");
    if (uri.len == 0) {
        return;
    }
    size_t end = line_end(text, control->to), close = control->to;
    struct tt_control next = {0};
    while (close < end && !(tt_control_read(text, close, &next) && next.kind == TT_CONTROL_STRING)) {
        close++;
    }
    struct tt_str shown = tt_str_slice(text, control->to, close);
    if (close < end && shown.len == 0) {
        tt_encoding_report(look, TT_SUSPICIOUS, control->from, next.to, TT_STR("a link without a text to follow it by"), NULL);
    } else if (is_other_host(shown, uri)) {
        tt_encoding_report(look, TT_SUSPICIOUS, control->from, close, TT_STR("a link that shows the address of another host"),
                           NULL);
    }
}

static bool
is_known_command(int number)
{
    static const int known[] = {3, 4, 5, 6, 7, 9, 21, 22, 30, 66, 99, 133, 176, 440, 633, 697, 777, 888, 1337, 3008, 7770};
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (number == known[i]) {
            return true;
        }
    }
    return (number >= 10 && number <= 19) || (number >= 104 && number <= 119);
}

static void
judge_command(struct tt_look *look, const struct tt_control *control)
{
    struct tt_str rest;
    int number = command_number(control->body, &rest);
    if (number == 8) {
        judge_link(look, control, rest);
    } else if (number == 52 && !tt_str_ends(rest, TT_STR("?"))) {
        tt_encoding_report(look, TT_CANDIDATE, control->from, control->to, TT_STR("text that a terminal puts into the clipboard"),
                           NULL);
    } else if (number >= 0 && number <= 2) {
        if (rest.len > TITLE_LONG) {
            tt_encoding_report(look, TT_CANDIDATE, control->from, control->to, TT_STR("a long text in a window's title"), NULL);
        }
    } else if (!is_known_command(number) && !control->cut && tt_encoding_words(rest) >= STRING_MIN) {
        tt_encoding_report(look, TT_CANDIDATE, control->from, control->to, TT_STR("a text in a command that terminals ignore"),
                           NULL);
    }
}

/* DCS, APC, PM and SOS: the first two have uses by programs that say so at once. */
static void
judge_string(struct tt_look *look, const struct tt_control *control)
{
    struct tt_str body = control->body;
    bool device = control->final == 'P';
    bool graphics = control->final == '_' && (tt_str_starts(body, TT_STR("G")) || tt_str_starts(body, TT_STR("tmux;")));
    if (control->cut || graphics || tt_encoding_words(body) < (device ? STRING_MIN : HIDDEN_MIN)) {
        return;
    }
    size_t letter = 0;
    while (letter < body.len && !tt_ascii_is_alpha((unsigned char) body.ptr[letter]) && body.ptr[letter] != '{') {
        letter++;
    }
    bool command =
        letter < body.len && strchr("qprstuz{|", tt_ascii_lower(body.ptr[letter])) && (letter > 0 || body.ptr[0] != 't');
    if (device && (command || tt_str_starts(body, TT_STR("tmux;")))) {
        return;
    }
    tt_encoding_report(look, device ? TT_CANDIDATE : TT_SUSPICIOUS, control->from, control->to,
                       TT_STR("a text in a control string that terminals ignore"), NULL);
}

/*
 * Can the body be that of a control string?  ECMA-48, section 5.6, admits 08 to 0D and 20 to 7E; programs send other characters too, but no controls.  What holds
 * them are bytes that begin one by chance.
 */
static bool
is_body(struct tt_str body)
{
    for (size_t i = 0; i < body.len; i++) {
        unsigned char c = (unsigned char) body.ptr[i];
        bool c1 = c == 0xC2 && i + 1 < body.len && (unsigned char) body.ptr[i + 1] < 0xA0;
        if (c1 || (c < 0x20 && c != 0x1B && (c < 0x08 || c > 0x0D))) { /* tmux doubles the ESC of what it passes on */
            return false;
        }
    }
    return true;
}

bool
tt_encoding_terminal(struct tt_look *look, size_t pos)
{
    struct tt_control control;
    struct tt_str text = look->field->text;
    uint32_t here = tt_utf8_next(text, pos).cp, before = tt_utf8_prev(text, pos).cp;
    if ((here != 0x1B && (here < 0x80 || here >= 0xA0)) || !tt_control_read(text, pos, &control)) {
        return false;
    }
    /* A C1 control is mostly a byte of another character that was read by a wrong table. */
    if (here != 0x1B && (control.cut || (before >= 0x80 && before <= 0xF4))) {
        return false;
    }
    *look->done = control.to;
    if (control.kind == TT_CONTROL_STRING && (!is_body(control.body) || tt_context_is_binary(text, pos, control.to))) {
        return true;
    }
    if (is_rendition(&control)) {
        *look->done = visit_renditions(look, &control);
    } else if (control.kind == TT_CONTROL_SEQUENCE && control.final == 'K') {
        judge_erasing(look, &control);
    } else if (control.kind == TT_CONTROL_STRING && control.final == ']') {
        judge_command(look, &control);
    } else if (control.kind == TT_CONTROL_STRING) {
        judge_string(look, &control);
    }
    return true;
}
