/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale marks`: the channel catalogue, what marks say, and taking them out.  Each subcommand is a file of its own.
 */
#include "cli/marks.h"

static const struct tt_command *const subcommands[] = {
    &tt_command_marks_list,   &tt_command_marks_show,      &tt_command_marks_decode,
    &tt_command_marks_encode, &tt_command_marks_normalise, NULL,
};

static const struct tt_example examples[] = {
    {"telltale marks list", "Show the channels"},
    {"telltale marks show tags", "Explain one of them"},
    {"telltale marks decode request.json", "Read the date sentences and hidden messages of a request"},
    {NULL, NULL},
};

const struct tt_command tt_command_marks = {
    .name = "marks",
    .summary = "Explain, decode, encode and normalise covert marks",
    .usage = "COMMAND [OPTION]... [ARGUMENT]...",
    .description = "The date-line codec is published openly, as a generator of test data and as a decoder.",
    .examples = examples,
    .subcommands = subcommands,
};
