#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The shipped examples do what they say; prints TAP.

    examples.py TELLTALE

The git hook runs in a repository that is made for each case: real commits, real exit codes.  Of the files for CI systems, which need
their servers, the commands that they run are run here.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from tap import Tap, Wrong, expect, skip_all

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
EXAMPLES = os.path.join(ROOT, "examples")
TAGS = "".join(chr(0xE0000 + ord(char)) for char in "hidden text")
MARKED, CLEAN = f"A line{TAGS} of text.\n", "A line of text.\n"
cases = []


def case(name):
    return lambda function: cases.append((name, function)) or function


class Repository:
    """A temporary repository with the hook."""

    def __init__(self, top, telltale):
        self.top = top
        self.env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("GIT_")},
            "TELLTALE": telltale,
            "HOME": top,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
        }
        self.git("init", "-q")
        self.hook = shutil.copy(os.path.join(EXAMPLES, "pre-commit", "pre-commit"), os.path.join(top, ".git", "hooks", "pre-commit"))

    def git(self, *args, good=True):
        done = subprocess.run(["git", *args], cwd=self.top, env=self.env, capture_output=True, timeout=60, check=False)
        if good and done.returncode:
            raise Wrong(f"git {args}: {done.stderr.decode(errors='replace')}")
        return done

    def write(self, name, text):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def commit(self, *options):
        """Commits what is staged; what the hook said, or None when it refused."""
        done = self.git("commit", "-qm", "a change", *options, good=False)
        self.said = done.stderr.decode(errors="replace")
        return done.returncode == 0


@case("a clean file is accepted")
def clean(repo):
    repo.write("a.txt", CLEAN)
    repo.git("add", "a.txt")
    expect(repo.commit(), "refused:", repo.said)


@case("a marked file is refused and named")
def marked(repo):
    repo.write("dir/a.txt", MARKED)
    repo.git("add", ".")
    expect(not repo.commit(), "accepted")
    expect("dir/a.txt:1:7" in repo.said and "hidden text" in repo.said, "not named:", repo.said)


@case("--no-verify passes by the hook")
def no_verify(repo):
    repo.write("a.txt", MARKED)
    repo.git("add", ".")
    expect(repo.commit("--no-verify"), "refused:", repo.said)


@case("a mark that is not staged is no matter")
def only_staged(repo):
    repo.write("a.txt", CLEAN)
    repo.git("add", ".")
    repo.write("a.txt", MARKED)
    repo.write("b.txt", MARKED)
    expect(repo.commit(), "refused:", repo.said)


@case("a mark that is staged counts, although the work tree is clean again")
def staged_only(repo):
    repo.write("a.txt", MARKED)
    repo.git("add", ".")
    repo.write("a.txt", CLEAN)
    expect(not repo.commit(), "accepted")


@case("an old marked file does not stop other commits, nor its removal")
def old_mark(repo):
    repo.write("old.txt", MARKED)
    repo.git("add", ".")
    repo.commit("--no-verify")
    repo.write("new.txt", CLEAN)
    repo.git("add", ".")
    expect(repo.commit(), "refused:", repo.said)
    repo.git("rm", "-q", "old.txt")
    expect(repo.commit(), "removal refused:", repo.said)


@case("a part of a file that is staged is judged, its rest is not")
def partly(repo):
    repo.write("a.txt", CLEAN * 3)
    repo.git("add", ".")
    repo.commit()
    repo.write("a.txt", CLEAN * 3 + "More.\n")
    repo.git("add", ".")
    repo.write("a.txt", CLEAN * 3 + "More.\n" + MARKED)
    expect(repo.commit(), "refused:", repo.said)
    expect(not repo.commit("-a"), "commit -a accepted")


@case("names with blanks, quotes, line feeds and other scripts")
def names(repo):
    for name in ["a b.txt", "quote\".txt", "line\nfeed.txt", "-dash.txt", "文字.txt"]:
        repo.write(name, CLEAN)
    repo.git("add", ".")
    expect(repo.commit(), "refused:", repo.said)
    repo.write("line\nfeed.txt", MARKED)
    repo.git("add", ".")
    expect(not repo.commit(), "accepted")


