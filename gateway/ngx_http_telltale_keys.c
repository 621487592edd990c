/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys file: which clients there are, and the gateway's own keys for
 * providers.
 *
 *   {"require": true,
 *    "clients": [{"id": "...", "sha256": "<hex>", "team": "...",
 *                 "region": "DE", "rate": "10r/s"}],
 *    "upstreams": {"provider-x": {"key_file": "/etc/telltale/x.key"}}}
 *
 * Clients are listed by the SHA-256 of what they present, so the file gives
 * no key away.  Upstream keys stand in files of their own, are read by the
 * master, and are never part of a configuration that nginx could print.
 */
#include "ngx_http_telltale_module.h"


#define NGX_HTTP_TELLTALE_KEYS_MAX (4 * 1024 * 1024) /* bytes of the file */
#define NGX_HTTP_TELLTALE_KEY_MAX 4096               /* of one key */


typedef struct {
    ngx_conf_t *cf;
    ngx_str_t  *name;  /* of the file */
    ngx_str_t   bytes; /* of it */
} ngx_http_telltale_keys_reader_t;


static char *
ngx_http_telltale_keys_error(ngx_http_telltale_keys_reader_t *reader,
                             uint64_t pos, const char *msg);
static char *
ngx_http_telltale_keys_root(ngx_http_telltale_keys_reader_t *reader,
                            const struct tt_node            *root,
                            ngx_http_telltale_keys_t        *keys);
static char *
ngx_http_telltale_keys_client(ngx_http_telltale_keys_reader_t *reader,
                              const struct tt_node            *node,
                              ngx_http_telltale_client_t      *client);
static char *
ngx_http_telltale_keys_credential(ngx_http_telltale_keys_reader_t *reader,
                                  const struct tt_node            *node,
                                  ngx_http_telltale_credential_t  *credential);


