#!/usr/bin/env python3
"""Trains the tables of the randomness model on the source code below some directories.

    python3 src/words/randomness/train.py DIR... > src/words/randomness/tables.txt

The tables say how text that people write goes on: words, identifiers, versions, paths. They hold
costs in quarters of a bit, one letter each, `A` for 0, so that a change of theirs can be read as a
difference. The same input gives the same tables.

Text that may be used: unpacked packages of registries under licences that allow it, and the
standard library of Python. The tables keep no text, only how often letters follow each other.

Each distinct token counts once: a name that one project repeats is no better evidence than a name
that it has once. Every further round leaves out the tokens that the one before it finds random:
hashes, keys and base64 are in source code too.
"""

import math
import os
import re
import sys

CLASSES = "lUds"  # lower case, upper case, digit, sign
TOKEN = re.compile(rb"[A-Za-z0-9_./:@+$%~-]{4,40}")
SIGNS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
QUARTERS = 4
LARGEST = 57  # the last letter is `z`


def kind(c):
    if "a" <= c <= "z":
        return 0
    if "A" <= c <= "Z":
        return 1
    return 2 if "0" <= c <= "9" else 3


def read_tokens(roots):
    tokens = set()
    for root in roots:
        for directory, folders, files in os.walk(root):
            folders.sort()
            for name in sorted(files):
                if name.endswith((".lock", ".min.js", ".map", ".svg", ".sum", ".snap")):
                    continue
                try:
                    with open(os.path.join(directory, name), "rb") as file:
                        blob = file.read(200_000)
                except OSError:
                    continue
                if b"\0" in blob[:4096]:
                    continue
                for token in TOKEN.findall(blob):
                    tokens.add(token.decode("ascii").strip("./:@-"))
    return sorted(token for token in tokens if len(token) >= 4)


def steps(token):
    """The letters' contexts and the classes' contexts of a token, as the detector walks it."""
    first = second = 0  # the letters before, 0 for none
    before = (4, 4)  # the classes before, 4 for none
    for c in token:
        k = kind(c)
        if k == 1 and before[1] != 1:
            first = second = 0
        if k < 2:
            letter = ord(c.lower()) - 96
            yield k, before, (first, second, letter), None
            first, second = second, letter
        else:
            yield k, before, None, c if k == 3 else None
            first = second = 0
        before = (before[1], k)


class Model:
    def __init__(self, tokens):
        letters = [[[0] * 27 for _ in range(27)] for _ in range(27)]
        pairs = [[0] * 27 for _ in range(27)]
        classes = {}
        signs = dict.fromkeys(SIGNS, 0)
        for token in tokens:
            for k, before, letter, sign in steps(token):
                classes.setdefault(before, [0] * 4)[k] += 1
                if letter:
                    letters[letter[0]][letter[1]][letter[2]] += 1
                    pairs[letter[1]][letter[2]] += 1
                if sign:
                    signs[sign] += 1
        self.classes = {}
        for a in range(5):
            for b in range(5):
                counts = classes.get((a, b), [0] * 4)
                total = sum(counts) + 4
                self.classes[a, b] = [-math.log2((n + 1) / total) for n in counts]
        self.letters = [[None] * 27 for _ in range(27)]
        for a in range(27):
            for b in range(27):
                wide = sum(pairs[b]) + 26
                backed = [(pairs[b][c] + 1) / wide for c in range(27)]
                counts = letters[a][b]
                weight = 12.0
                total = sum(counts) + weight
                self.letters[a][b] = [
                    -math.log2((counts[c] + weight * backed[c]) / total) for c in range(27)
                ]
        total = sum(signs.values()) + len(signs) * 8
        self.signs = {c: -math.log2((n + 8) / total) for c, n in signs.items()}

    def cost(self, token):
        bits = 0.0
        for k, before, letter, sign in steps(token):
            bits += self.classes[before][k]
            if letter:
                bits += self.letters[letter[0]][letter[1]][letter[2]]
            elif sign:
                bits += self.signs[sign]
            else:
                bits += math.log2(10)
        return bits


def drawn(token):
    """The bits of a token as a draw from the smallest alphabet that it is of."""
    size = 0
    if any(kind(c) == 0 for c in token):
        size += 26
    if any(kind(c) == 1 for c in token):
        size += 26
    if any(kind(c) == 2 for c in token):
        size += 10
    signs = {c for c in token if kind(c) == 3}
    size += len(signs) if len(signs) <= 2 else 32
    lower = token.lower()
    if all(c in "0123456789abcdef" for c in lower) and (token == lower or token == token.upper()):
        size = 16
    return len(token) * math.log2(max(size, 2))


def letter_of(bits):
    return chr(ord("A") + min(LARGEST, round(bits * QUARTERS)))


def main():
    tokens = read_tokens(sys.argv[1:])
    plain = tokens
    model = Model(plain)
    for most in (6, 3, 0):
        plain = [t for t in tokens if model.cost(t) - drawn(t) < most]
        print(f"{len(tokens)} tokens, {len(plain)} of them plain", file=sys.stderr)
        model = Model(plain)
    print("# The randomness model's tables, made by train.py, which says what they are.")
    for a in range(5):
        for b in range(5):
            print("".join(letter_of(bits) for bits in model.classes[a, b]))
    print("".join(letter_of(model.signs[c]) for c in SIGNS))
    for a in range(27):
        for b in range(27):
            print("".join(letter_of(bits) for bits in model.letters[a][b][1:]))


main()
