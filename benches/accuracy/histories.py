"""What the hook would say to the newest commits of public repositories, each by itself."""

import collections
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

COLUMNS = ("repository", "commit", "path", "line", "rule")


def commits(repo, count):
    log = ["git", "-C", str(repo), "rev-list", "--no-merges", "--min-parents=1", f"--max-count={count}", "HEAD"]
    return subprocess.run(log, capture_output=True, text=True, check=True).stdout.split()


def look(keyward, repo, commit, home):
    """The findings that stop a commit. None if keyward could not look."""
    run = subprocess.run(
        [str(keyward), "scan", "--range", f"{commit}^..{commit}", "--format", "json"],
        cwd=repo, capture_output=True, text=True, env={**os.environ, "HOME": home, "XDG_CONFIG_HOME": home},
    )
    if run.returncode not in (0, 1):
        return None
    found = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    return [it for it in found if it["status"] == "blocking"]


def run(keyward, directory, count, sheet):
    """Counts findings and stopped commits; writes each finding as a row of `sheet`, without its text."""
    repos = sorted(path for path in directory.glob("*/repo") if path.is_dir())
    total, stopped, unread, rules, rows = 0, 0, 0, collections.Counter(), []
    with ThreadPoolExecutor(max(1, (os.cpu_count() or 2) // 2)) as pool:
        for repo in repos:
            some = commits(repo, count)
            total += len(some)
            answers = pool.map(lambda commit: look(keyward, repo, commit, "/nonexistent"), some)
            for commit, found in zip(some, answers):
                if found is None:
                    unread += 1
                    continue
                stopped += bool(found)
                for it in found:
                    rules[it["rule"]] += 1
                    rows.append((repo.parent.name, commit[:12], it["path"], it.get("line") or "", it["rule"]))
            print(f"{repo.parent.name}: {len(some)} commits", file=sys.stderr, flush=True)
    for rule, times in rules.most_common():
        print(f"{rule:40} {times:6}")
    print(f"{total} commits of {len(repos)} repositories, {stopped} stopped "
          f"({1000 * stopped / max(total, 1):.2f} per 1,000), {unread} not read")
    if sheet:
        with open(sheet, "w", encoding="utf-8") as file:
            file.write("\t".join(COLUMNS) + "\n")
            file.writelines("\t".join(map(str, row)) + "\n" for row in rows)
    return 2 if unread else 0
