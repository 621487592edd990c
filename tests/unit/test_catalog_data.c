/* SPDX-License-Identifier: Apache-2.0 */
/* The whole built-in catalogue: its form, and that the files of data/catalog read at run time give the same. */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "catalog/read.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static void
check_fact(const struct tt_catalog_entry *entry, const struct tt_catalog_fact *fact)
{
    const struct tt_catalog_field *field = tt_catalog_field_find(fact->name);
    if (!field || !(field->kinds & 1u << entry->kind)) {
        fail_msg("%s: the fact %s", entry->id.ptr, fact->name.ptr);
        return;
    }
    assert_true(fact->source_count > 0);
    assert_true(fact->value_count > 0);
    assert_true(tt_confidence_name(fact->confidence).len > 0);
    for (size_t i = 0; i < fact->source_count; i++) {
        assert_true(fact->sources[i] >= entry->sources && fact->sources[i] < entry->sources + entry->source_count);
    }
    for (size_t i = 0; i < fact->value_count; i++) {
        struct tt_str text = fact->values[i].text;
        bool any = field->wildcard && tt_str_eq(text, tt_str_cstr(field->wildcard));
        if (field->refers >= 0 && !any && !tt_catalog_find(&tt_catalog_builtin, (enum tt_catalog_kind) field->refers, text)) {
            fail_msg("%s: %s refers to %s", entry->id.ptr, fact->name.ptr, text.ptr);
        }
        if (tt_str_eq(fact->name, TT_STR("hosts")) && !tt_catalog_host_pattern_ok(text)) {
            fail_msg("%s: the host %s", entry->id.ptr, text.ptr);
        }
    }
}

static void
test_form(void **state)
{
    (void) state;
    size_t kinds[TT_CATALOG_KINDS] = {0};
    for (size_t i = 0; i < tt_catalog_builtin.count; i++) {
        const struct tt_catalog_entry *entry = &tt_catalog_builtin.entries[i];
        kinds[entry->kind]++;
        assert_true(i == 0 || tt_catalog_compare(entry - 1, entry) < 0);
        assert_true(entry->name.len > 0);
        assert_int_equal(entry->as_of.len, 10);
        for (size_t k = 0; k < entry->fact_count; k++) {
            check_fact(entry, &entry->facts[k]);
        }
    }
    assert_int_equal(kinds[TT_CATALOG_TOOL], 82);
    assert_int_equal(kinds[TT_CATALOG_PROVIDER], 14);
}

/* Every family needs a vendor and a pattern, and the families do not take each other's ids. */
static void
test_families(void **state)
{
    (void) state;
    for (size_t i = 0; i < tt_catalog_builtin.count; i++) {
        const struct tt_catalog_entry *entry = &tt_catalog_builtin.entries[i];
        if (entry->kind == TT_CATALOG_FAMILY) {
            assert_non_null(tt_catalog_vendor_of(&tt_catalog_builtin, entry, NULL));
            assert_non_null(tt_catalog_value(entry, TT_STR("patterns"), NULL));
        }
    }
}

/* "12", "0.075": what money is written as. */
static bool
is_money(struct tt_str text)
{
    size_t points = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool point = text.ptr[i] == '.' && i > 0 && i + 1 < text.len;
        if (!point && !tt_ascii_is_digit((unsigned char) text.ptr[i])) {
            return false;
        }
        points += point;
    }
    return text.len > 0 && points <= 1;
}

/* Each price has a date, and a model's price belongs to a name that resolves. */
static void
test_prices(void **state)
{
    (void) state;
    size_t rows = 0;
    for (size_t i = 0; i < tt_catalog_builtin.count; i++) {
        const struct tt_catalog_entry *entry = &tt_catalog_builtin.entries[i];
        const struct tt_catalog_fact *fact;
        size_t at = 0;
        while ((fact = tt_catalog_next_fact(entry, TT_STR("prices"), &at))) {
            for (size_t k = 0; k < fact->value_count; k++, rows++) {
                struct tt_catalog_model model;
                const struct tt_catalog_value *row = &fact->values[k];
                assert_int_equal(tt_catalog_detail(row, TT_STR("date")).len, 10);
                if (entry->kind != TT_CATALOG_PROVIDER) {
                    continue;
                }
                assert_true(is_money(tt_catalog_detail(row, TT_STR("input"))));
                assert_true(is_money(tt_catalog_detail(row, TT_STR("output"))));
                assert_true(tt_catalog_model(&tt_catalog_builtin, row->text, &model));
                assert_non_null(model.family);
            }
        }
    }
    assert_true(rows > 20);
}

