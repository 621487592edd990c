/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Policies that are wrong: every error has its line, its column and its words.  The order is that of the format: what a document may
 * hold, what of YAML is refused, keys, types, and what depends on more than one key.
 */
#include "policy_read.h"

#include <stdio.h>
#include <stdlib.h>

#define MATCH(lines) HEAD "decisions:\n  - match:\n      " lines "\n    id: D-1\n    status: prohibited\n    reason: r\n"
#define MATCH_START HEAD "decisions:\n  - match:\n      "
#define MATCH_END "\n    status: prohibited\n    reason: r\n"
#define SECOND "  - id: D-2\n    match:\n      vendor: acme\n    status: prohibited\n    reason: r\n"
#define THIRD                                                                                                                    \
    "  - id: D-3\n    match:\n      vendor: acme\n    status: prohibited\n    reason: r\n    from: 2026-01-01\n    supersedes: " \
    "[D-1]\n"
#define EXCEPTION(decisions, scope)                                                                                      \
    "exceptions:\n  - id: E\n    decisions: " decisions "\n    scope:\n      " scope "\n    owner: o@p\n    reason: r\n" \
    "    expires: 2026-12-31\n"
#define BUDGET(lines) "budgets:\n  - id: B\n    team: all\n    amount: 1\n    from: 2026-01-01\n" lines

/* "line:column: text" of each error, in a buffer of the test. */
static const char *
errors_of(struct tt_str text)
{
    static char out[8192];
    struct read r;
    int n = 0;
    read_with(&r, &tt_alloc_libc, text);
    out[0] = '\0';
    for (size_t i = 0; i < r.problems.count; i++) {
        const struct tt_policy_problem *p = &r.problems.items[i];
        n += snprintf(out + n, sizeof(out) - (size_t) n, "%u:%u: %s\n", p->at.line, p->at.column, p->text.ptr);
    }
    assert_int_equal(r.status == TT_OK, r.problems.count == 0);
    assert_int_equal(r.policy == NULL, r.status != TT_OK);
    tt_arena_free(&r.arena);
    return out;
}

struct error_case {
    const char *text;
    const char *errors;
};

