# SPDX-License-Identifier: Apache-2.0
"""Reads a page of metrics in the text form of Prometheus (version 0.0.4), strictly, and says what is wrong with it.

    exposition.py FILE        prints what is wrong; nothing when all is well

parse(text) returns the families of a page: name -> (type, {labels: value} or, of histograms, {labels: (bounds, sum, count)}).
"""

import re
import sys

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
VALUE = re.compile(r"[0-9]+(\.[0-9]+)?")
TYPES = ("counter", "gauge", "histogram")


class FormError(Exception):
    """A page that breaks its form."""


def parse_labels(text, line):
    labels, at = {}, 0
    while True:
        match = LABEL.match(text, at)
        if not match or match[1] in labels:
            raise FormError(f"labels: {line}")
        labels[match[1]] = re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], match[2])
        at = match.end()
        if at == len(text):
            return labels
        if text[at] != ",":
            raise FormError(f"labels: {line}")
        at += 1


def parse_sample(line):
    match = NAME.match(line)
    if not match:
        raise FormError(f"no name: {line}")
    rest, labels = line[match.end():], {}
    if rest.startswith("{"):
        end = rest.rindex("}")
        labels, rest = parse_labels(rest[1:end], line), rest[end + 1:]
    if not rest.startswith(" ") or not VALUE.fullmatch(rest[1:]):
        raise FormError(f"no value: {line}")
    return match[0], labels, float(rest[1:])


def histogram(name, samples):
    """{labels: (bounds, sum, count)} of the samples of one histogram."""
    result = {}
    for sample, labels, value in samples:
        le = labels.pop("le", None)
        key = tuple(sorted(labels.items()))
        buckets, rest = result.setdefault(key, ([], {}))
        if sample == name + "_bucket" and le is not None:
            buckets.append((float("inf") if le == "+Inf" else float(le), value))
        elif sample in (name + "_sum", name + "_count") and le is None and sample not in rest:
            rest[sample] = value
        else:
            raise FormError(f"{sample} twice, or out of place")
    for key, (buckets, rest) in result.items():
        bounds = [b for b, _ in buckets]
        counts = [c for _, c in buckets]
        if bounds != sorted(set(bounds)) or not bounds or bounds[-1] != float("inf"):
            raise FormError(f"{name}{key}: bounds {bounds}")
        if counts != sorted(counts):
            raise FormError(f"{name}{key}: counts fall {counts}")
        if set(rest) != {name + "_sum", name + "_count"} or rest[name + "_count"] != counts[-1]:
            raise FormError(f"{name}{key}: the count is not that of +Inf, or missing")
    return {key: (dict(buckets), rest[name + "_sum"], rest[name + "_count"]) for key, (buckets, rest) in result.items()}


def simple(name, samples):
    result = {}
    for sample, labels, value in samples:
        key = tuple(sorted(labels.items()))
        if sample != name or key in result:
            raise FormError(f"{sample}{key} twice, or out of place")
        result[key] = value
    return result


def parse(text):
    if text and not text.endswith("\n"):
        raise FormError("no line feed at the end")
    families, name, kind, samples, helped = {}, None, None, [], set()

    def close():
        if name:
            families[name] = (kind, histogram(name, samples) if kind == "histogram" else simple(name, samples))

    for line in text.split("\n")[:-1]:
        words = line.split(" ", 3)
        if line.startswith("# HELP "):
            if words[2] in helped or len(words) < 4 or not NAME.fullmatch(words[2]):
                raise FormError(f"HELP twice or empty: {line}")
            helped.add(words[2])
        elif line.startswith("# TYPE "):
            close()
            name, kind, samples = words[2], words[3], []
            if name in families or name not in helped or kind not in TYPES:
                raise FormError(f"TYPE twice, before HELP or unknown: {line}")
            if kind == "counter" and not name.endswith("_total"):
                raise FormError(f"a counter without _total: {name}")
        elif line.startswith("#") or not line:
            raise FormError(f"a comment or an empty line: {line}")
        else:
            sample = parse_sample(line)
            if not name or not sample[0].startswith(name):
                raise FormError(f"outside of its family: {line}")
            samples.append(sample)
    close()
    return families


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        try:
            parse(file.read())
        except FormError as error:
            sys.exit(f"{sys.argv[1]}: {error}")


if __name__ == "__main__":
    main()
