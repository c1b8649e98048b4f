#!/usr/bin/env bash
# Times a whole `keyward hook pre-commit` beside `git diff --cached --raw`, which is about the least
# that any hook can do, over a small repository and over one with an index of 100,000 files.
#
# usage: benches/hook.sh [KEYWARD]     (a release build, target/release/keyward if not given)
#        RUNS=200 benches/hook.sh      (how often each command is run; 50 if not given)
#
# Prints a Markdown table. Uses hyperfine where it is installed, and bash 5 otherwise.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
keyward=${1:-$top/target/release/keyward}
runs=${RUNS:-50}

die() {
    printf 'hook.sh: %s\n' "$1" >&2
    exit 2
}

[ -x "$keyward" ] || die "no $keyward: cargo build --release"
keyward=$(cd "$(dirname "$keyward")" && pwd)/$(basename "$keyward")
command -v hyperfine >/dev/null || [ -n "${EPOCHREALTIME:-}" ] || die "needs hyperfine or bash 5"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
unset "${!GIT_@}"
export HOME=$scratch/home XDG_CONFIG_HOME=$scratch/home/.config GIT_CONFIG_NOSYSTEM=1
mkdir -p "$HOME"
git config --global user.name bench
git config --global user.email bench@example.invalid
git config --global init.defaultBranch main

# A repository with so many files in its index, all of one content, committed.
repository() {
    local blob tree commit
    git init -q "$1"
    cd "$1"
    blob=$(printf 'content\n' | git hash-object -w --stdin)
    awk -v blob="$blob" -v count="$2" 'BEGIN {
        for (i = 0; i < count; i++)
            printf "100644 %s 0\tdir%03d/sub%02d/file%d.txt\n", blob, i / 1000, i / 50 % 20, i
    }' | git update-index --index-info
    tree=$(git write-tree)
    commit=$(git commit-tree -m start "$tree")
    git update-ref HEAD "$commit"
}

# Three files with sixty added lines, staged.
stage() {
    local file line
    for file in one.py two.js three.md; do
        for line in {1..20}; do
            printf 'value_%s = compute(%s, "some text")  // of no interest\n' "$line" "$line"
        done >"$file"
    done
    git add one.py two.js three.md
}

# The figures would say little if the hook let everything through.
check() {
    local body
    "$keyward" hook pre-commit || die "the hook refuses a clean commit"
    body=$(LC_ALL=C tr -dc 'A-Za-z0-9' </dev/urandom 2>/dev/null | head -c 93 || true)
    printf 'key = "%s%s%sAA"\n' sk-ant- api03- "$body" >key.py
    git add key.py
    if "$keyward" hook pre-commit 2>/dev/null; then
        die "the hook does not refuse a key"
    fi
    git rm -q -f --cached key.py
    rm key.py
}

# Prints the medians of both commands in milliseconds.
medians() {
    if command -v hyperfine >/dev/null; then
        hyperfine -N --style none --warmup 5 --runs "$runs" --export-csv "$scratch/times.csv" \
            "'$keyward' hook pre-commit" "git diff --cached --raw" >/dev/null 2>&1
        awk -F, 'NR > 1 { printf "%s%.2f", (NR > 2 ? " " : ""), $4 * 1000 } END { print "" }' "$scratch/times.csv"
        return
    fi
    local run before after
    : >"$scratch/keyward" && : >"$scratch/git"
    # In turns, so that whatever else the machine does falls on both.
    for ((run = 0; run < runs + 5; run++)); do
        before=${EPOCHREALTIME/[.,]/}
        "$keyward" hook pre-commit >/dev/null 2>&1
        after=${EPOCHREALTIME/[.,]/}
        [ "$run" -lt 5 ] || echo $((after - before)) >>"$scratch/keyward"
        before=${EPOCHREALTIME/[.,]/}
        git diff --cached --raw >/dev/null
        after=${EPOCHREALTIME/[.,]/}
        [ "$run" -lt 5 ] || echo $((after - before)) >>"$scratch/git"
    done
    printf '%s %s\n' "$(median "$scratch/keyward")" "$(median "$scratch/git")"
}

median() {
    sort -n "$1" | awk '{ all[NR] = $1 } END { printf "%.2f", all[int((NR + 1) / 2)] / 1000 }'
}

measure() {
    local ours theirs
    repository "$scratch/$2" "$2"
    stage
    check
    read -r ours theirs < <(medians)
    awk -v name="$1" -v ours="$ours" -v theirs="$theirs" \
        'BEGIN { printf "| %s | %.1f ms | %.1f ms | %.1f |\n", name, ours, theirs, ours / theirs }'
}

echo "| 3 files, 60 added lines | keyward hook pre-commit | git diff --cached --raw | ratio |"
echo "|---|---|---|---|"
measure "small repository" 40
measure "index of 100,000 files" 100000
