#!/usr/bin/env bash
# Counts the instructions of a hook run on a small clean commit: three files, sixty added lines. Then the same with
# one more line of an ordinary program, document or settings file, for each of the rows stored.
# Unlike its time, their number is nearly the same on every run and on every machine.
#
# usage: benches/instructions.sh [KEYWARD]          prints the number without a further line
#        benches/instructions.sh --lines [KEYWARD]  prints all rows
#        benches/instructions.sh --check [KEYWARD]  fails if one is over the stored one by more than 5%
#        benches/instructions.sh --store [KEYWARD]  stores them
#
# KEYWARD is a release build, target/release/keyward if not given. Needs valgrind.
#
# instructions.txt has a row for each: the number, a tab, the line. The first row has none.
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
--check | --store | --lines)
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
# Files as young as the index would make git read them again, and forget the trees that it knows.
touch -t 202001010000 dir*/*
fixed add .
fixed commit -q -m start
for file in one.py two.js three.md; do
    for line in {1..20}; do
        printf 'value_%s = compute(%s, "some text")  // of no interest\n' "$line" "$line"
    done >"$file"
done
cp one.py "$scratch/one.py"
fixed add .

# PATH has its length, too.
counted() {
    env -i PATH=/usr/local/bin:/usr/bin:/bin HOME="$scratch/home" XDG_CONFIG_HOME="$scratch/home" \
        LC_ALL=C GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX512BW,-AVX,-ERMS,-FSRM \
        valgrind --tool=callgrind --callgrind-out-file=/dev/null "$scratch/keyward" hook pre-commit
}

# row LINE: the row of the commit with that line, or without one.
row() {
    cp "$scratch/one.py" one.py
    [ -z "$1" ] || printf '%s\n' "$1" >>one.py
    fixed add one.py
    counted >"$scratch/log" 2>&1 || die "the hook failed with '$1': $(cat "$scratch/log")"
    local count
    count=$(sed -n 's/.*Collected : *//p' "$scratch/log")
    [ -n "$count" ] || die "callgrind gave no number: $(cat "$scratch/log")"
    printf '%s\t%s\n' "$count" "$1"
}

rows() {
    while IFS=$'\t' read -r _ line; do
        row "$line"
    done <"$stored"
}

case $mode in
print) row '' | cut -f 1 ;;
lines) rows ;;
store)
    rows >"$scratch/rows"
    cp "$scratch/rows" "$stored"
    ;;
check)
    rows >"$scratch/rows"
    slower=0 faster=0
    while IFS=$'\t' read -r before line <&3 && IFS=$'\t' read -r count _ <&4; do
        if [ "$count" -gt $((before * (100 + tolerance) / 100)) ]; then
            printf '%s instructions, %s are stored: %s\n' "$count" "$before" "${line:-a small commit}"
            slower=$((slower + 1))
        elif [ "$count" -lt $((before * (100 - tolerance) / 100)) ]; then
            faster=$((faster + 1))
        fi
    done 3<"$stored" 4<"$scratch/rows"
    printf 'a hook run on a small commit takes %s instructions, and with one more line at most %s\n' \
        "$(head -n 1 "$scratch/rows" | cut -f 1)" "$(sort -rn "$scratch/rows" | head -n 1 | cut -f 1)"
    if [ "$faster" -gt 0 ]; then
        printf '%s rows became faster: benches/instructions.sh --store holds them there.\n' "$faster"
    fi
    if [ "$slower" -gt 0 ]; then
        printf 'It became slower. Find out where: valgrind --tool=callgrind keyward hook pre-commit\n' >&2
        printf 'If it has to be, or only the compiler is another: benches/instructions.sh --store\n' >&2
        exit 1
    fi
    ;;
esac
