#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up the test cases of several Meson builds and ends with "N passed, N failed".

usage: tally.py BUILD...

A program that breaks off leaves fewer cases and none that failed, so its own result counts as a case too when it is bad.  What a program said
behind a case that failed, or at its end when it broke off, stands under it.
"""
import json
import os
import sys
import xml.etree.ElementTree as xml


def bad_programs(build):
    """Names of the test programs that did not end well."""
    with open(os.path.join(build, "meson-logs", "testlog.json"), encoding="utf-8") as log:
        results = map(json.loads, log)
        return [result["name"] for result in results if result["result"] not in ("OK", "SKIP", "EXPECTEDFAIL")]


SAID_LINES = 12


def said_about(suite, case):
    """The lines behind a failed case.  Meson names cases with their number, as "7 - name"."""
    lines = [line for part in ("system-out", "system-err") for line in (suite.findtext(part) or "").splitlines()]
    at = next((i for i, line in enumerate(lines, 1) if case and line.startswith("not ok") and line.split("# ")[0].strip().endswith(case)), None)
    if at is None:
        return lines[-SAID_LINES:]
    rest = lines[at:]
    return rest[:next((i for i, line in enumerate(rest) if not line.lstrip().startswith("#")), len(rest))][:SAID_LINES]


def show(headline, lines):
    print("\n    ".join([headline, *(line[:400] for line in lines)]))


def main():
    passed = failed = skipped = 0
    for build in sys.argv[1:]:
        path = os.path.join(build, "meson-logs", "testlog.junit.xml")
        if not os.path.exists(path):
            print(f"{build}: no test ran")
            failed += 1
            continue
        bad = set()
        suites = {suite.get("name"): suite for suite in xml.parse(path).iter("testsuite")}
        for suite, case in [(suite, case) for suite in suites.values() for case in suite.iter("testcase")]:
            if case.find("failure") is not None or case.find("error") is not None:
                show(f"{build}: failed: {case.get('classname')}: {case.get('name')}", said_about(suite, case.get("name")))
                bad.add(case.get("classname"))
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
        for name in bad_programs(build):
            if "telltale." + name not in bad:
                suite = suites.get("telltale." + name)
                show(f"{build}: broke off: {name}", [] if suite is None else said_about(suite, None))
                failed += 1
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
