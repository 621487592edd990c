/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions of learned sites; see learned.h, and docs/internals/learned.md for the form.
 *
 * In: the bytes of a description.  Out: sites in the set's arena, ready to be looked for.  The tree of the file lives in an arena of its own
 * until the file is taken or refused; a refused one leaves the set as it was, but for memory.
 */
#include "base/hash.h"
#include "finding/writer.h"
#include "marks/learned.h"
#include "marks/learned_anchor.h"
#include "text/visible.h"
#include "json/node.h"
#include "json/string.h"

#define MEANINGS_SHOWN 3
#define SHOWN_MAX (4 * TT_KIB)

struct file {
    struct tt_learned *learned;
    struct tt_str bytes;
    struct tt_error *err;
    struct tt_str client;
    size_t count; /* of the set's sites and the file's so far */
};

static const char *const file_keys[] = {"telltale_sites", "client", "sites", NULL};
static const char *const client_keys[] = {"name", "version", NULL};
static const char *const site_keys[] = {"id",   "class", "request", "path",     "before",   "after",
                                        "bits", "open",  "factors", "spelling", "alphabet", NULL};
static const char *const symbol_keys[] = {"value", "absent", "meaning", NULL};

/* ---- errors and memory ---- */

/* wrong (may be empty) is the word that the message is about. */
static enum tt_status
refuse(struct file *f, uint64_t pos, const char *msg, struct tt_str wrong)
{
    if (tt_arena_dup(&f->learned->arena, wrong, &f->learned->wrong) != TT_OK) {
        f->learned->wrong = TT_STR("");
    }
    return tt_error_set(f->err, TT_E_INPUT, pos, msg);
}

static enum tt_status
no_memory(struct file *f)
{
    return tt_error_set(f->err, TT_E_MEMORY, 0, "there is not enough memory");
}

static void *
get(struct file *f, size_t size)
{
    void *memory = tt_arena_get(&f->learned->arena, size);
    if (memory) {
        memset(memory, 0, size);
    }
    return memory;
}

static enum tt_status
keep(struct file *f, struct tt_str text, struct tt_str *out)
{
    return tt_arena_dup(&f->learned->arena, text, out) == TT_OK ? TT_OK : no_memory(f);
}

/* What a buffer holds, to stay; the buffer is freed. */
static enum tt_status
keep_buf(struct file *f, struct tt_buf *buf, struct tt_str *out)
{
    enum tt_status status = buf->status == TT_OK ? keep(f, tt_buf_str(buf), out) : no_memory(f);
    tt_buf_free(buf);
    return status;
}

/* ---- forms ---- */

/* No other names than these. */
static enum tt_status
check_keys(struct file *f, const struct tt_node *object, const char *const *keys)
{
    if (object->kind != TT_JSON_OBJECT_BEGIN) {
        return refuse(f, object->pos, "this must be an object", TT_STR(""));
    }
    for (const struct tt_node *node = object->first; node; node = node->next) {
        size_t i = 0;
        while (keys[i] && !tt_str_eq(node->key, tt_str_cstr(keys[i]))) {
            i++;
        }
        if (!keys[i]) {
            return refuse(f, node->key_pos, "no such member is known here", node->key);
        }
    }
    return TT_OK;
}

static enum tt_status
member(struct file *f, const struct tt_node *object, const char *key, enum tt_json_kind kind, const struct tt_node **out)
{
    *out = tt_node_get(object, tt_str_cstr(key));
    if (!*out) {
        return refuse(f, object->pos, "a member is missing", tt_str_cstr(key));
    }
    return (*out)->kind == kind ? TT_OK : refuse(f, (*out)->pos, "this member has a value of another type", tt_str_cstr(key));
}

/* One line: of a context, a line feed may say that the line begins or ends there. */
static enum tt_status
check_text(struct file *f, const struct tt_node *node, struct tt_str text)
{
    if (node->text.len > TT_LEARNED_TEXT_MAX) {
        return refuse(f, node->pos, "this text is too long", TT_STR(""));
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char) text.ptr[i];
        if (c == '\n' || c == '\r' || c == '\0') {
            return refuse(f, node->pos, "this text must be of one line", TT_STR(""));
        }
    }
    return TT_OK;
}

