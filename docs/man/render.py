#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills @OPTIONS@, @EXAMPLES@ and @COMMANDS@ of a man page from the program's own tables and runs scdoc over it.

usage: render.py TELLTALE PAGE SOURCE SCDOC
"""
import subprocess
import sys


def ask(telltale, *words):
    return subprocess.run([telltale, "help", *words], check=True, capture_output=True, text=True).stdout


def main():
    telltale, page, source, scdoc = sys.argv[1:]
    text = open(source, encoding="utf-8").read()
    command = page.partition("-")[2]
    if "@OPTIONS@" in text:
        text = text.replace("@OPTIONS@", ask(telltale, "--man-options", *([command] if command else [])).rstrip("\n"))
    if "@EXAMPLES@" in text:
        text = text.replace("@EXAMPLES@", ask(telltale, "--man-examples", *([command] if command else [])).rstrip("\n"))
    if "@COMMANDS@" in text:
        text = text.replace("@COMMANDS@", ask(telltale, "--man-commands").rstrip("\n"))
    out = subprocess.run([scdoc], input=text, check=True, capture_output=True, text=True).stdout
    sys.stdout.write(out)


main()
