# SPDX-License-Identifier: Apache-2.0
"""Converts degrees Celsius to degrees Fahrenheit."""

import sys


def fahrenheit(celsius):
    return celsius * 9 / 5 + 32


for word in sys.argv[1:]:
    print(word, fahrenheit(float(word)))
