/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the fields of a document to template sites; see sites.h.
 *
 * A field is cut into sentences.  The identity of a site is a hash of the place, the path with its indices left out, the
 * template and its ordinal in the document.  Templates with few words are passed over: they are equal by chance.
 */
#include "base/hash.h"
#include "marks/sites.h"
#include "marks/template.h"

/* A sentence of fewer letters or words says too little to be known again. */
#define LETTERS_MIN 12
#define WORDS_MIN 3

#define NAMES_SIZE ((TT_JSON_DEPTH_MAX + 1) * sizeof(struct tt_site_names))

#define ORDER_MIN 3 /* sentences that have an order worth a look */

/* Hashes never leave the process; fixed keys keep runs alike, and a collision is found out before it is reported. */
static uint64_t
hash(struct tt_str bytes)
{
    return tt_hash64(0x74656c6c74616c65, 0x7369746573, bytes);
}

/* Of hashes and small numbers; the order counts. */
static uint64_t
mix(uint64_t a, uint64_t b)
{
    uint64_t x = (a ^ (a >> 32)) * 0x9E3779B97F4A7C15 + b;
    x = (x ^ (x >> 29)) * 0xBF58476D1CE4E5B9;
    return x ^ (x >> 32);
}

enum tt_status
tt_site_reader_init(struct tt_site_reader *reader, const struct tt_alloc *alloc)
{
    *reader = (struct tt_site_reader) {0};
    tt_buf_init(&reader->fold, alloc, 8 * TT_SITE_SENTENCE_MAX);
    tt_buf_init(&reader->form, alloc, 8 * TT_SITE_SENTENCE_MAX);
    tt_buf_init(&reader->key, alloc, TT_JSON_PATH_MAX + 8);
    reader->names = tt_alloc_new(alloc, NAMES_SIZE);
    return reader->names ? TT_OK : TT_E_MEMORY;
}

void
tt_site_reader_free(struct tt_site_reader *reader)
{
    tt_buf_free(&reader->fold);
    tt_buf_free(&reader->form);
    if (reader->names) {
        tt_alloc_free(reader->key.alloc, reader->names, NAMES_SIZE);
    }
    tt_buf_free(&reader->key);
}

/* "$.messages[*].content": the same place in every document. */
static uint64_t
hash_place(struct tt_site_reader *reader, struct tt_str path, enum tt_place place)
{
    tt_buf_clear(&reader->key);
    tt_buf_add_char(&reader->key, (char) place);
    for (size_t i = 0; i < path.len;) {
        const char *open = memchr(path.ptr + i, '[', path.len - i);
        size_t at = open ? (size_t) (open - path.ptr) + 1 : path.len;
        tt_buf_add(&reader->key, tt_str_slice(path, i, at));
        const char *close = open ? memchr(path.ptr + at, ']', path.len - at) : NULL;
        i = close ? (size_t) (close - path.ptr) : path.len;
    }
    return hash(tt_buf_str(&reader->key));
}

void
tt_site_reader_begin(struct tt_site_reader *reader)
{
    reader->document++;
    reader->order_sum = reader->order_chain = 0;
    reader->order_count = 0;
    reader->held_count = reader->tries = 0;
    reader->request = false;
}

void
tt_site_reader_object(struct tt_site_reader *reader, uint32_t depth)
{
    struct tt_site_names *names = &reader->names[depth];
    names->sum = names->chain = names->met = 0;
    names->count = names->length = 0;
    tt_site_layout_begin(&names->layout, depth > 1 ? &reader->names[depth - 1].layout : NULL);
}

/* Keeps the hash of one of the first names; true when it is there already. */
static bool
is_there(struct tt_site_names *names, uint64_t h)
{
    uint64_t bit = (uint64_t) 1 << (h & 63);
    uint32_t kept = (uint32_t) (h >> 32);
    for (uint32_t i = 0; names->met & bit && i < names->count && i < TT_SITE_NAMES_UNIQUE; i++) {
        if (names->hash[i] == kept) {
            return true;
        }
    }
    if (names->count < TT_SITE_NAMES_UNIQUE) {
        names->hash[names->count] = kept;
        names->met |= bit;
    }
    return false;
}

