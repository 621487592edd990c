#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The nginx module against a real nginx; prints TAP.

    run.py MODULE RINGS_SHOW FAIL_ALLOC [WORD]...     WORD: only cases whose name holds it

Everything is on loopback and of this run's own.  No case needs root.
"""

import os
import sys

sys.dont_write_bytecode = True  # the folder is part of the source

import cases_act
import cases_attack
import cases_config
import cases_faults
import cases_forward
import cases_live
import cases_memory
import cases_stream
import cases_upstream
import gateways
from harness import run_cases

if __name__ == "__main__":
    gateways.MODULE, gateways.SHOW, gateways.FAIL_ALLOC = map(os.path.abspath, sys.argv[1:4])
    run_cases(gateways.ALL, sys.argv[4:])
