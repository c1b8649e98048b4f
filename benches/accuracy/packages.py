"""False alarms over well-known packages, by rule.

Every finding has been read by a person once. `judgements.tsv` keeps what they said, as facts and without a
byte of the text: where it stands, the rule, the verdict, and why.

| verdict | the finding is |
|---|---|
| secret | a credential of somebody |
| fixture | no credential of anybody, but of the real form: a key made for a test, a published example |
| false | not what the rule says: a false alarm |
"""

import collections
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import fetch
import findings

JUDGEMENTS = Path(__file__).resolve().parent / "judgements.tsv"
HEAD = ["registry", "package", "version", "path", "line", "rule", "verdict", "reason"]
VERDICTS = ("secret", "fixture", "false")


def read_judgements():
    """Verdict and reason by place: registry, package, version, path, line, rule."""
    if not JUDGEMENTS.is_file():
        return {}
    judged = {}
    for number, row in enumerate(JUDGEMENTS.read_text(encoding="utf-8").splitlines()[1:], start=2):
        cells = row.split("\t")
        if len(cells) != len(HEAD) or cells[6] not in VERDICTS:
            sys.exit(f"{JUDGEMENTS.name}:{number}: {len(HEAD)} cells are due, and one of {', '.join(VERDICTS)}")
        judged[tuple(cells[:6])] = (cells[6], cells[7])
    return judged


def run(keyward, directory, commits, lines, sheet):
    judged = read_judgements()
    places, alarmed, guarded, files, added = [], set(), 0, collections.Counter(), 0
    for registry, name, version in fetch.listed():
        tree = fetch.place(directory, registry, name, version)
        if not tree.is_dir():
            sys.exit(f"{name} {version} is not in {directory}: run `measure.py fetch {directory}`")
        files[registry] += sum(len(names) for _, _, names in os.walk(tree))
        if commits:
            secrets, names, count = staged(keyward, tree)
            guarded += len(names)
            added += count
        else:
            secrets, _ = findings.scan(keyward, [tree], tree)
        for secret in secrets:
            path = os.path.relpath(os.path.join(tree, secret["path"]), tree)
            place = (registry, name, version, path, str(secret["line"]), secret["rule"])
            places.append(place)
            if judged.get(place, ("",))[0] == "false":
                alarmed.add(place[:4])
    total = sum(files.values())
    report(places, judged, files)
    if commits:
        print()
        print(f"as {total} commits of one added file, {added} lines of text:")
        print("false alarms per 1,000 commits         ", findings.per_thousand(len(alarmed), total))
        print("files that the guard refuses by name   ", guarded)
    unjudged = [place for place in places if place not in judged]
    if lines:
        for place in places:
            print("\t".join([*place, *judged.get(place, ("no judgement", ""))]))
    if sheet:
        rows = ["\t".join([*place, "", ""]) for place in dict.fromkeys(unjudged)]
        sheet.write_text("\n".join(["\t".join(HEAD), *rows, ""]), encoding="utf-8")
    if unjudged and not (lines or sheet):
        print()
        for place, count in collections.Counter(unjudged).items():
            print("no judgement:", *place, f"(x{count})" if count > 1 else "")
    return 1 if unjudged else 0


def staged(keyward, tree):
    """What keyward says of a commit that adds every file of a tree, as the hook sees it."""
    with tempfile.TemporaryDirectory() as git_dir:
        environment = {
            **os.environ,
            "GIT_DIR": git_dir,
            "GIT_WORK_TREE": str(tree),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
        }

        def git(*arguments):
            command = ["git", "-c", "core.autocrlf=false", "-c", "core.safecrlf=false", *arguments]
            return subprocess.run(command, cwd=tree, env=environment, check=True, stdout=subprocess.PIPE).stdout

        git("init", "--quiet")
        git("add", "--force", "--all", ".")
        added = sum(
            int(count) for count in (row.split(b"\t")[0] for row in git("diff", "--cached", "--numstat").splitlines())
            if count.isdigit()
        )
        os.environ.update({"GIT_DIR": git_dir, "GIT_WORK_TREE": str(tree)})
        try:
            secrets, guarded = findings.scan(keyward, ["--staged"], tree)
        finally:
            del os.environ["GIT_DIR"], os.environ["GIT_WORK_TREE"]
    return secrets, guarded, added


def report(places, judged, files):
    verdict = {place: judged.get(place, ("none", ""))[0] for place in places}
    by_rule = collections.defaultdict(collections.Counter)
    by_registry = collections.Counter()
    for place in places:
        by_rule[place[5]][verdict[place]] += 1
        by_registry.update({place[0]: 1, "all": 1} if verdict[place] == "false" else {})
    total = sum(files.values())

    def row(name, counts):
        true = counts["secret"] + counts["fixture"]
        false = counts["false"]
        return [name, counts["secret"], counts["fixture"], false, counts["none"] or "",
                findings.share(true, true + false), findings.per_thousand(false, total)]

    rows = [row(rule, counts) for rule, counts in
            sorted(by_rule.items(), key=lambda item: (-item[1]["false"], item[0]))]
    rows.append(row("all rules", sum(by_rule.values(), collections.Counter())))
    findings.table(["rule", "secret", "fixture", "false", "unread", "precision", "false per 1,000 files"], rows)
    print()
    findings.table(
        ["registry", "files", "false", "false per 1,000 files"],
        [[registry, count, by_registry[registry], findings.per_thousand(by_registry[registry], count)]
         for registry, count in [*files.items(), ("all", total)]],
    )
    reasons = collections.Counter(judged[place][1] for place in places if verdict[place] == "false")
    if reasons:
        print()
        print("false alarms by cause:", ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()))