/* Adds a name, which is the same as another that has the same key. */
static void
add_name(struct tt_site_names *names, struct tt_str name, uint64_t h, uint64_t key)
{
    names->sum += key;
    names->chain = (names->chain ^ h) * 0x9E3779B97F4A7C15 + names->count;
    names->count++;
    if (name.len + 2 <= sizeof(names->text) - names->length) {
        memcpy(names->text + names->length, name.ptr, name.len);
        memcpy(names->text + names->length + name.len, ", ", 2);
        names->length += (uint32_t) name.len + 2;
    }
}

bool
tt_site_reader_name(struct tt_site_reader *reader, uint32_t depth, struct tt_str name)
{
    struct tt_site_names *names = &reader->names[depth];
    uint64_t h = hash(name);
    bool twice = is_there(names, h);
    add_name(names, name, h, h);
    return twice;
}

/* Names of headers are the same in any case (RFC 9110, section 5.1); longer ones than any in use are left out. */
void
tt_site_reader_header(struct tt_site_reader *reader, struct tt_str name)
{
    char folded[128];
    if (name.len > sizeof(folded)) {
        return;
    }
    for (size_t i = 0; i < name.len; i++) {
        folded[i] = (char) tt_ascii_lower((unsigned char) name.ptr[i]);
    }
    add_name(&reader->headers, name, hash(name), hash(tt_str_make(folded, name.len)));
}

enum tt_status
tt_site_reader_headers_end(struct tt_site_reader *reader, tt_site_fn *seen, void *ctx)
{
    struct tt_site_names *names = &reader->headers;
    struct tt_site_seen headers = {
        .kind = TT_SITE_HEADERS,
        .site = mix(mix(hash(TT_STR("headers")), names->count), names->sum),
        .form = names->chain,
        .sample = tt_str_make(names->text, names->length > 2 ? names->length - 2 : 0),
    };
    bool some = names->count > 1;
    reader->requests += some;
    names->sum = names->chain = 0;
    names->count = names->length = 0;
    return some ? seen(ctx, &headers) : TT_OK;
}

/* Keeps seen for the end of the document, by which it may have turned out to be a request. */
static void
hold(struct tt_site_reader *reader, const struct tt_site_seen *seen)
{
    struct tt_site_held *held = reader->held;
    for (size_t i = 0; i < reader->held_count; i++) {
        if (held[i].site == seen->site && held[i].form == seen->form && held[i].kind == seen->kind) {
            return;
        }
    }
    if (reader->held_count < TT_SITE_HELD) {
        held += reader->held_count++;
        held->kind = seen->kind;
        held->site = seen->site;
        held->form = seen->form;
        held->length = seen->sample.len < sizeof(held->text) ? seen->sample.len : sizeof(held->text);
        memcpy(held->text, seen->sample.ptr, held->length);
    }
}

static enum tt_status
see_or_hold(struct tt_site_reader *reader, const struct tt_site_seen *seen, tt_site_fn *take, void *ctx)
{
    if (reader->request) {
        return take(ctx, seen);
    }
    hold(reader, seen);
    return TT_OK;
}

static enum tt_status
see_held(const struct tt_site_reader *reader, tt_site_fn *seen, void *ctx)
{
    for (size_t i = 0; i < reader->held_count; i++) {
        const struct tt_site_held *held = &reader->held[i];
        const struct tt_site_seen past = {
            .kind = held->kind,
            .site = held->site,
            .form = held->form,
            .sample = tt_str_make(held->text, held->length),
        };
        TT_TRY(seen(ctx, &past));
    }
    return TT_OK;
}

