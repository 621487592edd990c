/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads additions to the catalogue.
 *
 * In: the bytes of a file (docs/catalog-format.md).  Out: a new table of entries in the reader's arena; what was there before is shared,
 * never changed.  The tree of the file lives in an arena of its own until the file is taken or refused.
 * Invariant: reader->catalog is ordered and complete at every return.
 */
#include "catalog/read.h"

#include "base/limits.h"
#include "base/near.h"
#include "json/node.h"

/* One file in work. */
struct file {
    struct tt_catalog_reader *reader;
    struct tt_error *err;
    struct tt_str name; /* in the reader's arena */
    struct tt_catalog_entry *entries;
    size_t count;
};

/* What a record says once for all its facts. */
struct unless_stated {
    const struct tt_node *confidence, *sources;
};

static const char *const record_keys[] = {"id", "kind", "name", "aliases", "as_of", "sources", "unless_stated", "facts", NULL};
static const char *const general_keys[] = {"confidence", "sources", NULL};
static const char *const fact_keys[] = {"fact", "values", "confidence", "sources", "note", NULL};

/* ---- errors and memory ---- */

/* wrong (may be empty) is the word that the message is about. */
static enum tt_status
refuse(struct file *f, uint64_t pos, const char *msg, struct tt_str wrong)
{
    if (wrong.len > 0 && tt_arena_dup(&f->reader->arena, wrong, &f->reader->wrong) != TT_OK) {
        f->reader->wrong = TT_STR("");
    }
    return tt_error_set(f->err, TT_E_INPUT, pos, msg);
}

static enum tt_status
no_memory(struct file *f)
{
    return tt_error_set(f->err, TT_E_MEMORY, 0, "there is not enough memory");
}

static void *
get(struct file *f, size_t count, size_t size)
{
    return tt_arena_get(&f->reader->arena, count ? count * size : 1);
}

static enum tt_status
keep(struct file *f, struct tt_str text, struct tt_str *out)
{
    return tt_arena_dup(&f->reader->arena, text, out) == TT_OK ? TT_OK : no_memory(f);
}

/* ---- forms ---- */

static bool
is_list(const struct tt_node *node)
{
    return node->kind == TT_JSON_ARRAY_BEGIN && node->first;
}

static bool
is_object(const struct tt_node *node)
{
    return node->kind == TT_JSON_OBJECT_BEGIN;
}

/* A text of one line that is not empty. */
static bool
is_text(const struct tt_node *node)
{
    if (node->kind != TT_JSON_STRING || node->text.len == 0) {
        return false;
    }
    for (size_t i = 0; i < node->text.len; i++) {
        unsigned char c = (unsigned char) node->text.ptr[i];
        if (c < 0x20 || c == 0x7F) {
            return false;
        }
    }
    return true;
}

static bool
is_id(struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        int c = (unsigned char) text.ptr[i];
        bool inner = i > 0 && (c == '.' || c == '_' || c == '-');
        if (!(c >= 'a' && c <= 'z') && !tt_ascii_is_digit(c) && !inner) {
            return false;
        }
    }
    return text.len > 0 && text.len <= 64;
}

static int
number_at(struct tt_str text, size_t from, size_t to)
{
    int value = 0;
    for (size_t i = from; i < to; i++) {
        if (!tt_ascii_is_digit((unsigned char) text.ptr[i])) {
            return -1;
        }
        value = value * 10 + (text.ptr[i] - '0');
    }
    return value;
}

static bool
is_date(struct tt_str text)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (text.len != 10 || text.ptr[4] != '-' || text.ptr[7] != '-') {
        return false;
    }
    int year = number_at(text, 0, 4), month = number_at(text, 5, 7), day = number_at(text, 8, 10);
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] && (month != 2 || day < 29 || leap);
}

static enum tt_status
check_keys(struct file *f, const struct tt_node *object, const char *const *keys)
{
    for (const struct tt_node *node = object->first; node; node = node->next) {
        struct tt_near near;
        bool known = false;
        tt_near_begin(&near, node->key);
        for (size_t i = 0; keys[i]; i++) {
            known = known || tt_str_eq(node->key, tt_str_cstr(keys[i]));
            tt_near_offer(&near, tt_str_cstr(keys[i]));
        }
        if (!known) {
            f->reader->near = near.best;
            return refuse(f, node->key_pos, "there is no key", node->key);
        }
    }
    return TT_OK;
}