static enum tt_status
read_text(struct file *f, const struct tt_node *object, const char *key, bool may_be_empty, struct tt_str *out)
{
    const struct tt_node *node;
    TT_TRY(member(f, object, key, TT_JSON_STRING, &node));
    TT_TRY(check_text(f, node, node->text));
    if (node->text.len == 0 && !may_be_empty) {
        return refuse(f, node->pos, "this text must not be empty", tt_str_cstr(key));
    }
    return keep(f, node->text, out);
}

static enum tt_status
read_flag(struct file *f, const struct tt_node *object, const char *key, bool *out)
{
    const struct tt_node *node = tt_node_get(object, tt_str_cstr(key));
    *out = node && node->kind == TT_JSON_TRUE;
    if (node && node->kind != TT_JSON_TRUE && node->kind != TT_JSON_FALSE) {
        return refuse(f, node->pos, "this must be true or false", node->key);
    }
    return TT_OK;
}

/* A list of texts, as one text in which '\n' divides them. */
static enum tt_status
read_words(struct file *f, const struct tt_node *object, const char *key, struct tt_str *out)
{
    const struct tt_node *list;
    struct tt_buf words;
    size_t count = 0;
    TT_TRY(member(f, object, key, TT_JSON_ARRAY_BEGIN, &list));
    tt_buf_init(&words, f->learned->arena.alloc, TT_LEARNED_WORDS_MAX * (TT_LEARNED_TEXT_MAX + 1));
    for (const struct tt_node *node = list->first; node; node = node->next, count++) {
        enum tt_status status = node->kind != TT_JSON_STRING || node->text.len == 0 || count == TT_LEARNED_WORDS_MAX
                                    ? refuse(f, node->pos, "a list of texts, not too many of them, must stand here", list->key)
                                    : check_text(f, node, node->text);
        if (status != TT_OK) {
            tt_buf_free(&words);
            return status;
        }
        tt_buf_add_cstr(&words, count ? "\n" : "");
        tt_buf_add(&words, node->text);
    }
    TT_TRY(keep_buf(f, &words, out));
    return count > 0 ? TT_OK : refuse(f, list->pos, "this list must not be empty", list->key);
}

static bool
is_id(struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        int c = (unsigned char) text.ptr[i];
        if (!tt_ascii_is_alnum(c) && !(i > 0 && (c == '.' || c == '_' || c == '-'))) {
            return false;
        }
    }
    return text.len > 0 && text.len <= 64;
}

/* "2.0": shown as it stands. */
static enum tt_status
read_bits(struct file *f, const struct tt_node *object, struct tt_str *out)
{
    const struct tt_node *node;
    TT_TRY(member(f, object, "bits", TT_JSON_NUMBER, &node));
    size_t end = (size_t) node->pos;
    while (end < f->bytes.len && (tt_ascii_is_digit((unsigned char) f->bytes.ptr[end]) || f->bytes.ptr[end] == '.')) {
        end++;
    }
    size_t length = end - (size_t) node->pos;
    bool plain = length > 0 && length <= 8 && (end == f->bytes.len || !strchr("eE+-", f->bytes.ptr[end]));
    return plain ? keep(f, tt_str_make(f->bytes.ptr + node->pos, length), out)
                 : refuse(f, node->pos, "this must be a small decimal number", node->key);
}

/* ---- symbols ---- */

static enum tt_status
read_symbol(struct file *f, const struct tt_node *node, struct tt_learned_symbol *out)
{
    const struct tt_node *value = NULL;
    TT_TRY(check_keys(f, node, symbol_keys));
    TT_TRY(read_flag(f, node, "absent", &out->absent));
    TT_TRY(read_words(f, node, "meaning", &out->meaning));
    if (out->absent) {
        value = tt_node_get(node, TT_STR("value"));
        return value ? refuse(f, value->pos, "what is absent has no value", TT_STR("")) : TT_OK;
    }
    return read_text(f, node, "value", true, &out->value);
}

static bool
is_there(const struct tt_learned_site *site, const struct tt_learned_symbol *symbol)
{
    for (const struct tt_learned_symbol *s = site->symbols; s < symbol; s++) {
        if (s->absent == symbol->absent && tt_str_eq(s->value, symbol->value)) {
            return true;
        }
    }
    return false;
}