/* "temperature: 1.0", of a path that ends with that name. */
static struct tt_str
describe(struct tt_str path, struct tt_str what, char out[TT_SITE_NAMES_TEXT])
{
    size_t from = path.len;
    while (from > 0 && path.ptr[from - 1] != '.') {
        from--;
    }
    size_t name = path.len - from;
    if (name + 2 + what.len > TT_SITE_NAMES_TEXT) {
        return tt_str_slice(what, 0, TT_SITE_NAMES_TEXT);
    }
    memcpy(out, path.ptr + from, name);
    memcpy(out + name, ": ", 2);
    memcpy(out + name + 2, what.ptr, what.len);
    return tt_str_make(out, name + 2 + what.len);
}

enum tt_status
tt_site_reader_object_end(struct tt_site_reader *reader, uint32_t depth, struct tt_str path, tt_site_fn *seen, void *ctx)
{
    const struct tt_site_names *names = &reader->names[depth];
    struct tt_site_seen blanks = {.kind = TT_SITE_BLANKS};
    char text[TT_SITE_NAMES_TEXT];
    bool laid_out = tt_site_layout_form(&names->layout, &blanks.form, &blanks.sample);
    if ((names->count < 2 && !laid_out) || (!reader->request && reader->tries++ >= TT_SITE_TRIES)) {
        return TT_OK;
    }
    uint64_t place = hash_place(reader, path, TT_PLACE_METADATA);
    const struct tt_site_seen order = {
        .kind = TT_SITE_JSON,
        .site = mix(mix(place, names->count), names->sum),
        .form = names->chain,
        .sample = tt_str_make(names->text, names->length > 2 ? names->length - 2 : 0),
    };
    if (reader->key.status == TT_E_MEMORY) {
        return TT_E_MEMORY;
    }
    if (names->count > 1) {
        TT_TRY(see_or_hold(reader, &order, seen, ctx));
    }
    if (!laid_out) {
        return TT_OK;
    }
    blanks.site = mix(place, names->layout.around);
    blanks.sample = describe(path, blanks.sample, text);
    return see_or_hold(reader, &blanks, seen, ctx);
}

void
tt_site_reader_gap(struct tt_site_reader *reader, uint32_t depth, const struct tt_str *gap, bool closes)
{
    struct tt_site_layout *layout = &reader->names[depth].layout;
    if (gap) {
        tt_site_layout_gap(layout, *gap, closes);
    } else {
        layout->lost = true;
    }
}

enum tt_status
tt_site_reader_number(struct tt_site_reader *reader, uint32_t depth, struct tt_str path, struct tt_str number)
{
    uint64_t key;
    char text[TT_SITE_NAMES_TEXT];
    struct tt_site_seen seen = {.kind = TT_SITE_NUMBER};
    if (reader->tries++ >= TT_SITE_TRIES || !tt_site_number_read(number, &key, &seen.form)) {
        return TT_OK;
    }
    uint64_t place = hash_place(reader, path, TT_PLACE_METADATA);
    seen.site = mix(mix(place, key), reader->names[depth].layout.colon);
    seen.sample = describe(path, number, text);
    hold(reader, &seen);
    return reader->key.status == TT_E_MEMORY ? TT_E_MEMORY : TT_OK;
}

/* Choices of escapes that the document makes one way throughout, as its writer does; of one that lays out alike and sends the same names. */
static enum tt_status
see_escapes(const struct tt_site_reader *reader, const struct tt_json_form *form, tt_site_fn *seen, void *ctx)
{
    const struct tt_site_names *root = &reader->names[1];
    for (size_t i = 0; i < TT_JSON_CHOICES; i++) {
        int spelling = tt_json_form_spelling(form, (enum tt_json_choice) i);
        if (spelling < 0) {
            continue;
        }
        const struct tt_site_seen escapes = {
            .kind = TT_SITE_ESCAPES,
            .site = mix(mix(root->sum, i), root->layout.colon),
            .form = (uint64_t) spelling,
            .sample = tt_str_cstr(tt_json_form_spelling_name((enum tt_json_choice) i, spelling)),
        };
        TT_TRY(seen(ctx, &escapes));
    }
    return TT_OK;
}

