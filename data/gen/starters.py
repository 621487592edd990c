#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the texts of policies as a C table.

    starters.py OUTPUT FILE.yaml...
"""

import json
import os
import sys


def main():
    output, *paths = sys.argv[1:]
    lines = ["/* Written by data/gen/starters.py from examples/policies. */", '#include "cli/starters.h"', ""]
    lines += ["#include <stddef.h>", "", "const struct tt_policy_starter tt_policy_starters[] = {"]
    for path in sorted(paths):
        with open(path, encoding="ascii") as file:
            text = file.read()
        name = os.path.basename(path).removesuffix(".yaml")
        lines.append(f"    {{{json.dumps(name)},")
        lines += [f"     {json.dumps(line)}" for line in text.splitlines(keepends=True)]
        lines.append("    },")
    lines += ["    {NULL, NULL},", "};", ""]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    main()
