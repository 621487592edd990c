/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of OpenTelemetry's conventions for generative AI, generated from data/otel-genai.json.
 */
#ifndef TT_SERVE_OTEL_H
#define TT_SERVE_OTEL_H

#include "base/str.h"

/* Orders are those of data/gen/otel.py. */
enum tt_otel_metric_id { TT_OTEL_TOKEN_USAGE, TT_OTEL_DURATION, TT_OTEL_FIRST_CHUNK, TT_OTEL_METRICS };
enum tt_otel_attribute {
    TT_OTEL_OPERATION,
    TT_OTEL_PROVIDER,
    TT_OTEL_TOKEN_TYPE,
    TT_OTEL_REQUEST_MODEL,
    TT_OTEL_RESPONSE_MODEL,
    TT_OTEL_ERROR_TYPE,
    TT_OTEL_ATTRIBUTES,
};

struct tt_otel_bound {
    uint64_t value;   /* in 1/scale of the unit */
    const char *text; /* in the unit */
};

struct tt_otel_metric {
    const char *name, *prometheus, *unit, *help;
    uint32_t scale; /* observations are whole numbers of 1/scale of the unit */
    const struct tt_otel_bound *bounds;
    size_t bound_count;
};

struct tt_otel_attribute_name {
    const char *name, *prometheus;
};

struct tt_otel_provider {
    struct tt_str provider; /* id in the catalogue */
    const char *name;
};

extern const struct tt_otel_metric tt_otel_metrics[TT_OTEL_METRICS];
extern const struct tt_otel_attribute_name tt_otel_attributes[TT_OTEL_ATTRIBUTES];
extern const struct tt_otel_provider tt_otel_providers[];
extern const size_t tt_otel_provider_count;

#endif