/* The member of that name, which must be a text. */
static enum tt_status
need_text(struct file *f, const struct tt_node *object, struct tt_str key, const struct tt_node **out)
{
    *out = tt_node_get(object, key);
    if (!*out) {
        return refuse(f, object->pos, "this object lacks the key", key);
    }
    return is_text(*out) ? TT_OK : refuse(f, (*out)->pos, "this is not a text of one line", TT_STR(""));
}

static enum tt_status
read_texts(struct file *f, const struct tt_node *list, const struct tt_str **out, size_t *count)
{
    if (!is_list(list)) {
        return refuse(f, list->pos, "this is not a list of texts", TT_STR(""));
    }
    struct tt_str *texts = get(f, tt_node_count(list), sizeof(*texts));
    if (!texts) {
        return no_memory(f);
    }
    for (const struct tt_node *node = list->first; node; node = node->next) {
        if (!is_text(node)) {
            return refuse(f, node->pos, "this is not a text of one line", TT_STR(""));
        }
        TT_TRY(keep(f, node->text, &texts[(*count)++]));
    }
    *out = texts;
    return TT_OK;
}

/* ---- facts ---- */

static enum tt_status
read_confidence(struct file *f, const struct tt_node *node, enum tt_confidence *out)
{
    for (int i = TT_UNVERIFIED; i <= TT_CONFIDENCE_HIGH; i++) {
        if (node->kind == TT_JSON_STRING && tt_str_eq(node->text, tt_confidence_name((enum tt_confidence) i))) {
            *out = (enum tt_confidence) i;
            return TT_OK;
        }
    }
    return refuse(f, node->pos, "a confidence is one of unverified, low, medium and high", TT_STR(""));
}

static enum tt_status
read_cited(struct file *f, const struct tt_node *list, const struct tt_catalog_entry *entry, struct tt_catalog_fact *fact)
{
    const struct tt_catalog_source **cited = get(f, tt_node_count(list), sizeof(*cited));
    if (!cited) {
        return no_memory(f);
    }
    if (!is_list(list)) {
        return refuse(f, list->pos, "this is not a list of sources", TT_STR(""));
    }
    for (const struct tt_node *node = list->first; node; node = node->next) {
        size_t i = 0;
        while (i < entry->source_count && !tt_str_eq(entry->sources[i].key, node->text)) {
            i++;
        }
        if (i == entry->source_count) {
            return refuse(f, node->pos, "the record has no source", node->text);
        }
        cited[fact->source_count++] = &entry->sources[i];
    }
    fact->sources = cited;
    return TT_OK;
}

static enum tt_status
read_details(struct file *f, const struct tt_node *object, struct tt_catalog_value *value)
{
    struct tt_catalog_detail *details = get(f, tt_node_count(object), sizeof(*details));
    if (!details) {
        return no_memory(f);
    }
    for (const struct tt_node *node = object->first; node; node = node->next) {
        if (!is_text(node)) {
            return refuse(f, node->pos, "this is not a text of one line", TT_STR(""));
        }
        if (!tt_str_eq(node->key, TT_STR("value"))) {
            struct tt_catalog_detail *detail = &details[value->detail_count++];
            TT_TRY(keep(f, node->key, &detail->name));
            TT_TRY(keep(f, node->text, &detail->text));
        }
    }
    value->details = details;
    return TT_OK;
}

static enum tt_status
read_value(struct file *f, const struct tt_node *node, struct tt_str fact, struct tt_catalog_value *value)
{
    const struct tt_node *text = node;
    *value = (struct tt_catalog_value) {.details = NULL};
    if (is_object(node)) {
        TT_TRY(need_text(f, node, TT_STR("value"), &text));
        TT_TRY(read_details(f, node, value));
    }
    if (!is_text(text)) {
        return refuse(f, text->pos, "this is not a text of one line", TT_STR(""));
    }
    if (tt_str_eq(fact, TT_STR("hosts")) && !tt_catalog_host_pattern_ok(text->text)) {
        return refuse(f, text->pos, "this is not a host name or a pattern of one", text->text);
    }
    if (tt_str_eq(fact, TT_STR("category")) && !is_id(text->text)) {
        return refuse(f, text->pos, "a category is of small letters, digits, '.', '_' and '-'", text->text);
    }
    return keep(f, text->text, &value->text);
}

