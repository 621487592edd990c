/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `telltale marks list` and `telltale marks show`: the channels and what their rules say.
 *
 * In: the tables of channels and rules.  Out: text, or JSON Lines.
 */
#include "base/limits.h"
#include "cli/marks.h"
#include "finding/writer.h"

/* ---- list ---- */

static void
list_text(struct tt_buf *out, const struct tt_channel *channel, const struct tt_rule *rule)
{
    tt_marks_add_pair(out, "", tt_str_cstr(channel->name));
    tt_marks_add_pair(out, "  rule      ", tt_str_cstr(channel->rule));
    tt_marks_add_pair(out, "  title     ", tt_str_cstr(rule->title));
    tt_marks_add_pair(out, "  alphabet  ", tt_str_cstr(channel->alphabet));
    tt_marks_add_pair(out, "  capacity  ", tt_str_cstr(channel->capacity));
    tt_buf_add_char(out, '\n');
}

static void
add_channel_members(struct tt_buf *out, bool *first, const struct tt_channel *channel, const struct tt_rule *rule)
{
    tt_json_add_text_member(out, first, "type", TT_STR("channel"));
    tt_json_add_text_member(out, first, "name", tt_str_cstr(channel->name));
    tt_json_add_text_member(out, first, "rule", tt_str_cstr(channel->rule));
    tt_json_add_text_member(out, first, "title", tt_str_cstr(rule->title));
    tt_json_add_text_member(out, first, "alphabet", tt_str_cstr(channel->alphabet));
    tt_json_add_text_member(out, first, "capacity", tt_str_cstr(channel->capacity));
}

static void
list_channels(struct tt_buf *out, const struct tt_channel *const *channels, int format)
{
    for (size_t i = 0; channels[i]; i++) {
        const struct tt_rule *rule = tt_rule_find(tt_str_cstr(channels[i]->rule));
        bool first = true;
        if (format == TT_CLI_TEXT) {
            list_text(out, channels[i], rule);
            continue;
        }
        tt_buf_add_char(out, '{');
        add_channel_members(out, &first, channels[i], rule);
        tt_buf_add_cstr(out, "}\n");
    }
}

static enum tt_exit
run_list(const struct tt_call *call)
{
    const struct tt_marks_settings *settings = call->settings;
    struct tt_buf out;
    tt_buf_init(&out, call->cli->alloc, TT_MIB);
    list_channels(&out, tt_channels, settings->format);
    list_channels(&out, tt_channels_beyond, settings->format);
    tt_buf_add_cstr(&out, settings->format == TT_CLI_TEXT ? TT_MARKS_OUT_OF_SCOPE "\n" : "");
    return tt_cli_deliver(call, &out);
}

static const struct tt_example list_usage[] = {
    {"telltale marks list", "Show every channel with its symbols and what it can carry"},
    {"telltale marks list --format json", "The same as JSON Lines"},
    {NULL, NULL},
};

const struct tt_command tt_command_marks_list = {
    .name = "list",
    .summary = "List the channels that scan looks at",
    .usage = "[OPTION]...",
    .description = "Shows for each channel its rule, its symbols and how much it can carry. " TT_MARKS_OUT_OF_SCOPE,
    .options = tt_marks_options,
    .uses = TT_USES_OUTPUT,
    .examples = list_usage,
    .settings_size = sizeof(struct tt_marks_settings),
    .run = run_list,
};

/* ---- show ---- */

static void
show_examples(struct tt_buf *out, const char *label, const struct tt_str *examples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct tt_str rest = examples[i], line;
        while (tt_writer_next_item(&rest, &line)) {
            tt_writer_add_labelled(out, label, line);
            label = "";
        }
    }
}

static void
show_text(struct tt_buf *out, const struct tt_channel *channel, const struct tt_rule *rule)
{
    tt_marks_add_pair(out, "", tt_str_cstr(channel->name));
    tt_writer_add_labelled(out, "rule", tt_str_cstr(channel->rule));
    tt_writer_add_labelled(out, "title", tt_str_cstr(rule->title));
    tt_writer_add_labelled(out, "what", tt_str_cstr(rule->explanation));
    tt_writer_add_labelled(out, "alphabet", tt_str_cstr(channel->alphabet));
    tt_writer_add_labelled(out, "capacity", tt_str_cstr(channel->capacity));
    tt_writer_add_labelled(out, "but", tt_str_cstr(rule->innocent));
    tt_writer_add_labelled(out, "next", tt_str_cstr(rule->next_step));
    tt_writer_add_labelled(out, "source", tt_str_cstr(rule->source));
    show_examples(out, "found in", rule->examples, rule->example_count);
    show_examples(out, "not in", rule->counter_examples, rule->counter_example_count);
}

static void
add_examples_member(struct tt_buf *out, bool *first, const char *key, const struct tt_str *examples, size_t count)
{
    tt_json_add_key(out, first, key);
    tt_buf_add_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        tt_buf_add_cstr(out, i ? "," : "");
        tt_json_add_string(out, examples[i]);
    }
    tt_buf_add_char(out, ']');
}

static void
show_json(struct tt_buf *out, const struct tt_channel *channel, const struct tt_rule *rule)
{
    bool first = true;
    tt_buf_add_char(out, '{');
    add_channel_members(out, &first, channel, rule);
    tt_json_add_text_member(out, &first, "explanation", tt_str_cstr(rule->explanation));
    tt_json_add_text_member(out, &first, "innocent", tt_str_cstr(rule->innocent));
    tt_json_add_text_member(out, &first, "next_step", tt_str_cstr(rule->next_step));
    tt_json_add_text_member(out, &first, "source", tt_str_cstr(rule->source));
    add_examples_member(out, &first, "examples", rule->examples, rule->example_count);
    add_examples_member(out, &first, "counter_examples", rule->counter_examples, rule->counter_example_count);
    tt_buf_add_cstr(out, "}\n");
}

static enum tt_exit
run_show(const struct tt_call *call)
{
    const struct tt_marks_settings *settings = call->settings;
    const struct tt_channel *channel = tt_channel_find(tt_str_cstr(call->args[0]));
    struct tt_buf out;
    if (!channel) {
        return tt_marks_unknown(call, "", tt_str_cstr(call->args[0]));
    }
    const struct tt_rule *rule = tt_rule_find(tt_str_cstr(channel->rule));
    tt_buf_init(&out, call->cli->alloc, TT_MIB);
    (settings->format == TT_CLI_TEXT ? show_text : show_json)(&out, channel, rule);
    return tt_cli_deliver(call, &out);
}

static const struct tt_example show_usage[] = {
    {"telltale marks show zero-width", "What it is, what may be innocent, what to do, examples"},
    {"telltale marks show mark.look-alike --format json", "By the id that a finding names, for a program"},
    {NULL, NULL},
};

const struct tt_command tt_command_marks_show = {
    .name = "show",
    .summary = "Explain one channel, with its sources and examples",
    .usage = "[OPTION]... CHANNEL",
    .description = "CHANNEL is a name of the list, or the id of a rule as findings give it. Examples are shown with their marks "
                   "made visible; those under \"not in\" lead to no finding at suspicious or above.",
    .options = tt_marks_options,
    .uses = TT_USES_OUTPUT,
    .examples = show_usage,
    .min_args = 1,
    .max_args = 1,
    .missing = "name a channel; telltale marks list shows them",
    .settings_size = sizeof(struct tt_marks_settings),
    .run = run_show,
};
