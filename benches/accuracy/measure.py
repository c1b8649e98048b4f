#!/usr/bin/env python3
"""How many secrets keyward finds, and how often it is wrong.

    measure.py corpus DIR      recall and precision over a labelled corpus
    measure.py fetch DIR       fetch the packages of packages.tsv into DIR
    measure.py packages DIR    false alarms over the packages, by rule
    measure.py commits DIR     the same, with every file added by a commit
    measure.py histories DIR   what the hook says to the newest commits of the repositories DIR/*/repo

README.md says what is measured and how to judge a finding. The binary is target/release/keyward, or
what --keyward or the variable KEYWARD names. Python 3.9 or later, nothing beside its standard library.
"""

import argparse
import os
import sys
from pathlib import Path

import corpus
import fetch
import histories
import packages

BUILT = Path(__file__).resolve().parents[2] / "target/release/keyward"


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=["corpus", "fetch", "packages", "commits", "histories"])
    parser.add_argument("dir", type=Path, help="the corpus, or where the packages are")
    parser.add_argument(
        "--keyward",
        type=Path,
        default=Path(os.environ.get("KEYWARD", BUILT)),
        help="the binary [default: target/release/keyward]",
    )
    parser.add_argument("--labels", type=Path, help="the corpus's labels [default: DIR/labels.tsv]")
    parser.add_argument(
        "--lines", action="store_true", help="name every missed and every false line, too"
    )
    parser.add_argument(
        "--sheet", type=Path, help="write the findings without a judgement to this file, to be filled in"
    )
    parser.add_argument("--count", type=int, default=1000, help="how many commits of each repository [default: 1000]")
    args = parser.parse_args()
    directory = args.dir.resolve()
    if args.what == "fetch":
        return fetch.run(directory)
    if not args.keyward.is_file():
        sys.exit(f"there is no {args.keyward}: run `cargo build --release`, or name the binary with --keyward")
    keyward = args.keyward.resolve()
    if args.what == "corpus":
        return corpus.run(keyward, directory, args.labels, args.lines)
    if args.what == "histories":
        return histories.run(keyward, directory, args.count, args.sheet)
    return packages.run(keyward, directory, args.what == "commits", args.lines, args.sheet)


if __name__ == "__main__":
    sys.exit(main())