static enum tt_status
read_values(struct file *f, const struct tt_node *list, struct tt_catalog_fact *fact)
{
    if (!is_list(list)) {
        return refuse(f, list->pos, "this is not a list of values", TT_STR(""));
    }
    struct tt_catalog_value *values = get(f, tt_node_count(list), sizeof(*values));
    if (!values) {
        return no_memory(f);
    }
    for (const struct tt_node *node = list->first; node; node = node->next) {
        TT_TRY(read_value(f, node, fact->name, &values[fact->value_count++]));
    }
    fact->values = values;
    return TT_OK;
}

/* A fact's name must be known, and be one that this kind of entry may have. */
static enum tt_status
read_fact_name(struct file *f, const struct tt_node *node, enum tt_catalog_kind kind, struct tt_catalog_fact *fact)
{
    const struct tt_catalog_field *field = tt_catalog_field_find(node->text);
    if (!field) {
        struct tt_near near;
        tt_near_begin(&near, node->text);
        for (size_t i = 0; i < tt_catalog_field_count; i++) {
            tt_near_offer(&near, tt_str_cstr(tt_catalog_fields[i].name));
        }
        f->reader->near = near.best;
        return refuse(f, node->pos, "there is no fact", node->text);
    }
    if (!(field->kinds & 1u << kind)) {
        return refuse(f, node->pos, "a record of this kind cannot have the fact", node->text);
    }
    return keep(f, node->text, &fact->name);
}

static enum tt_status
read_fact(struct file *f, const struct tt_node *node, const struct unless_stated *general, const struct tt_catalog_entry *entry,
          struct tt_catalog_fact *fact)
{
    const struct tt_node *name, *values, *confidence, *sources, *note;
    *fact = (struct tt_catalog_fact) {.note = TT_STR("")};
    if (!is_object(node)) {
        return refuse(f, node->pos, "a fact is an object", TT_STR(""));
    }
    TT_TRY(check_keys(f, node, fact_keys));
    TT_TRY(need_text(f, node, TT_STR("fact"), &name));
    TT_TRY(read_fact_name(f, name, entry->kind, fact));
    values = tt_node_get(node, TT_STR("values"));
    confidence = tt_node_get(node, TT_STR("confidence"));
    sources = tt_node_get(node, TT_STR("sources"));
    note = tt_node_get(node, TT_STR("note"));
    confidence = confidence ? confidence : general->confidence;
    sources = sources ? sources : general->sources;
    if (!values || !confidence || !sources) {
        return refuse(f, node->pos, "a fact needs the key",
                      !values    ? TT_STR("values")
                      : !sources ? TT_STR("sources")
                                 : TT_STR("confidence"));
    }
    TT_TRY(read_confidence(f, confidence, &fact->confidence));
    TT_TRY(read_cited(f, sources, entry, fact));
    if (note) {
        TT_TRY(is_text(note) ? keep(f, note->text, &fact->note)
                             : refuse(f, note->pos, "this is not a text of one line", TT_STR("")));
    }
    return read_values(f, values, fact);
}

static enum tt_status
read_facts(struct file *f, const struct tt_node *record, struct tt_catalog_entry *entry)
{
    struct unless_stated general = {NULL, NULL};
    const struct tt_node *stated = tt_node_get(record, TT_STR("unless_stated")), *list = tt_node_get(record, TT_STR("facts"));
    if (stated) {
        if (!is_object(stated)) {
            return refuse(f, stated->pos, "this is not an object", TT_STR(""));
        }
        TT_TRY(check_keys(f, stated, general_keys));
        general.confidence = tt_node_get(stated, TT_STR("confidence"));
        general.sources = tt_node_get(stated, TT_STR("sources"));
    }
    if (!list || !is_list(list)) {
        return refuse(f, list ? list->pos : record->pos, "a record needs a list of facts", TT_STR(""));
    }
    struct tt_catalog_fact *facts = get(f, tt_node_count(list), sizeof(*facts));
    if (!facts) {
        return no_memory(f);
    }
    for (const struct tt_node *node = list->first; node; node = node->next) {
        TT_TRY(read_fact(f, node, &general, entry, &facts[entry->fact_count++]));
    }
    entry->facts = facts;
    return TT_OK;
}

/* ---- records ---- */

