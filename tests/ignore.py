#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What .gitignore files leave out, compared with git itself on trees and patterns made at random; prints TAP.

    ignore.py TELLTALE [ROUNDS]

Every file of a tree holds a mark, so the files that were scanned are those with a finding.  They must be the ones that
`git check-ignore` does not name: in every other tree some files are tracked, which no pattern leaves out.  The seed is fixed.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

from tap import Tap, skip_all

GROUPS = 10
MARK = "pass\u200bword"
NAMES = ["a", "b", "ab", "abc", "b.o", "a.c", "foo", "foo bar", "x ", "d[1]", "-", "#n", "!k", "\\", "\u00e9", "Q", ".h", "a-c", "]"]
LITERALS = ["a", "b", "c", "ab", "foo", ".o", ".c", "x", "-", "]", "1", "\u00e9", " ", "Q", "o", "."]
WILD = ["*", "**", "?", "***", "[ab]", "[!a]", "[^b]", "[a-c]", "[]a]", "[!]]", "[[:alpha:]]", "[[:upper:]b]", "[[:nope:]]", "[a",
        "[a-", "[\\]]", "[--a]", "[[:]", "[b-a]", "\\*", "\\a", "\\", "\\!", "\\#", "\\ ", "[a\\-c]", "[[:alpha:]-z]", "[*]", "[?]"]


def make_pattern(rng, paths):
    """Mostly patterns that could fit some path; some that are only strange."""
    if rng.random() < 0.5:
        parts = rng.choice(paths).split("/")
        parts = parts[rng.randrange(len(parts)) :] if rng.random() < 0.5 else parts[: rng.randrange(len(parts)) + 1]
        for i, part in enumerate(parts):
            kind = rng.random()
            if kind < 0.2:
                parts[i] = rng.choice(["*", "**", "?" * len(part), part[:1] + "*", "*" + part[-1:], part + "**"])
            elif kind < 0.3:
                parts[i] = "".join(rng.choice([c, "?", f"[{c}]", f"[!{c}]", "\\" + c, "*"]) for c in part)
        text = "/".join(parts)
    else:
        text = "".join(rng.choice(rng.choice([LITERALS, WILD, ["/"]])) for _ in range(rng.randrange(1, 6)))
    text = rng.choice(["", "", "", "/", "**/", "!"]) + text
    text = rng.choice(["", "", "", "!"]) + text
    return text + rng.choice(["", "", "", "/", "/*", "/**", " ", "  ", "\t", "\\ ", "\r"])


def make_lines(rng, paths):
    lines = [make_pattern(rng, paths) for _ in range(rng.randrange(1, 7))]
    if rng.random() < 0.2:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(["# comment", "", "   ", "!", "/", "*", "!*/", "\ufeff*"]))
    text = "\n".join(lines) + rng.choice(["", "\n"])
    return (b"\xef\xbb\xbf" if rng.random() < 0.1 else b"") + text.encode()


def make_tree(rng, root):
    """Directories and marked files; returns their paths, directories with their own."""
    folders, files = [""], []
    for _ in range(rng.randrange(2, 9)):
        folder = os.path.join(rng.choice(folders), rng.choice(NAMES))
        if folder.count("/") < 5 and folder not in folders:
            folders.append(folder)
            os.mkdir(os.path.join(root, folder))
    for _ in range(rng.randrange(4, 20)):
        path = os.path.join(rng.choice(folders), rng.choice(NAMES))
        if path not in folders and path not in files:
            files.append(path)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(MARK)
    return folders, files


def ask_git(root, files, *options):
    env = {**os.environ, "HOME": root, "XDG_CONFIG_HOME": root, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["git", "check-ignore", *options, "-z", "--stdin"], cwd=root, env=env, input="\0".join(files).encode(),
        capture_output=True, check=False,
    )
    if done.returncode not in (0, 1):
        raise RuntimeError(done.stderr.decode())
    return {name.decode() for name in done.stdout.split(b"\0") if name}


def track(rng, root, files):
    """Adds some files to the index, in each of its versions."""
    git = ["git", "-C", root, "-c", "core.autocrlf=false"]
    some = [name for name in files if rng.random() < rng.choice([0.2, 0.6])]
    if not some or subprocess.run([*git, "add", "-f", "--", *[":(literal)" + name for name in some]], check=False).returncode != 0:
        return
    kind = rng.randrange(5)
    if kind < 2:
        subprocess.run([*git, "update-index", "--index-version", str(4 if kind else 2)], check=True)
    elif kind == 2:  # what is only meant to be added makes the index one of version 3
        subprocess.run([*git, "rm", "-q", "--cached", "--", ":(literal)" + some[0]], check=True)
        subprocess.run([*git, "add", "-f", "-N", "--", ":(literal)" + some[0]], check=True)


def ask_telltale(telltale, root, folder, *options):
    path = os.path.join(root, folder).rstrip("/")
    done = subprocess.run([telltale, "scan", "--format", "json", *options, path], capture_output=True, check=False)
    lines = [json.loads(line) for line in done.stdout.decode().splitlines()]
    if not lines or done.stderr:
        raise RuntimeError(done.stderr.decode())
    found = {os.path.relpath(line["where"]["uri"], root) for line in lines[:-1]}
    return {name for name in found if not name.endswith(".gitignore")}, lines[-1]


