/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the directives name, read when the configuration is: policy,
 * learned sites, catalogue, secret, keys.
 *
 * Everything here runs in the master, may block, and may refuse: then
 * nginx does not start, and a reload leaves the old workers as they are.
 * What is built lives as long as the configuration's pool.
 */
#include "ngx_http_telltale_module.h"


static char *ngx_http_telltale_load_catalog(ngx_conf_t                *cf,
                                            ngx_array_t               *folders,
                                            struct tt_catalog_reader **out);
static ngx_int_t
ngx_http_telltale_catalog_folder(ngx_conf_t *cf, ngx_str_t *folder,
                                 struct tt_catalog_reader *reader);
static ngx_int_t
             ngx_http_telltale_catalog_file(ngx_conf_t *cf, ngx_str_t *name,
                                            struct tt_catalog_reader *reader);
static char *ngx_http_telltale_load_policy(ngx_conf_t                    *cf,
                                           ngx_http_telltale_main_conf_t *mcf);
static char              *
ngx_http_telltale_load_learned(ngx_conf_t                    *cf,
                                            ngx_http_telltale_main_conf_t *mcf);
static char *ngx_http_telltale_load_secret(ngx_conf_t                    *cf,
                                           ngx_http_telltale_main_conf_t *mcf);
static char             *
ngx_http_telltale_list_upstreams(ngx_conf_t                    *cf,
                                             ngx_http_telltale_main_conf_t *mcf);
static void ngx_http_telltale_unload(void *data);


char *
ngx_http_telltale_load(ngx_conf_t *cf, ngx_http_telltale_main_conf_t *mcf)
{
    char               *rv;
    enum tt_status      status;
    struct tt_error     err = { .msg = "it cannot be used" };
    ngx_pool_cleanup_t *cln;

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_CONF_ERROR;
    }

    tt_arena_init(&mcf->arena, &tt_alloc_libc, TT_POLICY_ARENA);
    cln->handler = ngx_http_telltale_unload;
    cln->data = mcf;

    rv = ngx_http_telltale_load_catalog(cf, mcf->catalogs, &mcf->catalog);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_telltale_load_policy(cf, mcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_telltale_load_learned(cf, mcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_telltale_load_secret(cf, mcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_telltale_load_keys(cf, &mcf->keys_file, &mcf->keys);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    rv = ngx_http_telltale_list_upstreams(cf, mcf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    status = tt_gate_new(&tt_alloc_libc, mcf->policy, &mcf->catalog->catalog,
                         mcf->sites, mcf->upstreams, mcf->upstream_count,
                         &mcf->gate, &err);
    if (status != TT_OK) {
        mcf->gate = NULL;
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V:%uL:%uL: error: %s",
                           &mcf->policy_file, (uint64_t) err.line,
                           (uint64_t) err.column, err.msg);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* The choices for re-routing, one for each API of a provider. */

static char *
ngx_http_telltale_list_upstreams(ngx_conf_t                    *cf,
                                 ngx_http_telltale_main_conf_t *mcf)
{
    ngx_uint_t                    i, api, has_key;
    struct tt_gate_upstream      *upstream;
    ngx_http_telltale_provider_t *provider = mcf->providers->elts;

    upstream =
        ngx_pcalloc(cf->pool, (mcf->providers->nelts * TT_API_GEMINI + 1)
                                  * sizeof(struct tt_gate_upstream));
    if (upstream == NULL) {
        return NGX_CONF_ERROR;
    }

    mcf->upstreams = upstream;

    for (i = 0; i < mcf->providers->nelts; i++) {
        has_key =
            mcf->policy->gateway.credentials.number == TT_CREDENTIALS_REPLACE
            && ngx_http_telltale_find_credential(&mcf->keys, &provider[i].id)
                   != NULL;

        for (api = TT_API_ANTHROPIC; api <= TT_API_GEMINI; api++) {
            if (provider[i].apis & (1u << api)) {
                upstream->provider = ngx_http_telltale_str(provider[i].id);
                upstream->host = ngx_http_telltale_str(provider[i].host);
                upstream->api = (enum tt_api) api;
                upstream->has_key = has_key;
                upstream++;
            }
        }
    }

    mcf->upstream_count = (ngx_uint_t) (upstream - mcf->upstreams);

    return NGX_CONF_OK;
}


static void
ngx_http_telltale_unload(void *data)
{
    ngx_http_telltale_main_conf_t *mcf = data;

    if (mcf->gate) {
        tt_gate_free(mcf->gate);
    }
    if (mcf->catalog) {
        tt_catalog_reader_free(mcf->catalog);
    }
    if (mcf->sites) {
        tt_learned_free(mcf->sites);
    }
    tt_arena_free(&mcf->arena);
}


/* ---- files ---- */


ngx_int_t
ngx_http_telltale_read_file(ngx_conf_t *cf, ngx_str_t *name, size_t max,
                            ngx_uint_t secret, ngx_str_t *bytes)
{
    off_t      size;
    ssize_t    n;
    ngx_int_t  rc = NGX_ERROR;
    ngx_file_t file;

    if (ngx_conf_full_name(cf->cycle, name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&file, sizeof(ngx_file_t));
    file.name = *name;
    file.log = cf->log;

    file.fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);
    if (file.fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "cannot open \"%V\"",
                           name);
        return NGX_ERROR;
    }

    if (ngx_fd_info(file.fd, &file.info) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno, "cannot read \"%V\"",
                           name);
        goto done;
    }

    size = ngx_file_size(&file.info);
    if (size > (off_t) max || !ngx_is_file(&file.info)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" is no file of at most %uz bytes", name,
                           max);
        goto done;
    }

    if (secret && (ngx_file_access(&file.info) & 0077)) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "others than its owner may use \"%V\"", name);
    }

    bytes->data = ngx_pnalloc(cf->pool, (size_t) size + 1);
    if (bytes->data == NULL) {
        goto done;
    }

    n = size > 0 ? ngx_read_file(&file, bytes->data, (size_t) size, 0) : 0;
    if (n != size) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "cannot read all of \"%V\"",
                           name);
        goto done;
    }

    bytes->len = (size_t) size;
    bytes->data[size] = '\0';
    rc = NGX_OK;

