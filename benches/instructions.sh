#!/usr/bin/env bash
# Counts the instructions of a hook run on a small clean commit: three files, sixty added lines.
# Unlike its time, their number is nearly the same on every run and on every machine.
#
# usage: benches/instructions.sh [KEYWARD]          prints the number
#        benches/instructions.sh --check [KEYWARD]  fails if it is over the stored one by more than 5%
#        benches/instructions.sh --store [KEYWARD]  stores it
#
# KEYWARD is a release build, target/release/keyward if not given. Needs valgrind.
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
stored=$top/benches/instructions.txt
tolerance=5

die() {
    printf 'instructions.sh: %s\n' "$1" >&2
    exit 2
}

mode=print
case ${1:-} in
--check | --store)
    mode=${1#--}
    shift
    ;;
esac
keyward=${1:-$top/target/release/keyward}
[ -x "$keyward" ] || die "no $keyward: cargo build --release"
command -v valgrind >/dev/null || die "needs valgrind"

# What could make the number drift is the same everywhere: the lengths of paths, the environment,
# the settings, the ids of objects and commits, and the processor's features, of which the C library
# picks its functions by as few as it knows.
scratch=$(mktemp -d /tmp/keyward-XXXXXX)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/home" "$scratch/repository"
cp "$keyward" "$scratch/keyward"
cd "$scratch/repository"
clean() {
    env -i PATH="$PATH" HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/home" LC_ALL=C \
        GIT_CONFIG_NOSYSTEM=1 "$@"
}
fixed() {
    clean GIT_AUTHOR_DATE="@1700000000 +0000" GIT_COMMITTER_DATE="@1700000000 +0000" \
        git -c user.name=bench -c user.email=bench@example.invalid "$@"
}
fixed init -q -b main
for number in {1..40}; do
    mkdir -p "dir$((number % 4))"
    printf 'content %s\n' "$number" >"dir$((number % 4))/file$number.txt"
done
fixed add .
fixed commit -q -m start
for file in one.py two.js three.md; do
    for line in {1..20}; do
        printf 'value_%s = compute(%s, "some text")  // of no interest\n' "$line" "$line"
    done >"$file"
done
fixed add .

# PATH has its length, too.
counted() {
    env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/home" \
        LC_ALL=C GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-AVX,-ERMS,-FSRM \
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$scratch/keyward" hook pre-commit
}
counted >"$scratch/log" 2>&1 || die "the hook failed: $(cat "$scratch/log")"
count=$(sed -n 's/.*Collected : *//p' "$scratch/log")
[ -n "$count" ] || die "callgrind gave no number: $(cat "$scratch/log")"

case $mode in
print) printf '%s\n' "$count" ;;
store) printf '%s\n' "$count" >"$stored" ;;
check)
    before=$(cat "$stored")
    most=$((before * (100 + tolerance) / 100))
    printf 'a hook run on a small commit takes %s instructions; %s are stored, %s are allowed\n' \
        "$count" "$before" "$most"
    if [ "$count" -gt "$most" ]; then
        printf 'It became slower. Find out where: valgrind --tool=callgrind keyward hook pre-commit\n' >&2
        printf 'If it has to be, or only the compiler is another: benches/instructions.sh --store\n' >&2
        exit 1
    fi
    if [ "$count" -lt $((before * (100 - tolerance) / 100)) ]; then
        printf 'It became faster: benches/instructions.sh --store holds it there.\n'
    fi
    ;;
esac
