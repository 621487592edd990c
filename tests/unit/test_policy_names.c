/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a catalogue adds to a policy: which names it knows, and which facts follow from others.  A subject is written in words, as in
 * "product p, ?vendor v"; what is added has its marks at each value, as in "model_family ?f|?!g": '?' says that it only may be so, '!'
 * that no source backs it.
 */
#include "test.h"

#include "base/buf.h"
#include "base/limits.h"
#include "catalog/read.h"
#include "policy/decide.h"

#include <stdio.h>

/* Facts are "name=value|value", divided by blanks; a '!' before one says that no source backs it; "value:CC" has a country. */
static const struct {
    const char *kind, *id, *facts;
} records[] = {
    {"vendor", "acme", "jurisdiction=SG model_prefixes=acme/"},
    {"vendor", "beta", "!jurisdiction=US|FR"},
    {"vendor", "nowhere", "notes=n"},
    {"vendor", "label", "parent=acme !jurisdiction=HK"},
    {"vendor", "loop-a", "!parent=loop-b"},
    {"vendor", "loop-b", "parent=loop-a"},
    {"family", "alpha", "vendor=acme patterns=alpha*"},
    {"family", "bravo", "!vendor=beta patterns=bravo*"},
    {"family", "cloudy", "vendor=acme !patterns=cloudy*"},
    {"family", "delta", "vendor=label patterns=delta*"},
    {"provider", "provider-a", "vendor=acme hosts=api.acme.example model_prefixes=via-a/"},
    {"provider", "provider-b", "vendor=beta hosts=<region>.beta.example !model_prefixes=via-b/ !regions=eu-1:DE"},
    {"tool", "editor",
     "vendor=acme category=ide|cli model_families=alpha|bravo packages.npm=@acme/editor hosts=log.acme.example "
     "vscode_extensions=acme.code"},
    {"tool", "shell", "vendor=beta category=cli model_families=any hosts=log.acme.example vscode_extensions=acme.code"},
    {"tool", "doubtful", "!vendor=acme"},
    {"tool", "unknown", "notes=n"},
    {"tool", "brand", "vendor=label"},
};

static void
add_value(struct tt_buf *out, const char *value, size_t len, bool first)
{
    const char *colon = memchr(value, ':', len);
    tt_buf_add_cstr(out, first ? "{\"value\": \"" : ", {\"value\": \"");
    tt_buf_add(out, tt_str_make(value, colon ? (size_t) (colon - value) : len));
    if (colon) {
        tt_buf_add_cstr(out, "\", \"country\": \"");
        tt_buf_add(out, tt_str_make(colon + 1, len - (size_t) (colon + 1 - value)));
    }
    tt_buf_add_cstr(out, "\"}");
}

static void
add_facts(struct tt_buf *out, const char *words)
{
    for (bool first = true; *words; first = false) {
        bool doubt = *words == '!';
        size_t name = strcspn(words + doubt, "=");
        tt_buf_add_cstr(out, first ? "{\"fact\": \"" : ", {\"fact\": \"");
        tt_buf_add(out, tt_str_make(words + doubt, name));
        tt_buf_add_cstr(out, doubt ? "\", \"confidence\": \"unverified\", \"values\": [" : "\", \"values\": [");
        words += doubt + name;
        for (bool begin = true; *words == '=' || *words == '|'; begin = false) {
            size_t len = strcspn(++words, "| ");
            add_value(out, words, len, begin);
            words += len;
        }
        tt_buf_add_cstr(out, "]}");
        words += *words == ' ';
    }
}

static void
render(struct tt_buf *out)
{
    for (size_t i = 0; i < sizeof(records) / sizeof(*records); i++) {
        tt_buf_add_cstr(out, i ? ", {\"kind\": \"" : "[{\"kind\": \"");
        tt_buf_add_cstr(out, records[i].kind);
        tt_buf_add_cstr(out, "\", \"id\": \"");
        tt_buf_add_cstr(out, records[i].id);
        tt_buf_add_cstr(out, "\", \"name\": \"The ");
        tt_buf_add_cstr(out, records[i].id);
        tt_buf_add_cstr(out, "\", \"as_of\": \"2026-11-21\", \"sources\": {\"s\": \"we\"}, "
                             "\"unless_stated\": {\"confidence\": \"high\", \"sources\": [\"s\"]}, \"facts\": [");
        add_facts(out, records[i].facts);
        tt_buf_add_cstr(out, "]}");
    }
    tt_buf_add_char(out, ']');
}

