/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of a person's own directives, which the configuration includes: it must not lead around the inspection.
 */
#ifndef TT_SERVE_INCLUDE_H
#define TT_SERVE_INCLUDE_H

#include "base/buf.h"
#include "serve/settings.h"

/*
 * Looks at every directive.  TT_E_INPUT: err has the line, and message says which directive is refused and why.  nginx's own check of
 * the file comes later; what cannot be read here as nginx reads it is refused.
 */
enum tt_status tt_serve_include_check(struct tt_str bytes, const struct tt_serve_settings *settings, struct tt_error *err,
                                      struct tt_buf *message) TT_MUST_USE;

#endif
