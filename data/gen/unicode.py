#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the Unicode tables of src/text (declared in src/text/tables.h) as one C file.

Input: the Unicode Character Database in a directory (Debian package unicode-data) and data/unicode/confusables.txt.
Output: a C file; the same input gives the same bytes.  Only the standard library is used, and not its unicodedata module,
which may be of another Unicode version.

    unicode.py --unicode /usr/share/unicode --confusables data/unicode/confusables.txt --output tables.c

References: UAX #44 (the database), UAX #15 (normal forms), UTS #39 (skeletons), UTS #51 (emoji).
"""

import argparse
import functools
import itertools
import math
import operator
import os
import random
import re
import sys

CODE_SPACE = 0x110000
BLOCK_BITS = 7  # TT_CHAR_BLOCK_BITS
SEQUENCE_MAX = 16  # TT_EMOJI_SEQUENCE_MAX
FILTER_BITS = 8  # boxes of one part of a filter: bits of one byte
WAKE_FILTER_PARTS = 2  # TT_WAKE_FILTER_PARTS
FILTER_PLACES = 5
TWIN_FILTER_PLACES = 3
COST = 1000  # of a character of ordinary text that a box lets through
CUT_STEPS = 40000  # more of them cut the filters hardly better

# In the order of the enums of src/text/char.h.
CATEGORIES = "Cn Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co".split()
JOINING = "UCDLRT"
SCRIPTS = (
    "Unknown Common Inherited Latin Greek Cyrillic Armenian Hebrew Arabic Han Hiragana Katakana Hangul Bengali Kannada"
    " Thai Lao Khmer Myanmar Mongolian"
).split()
FLAGS = (
    "WAKE IGNORABLE ZERO_WIDTH INVISIBLE TAG VARIATION APOSTROPHE HYPHEN SLASH QUOTE COLON PICTOGRAPH EMOJI MODIFIER"
    " REGIONAL IDEOGRAPH VIRAMA VOWEL_SIGN SPACE RTL BIDI FORMAT FILLER ODD_SPACE COMPOSING PRIVATE TWIN LINE_END SIGN"
    " DECOMPOSING BESIDE"
).split()
FLAG = {name: 1 << bit for bit, name in enumerate(FLAGS)}
CLASSES = {"APOSTROPHE": "'", "HYPHEN": "-", "SLASH": "/", "QUOTE": '"', "COLON": ":"}

# Sets that the header names by their code points.
ZERO_WIDTH = [(0x200B, 0x200D), (0x2060, 0x2060), (0xFEFF, 0xFEFF), (0x034F, 0x034F), (0x180E, 0x180E)]
BIDI_CONTROLS = [(0x061C, 0x061C), (0x200E, 0x200F), (0x202A, 0x202E), (0x2066, 0x2069)]
OPERATORS = [(0x2061, 0x2064)]
OTHER_INVISIBLE = [(0x206A, 0x206F), (0x1D173, 0x1D17A)]
TAGS = [(0xE0000, 0xE007F)]
DEPRECATED_FORMAT = [(0x206A, 0x206F)]
FORMAT = [
    *((0x00AD, 0x00AD), (0x17B4, 0x17B5), (0x2061, 0x2065), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A)),
    *((0xE0080, 0xE00FF), (0xE01F0, 0xE0FFF)),
]
FILLERS = [(0x115F, 0x1160), (0x2800, 0x2800), (0x3164, 0x3164), (0xFFA0, 0xFFA0), (0x1D159, 0x1D159)]
SIGNS = [(0x00, 0x08), (0x0B, 0x0B), (0x0E, 0x1F), (0x7F, 0x7F), (0x80, 0x84), (0x86, 0x9F)]
NONCHARACTERS = [(0xFDD0, 0xFDEF), *((plane << 16 | 0xFFFE, plane << 16 | 0xFFFF) for plane in range(17))]
WAKING = "ZERO_WIDTH TAG VARIATION BIDI FORMAT FILLER ODD_SPACE COMPOSING PRIVATE SIGN HYPHEN SLASH".split()

# A guess at what ordinary text is made of: (first, last, every how many, weight).  It only steers how the filters are cut into
# boxes, so a better guess makes the kernel faster and nothing else.  A script weighs as much as any other: each is all of some
# reader's text.
ORDINARY = [
    (0x00A1, 0x017F, 1, 4),
    (0x00AB, 0x00BB, 16, 30),  # guillemets
    (0x00E0, 0x00FC, 1, 16),
    (0x0180, 0x024F, 4, 1),
    (0x0370, 0x03FF, 1, 3),
    (0x03AC, 0x03CE, 1, 12),
    (0x0400, 0x045F, 1, 8),
    (0x0460, 0x052F, 4, 1),
    (0x0531, 0x0587, 1, 3),
    (0x05D0, 0x05EA, 1, 50),
    (0x0620, 0x064A, 1, 12),
    (0x0660, 0x06D3, 1, 3),
    (0x06CC, 0x06CC, 1, 60),  # Farsi yeh
    (0x0900, 0x0963, 1, 8),
    (0x0915, 0x0939, 1, 12),
    (0x0930, 0x0930, 1, 80),
    (0x093E, 0x093E, 1, 80),  # Devanagari sign aa
    (0x0980, 0x0DFF, 1, 2),
    (0x0B80, 0x0C4D, 1, 3),
    (0x0C4D, 0x0D4D, 128, 25),  # viramas, each of which stands behind many letters
    (0x0E00, 0x0E5B, 1, 8),
    (0x0E31, 0x0E35, 1, 30),
    (0x0E80, 0x11FF, 2, 1),
    (0x1000, 0x103E, 1, 4),
    (0x1200, 0x1362, 2, 2),
    (0x1780, 0x17FF, 1, 2),
    (0x1E00, 0x1E9F, 4, 1),
    (0x1EA0, 0x1EFF, 1, 6),  # Vietnamese
    (0x1F00, 0x1FFF, 4, 1),
    (0x2010, 0x203A, 1, 2),
    (0x2014, 0x2014, 1, 60),  # dash
    (0x201C, 0x201E, 1, 30),  # quotation marks
    (0x2022, 0x2022, 1, 20),  # bullet
    (0x2026, 0x2026, 1, 60),  # ellipsis
    (0x20A0, 0x21FF, 2, 1),
    (0x2190, 0x2193, 1, 10),  # arrows
    (0x2200, 0x24FF, 4, 1),
    (0x2500, 0x259F, 1, 2),
    (0x2600, 0x27BF, 1, 1),
    (0x2801, 0x2BFF, 8, 1),
    (0x3000, 0x30FF, 1, 6),
    (0x3001, 0x3002, 1, 40),  # CJK comma and full stop
    (0x3400, 0x9FFF, 8, 1),
    (0x4E00, 0x9FFF, 16, 3),
    (0x4E00, 0x4E3F, 1, 8),  # the commonest ideographs
    (0x4F00, 0x4FFF, 1, 2),
    (0xAC00, 0xD7A3, 8, 1),
    (0xFE30, 0xFE4F, 1, 1),
    (0xFF00, 0xFF5E, 1, 3),
    (0xFF01, 0xFF01, 1, 20),
    (0xFF08, 0xFF0C, 1, 40),  # fullwidth brackets and comma
    (0xFF1A, 0xFF1F, 1, 20),
    (0x1F300, 0x1FAFF, 2, 1),
]

# The same of what stands beside ASCII letters and digits.
ORDINARY_BESIDE_ASCII = [
    (0x00A1, 0x024F, 1, 2),
    (0x1E00, 0x1EFF, 1, 4),
    (0x2010, 0x203A, 1, 10),  # dashes and quotation marks
    (0x20A0, 0x2BFF, 4, 1),
    (0x3000, 0x30FF, 1, 1),
    (0x3400, 0x9FFF, 16, 1),
    (0xAC00, 0xD7A3, 16, 1),
    (0xFF01, 0xFF0F, 1, 10),
]

# Hangul syllables are composed by arithmetic: the Unicode Standard, section 3.12.
HANGUL_S, HANGUL_L, HANGUL_V, HANGUL_T = 0xAC00, 0x1100, 0x1161, 0x11A7
HANGUL_L_COUNT, HANGUL_V_COUNT, HANGUL_T_COUNT = 19, 21, 28
HANGUL_S_COUNT = HANGUL_L_COUNT * HANGUL_V_COUNT * HANGUL_T_COUNT


def read_fields(path):
    """Yields the fields of each data line, stripped, comments left out."""
    with open(path, encoding="utf-8") as file:
        for line in file:
            line = line.partition("#")[0]
            if line.strip():
                yield [field.strip() for field in line.split(";")]


def parse_range(text):
    first, _, last = text.partition("..")
    return int(first, 16), int(last or first, 16)


def parse_points(text):
    return tuple(int(word, 16) for word in text.split())


def read_property(path):
    """Yields (first, last, value) of a file of the form "range ; value"."""
    for fields in read_fields(path):
        yield (*parse_range(fields[0]), fields[1])


def read_missing(path):
    """Yields the defaults that stand in "@missing" comments, in their order: later ones win."""
    pattern = re.compile(r"# @missing: ([0-9A-F]+\.\.[0-9A-F]+); (\w+)")
    with open(path, encoding="utf-8") as file:
        for line in file:
            match = pattern.match(line)
            if match:
                yield (*parse_range(match[1]), match[2])


class Characters:
    """UnicodeData.txt: decompositions, combining classes, decimal digits, compatibility ideographs."""

    def __init__(self, path):
        self.canonical = {}
        self.compat = {}
        self.combining = {}
        self.digits = {}
        self.ideographs = []
        for fields in read_fields(path):
            cp = int(fields[0], 16)
            if fields[3] != "0":
                self.combining[cp] = int(fields[3])
            if fields[2] == "Nd":
                self.digits[cp] = int(fields[6])
            if fields[1].startswith("CJK COMPATIBILITY IDEOGRAPH-"):
                self.ideographs.append((cp, cp))
            if fields[5].startswith("<"):
                self.compat[cp] = parse_points(fields[5].partition(">")[2])
            elif fields[5]:
                self.canonical[cp] = parse_points(fields[5])


class Normaliser:
    """NFKC of one character, UAX #15 from the data files."""

    def __init__(self, characters, normalization_props):
        self.characters = characters
        excluded = set()
        for fields in read_fields(normalization_props):
            if fields[1] == "Full_Composition_Exclusion":
                first, last = parse_range(fields[0])
                excluded.update(range(first, last + 1))
        self.pairs = {
            parts: cp for cp, parts in characters.canonical.items() if len(parts) == 2 and cp not in excluded
        }

    def decompose(self, cp):
        index = cp - HANGUL_S
        if 0 <= index < HANGUL_S_COUNT:
            per_l = HANGUL_V_COUNT * HANGUL_T_COUNT
            tail = index % HANGUL_T_COUNT
            jamo = [HANGUL_L + index // per_l, HANGUL_V + index % per_l // HANGUL_T_COUNT]
            return jamo + ([HANGUL_T + tail] if tail else [])
        done = []
        todo = [cp]
        while todo:
            cp = todo.pop()
            parts = self.characters.compat.get(cp) or self.characters.canonical.get(cp)
            if parts:
                todo.extend(reversed(parts))
            else:
                done.append(cp)
        return done

    def reorder(self, points):
        """Canonical ordering: a stable sort of each run of characters with a combining class."""
        combining = self.characters.combining
        start = 0
        for end in range(len(points) + 1):
            if end == len(points) or points[end] not in combining:
                points[start:end] = sorted(points[start:end], key=combining.get)
                start = end + 1

    def compose_pair(self, first, second):
        leading, vowel = first - HANGUL_L, second - HANGUL_V
        if 0 <= leading < HANGUL_L_COUNT and 0 <= vowel < HANGUL_V_COUNT:
            return HANGUL_S + (leading * HANGUL_V_COUNT + vowel) * HANGUL_T_COUNT
        index = first - HANGUL_S
        if 0 <= index < HANGUL_S_COUNT and index % HANGUL_T_COUNT == 0:
            if 0 < second - HANGUL_T < HANGUL_T_COUNT:
                return first + second - HANGUL_T
        return self.pairs.get((first, second))

    def compose(self, points):
        out = []
        starter = -1
        last_class = 0
        for cp in points:
            this_class = self.characters.combining.get(cp, 0)
            blocked = starter < 0 or (len(out) - 1 > starter and last_class >= this_class)
            whole = None if blocked else self.compose_pair(out[starter], cp)
            if whole is not None:
                out[starter] = whole
                continue
            if this_class == 0:
                starter = len(out)
            last_class = this_class
            out.append(cp)
        return tuple(out)

    def nfkc(self, cp):
        points = self.decompose(cp)
        self.reorder(points)
        return self.compose(points)

    def changed(self):
        """NFKC of every character that has a decomposition."""
        return {cp: self.nfkc(cp) for cp in sorted({*self.characters.canonical, *self.characters.compat})}


class Properties:
    """One value of each property for each code point."""

    def __init__(self):
        self.flags = [0] * CODE_SPACE
        self.category = bytearray(CODE_SPACE)
        self.script = bytearray(CODE_SPACE)
        self.joining = bytearray(CODE_SPACE)
        self.combining = bytearray(CODE_SPACE)
        self.leads = bytearray(CODE_SPACE)
        self.digit = bytearray(b"\xff") * CODE_SPACE

    def add_flag(self, name, ranges):
        bit = FLAG[name]
        for first, last in ranges:
            for cp in range(first, last + 1):
                self.flags[cp] |= bit

    def find(self, name):
        bit = FLAG[name]
        return [cp for cp, flags in enumerate(self.flags) if flags & bit]


def fill(column, ranges, number_of):
    for first, last, value in ranges:
        column[first : last + 1] = bytes([number_of(value)]) * (last + 1 - first)


def ranges_of(path, *values):
    return [(first, last) for first, last, value in read_property(path) if value in values]


def script_numbers(path):
    """The scripts that the rules name, then every other one in alphabetical order."""
    others = sorted({value for _, _, value in read_property(path)} - set(SCRIPTS))
    return {name: number for number, name in enumerate(SCRIPTS + others)}


def load_properties(base, characters):
    def path(name):
        return os.path.join(base, name)

    properties = Properties()
    scripts = script_numbers(path("Scripts.txt"))
    fill(properties.category, read_property(path("extracted/DerivedGeneralCategory.txt")), CATEGORIES.index)
    fill(properties.script, read_property(path("Scripts.txt")), scripts.__getitem__)
    fill(properties.joining, read_property(path("extracted/DerivedJoiningType.txt")), JOINING.index)
    for cp, value in characters.digits.items():
        properties.digit[cp] = value

    bidi = path("extracted/DerivedBidiClass.txt")
    right = bytearray(CODE_SPACE)
    strong = ("R", "AL", "AN", "Right_To_Left", "Arabic_Letter", "Arabic_Number")
    fill(right, read_missing(bidi), lambda value: value in strong)
    fill(right, read_property(bidi), lambda value: value in strong)
    properties.add_flag("RTL", ((cp, cp) for cp in range(CODE_SPACE) if right[cp]))

    add = properties.add_flag
    add("IGNORABLE", ranges_of(path("DerivedCoreProperties.txt"), "Default_Ignorable_Code_Point"))
    add("VARIATION", ranges_of(path("PropList.txt"), "Variation_Selector"))
    add("SPACE", ranges_of(path("PropList.txt"), "White_Space"))
    add("IDEOGRAPH", ranges_of(path("PropList.txt"), "Unified_Ideograph") + characters.ideographs)
    add("VOWEL_SIGN", ranges_of(path("IndicSyllabicCategory.txt"), "Vowel_Dependent"))
    add("VIRAMA", ((cp, cp) for cp, value in characters.combining.items() if value == 9))
    add("PICTOGRAPH", ranges_of(path("emoji/emoji-data.txt"), "Extended_Pictographic"))
    add("EMOJI", ranges_of(path("emoji/emoji-data.txt"), "Emoji"))
    add("MODIFIER", ranges_of(path("emoji/emoji-data.txt"), "Emoji_Modifier"))
    add("REGIONAL", ranges_of(path("PropList.txt"), "Regional_Indicator"))
    add("ZERO_WIDTH", ZERO_WIDTH)
    add("INVISIBLE", ZERO_WIDTH + BIDI_CONTROLS + OPERATORS + OTHER_INVISIBLE)
    add("TAG", TAGS)
    add("BIDI", BIDI_CONTROLS + DEPRECATED_FORMAT)
    add("FORMAT", FORMAT)
    add("FILLER", FILLERS)
    add("PRIVATE", ranges_of(path("extracted/DerivedGeneralCategory.txt"), "Co") + NONCHARACTERS)
    add("LINE_END", [(0x0A, 0x0A)])
    add("SIGN", SIGNS)
    add("ODD_SPACE", ((cp, cp) for cp in properties.find("SPACE") if cp >= 0x80))
    return properties


def add_composing(properties, normaliser, base):
    """Marks that NFC joins to what stands before them, and characters that NFC never keeps."""
    properties.add_flag("COMPOSING", ((second, second) for _, second in normaliser.pairs if second >= 0x80))
    vowels, tails = HANGUL_V + HANGUL_V_COUNT - 1, HANGUL_T + HANGUL_T_COUNT - 1
    properties.add_flag("COMPOSING", [(HANGUL_V, vowels), (HANGUL_T + 1, tails)])
    for fields in read_fields(os.path.join(base, "DerivedNormalizationProps.txt")):
        if fields[1:3] == ["NFC_QC", "N"]:
            properties.add_flag("COMPOSING", [parse_range(fields[0])])
    properties.add_flag("DECOMPOSING", ((cp, cp) for cp in normaliser.characters.canonical))
    properties.add_flag("DECOMPOSING", [(HANGUL_S, HANGUL_S + HANGUL_S_COUNT - 1)])
    leading = range(HANGUL_L, HANGUL_L + HANGUL_L_COUNT)
    open_syllables = range(HANGUL_S, HANGUL_S + HANGUL_S_COUNT, HANGUL_T_COUNT)
    for first in (*(first for first, _ in normaliser.pairs), *leading, *open_syllables):
        properties.leads[first] = 1
    for cp, value in normaliser.characters.combining.items():
        properties.combining[cp] = value


def is_ascii_alnum(points):
    return len(points) == 1 and chr(points[0]).isascii() and chr(points[0]).isalnum()


def add_twins(properties, skeletons, nfkc):
    """Letters and digits that could stand for an ASCII one.  Latin letters are left to the eyes of their readers."""
    latin, letters, digit = SCRIPTS.index("Latin"), range(CATEGORIES.index("Lu"), CATEGORIES.index("Lo") + 1), CATEGORIES.index("Nd")
    for cp in range(0x80, CODE_SPACE):
        same = is_ascii_alnum(nfkc.get(cp, ()))
        if properties.category[cp] == digit:
            properties.add_flag("TWIN", [(cp, cp)])
        elif 0x2160 <= cp <= 0x217F and same:  # Roman numerals of one letter
            properties.add_flag("TWIN", [(cp, cp)])
        elif properties.category[cp] in letters and properties.category[cp] != CATEGORIES.index("Lm"):
            looks = properties.script[cp] != latin and is_ascii_alnum(skeletons.get(cp, ()))
            wide = 0xFF21 <= cp <= 0xFF5A or 0x1D400 <= cp <= 0x1D7FF or 0x2102 <= cp <= 0x2149
            if looks or (same and wide):
                properties.add_flag("TWIN", [(cp, cp)])


def add_signs(properties, skeletons, nfkc):
    """Signs outside ASCII that could stand for an ASCII one and are in no class of their own; of letters, the two of clicks."""
    signs = range(CATEGORIES.index("Pc"), CATEGORIES.index("So") + 1)
    classes = sum(FLAG[name] for name in CLASSES)
    for cp in range(0x80, CODE_SPACE):
        if properties.flags[cp] & classes or (properties.category[cp] not in signs and cp not in (0x1C3, 0x2D51)):
            continue
        forms = (nfkc.get(cp, ()), skeletons.get(cp, ()))
        if any(len(form) == 1 and 0x20 < form[0] < 0x7F and not chr(form[0]).isalnum() for form in forms):
            properties.add_flag("BESIDE", [(cp, cp)])


def add_classes(properties, skeletons, nfkc):
    """The look-alike classes: skeleton-equal to the ASCII character, or NFKC-equal to it."""
    for name, anchor in CLASSES.items():
        anchor = ord(anchor)
        target = skeletons.get(anchor, (anchor,))
        members = {anchor}
        members.update(cp for cp, skeleton in skeletons.items() if skeleton == target)
        members.update(cp for cp, form in nfkc.items() if form == (anchor,))
        if len(target) == 1:
            members.add(target[0])
        properties.add_flag(name, ((cp, cp) for cp in members))


def add_wake(properties):
    """Where the kernel stops; see TT_CHAR_WAKE and TT_CHAR_BESIDE.  ASCII has rules of its own in kernel.h."""
    wakers = sum(FLAG[name] for name in WAKING)
    beside = sum(FLAG[name] for name in CLASSES)
    letters = [CATEGORIES.index(name) for name in ("Lo", "Mn", "Mc")]
    for cp in range(0x80, CODE_SPACE):
        apostrophe = properties.flags[cp] & FLAG["APOSTROPHE"] and properties.category[cp] not in letters
        if properties.flags[cp] & wakers or apostrophe:
            properties.flags[cp] |= FLAG["WAKE"]
        elif properties.flags[cp] & beside:
            properties.flags[cp] |= FLAG["BESIDE"]


def build_stages(properties):
    """Two-stage table: (records, stage1, stage2).  Equal blocks and equal records are kept once."""
    size = 1 << BLOCK_BITS
    records, blocks, stage1, stage2 = {}, {}, [], []
    for start in range(0, CODE_SPACE, size):
        part = slice(start, start + size)
        key = (
            tuple(properties.flags[part]),
            bytes(properties.category[part]),
            bytes(properties.script[part]),
            bytes(properties.joining[part]),
            bytes(properties.combining[part]),
            bytes(properties.leads[part]),
            bytes(properties.digit[part]),
        )
        if key not in blocks:
            blocks[key] = len(blocks)
            stage2.extend(records.setdefault(record, len(records)) for record in zip(*key))
        stage1.append(blocks[key])
    return list(records), stage1, stage2


def read_sequences(base):
    """The RGI set with U+FE0F removed: every listed emoji sequence."""
    sequences = set()
    for name in ("emoji/emoji-sequences.txt", "emoji/emoji-zwj-sequences.txt"):
        for fields in read_fields(os.path.join(base, name)):
            if ".." in fields[0]:
                first, last = parse_range(fields[0])
                sequences.update((cp,) for cp in range(first, last + 1))
            else:
                sequences.add(tuple(cp for cp in parse_points(fields[0]) if cp != 0xFE0F))
    return sequences


def group_sequences(sequences):
    groups, symbols = [], []
    for length in range(SEQUENCE_MAX + 1):
        group = sorted(sequence for sequence in sequences if len(sequence) == length)
        groups.append((len(symbols), len(group)))
        symbols.extend(cp for sequence in group for cp in sequence)
    if max(map(len, sequences)) > SEQUENCE_MAX or len(symbols) > 0xFFFF:
        sys.exit("unicode.py: the emoji sequences outgrew src/text/tables.h")
    return groups, symbols


def selector_number(cp):
    """As selector_number() in src/text/sequence.c."""
    return cp - 0xFE00 if cp >= 0xFE00 else 16 + cp - 0x180B


def read_variations(base):
    pairs = set()
    for name in ("StandardizedVariants.txt", "emoji/emoji-variation-sequences.txt"):
        for fields in read_fields(os.path.join(base, name)):
            first, selector = parse_points(fields[0])
            pairs.add(first << 5 | selector_number(selector))
    return sorted(pairs)


def box_of(cp, places):
    """A box is a mask of 16 bits for each place of a filter: the values that it admits there, see src/text/tables.h."""
    first, second, *rest = chr(cp).encode("utf-8")
    middle = second >> 4 & 3
    box = [1 << (first >> 4 & 3 | middle << 2), 1 << (first & 15), 1 << (second & 15)]
    if rest:
        box += [1 << (rest[0] >> 4 & 3 | middle << 2), 1 << (rest[0] & 15)]
    else:
        box += [0b1111 << (middle << 2), 0xFFFF]
    return (*box[:places], *[0xFFFF] * (FILTER_PLACES - places))


def merge_boxes(a, b):
    return tuple(x | y for x, y in zip(a, b))


def union_of(boxes):
    return functools.reduce(merge_boxes, boxes, (0,) * FILTER_PLACES)


def values_of(mask):
    return [value for value in range(16) if mask >> value & 1]


class OrdinaryText:
    """Counts how many characters of ordinary text a box lets through in vain.  Sets of characters are bits of an integer."""

    def __init__(self, ordinary, wanted):
        self.having = [[0] * 16 for _ in range(FILTER_PLACES)]  # the characters that have this value at this place
        wanted = set(wanted)
        bit = 1
        for first, last, step, weight in ordinary:
            for cp in range(first, last + 1, step):
                if cp not in wanted:
                    self.add(box_of(cp, FILTER_PLACES), ((1 << weight) - 1) * bit)
                    bit <<= weight

    def add(self, box, bits):
        for row, mask in zip(self.having, box):
            for value in values_of(mask):
                row[value] |= bits

    def passing(self, box):
        passing = -1
        for row, mask in zip(self.having, box):
            passing &= functools.reduce(operator.or_, (row[value] for value in values_of(mask)), 0)
        return passing.bit_count()


def cut_into_groups(units, count, cost):
    """Puts the units into groups: merges the two groups that cost least together, until so few are left."""
    groups = [(unit,) for unit in units]

    def merge_cost(pair):
        return cost(pair[0] + pair[1]) - cost(pair[0]) - cost(pair[1])

    costs = {pair: merge_cost(pair) for pair in itertools.combinations(groups, 2)}
    while len(groups) > count:
        a, b = min(costs, key=costs.get)
        costs = {pair: value for pair, value in costs.items() if a not in pair and b not in pair}
        groups = [group for group in groups if group not in (a, b)]
        costs.update(((group, a + b), merge_cost((group, a + b))) for group in groups)
        groups.append(a + b)
    return [list(group) for group in groups]


def improve_groups(groups, cost):
    """Moves units between the groups, at first even where that costs a little (simulated annealing).  Returns the best groups."""
    chance = random.Random(1)
    groups = [frozenset(group) for group in groups]
    units = sorted(frozenset().union(*groups))
    costs = [cost(group) for group in groups]
    best = (sum(costs), groups[:])
    for step in range(CUT_STEPS):
        unit = chance.choice(units)
        source = next(i for i, group in enumerate(groups) if unit in group)
        target = chance.randrange(len(groups))
        if source == target:
            continue
        moved = (groups[source] - {unit}, groups[target] | {unit})
        after = [cost(group) for group in moved]
        worse = sum(after) - costs[source] - costs[target]
        if worse <= 0 or chance.random() < math.exp(-worse / (30 * COST * (1 - step / CUT_STEPS))):
            (groups[source], groups[target]), (costs[source], costs[target]) = moved, after
            best = min(best, (sum(costs), groups[:]), key=lambda found: found[0])
    return best[1]


def build_units(wanted, places):
    """The smallest boxes to start from: one for each first and second byte, fewer where that admits nothing more."""
    by_bytes, by_rest = {}, {}
    for cp in wanted:
        key = chr(cp).encode("utf-8")[:2]
        by_bytes[key] = merge_boxes(by_bytes.get(key, union_of([])), box_of(cp, places))
    for box in by_bytes.values():
        rest = (*box[:2], *box[3:])
        by_rest[rest] = merge_boxes(by_rest.get(rest, union_of([])), box)
    return sorted(set(by_rest.values()))


def build_filter(wanted, ordinary, places, parts):
    """Covers the wanted characters by few boxes that let little ordinary text through.  Rows of each part, for each place."""
    text = OrdinaryText(ordinary, wanted)

    @functools.cache
    def cost_of_box(box):
        return text.passing(box) * COST + sum(mask.bit_count() for mask in box)  # the smaller one of equals

    def cost(group):
        return cost_of_box(union_of(group))

    groups = cut_into_groups(build_units(wanted, places), parts * FILTER_BITS, cost)
    boxes = [union_of(sorted(group)) for group in improve_groups(groups, cost)]
    return [
        [[sum(1 << bit for bit, box in enumerate(part) if box[place] >> value & 1) for value in range(16)] for place in range(places)]
        for part in (boxes[start : start + FILTER_BITS] for start in range(0, len(boxes), FILTER_BITS))
    ]


NOTICE = """/* Generated by data/gen/unicode.py from the Unicode Character Database {version}; do not edit. */
/*
 * Unicode data: Copyright (C) 1991-2022 Unicode, Inc. All rights reserved.  Distributed under the Terms of Use in
 * https://www.unicode.org/copyright.html; the notice in full stands in data/unicode/confusables.txt.
 */
#include "text/tables.h"
"""


class Writer:
    def __init__(self, file):
        self.file = file

    def array(self, declaration, items):
        self.file.write(f"\nconst {declaration} = {{\n")
        line = "   "
        for item in items:
            if line.strip() and len(line) + len(item) > 126:
                self.file.write(line + "\n")
                line = "   "
            line += f" {item},"
        self.file.write(line + "\n};\n")

    def numbers(self, declaration, values):
        self.array(declaration, map(str, values))

    def counted(self, name, count_name, kind, items):
        self.array(f"{kind} {name}[]", items)
        self.file.write(f"const size_t {count_name} = {len(items)};\n")


def lead_sets(wakers, twins):
    """Sets of first bytes from C0 on, by nibbles: four bits, one for each high nibble, of those that begin a waker, then of twins."""
    high, low = [0] * 16, [0] * 16
    for shift, points in ((0, wakers), (4, twins)):
        for lead in {chr(cp).encode("utf-8")[0] for cp in points if cp >= 0x80}:
            bit = 1 << shift + (lead >> 4) - 0xC
            high[lead >> 4] |= bit
            low[lead & 15] |= bit
    return [high, low]


def initialiser(value):
    return "{" + ", ".join(map(initialiser, value)) + "}" if isinstance(value, list) else str(value)


def pair_items(pairs):
    return [f"{{{first}, {second}}}" for first, second in sorted(pairs)]


def read_version(base):
    with open(os.path.join(base, "PropList.txt"), encoding="utf-8") as file:
        return re.search(r"PropList-([\d.]+)\.txt", file.readline())[1]


def write_normal_forms(writer, normaliser):
    triples = [(*parts, cp) for parts, cp in normaliser.pairs.items()]
    parts = [(cp, *parts, *[0] * (2 - len(parts))) for cp, parts in normaliser.characters.canonical.items()]
    for name, kind, rows in (
        ("pair", "struct tt_normal_triple", triples),
        ("part", "struct tt_normal_triple", parts),
    ):
        items = ["{%d, %d, %d}" % tuple(row) for row in sorted(rows)]
        writer.counted(f"tt_normal_{name}s", f"tt_normal_{name}_count", kind, items)


def write_forms(writer, skeletons):
    """Skeletons of several characters, one behind the other."""
    forms, points = [], []
    for cp, form in sorted(skeletons.items()):
        if len(form) > 1:
            forms.append("{%d, %d, %d}" % (cp, len(points), len(form)))
            points.extend(form)
    writer.counted("tt_char_forms", "tt_char_form_count", "struct tt_char_form", forms)
    writer.numbers("uint32_t tt_char_form_points[]", points)


def write_tables(out, base, properties, skeletons, normaliser, nfkc):
    writer = Writer(out)
    out.write(NOTICE.format(version=read_version(base)))

    records, stage1, stage2 = build_stages(properties)
    signed = ((*record[:-1], record[-1] - 256 if record[-1] > 9 else record[-1]) for record in records)
    writer.array("struct tt_char tt_char_records[]", ["{%d, %d, %d, %d, %d, %d, %d}" % record for record in signed])
    writer.numbers("uint16_t tt_char_stage1[]", stage1)
    writer.numbers("uint16_t tt_char_stage2[]", stage2)

    for name, mapping in (("prototype", skeletons), ("compat", nfkc)):
        pairs = [(cp, form[0]) for cp, form in mapping.items() if len(form) == 1 and form[0] != cp]
        writer.counted(f"tt_char_{name}s", f"tt_char_{name}_count", "struct tt_char_pair", pair_items(pairs))

    write_forms(writer, skeletons)
    write_normal_forms(writer, normaliser)

    groups, symbols = group_sequences(read_sequences(base))
    writer.array("struct tt_emoji_group tt_emoji_groups[TT_EMOJI_SEQUENCE_MAX + 1]", ["{%d, %d}" % g for g in groups])
    writer.numbers("uint32_t tt_emoji_symbols[]", symbols)
    writer.counted(
        "tt_variation_pairs", "tt_variation_pair_count", "uint32_t", [str(pair) for pair in read_variations(base)]
    )

    parts = build_filter(properties.find("WAKE"), ORDINARY, FILTER_PLACES, WAKE_FILTER_PARTS)
    writer.array("struct tt_wake_filter tt_wake_filter", [initialiser(parts)])
    twins = sorted(properties.find("TWIN") + properties.find("BESIDE"))
    (part,) = build_filter(twins, ORDINARY_BESIDE_ASCII, TWIN_FILTER_PLACES, 1)
    writer.array("struct tt_twin_filter tt_twin_filter", [initialiser(part)])
    writer.array("struct tt_lead_sets tt_lead_sets", map(initialiser, lead_sets(properties.find("WAKE"), twins)))


def main():
    parser = argparse.ArgumentParser(description="Writes the Unicode tables of src/text as C.")
    parser.add_argument("--unicode", required=True, help="directory of the Unicode Character Database")
    parser.add_argument("--confusables", required=True, help="data/unicode/confusables.txt")
    parser.add_argument("--output", required=True, help="the C file to write")
    args = parser.parse_args()

    characters = Characters(os.path.join(args.unicode, "UnicodeData.txt"))
    normaliser = Normaliser(characters, os.path.join(args.unicode, "DerivedNormalizationProps.txt"))
    nfkc = normaliser.changed()
    skeletons = {int(cp, 16): parse_points(form) for cp, form in read_fields(args.confusables)}
    properties = load_properties(args.unicode, characters)
    add_classes(properties, skeletons, nfkc)
    add_composing(properties, normaliser, args.unicode)
    add_twins(properties, skeletons, nfkc)
    add_signs(properties, skeletons, nfkc)
    add_wake(properties)
    with open(args.output, "w", encoding="ascii") as out:
        write_tables(out, args.unicode, properties, skeletons, normaliser, nfkc)


if __name__ == "__main__":
    main()