static const struct tt_catalog nothing = {NULL, 0};

static void
read_catalogue(struct tt_catalog_reader *reader)
{
    struct tt_error err = {.msg = NULL};
    struct tt_buf text;
    tt_buf_init(&text, &tt_alloc_libc, TT_MIB);
    render(&text);
    tt_catalog_reader_init(reader, &tt_alloc_libc, &nothing);
    if (tt_catalog_read(reader, TT_STR("x.json"), tt_buf_str(&text), &err) != TT_OK) {
        fail_msg("%u:%u: %s", err.line, err.column, err.msg);
    }
    tt_buf_free(&text);
}

/* ---- names ---- */

static void
names(void **state)
{
    static const struct {
        enum tt_policy_name kind;
        const char *name, *near; /* near NULL: it is known */
    } cases[] = {
        {TT_NAME_PRODUCT, "editor", NULL},
        {TT_NAME_PRODUCT, "edtior", "editor"},
        {TT_NAME_PRODUCT, "acme", ""},
        {TT_NAME_VENDOR, "acme", NULL},
        {TT_NAME_VENDOR, "acne", "acme"},
        {TT_NAME_VENDOR, "The beta", "beta"},
        {TT_NAME_VENDOR, "editor", ""},
        {TT_NAME_MODEL_VENDOR, "beta", NULL},
        {TT_NAME_FAMILY, "alpha", NULL},
        {TT_NAME_FAMILY, "alhpa", "alpha"},
        {TT_NAME_FAMILY, "any", ""},
        {TT_NAME_ALTERNATIVE, "alpha", NULL},
        {TT_NAME_ALTERNATIVE, "alphaa", "alpha"},
        {TT_NAME_ALTERNATIVE, "alpha-mini-2", NULL},
        {TT_NAME_ALTERNATIVE, "omega-2", ""},
        {TT_NAME_PROVIDER, "provider-a", NULL},
        {TT_NAME_PROVIDER, "provider-d", "provider-a"},
        {TT_NAME_PROVIDER, "b", "provider-b"},
        {TT_NAME_PROVIDER, "bb", ""},
        {TT_NAME_SOURCE, "editor", NULL},
        {TT_NAME_SOURCE, "provider-b", NULL},
        {TT_NAME_SOURCE, "provider_b", "provider-b"},
        {TT_NAME_SOURCE, "shel", "shell"},
        {TT_NAME_CATEGORY, "ide", NULL},
        {TT_NAME_CATEGORY, "cli", NULL},
        {TT_NAME_CATEGORY, "ied", "ide"},
        {TT_NAME_CATEGORY, "spreadsheet", ""},
        {TT_NAME_CHANNEL, "tags", NULL},
        {TT_NAME_CHANNEL, "wording", NULL},
        {TT_NAME_CHANNEL, "tagz", "tags"},
        {TT_NAME_NONE, "whatever", NULL},
    };
    struct tt_catalog_reader reader;
    (void) state;
    read_catalogue(&reader);
    const struct tt_policy_names known = tt_policy_names_of(&reader.catalog);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tt_str near = {NULL, 0};
        bool is_known = known.known(known.ctx, cases[i].kind, tt_str_cstr(cases[i].name), &near);
        assert_int_equal(is_known, cases[i].near == NULL);
        if (!is_known) {
            assert_str_equal(near, tt_str_cstr(cases[i].near));
        }
    }
    tt_catalog_reader_free(&reader);
}

/* ---- facts that follow ---- */

static const char *
read_mark(const char *words, struct tt_policy_fact *fact)
{
    for (; *words == '?' || *words == '!'; words++) {
        fact->possible |= *words == '?';
        fact->unverified |= *words == '!';
    }
    return words;
}

