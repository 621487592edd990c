/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of the encoding channel share.  Private to encoding*.c. */
#ifndef TT_MARKS_ENCODING_H
#define TT_MARKS_ENCODING_H

#include "marks/channel.h"
#include "marks/payload.h"

/* Symbols that could be a message, in order. */
struct tt_symbols {
    uint32_t *ptr; /* in the look's arena */
    size_t n;      /* at most TT_RUN_MAX */
    size_t to;     /* end of the last in the text */
};

/* The characters of from..to that is_symbol accepts; false when memory is out. */
bool tt_encoding_gather(struct tt_look *look, size_t from, size_t to, bool (*is_symbol)(uint32_t cp), struct tt_symbols *out);

/* Is there neither one symbol only, nor a short pattern that repeats, nor a row in the order of codes? */
bool tt_encoding_is_varied(const struct tt_symbols *symbols);

/* How many of the first symbols came before: a table names each once, a message does not. */
size_t tt_encoding_repeats(const struct tt_symbols *symbols);

/* Reads symbols of two kinds as bits, most significant first, either kind being one.  True when that is text. */
bool tt_encoding_read_bits(struct tt_look *look, const struct tt_symbols *symbols, struct tt_payload *out);

/* Reads each symbol less minus, plus plus, as a character.  True when that is text. */
bool tt_encoding_read_offset(struct tt_look *look, const struct tt_symbols *symbols, uint32_t minus, uint32_t plus,
                             const char *format, struct tt_payload *out);

/* The same as bytes of UTF-8. */
bool tt_encoding_read_bytes(struct tt_look *look, const struct tt_symbols *symbols, uint32_t minus, const char *format,
                            struct tt_payload *out);

/* Reports from..to with what was read, if anything was (payload may be NULL).  A candidate is reported once a document. */
void tt_encoding_report(struct tt_look *look, enum tt_level level, size_t from, size_t to, struct tt_str message,
                        const struct tt_payload *payload);

/* How many letters and digits there are. */
size_t tt_encoding_words(struct tt_str text);

/* encoding_terminal.c: deals with the control function that begins at pos; false when none does. */
bool tt_encoding_terminal(struct tt_look *look, size_t pos);

/* The same for a backspace or delete. */
void tt_encoding_erasing(struct tt_look *look, size_t pos);

/* encoding_private.c: a private or forbidden code stands at pos. */
void tt_encoding_private(struct tt_look *look, size_t pos);

#endif
