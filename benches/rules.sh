#!/bin/sh
# What the number of rules costs a commit: instructions of the hook on a clean commit of 60 lines,
# with 100 rules, with 400 and with all of them. Needs valgrind.
#
#     benches/rules.sh [PROFILE]
#
# PROFILE is cargo's, `release` if not given.
set -eu
profile=${1:-release}
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null

git init --quiet "$work/repo"
git -C "$work/repo" config user.name nobody
git -C "$work/repo" config user.email nobody@example.com
git -C "$work/repo" commit --quiet --allow-empty -m start
for line in $(seq 60); do
    printf 'value_%s = compute(%s, "some text")  // of no interest\n' "$line" "$line"
done >"$work/repo/lines.py"
git -C "$work/repo" add lines.py

measure() {
    (cd "$work/repo" && valgrind --tool=callgrind --callgrind-out-file=/dev/null \
        "$1" hook pre-commit 2>&1) | sed -n 's/.*Collected : *//p'
}

echo "| rules | instructions of keyward hook pre-commit |"
echo "|---|---|"
for rules in 100 400 all; do
    if [ "$rules" = all ]; then
        unset KEYWARD_BENCH_RULES
    else
        export KEYWARD_BENCH_RULES="$rules"
    fi
    (cd "$top" && cargo build --locked --quiet --profile "$profile")
    case $profile in dev) dir=debug ;; *) dir=$profile ;; esac
    echo "| $rules | $(measure "$top/target/$dir/keyward") |"
done