static enum tt_status
read_kind(struct file *f, const struct tt_node *node, enum tt_catalog_kind *out)
{
    for (int i = 0; i < TT_CATALOG_KINDS; i++) {
        if (tt_str_eq(node->text, tt_catalog_kind_name((enum tt_catalog_kind) i))) {
            *out = (enum tt_catalog_kind) i;
            return TT_OK;
        }
    }
    return refuse(f, node->pos, "a kind is one of tool, provider, vendor and family", TT_STR(""));
}

static enum tt_status
read_sources(struct file *f, const struct tt_node *record, struct tt_catalog_entry *entry)
{
    const struct tt_node *object = tt_node_get(record, TT_STR("sources"));
    if (!object || !is_object(object) || !object->first) {
        return refuse(f, object ? object->pos : record->pos, "a record needs sources: an object of names and texts", TT_STR(""));
    }
    struct tt_catalog_source *sources = get(f, tt_node_count(object), sizeof(*sources));
    if (!sources) {
        return no_memory(f);
    }
    for (const struct tt_node *node = object->first; node; node = node->next) {
        struct tt_catalog_source *source = &sources[entry->source_count++];
        if (!is_text(node)) {
            return refuse(f, node->pos, "this is not a text of one line", TT_STR(""));
        }
        TT_TRY(keep(f, node->key, &source->key));
        TT_TRY(keep(f, node->text, &source->text));
    }
    entry->sources = sources;
    return TT_OK;
}

static enum tt_status
read_record(struct file *f, const struct tt_node *record, struct tt_catalog_entry *entry)
{
    const struct tt_node *id, *kind, *name, *as_of, *aliases = tt_node_get(record, TT_STR("aliases"));
    *entry = (struct tt_catalog_entry) {.origin = f->name};
    if (!is_object(record)) {
        return refuse(f, record->pos, "a record is an object", TT_STR(""));
    }
    TT_TRY(check_keys(f, record, record_keys));
    TT_TRY(need_text(f, record, TT_STR("id"), &id));
    TT_TRY(need_text(f, record, TT_STR("kind"), &kind));
    TT_TRY(need_text(f, record, TT_STR("name"), &name));
    TT_TRY(need_text(f, record, TT_STR("as_of"), &as_of));
    if (!is_id(id->text)) {
        return refuse(f, id->pos, "an id is of at most 64 small letters, digits, '.', '_' and '-'", TT_STR(""));
    }
    if (!is_date(as_of->text)) {
        return refuse(f, as_of->pos, "this is not a date of the form YYYY-MM-DD", TT_STR(""));
    }
    TT_TRY(read_kind(f, kind, &entry->kind));
    TT_TRY(keep(f, id->text, &entry->id));
    TT_TRY(keep(f, name->text, &entry->name));
    TT_TRY(keep(f, as_of->text, &entry->as_of));
    if (aliases) {
        TT_TRY(read_texts(f, aliases, &entry->aliases, &entry->alias_count));
    }
    TT_TRY(read_sources(f, record, entry));
    return read_facts(f, record, entry);
}

/* ---- the catalogue ---- */

/* Two arrays of items of one size in a new one.  A NULL array only leaves room. */
static void *
join(struct file *f, const void *a, size_t a_count, const void *b, size_t b_count, size_t size)
{
    char *both = get(f, a_count + b_count, size);
    if (both && a && a_count > 0) {
        memcpy(both, a, a_count * size);
    }
    if (both && b && b_count > 0) {
        memcpy(both + a_count * size, b, b_count * size);
    }
    return both;
}

/* old with what is added: facts before its own, so that a correction is what is found first. */
static enum tt_status
merge(struct file *f, struct tt_catalog_entry *old, const struct tt_catalog_entry *added)
{
    const void *facts = join(f, added->facts, added->fact_count, old->facts, old->fact_count, sizeof(*old->facts));
    const void *aliases = join(f, old->aliases, old->alias_count, added->aliases, added->alias_count, sizeof(*old->aliases));
    const void *sources = join(f, old->sources, old->source_count, added->sources, added->source_count, sizeof(*old->sources));
    if (!facts || !aliases || !sources) {
        return no_memory(f);
    }
    old->facts = facts;
    old->fact_count += added->fact_count;
    old->aliases = aliases;
    old->alias_count += added->alias_count;
    old->sources = sources;
    old->source_count += added->source_count;
    old->as_of = added->as_of;
    old->origin = added->origin;
    return TT_OK;
}

