#!/usr/bin/env python3
"""How long one event of an agent takes, in times of `true` started the same way, in the same run.

    benches/agents/time.py KEYWARD [--check]

KEYWARD is a release build. Each kind of event is asked in turn with `true`, many times over; both are given the
event as standard input and are waited for. A copy of KEYWARD is asked, as an installed one is, since what a linker has just
written starts slower. What is told is the median of each and the median of the ratios of
neighbours. With --check it fails if an event takes more than 2 times `true`, or an edit of a file of 1 MB more
than 3 times.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 400
MOST = {"edit of 1 MB": 3.0}
MOST_OF_OTHERS = 2.0


def took(program, arguments, event, nowhere):
    with open(event, "rb") as given:
        actions = [(os.POSIX_SPAWN_DUP2, given.fileno(), 0), (os.POSIX_SPAWN_DUP2, nowhere, 1)]
        start = time.perf_counter_ns()
        pid = os.posix_spawn(program, arguments, os.environ, file_actions=actions)
        os.waitpid(pid, 0)
        return time.perf_counter_ns() - start


def events(top):
    tool = lambda name, given: {"hook_event_name": "PreToolUse", "tool_name": name, "tool_input": given}
    with open(top / "large.py", "w") as large:
        for number in range(20_000):
            large.write(f"value_{number} = compute({number}, 'some text')  # of no interest\n")
    size = (top / "large.py").stat().st_size
    assert size > 1_000_000, size
    (top / "app.py").write_text("import os\nname = 'x'\n" * 20)
    yield "prompt", {"hook_event_name": "UserPromptSubmit", "prompt": "what does @app.py do?"}
    yield "read", tool("Read", {"file_path": str(top / "app.py")})
    yield "write", tool("Write", {"file_path": str(top / "new.py"), "content": "import os\nname = 'x'\n" * 20})
    yield "edit", tool("Edit", {"file_path": str(top / "app.py"), "old_string": "import", "new_string": "import "})
    yield "command", tool("Bash", {"command": "cd src && cargo test --locked 2>&1 | tail -20"})
    yield "MCP call", tool("mcp__server__query", {"query": "select name from users", "limit": 10})
    yield "answer", tool("Bash", {"command": "make"}) | {
        "hook_event_name": "PostToolUse", "tool_response": {"stdout": "ok\n" * 50, "stderr": ""}}
    old = "value_9000 = compute(9000, 'some text')"
    yield "edit of 1 MB", tool("Edit", {"file_path": str(top / "large.py"), "old_string": old, "new_string": "x = 1"})


def main():
    true = subprocess.run(["sh", "-c", "command -v /bin/true || command -v /usr/bin/true"],
                          capture_output=True, text=True, check=True).stdout.strip()
    over = []
    with tempfile.TemporaryDirectory() as scratch, open(os.devnull, "wb") as nowhere:
        keyward = shutil.copy(sys.argv[1], scratch)
        top = pathlib.Path(scratch) / "w"
        subprocess.run(["git", "init", "-q", str(top)], check=True)
        os.environ |= {"HOME": scratch, "XDG_CONFIG_HOME": scratch}
        for name, event in events(top):
            file = pathlib.Path(scratch) / "event.json"
            file.write_text(json.dumps({"session_id": "s", "transcript_path": "/t", "cwd": str(top)} | event))
            one = lambda: took(keyward, [keyward, "agent-hook", "claude-code"], file, nowhere.fileno())
            other = lambda: took(true, [true], file, nowhere.fileno())
            for _ in range(10):
                one(), other()
            pairs = [(one(), other()) for _ in range(ROUNDS)]
            ratio = statistics.median(a / b for a, b in pairs)
            ours, theirs = (statistics.median(column) / 1e6 for column in zip(*pairs))
            most = MOST.get(name, MOST_OF_OTHERS)
            print(f"{name:14} {ours:6.2f} ms  true {theirs:5.2f} ms  {ratio:5.2f} times, at most {most}")
            over += [name] * (ratio > most)
    if over and "--check" in sys.argv[2:]:
        sys.exit(f"too slow: {', '.join(over)}")


if __name__ == "__main__":
    main()
