#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes text files as a C table of names and contents, declared in src/probe/texts.h.

    texts.py OUTPUT FILE...
"""

import os
import sys

sys.dont_write_bytecode = True  # the source folder stays as it is

from c_text import literal


def main():
    output, *paths = sys.argv[1:]
    lines = ["/* Written by data/gen/texts.py from data/clients and data/probe. */", '#include "probe/texts.h"', ""]
    lines += ["const struct tt_probe_text tt_probe_texts[] = {"]
    for path in sorted(paths, key=os.path.basename):
        with open(path, encoding="ascii") as file:
            text = file.read()
        lines.append(f"    {{TT_STR_INIT({literal(os.path.basename(path), ' ' * 17)}),")
        lines.append(f"     TT_STR_INIT({literal(text, ' ' * 17)})}},")
    lines += ["};", "", "const size_t tt_probe_text_count = sizeof(tt_probe_texts) / sizeof(*tt_probe_texts);", ""]
    with open(output, "w", encoding="ascii") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    main()