static const struct error_case error_cases[] = {
    {HEAD, ""},
    {HEAD "teams: []\n", ""},
    {"---\n" HEAD, ""},
    {DECISION(""), ""},
    {"telltale_policy: 1\r\nid: x\r\nowner: a@b.example\r\n", ""},
    /* the document */
    {"", "1:1: an empty policy\n"},
    {"# nothing\n", "1:1: an empty policy\n"},
    {"- a\n", "1:1: a policy is a map: lines of 'key: value'\n"},
    {HEAD "---\n" HEAD, "4:1: a second document; a policy is one\n"},
    {"%YAML 1.1\n---\n" HEAD, "1:1: directives ('%') are not allowed\n"},
    {"\xEF\xBB\xBF" HEAD, "1:1: a byte order mark or zero-width character; save the file as UTF-8 without one\n"},
    {HEAD "title: \xFF\n", "4:8: bytes that are not UTF-8\n"},
    {HEAD "title:\ta\n", "4:7: a tab; indent and divide by spaces\n"},
    {HEAD "title: a\x01\n", "4:9: a control character\n"},
    {HEAD "title: a\u2028b\n", "4:9: a control character\n"},
    {HEAD "title: a\xC2\x85"
          "b\n",
     "4:9: a control character\n"},
    {HEAD "title: a\u202Eb\n", "4:9: a control of writing direction, which could make the text read otherwise than it is\n"},
    {HEAD "title: \"a\\u202Eb\"\n",
     "4:8: the value holds a control of writing direction, which could make the text read otherwise than it is\n"},
    {HEAD "title: \"a\\0b\"\n", "4:8: the value holds a control character\n"},
    /* what YAML has and policies have not */
    {HEAD "teams: &a [b]\n", "4:8: anchors ('&') are not allowed; write the value out\n"},
    {HEAD "teams: *a\n", "4:8: aliases ('*') are not allowed; write the value out, or in quotes\n"},
    {HEAD "title: !!str a\n", "4:8: tags ('!') are not allowed; the schema knows the types\n"},
    {HEAD "? title\n: a\n", "4:3: keys marked with '?' are not allowed\n"},
    {HEAD "title: |\n  a\n", "4:8: block texts ('|' and '>') are not allowed; write the text on one line\n"},
    {HEAD "title: >\n  a\n", "4:8: block texts ('|' and '>') are not allowed; write the text on one line\n"},
    {HEAD "title: a\n  b\n", "4:8: a value without quotes goes on in the next line; is that line indented too far?\n"},
    {HEAD "privacy: {}\n", "4:10: maps in braces are not allowed; write one key on each line\n"},
    {HEAD "teams: [a,\n  b]\n", "4:8: a list in brackets must end on its line\n"},
    {HEAD "teams: [a, [b]]\n", "4:12: a list in brackets holds single values only\n"},
    {HEAD "teams: [a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q]\n",
     "4:8: more than 16 items in brackets; write one item on each line, after '- '\n"},
    {HEAD "title: a\ntitle: b\n", "5:1: the key 'title' stands here twice\n"},
    {HEAD "title:\n", "4:7: an empty value; leave the key out instead\n"},
    {HEAD "title: ''\n", "4:8: an empty value; leave the key out instead\n"},
    {HEAD "title: ~\n", "4:8: null is not a value here; leave the key out instead\n"},
    {HEAD "title: null\n", "4:8: null is not a value here; leave the key out instead\n"},
    {HEAD "teams: [[[[[[[[a]]]]]]]]\n",
     "4:9: a list in brackets holds single values only\n4:10: a list in brackets holds single values only\n"
     "4:11: a list in brackets holds single values only\n4:12: a list in brackets holds single values only\n"
     "4:13: a list in brackets holds single values only\n4:14: a list in brackets holds single values only\n"
     "4:15: nested more than 8 levels deep\n"},
    {HEAD "title: 'a\n", "5:1: not valid YAML: found unexpected end of stream\n"},
    {HEAD "privacy:\n  <<: a\n", "5:3: merging of maps with '<<' is not allowed\n"},
    {HEAD "\"\": a\n", "4:1: an empty key\n"},
    {HEAD "[a]: b\n", "4:1: a key must be a plain word\n"},
    {HEAD "title: {a: b}\n", "4:8: maps in braces are not allowed; write one key on each line\n"},
    {HEAD "title: [a]\n", "4:8: 'title' is a single value\n"},
    {HEAD "title:\n  a: b\n", "5:3: 'title' is a single value\n"},
    {HEAD "title: a: b\n", "4:9: not valid YAML: mapping values are not allowed in this context\n"},
    {HEAD "title: \"a\n  b\"\n", ""}, /* quotes may go on: nothing is ambiguous about them */
    {HEAD "title: 'NO'\n", ""},
    {HEAD "title: '~'\n", "4:8: null is not a value here; leave the key out instead\n"},
    {HEAD "teams:\n  -\n", "5:4: an empty value; leave the key out instead\n"},
    {HEAD "teams: [a, '']\n", "4:12: an empty value; leave the key out instead\n"},
    {HEAD "privacy:\n  user: !!str name\n", "5:9: tags ('!') are not allowed; the schema knows the types\n"},
    {HEAD "privacy: &p\n  user: name\n", "4:10: anchors ('&') are not allowed; write the value out\n"},
    {HEAD "privacy:\n  user: name\n  user: name\n", "6:3: the key 'user' stands here twice\n"},
    {HEAD "privacy:\n\tuser: name\n", "5:1: a tab; indent and divide by spaces\n"},
    {HEAD "title: a \u2066b\n", "4:10: a control of writing direction, which could make the text read otherwise than it is\n"},
    {HEAD "title: \"\\x85\"\n", "4:8: the value holds a control character\n"},
    {HEAD "title: a\xED\xA0\x80\n", "4:9: bytes that are not UTF-8\n"},
    {"\xFF\xFEt\0e\0", "1:1: bytes that are not UTF-8\n"},                    /* UTF-16 */
    {HEAD "title: \u00e4\u00f6 \u8def\x01\n", "4:12: a control character\n"}, /* columns count characters */
    {HEAD "title: a\n...\nid: y\n", "6:1: not valid YAML: did not find expected <document start>\n"},
    {HEAD "...\n", ""},
    /* keys and types */
    {"id: x\nowner: a@b.example\n", "1:1: a policy needs the key 'telltale_policy'\n"},
    {"telltale_policy: 2\nid: x\nowner: a@b.example\n", "1:18: 'telltale_policy' must be 1\n"},
    {HEAD "decisons: []\n", "4:1: a policy has no key 'decisons'; did you mean 'decisions'?\n"},
    {HEAD "zzzzz: 1\n", "4:1: a policy has no key 'zzzzz'\n"},
    {HEAD "timezone: Asia/Shanghai\n", "4:11: 'timezone' must be UTC or a distance from it such as +08:00\n"},
    {HEAD "week_starts: sunnday\n",
     "4:14: 'week_starts' cannot be 'sunnday'; it is one of: monday, tuesday, wednesday, thursday, "
     "friday, saturday, sunday; did you mean 'sunday'?\n"},
    {HEAD "max_exception_days: 367\n", "4:21: 'max_exception_days' must be a whole number from 1 to 366\n"},
    {HEAD "regions:\n  a: [XX]\n", "5:7: 'regions' must be a country of ISO 3166-1, two capital letters\n"},
    {HEAD "regions:\n  all: [CN]\n", "5:3: 'all' means every country and cannot name a group\n"},
    {HEAD "teams: [A]\n", "4:9: 'teams' must be small letters, digits, '.', '_' and '-', at most 64\n"},
    {HEAD "teams: a\n", "4:8: 'teams' is a list\n"},
    {HEAD "decisions:\n  id: a\n", "5:3: 'decisions' is a list of maps, each after '- '\n"},
    {DECISION("    severity: hihg\n"),
     "10:15: 'severity' cannot be 'hihg'; it is one of: info, low, medium, high, critical; did you mean 'high'?\n"},
    {DECISION("    from: 2026-02-29\n"), "10:11: 'from' must be a day that exists, as YYYY-MM-DD\n"},
    {DECISION("    from: 2026-03-02\n    until: 2026-03-01\n"), "11:12: 'until' is before 'from'\n"},
    {DECISION("    timeline:\n      warn: 2026-03-02\n      block: 2026-03-01\n"),
     "12:14: 'block' is before an earlier stage; the order is announce, warn, block, remove, verify\n"},
    {DECISION("    limits:\n      models: []\n"), "11:7: 'limits' belong to the status approved_with_limits\n"},
    {DECISION("    supersedes: [D-0]\n"), "10:17: 'supersedes' needs the key 'from': since when\n"
                                          "10:18: there is no decision 'D-0' in this file; did you mean 'D-1'?\n"},
    {DECISION("    applies_to:\n      teams: [web]\n"), "11:15: there is no team 'web' in this file\n"},
    {DECISION("    applies_to:\n      regions: [CN]\n      regions_except: [HK]\n"),
     "12:23: 'regions' and 'regions_except' exclude each other\n"},
    {DECISION("    supersedes: [D-1]\n    from: 2026-01-01\n"), "10:18: a decision cannot supersede itself\n"},
    {DECISION("    from: 2026-01-01\n    supersedes: [D-2]\n" SECOND "    from: 2026-02-01\n    supersedes: [D-1]\n" THIRD),
     "11:18: decisions replace each other in a circle, through 'D-2'\n"
     "18:18: decisions replace each other in a circle, through 'D-1'\n"},
    {DECISION("    from: 2026-01-01\n    supersedes: [D-2]\n" SECOND THIRD), ""},
    {HEAD "decisions:\n  - id: default\n    match:\n      vendor: acme\n    status: prohibited\n    reason: r\n",
     "5:9: 'default' means the default and cannot name a decision\n"},
    {DECISION("    match:\n      vendor: acme\n"), "10:5: the key 'match' stands here twice\n"},
    {MATCH("vendor: acme\n      via: editor"), "7:12: 'via' narrows models and routes; the subject here is software\n"},
    {MATCH("model_family: f\n      via: editor"), ""},
    {MATCH("vendor: acne"), "6:15: there is no vendor 'acne'; did you mean 'acme'?\n"},
    {MATCH("vender: acme"), "6:7: a match has no key 'vender'; did you mean 'vendor'?\n"},
    {DECISION("    alternatives: [edditor]\n"), "10:20: there is no product 'edditor'; did you mean 'editor'?\n"},
    {DECISION("  - id: D-1\n    match:\n      vendor: acme\n    status: prohibited\n    reason: r\n"),
     "10:9: the id 'D-1' is taken\n"},
    {DECISION("  - id: D-2\n    match:\n      vendor: acme\n      product: editor\n    status: approved\n    reason: r\n"),
     "10:5: a decision needs the key 'review_due', unless its status is prohibited\n"
     "12:15: a match has exactly one subject, and 'product' is one\n"},
    {DECISION("  - id: D-2\n    match:\n      os: [linux]\n    status: approved_with_limits\n    reason: r\n"
              "    review_due: 2026-01-01\n"),
     "10:5: the status approved_with_limits needs the key 'limits'\n"
     "12:7: a match needs a subject, such as product, vendor, model_family or provider\n"},
    {DECISION("exceptions:\n  - id: E\n    decisions: [D-3]\n    scope:\n      teams: []\n    owner: o@p\n    reason: r\n"
              "    starts: 2026-01-01\n    expires: 2026-12-31\n"),
     "12:17: there is no decision 'D-3' in this file; did you mean 'D-1'?\n"
     "14:7: the scope of an exception needs hosts, teams or regions\n"
     "18:14: an exception that lasts longer than 'max_exception_days' allows\n"},
    {DECISION(EXCEPTION("default", "teams: [red]")), "14:15: there is no team 'red' in this file\n"},
    {DECISION(EXCEPTION("[default, D-1]", "hosts: [a-*]")), ""},
    {DECISION(EXCEPTION("[]", "regions: [CN]")), "12:16: an exception needs at least one decision\n"},
    {DECISION(EXCEPTION("D-1", "regions: [CN]")), "12:16: 'decisions' is a list\n"},
    {DECISION(EXCEPTION("default", "groups: [CN]")), "14:7: the scope of an exception has no key 'groups'\n"},
    {DECISION(EXCEPTION("default", "regions: [nowhere]")), "14:17: there is no group of regions 'nowhere' in this file\n"},
    {HEAD "teams: [all]\n", "4:9: 'all' means every team and cannot name one\n"},
    {HEAD "regions: [CN]\n", "4:10: 'regions' is a map of names to lists\n"},
    {HEAD "regions:\n  West: [DE]\n", "5:3: 'the name of a group' must be small letters, digits, '.', '_' and '-', at most 64\n"},
    {HEAD "default:\n  timeline:\n    block: 2026-02-01\n    remove: 2026-01-01\n",
     "7:13: 'remove' is before an earlier stage; the order is announce, warn, block, remove, verify\n"},
    {HEAD "default:\n  software: reviewing\n",
     "5:13: 'software' cannot be 'reviewing'; it is one of: undecided, approved, prohibited\n"},
    {HEAD "privacy: none\n", "4:10: privacy is a map: lines of 'key: value'\n"},
    {HEAD "decisions:\n  - a\n", "5:5: a decision is a map: lines of 'key: value'\n"},
    {HEAD BUDGET("    subject:\n      vendor: acme\n      product: editor\n"),
     "10:7: the subject of a budget is one of product, vendor, provider and model_family\n"},
    {HEAD BUDGET("    until: 2025-12-31\n"), "9:12: 'until' is before 'from'\n"},
    {HEAD "budgets:\n  - id: B\n    team: red\n    amount: 1\n    from: 2026-01-01\n",
     "6:11: there is no team 'red' in this file\n"},
    {HEAD "credits:\n  - id: C\n    team: all\n    source: editor\n    amount: 1\n    from: 2026-01-02\n    until: 2026-01-01\n",
     "10:12: 'until' is before 'from'\n"},
    {HEAD "reimbursements:\n  - id: R\n    teams: [red]\n    product: editr\n    per_person: 1\n    last_spend: 2026-01-02\n"
          "    claims_until: 2026-01-01\n",
     "7:14: there is no product 'editr'; did you mean 'editor'?\n"},
    {HEAD "reimbursements:\n  - id: R\n    teams: [red]\n    product: editor\n    per_person: 1\n    last_spend: 2026-01-02\n"
          "    claims_until: 2026-01-01\n",
     "6:13: there is no team 'red' in this file\n10:19: 'claims_until' is before 'last_spend'\n"},
    {HEAD "marks:\n  - id: m\n    channel: tags\n    site: s\n    action: block\n",
     "5:5: an entry of marks needs one of the keys 'channel' and 'site'\n"},
    {HEAD "marks:\n  - id: m\n    channel: tags\n    action: blok\n",
     "7:13: 'action' cannot be 'blok'; it is one of: report, normalise, block; did you mean 'block'?\n"},
    {HEAD "budgets:\n  - id: B\n    team: all\n    amount: 1.234\n    from: 2026-01-01\n",
     "7:13: 'amount' must be an amount such as 250 or 19.90\n"},
    {HEAD "marks:\n  - id: m\n    channel: tagz\n    action: block\n",
     "6:14: there is no channel 'tagz'; did you mean 'tags'?\n"},
    {HEAD "marks:\n  - id: m\n    action: block\n", "5:5: an entry of marks needs one of the keys 'channel' and 'site'\n"},
    {HEAD "gateway:\n  identity: [header]\n",
     "5:13: 'identity_header' names the header of the identity source 'header': one needs the other\n"},
    {HEAD "gateway:\n  identity: [api-key, api-key]\n", "5:23: this source stands here twice\n"},
    {HEAD "gateway:\n  on_error: opne\n",
     "5:13: 'on_error' cannot be 'opne'; it is one of: open, closed; did you mean 'open'?\n"},
    {HEAD "gateway:\n  body_hash: acts\n",
     "5:14: 'body_hash' cannot be 'acts'; it is one of: acted, always; did you mean 'acted'?\n"},
    {HEAD "gateway:\n  meter: injekt\n",
     "5:10: 'meter' cannot be 'injekt'; it is one of: estimate, inject, require; did you mean 'inject'?\n"},
    {HEAD "gateway:\n  credentials: keep\n", "5:16: 'credentials' cannot be 'keep'; it is one of: pass, replace\n"},
    {HEAD "gateway:\n  answer_headers: [acted]\n", "5:19: 'answer_headers' is a single value\n"},
    {HEAD "gateway:\n  reroute: yes\n", "5:12: 'reroute' must be true or false\n"},
    {HEAD "gateway:\n  references: block\n", "5:15: what requests may refer to is a map: lines of 'key: value'\n"},
    {HEAD "gateway:\n  references:\n    files: block\n",
     "6:5: what requests may refer to has no key 'files'; did you mean 'file'?\n"},
    {HEAD "gateway:\n  references:\n    file: blocked\n",
     "6:11: 'file' cannot be 'blocked'; it is one of: report, block; did you mean 'block'?\n"},
    {HEAD "gateway:\n  rerout: true\n", "5:3: the gateway has no key 'rerout'; did you mean 'reroute'?\n"},
};