static void
read_file(const char *folder, const char *name, struct tt_buf *out)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    char *to = tt_buf_reserve(out, TT_CATALOG_FILE_MAX);
    assert_non_null(to);
    out->len = fread(to, 1, TT_CATALOG_FILE_MAX, file);
    fclose(file);
}

static int
is_json(const struct dirent *entry)
{
    return tt_str_ends(tt_str_cstr(entry->d_name), TT_STR(".json"));
}

/* Vendors and families first, because the others refer to them. */
static int
by_reference(const struct dirent **a, const struct dirent **b)
{
    static const char *const first[] = {"vendors.json", "families.json"};
    for (size_t i = 0; i < 2; i++) {
        int left = strcmp((*a)->d_name, first[i]) == 0, right = strcmp((*b)->d_name, first[i]) == 0;
        if (left != right) {
            return right - left;
        }
    }
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void
assert_same_fact(const struct tt_catalog_fact *a, const struct tt_catalog_fact *b)
{
    assert_str_equal(a->name, b->name);
    assert_int_equal(a->confidence, b->confidence);
    assert_str_equal(a->note, b->note);
    assert_int_equal(a->value_count, b->value_count);
    assert_int_equal(a->source_count, b->source_count);
    for (size_t i = 0; i < a->source_count; i++) {
        assert_str_equal(a->sources[i]->text, b->sources[i]->text);
    }
    for (size_t i = 0; i < a->value_count; i++) {
        assert_str_equal(a->values[i].text, b->values[i].text);
        assert_int_equal(a->values[i].detail_count, b->values[i].detail_count);
        for (size_t k = 0; k < a->values[i].detail_count; k++) {
            assert_str_equal(a->values[i].details[k].name, b->values[i].details[k].name);
            assert_str_equal(a->values[i].details[k].text, b->values[i].details[k].text);
        }
    }
}

static void
test_same_as_files(void **state)
{
    (void) state;
    static const struct tt_catalog none = {NULL, 0};
    char folder[2048];
    struct dirent **names = NULL;
    struct tt_catalog_reader reader;
    snprintf(folder, sizeof(folder), "%s/data/catalog", getenv("TT_ROOT"));
    int count = scandir(folder, &names, is_json, by_reference);
    assert_true(count > 0);
    tt_catalog_reader_init(&reader, &tt_alloc_libc, &none);
    for (int i = 0; i < count; i++) {
        struct tt_buf text;
        struct tt_error err = {.msg = NULL};
        tt_buf_init(&text, &tt_alloc_libc, TT_CATALOG_FILE_MAX);
        read_file(folder, names[i]->d_name, &text);
        if (tt_catalog_read(&reader, tt_str_cstr(names[i]->d_name), tt_buf_str(&text), &err) != TT_OK) {
            fail_msg("%s:%u:%u: %s %s", names[i]->d_name, err.line, err.column, err.msg, reader.wrong.ptr);
        }
        tt_buf_free(&text);
        free(names[i]);
    }
    free(names);
    assert_int_equal(reader.catalog.count, tt_catalog_builtin.count);
    for (size_t i = 0; i < tt_catalog_builtin.count; i++) {
        const struct tt_catalog_entry *a = &reader.catalog.entries[i], *b = &tt_catalog_builtin.entries[i];
        assert_int_equal(tt_catalog_compare(a, b), 0);
        assert_str_equal(a->name, b->name);
        assert_int_equal(a->alias_count, b->alias_count);
        assert_int_equal(a->fact_count, b->fact_count);
        for (size_t k = 0; k < a->fact_count; k++) {
            assert_same_fact(&a->facts[k], &b->facts[k]);
        }
    }
    tt_catalog_reader_free(&reader);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(test_form),
    cmocka_unit_test(test_families),
    cmocka_unit_test(test_prices),
    cmocka_unit_test(test_same_as_files),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