static void
read_subject(const char *words, struct tt_policy_subject *subject)
{
    *subject = (struct tt_policy_subject) {.more_count = 0};
    while (*words) {
        struct tt_policy_fact fact = {.possible = false};
        words = read_mark(words, &fact);
        size_t name = strcspn(words, " "), value = strcspn(words + name + 1, ",");
        int about = 0;
        while (about < TT_ABOUTS && !tt_str_eq(tt_str_cstr(tt_about_name((enum tt_about) about)), tt_str_make(words, name))) {
            about++;
        }
        assert_true(about < TT_ABOUTS);
        fact.text = tt_str_make(words + name + 1, value);
        subject->facts[about] = fact;
        words += name + 1 + value;
        words += strspn(words, ", ");
    }
}

/* What was added, in the order of facts. */
static const char *
added_to(const struct tt_policy_subject *subject)
{
    static char out[1024];
    int n = 0;
    out[0] = '\0';
    for (int about = 0; about < TT_ABOUTS; about++) {
        const struct tt_policy_fact *fact;
        int count = 0;
        for (size_t i = 0; (fact = tt_policy_fact_at(subject, (enum tt_about) about, i)); i++) {
            if (fact->derived && count++ == 0) {
                n += snprintf(out + n, sizeof(out) - (size_t) n, "%s%s ", n ? ", " : "", tt_about_name((enum tt_about) about));
            }
            if (fact->derived) {
                n += snprintf(out + n, sizeof(out) - (size_t) n, "%s%s%s%.*s", count > 1 ? "|" : "", fact->possible ? "?" : "",
                              fact->unverified ? "!" : "", (int) fact->text.len, fact->text.ptr);
            }
        }
    }
    return out;
}

static void
facts_follow(void **state)
{
    static const struct {
        const char *given, *added;
    } cases[] = {
        {"", ""},
        {"team t, region SG", ""},
        {"product editor", "vendor acme, category ide|cli, vendor_jurisdiction SG, model_family ?alpha|?bravo, "
                           "model_vendor ?acme|?!beta"},
        {"product shell", "vendor beta, category cli, vendor_jurisdiction !US|!FR, model_family ?any, model_vendor ?any"},
        {"product doubtful", "vendor !acme, vendor_jurisdiction !SG"},
        {"product unknown", ""},
        {"product no-such", ""},
        {"vendor nowhere", ""},
        /* what was given stays */
        {"product editor, vendor beta", "category ide|cli, vendor_jurisdiction !US|!FR, model_family ?alpha|?bravo, "
                                        "model_vendor ?acme|?!beta"},
        {"product editor, model alpha-2", "vendor acme, category ide|cli, vendor_jurisdiction SG, model_family alpha, "
                                          "model_vendor acme"},
        {"product editor, model zulu-1", "vendor acme, category ide|cli, vendor_jurisdiction SG"},
        {"product editor, model_family bravo", "vendor acme, category ide|cli, vendor_jurisdiction SG, model_vendor !beta"},
        {"?product doubtful", "vendor ?!acme, category ?any, vendor_jurisdiction ?!SG"},
        /* parents */
        {"product brand", "vendor label|acme, vendor_jurisdiction !HK|?SG"},
        {"vendor label", "vendor acme, vendor_jurisdiction !HK|?SG"},
        {"vendor label, vendor_jurisdiction FR", "vendor acme"},
        {"model_family delta", "model_vendor label|acme"},
        {"vendor loop-a", "vendor !loop-b"},
        /* packages; an extension of two tools */
        {"package npm:@acme/editor", "product editor, vendor acme, category ide|cli, vendor_jurisdiction SG, "
                                     "model_family ?alpha|?bravo, model_vendor ?acme|?!beta"},
        {"package pip:@acme/editor", ""},
        {"extension vscode:acme.code",
         "product ?editor|?shell, vendor ?acme|?beta, category ?ide|?cli, vendor_jurisdiction ?SG|?!US|?!FR, "
         "model_family ?alpha|?bravo|?any, model_vendor ?acme|?!beta|?any"},
        /* models */
        {"model alpha-2-20260101", "model_family alpha, model_vendor acme"},
        {"model cloudy-1", "model_family !cloudy, model_vendor !acme"},
        {"model via-a/bravo-1", "model_family bravo, model_vendor !beta, provider provider-a, provider_jurisdiction SG"},
        {"model via-b/bravo-1", "model_family bravo, model_vendor !beta, provider !provider-b, provider_jurisdiction !US|!FR"},
        {"model via-b/bravo-1, host h.example", "model_family bravo, model_vendor !beta"},
        {"model acme/zulu", "model_vendor acme"},
        {"model zulu", ""},
        /* routes */
        {"host api.acme.example", "provider provider-a, provider_jurisdiction SG"},
        {"host API.acme.example.", "provider provider-a, provider_jurisdiction SG"},
        {"host eu-1.beta.example", "provider provider-b, provider_jurisdiction !US|!FR, data_region !DE"},
        {"host eu-2.beta.example", "provider provider-b, provider_jurisdiction !US|!FR"},
        {"host eu-1.beta.example, provider provider-a, data_region SG", "provider_jurisdiction SG"},
        {"provider provider-a", "provider_jurisdiction SG"},
        {"host h.example", ""},
        {"host log.acme.example",
         "product ?editor|?shell, vendor ?acme|?beta, category ?ide|?cli, vendor_jurisdiction ?SG|?!US|?!FR, "
         "model_family ?alpha|?bravo|?any, model_vendor ?acme|?!beta|?any"},
        {"host log.acme.example, product unknown", ""},
    };
    struct tt_catalog_reader reader;
    struct tt_policy_subject subject;
    (void) state;
    read_catalogue(&reader);
    const struct tt_policy_names known = tt_policy_names_of(&reader.catalog);
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        read_subject(cases[i].given, &subject);
        known.complete(known.ctx, &subject);
        assert_string_equal(added_to(&subject), cases[i].added);
        /* Twice is as once. */
        known.complete(known.ctx, &subject);
        assert_string_equal(added_to(&subject), cases[i].added);
    }
    tt_catalog_reader_free(&reader);
}