static void
errors_have_their_places(void **state)
{
    (void) state;
    for (size_t i = 0; i < sizeof(error_cases) / sizeof(*error_cases); i++) {
        assert_string_equal(errors_of(tt_str_cstr(error_cases[i].text)), error_cases[i].errors);
    }
}

static void
bounds(void **state)
{
    static char text[TT_POLICY_BYTES_MAX + 1];
    (void) state;
    memset(text, '[', sizeof(text));
    assert_string_equal(errors_of(tt_str_make(text, sizeof(text))), "1:1: a policy of more than 1 MiB\n");
    assert_non_null(strstr(errors_of(tt_str_make(text, sizeof(text) - 1)), "1:9: nested more than 8 levels deep\n"));
    /* Twenty errors are listed and no more. */
    size_t at = (size_t) sprintf(text, "%s", HEAD);
    for (int i = 0; i < 30; i++) {
        at += (size_t) sprintf(text + at, "unknown-%d: 1\n", i);
    }
    const char *errors = errors_of(tt_str_make(text, at));
    size_t lines = 0;
    for (; *errors; errors++) {
        lines += *errors == '\n';
    }
    assert_int_equal(lines, TT_POLICY_PROBLEMS_MAX);
    memset(text, 'a', sizeof(text));
    memcpy(text, HEAD "title: ", sizeof(HEAD "title: ") - 1);
    assert_string_equal(errors_of(tt_str_make(text, 5000)), "4:8: a value of more than 4096 bytes\n");
    at = (size_t) sprintf(text, "%steams:\n", HEAD);
    for (int i = 0; i < 10000; i++) {
        at += (size_t) sprintf(text + at, "  - t%d\n", i);
    }
    assert_non_null(strstr(errors_of(tt_str_make(text, at)), "more than 10000 keys, values and ends"));
}

