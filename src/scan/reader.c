/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Choice of a reader, and what all readers share: the window and its place in the input.
 */
#include "scan/reader.h"

static const struct tt_reader *const readers[] = {&tt_reader_json, &tt_reader_text};

enum tt_status
tt_input_init(struct tt_input *input, const struct tt_alloc *alloc, const struct tt_kernels *kernels)
{
    *input = (struct tt_input) {0};
    tt_buf_init(&input->store, alloc, TT_WINDOW_SIZE);
    tt_buf_init(&input->widths, alloc, TT_WINDOW_SIZE);
    TT_TRY(tt_scan_fields_init(&input->fields, alloc, kernels));
    input->json = tt_json_input_new(alloc);
    return input->json ? TT_OK : TT_E_MEMORY;
}

void
tt_input_free(struct tt_input *input)
{
    tt_json_input_free(input->json, input->store.alloc);
    tt_buf_free(&input->store);
    tt_buf_free(&input->widths);
    tt_scan_fields_free(&input->fields);
}

void
tt_input_begin(struct tt_input *input, struct tt_scan_file *file)
{
    input->fields.file = file;
    tt_buf_clear(&input->store);
    tt_buf_clear(&input->widths);
    input->fed_widths = NULL;
    input->window = tt_buf_str(&input->store);
    tt_cursor_begin(&input->cursor, file->kernels);
    input->whole = false;
    input->valid_head = 0;
    input->searched = 0;
    input->begun = false;
    input->rest_of_json = false;
    input->bad_count = 0;
    input->binary = false;
    tt_scan_fields_begin_document(&input->fields);
    tt_json_input_begin(input);
}

void
tt_input_drop(struct tt_input *input, size_t n)
{
    if (n > 0) {
        tt_cursor_drop(&input->cursor, n);
        input->window = tt_str_slice(input->window, n, input->window.len);
        input->cursor.bytes = input->window;
        input->searched -= n < input->searched ? n : input->searched;
        input->begun = true;
    }
}

/* Moves the window to the front of the store: when that is paid for by what was dropped since, or for want of other room. */
static void
make_room(struct tt_input *input, size_t n)
{
    struct tt_buf *store = &input->store;
    size_t dropped = store->len - input->window.len;
    if (dropped >= input->window.len || n > store->max - store->len) {
        tt_buf_drop(store, dropped);
        tt_buf_drop(&input->widths, input->fed_widths ? dropped : 0);
    }
}

enum tt_status
tt_input_fill(struct tt_input *input, struct tt_str *piece)
{
    if (input->whole) {
        input->window = input->cursor.bytes = *piece;
        *piece = TT_STR("");
        return TT_OK;
    }
    size_t len = input->window.len;
    size_t n = piece->len < TT_WINDOW_SIZE - len ? piece->len : TT_WINDOW_SIZE - len;
    make_room(input, n);
    tt_buf_add(&input->store, tt_str_slice(*piece, 0, n));
    TT_TRY(input->store.status);
    input->window = tt_str_slice(tt_buf_str(&input->store), input->store.len - len - n, input->store.len);
    input->cursor.bytes = input->window;
    if (input->fed_widths) {
        tt_buf_add(&input->widths, tt_str_make(input->fed_widths, n));
        TT_TRY(input->widths.status);
        input->fed_widths += n;
        input->cursor.widths = (const uint8_t *) input->widths.ptr + (input->widths.len - input->window.len);
    }
    *piece = tt_str_slice(*piece, n, piece->len);
    return TT_OK;
}

/* Controls that no text needs; a terminal's (BEL to CR, ESC) are left out. */
static size_t
count_controls(struct tt_str head)
{
    size_t n = 0;
    for (size_t i = 0; i < head.len; i++) {
        unsigned char c = (unsigned char) head.ptr[i];
        n += (c < 0x20 && (c < 0x07 || c > 0x0D) && c != 0x1B) || c == 0x7F;
    }
    return n;
}

/* Is it UTF-16 of mostly plain letters?  Without a byte order mark only they tell it from a binary. */
static bool
is_utf16(struct tt_str head, bool big)
{
    size_t units = head.len / 2, plain = 0;
    for (size_t i = 0; i < units; i++) {
        unsigned char high = (unsigned char) head.ptr[2 * i + (big ? 0 : 1)],
                      low = (unsigned char) head.ptr[2 * i + (big ? 1 : 0)];
        if (low == 0 && high == 0) {
            return false;
        }
        plain += high == 0 && (low >= 0x20 ? low < 0x7F : low >= '\t' && low <= '\r');
    }
    return units >= 8 && plain >= units - units / 4;
}

const char *
tt_reader_binary_why(struct tt_str head, const struct tt_kernels *kernels, size_t *valid)
{
    *valid = 0;
    if (head.len > 0 && memchr(head.ptr, '\0', head.len)) {
        if (is_utf16(head, false) || is_utf16(head, true)) {
            return is_utf16(head, true) ? "UTF-16 without a byte order mark; --encoding utf-16be reads it"
                                        : "UTF-16 without a byte order mark; --encoding utf-16le reads it";
        }
        return "binary: it holds NUL bytes";
    }
    *valid = kernels->valid_utf8((const unsigned char *) head.ptr, head.len);
    if (*valid == head.len || tt_utf8_is_cut(head, *valid)) {
        return NULL;
    }
    /* Text in another encoding has next to none, random bytes have one in ten. */
    return count_controls(head) > head.len / 32 ? "binary: neither UTF-8 nor any other text" : NULL;
}

const struct tt_reader *
tt_reader_choose(struct tt_str uri, struct tt_str head, bool complete, const struct tt_kernels *kernels)
{
    for (size_t i = 0; i < sizeof(readers) / sizeof(*readers); i++) {
        if (readers[i]->accepts(uri, head, complete, kernels)) {
            return readers[i];
        }
    }
    return &tt_reader_text;
}
