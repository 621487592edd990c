#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the catalogue of data/catalog as one C file: tt_catalog_builtin, declared in src/catalog/catalog.h.

Input: JSON files, each one record or a list of records (docs/catalog-format.md).  Output: a C file; the same input gives the same
bytes.  A file that breaks its form ends the build with its name and the reason.  What needs other tables of the program, such as
the names of facts, tests/unit/test_catalog_data.c checks.  Only the standard library is used.

    catalog.py data/catalog/*.json --output catalog_table.c
"""

import argparse
import datetime
import json
import os
import re
import sys

sys.dont_write_bytecode = True  # the source folder stays as it is

from c_text import literal, unique

KINDS = ("tool", "provider", "vendor", "family")
CONFIDENCE = {"unverified": "TT_UNVERIFIED", "low": "TT_CONFIDENCE_LOW", "medium": "TT_CONFIDENCE_MEDIUM", "high": "TT_CONFIDENCE_HIGH"}
RECORD_KEYS = ("id", "kind", "name", "aliases", "as_of", "sources", "unless_stated", "facts")
FACT_KEYS = ("fact", "values", "confidence", "sources", "note")
ID = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")


class CatalogError(Exception):
    """A file that breaks its form."""


def need(condition, message):
    if not condition:
        raise CatalogError(message)


def is_text(value):
    return isinstance(value, str) and value.strip() != "" and not re.search(r"[\x00-\x1f\x7f]", value)


def is_texts(value):
    return isinstance(value, list) and value != [] and all(is_text(item) for item in value)


def check_value(value):
    if isinstance(value, dict):
        need("value" in value and all(NAME.fullmatch(key) for key in value), "a value is a text, or an object with 'value' and details")
        need(all(is_text(text) for text in value.values()), "a value holds what is not a text")
    else:
        need(is_text(value), "a value is not a text")


def check_fact(fact, record):
    need(isinstance(fact, dict) and is_text(fact.get("fact")), "a fact has no name")
    where = f"'{fact['fact']}': "
    unknown = [key for key in fact if key not in FACT_KEYS]
    need(not unknown, f"{where}the key {unknown} is unknown")
    need(isinstance(fact.get("values"), list) and fact["values"], where + "'values' must be a list that is not empty")
    for value in fact["values"]:
        check_value(value)
    need(fact.get("confidence") in CONFIDENCE, where + "'confidence' must be one of " + ", ".join(CONFIDENCE))
    need(is_texts(fact.get("sources")), where + "'sources' must name at least one source")
    for source in fact["sources"]:
        need(source in record["sources"], f"{where}there is no source '{source}'")
    need("note" not in fact or is_text(fact["note"]), where + "'note' must be a text")


def check(record):
    need(isinstance(record, dict), "a record is not a JSON object")
    unknown = [key for key in record if key not in RECORD_KEYS]
    need(not unknown, f"the key {unknown} is unknown")
    need(is_text(record.get("id")) and ID.fullmatch(record["id"]), "'id' must be of small letters, digits, '.', '_' and '-'")
    need(record.get("kind") in KINDS, "'kind' must be one of " + ", ".join(KINDS))
    need(is_text(record.get("name")), "'name' must be a text")
    need("aliases" not in record or is_texts(record["aliases"]), "'aliases' must hold texts")
    try:
        datetime.date.fromisoformat(record.get("as_of", ""))
    except (TypeError, ValueError):
        raise CatalogError("'as_of' must be a date") from None
    need(isinstance(record.get("sources"), dict) and record["sources"], "'sources' must be an object that is not empty")
    need(all(NAME.fullmatch(key) and is_text(text) for key, text in record["sources"].items()), "'sources' must hold texts")
    need(isinstance(record.get("facts"), list) and record["facts"], "'facts' must be a list that is not empty")
    general = record.get("unless_stated", {})
    need(isinstance(general, dict) and set(general) <= {"confidence", "sources"}, "'unless_stated' holds confidence and sources")
    for fact in record["facts"]:
        for key, value in general.items():
            fact.setdefault(key, value)
        check_fact(fact, record)
    used = {source for fact in record["facts"] for source in fact["sources"]}
    need(used == set(record["sources"]), f"no fact names the sources {sorted(set(record['sources']) - used)}")


def read_records(path):
    try:
        with open(path, encoding="utf-8") as file:
            content = json.load(file, object_pairs_hook=unique)
        records = content if isinstance(content, list) else [content]
        for record in records:
            check(record)
        # A tool or a provider is a file of its own, which its id finds.
        if not isinstance(content, list):
            need(os.path.basename(path) == content["id"] + ".json", f"the file of '{content['id']}' must be named {content['id']}.json")
    except (OSError, UnicodeError, ValueError, CatalogError) as error:
        raise CatalogError(f"{path}: {error}") from error
    return records


def string(text):
    return f"TT_STR_INIT({literal(text, ' ' * 16)})"


def write_details(out, name, value):
    out.append(f"static const struct tt_catalog_detail {name}[] = {{")
    for key, text in value.items():
        if key != "value":
            out.append(f"    {{{string(key)}, {string(text)}}},")
    out.append("};")


def write_fact_parts(out, name, fact, sources):
    rows = []
    for number, value in enumerate(fact["values"]):
        if isinstance(value, dict) and len(value) > 1:
            details = f"detail_{name}_{number}"
            write_details(out, details, value)
            rows.append(f"    {{{string(value['value'])}, {details}, {len(value) - 1}}},")
        else:
            text = value["value"] if isinstance(value, dict) else value
            rows.append(f"    {{.text = {string(text)}}},")
    out.append(f"static const struct tt_catalog_value value_{name}[] = {{")
    out.extend(rows)
    out.append("};")
    out.append(f"static const struct tt_catalog_source *const cited_{name}[] = {{")
    record = name.partition("_")[0]
    out.extend(f"    &source_{record}[{sources.index(source)}]," for source in fact["sources"])
    out.append("};")


def write_facts(out, number, record):
    sources = list(record["sources"])
    for index, fact in enumerate(record["facts"]):
        write_fact_parts(out, f"{number}_{index}", fact, sources)
    out.append(f"static const struct tt_catalog_fact fact_{number}[] = {{")
    for index, fact in enumerate(record["facts"]):
        out.append(f"    {{{string(fact['fact'])}, {CONFIDENCE[fact['confidence']]}, {string(fact.get('note', ''))},")
        out.append(f"     value_{number}_{index}, {len(fact['values'])}, cited_{number}_{index}, {len(fact['sources'])}}},")
    out.append("};")


def write_record(out, number, record):
    out.append(f"static const struct tt_catalog_source source_{number}[] = {{")
    for key, text in record["sources"].items():
        out.append(f"    {{{string(key)}, {string(text)}}},")
    out.append("};")
    if "aliases" in record:
        out.append(f"static const struct tt_str alias_{number}[] = {{")
        out.extend(f"    {string(alias)}," for alias in record["aliases"])
        out.append("};")
    write_facts(out, number, record)


def write_entry(out, number, record):
    out.append("    {")
    out.append(f"        .kind = TT_CATALOG_{record['kind'].upper()},")
    for key in ("id", "name", "as_of"):
        out.append(f"        .{key} = {string(record[key])},")
    out.append('        .origin = TT_STR_INIT(""),')
    if "aliases" in record:
        out.append(f"        .aliases = alias_{number},")
        out.append(f"        .alias_count = {len(record['aliases'])},")
    out.append(f"        .sources = source_{number},")
    out.append(f"        .source_count = {len(record['sources'])},")
    out.append(f"        .facts = fact_{number},")
    out.append(f"        .fact_count = {len(record['facts'])},")
    out.append("    },")


def generate(records):
    out = ["/* Generated by data/gen/catalog.py from data/catalog. */", '#include "catalog/catalog.h"\n']
    for number, record in enumerate(records):
        write_record(out, number, record)
    out.append("\nstatic const struct tt_catalog_entry entries[] = {")
    for number, record in enumerate(records):
        write_entry(out, number, record)
    out.append("};\n")
    out.append("const struct tt_catalog tt_catalog_builtin = {entries, sizeof(entries) / sizeof(*entries)};")
    return "\n".join(out) + "\n"


def order(record):
    return KINDS.index(record["kind"]), record["id"].encode()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", metavar="RECORD.json")
    parser.add_argument("--output", required=True)
    args = parser.parse_args()
    try:
        records = sorted((record for path in args.files for record in read_records(path)), key=order)
        for first, second in zip(records, records[1:]):
            need(order(first) != order(second), f"two records of kind {first['kind']} have the id '{first['id']}'")
    except CatalogError as error:
        sys.exit(f"catalog.py: {error}")
    with open(args.output, "w", encoding="ascii", newline="\n") as file:
        file.write(generate(records))


if __name__ == "__main__":
    main()