/* ---- types: what stands behind a key, and what must not ---- */

#define LONG_400                                                                                           \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789" \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
#define LONG_64 "a123456789012345678901234567890123456789012345678901234567890123"
#define HEX_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct type_case {
    const char *before; /* the file up to the value */
    const char *after;
    const char *words;     /* of the error */
    const char *wrong[16]; /* values; ends in NULL */
    const char *right[16];
};

static const struct type_case type_cases[] = {
    {HEAD "title: ", "\n", "'title' must be a text of 1 to 400 characters", {LONG_400 "x"}, {"a", "1.10", "NO", LONG_400}},
    {"telltale_policy: 1\nowner: a@b.example\nid: ",
     "\n",
     "'id' must be small letters, digits, '.', '_' and '-', at most 64",
     {"A", "a b", "-a", ".a", "a/b", LONG_64 "4"},
     {"a", "0", "a.b_c-d", LONG_64}},
    {MATCH_START "vendor: acme" MATCH_END "    id: ",
     "\n",
     "'id' must be a letter, then letters, digits, '.', '_' and '-', at most 64",
     {"1", "a b", "_a", LONG_64 "4"},
     {"D", "d-2026.1_a", LONG_64}},
    {HEAD BUDGET("    until: "),
     "\n",
     "'until' must be a day that exists, as YYYY-MM-DD",
     {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-1", "26-01-01", "2026-07-32", "20260701", "2026-07-10T00:00",
      "0000-01-01", "never"},
     {"2028-02-29", "2026-12-31", "'2026-07-10'"}},
    {HEAD "budgets:\n  - id: B\n    team: all\n    from: 2026-01-01\n    amount: ",
     "\n",
     "'amount' must be an amount such as 250 or 19.90",
     {"1.234", "-1", "1,5", "1e3", ".5", "5.", "1234567890", "USD 5", "+5", "0x10"},
     {"0", "0.5", "0.50", "123456789.99", "'7'"}},
    {HEAD "max_exception_days: ",
     "\n",
     "'max_exception_days' must be a whole number from 1 to 366",
     {"0", "367", "-1", "1.0", "1e2", "0x10", "one", "99999999999999999999"},
     {"1", "0366", "366"}},
    {HEAD BUDGET("    carry_over: "),
     "\n",
     "'carry_over' must be true or false",
     {"yes", "True", "1", "on", "FALSE"},
     {"true", "false"}},
    {MATCH_START "vendor_jurisdiction: ",
     MATCH_END "    id: D\n",
     "'vendor_jurisdiction' must be a country of ISO 3166-1, two capital letters",
     {"cn", "CHN", "XX", "UK", "C", "EU"},
     {"CN", "GB", "NO"}},
    {MATCH_START "model: ",
     MATCH_END "    id: D\n",
     "'model' must be a name in which only '*' and '?' are special",
     {"'[ab]*'", "'a{1}'", "a b", "a\\b"},
     {"gpt-*", "'*'", "a?b/c:d"}},
    {MATCH_START "vendor: acme\n      version: ",
     MATCH_END "    id: D\n",
     "'version' must be comparisons such as \">= 1.1.0 < 2\"",
     {"'>'", "'~1.2'", "'^1'", "'>= x'", "1..2", "'1 ||2'"},
     {"'>= 1.1.0 < 2'", "1.2", "'<=3'"}},
    {HEAD "timezone: ",
     "\n",
     "'timezone' must be UTC or a distance from it such as +08:00",
     {"Asia/Shanghai", "+8", "+08", "+0800", "'+15:00'", "'+08:60'", "Z", "utc", "08:00"},
     {"UTC", "'+08:00'", "'-03:30'", "'+14:00'", "'-12:00'"}},
    {"telltale_policy: 1\nid: x\nowner: ",
     "\n",
     "'owner' must be a mailbox or a URL of a role",
     {"security", "'@b'", "a@", "a b@c", "'://x'", "https://"},
     {"a@b", "https://x.example/who"}},
    {MATCH_START "sha256: ",
     MATCH_END "    id: D\n",
     "'sha256' must be 64 small hexadecimal digits",
     {"abc", HEX_64 "0", "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef",
      "g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"},
     {HEX_64}},
    {MATCH_START "package: ",
     MATCH_END "    id: D\n",
     "'package' must be a registry, ':' and a name, such as npm:@a/b or vscode:a.b",
     {"a", "'npm:'", "':a'", "'npm:a b'", "'NPM:a'"},
     {"npm:@a/b", "pip:a"}},
    {MATCH_START "host: ",
     MATCH_END "    id: D\n",
     "'host' must be a host name in small letters, or '*.' and the end of one",
     {"A.example", "a..b", "'*a.example'", "a.*", "'.a'", "a.", "https://a.example", "'a.example:443'", "'*.'"},
     {"a.example", "'*.a.example'", "localhost", "10.0.0.1"}},
    {HEAD "currency: ", "\n", "'currency' cannot be", {"EUR", "usd"}, {"USD", "'USD'"}},
    {HEAD "privacy:\n  retention_days: ",
     "\n",
     "'retention_days' must be a whole number from 1 to 36500",
     {"0", "36501"},
     {"1", "36500"}},
    {HEAD BUDGET("    warn_at: "), "\n", "'warn_at' must be a whole number from 0 to 100", {"-1", "101"}, {"0", "100"}},
    {HEAD BUDGET("    grades: ["), "]\n", "'grades' cannot be", {"exact"}, {"reported", "derived, estimated"}},
    {MATCH_START "vendor: acme\n      os: [",
     "]" MATCH_END "    id: D\n",
     "'os' cannot be",
     {"Linux", "darwin"},
     {"linux", "macos, windows"}},
    {HEAD "decisions:\n  - id: D\n    match:\n      vendor: acme\n    status: prohibited\n    reason: r\n    applies_to:\n"
          "      regions: [",
     "]\n",
     "'regions' must be a country, a group of 'regions', or all",
     {"West", "A B"},
     {"CN", "all", "CN, HK"}},
};