done:

    (void) ngx_close_file(file.fd);

    return rc;
}


/* ---- the catalogue ---- */


static char *
ngx_http_telltale_load_catalog(ngx_conf_t *cf, ngx_array_t *folders,
                               struct tt_catalog_reader **out)
{
    ngx_str_t                *folder = folders->elts;
    ngx_uint_t                i;
    struct tt_catalog_reader *reader;

    reader = ngx_palloc(cf->pool, sizeof(struct tt_catalog_reader));
    if (reader == NULL) {
        return NGX_CONF_ERROR;
    }

    tt_catalog_reader_init(reader, &tt_alloc_libc, &tt_catalog_builtin);
    *out = reader;

    for (i = 0; i < folders->nelts; i++) {
        if (ngx_http_telltale_catalog_folder(cf, &folder[i], reader)
            != NGX_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


static int ngx_libc_cdecl
ngx_http_telltale_by_bytes(const void *one, const void *two)
{
    const ngx_str_t *a = one, *b = two;

    return ngx_strcmp(a->data, b->data);
}


/* In the order of the names' bytes, so that the result is the same again. */

static ngx_int_t
ngx_http_telltale_catalog_folder(ngx_conf_t *cf, ngx_str_t *folder,
                                 struct tt_catalog_reader *reader)
{
    size_t      len;
    ngx_dir_t   dir;
    ngx_str_t  *name;
    ngx_uint_t  i;
    ngx_array_t names;

    if (ngx_array_init(&names, cf->temp_pool, 16, sizeof(ngx_str_t))
        != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_open_dir(folder, &dir) == NGX_ERROR) {
        if (ngx_errno == NGX_ENOENT) {
            return NGX_OK;
        }
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           "cannot list the folder \"%V\"", folder);
        return NGX_ERROR;
    }

    while (ngx_read_dir(&dir) == NGX_OK) {
        len = ngx_de_namelen(&dir);
        if (ngx_de_name(&dir)[0] == '.' || len <= 5
            || ngx_strcmp(&ngx_de_name(&dir)[len - 5], ".json") != 0) {
            continue;
        }

        name = ngx_array_push(&names);
        if (name == NULL) {
            goto failed;
        }

        name->len = folder->len + 1 + len;
        name->data = ngx_pnalloc(cf->pool, name->len + 1);
        if (name->data == NULL) {
            goto failed;
        }
        (void) ngx_sprintf(name->data, "%V/%s%Z", folder, ngx_de_name(&dir));
    }

    (void) ngx_close_dir(&dir);

    if (names.nelts > TT_CATALOG_FILES_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" has more than %d files", folder,
                           TT_CATALOG_FILES_MAX);
        return NGX_ERROR;
    }

    ngx_qsort(names.elts, names.nelts, sizeof(ngx_str_t),
              ngx_http_telltale_by_bytes);

    name = names.elts;
    for (i = 0; i < names.nelts; i++) {
        if (ngx_http_telltale_catalog_file(cf, &name[i], reader) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;

failed:

    (void) ngx_close_dir(&dir);

    return NGX_ERROR;
}


static ngx_int_t
ngx_http_telltale_catalog_file(ngx_conf_t *cf, ngx_str_t *name,
                               struct tt_catalog_reader *reader)
{
    ngx_str_t       bytes, wrong;
    enum tt_status  status;
    struct tt_error err = { .msg = "the file cannot be used" };

    if (ngx_http_telltale_read_file(cf, name, TT_CATALOG_FILE_MAX, 0, &bytes)
        != NGX_OK) {
        return NGX_ERROR;
    }

    status = tt_catalog_read(reader, ngx_http_telltale_str(*name),
                             ngx_http_telltale_str(bytes), &err);
    if (status == TT_OK) {
        return NGX_OK;
    }

    wrong.data = (u_char *) (uintptr_t) reader->wrong.ptr;
    wrong.len = reader->wrong.len;
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V:%uD:%uD: error: %s%s%V", name,
                       err.line, err.column, err.msg, wrong.len ? ": " : "",
                       &wrong);
    return NGX_ERROR;
}


/* ---- the policy ---- */


static char *
ngx_http_telltale_load_policy(ngx_conf_t                    *cf,
                              ngx_http_telltale_main_conf_t *mcf)
{
    ngx_str_t                  bytes, text;
    ngx_uint_t                 i;
    enum tt_status             status;
    struct tt_policy_names     names;
    struct tt_policy_problems *problems;

    if (ngx_http_telltale_read_file(cf, &mcf->policy_file, TT_POLICY_BYTES_MAX,
                                    0, &bytes)
        != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    problems = ngx_pcalloc(cf->temp_pool, sizeof(struct tt_policy_problems));
    if (problems == NULL) {
        return NGX_CONF_ERROR;
    }
    problems->arena = &mcf->arena;

    names = tt_policy_names_of(&mcf->catalog->catalog);
    status = tt_policy_read(ngx_http_telltale_str(bytes), &names, problems,
                            &mcf->policy);
    if (status == TT_OK) {
        return NGX_CONF_OK;
    }

    mcf->policy = NULL;

    for (i = 0; i < problems->count; i++) {
        text.data = (u_char *) (uintptr_t) problems->items[i].text.ptr;
        text.len = problems->items[i].text.len;
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V:%uD:%uD: error: %V",
                           &mcf->policy_file, problems->items[i].at.line,
                           problems->items[i].at.column, &text);
    }

    if (problems->count == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V: error: %s",
                           &mcf->policy_file, tt_status_name(status));
    }

    return NGX_CONF_ERROR;
}


/* ---- learned sites ---- */


static char *
ngx_http_telltale_load_learned(ngx_conf_t                    *cf,
                               ngx_http_telltale_main_conf_t *mcf)
{
    ngx_str_t      bytes, words, *name = mcf->learned->elts;
    ngx_uint_t     i;
    enum tt_status status;
    struct tt_buf  message;

    if (mcf->learned->nelts == 0) {
        return NGX_CONF_OK;
    }

    mcf->sites = ngx_palloc(cf->pool, sizeof(struct tt_learned));
    if (mcf->sites == NULL) {
        return NGX_CONF_ERROR;
    }

    tt_learned_init(mcf->sites, &tt_alloc_libc);

    for (i = 0; i < mcf->learned->nelts; i++) {
        if (ngx_http_telltale_read_file(cf, &name[i], TT_LEARNED_FILE_MAX, 0,
                                        &bytes)
            != NGX_OK) {
            return NGX_CONF_ERROR;
        }

        tt_buf_init(&message, &tt_alloc_libc, TT_KIB);
        status = tt_learned_take(mcf->sites, ngx_http_telltale_str(name[i]),
                                 ngx_http_telltale_str(bytes), &message);
        if (status != TT_OK) {
            words.data = (u_char *) message.ptr;
            words.len = message.len;
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%V", &words);
        }

        tt_buf_free(&message);

        if (status != TT_OK) {
            return NGX_CONF_ERROR;
        }
    }

    return NGX_CONF_OK;
}


/*
 * Without a file the secret lasts as long as the configuration, so clients
 * get new pseudonyms at each reload.
 */

static char *
ngx_http_telltale_load_secret(ngx_conf_t                    *cf,
                              ngx_http_telltale_main_conf_t *mcf)
{
    ngx_str_t bytes;

    if (mcf->secret_file.len == 0) {
        return RAND_bytes(mcf->secret, sizeof(mcf->secret)) == 1
                   ? NGX_CONF_OK
                   : NGX_CONF_ERROR;
    }

    if (ngx_http_telltale_read_file(cf, &mcf->secret_file, 4096, 1, &bytes)
        != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (bytes.len != sizeof(mcf->secret)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"%V\" must be %uz random bytes, and has %uz",
                           &mcf->secret_file, sizeof(mcf->secret), bytes.len);
        return NGX_CONF_ERROR;
    }

    ngx_memcpy(mcf->secret, bytes.data, bytes.len);
    ngx_explicit_memzero(bytes.data, bytes.len);

    return NGX_CONF_OK;
}
