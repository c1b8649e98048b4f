"""Runs keyward and reads what it found."""

import json
import os
import subprocess
import sys
import tempfile


def scan(keyward, arguments, cwd):
    """The findings of one run at the hook's threshold, as dictionaries, and the files guarded by name.

    The run has a home of its own, so that no setting of the user changes the figures. A path that
    keyward could not read ends the measurement: a figure without it would be wrong.
    """
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "XDG_CONFIG_HOME": home, "GIT_CONFIG_GLOBAL": os.devnull}
        run = subprocess.run(
            [keyward, "scan", "--format", "json", *arguments],
            cwd=cwd,
            env=environment,
            stdout=subprocess.PIPE,
            check=False,
        )
    if run.returncode not in (0, 1):
        sys.exit(f"keyward ended with {run.returncode}: it could not look at everything")
    found = [json.loads(line) for line in run.stdout.decode().splitlines()]
    secrets = [one for one in found if one["kind"] == "secret" and one["line"]]
    guarded = [one for one in found if one["kind"] == "file"]
    return secrets, guarded


def table(head, rows):
    """Prints rows in columns: the first to the left, the rest to the right."""
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("  ".join(cells).rstrip())


def share(part, whole):
    """A share in percent."""
    return f"{100 * part / whole:.1f}%" if whole else "-"


def per_thousand(count, whole):
    """A rate per 1,000."""
    return f"{1000 * count / whole:.2f}" if whole else "-"