static struct tt_str
join(char *out, size_t size, const struct type_case *c, const char *value)
{
    int n = snprintf(out, size, "%s%s%s", c->before, value, c->after);
    assert_true(n > 0 && (size_t) n < size);
    return tt_str_make(out, (size_t) n);
}

static void
types_have_their_bounds(void **state)
{
    static char text[4096], expected[512];
    (void) state;
    for (size_t i = 0; i < sizeof(type_cases) / sizeof(*type_cases); i++) {
        const struct type_case *c = &type_cases[i];
        unsigned line = 1, column = 1;
        for (const char *p = c->before; *p; p++) {
            column = *p == '\n' ? 1 : column + 1;
            line += *p == '\n';
        }
        snprintf(expected, sizeof(expected), "%u:%u: %s", line, column, c->words);
        for (const char *const *value = c->wrong; *value; value++) {
            const char *errors = errors_of(join(text, sizeof(text), c, *value));
            if (strncmp(errors, expected, strlen(expected)) != 0 || strchr(errors, '\n')[1]) {
                fail_msg("%s: '%s' is not '%s' alone", *value, errors, expected);
            }
        }
        for (const char *const *value = c->right; *value; value++) {
            assert_string_equal(errors_of(join(text, sizeof(text), c, *value)), "");
        }
    }
}