@case("what .gitignore names is judged when it was added by force")
def ignored(repo):
    repo.write(".gitignore", "*.log\n")
    repo.write("a.log", MARKED)
    repo.git("add", "-f", ".")
    expect(not repo.commit(), "accepted")


@case("a binary does not stop a commit")
def binary(repo):
    repo.write("a.bin", b"\0\1\2" * 100)
    repo.write("a.txt", CLEAN)
    repo.git("add", ".")
    expect(repo.commit(), "refused:", repo.said)


@case("TELLTALE_FAIL_ON sets the level")
def fail_on(repo):
    repo.write("a.txt", "pass\u200bword\n")
    repo.git("add", ".")
    expect(not repo.commit(), "accepted")
    repo.env["TELLTALE_FAIL_ON"] = "confirmed"
    expect(repo.commit(), "refused:", repo.said)


@case("without the program nothing is committed unseen")
def missing(repo):
    repo.env["TELLTALE"] = os.path.join(repo.top, "no-such-program")
    repo.write("a.txt", CLEAN)
    repo.git("add", ".")
    expect(not repo.commit(), "accepted")
    expect("not installed" in repo.said, "said:", repo.said)


@case("the hook leaves nothing behind")
def leaves_nothing(repo):
    repo.env["TMPDIR"] = os.path.join(repo.top, "tmp")
    os.mkdir(repo.env["TMPDIR"])
    for text in (CLEAN, MARKED):
        repo.write("a.txt", text)
        repo.git("add", "a.txt")
        repo.commit()
        expect(os.listdir(repo.env["TMPDIR"]) == [], "left:", os.listdir(repo.env["TMPDIR"]))


@case("the entry of .pre-commit-hooks.yaml: refuses, accepts")
def framework(repo):
    with open(os.path.join(ROOT, ".pre-commit-hooks.yaml"), encoding="utf-8") as file:
        entry = re.search(r"^  entry: (.*)$", file.read(), re.M)[1].split()
    for text, code in ((CLEAN, 0), (MARKED, 1)):
        repo.write("a.txt", text)
        done = subprocess.run([repo.env["TELLTALE"], *entry[1:], "a.txt"], cwd=repo.top, capture_output=True, timeout=60, check=False)
        expect(done.returncode == code, f"exit {done.returncode}, not {code}:", done.stderr)


def scan_command(name):
    with open(os.path.join(EXAMPLES, "ci", name), encoding="utf-8") as file:
        return re.search(r"(telltale scan .*)$", file.read(), re.M)[1].split()


@case("the scans of the CI examples: a report in SARIF, and an exit code")
def ci(repo):
    for name in ("github-actions.yml", "gitlab-ci.yml"):
        for text, code in ((CLEAN, 0), (MARKED, 1)):
            repo.write("a.txt", text)
            report = repo.hook + ".sarif"
            command = [repo.env["TELLTALE"], *(report if word.endswith(".sarif") else word for word in scan_command(name)[1:])]
            done = subprocess.run(command, cwd=repo.top, capture_output=True, timeout=60, check=False)
            expect(done.returncode == code, f"{name}: exit {done.returncode}, not {code}:", done.stderr)
            with open(report, encoding="utf-8") as file:
                results = json.load(file)["runs"][0]["results"]
            expect(bool(results) == bool(code), f"{name}: {len(results)} results")
            os.remove(report)


def main():
    telltale, tap = os.path.abspath(sys.argv[1]), Tap()
    if not shutil.which("git"):
        skip_all("git is not there")
    for name, function in cases:
        with tempfile.TemporaryDirectory(prefix="telltale-examples-") as top:
            tap.run(name, lambda: function(Repository(top, telltale)))
    tap.end()


if __name__ == "__main__":
    main()