/* The n-th use of the template in this document, from 0.  Templates that share a place in the table share their count. */
static uint32_t
count_use(struct tt_site_reader *reader, uint64_t template)
{
    struct tt_site_count *c = &reader->counts[template % TT_SITE_COUNTS];
    if (c->template != template || c->document != reader->document) {
        *c = (struct tt_site_count) {template, reader->document, 0};
    }
    return c->n++;
}

static bool
ends_sentence(struct tt_str text, size_t i)
{
    char c = text.ptr[i];
    return (c == '.' || c == '!' || c == '?') && i + 1 < text.len && text.ptr[i + 1] == ' ';
}

/* The end of the sentence that begins at pos. */
static size_t
sentence_end(struct tt_str text, size_t pos)
{
    size_t end = pos;
    size_t limit = text.len - pos < TT_SITE_SENTENCE_MAX ? text.len : pos + TT_SITE_SENTENCE_MAX;
    for (; end < limit; end++) {
        if (text.ptr[end] == '\n') {
            return end;
        }
        if (ends_sentence(text, end)) {
            return end + 1;
        }
    }
    while (end < text.len && end > pos && ((unsigned char) text.ptr[end] & 0xC0) == 0x80) {
        end--;
    }
    return end;
}

static bool
is_ascii_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One field at work.  The last three sentences tell what stands between two others. */
struct pass {
    struct tt_site_reader *reader;
    struct tt_str text;
    uint64_t place;
    bool ours; /* nobody but the client writes there */
    tt_site_fn *seen;
    void *ctx;
    uint64_t form[3];
    size_t offset[3], length[3];
    size_t count;
};

static enum tt_status
see_wording(struct pass *pass, const struct tt_site_seen *seen)
{
    for (size_t i = 0; i < 2; i++) {
        pass->form[i] = pass->form[i + 1];
        pass->offset[i] = pass->offset[i + 1];
        pass->length[i] = pass->length[i + 1];
    }
    pass->form[2] = seen->site;
    pass->offset[2] = seen->offset;
    pass->length[2] = seen->length;
    if (++pass->count < 3) {
        return TT_OK;
    }
    struct tt_site_seen wording = {
        .kind = TT_SITE_WORDING,
        .site = mix(mix(pass->place, pass->form[0]), pass->form[2]),
        .form = pass->form[1],
        .offset = pass->offset[1],
        .length = pass->length[1],
        .sample = tt_str_slice(pass->text, pass->offset[1], pass->offset[1] + pass->length[1]),
    };
    return pass->seen(pass->ctx, &wording);
}

static void
see_order(struct tt_site_reader *reader, uint64_t site)
{
    reader->order_sum += site;
    reader->order_chain = mix(reader->order_chain, site);
    reader->order_count++;
}

/* Which of two neighbours comes first?  The order of the whole says nothing where one sentence of it holds an open value. */
static enum tt_status
see_neighbours(struct pass *pass)
{
    if (pass->count < 2) {
        return TT_OK;
    }
    uint64_t a = pass->form[1], b = pass->form[2];
    struct tt_site_seen order = {
        .kind = TT_SITE_ORDER,
        .site = mix(pass->place, a < b ? mix(a, b) : mix(b, a)),
        .form = a < b,
        .offset = pass->offset[1],
        .length = pass->length[1],
        .sample = tt_str_slice(pass->text, pass->offset[1], pass->offset[1] + pass->length[1]),
    };
    return pass->seen(pass->ctx, &order);
}