/* Puts the entry into the table, which has room for it. */
static enum tt_status
place(struct file *f, const struct tt_catalog_entry *entry)
{
    struct tt_catalog so_far = {f->entries, f->count};
    const struct tt_catalog_entry *old = tt_catalog_find(&so_far, entry->kind, entry->id);
    size_t at = f->count;
    if (old) {
        return merge(f, &f->entries[old - f->entries], entry);
    }
    while (at > 0 && tt_catalog_compare(&f->entries[at - 1], entry) > 0) {
        at--;
    }
    memmove(&f->entries[at + 1], &f->entries[at], (f->count - at) * sizeof(*f->entries));
    f->entries[at] = *entry;
    f->count++;
    return TT_OK;
}

/* Ids that the values of a fact refer to must be there, in this file or before it. */
static enum tt_status
check_references(struct file *f, const struct tt_node *fact)
{
    struct tt_catalog all = {f->entries, f->count};
    const struct tt_catalog_field *field = tt_catalog_field_find(tt_node_get(fact, TT_STR("fact"))->text);
    if (field->refers < 0) {
        return TT_OK;
    }
    enum tt_catalog_kind kind = (enum tt_catalog_kind) field->refers;
    for (const struct tt_node *node = tt_node_get(fact, TT_STR("values"))->first; node; node = node->next) {
        const struct tt_node *text = is_object(node) ? tt_node_get(node, TT_STR("value")) : node;
        bool any = field->wildcard && tt_str_eq(text->text, tt_str_cstr(field->wildcard));
        if (!any && !tt_catalog_find(&all, kind, text->text)) {
            f->reader->near = tt_catalog_nearest(&all, kind, text->text);
            return refuse(f, text->pos, "the catalogue does not have the id", text->text);
        }
    }
    return TT_OK;
}

static enum tt_status
take_records(struct file *f, const struct tt_node *root)
{
    bool many = root->kind == TT_JSON_ARRAY_BEGIN;
    const struct tt_node *first = many ? root->first : root;
    const struct tt_catalog *before = &f->reader->catalog;
    f->entries = join(f, before->entries, before->count, NULL, many ? tt_node_count(root) : 1, sizeof(*f->entries));
    if (!f->entries) {
        return no_memory(f);
    }
    f->count = before->count;
    for (const struct tt_node *record = first; record; record = record->next) {
        struct tt_catalog_entry entry;
        TT_TRY(read_record(f, record, &entry));
        TT_TRY(place(f, &entry));
    }
    for (const struct tt_node *record = first; record; record = record->next) {
        for (const struct tt_node *fact = tt_node_get(record, TT_STR("facts"))->first; fact; fact = fact->next) {
            TT_TRY(check_references(f, fact));
        }
    }
    f->reader->catalog = (struct tt_catalog) {f->entries, f->count};
    return TT_OK;
}

void
tt_catalog_reader_init(struct tt_catalog_reader *reader, const struct tt_alloc *alloc, const struct tt_catalog *base)
{
    *reader = (struct tt_catalog_reader) {.catalog = *base};
    tt_arena_init(&reader->arena, alloc, TT_CATALOG_ARENA_MAX);
}

void
tt_catalog_reader_free(struct tt_catalog_reader *reader)
{
    tt_arena_free(&reader->arena);
    reader->catalog = (struct tt_catalog) {NULL, 0};
}

enum tt_status
tt_catalog_read(struct tt_catalog_reader *reader, struct tt_str name, struct tt_str bytes, struct tt_error *err)
{
    struct tt_error own = {.msg = NULL};
    struct file f = {.reader = reader, .err = &own};
    struct tt_arena scratch;
    const struct tt_node *root = NULL;
    reader->wrong = TT_STR("");
    reader->near = TT_STR("");
    if (bytes.len > TT_CATALOG_FILE_MAX) {
        return tt_error_set(err, TT_E_LIMIT, 0, "the file is too large");
    }
    tt_arena_init(&scratch, reader->arena.alloc, TT_CATALOG_ARENA_MAX);
    enum tt_status status = keep(&f, name, &f.name);
    if (status == TT_OK) {
        status = tt_node_parse(&scratch, bytes, &root, &own);
    }
    if (status == TT_OK) {
        status = take_records(&f, root);
    }
    tt_arena_free(&scratch);
    if (status != TT_OK && err) {
        *err = own;
        tt_node_place(bytes, err);
    }
    return status;
}