/* ---- every key that is required, and every key misspelt ---- */

static const char complete[] = "telltale_policy: 1\n"
                               "id: x\n"
                               "owner: a@b.example\n"
                               "teams: [red]\n"
                               "decisions:\n"
                               "  - id: D\n"
                               "    match:\n"
                               "      vendor: acme\n"
                               "    status: prohibited\n"
                               "    reason: r\n"
                               "exceptions:\n"
                               "  - id: E\n"
                               "    decisions: default\n"
                               "    scope:\n"
                               "      teams: [red]\n"
                               "    owner: a@b.example\n"
                               "    reason: r\n"
                               "    expires: 2026-01-01\n"
                               "budgets:\n"
                               "  - id: B\n"
                               "    team: all\n"
                               "    amount: 1\n"
                               "    from: 2026-01-01\n"
                               "credits:\n"
                               "  - id: C\n"
                               "    team: all\n"
                               "    source: editor\n"
                               "    amount: 1\n"
                               "    from: 2026-01-01\n"
                               "    until: 2026-02-01\n"
                               "reimbursements:\n"
                               "  - id: R\n"
                               "    teams: ['red']\n"
                               "    product: editor\n"
                               "    per_person: 1\n"
                               "    last_spend: 2026-01-01\n"
                               "    claims_until: 2026-02-01\n"
                               "marks:\n"
                               "  - id: M\n"
                               "    channel: tags\n"
                               "    action: report\n";