static enum tt_status
read_alphabet(struct file *f, const struct tt_node *node, struct tt_learned_site *site)
{
    const struct tt_node *list;
    TT_TRY(member(f, node, "alphabet", TT_JSON_ARRAY_BEGIN, &list));
    site->symbol_count = tt_node_count(list);
    if (site->symbol_count < (site->open ? 1 : 2) || site->symbol_count > TT_LEARNED_SYMBOLS_MAX) {
        return refuse(f, list->pos, "an alphabet has at least two symbols, and not too many", TT_STR(""));
    }
    site->symbols = get(f, site->symbol_count * sizeof(*site->symbols));
    if (!site->symbols) {
        return no_memory(f);
    }
    struct tt_learned_symbol *symbol = site->symbols;
    site->shortest = SIZE_MAX;
    for (const struct tt_node *item = list->first; item; item = item->next, symbol++) {
        TT_TRY(read_symbol(f, item, symbol));
        if (is_there(site, symbol)) {
            return refuse(f, item->pos, "this symbol stands twice in its alphabet", TT_STR(""));
        }
        size_t length = symbol->value.len;
        site->shortest = !symbol->absent && length < site->shortest ? length : site->shortest;
        site->longest = length > site->longest ? length : site->longest;
    }
    return site->shortest != SIZE_MAX ? TT_OK : refuse(f, list->pos, "one symbol at least has a value", TT_STR(""));
}

/* What a value of a spelling stands for. */
static enum tt_status
decode(struct file *f, struct tt_str value, struct tt_str *out)
{
    struct tt_buf text;
    tt_buf_init(&text, f->learned->arena.alloc, 3 * TT_LEARNED_TEXT_MAX + 16);
    tt_json_unescape(value, true, &text);
    return keep_buf(f, &text, out);
}

static enum tt_status
read_spelling(struct file *f, const struct tt_node *node, struct tt_learned_site *site)
{
    for (size_t i = 0; i < site->symbol_count && site->spelling; i++) {
        struct tt_str text;
        TT_TRY(decode(f, site->symbols[i].value, &text));
        site->plain = i == 0 ? text : site->plain;
        if (site->symbols[i].absent || site->open || text.len == 0 || !tt_str_eq(text, site->plain)) {
            return refuse(f, node->pos, "the values of a spelling are the same text, written in several ways", TT_STR(""));
        }
    }
    return TT_OK;
}

/* "host, time-zone" */
static void
add_words(struct tt_buf *out, struct tt_str words, const char *between, size_t max)
{
    for (size_t i = 0; words.len > 0; i++) {
        const char *end = memchr(words.ptr, '\n', words.len);
        size_t n = end ? (size_t) (end - words.ptr) : words.len;
        if (i == max) {
            tt_buf_add_cstr(out, " ...");
            return;
        }
        tt_buf_add_cstr(out, i ? between : "");
        tt_visible_add(out, tt_str_slice(words, 0, n), 0, 0);
        words = tt_str_slice(words, n + (end != NULL), words.len);
    }
}

static bool
is_blank(struct tt_str value)
{
    size_t n = 0;
    while (n < value.len && (value.ptr[n] == ' ' || value.ptr[n] == '\t')) {
        n++;
    }
    return value.len > 0 && n == value.len;
}

/* "‹U+02BC›", "‹/›##‹/›"; how a text is spelled, as it stands. */
static void
add_value(struct tt_buf *out, const struct tt_learned_site *site, const struct tt_learned_symbol *symbol)
{
    bool blank = is_blank(symbol->value);
    if (symbol->value.len == 0) {
        tt_buf_add_cstr(out, symbol->absent ? "(absent)" : "(nothing)");
    }
    for (size_t pos = 0; pos < symbol->value.len;) {
        struct tt_rune rune = tt_utf8_next(symbol->value, pos);
        size_t n = rune.len ? rune.len : 1;
        bool plain = site->spelling || rune.cp == '#';
        if (blank) {
            tt_buf_add_cstr(out, "‹");
            tt_buf_add_codepoint(out, rune.cp);
            tt_buf_add_cstr(out, "›");
        } else {
            tt_visible_add(out, tt_str_slice(symbol->value, pos, pos + n), 0, plain ? 0 : n);
        }
        pos += n;
    }
}

