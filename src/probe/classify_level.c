/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a difference has to do with the level that was set: does the leaf show its value, is it explained by it, is it only transport?
 *
 * Input: the sources of levels, whose values are unlike anything else on purpose, and leaves.  Output: answers; scratch in the caller's arena, and
 * where there is none the answer is "no".
 */
#include "base/hash.h"
#include "probe/classify.h"

#define ECHO_MIN 4        /* bytes of a value that is looked for; shorter ones stand anywhere by chance */
#define ECHO_DIGITS_MIN 8 /* of a digest in hexadecimal */

/* ---- forms of a value ---- */

struct form {
    char *p;
    size_t n, room;
};

static void
put(struct form *form, char c)
{
    if (form->n < form->room) {
        form->p[form->n++] = c;
    }
}

/* Letters and digits alone, in lower case: a plain format of the value has the same. */
static struct tt_str
bare(struct tt_arena *arena, struct tt_str s)
{
    struct form form = {tt_arena_get(arena, s.len + 1), 0, s.len};
    for (size_t i = 0; form.p && i < s.len; i++) {
        if (tt_ascii_is_alnum((unsigned char) s.ptr[i])) {
            put(&form, (char) tt_ascii_lower((unsigned char) s.ptr[i]));
        }
    }
    return tt_str_make(form.p, form.n);
}

static struct tt_str
hex(struct tt_arena *arena, struct tt_str s)
{
    char *text = tt_arena_get(arena, 2 * s.len + 1);
    if (text) {
        tt_hex_write(text, s.ptr, s.len);
    }
    return tt_str_make(text, text ? 2 * s.len : 0);
}

/* Whole groups of three bytes: what follows depends on the end of the encoded text.  RFC 4648, sections 4 and 5. */
static struct tt_str
base64(struct tt_arena *arena, struct tt_str s, const char *last)
{
    char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789..";
    memcpy(digits + 62, last, 2);
    struct form form = {tt_arena_get(arena, s.len * 2 + 1), 0, s.len * 2};
    for (size_t i = 0; form.p && i + 3 <= s.len; i += 3) {
        uint32_t group = (uint32_t) (unsigned char) s.ptr[i] << 16 | (uint32_t) (unsigned char) s.ptr[i + 1] << 8 |
                         (unsigned char) s.ptr[i + 2];
        put(&form, digits[group >> 18]);
        put(&form, digits[group >> 12 & 63]);
        put(&form, digits[group >> 6 & 63]);
        put(&form, digits[group & 63]);
    }
    return tt_str_make(form.p, form.n);
}

/* The first digits of the digest: a shorter form of it is still recognised. */
static struct tt_str
digest(struct tt_arena *arena, struct tt_str s)
{
    unsigned char hash[TT_SHA256_SIZE];
    struct tt_sha256 sha;
    tt_sha256_init(&sha);
    tt_sha256_add(&sha, s);
    tt_sha256_end(&sha, hash);
    return hex(arena, tt_str_make(hash, ECHO_DIGITS_MIN / 2));
}

static const char *
form_of(struct tt_arena *arena, struct tt_str value, struct tt_str line)
{
    if (value.len < ECHO_MIN) {
        return tt_str_eq(line, value) && value.len > 0 ? "literal" : NULL;
    }
    if (tt_str_has(line, value)) {
        return "literal";
    }
    if (tt_str_has(line, hex(arena, value))) {
        return "hex";
    }
    struct tt_str plain_code = base64(arena, value, "+/"), url_code = base64(arena, value, "-_");
    if (plain_code.len >= ECHO_MIN && (tt_str_has(line, plain_code) || tt_str_has(line, url_code))) {
        return "base64";
    }
    if (tt_str_has(line, digest(arena, value))) {
        return "sha256";
    }
    struct tt_str plain = bare(arena, value);
    return plain.len >= ECHO_MIN && tt_str_has(bare(arena, line), plain) ? "plain" : NULL;
}

/* A value without what many programs leave out of it: the character set of a locale, the folders above. */
static struct tt_str
shorter(const struct tt_source *source)
{
    struct tt_str s = source->value;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.' && source->kind == TT_SOURCE_ENV) {
            return tt_str_slice(s, 0, i);
        }
    }
    bool folder = source->kind == TT_SOURCE_FOLDER || source->kind == TT_SOURCE_HOME;
    for (size_t i = s.len; folder && i-- > 0;) {
        if (s.ptr[i] == '/') {
            return tt_str_slice(s, i + 1, s.len);
        }
    }
    return s;
}