static enum tt_status
see_sentence(struct pass *pass, size_t from, size_t to)
{
    struct tt_site_reader *reader = pass->reader;
    struct tt_str sentence = tt_str_slice(pass->text, from, to);
    tt_buf_clear(&reader->fold);
    tt_buf_clear(&reader->form);
    struct tt_template template = tt_template_add(sentence, &reader->fold, &reader->form);
    if (reader->fold.status == TT_E_MEMORY || reader->form.status == TT_E_MEMORY) {
        return TT_E_MEMORY;
    }
    if (template.letters < LETTERS_MIN || template.words < WORDS_MIN) {
        return TT_OK;
    }
    uint64_t fold = mix(pass->place, hash(tt_buf_str(&reader->fold)));
    struct tt_site_seen seen = {
        .kind = TT_SITE_LOOK,
        .shared = !pass->ours,
        .site = mix(fold, count_use(reader, fold)),
        .form = hash(tt_buf_str(&reader->form)),
        .offset = from,
        .length = to - from,
        .sample = sentence,
    };
    TT_TRY(pass->seen(pass->ctx, &seen));
    if (!pass->ours) {
        return TT_OK;
    }
    see_order(reader, seen.site);
    TT_TRY(see_wording(pass, &seen));
    return see_neighbours(pass);
}

/* Text that the client composed, or that a user's message carries; not what a model or a tool said. */
static bool
may_hold_template(const struct tt_site_reader *reader, const struct tt_field *field, enum tt_place place)
{
    if (place == TT_PLACE_PLAIN) {
        return reader->any_text;
    }
    if (place == TT_PLACE_MESSAGE) {
        return !tt_str_eq(field->role, TT_STR("assistant")) && !tt_str_eq(field->role, TT_STR("model"));
    }
    return place == TT_PLACE_SYSTEM || place == TT_PLACE_TOOL;
}

/* Blanks at the end of a line are a form of its last sentence; a carriage return is not. */
static size_t
with_trailing_blanks(struct tt_str text, size_t to, size_t end)
{
    size_t blanks = to;
    while (blanks < text.len && (text.ptr[blanks] == ' ' || text.ptr[blanks] == '\t')) {
        blanks++;
    }
    bool line_end = blanks == text.len || text.ptr[blanks] == '\n' || text.ptr[blanks] == '\r';
    return line_end && end - to < TT_SITE_SENTENCE_MAX ? blanks : to;
}

/* The sentences of the text from pos on, without the blanks around them. */
static enum tt_status
see_sentences(struct pass *pass, size_t pos)
{
    struct tt_str text = pass->text;
    while (pos < text.len) {
        size_t end = sentence_end(text, pos);
        size_t from = pos, to = end;
        while (from < to && is_ascii_blank(text.ptr[from])) {
            from++;
        }
        while (to > from && is_ascii_blank(text.ptr[to - 1])) {
            to--;
        }
        to = from < to ? with_trailing_blanks(text, to, end) : to;
        if (from < to) {
            TT_TRY(see_sentence(pass, from, to));
        }
        pos = end > pos ? end : pos + 1;
    }
    return TT_OK;
}

enum tt_status
tt_site_reader_field(struct tt_site_reader *reader, const struct tt_field *field, tt_site_fn *seen, void *ctx)
{
    enum tt_place place = field->in_json ? tt_place_of(field->path, field->role, field->type) : TT_PLACE_PLAIN;
    if (!may_hold_template(reader, field, place)) {
        return TT_OK;
    }
    reader->request = reader->request || place != TT_PLACE_PLAIN;
    struct pass pass = {
        .reader = reader,
        .text = tt_str_slice(field->text, 0, field->to),
        .place = hash_place(reader, field->path, place),
        .ours = place != TT_PLACE_MESSAGE,
        .seen = seen,
        .ctx = ctx,
    };
    return reader->key.status == TT_E_MEMORY ? TT_E_MEMORY : see_sentences(&pass, field->from);
}

enum tt_status
tt_site_reader_end(struct tt_site_reader *reader, const struct tt_json_form *form, tt_site_fn *seen, void *ctx)
{
    if (reader->request) {
        TT_TRY(see_held(reader, seen, ctx));
        TT_TRY(form ? see_escapes(reader, form, seen, ctx) : TT_OK);
    }
    if (reader->order_count < ORDER_MIN) {
        return TT_OK;
    }
    struct tt_site_seen order = {
        .kind = TT_SITE_ORDER,
        .site = mix(reader->order_sum, reader->order_count),
        .form = reader->order_chain,
    };
    return seen(ctx, &order);
}
