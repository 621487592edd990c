/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Control functions of terminals in text: ECMA-48, sections 5.4 (control sequences), 5.6 (control strings) and 5.3 (escapes), in
 * their 7-bit form and as C1 controls.
 */
#ifndef TT_TEXT_TERMINAL_H
#define TT_TEXT_TERMINAL_H

#include "base/str.h"

enum tt_control_kind {
    TT_CONTROL_ESCAPE,   /* ESC and a byte, or with intermediate bytes: charset, cursor save, ... */
    TT_CONTROL_SEQUENCE, /* CSI parameters final */
    TT_CONTROL_STRING,   /* DCS, SOS, OSC, PM or APC, text, and its terminator */
};

struct tt_control {
    enum tt_control_kind kind;
    size_t from, to;     /* the whole function in the text */
    unsigned char final; /* of a sequence its last byte; of a string 'P' 'X' ']' '^' or '_'; else the byte behind ESC */
    struct tt_str body;  /* parameters and intermediate bytes, or the string's text */
    bool cut;            /* a string without its terminator: to is where it must have ended */
};

/* Reads the function that begins at pos with ESC or a C1 control.  False when none does. */
bool tt_control_read(struct tt_str text, size_t pos, struct tt_control *out);

/* The numbers of a control sequence's parameters, at most max; a missing one is 0.  How many there are. */
size_t tt_control_numbers(const struct tt_control *control, unsigned *numbers, size_t max);

#endif
