#!/bin/sh
# Builds keyward, puts the program in place, installs the hook in a repository, and proves with a
# real commit that it works. Needs git and a Rust toolchain, no root. See `./install.sh --help`.
set -eu

usage() {
    cat <<'HELP'
Builds keyward and installs it in a git repository.

Usage: ./install.sh [REPOSITORY]
       ./install.sh --uninstall [--keep-program] [REPOSITORY]

REPOSITORY is a directory of the working tree; without it, the current directory.

  --uninstall      take the hook away, put back the hook that was there before,
                   and remove the program
  --keep-program   with --uninstall: leave the program to other repositories
  -h, --help       show this

KEYWARD_BIN is the directory that the program goes to; without it, ~/.local/bin.
HELP
}

say() { printf '%s\n' "$1"; }

# Ends with 2 for what the caller can mend on the command line, with 3 for anything else.
fail() {
    code=$1
    shift
    printf 'install.sh: %s\n' "$@" >&2
    exit "$code"
}

absolute() {
    case $1 in
    /* | [A-Za-z]:*) say "$1" ;;
    *) say "$PWD/$1" ;;
    esac
}

new=
scratch=
clean_up() {
    if [ -n "$new" ]; then rm -f -- "$new"; fi
    if [ -n "$scratch" ]; then rm -rf -- "$scratch"; fi
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# GIT_DIR and its kin name another repository than the one that is meant.
forget_environment() {
    # shellcheck disable=SC2046
    unset $(git rev-parse --local-env-vars)
}

is_keyward() {
    case $("$1" --version 2>/dev/null) in
    "keyward "*) return 0 ;;
    *) return 1 ;;
    esac
}

find_cargo() {
    if command -v cargo >/dev/null 2>&1; then
        cargo=cargo
    elif [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        cargo=${CARGO_HOME:-$HOME/.cargo}/bin/cargo
        # cargo looks for rustc on PATH.
        PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
    else
        fail 3 "keyward is built with Rust, and there is no cargo here. Get Rust from https://rustup.rs:" \
            "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" \
            "and run this again."
    fi
}

build() {
    find_cargo
    [ -f "$here/Cargo.toml" ] ||
        fail 3 "there is no Cargo.toml beside it. Run it from a clone of https://github.com/keyward/keyward"
    (cd "$here" && "$cargo" build --release --locked) ||
        fail 3 "the build failed, and nothing was installed. If your Rust is too old: rustup update"
    [ -f "$target/release/keyward$exe" ] ||
        fail 3 "cargo built no $target/release/keyward$exe. Unset build.target in your cargo settings and run this again"
}

# Written under another name and renamed: a hook never meets half a program.
put_program() {
    if [ -e "$program" ] && ! is_keyward "$program"; then
        fail 3 "$program is another program. Move it away, or set KEYWARD_BIN to another directory"
    fi
    mkdir -p -- "$bin" || fail 3 "cannot make $bin. Set KEYWARD_BIN to a directory that you can write to"
    if ! cmp -s -- "$target/release/keyward$exe" "$program"; then
        new=$bin/.keyward-new.$$
        { cp -- "$target/release/keyward$exe" "$new" && chmod 755 "$new" && mv -f -- "$new" "$program"; } ||
            fail 3 "cannot write $program. Set KEYWARD_BIN to a directory that you can write to"
        new=
    fi
}

# A key is made up here and now, since no file may hold one, and committed in a repository that
# exists only for that, with settings and a home of its own.
self_test() {
    mkdir -p -- "$target"
    # Programs run from there; from a temporary directory they need not.
    scratch=$(mktemp -d "$target/keyward-self-test.XXXXXX")
    mkdir "$scratch/repository"
    random=$(dd if=/dev/urandom bs=1024 count=1 2>/dev/null | LC_ALL=C tr -dc 'A-Za-z0-9' | cut -c 1-93)
    if ! {
        in_scratch git init -q &&
            in_scratch "$program" install &&
            echo "nothing to see" >"$scratch/repository/settings" &&
            in_scratch git add settings &&
            in_scratch git commit -q -m "clean" &&
            printf 'key = "sk-ant-%s-%sAA"\n' api03 "$random" >"$scratch/repository/settings" &&
            in_scratch git add settings
    } >"$scratch/log" 2>&1; then
        cat "$scratch/log" >&2
        self_test_failed
    fi
    code=0
    in_scratch git commit -q -m "made up" >"$scratch/log" 2>&1 || code=$?
    if [ "$code" -ne 1 ] || ! grep -q "settings:1.*Anthropic API key" "$scratch/log"; then
        cat "$scratch/log" >&2
        self_test_failed
    fi
    rm -rf -- "$scratch"
    scratch=
}

self_test_failed() {
    fail 3 "the self-test failed: the hook does not do its work here. Please report this:" \
        "  https://github.com/keyward/keyward/issues"
}

in_scratch() (
    forget_environment
    cd "$scratch/repository" || exit
    HOME=$scratch XDG_CONFIG_HOME=$scratch GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null \
        GIT_AUTHOR_NAME=keyward GIT_AUTHOR_EMAIL=keyward@localhost \
        GIT_COMMITTER_NAME=keyward GIT_COMMITTER_EMAIL=keyward@localhost "$@"
)

install() {
    build
    put_program
    case ":$PATH:" in
    *":$bin:"*) say "$("$program" --version) is at $program." ;;
    *) say "$("$program" --version) is at $program, which is not on your PATH: the hook finds it all the same." ;;
    esac
    (cd "$top" && "$program" install)
    hook=$(cd "$top" && absolute "$(git rev-parse --git-path hooks/pre-commit)")
    if [ -e "$hook" ] && [ ! -x "$hook" ]; then
        fail 3 "git can't run $hook: its file system runs no programs. Mount it without noexec and run this again"
    fi
    self_test
    say "Self-test: a commit with a made-up key was refused, a clean one was not."
}

uninstall() {
    runs=
    for candidate in "$program" "$(command -v keyward || :)" "$target/release/keyward$exe"; do
        if [ -z "$runs" ] && [ -f "$candidate" ] && is_keyward "$candidate"; then
            runs=$candidate
        fi
    done
    [ -n "$runs" ] || fail 3 "there is no keyward at $program nor on PATH to take the hook away with." \
        "If it went elsewhere, set KEYWARD_BIN; if it is gone, the next commit says how to remove the hook."
    (cd "$top" && "$runs" uninstall)
    if [ ! -e "$program" ]; then
        say "There is no program at $program to remove."
    elif [ "$keep_program" = yes ]; then
        say "The program stays at $program. To remove it too: rm \"$program\""
    elif ! is_keyward "$program"; then
        say "$program is another program, and stays."
    else
        rm -f -- "$program" || fail 3 "cannot remove $program. Remove it by hand"
        say "Removed the program, $program."
        say "Other repositories with the hook now refuse commits, and say how to mend that. To keep the program, use --keep-program."
    fi
}

action=install
keep_program=no
repository=
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --uninstall) action=uninstall ;;
    --keep-program) keep_program=yes ;;
    --)
        shift
        break
        ;;
    -*) fail 2 "there is no option $1. See ./install.sh --help" ;;
    *) break ;;
    esac
    shift
done
if [ $# -gt 0 ]; then
    repository=$1
    shift
fi
[ $# -eq 0 ] || fail 2 "one repository at a time. See ./install.sh --help"

command -v git >/dev/null 2>&1 || fail 3 "there is no git on PATH. Install it and run this again"
[ -n "${HOME-}" ] || fail 2 "HOME is not set. Set it and run this again"

if [ -n "$repository" ]; then
    [ -d "$repository" ] || fail 2 "$repository is no directory. See ./install.sh --help"
    forget_environment
    top=$(cd -- "$repository" && git rev-parse --show-toplevel) ||
        fail 2 "$repository is in no git working tree. Name one, or make one with: git init"
else
    top=$(git rev-parse --show-toplevel) ||
        fail 2 "$PWD is in no git working tree. Name one: ./install.sh REPOSITORY"
fi

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
bin=$(absolute "${KEYWARD_BIN:-$HOME/.local/bin}")
# Said outright, so that cargo's settings can't put the program anywhere else.
target=$(absolute "${CARGO_TARGET_DIR:-$here/target}")
CARGO_TARGET_DIR=$target
export CARGO_TARGET_DIR
case $(uname -s) in
MINGW* | MSYS* | CYGWIN*) exe=.exe ;;
*) exe= ;;
esac
program=$bin/keyward$exe

"$action"