const char *
tt_classify_echo(struct tt_arena *arena, const struct tt_level_spec *level, struct tt_str line, struct tt_str baseline)
{
    for (size_t i = 0; i < level->source_count; i++) {
        const struct tt_str values[] = {level->sources[i].value, shorter(&level->sources[i])};
        for (size_t k = 0; k < 2; k++) {
            const char *form = form_of(arena, values[k], line);
            if (form && !form_of(arena, values[k], baseline)) {
                return form;
            }
        }
    }
    return NULL;
}

/* ---- explained ---- */

/* a with each from in it replaced by to, compared with b. */
static bool
is_replaced(struct tt_str a, struct tt_str b, struct tt_str from, struct tt_str to)
{
    size_t i = 0, k = 0;
    bool any = false;
    while (i < a.len) {
        if (tt_str_starts(tt_str_slice(a, i, a.len), from) && tt_str_starts(tt_str_slice(b, k, b.len), to)) {
            i += from.len;
            k += to.len;
            any = true;
        } else if (k < b.len && a.ptr[i] == b.ptr[k]) {
            i++;
            k++;
        } else {
            return false;
        }
    }
    return any && k == b.len;
}

bool
tt_classify_is_explained(struct tt_arena *arena, const struct tt_level_spec *from, const struct tt_level_spec *to,
                         struct tt_str a, struct tt_str b)
{
    (void) arena;
    for (size_t i = 0; i < from->source_count; i++) {
        for (size_t k = 0; k < to->source_count; k++) {
            const struct tt_source *one = &from->sources[i], *two = &to->sources[k];
            if (one->kind == two->kind && tt_str_eq(one->name, two->name) && one->value.len > 0 && two->value.len > 0 &&
                !tt_str_eq(one->value, two->value) &&
                (is_replaced(a, b, one->value, two->value) || is_replaced(a, b, shorter(one), shorter(two)))) {
                return true;
            }
        }
    }
    return false;
}

/* ---- transport ---- */

/* Are the lists of codings equal but for codings that clients offer over TLS only? */
static bool
is_more_codings(struct tt_str a, struct tt_str b)
{
    struct tt_str less = a.len < b.len ? a : b, more = a.len < b.len ? b : a;
    return tt_str_starts(more, less) || tt_str_ends(more, less) ||
           (tt_str_has(more, TT_STR("br")) && !tt_str_has(less, TT_STR("br")));
}

/* A host and a port, in small letters, as they come from a URL. */
static bool
is_host(struct tt_str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char) s.ptr[i];
        if (!tt_ascii_is_digit(c) && !(c >= 'a' && c <= 'z') && c != '.' && c != '-' && c != ':' && c != '[' && c != ']') {
            return false;
        }
    }
    return true;
}

static bool
is_level_host(const struct tt_level_spec *level, struct tt_str b)
{
    for (size_t i = 0; i < level->source_count; i++) {
        const struct tt_source *source = &level->sources[i];
        if (source->kind == TT_SOURCE_BASE_HOST && source->value.len > 0) {
            return tt_str_starts(b, source->value) && is_host(tt_str_slice(b, source->value.len, b.len));
        }
    }
    return is_host(b);
}

static bool
is_one_of(struct tt_str s, const char *const *names)
{
    for (; *names; names++) {
        if (tt_str_eq(s, tt_str_cstr(*names))) {
            return true;
        }
    }
    return false;
}

bool
tt_classify_is_transport(const struct tt_factor *factor, const struct tt_level_spec *level, struct tt_str path, struct tt_str a,
                         struct tt_str b)
{
    static const char *const always[] = {"#origin", "connection", "keep-alive", "http2-settings",    "upgrade",
                                         "#sni",    "#connect",   "#dns",       "#failed-handshake", NULL};
    if (factor->role != TT_ROLE_HOST && factor->role != TT_ROLE_SCHEME && factor->role != TT_ROLE_PROXY) {
        return false;
    }
    if (tt_str_eq(path, TT_STR("host"))) {
        return is_level_host(level, b);
    }
    if (tt_str_eq(path, TT_STR("accept-encoding"))) {
        return is_more_codings(a, b);
    }
    return is_one_of(path, always) || tt_str_starts(path, TT_STR("proxy-"));
}