/* Where a key begins in its line: behind blanks and the dash of an item. */
static size_t
key_at(const char *line)
{
    size_t at = strspn(line, " ");
    return line[at] == '-' ? at + 2 : at;
}

/* Each key in turn gets a letter too much: its place is named, and what it should be. */
static void
misspelt_keys(void **state)
{
    static char text[4096], expected[128];
    unsigned number = 1;
    (void) state;
    assert_string_equal(errors_of(tt_str_cstr(complete)), "");
    for (const char *line = complete; *line; line = strchr(line, '\n') + 1, number++) {
        size_t before = (size_t) (line - complete) + key_at(line), name = strcspn(complete + before, ":");
        snprintf(text, sizeof(text), "%.*szz%s", (int) (before + name), complete, complete + before + name);
        snprintf(expected, sizeof(expected), "%u:%zu: ", number, key_at(line) + 1);
        const char *error = strstr(errors_of(tt_str_cstr(text)), "zz'; did you mean '");
        if (!error) {
            fail_msg("line %u: %s", number, errors_of(tt_str_cstr(text)));
            return;
        }
        assert_non_null(strstr(errors_of(tt_str_cstr(text)), expected));
        assert_int_equal(strncmp(error + strlen("zz'; did you mean '"), complete + before, name), 0);
    }
}