def compare(telltale, rng, parent):
    """One tree; the words for what differs, or None."""
    root = os.path.join(parent, "tree")
    os.mkdir(root)
    subprocess.run(["git", "init", "-q", f"--object-format={rng.choice(['sha1', 'sha1', 'sha256'])}", root], check=True)
    folders, files = make_tree(rng, root)
    paths = files + folders[1:] + ["a"]
    for folder in folders:
        if folder == "" or rng.random() < 0.3:
            below = [p[len(folder) + 1 :] if folder else p for p in paths if p.startswith(folder + "/") or not folder] or ["a"]
            with open(os.path.join(root, folder, ".gitignore"), "wb") as file:
                file.write(make_lines(rng, below))
    if rng.random() < 0.3:
        os.makedirs(os.path.join(root, ".git/info"), exist_ok=True)
        with open(os.path.join(root, ".git/info/exclude"), "wb") as file:
            file.write(make_lines(rng, paths))
    if rng.random() < 0.5:
        track(rng, root, files)
    ignored = ask_git(root, files) if files else set()
    # A folder that a pattern names is scanned whole when the user names it, whatever of it is tracked.
    closed = ask_git(root, folders[1:], "--no-index") if folders[1:] else set()
    wanted = set(files) - ignored
    found, _ = ask_telltale(telltale, root, "")
    words = differ(root, "", wanted, found)
    inner = rng.choice(folders)
    if inner and inner not in closed and not words:
        found, _ = ask_telltale(telltale, root, inner)
        words = differ(root, inner, {name for name in wanted if name.startswith(inner + "/")}, found)
    if not words:
        found, summary = ask_telltale(telltale, root, "", "--no-ignore")
        words = differ(root, "--no-ignore", set(files), found) or ("ignored with --no-ignore" if summary["inspected"]["ignored"] else None)
    return words


def differ(root, what, wanted, found):
    if wanted == found:
        return None
    rules = [open(os.path.join(folder, ".gitignore"), "rb").read() for folder, _, names in os.walk(root) if ".gitignore" in names]
    return f"{what!r}: not scanned: {sorted(wanted - found)}, scanned: {sorted(found - wanted)}, patterns: {rules}"


def check_places(telltale, parent):
    """Where an index lies: above the named folder, beside a work tree; and one that is split over two files, which is said."""
    root, other = os.path.join(parent, "tree"), os.path.join(parent, "other")
    git = ["git", "-C", root, "-c", "user.name=a", "-c", "user.email=a@b.example"]
    os.makedirs(os.path.join(root, "build/in"))
    subprocess.run(["git", "init", "-q", root], check=True)
    for name, text in ((".gitignore", "build/\n*.log\n"), ("build/in/kept", MARK), ("build/other", MARK), ("a.log", MARK), ("build/a.log", MARK)):
        with open(os.path.join(root, name), "w", encoding="utf-8") as file:
            file.write(text)
    subprocess.run([*git, "add", "-f", ".gitignore", "build/in/kept", "a.log"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "x"], check=True)
    subprocess.run([*git, "worktree", "add", "-q", "--detach", other], check=True)
    os.makedirs(os.path.join(other, "sub"))
    for name in ("b.log", "sub/c.log", "sub/d.log"):
        with open(os.path.join(other, name), "w", encoding="utf-8") as file:
            file.write(MARK)
    subprocess.run(["git", "-C", other, "add", "-f", "sub/c.log"], check=True)
    for where, folder, wanted in (
        (root, "", {"build/in/kept", "a.log"}),
        (other, "", {"build/in/kept", "a.log", "sub/c.log"}),
        (other, "sub", {"sub/c.log"}),
    ):
        found, summary = ask_telltale(telltale, where, folder)
        if found != wanted or summary["not_inspected"]:
            return f"{where} {folder}: {found}, {summary}"
    subprocess.run([*git, "update-index", "--split-index"], check=True)
    found, summary = ask_telltale(telltale, root, "")
    notes = [note["why"] for note in summary["not_inspected"]]
    return None if not found and len(notes) == 1 and "git index" in notes[0] else f"split: {found}, {summary}"


def main():
    telltale = os.path.abspath(sys.argv[1])
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 300
    if not shutil.which("git"):
        skip_all("there is no git")
    rng, tap = random.Random(20260710), Tap()
    for _ in range(GROUPS):
        details = None
        for _ in range(rounds // GROUPS):
            with tempfile.TemporaryDirectory(prefix="telltale-ignore-") as parent:
                details = details or compare(telltale, rng, parent)
        tap.case(f"{rounds // GROUPS} trees as git sees them", details)
    with tempfile.TemporaryDirectory(prefix="telltale-ignore-") as parent:
        tap.case("indexes of work trees, above a folder, and split ones", check_places(telltale, parent))
    tap.end()


if __name__ == "__main__":
    main()