char *
ngx_http_telltale_load_keys(ngx_conf_t *cf, ngx_str_t *name,
                            ngx_http_telltale_keys_t *keys)
{
    char                           *rv;
    struct tt_arena                 arena;
    struct tt_error                 err = { .msg = "no memory" };
    const struct tt_node           *root;
    ngx_http_telltale_keys_reader_t reader;

    if (ngx_array_init(&keys->clients, cf->pool, 16,
                       sizeof(ngx_http_telltale_client_t))
            != NGX_OK
        || ngx_array_init(&keys->credentials, cf->pool, 4,
                          sizeof(ngx_http_telltale_credential_t))
               != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (name->len == 0) {
        return NGX_CONF_OK;
    }

    reader.cf = cf;
    reader.name = name;
    if (ngx_http_telltale_read_file(cf, name, NGX_HTTP_TELLTALE_KEYS_MAX, 1,
                                    &reader.bytes)
        != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    tt_arena_init(&arena, &tt_alloc_libc, TT_CATALOG_ARENA_MAX);

    if (tt_node_parse(&arena, ngx_http_telltale_str(reader.bytes), &root, &err)
        != TT_OK) {
        rv = ngx_http_telltale_keys_error(&reader, err.pos, err.msg);

    } else {
        rv = ngx_http_telltale_keys_root(&reader, root, keys);
    }

    tt_arena_free(&arena);

    return rv;
}


static char *
ngx_http_telltale_keys_error(ngx_http_telltale_keys_reader_t *reader,
                             uint64_t pos, const char *msg)
{
    struct tt_error err = { .pos = pos, .msg = msg };

    tt_node_place(ngx_http_telltale_str(reader->bytes), &err);
    ngx_conf_log_error(NGX_LOG_EMERG, reader->cf, 0, "%V:%uD:%uD: error: %s",
                       reader->name, err.line, err.column, msg);

    return NGX_CONF_ERROR;
}


static int ngx_libc_cdecl
ngx_http_telltale_by_sha256(const void *one, const void *two)
{
    const ngx_http_telltale_client_t *a = one, *b = two;

    return ngx_memcmp(a->sha256, b->sha256, TT_SHA256_SIZE);
}


static char *
ngx_http_telltale_keys_clients(ngx_http_telltale_keys_reader_t *reader,
                               const struct tt_node            *list,
                               ngx_http_telltale_keys_t        *keys)
{
    const struct tt_node       *node;
    ngx_http_telltale_client_t *client;

    if (list->kind != TT_JSON_ARRAY_BEGIN) {
        return ngx_http_telltale_keys_error(reader, list->pos,
                                            "clients is no list");
    }

    for (node = list->first; node; node = node->next) {
        client = ngx_array_push(&keys->clients);
        if (client == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(client, sizeof(ngx_http_telltale_client_t));
        if (ngx_http_telltale_keys_client(reader, node, client)
            != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }
    }

    /* qsort, because ngx_qsort is the same and ngx_sort is quadratic. */
    ngx_qsort(keys->clients.elts, keys->clients.nelts,
              sizeof(ngx_http_telltale_client_t), ngx_http_telltale_by_sha256);

    return NGX_CONF_OK;
}


static char *
ngx_http_telltale_keys_upstreams(ngx_http_telltale_keys_reader_t *reader,
                                 const struct tt_node            *map,
                                 ngx_http_telltale_keys_t        *keys)
{
    const struct tt_node           *node;
    ngx_http_telltale_credential_t *credential;

    if (map->kind != TT_JSON_OBJECT_BEGIN) {
        return ngx_http_telltale_keys_error(reader, map->pos,
                                            "upstreams is no object");
    }

    for (node = map->first; node; node = node->next) {
        credential = ngx_array_push(&keys->credentials);
        if (credential == NULL) {
            return NGX_CONF_ERROR;
        }

        if (ngx_http_telltale_keys_credential(reader, node, credential)
            != NGX_CONF_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_telltale_keys_root(ngx_http_telltale_keys_reader_t *reader,
                            const struct tt_node            *root,
                            ngx_http_telltale_keys_t        *keys)
{
    char                 *rv = NGX_CONF_OK;
    const struct tt_node *node;

    if (root->kind != TT_JSON_OBJECT_BEGIN) {
        return ngx_http_telltale_keys_error(reader, root->pos,
                                            "the file is no object");
    }

    for (node = root->first; node && rv == NGX_CONF_OK; node = node->next) {

        if (tt_str_eq(node->key, TT_STR("clients"))) {
            rv = ngx_http_telltale_keys_clients(reader, node, keys);

        } else if (tt_str_eq(node->key, TT_STR("upstreams"))) {
            rv = ngx_http_telltale_keys_upstreams(reader, node, keys);

        } else if (tt_str_eq(node->key, TT_STR("require"))) {
            keys->require = node->kind == TT_JSON_TRUE;
            if (node->kind != TT_JSON_TRUE && node->kind != TT_JSON_FALSE) {
                rv = ngx_http_telltale_keys_error(
                    reader, node->pos, "require is neither true nor false");
            }

        } else {
            /* A misspelt name would switch something off without a word. */
            rv = ngx_http_telltale_keys_error(reader, node->key_pos,
                                              "an unknown name");
        }
    }

    return rv;
}


static ngx_int_t
ngx_http_telltale_keys_hex(struct tt_str text, u_char *out)
{
    size_t i;

    if (text.len != 2 * TT_SHA256_SIZE) {
        return NGX_ERROR;
    }

    for (i = 0; i < TT_SHA256_SIZE; i++) {
        int high = tt_ascii_hex((u_char) text.ptr[2 * i]);
        int low = tt_ascii_hex((u_char) text.ptr[2 * i + 1]);

        if (high < 0 || low < 0) {
            return NGX_ERROR;
        }
        out[i] = (u_char) (high << 4 | low);
    }

    return NGX_OK;
}


static char *
ngx_http_telltale_keys_client(ngx_http_telltale_keys_reader_t *reader,
                              const struct tt_node            *node,
                              ngx_http_telltale_client_t      *client)
{
    ngx_str_t            *text;
    ngx_uint_t            hashed = 0;
    const struct tt_node *member;

    if (node->kind != TT_JSON_OBJECT_BEGIN) {
        return ngx_http_telltale_keys_error(reader, node->pos,
                                            "a client is an object");
    }

    for (member = node->first; member; member = member->next) {

        if (member->kind != TT_JSON_STRING) {
            return ngx_http_telltale_keys_error(reader, member->pos,
                                                "what is said is a string");
        }

        if (tt_str_eq(member->key, TT_STR("sha256"))) {
            if (ngx_http_telltale_keys_hex(member->text, client->sha256)
                != NGX_OK) {
                return ngx_http_telltale_keys_error(
                    reader, member->pos, "sha256 is 64 hexadecimal digits");
            }
            hashed = 1;
            continue;
        }

        if (tt_str_eq(member->key, TT_STR("id"))) {
            text = &client->id;

        } else if (tt_str_eq(member->key, TT_STR("team"))) {
            text = &client->team;

        } else if (tt_str_eq(member->key, TT_STR("region"))) {
            text = &client->region;

        } else if (tt_str_eq(member->key, TT_STR("rate"))) {
            text = &client->rate;

        } else {
            return ngx_http_telltale_keys_error(reader, member->key_pos,
                                                "an unknown name");
        }

        if (ngx_http_telltale_dup(reader->cf->pool, member->text, text)
            != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    if (!hashed) {
        return ngx_http_telltale_keys_error(reader, node->pos,
                                            "a client without sha256");
    }

    return NGX_CONF_OK;
}


/* The key of an upstream: the file's first line. */

static char *
ngx_http_telltale_keys_credential(ngx_http_telltale_keys_reader_t *reader,
                                  const struct tt_node            *node,
                                  ngx_http_telltale_credential_t  *credential)
{
    size_t                len;
    ngx_str_t             name, bytes;
    ngx_conf_t           *cf = reader->cf;
    const struct tt_node *file = NULL;

    if (node->kind == TT_JSON_OBJECT_BEGIN && tt_node_count(node) == 1) {
        file = tt_node_get(node, TT_STR("key_file"));
    }

    if (file == NULL || file->kind != TT_JSON_STRING) {
        return ngx_http_telltale_keys_error(
            reader, node->pos, "an upstream is an object with key_file");
    }

    if (ngx_http_telltale_dup(cf->pool, node->key, &credential->provider)
            != NGX_OK
        || ngx_http_telltale_dup(cf->pool, file->text, &name) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_telltale_read_file(cf, &name, NGX_HTTP_TELLTALE_KEY_MAX, 1,
                                    &bytes)
        != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    for (len = 0; len < bytes.len; len++) {
        /* A header value is visible ASCII; anything else would split it. */
        if (bytes.data[len] <= ' ' || bytes.data[len] > '~') {
            break;
        }
    }

    if (len == 0
        || (len < bytes.len && bytes.data[len] != '\n'
            && bytes.data[len] != '\r')) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "the first line of \"%V\" is no key", &name);
        return NGX_CONF_ERROR;
    }

    credential->bearer.len = sizeof("Bearer ") - 1 + len;
    credential->bearer.data = ngx_pnalloc(cf->pool, credential->bearer.len);
    if (credential->bearer.data == NULL) {
        return NGX_CONF_ERROR;
    }

    credential->key.data = ngx_cpymem(credential->bearer.data, "Bearer ", 7);
    credential->key.len = len;
    ngx_memcpy(credential->key.data, bytes.data, len);

    return NGX_CONF_OK;
}


const ngx_http_telltale_client_t *
ngx_http_telltale_find_client(const ngx_http_telltale_keys_t *keys,
                              const u_char                   *sha256)
{
    ngx_int_t                         order;
    ngx_uint_t                        low = 0, high, middle;
    const ngx_http_telltale_client_t *client = keys->clients.elts;

    high = keys->clients.nelts;

    while (low < high) {
        middle = low + (high - low) / 2;
        order = ngx_memcmp(sha256, client[middle].sha256, TT_SHA256_SIZE);
        if (order == 0) {
            return &client[middle];
        }

        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }

    return NULL;
}


const ngx_http_telltale_credential_t *
ngx_http_telltale_find_credential(const ngx_http_telltale_keys_t *keys,
                                  ngx_str_t                      *provider)
{
    ngx_uint_t                            i;
    const ngx_http_telltale_credential_t *credential = keys->credentials.elts;

    for (i = 0; i < keys->credentials.nelts; i++) {
        if (credential[i].provider.len == provider->len
            && ngx_strncmp(credential[i].provider.data, provider->data,
                           provider->len)
                   == 0) {
            return &credential[i];
        }
    }

    return NULL;
}
