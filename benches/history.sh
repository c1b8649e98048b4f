#!/bin/sh
# What `keyward audit` takes on a long history, beside git reading all its objects: wall time in seconds and memory of the
# whole process, the first time and the second.
#
#     benches/history.sh [PROFILE [REPOSITORY]]
#
# PROFILE is cargo's, `release` if not given; KEYWARD names a program that is built already. Without a repository one is made of COMMITS (80,000 if that is not set): each
# commit changes one of 4,000 files of 40 to 400 lines in 200 directories, one in 50 merges, one in 1,000 adds and takes out a
# key, and all is packed as `git gc` does.
set -eu
profile=${1:-release}
top=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
case $profile in dev) dir=debug ;; *) dir=$profile ;; esac
keyward=${KEYWARD:-$top/target/$dir/keyward}
[ -n "${KEYWARD:-}" ] || (cd "$top" && cargo build --locked --quiet --profile "$profile")

make() {
    awk -v commits="${COMMITS:-80000}" '
        function text(file, round,    lines, line, out) {
            lines = 40 + (file * 7919) % 360
            out = ""
            for (line = 1; line <= lines; line++)
                out = out "    let value_" line " = compute(" (file * 31 + line) ", \"some text of file " file "\");\n"
            return out "    // round " round "\n"
        }
        BEGIN {
            srand(7)
            for (commit = 1; commit <= commits; commit++) {
                file = int(rand() * 4000)
                round[file]++
                body = text(file, round[file])
                if (commit % 1000 == 0) body = body "token = \"sk-ant-" "api03-" commit "\"\n"
                printf "commit refs/heads/main\nmark :%d\n", commit
                printf "committer P%d <p%d@example.com> %d +0000\n", commit % 97, commit % 97, 1000000000 + commit * 60
                message = "change " commit " of file " file "\n"
                printf "data %d\n%s", length(message), message
                if (commit % 50 == 0 && commit > 10) printf "merge :%d\n", commit - 7
                printf "M 100644 inline src/dir%d/file%d.rs\ndata %d\n%s\n", file % 200, file, length(body), body
            }
            print "done"
        }' | git -C "$1" fast-import --quiet --done --depth=50
    git -C "$1" gc --quiet
}

# The wall time and the memory of a command, by what it is called.
timed() {
    what=$1
    shift
    python3 - "$what" "$@" <<'PY'
import os, resource, subprocess, sys, time
start = time.time()
subprocess.run(sys.argv[2:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
took = time.time() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"{sys.argv[1]}: {took:.2f} s, of processors {used.ru_utime + used.ru_stime:.2f} s, {used.ru_maxrss // 1024} MB")
PY
}

if [ $# -gt 1 ]; then
    repository=$2
else
    repository=$work/history.git
    git init --quiet --bare --initial-branch=main "$repository"
    make "$repository"
fi
# The user's own settings have no say, and neither has an earlier audit.
export HOME="$work"
git config --global --add safe.directory '*'
rm -f "$repository/keyward-audit"
echo "$(git -C "$repository" rev-list --all --count) commits"
for _ in 1 2; do
    # With the names behind the ids, git would look for objects of such names, and read none but commits.
    timed "git reads all" sh -c 'git -C "$1" rev-list --objects --no-object-names --all | git -C "$1" cat-file --batch' sh "$repository"
done
timed "audit, nothing known" "$keyward" audit --no-cache "$repository"
timed "audit, the first" "$keyward" audit "$repository"
timed "audit, the second" "$keyward" audit "$repository"
rm -f "$repository/keyward-audit"