static enum tt_status
show_symbol(struct file *f, const struct tt_learned_site *site, struct tt_learned_symbol *symbol)
{
    struct tt_buf shown;
    tt_buf_init(&shown, f->learned->arena.alloc, SHOWN_MAX);
    add_value(&shown, site, symbol);
    tt_buf_add_cstr(&shown, ": ");
    add_words(&shown, site->factors, ", ", TT_LEARNED_WORDS_MAX);
    tt_buf_add_char(&shown, ' ');
    add_words(&shown, symbol->meaning, " or ", MEANINGS_SHOWN);
    TT_TRY(keep_buf(f, &shown, &symbol->shown));
    tt_buf_init(&shown, f->learned->arena.alloc, SHOWN_MAX);
    tt_buf_add(&shown, site->id);
    tt_buf_add_cstr(&shown, ": ");
    tt_buf_add(&shown, symbol->shown);
    return keep_buf(f, &shown, &symbol->sample);
}

/* ---- sites ---- */

/* The member before or after, and whether the line begins or ends there. */
static enum tt_status
read_context(struct file *f, const struct tt_node *node, const char *key, bool after, struct tt_learned_side *side,
             struct tt_str *words)
{
    const struct tt_node *context;
    TT_TRY(member(f, node, key, TT_JSON_STRING, &context));
    struct tt_str text = context->text;
    side->edge = after ? tt_str_ends(text, TT_STR("\n")) : tt_str_starts(text, TT_STR("\n"));
    text = tt_str_slice(text, side->edge && !after, text.len - (side->edge && after));
    TT_TRY(check_text(f, context, text));
    return keep(f, text, words);
}

static enum tt_status
read_skeleton(struct file *f, const struct tt_node *node, struct tt_learned_site *site)
{
    struct tt_str before, after;
    bool enough = false;
    TT_TRY(read_context(f, node, "before", false, &site->before, &before));
    TT_TRY(read_context(f, node, "after", true, &site->after, &after));
    if (tt_learned_skeleton(site, before, after, &f->learned->arena, &enough) != TT_OK) {
        return no_memory(f);
    }
    return enough ? TT_OK : refuse(f, node->pos, "what stands around this site says too little to know it again", site->id);
}

static enum tt_status
read_id(struct file *f, const struct tt_node *node, struct tt_learned_site *site)
{
    TT_TRY(read_text(f, node, "id", false, &site->id));
    const struct tt_node *id = tt_node_get(node, TT_STR("id"));
    if (!is_id(site->id)) {
        return refuse(f, id->pos, "an id is made of letters, digits, '.', '_' and '-', at most 64", TT_STR(""));
    }
    for (size_t i = 0; i < f->count; i++) {
        if (tt_str_eq(f->learned->sites[i]->id, site->id)) {
            return refuse(f, id->pos, "another site has this id", site->id);
        }
    }
    site->hash = tt_hash64(0x6c6561726e6564, 0x7369746573, site->id);
    return TT_OK;
}

static enum tt_status
read_class(struct file *f, const struct tt_node *node, struct tt_learned_site *site)
{
    TT_TRY(read_text(f, node, "class", false, &site->class));
    bool known = site->class.len == 2 && site->class.ptr[0] == 'c' && site->class.ptr[1] >= '0' && site->class.ptr[1] <= '5';
    return known ? TT_OK : refuse(f, tt_node_get(node, TT_STR("class"))->pos, "a class is one of c0 to c5", site->class);
}

static enum tt_status
read_site(struct file *f, const struct tt_node *node)
{
    if (f->count == TT_LEARNED_SITES_MAX) {
        return tt_error_set(f->err, TT_E_LIMIT, node->pos, "there are too many sites");
    }
    struct tt_learned_site *site = get(f, sizeof(*site));
    if (!site) {
        return no_memory(f);
    }
    site->client = f->client;
    TT_TRY(check_keys(f, node, site_keys));
    TT_TRY(read_id(f, node, site));
    TT_TRY(read_class(f, node, site));
    TT_TRY(read_text(f, node, "request", true, &site->request));
    TT_TRY(read_text(f, node, "path", false, &site->path));
    TT_TRY(read_bits(f, node, &site->bits));
    TT_TRY(read_words(f, node, "factors", &site->factors));
    TT_TRY(read_flag(f, node, "open", &site->open));
    TT_TRY(read_flag(f, node, "spelling", &site->spelling));
    TT_TRY(read_alphabet(f, node, site));
    TT_TRY(read_spelling(f, node, site));
    TT_TRY(read_skeleton(f, node, site));
    for (size_t i = 0; i < site->symbol_count; i++) {
        TT_TRY(show_symbol(f, site, &site->symbols[i]));
    }
    f->learned->sites[f->count++] = site;
    return TT_OK;
}

