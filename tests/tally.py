#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up the test cases of several Meson builds and ends with "N passed, N failed".

usage: tally.py BUILD...

A program that breaks off leaves fewer cases and none that failed, so its own result counts as a case too when it is bad.
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


def main():
    passed = failed = skipped = 0
    for build in sys.argv[1:]:
        path = os.path.join(build, "meson-logs", "testlog.junit.xml")
        if not os.path.exists(path):
            print(f"{build}: no test ran")
            failed += 1
            continue
        bad = set()
        for case in xml.parse(path).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                print(f"{build}: failed: {case.get('classname')}: {case.get('name')}")
                bad.add(case.get("classname"))
                failed += 1
            elif case.find("skipped") is not None:
                skipped += 1
            else:
                passed += 1
        for name in bad_programs(build):
            if "telltale." + name not in bad:
                print(f"{build}: broke off: {name}")
                failed += 1
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


main()
