/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptions of learned sites, and the search for them: what stands before the first NUL byte is a description, what stands behind it a text.  Without
 * one the text is searched for the sites of a description that is good.
 *
 * Held: a refused description leaves the set as it was and says where; findings lie in the text and are the same with any kernels; where the inside of a
 * JSON string is passed over there is nothing; edits lie in the text, in order, and lead to the plain symbol or to nothing.
 */
#include "marks/normalise.h"

#include <stdlib.h>

#define FOUND_MAX 64

static const char good[] =
    "{\"telltale_sites\":1,\"client\":{\"name\":\"c\",\"version\":\"\"},\"sites\":["
    "{\"id\":\"a\",\"class\":\"c0\",\"request\":\"\",\"path\":\"$.a\",\"before\":\"\\nToday\",\"after\":\"s date is "
    "####-##-##\",\"bits\":2,"
    "\"factors\":[\"h\"],\"alphabet\":[{\"value\":\"'\",\"meaning\":[\"a\"]},{\"value\":\"\\u02bc\",\"meaning\":[\"b\"]}]},"
    "{\"id\":\"b\",\"class\":\"c1\",\"request\":\"\",\"path\":\"$.a\",\"before\":\"s date is ####\",\"after\":\"## and so "
    "on\\n\",\"bits\":1,"
    "\"factors\":[\"h\"],\"alphabet\":[{\"value\":\"-##-\",\"meaning\":[\"a\"]},{\"value\":\"/##/\",\"meaning\":[\"b\"]}]},"
    "{\"id\":\"c\",\"class\":\"c4\",\"request\":\"\",\"path\":\"$.a\",\"before\":\"the session of this user is "
    "\",\"after\":\"\\n\",\"bits\":1,"
    "\"open\":true,\"factors\":[\"h\"],\"alphabet\":[{\"value\":\"00ff\",\"meaning\":[\"a\"]},{\"value\":\"ff00aa\",\"meaning\":["
    "\"b\"]}]},"
    "{\"id\":\"d\",\"class\":\"c1\",\"request\":\"\",\"path\":\"$.a\",\"before\":\"say what you "
    "changed.\",\"after\":\"\\n\",\"bits\":1,"
    "\"factors\":[\"h\"],\"alphabet\":[{\"value\":\"\",\"meaning\":[\"a\"]},{\"value\":\" \",\"meaning\":[\"b\"]}]}]}";

struct found {
    struct tt_str text;
    const struct tt_learned *learned;
    size_t count, at[FOUND_MAX];
};

static void
require(bool condition)
{
    if (!condition) {
        abort();
    }
}

static enum tt_status
take(void *ctx, const struct tt_finding *f)
{
    struct found *found = ctx;
    struct tt_edit edits[TT_NORMALISE_EDITS_MAX];
    require(f->where.offset <= found->text.len && f->where.length <= found->text.len - f->where.offset);
    size_t last = (size_t) f->where.offset, end = last + (size_t) f->where.length;
    size_t count = tt_normalise(found->text, f, found->learned, edits);
    for (size_t i = 0; i < count; i++) {
        require(edits[i].offset >= last && edits[i].length <= end - edits[i].offset);
        last = edits[i].offset + edits[i].length;
    }
    found->at[found->count++ % FOUND_MAX] = (size_t) f->where.offset;
    return TT_OK;
}

static void
look(const struct tt_learned *learned, struct tt_str text, unsigned cpu, struct found *found)
{
    struct tt_marks marks;
    const struct tt_field field = {.text = text, .to = text.len, .at_start = true, .at_end = true, .path = TT_STR("$.a")};
    *found = (struct found) {.text = text, .learned = learned};
    tt_marks_init(&marks, &tt_alloc_libc, tt_kernels_get(cpu));
    const struct tt_learned_call call = {.learned = learned, .field = &field, .marks = &marks, .sink = {take, found}};
    require(tt_learned_look(&call) == TT_OK);
    tt_marks_free(&marks);
}

/* Does the text stand in a JSON string as it is? */
static bool
is_raw(struct tt_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char) text.ptr[i];
        if (c < 0x20 || c == '"' || c == '\\') {
            return false;
        }
    }
    return true;
}

static void
check_text(const struct tt_learned *learned, struct tt_str text)
{
    struct found a, b;
    const struct tt_kernels *kernels = tt_kernels_get(0);
    text.len = kernels->valid_utf8((const unsigned char *) text.ptr, text.len);
    look(learned, text, 0, &a);
    look(learned, text, tt_cpu_detect(), &b);
    require(a.count == b.count && memcmp(a.at, b.at, sizeof(a.at)) == 0);
    if (is_raw(text) && a.count > 0) {
        require(tt_learned_may_hold(learned, kernels, text, text.len));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tt_learned *learned = malloc(sizeof(*learned));
    struct tt_error err = {.msg = NULL};
    const uint8_t *end = size ? memchr(data, 0, size) : NULL;
    struct tt_str description = end ? tt_str_make(data, (size_t) (end - data)) : tt_str_cstr(good);
    require(learned != NULL);
    tt_learned_init(learned, &tt_alloc_libc);
    if (tt_learned_read(learned, description, &err) != TT_OK) {
        require(err.msg && err.line > 0 && err.column > 0 && learned->count == 0);
    } else {
        size_t skipped = end ? description.len + 1 : 0;
        check_text(learned, tt_str_make(data + skipped, size - skipped));
    }
    tt_learned_free(learned);
    free(learned);
    return 0;
}