/* "python3 3.11", or the name alone. */
static enum tt_status
read_client(struct file *f, const struct tt_node *root)
{
    const struct tt_node *client;
    struct tt_str name, version;
    struct tt_buf both;
    TT_TRY(member(f, root, "client", TT_JSON_OBJECT_BEGIN, &client));
    TT_TRY(check_keys(f, client, client_keys));
    TT_TRY(read_text(f, client, "name", false, &name));
    TT_TRY(read_text(f, client, "version", true, &version));
    tt_buf_init(&both, f->learned->arena.alloc, SHOWN_MAX);
    tt_visible_add(&both, name, 0, 0);
    tt_buf_add_cstr(&both, version.len ? " " : "");
    tt_visible_add(&both, version, 0, 0);
    return keep_buf(f, &both, &f->client);
}

static enum tt_status
read_root(struct file *f, const struct tt_node *root)
{
    const struct tt_node *version, *sites;
    TT_TRY(check_keys(f, root, file_keys));
    TT_TRY(member(f, root, "telltale_sites", TT_JSON_NUMBER, &version));
    struct tt_str digits = tt_str_slice(f->bytes, (size_t) version->pos, (size_t) version->pos + 2);
    if (!tt_str_starts(digits, TT_STR("1")) || (digits.len > 1 && memchr("0123456789.eE", digits.ptr[1], 13))) {
        return refuse(f, version->pos, "this version of telltale reads descriptions of version 1", TT_STR(""));
    }
    TT_TRY(read_client(f, root));
    TT_TRY(member(f, root, "sites", TT_JSON_ARRAY_BEGIN, &sites));
    for (const struct tt_node *node = sites->first; node; node = node->next) {
        TT_TRY(read_site(f, node));
    }
    return TT_OK;
}

enum tt_status
tt_learned_read(struct tt_learned *learned, struct tt_str bytes, struct tt_error *err)
{
    struct tt_arena tree;
    struct tt_error own = {.msg = NULL};
    const struct tt_node *root;
    struct file f = {.learned = learned, .bytes = bytes, .err = &own, .count = learned->count};
    learned->wrong = TT_STR("");
    if (bytes.len > TT_LEARNED_FILE_MAX) {
        return tt_error_set(err, TT_E_LIMIT, 0, "the description is too large");
    }
    tt_arena_init(&tree, learned->arena.alloc, TT_LEARNED_ARENA);
    enum tt_status status = tt_node_parse(&tree, bytes, &root, &own);
    if (status == TT_OK) {
        status = read_root(&f, root);
    }
    tt_arena_free(&tree);
    if (status == TT_OK) {
        learned->count = f.count;
        tt_learned_add_pairs(learned);
        return TT_OK;
    }
    tt_node_place(bytes, &own);
    if (err) {
        *err = own;
    }
    return status;
}

void
tt_learned_init(struct tt_learned *learned, const struct tt_alloc *alloc)
{
    memset(learned, 0, sizeof(*learned));
    tt_arena_init(&learned->arena, alloc, TT_LEARNED_ARENA);
}

void
tt_learned_free(struct tt_learned *learned)
{
    tt_arena_free(&learned->arena);
    learned->count = 0;
}

const struct tt_learned_site *
tt_learned_find(const struct tt_learned *learned, struct tt_str id)
{
    for (size_t i = 0; learned && i < learned->count; i++) {
        if (tt_str_eq(learned->sites[i]->id, id)) {
            return learned->sites[i];
        }
    }
    return NULL;
}

enum tt_status
tt_learned_take(struct tt_learned *learned, struct tt_str path, struct tt_str bytes, struct tt_buf *message)
{
    struct tt_error err = {.msg = "it cannot be used"};
    enum tt_status status = tt_learned_read(learned, bytes, &err);
    if (status == TT_OK) {
        return TT_OK;
    }
    tt_buf_add(message, path);
    tt_buf_add_char(message, ':');
    tt_buf_add_u64(message, err.line);
    tt_buf_add_char(message, ':');
    tt_buf_add_u64(message, err.column);
    tt_buf_add_cstr(message, ": error: ");
    tt_buf_add_cstr(message, err.msg);
    if (learned->wrong.len > 0) {
        tt_buf_add_cstr(message, ": ");
        tt_writer_add_safe(message, learned->wrong);
    }
    return status;
}