/* Beyond the errors that are listed, a list that stands twice is still not read twice. */
static void
lists_that_stand_twice(void **state)
{
    static const char *const lists[] = {"decisions", "exceptions", "budgets", "credits", "reimbursements", "marks"};
    static char text[8192];
    (void) state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++) {
        int n = snprintf(text, sizeof(text), "%sprivacy:\n", HEAD);
        for (int k = 0; k < 30; k++) {
            n += snprintf(text + n, sizeof(text) - (size_t) n, "  retention_days: %d\n", k);
        }
        for (int k = 0; k < 3; k++) {
            n += snprintf(text + n, sizeof(text) - (size_t) n, "%s:\n  - id: A\n  - id: B\n", lists[i]);
        }
        assert_true(n > 0 && (size_t) n < sizeof(text));
        assert_non_null(strstr(errors_of(tt_str_cstr(text)), "the key 'retention_days' stands here twice"));
    }
    assert_string_equal(errors_of(TT_STR(HEAD "teams: [a]\nteams: [b]\nregions:\n  a: [CN]\nregions:\n  a: [CN]\n  b: [HK]\n")),
                        "5:1: the key 'teams' stands here twice\n8:1: the key 'regions' stands here twice\n");
}

/* Each key that is required is missed at the map that lacks it. */
static void
missing_keys(void **state)
{
    static const struct {
        const char *line; /* left out */
        const char *error;
    } cases[] = {
        {"telltale_policy: 1\n", "1:1: a policy needs the key 'telltale_policy'\n"},
        {"id: x\n", "1:1: a policy needs the key 'id'\n"},
        {"owner: a@b.example\n", "1:1: a policy needs the key 'owner'\n"},
        {"    match:\n      vendor: acme\n", "6:5: a decision needs the key 'match'\n"},
        {"    status: prohibited\n", "6:5: a decision needs the key 'status'\n"},
        {"    reason: r\n", "6:5: a decision needs the key 'reason'\n"},
        {"    decisions: default\n", "12:5: an exception needs the key 'decisions'\n"},
        {"    scope:\n      teams: [red]\n", "12:5: an exception needs the key 'scope'\n"},
        {"    owner: a@b.example\n", "12:5: an exception needs the key 'owner'\n"},
        {"    expires: 2026-01-01\n", "12:5: an exception needs the key 'expires'\n"},
        {"    amount: 1\n", "20:5: a budget needs the key 'amount'\n"},
        {"    team: all\n", "20:5: a budget needs the key 'team'\n"},
        {"    from: 2026-01-01\n", "20:5: a budget needs the key 'from'\n"},
        {"    source: editor\n", "25:5: a credit needs the key 'source'\n"},
        {"    until: 2026-02-01\n", "25:5: a credit needs the key 'until'\n"},
        {"    teams: ['red']\n", "32:5: a reimbursement needs the key 'teams'\n"},
        {"    product: editor\n", "32:5: a reimbursement needs the key 'product'\n"},
        {"    per_person: 1\n", "32:5: a reimbursement needs the key 'per_person'\n"},
        {"    last_spend: 2026-01-01\n", "32:5: a reimbursement needs the key 'last_spend'\n"},
        {"    claims_until: 2026-02-01\n", "32:5: a reimbursement needs the key 'claims_until'\n"},
        {"    action: report\n", "39:5: an entry of marks needs the key 'action'\n"},
        {"    channel: tags\n", "39:5: an entry of marks needs one of the keys 'channel' and 'site'\n"},
    };
    static char text[4096];
    (void) state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const char *at = strstr(complete, cases[i].line);
        assert_non_null(at);
        snprintf(text, sizeof(text), "%.*s%s", (int) (at - complete), complete, at + strlen(cases[i].line));
        assert_string_equal(errors_of(tt_str_cstr(text)), cases[i].error);
    }
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(errors_have_their_places),
    cmocka_unit_test(bounds),
    cmocka_unit_test(types_have_their_bounds),
    cmocka_unit_test(misspelt_keys),
    cmocka_unit_test(missing_keys),
    cmocka_unit_test(lists_that_stand_twice),
};

int
main(void)
{
    return cmocka_run_group_tests(tests, NULL, NULL);
}
