#!/bin/sh
# What `keyward sweep` takes on a home directory of 100,000 files: wall time of five runs, in seconds.
#
#     benches/sweep.sh [PROFILE]
#
# PROFILE is cargo's, `release` if not given. Half of the files are code, a third is what tools fetched, 1,000 are
# transcripts of 60 kB each, and the rest are settings, notes and logs.
set -eu
profile=${1:-release}
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
home=$work/home

# DIRECTORIES FILES NAME: so many directories with so many files each, `%d` being their numbers.
lay() {
    directories=$1 files=$2 pattern=$3 content=$4
    for d in $(seq "$directories"); do
        # shellcheck disable=SC2059
        dir=$home/$(printf "$pattern" "$d")
        mkdir -p "${dir%/*}"
        for f in $(seq "$files"); do
            printf '%s' "$content" >"$dir$f${5:-}"
        done
    done
}

line='const value = compute(list.map((one) => one.size), "some text");  // of no interest
'
lay 500 100 'work/app%d/src/file' "$line" .ts
lay 340 100 'work/app1/node_modules/pkg%d/file' "$line" .js
lay 100 100 '.cache/tool/%d/part' "$line" .bin
lay 100 20 'Documents/%d/note' "$line" .md
lay 50 20 'work/app%d/.vscode/' "$line" .json
lay 20 100 '.config/app%d/file' "$line" .conf
transcript=$(for _ in $(seq 700); do printf '%s' "$line"; done)
lay 50 20 '.claude/projects/app%d/session' "$transcript" .jsonl

case $profile in dev) dir=debug ;; *) dir=$profile ;; esac
(cd "$top" && cargo build --locked --quiet --profile "$profile")
echo "$(find "$home" -type f | wc -l) files"
for _ in 1 2 3 4 5; do
    start=$(date +%s%N)
    HOME=$home "$top/target/$dir/keyward" sweep >"$work/told"
    end=$(date +%s%N)
    echo "$(((end - start) / 1000000)) ms"
done
tail -n 1 "$work/told"
