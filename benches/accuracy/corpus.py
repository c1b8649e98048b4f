"""Recall and precision over a labelled corpus: a directory of files, and `labels.tsv`, there or elsewhere.

A row of `labels.tsv` has path, first and last line, first column and the one behind the last, truth (T a
secret, F not one, X an example or template), group, strength, and categories. What is counted is lines: a
T line is found if a finding overlaps it, and an F or X line that a finding overlaps is a false one, unless
a T row has the same lines. Findings on lines without a label are counted apart.
"""

import collections
import csv
import os
import sys

import findings

# What the set calls secrets, but are ids.
IDS = "identifier"


class Label:
    """One row of `labels.tsv`."""

    def __init__(self, cells):
        self.path, first, last = cells[0], cells[1], cells[2]
        self.first, self.last = int(first), int(last)
        self.truth, self.group, self.strength = cells[5], cells[6], cells[7]

    def is_core(self):
        """Whether a hook must block it."""
        return self.truth == "T" and self.group != IDS and self.strength != "weak"


def read_labels(path):
    with open(path, newline="", encoding="utf-8") as file:
        rows = csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        next(rows)
        return [Label(cells) for cells in rows]


def run(keyward, directory, labels_file, lines):
    labels = read_labels(labels_file or directory / "labels.tsv")
    secrets, _ = findings.scan(keyward, [directory], directory)
    by_path = collections.defaultdict(list)
    for secret in secrets:
        by_path[os.path.relpath(os.path.join(directory, secret["path"]), directory)].append(secret)
    by_path.pop("labels.tsv", None)

    found, false, labelled = [], [], set()
    for label in labels:
        over = [s for s in by_path.get(label.path, []) if s["line"] <= label.last and s["end_line"] >= label.first]
        labelled.update((label.path, s["line"], s["column"]) for s in over)
        if over and label.truth == "T":
            found.append(label)
        elif over:
            false.append(label)
    true_lines = {(label.path, label.first) for label in labels if label.truth == "T"}
    false = {(label.path, label.first): label for label in false if (label.path, label.first) not in true_lines}
    other = [
        (path, s["line"], s["rule"])
        for path, over in sorted(by_path.items())
        for s in over
        if (path, s["line"], s["column"]) not in labelled
    ]
    report(labels, found, false, other, count_files(directory))
    if lines:
        missed = sorted({(label.path, label.first) for label in labels if label.is_core()}
                        - {(label.path, label.first) for label in found})
        for kind, places in [("missed", missed), ("false", sorted(false)), ("no label", other)]:
            for place in places:
                print(kind, ":".join(map(str, place)), sep="\t")
    return 0


def report(labels, found, false, other, files):
    secrets = [label for label in labels if label.truth == "T" and label.group != IDS]
    hits = [label for label in found if label.group != IDS]
    total = collections.Counter((label.group, label.strength) for label in secrets)
    hit = collections.Counter((label.group, label.strength) for label in hits)
    wrong = collections.Counter(label.group for label in false.values())
    findings.table(
        ["group", "strength", "secrets", "found", "recall"],
        [[group, strength or "-", total[key], hit[key], findings.share(hit[key], total[key])]
         for key in sorted(total) for group, strength in [key]],
    )
    core = sum(label.is_core() for label in secrets)
    core_hit = sum(label.is_core() for label in hits)
    print()
    print("core recall                            ", findings.share(core_hit, core), f"({core_hit} of {core})")
    print("core recall, mean over repositories    ", f"{100 * mean_over_repositories(secrets, hits):.1f}%")
    print("precision on labelled lines            ", findings.share(len(hits), len(hits) + len(false)),
          f"({len(false)} false: {', '.join(f'{count} {group}' for group, count in wrong.most_common())})")
    print("lines without a label per 1,000 files  ", findings.per_thousand(len(other), files),
          f"({len(other)} in {files} files)")


def mean_over_repositories(secrets, hits):
    """Core recall, each repository counted once: one with fifty lines of one kind weighs no more than the others."""
    count = [collections.Counter(label.path.split("/")[0] for label in some if label.is_core()) for some in (hits, secrets)]
    return sum(count[0][repo] / total for repo, total in count[1].items()) / max(len(count[1]), 1)


def count_files(directory):
    count = sum(name != "labels.tsv" for _, _, names in os.walk(directory) for name in names)
    return count or sys.exit(f"there is nothing in {directory}")
