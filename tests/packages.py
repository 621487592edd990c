#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`telltale inspect` on packages: lists hidden in many ways inside real bundles, packages without any, bad input.

    packages.py TELLTALE [CACHE]

Real packages come from npm, in the versions below, into CACHE, which stays; without it or npm their cases are skipped.  Prints TAP.
"""

import base64
import binascii
import fcntl
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
import zlib

from tap import Tap

sys.dont_write_bytecode = True  # the source folder stays as it is

INSTALL_SECONDS = 180
RUN_SECONDS = 600

HOSTS = """api.northwind-labs.com relay.bluequarry.cn models.tangerine.ai chat.riverstone.io gateway.paperlantern.net inference.saltmarsh.dev
proxy.honeycomb-mills.org router.quietharbor.app kestrel-ai.com.cn open.greenlattice.cn api.cinderpath.ai mirror.foxglove.top cloud.moonfield.com
llm.stonebridge.co.jp edge.wintergarden.tech api.lanternworks.xyz""".split()
WORDS = "moonfield lantern kestrel tangerine saltmarsh riverstone foxglove cinderpath bluequarry stonebridge honeycomb wintergarden".split()

# Unmarked: none of them hides a list of hosts.
UNMARKED = ("lodash@4.17.21", "react-dom@18.3.1", "axios@1.7.9", "moment@2.30.1", "three@0.160.0", "jquery@3.7.1", "d3@7.9.0", "chart.js@4.4.7",
            "terser@5.37.0", "prettier@3.4.2")
CLIENTS = ("@qwen-code/qwen-code@0.15.10", "@google/gemini-cli@0.61.0")
GOLDEN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden/inspect")


# ---- Ways to hide a list ----


def quote(text):
    return json.dumps(text)


def b64(data):
    return base64.b64encode(data).decode()


def xor(data, key):
    return bytes(byte ^ key[i % len(key)] for i, byte in enumerate(data))


def codes(data):
    return "[" + ",".join(map(str, data)) + "]"


def escaped(data):
    return '"' + "".join(f"\\x{byte:02x}" for byte in data) + '"'


def pieces(text, size):
    return [text[i : i + size] for i in range(0, len(text), size)]


def base36(number):
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def ways(items, rng):
    """Name and JavaScript of each way."""
    joined = ",".join(items).encode()
    one, key = bytes([rng.randrange(1, 256)]), bytes(rng.randrange(256) for _ in range(rng.randrange(3, 9)))
    decoys = random.Random(11)
    word = rng.choice(("s3cr3t", "copper-kettle", "Zq9!x"))
    yield "base64", f"var a=atob({quote(b64(joined))}).split(',')"
    yield "base64 of each", "var a=[" + ",".join(quote(b64(item.encode())) for item in items) + "].map(atob)"
    yield "hex", f"var a=Buffer.from({quote(joined.hex())},'hex')+''"
    yield "hex of each", "var a=[" + ",".join(quote(item.encode().hex()) for item in items) + "].map(h)"
    yield "character codes", f"var a=String.fromCharCode(...{codes(joined)}).split(',')"
    yield "codes of each", "var a=[" + ",".join(codes(item.encode()) for item in items) + "].map(c=>String.fromCharCode(...c))"
    yield "codes in a string", f"var a={quote(' '.join(map(str, joined)))}.split(' ')"
    yield "xor with a byte, codes", f"var a={codes(xor(joined, one))}.map(c=>c^{one[0]})"
    yield "xor with a byte, base64", f"var a=x(atob({quote(b64(xor(joined, one)))}),{one[0]})"
    yield "xor with a byte, each in base64", "var a=[" + ",".join(quote(b64(xor(i.encode(), one))) for i in items) + "].map(x)"
    yield "xor with a byte, hex", f"var a=x({quote(xor(joined, one).hex())})"
    yield "xor with a byte, escapes", f"var a=x({escaped(xor(joined, one))})"
    yield "repeating xor, base64", f"var a=x(atob({quote(b64(xor(joined, key)))}),k)"
    yield "repeating xor, key in a string", f"var k={quote(word)};var a=[" + ",".join(quote(b64(xor(i.encode(), word.encode()))) for i in items) + "].map(x)"
    yield "reversed", "var a=[" + ",".join(quote(item[::-1]) for item in items) + "].map(r)"
    yield "reversed base64", f"var a=atob({quote(b64(joined)[::-1])}.split('').reverse().join(''))"
    yield "base64 of reversed", f"var a=r(atob({quote(b64(joined[::-1])) }))"
    yield "base64 twice", f"var a=atob(atob({quote(b64(b64(joined).encode()))}))"
    yield "hex of base64", f"var a=x({quote(b64(joined).encode().hex())})"
    yield "base64 in pieces", "var a=atob(" + "+".join(quote(piece) for piece in pieces(b64(joined), 20)) + ").split(',')"
    yield "base64 in an array of pieces", "var a=atob([" + ",".join(quote(piece) for piece in pieces(b64(joined), 24)) + "].join(''))"
    yield "xor, base64, reversed, in pieces", "var a=[" + ",".join(quote(p) for p in pieces(b64(xor(joined, one))[::-1], 30)) + "].join('')"
    yield "letters shifted by 13", "var a=" + quote(joined.decode().translate(ROT13)) + ".split(',')"
    yield "bytes added to", f"var a={codes(bytes((byte + 7) % 256 for byte in joined))}.map(c=>c-7)"
    yield "deflated, base64", f"var a=inflate(atob({quote(b64(zlib.compress(joined)))}))"
    yield "percent", "var a=unescape('" + "".join(f"%{byte:02x}" for byte in joined) + "')"
    yield "JSON in base64", f"var a=JSON.parse(atob({quote(b64(json.dumps(items).encode()))}))"
    yield "xor with a byte, in a template", f"var a=x(`{b64(xor(joined, one))}`)"
    yield "xor with a byte, values of an object", "var a={" + ",".join(f"k{n}:{quote(b64(xor(i.encode(), one)))}" for n, i in enumerate(items)) + "}"
    yield "base32", f"var a=d({quote(base64.b32encode(joined).decode())})"
    yield "base85", f"var a=d({quote(base64.b85encode(joined).decode())})"
    yield "ascii85", f"var a=d({quote(base64.a85encode(joined).decode())})"
    yield "uuencode", f"var a=d({quote(''.join(binascii.b2a_uu(piece).decode() for piece in pieces(joined, 45)))})"
    yield "signs shifted by 47", "var a=" + quote(joined.decode().translate(ROT47))
    yield "gzip, base64", f"var a=d({quote(b64(gzip.compress(joined, mtime=0)))})"
    yield "xor with the place", f"var a={codes(bytes(byte ^ i & 255 for i, byte in enumerate(joined)))}"
    yield "codes with a factor and an offset", "var a=[" + ",".join(str(7 * byte + 3) for byte in joined) + "].map(c=>(c-3)/7)"
    yield "differences", "var a=[" + ",".join(str(b - a) for a, b in zip(b"\0" + joined, joined)) + "]"
    yield "sums", f"var a={codes(sum(joined[: i + 1]) & 255 for i in range(len(joined)))}"
    yield "arithmetic", "var a=String.fromCharCode(" + ",".join(f"{byte - 40}+40" for byte in joined) + ")"
    yield "numbers in base 36", "var a=[" + ",".join(quote(base36(int.from_bytes(i.encode(), "big"))) for i in items) + "].map(n)"
    yield "reversed hex of each", "var a=[" + ",".join(quote(item.encode().hex()[::-1]) for item in items) + "]"
    yield "quoted-printable", "var a=d('" + "".join(f"={byte:02X}" for byte in joined) + "')"
    yield "percent u", "var a=unescape('" + "".join(f"%u{byte:04x}" for byte in joined) + "')"
    yield "UTF-16 units with an offset", 'var a=d("' + "".join(f"\\u{0xE000 + byte:04x}" for byte in joined) + '")'
    yield "names of members in base64", "var a=Object.keys({" + ",".join(quote(b64(item.encode())) + ":1" for item in items) + "})"
    yield "multiplied modulo 256", f"var a={codes(bytes(byte * 5 & 255 for byte in joined))}"
    yield "a factor and an offset modulo 256", f"var a=d({quote(b64(bytes(byte * 77 + 17 & 255 for byte in joined)))})"
    yield "decoys between the items", "var a=[" + ",".join(f"{quote(b64(item.encode()))},{quote(b64(decoys.randbytes(12)))}" for item in items) + "]"
    alphabet = "".join(decoys.sample(BASE64, 64))
    yield "base64 with an alphabet of its own", f"var t={quote(alphabet)};var a=d({quote(b64(joined).translate(str.maketrans(BASE64, alphabet)))})"
    if "." in items[0]:
        yield "pieces of each, join()", "var a=[" + ",".join("[" + ",".join(map(quote, pieces(i, 3))) + "].join('')" for i in items) + "]"
        yield "pieces of each, concat()", "var a=[" + ",".join(".concat(".join(map(quote, pieces(i, 4))) + ")" for i in items) + "]"
    yield "base64 of each, calls", ";".join(f"s.add(d({quote(b64(item.encode()))}))" for item in items)


BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
ROT47 = {33 + i: 33 + (i + 47) % 94 for i in range(94)}
ROT13 = str.maketrans("abcdefghijklmnopqrstuvwxyz", "nopqrstuvwxyzabcdefghijklm")


# ---- Running ----


class Telltale:
    def __init__(self, program):
        self.program = program

    def run(self, path, *args):
        command = [self.program, "inspect", "--format", "json", "--show", "info", *args, path]
        done = subprocess.run(command, capture_output=True, text=True, timeout=RUN_SECONDS, check=False)
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, lines[:-1], lines[-1] if lines else {}

    def lists(self, path):
        return [f for f in self.run(path)[1] if f["rule"] == "client.hidden-list"]


def file_name(package):
    """What npm calls the file of a package."""
    return package.lstrip("@").replace("/", "-").replace("@", "-")


def npm_pack(cache, names):
    """Paths of the packages, or a reason why there are none."""
    if not shutil.which("npm"):
        return "npm is not there"
    os.makedirs(cache, exist_ok=True)
    paths = {}
    with open(f"{cache}/lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in names:
            path = f"{cache}/{file_name(name)}.tgz"
            if not os.path.exists(path):
                command = ["npm", "pack", "--silent", "--pack-destination", cache, name]
                try:
                    done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
                except subprocess.TimeoutExpired:
                    return "the npm registry did not answer in time"
                if done.returncode != 0 or not os.path.exists(path):
                    return "npm cannot fetch the packages"
            paths[name] = path
    return paths


def found_names(findings):
    return {name.lower() for finding in findings for name in finding["evidence"]["list"]}


def hide_all(tap, telltale, folder, bundle, kinds=(("hosts", HOSTS), ("words", WORDS)), every=1):
    """Every way (or every so many), for hosts and for words, in the middle of a bundle (or alone)."""
    rng = random.Random(20260701)
    half = bundle.find(";", len(bundle) // 2) + 1
    for kind, items in kinds:
        for name, code in list(ways(items, rng))[::every]:
            path = f"{folder}/cli.js"
            with open(path, "w", encoding="utf-8") as file:
                file.write(bundle[:half] + code + ";" + bundle[half:])
            lists = telltale.lists(path)
            missing = [item for item in items if item not in found_names(lists)]
            tap.that(f"{kind}: {name}", not missing, f"{len(missing)} of {len(items)} missing; {[f['evidence'] for f in lists]}"[:600])


def random_bytes(tap, telltale, folder):
    """What means nothing says nothing, whatever it is decoded with: the bound of docs/internals/inspect.md, tried."""
    rng = random.Random(7)
    with open(f"{folder}/random.js", "w", encoding="ascii") as file:
        for _ in range(60):
            data = rng.randbytes(rng.randrange(12, 300))
            few = bytes(rng.choice(data[:8]) for _ in range(40))
            file.write(f"a({quote(b64(data))});b({quote(data.hex())});c({codes(data)});d({escaped(data)});e({codes(few)});f({quote(b64(few))});\n")
    lists = telltale.lists(f"{folder}/random.js")
    tap.that("360 literals of random bytes hold no list", not lists, [f["evidence"] for f in lists])


def tar_of(files, packed="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=packed) as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zip_of(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def asar_of(files):
    offset, listed = 0, {}
    for name, data in files.items():
        listed[name] = {"size": len(data), "offset": str(offset)}
        offset += len(data)
    text = json.dumps({"files": {"dist": {"files": listed}}}).encode()
    padded = text + b"\0" * (-len(text) % 4)
    numbers = (4, len(padded) + 8, len(padded) + 4, len(text))
    return b"".join(number.to_bytes(4, "little") for number in numbers) + padded + b"".join(files.values())


def deb_of(files):
    def member(name, data):
        return f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)

    return b"!<arch>\n" + member("debian-binary", b"2.0\n") + member("control.tar.gz", tar_of({"./postinst": b"#!/bin/sh\necho x\n"}, "w:gz")) + \
        member("data.tar.xz", tar_of(files, "w:xz"))


def containers(tap, telltale, folder):
    """The same script in every kind of package."""
    script = ("var l=atob(" + quote(b64(",".join(HOSTS).encode())) + ")").encode()
    elf = b"\x7fELF\x02\x01\x01" + bytes(200) + script * 1 + b";" + b"function f(a,b){return a+b}" * 20 + bytes(100)
    packages = {
        "npm tarball": tar_of({"package/package.json": b"{}", "package/cli.js": script}, "w:gz"),
        "zip": zip_of({"cli.js": script}),
        "asar": asar_of({"readme.txt": b"hello", "main.js": script}),
        "asar in a zip": zip_of({"resources/app.asar": asar_of({"main.js": script})}),
        "Debian package": deb_of({"./usr/lib/x/cli.js": script}),
        "compressed script": gzip.compress(script),
        "program in machine code": elf,
    }
    for name, data in packages.items():
        path = f"{folder}/package"
        with open(path, "wb") as file:
            file.write(data)
        _, findings, _ = telltale.run(path)
        lists = [f for f in findings if f["rule"] == "client.hidden-list"]
        tap.that(f"a list in {name}", set(HOSTS) <= found_names(lists), findings)
        if name == "Debian package":
            tap.that("its maintainer script", any(f["rule"] == "client.install-script" for f in findings), findings)
    return packages


def bad_input(tap, telltale, folder, packages):
    """Whatever is wrong is said, in bounded time, and never called complete."""
    cases = {f"{name}, cut in the middle": data[: len(data) * 2 // 3] for name, data in packages.items()
             if name not in ("program in machine code", "compressed script")}
    cases["a bomb"] = gzip.compress(gzip.compress(bytes(1 << 27)))
    cases["a bomb in a zip"] = zip_of({"a.js": bytes(1 << 27)})
    cases["an asar list that is none"] = b"\4\0\0\0\x18\0\0\0\x14\0\0\0\x10\0\0\0{\"files\":[1,2}}}"
    cases["an archive of another kind"] = b"7z\xbc\xaf\x27\x1c\0\4" + bytes(64)
    cases["UTF-16"] = "var a='x'".encode("utf-16")
    for name, data in cases.items():
        path = f"{folder}/bad"
        with open(path, "wb") as file:
            file.write(data)
        code, _, summary = telltale.run(path)
        tap.that(f"bad input: {name}", code in (1, 3) and summary.get("not_inspected"), (code, summary))
    code, _, summary = telltale.run(f"{folder}/nothing-here")
    tap.that("bad input: no file", code == 3 and summary["not_inspected"], (code, summary))


def bounds(tap, telltale, folder):
    """A package that is larger than what is read: it is read so far, the rest is reported once, and nothing is read in vain."""
    limit, script = 1 << 20, b"function f(a,b){return a+b}" * 200
    many = {f"package/{n}.js": script + b"//%d" % n for n in range(300)}
    one = {"package/cli.js": script * 300}
    for kind, files in (("many files", many), ("one file", one)):
        packages = {
            "tar.gz": tar_of(files, "w:gz"),
            "tar.xz": tar_of(files, "w:xz"),
            "zip": zip_of(files),
            "asar": asar_of(files),
            "Debian package": deb_of(files),
            "tgz in a tgz": tar_of({"package/inner.tgz": tar_of(files, "w:gz"), "package/last.js": script}, "w:gz"),
        }
        for name, data in packages.items():
            path = f"{folder}/large"
            with open(path, "wb") as file:
                file.write(data)
            code, _, summary = telltale.run(path, "--max-size", "1")
            notes = summary["not_inspected"]
            good = code == 3 and summary["inspected"]["bytes"] == limit and len(notes) == 1 and "--max-size" in notes[0]["why"]
            tap.that(f"--max-size: {kind} in {name}", good, (code, summary))
    tree = f"{folder}/tree"
    os.mkdir(tree)
    for n in range(4):
        with open(f"{tree}/{n}.js", "wb") as file:
            file.truncate(limit // 2)  # sparse
    code, _, summary = telltale.run(tree, "--max-size", "1")
    tap.that("--max-size: a directory", code == 3 and summary["inspected"]["files"] == 2 and len(summary["not_inspected"]) == 1, (code, summary))
    code, _, summary = telltale.run(tree, "--max-size", "2")
    tap.that("--max-size: a directory of just that size", code == 0 and summary["inspected"]["bytes"] == 2 * limit, (code, summary))


def said(finding):
    """A line of the snapshot: what was found, where, and how; without places, which say nothing to a reader of it."""
    evidence = {key: value for key, value in finding["evidence"].items() if key not in ("not_proven", "offsets", "times")}
    if "building" in evidence:
        evidence["building"] = evidence["building"]["how"]
    if finding["rule"] == "client.endpoint":
        return " ".join([finding["level"], finding["rule"], evidence.get("host") or f"a table of {evidence['hosts']}: {' '.join(evidence['list'])}"])
    name = finding["where"]["uri"].split("!", 1)[1]
    return " ".join([finding["level"], finding["rule"], name, json.dumps(evidence, ensure_ascii=True, sort_keys=True)])


def compare_snapshot(tap, name, findings, summary):
    """What is said about a real client is what somebody has read and found right: tests/golden/inspect.  TT_UPDATE=1 writes it anew."""
    path = f"{GOLDEN}/{file_name(name)}.txt"
    lines = sorted(said(finding) for finding in findings)
    lines += [f"not inspected {note['uri'].split('!', 1)[-1]}: {note['why']}" for note in summary["not_inspected"]]
    if os.environ.get("TT_UPDATE"):
        with open(path, "w", encoding="ascii") as file:
            file.writelines(line + "\n" for line in lines)
    if not os.path.exists(path):
        tap.skip(f"what is said about {name}", "there is no snapshot of this version")
        return
    with open(path, encoding="ascii") as file:
        known = file.read().splitlines()
    gone, new = sorted(set(known) - set(lines)), sorted(set(lines) - set(known))
    tap.that(f"what is said about {name} is the snapshot", not gone and not new, "\n".join([f"- {line}" for line in gone[:20]] + [f"+ {line}" for line in new[:20]]))


def real_packages(tap, telltale, folder, cache):
    packages = npm_pack(cache, UNMARKED + CLIENTS) if cache else "no folder for them was named"
    if isinstance(packages, str):
        tap.skip("packages from npm, and the snapshots of real clients", packages)
        return
    for name in UNMARKED + CLIENTS:
        code, findings, summary = telltale.run(packages[name])
        lists = [f["evidence"] for f in findings if f["rule"] == "client.hidden-list"]
        tap.that(f"{name} hides no list of hosts or words", not lists, lists)
        if name in CLIENTS:
            ended = [note for note in summary["not_inspected"] if "too long" in note["why"]]
            tap.that(f"{name} is searched to its end", code in (0, 1) and not ended, (code, ended))
            compare_snapshot(tap, name, findings, summary)
    with tarfile.open(packages["react-dom@18.3.1"]) as tar:
        bundle = tar.extractfile("package/umd/react-dom.production.min.js").read().decode()
    hide_all(tap, telltale, folder, bundle, (("hosts in a bundle", HOSTS),), 2)


def main():
    program, cache = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None
    tap, telltale = Tap(), Telltale(program)
    with tempfile.TemporaryDirectory() as folder:
        hide_all(tap, telltale, folder, ";")
        random_bytes(tap, telltale, folder)
        bad_input(tap, telltale, folder, containers(tap, telltale, folder))
        bounds(tap, telltale, folder)
        real_packages(tap, telltale, folder, cache)
    tap.end()


if __name__ == "__main__":
    main()
