#!/usr/bin/env python3
"""How often `keyward agent-hook` refuses what people do every day: the answer should be never.

    benches/agents/ordinary.py KEYWARD DIRECTORY

DIRECTORY holds bare or other clones, named as OWNER+NAME. Of each the files are written and edited as an agent
would do it, and the commands of its workflows, scripts and documents are run; the prompts are those of
f/awesome-chatgpt-prompts, and of tldr-pages/tldr the examples are commands. Every refusal is printed, to be read.
The commands that the unit tests hold stand in tests/support/ordinary.txt, with where they are from.
"""

import csv
import io
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

MOST_OF_EACH = 400


def git(clone, *arguments, given=None):
    ran = subprocess.run(["git", "-C", clone, *arguments], input=given, capture_output=True, check=True)
    return ran.stdout


def files(clone):
    names = git(clone, "ls-tree", "-r", "-z", "--name-only", "HEAD").decode("utf-8", "replace")
    return [name for name in names.split("\0") if name]


def text(clone, name):
    content = git(clone, "show", f"HEAD:{name}")
    return content.decode("utf-8") if b"\0" not in content and len(content) < 1 << 24 else None


def commands(name, content):
    if name.endswith((".yml", ".yaml")):
        for run in re.finditer(r"^(\s*)-?\s*run:\s*(.*(?:\n\1\s+.*)*)", content, re.M):
            lines = run.group(2).split("\n")
            yield "\n".join(line.strip() for line in lines if line.strip() not in ("|", "|-", ">", ">-"))
    elif name.endswith("package.json"):
        try:
            yield from json.loads(content).get("scripts", {}).values()
        except ValueError:
            return
    elif name.endswith((".md", ".rst")):
        for block in re.finditer(r"```(?:sh|bash|shell|console|zsh)\n(.*?)```", content, re.S):
            for line in block.group(1).split("\n"):
                yield line.strip().removeprefix("$ ")
        for example in re.finditer(r"^`(.+)`$", content, re.M):
            yield re.sub(r"\{\{(?:\[(.*?)\|.*?\]|(.*?))\}\}", lambda m: m.group(1) or m.group(2), example.group(1))


def deeds(clones):
    for clone in clones:
        found = {"Bash": [], "Write": [], "Edit": [], "prompt": []}
        names = files(clone)
        random.shuffle(names)
        names.sort(key=lambda name: not name.endswith("prompts.csv"))
        for name in names[: MOST_OF_EACH * 3]:
            try:
                content = text(clone, name)
            except (UnicodeDecodeError, subprocess.CalledProcessError):
                continue
            if content is None:
                continue
            if name.endswith("prompts.csv"):
                csv.field_size_limit(1 << 24)
                rows = csv.DictReader(io.StringIO(content))
                found["prompt"] += [row["prompt"] for row in rows if row.get("prompt")]
                continue
            found["Bash"] += [{"command": command} for command in commands(name, content) if command]
            found["Write"].append({"file_path": name, "content": content})
            lines = content.split("\n")
            at = random.randrange(len(lines))
            new = "\n".join(lines[at : at + 5])
            found["Edit"].append({"file_path": "a/" + name, "old_string": "x", "new_string": new})
        for tool, inputs in found.items():
            random.shuffle(inputs)
            yield from ((clone.name, tool, given) for given in inputs[:MOST_OF_EACH])


def main():
    keyward, directory = sys.argv[1:]
    random.seed(16)
    clones = sorted(path for path in pathlib.Path(directory).iterdir() if path.is_dir())
    clones = [path / "repo" if (path / "repo").is_dir() else path for path in clones]
    asked, refused = {}, 0
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(["git", "init", "-q", scratch], check=True)
        for clone, tool, given in deeds(clones):
            event = {"session_id": "s", "transcript_path": "/t", "cwd": scratch}
            if tool == "prompt":
                event |= {"hook_event_name": "UserPromptSubmit", "prompt": given}
            else:
                event |= {"hook_event_name": "PreToolUse", "tool_name": tool, "tool_input": given}
            ran = subprocess.run([keyward, "agent-hook", "claude-code"], input=json.dumps(event).encode(),
                                 capture_output=True, cwd=scratch)
            asked[tool] = asked.get(tool, 0) + 1
            if ran.returncode or b'"deny"' in ran.stdout or b'"block"' in ran.stdout:
                refused += 1
                print(json.dumps(given)[:300], ran.stdout.decode(), ran.stderr.decode(), sep="\n", end="\n\n")
    print(f"{asked}, {refused} refused")


if __name__ == "__main__":
    main()
