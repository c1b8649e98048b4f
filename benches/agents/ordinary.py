#!/usr/bin/env python3
"""How often `keyward agent-hook` refuses what people do every day: the answer should be never.

    benches/agents/ordinary.py KEYWARD DIRECTORY

DIRECTORY holds bare or other clones, named as OWNER+NAME. Of each the files are written and edited as an agent
would do it, and the commands of its workflows, scripts and documents are run; of tldr-pages/tldr the examples are
commands. Prompts are what files name so (`prompt`, `problem_statement` and their kin in CSV and JSON), texts and
their blocks in files that are called after prompts, tasks and issues, and the paragraphs of other documents. Every
refusal is printed, to be read.
The commands that the unit tests hold stand in tests/support/ordinary.txt, with where they are from.
"""

import collections
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


PROMPT_FIELDS = {"prompt", "prompts", "problem_statement", "instruction", "instructions", "user_prompt", "question"}
PROMPT_FILES = re.compile(r"prompt|instruction|problem|task|issue", re.I)
BLOCKS = re.compile(r"^(```+|~~~+).*\n(.*?)^\1", re.M | re.S)


def named(value):
    if isinstance(value, dict):
        for field, inner in value.items():
            yield from [inner] if field in PROMPT_FIELDS and isinstance(inner, str) else named(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from named(inner)


def prompts(name, content):
    if name.endswith(".csv"):
        csv.field_size_limit(1 << 24)
        for row in csv.DictReader(io.StringIO(content)):
            yield from (row[field] for field in sorted(PROMPT_FIELDS & row.keys()) if row[field])
    elif name.endswith((".json", ".jsonl")):
        for text in [content] if name.endswith(".json") else content.split("\n"):
            try:
                yield from named(json.loads(text))
            except ValueError:
                continue
    elif name.endswith((".md", ".mdx", ".txt", ".rst")):
        if PROMPT_FILES.search(name):
            yield content
            yield from (block.group(2) for block in BLOCKS.finditer(content))
        yield from (part for part in content.split("\n\n") if len(part) > 80)


def deeds(clones):
    for clone in clones:
        found = {"Bash": [], "Write": [], "Edit": [], "prompt": []}
        names = files(clone)
        random.shuffle(names)
        names.sort(key=lambda name: not PROMPT_FILES.search(name))
        for name in names[: MOST_OF_EACH * 3]:
            try:
                content = text(clone, name)
            except (UnicodeDecodeError, subprocess.CalledProcessError):
                continue
            if content is None:
                continue
            found["prompt"] += prompts(name, content)
            found["Bash"] += [{"command": command} for command in commands(name, content) if command]
            found["Write"].append({"file_path": name, "content": content})
            lines = content.split("\n")
            at = random.randrange(len(lines))
            new = "\n".join(lines[at : at + 5])
            found["Edit"].append({"file_path": "a/" + name, "old_string": "x", "new_string": new})
        for tool, inputs in found.items():
            random.shuffle(inputs)
            yield from ((str(clone), tool, given) for given in inputs[:MOST_OF_EACH])


def main():
    keyward, directory = sys.argv[1:]
    random.seed(16)
    clones = sorted(path for path in pathlib.Path(directory).iterdir() if path.is_dir())
    clones = [path / "repo" if (path / "repo").is_dir() else path for path in clones]
    asked, refused = collections.Counter(), collections.Counter()
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
            asked[tool] += 1
            if ran.returncode or b'"deny"' in ran.stdout or b'"block"' in ran.stdout:
                refused[tool] += 1
                print(clone, json.dumps(given)[:300], ran.stdout.decode(), ran.stderr.decode(), sep="\n", end="\n\n")
    print(f"asked {dict(asked)}, refused {dict(refused)}")


if __name__ == "__main__":
    main()
