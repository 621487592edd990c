# SPDX-License-Identifier: Apache-2.0
"""How the tests that are written in Python say what they found: TAP, a line for each case, and behind one that failed what was seen."""

import sys
import threading
import time

LINES = 40  # of one failure
LINE = 2000  # characters of each
LONG = 20  # seconds from which a case says how long it took


class Wrong(Exception):
    """Something did not do what it should."""


class Skip(Exception):
    """The case cannot be made here, and why."""


def expect(condition, *seen):
    """What does not hold says what was seen."""
    if not condition:
        raise Wrong("\n".join(map(str, seen)))


def skip_all(why):
    print(f"1..0 # SKIP {why}")
    sys.exit(0)


def ascii_lines(text):
    return [line.encode("ascii", "backslashreplace").decode()[:LINE] for line in text.splitlines()[:LINES]]


class Tap:
    """Counts the cases of a program, which may come in any number and from any thread; the plan is said at the end."""

    def __init__(self):
        self.count = self.failed = 0
        self.lock = threading.Lock()

    def note(self, *lines):
        for line in lines:
            print(f"# {line}", flush=True)

    def skip(self, name, why):
        with self.lock:
            self.count += 1
            print(f"ok {self.count} - {name} # SKIP {why}", flush=True)

    def case(self, name, trouble=None):
        """trouble: what is wrong, as a text or as lines, or True where the name says it; nothing where all is well."""
        with self.lock:
            self.count += 1
            self.failed += bool(trouble)
            print(f"{'not ok' if trouble else 'ok'} {self.count} - {name}", flush=True)
            if trouble and trouble is not True:
                self.note(*ascii_lines(trouble if isinstance(trouble, str) else "\n".join(map(str, trouble))))

    def that(self, name, holds, *seen):
        self.case(name, None if holds else "\n".join(map(str, seen)) or True)

    def run(self, name, function, *arguments):
        """The function raises what is wrong, or Skip.  One case that breaks does not hide the others."""
        began = time.monotonic()
        try:
            function(*arguments)
            self.case(name)
        except Skip as why:
            self.skip(name, why)
        except Wrong as wrong:
            self.case(name, str(wrong) or "wrong")
        except Exception as error:  # pylint: disable=broad-except
            self.case(name, f"{type(error).__name__}: {error}")
        if time.monotonic() - began > LONG:
            self.note(f"{name}: {time.monotonic() - began:.0f} s")

    def end(self):
        """A program that had no case found nothing out."""
        print(f"1..{self.count}")
        sys.exit(1 if self.failed or not self.count else 0)
