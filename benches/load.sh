#!/usr/bin/env bash
# What keyward takes where there is very much of something, beside git doing the same or reading it: time, and the
# memory of the largest process. Everything is made up, under TMPDIR, and taken away again.
#
# usage: benches/load.sh [PROGRAM] [CASE...]     of: files, large, commits, refs, pushes, audit; all if none is named
set -euo pipefail
program=$(realpath "${1:-target/release/keyward}")
shift || true
cases=("$@")
[ ${#cases[@]} -gt 0 ] || cases=(files large commits refs pushes audit)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home GIT_CONFIG_NOSYSTEM=1 PATH="$work/bin:$PATH"
mkdir "$work/home" "$work/bin"
ln -s "$program" "$work/bin/keyward"
git config --global user.name load
git config --global user.email load@example.invalid
git config --global init.defaultBranch main
git config --global gc.auto 0
git config --global maintenance.auto false
unset "${!GIT_DIR@}" "${!GIT_INDEX@}" "${!GIT_WORK@}"

# measured NAME COMMAND...: a line with its seconds, its largest process in MB, and its exit code. Standard input goes on.
measured() {
    python3 - "$@" 3<&0 <<'PY'
import os, resource, subprocess, sys, time
name, command = sys.argv[1], sys.argv[2:]
started = time.monotonic()
code = subprocess.run(command, stdin=3, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
took = time.monotonic() - started
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"| {name} | {took:.2f} s | {usage.ru_utime + usage.ru_stime:.2f} s | {usage.ru_maxrss / 1024:.0f} MB | {code} |", flush=True)
PY
}

repository() {
    rm -rf "$work/repo"
    git init -q "$work/repo"
    cd "$work/repo"
}

# history COMMITS: each changes one of a hundred files.
history() {
    python3 - "$1" <<'PY' | git fast-import --quiet
import sys
for n in range(int(sys.argv[1])):
    text = "".join(f"line {n} {k} of a file\n" for k in range(20))
    print(f"commit refs/heads/main\nmark :{n + 1}\ncommitter a <a@example.invalid> {1700000000 + n} +0000\ndata 2\nc\n")
    print(f"M 100644 inline d{n % 10}/f{n % 100}.py\ndata {len(text)}\n{text}")
PY
}

files() {
    repository
    python3 -c '
import os
for d in range(100):
    os.mkdir(f"d{d}")
    for f in range(1000):
        open(f"d{d}/f{f}.py", "w").write(f"number = {d * 1000 + f}\n")'
    git add -A
    measured "commit of 100,000 files: \`git diff --cached -U0\`" git diff --cached -U0 </dev/null
    measured "commit of 100,000 files: keyward" keyward hook pre-commit </dev/null
}

large() {
    repository
    python3 -c '
import sys
block = "".join(f"value {n} is of no interest to anybody\n" for n in range(30000)).encode()
left = int(sys.argv[1])
with open("large.txt", "wb") as out:
    while left > 0:
        out.write(block[:left]); left -= len(block)' "${LARGE:-4294967296}"
    git add large.txt
    rm large.txt
    measured "a file of 4 GB: \`git cat-file\`" git cat-file blob :large.txt </dev/null
    measured "a file of 4 GB: keyward" keyward hook pre-commit </dev/null
}

commits() {
    repository
    history 10000
    local line
    line="refs/heads/main $(git rev-parse main) refs/heads/main $(printf '0%.0s' {1..40})"
    measured "push of 10,000 commits: \`git log --raw\`" git log --raw --no-abbrev main </dev/null
    measured "push of 10,000 commits: \`git log -p -U0\`" git log -p -U0 main </dev/null
    measured "push of 10,000 commits: keyward, pre-push" keyward hook pre-push origin nowhere <<<"$line"
}

refs() {
    repository
    history 10000
    git rev-list main | awk '{ print "create refs/heads/b" NR " " $1 }' | git update-ref --stdin
    git init -q --bare "$work/bare.git"
    local zeros
    zeros=$(printf '0%.0s' {1..40})
    git for-each-ref --format="%(refname) %(objectname) %(refname) $zeros" refs/heads >"$work/told"
    measured "push of 10,000 refs: keyward, pre-push" keyward hook pre-push origin nowhere <"$work/told"
    measured "push of 10,000 refs: \`git push\` without a hook" git push -q "$work/bare.git" 'refs/heads/*:refs/heads/*' </dev/null
    rm -rf "$work/bare.git"
    git init -q --bare "$work/bare.git"
    printf '#!/bin/sh\nexec keyward hook pre-receive\n' >"$work/bare.git/hooks/pre-receive"
    chmod +x "$work/bare.git/hooks/pre-receive"
    measured "push of 10,000 refs: \`git push\` with pre-receive" git push -q "$work/bare.git" 'refs/heads/*:refs/heads/*' </dev/null
    rm -rf "$work/bare.git" "$work/told"
}

pushes() {
    repository
    history 200
    for n in $(seq 50); do
        local blob tree
        blob=$(echo "number = $n" | git hash-object -w --stdin)
        tree=$(printf '100644 blob %s\tn.py\n' "$blob" | git mktree)
        git update-ref "refs/heads/p$n" "$(git commit-tree -p main -m "$n" "$tree")"
    done
    local with
    for with in without with; do
        git init -q --bare "$work/bare.git"
        git push -q "$work/bare.git" main
        if [ $with = with ]; then
            printf '#!/bin/sh\nexec keyward hook pre-receive\n' >"$work/bare.git/hooks/pre-receive"
            chmod +x "$work/bare.git/hooks/pre-receive"
        fi
        measured "50 pushes at once, $with pre-receive" bash -c \
            'for n in $(seq 50); do git push -q "$0" "refs/heads/p$n" & done; wait' "$work/bare.git" </dev/null
        [ "$(git -C "$work/bare.git" for-each-ref refs/heads | wc -l)" = 51 ] || echo "not all pushes were taken"
        rm -rf "$work/bare.git"
    done
}

audit() {
    repository
    history 100
    mkdir "$work/many"
    for n in $(seq 200); do
        git clone -q --bare --no-hardlinks . "$work/many/$n.git"
        # Each has something of its own.
        (cd "$work/many/$n.git" && git update-ref refs/heads/own \
            "$(git commit-tree -m "$n" "$(printf '100644 blob %s\tn.py\n' "$(echo "number = $n" | git hash-object -w --stdin)" | git mktree)")")
    done
    measured "audit of 200 repositories: \`git log -p --all\` of each" bash -c \
        'for r in "$0"/*; do git -C "$r" log -p -U0 --all; done' "$work/many" </dev/null
    measured "audit of 200 repositories: keyward" keyward audit --no-cache "$work"/many/* </dev/null
    rm -rf "$work/many"
}

echo "| | time | processor | memory | exit |"
echo "|---|---|---|---|---|"
for case in "${cases[@]}"; do
    "$case"
    cd "$work"
    rm -rf "$work/repo"
done