/* More values than a subject has room for count as any. */
static void
values_are_bounded(void **state)
{
    static char texts[2 * TT_POLICY_MORE_MAX][8];
    struct tt_policy_subject subject = {.more_count = 0};
    (void) state;
    for (size_t i = 0; i < 2 * TT_POLICY_MORE_MAX; i++) {
        snprintf(texts[i], sizeof(texts[i]), "f%zu", i % (TT_POLICY_MORE_MAX + 1));
        tt_policy_fact_add(&subject, TT_ABOUT_MODEL_FAMILY, (struct tt_policy_fact) {.text = tt_str_cstr(texts[i])});
    }
    assert_int_equal(subject.more_count, TT_POLICY_MORE_MAX);
    assert_str_equal(subject.facts[TT_ABOUT_MODEL_FAMILY].text, TT_STR("f0"));
    tt_policy_fact_add(&subject, TT_ABOUT_MODEL_FAMILY, (struct tt_policy_fact) {.text = TT_STR("one-more")});
    assert_str_equal(subject.facts[TT_ABOUT_MODEL_FAMILY].text, TT_STR("f0"));
    assert_false(subject.facts[TT_ABOUT_MODEL_FAMILY].possible);
    const struct tt_policy_fact *last = tt_policy_fact_at(&subject, TT_ABOUT_MODEL_FAMILY, TT_POLICY_MORE_MAX);
    assert_str_equal(last->text, TT_STR(TT_POLICY_ANY));
    assert_true(last->possible);
    tt_policy_fact_add(&subject, TT_ABOUT_MCP_SERVER, (struct tt_policy_fact) {.text = TT_STR("a")});
    tt_policy_fact_add(&subject, TT_ABOUT_MCP_SERVER, (struct tt_policy_fact) {.text = TT_STR("b")});
    assert_str_equal(subject.facts[TT_ABOUT_MCP_SERVER].text, TT_STR(TT_POLICY_ANY));
    assert_true(subject.facts[TT_ABOUT_MCP_SERVER].possible);
    assert_null(tt_policy_fact_at(&subject, TT_ABOUT_MODEL_FAMILY, TT_POLICY_MORE_MAX + 1));
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(names),
    cmocka_unit_test(facts_follow),
    cmocka_unit_test(values_are_bounded),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
