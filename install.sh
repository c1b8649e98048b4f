#!/bin/sh
# Puts keyward in place and sets its hooks in a repository, and proves with a real commit that they
# work. It takes the release for this machine, or builds. Needs git, no root. See --help.
#
# It is run from a clone, from a directory of its own, and from a pipe: so everything is in functions,
# and the last line, which a download that was cut short lacks, calls them.
set -eu

# Of the release that this file is part of: `.ci/release` fills them in.
release_version=
release_key=

usage() {
    cat <<'HELP'
Puts keyward in place and sets its hooks in a git repository.

Usage: ./install.sh [OPTION]... [REPOSITORY]
       curl -fsSL https://github.com/keyward/keyward/releases/latest/download/install.sh | sh
       ./install.sh --uninstall [--keep-program] [REPOSITORY]

REPOSITORY is a directory of the working tree; without it, the current directory.

The program is that of the release for this machine. Where there is none, and in a clone that is no
release, it is built, which needs Rust and a C compiler.

  --global         set the hooks for every repository of yours
  --program-only   set no hooks
  --release        take the release, or end
  --build          build, and fetch nothing; only in a clone
  --uninstall      take the hooks away, put back those that were there before,
                   and remove the program, its completions and its manual pages
  --keep-program   with --uninstall: leave the program to other repositories
  -h, --help       show this

Environment:
  KEYWARD_BIN          the directory for the program; without it, ~/.local/bin
  KEYWARD_VERSION      the release to take, such as 0.1.0
  KEYWARD_RELEASES     where releases are, https:// or file://, if not at GitHub
  KEYWARD_RELEASE_KEY  a public SSH key; what it has not signed is not installed
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

has() { command -v "$1" >/dev/null 2>&1; }

absolute() {
    case $1 in
    /* | [A-Za-z]:*) say "$1" ;;
    *) say "$PWD/$1" ;;
    esac
}

new=
scratch=
download=
clean_up() {
    if [ -n "$new" ]; then rm -f -- "$new"; fi
    if [ -n "$scratch" ]; then rm -rf -- "$scratch"; fi
    if [ -n "$download" ]; then rm -rf -- "$download"; fi
}

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

# A release

# What Rust calls this machine, as far as there are releases for it.
find_target() {
    case $(uname -s) in
    Linux) target=unknown-linux-musl ;;
    Darwin) target=apple-darwin ;;
    MINGW* | MSYS* | CYGWIN*) target=pc-windows-msvc ;;
    *) return 1 ;;
    esac
    case $(uname -m) in
    x86_64 | amd64) target=x86_64-$target ;;
    aarch64 | arm64) target=aarch64-$target ;;
    *) return 1 ;;
    esac
}

# fetch NAME FILE: a file of the release, or 1.
fetch() {
    url=$releases/$where/$1
    case $releases in
    file://*)
        cp -- "${url#file://}" "$2" 2>/dev/null
        return
        ;;
    https://*) protocol='=https' ;;
    http://127.0.0.1[:/]* | http://localhost[:/]*) protocol='=http' ;;
    *) fail 2 "KEYWARD_RELEASES is $releases. Set it to an address with https:// or file://" ;;
    esac
    if has curl; then
        curl -fsSL --proto "$protocol" --connect-timeout 5 --retry 1 -o "$2" "$url" 2>/dev/null
    elif has wget; then
        wget -q -t 2 -T 10 -O "$2" "$url" 2>/dev/null
    else
        return 1
    fi
}

sha256() {
    if has sha256sum; then
        sum=$(sha256sum <"$1")
    elif has shasum; then
        sum=$(shasum -a 256 <"$1")
    elif has openssl; then
        sum=$(openssl dgst -sha256 -r <"$1")
    else
        fail 3 "there is no sha256sum, shasum or openssl here to check the download with. Install one of them"
    fi
    say "${sum%% *}"
}

check_signature() {
    has ssh-keygen ||
        fail 3 "there is no ssh-keygen here to check the signature with. Install OpenSSH"
    fetch SHA256SUMS.sig "$download/SHA256SUMS.sig" ||
        fail 3 "the release is not signed: there is no $url. Nothing was installed"
    say "keyward $release_key" >"$download/signers"
    ssh-keygen -Y verify -f "$download/signers" -I keyward -n keyward-release \
        -s "$download/SHA256SUMS.sig" <"$download/SHA256SUMS" >/dev/null 2>&1 ||
        fail 3 "the signature of SHA256SUMS is not by the key that is known. Nothing was installed"
}

# The line of SHA256SUMS for this machine: sets `sum` and `archive`.
find_archive() {
    while read -r sum archive; do
        archive=${archive#\*}
        case $archive in
        */*) ;;
        keyward-v*-"$target".tar.gz | keyward-v*-"$target".zip) return 0 ;;
        esac
    done <"$download/SHA256SUMS"
    return 1
}

# take_release VERSION: sets `built` to the program of that release, or of the latest one. Ends with 1
# if there is none for this machine. What is there and not as it should be ends everything.
take_release() {
    where=latest/download
    if [ -n "$1" ]; then where=download/v$1; fi
    find_target || return 1
    [ -n "$download" ] || download=$(mktemp -d "${TMPDIR:-/tmp}/keyward-download.XXXXXX") ||
        fail 3 "cannot make a temporary directory. Set TMPDIR to one that you can write to"
    fetch SHA256SUMS "$download/SHA256SUMS" || return 1
    if [ -n "$release_key" ]; then check_signature; fi
    find_archive || return 1
    fetch "$archive" "$download/$archive" ||
        fail 3 "could not fetch $url. Nothing was installed. Try again, or use --build in a clone"
    [ "$(sha256 "$download/$archive")" = "$sum" ] ||
        fail 3 "the checksum of $archive is not the one in SHA256SUMS. Nothing was installed. Try again"
    directory=${archive%.zip}
    directory=${directory%.tar.gz}
    built=$download/$directory/keyward$exe
    case $archive in
    *.zip)
        if has unzip; then
            unzip -q "$download/$archive" -d "$download"
        else
            # That of Windows itself, which reads zip.
            "${SYSTEMROOT:-/c/Windows}/System32/tar.exe" -xf "$download/$archive" -C "$download"
        fi
        ;;
    *) tar -xzf "$download/$archive" -C "$download" "$directory/keyward" ;;
    esac || fail 3 "could not unpack $archive. Nothing was installed"
    checked="Its checksum is right"
    if [ -n "$release_key" ]; then checked="Its signature and its checksum are right"; fi
    say "Fetched $url. $checked."
}

# A build

find_cargo() {
    if has cargo; then
        cargo=cargo
    elif [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        cargo=${CARGO_HOME:-$HOME/.cargo}/bin/cargo
        # cargo looks for rustc on PATH.
        PATH=${CARGO_HOME:-$HOME/.cargo}/bin:$PATH
    else
        return 1
    fi
}

build() {
    [ -n "$here" ] ||
        fail 3 "there is nothing to build here. Clone https://github.com/keyward/keyward and run ./install.sh in it"
    find_cargo ||
        fail 3 "there is no cargo here to build keyward with. Get Rust from https://rustup.rs:" \
            "  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh" \
            "and run this again."
    # Said outright, so that cargo's settings can't put the program anywhere else.
    CARGO_TARGET_DIR=$(absolute "${CARGO_TARGET_DIR:-$here/target}")
    export CARGO_TARGET_DIR
    (cd "$here" && "$cargo" build --release --locked) ||
        fail 3 "the build failed, and nothing was installed. If your Rust is too old: rustup update"
    built=$CARGO_TARGET_DIR/release/keyward$exe
    [ -f "$built" ] || fail 3 "cargo built no $built. Unset build.target in your cargo settings and run this again"
}

# A clone at the tag of its version, with nothing changed, is that release. A source archive, which has
# no history, is taken for one.
is_changed() (
    [ -n "$here" ] && [ -e "$here/.git" ] || exit 1
    forget_environment
    cd "$here" || exit
    tag=$(git describe --tags --exact-match 2>/dev/null || :)
    [ "$tag" != "v$version" ] || ! git diff --quiet HEAD
)

# Sets `built`.
get_program() {
    case $source in
    build) build ;;
    release)
        take_release "$version" ||
            fail 3 "there is no release ${version:-at all} for $(uname -sm) at $releases, or it can't be reached." \
                "In a clone of https://github.com/keyward/keyward, with Rust: ./install.sh --build"
        ;;
    either)
        if find_cargo && is_changed; then
            build
        elif take_release "$version"; then
            :
        elif [ -n "$here" ] && find_cargo; then
            build
        elif [ -n "$any_release" ] && take_release ""; then
            :
        else
            say "There is no release for $(uname -sm) at $releases, or it can't be reached." >&2
            build
        fi
        ;;
    esac
}

# Written under another name and renamed: a hook never meets half a program.
put_program() {
    if [ -e "$program" ] && ! is_keyward "$program"; then
        fail 3 "$program is another program. Move it away, or set KEYWARD_BIN to another directory"
    fi
    mkdir -p -- "$bin" || fail 3 "cannot make $bin. Set KEYWARD_BIN to a directory that you can write to"
    if ! cmp -s -- "$built" "$program"; then
        new=$bin/.keyward-new.$$
        { cp -- "$built" "$new" && chmod 755 "$new"; } ||
            fail 3 "cannot write to $bin. Set KEYWARD_BIN to a directory that you can write to"
        is_keyward "$new" ||
            fail 3 "the program does not run in $bin, and nothing was installed." \
                "Set KEYWARD_BIN to a directory that programs run from; in a clone, try --build"
        mv -f -- "$new" "$program" || fail 3 "cannot write $program. Set KEYWARD_BIN to another directory"
        new=
    fi
}

# The hooks, and the proof

set_hooks() {
    case $hooks in
    none) ;;
    global) "$program" install --global ;;
    here)
        (cd "$top" && "$program" install)
        hook=$(cd "$top" && absolute "$(git rev-parse --git-path hooks/pre-commit)")
        if [ -e "$hook" ] && [ ! -x "$hook" ]; then
            fail 3 "git can't run $hook: its file system runs no programs. Mount it without noexec and run this again"
        fi
        ;;
    esac
}

# A key is made up here and now, since no file may hold one, and committed in a repository that
# exists only for that, with settings and a home of its own.
self_test() {
    # Programs run from there; from a temporary directory they need not.
    scratch=$(mktemp -d "$bin/.keyward-self-test.XXXXXX")
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
    say "Self-test: a commit with a made-up key was refused, a clean one was not."
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

# What shells and man look for: share/ beside bin/.

find_share() {
    case $bin in
    */bin) share=${bin%/bin}/share ;;
    *) return 1 ;;
    esac
    bash_file=$share/bash-completion/completions/keyward
    fish_file=$share/fish/vendor_completions.d/keyward.fish
    zsh_file=$share/zsh/site-functions/_keyward
    man=$share/man/man1
}

put_documents() {
    find_share || return 0
    if mkdir -p -- "${bash_file%/*}" "${fish_file%/*}" "${zsh_file%/*}" "$man" &&
        "$program" completions bash >"$bash_file" &&
        "$program" completions fish >"$fish_file" &&
        "$program" completions zsh >"$zsh_file" &&
        "$program" man "$man"; then
        say "Completions for bash, fish and zsh, and the manual pages, are in $share."
        case $shell:$share in
        zsh:/usr/*) ;;
        zsh:*) say "zsh finds its own with this in .zshrc, above compinit: fpath=(\"${zsh_file%/*}\" \$fpath)" ;;
        esac
    else
        say "Completions and manual pages could not be written to $share; all else is well." >&2
    fi
}

remove_documents() {
    find_share || return 0
    rm -f -- "$bash_file" "$fish_file" "$zsh_file" "$man"/keyward.1 "$man"/keyward-*.1
}

# The one line that puts the program on PATH, for the shell that the user has.
tell_path() {
    case ":$PATH:" in
    *":$bin:"*) return 0 ;;
    esac
    # As people write it, which also holds for a home that moves.
    shown=$bin
    case $bin in
    "$HOME"/*) shown="\$HOME${bin#"$HOME"}" ;;
    esac
    case $shell in
    fish) line="fish_add_path \"$shown\"" ;;
    zsh) line="echo 'export PATH=\"$shown:\$PATH\"' >>\"\${ZDOTDIR:-\$HOME}/.zshrc\"" ;;
    bash)
        rc=.bashrc
        if [ "$(uname -s)" = Darwin ]; then rc=.bash_profile; fi
        line="echo 'export PATH=\"$shown:\$PATH\"' >>\"\$HOME/$rc\""
        ;;
    *) line="echo 'export PATH=\"$shown:\$PATH\"' >>\"\$HOME/.profile\"" ;;
    esac
    case $shown in
    *[\'\"\\\`]*) line="put $bin on PATH in the settings of your shell" ;;
    esac
    say "The hooks find keyward, but it is not on your PATH, and you need it there to call it. Once:"
    say "  $line"
    say "and open a new terminal."
}

install() {
    get_program
    put_program
    say "$("$program" --version) is at $program."
    set_hooks
    if [ "$hooks" != none ]; then self_test; fi
    put_documents
    tell_path
}

uninstall() {
    runs=
    for candidate in "$program" "$(command -v keyward || :)" ${here:+"${CARGO_TARGET_DIR:-$here/target}/release/keyward$exe"}; do
        if [ -z "$runs" ] && [ -f "$candidate" ] && is_keyward "$candidate"; then
            runs=$candidate
        fi
    done
    if [ "$hooks" != none ]; then
        [ -n "$runs" ] || fail 3 "there is no keyward at $program nor on PATH to take the hook away with." \
            "If it went elsewhere, set KEYWARD_BIN; if it is gone, the next commit says how to remove the hook."
    fi
    case $hooks in
    none) ;;
    global) "$runs" uninstall --global ;;
    here) (cd "$top" && "$runs" uninstall) ;;
    esac
    if [ ! -e "$program" ]; then
        say "There is no program at $program to remove."
    elif [ "$keep_program" = yes ]; then
        say "The program stays at $program. To remove it too: ./install.sh --uninstall --program-only"
    elif ! is_keyward "$program"; then
        say "$program is another program, and stays."
    else
        rm -f -- "$program" || fail 3 "cannot remove $program. Remove it by hand"
        remove_documents
        say "Removed the program, $program, its completions and its manual pages."
        say "Other repositories with the hook now refuse commits, and say how to mend that. To keep the program, use --keep-program."
    fi
}

# The directory of the clone that this file is in, or nothing.
find_clone() {
    here=
    case $0 in
    *install.sh) ;;
    *) return 0 ;;
    esac
    here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
    grep -q '^name = "keyward"$' "$here/Cargo.toml" 2>/dev/null || here=
}

find_repository() {
    if [ -n "$repository" ]; then
        [ -d "$repository" ] || fail 2 "$repository is no directory. See ./install.sh --help"
        forget_environment
        top=$(cd -- "$repository" && git rev-parse --show-toplevel) ||
            fail 2 "$repository is in no git working tree. Name one, or make one with: git init"
    else
        top=$(git rev-parse --show-toplevel) ||
            fail 2 "$PWD is in no git working tree. Go into one, or name one: ./install.sh REPOSITORY" \
                "For every repository of yours, and with a pipe: ... | sh -s -- --global"
    fi
}

main() {
    trap clean_up EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM

    action=install
    hooks=here
    source=either
    keep_program=no
    repository=
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help)
            usage
            exit 0
            ;;
        --global) hooks=global ;;
        --program-only) hooks=none ;;
        --release) source=release ;;
        --build) source=build ;;
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
    [ -z "$repository" ] || [ "$hooks" = here ] ||
        fail 2 "a repository goes with neither --global nor --program-only. See ./install.sh --help"

    [ -n "${HOME-}" ] || fail 2 "HOME is not set. Set it and run this again"
    if [ "$hooks" != none ]; then
        has git || fail 3 "there is no git on PATH. Install it and run this again"
    fi
    if [ "$hooks" = here ]; then find_repository; fi

    find_clone
    version=${KEYWARD_VERSION:-$release_version}
    # Which release it is, nobody said: if the clone's is none yet, the latest is better than none.
    any_release=
    if [ -z "$version" ] && [ -n "$here" ]; then
        any_release=yes
        version=$(sed -n 's/^version = "\(.*\)"$/\1/p' "$here/Cargo.toml" | head -n 1)
    fi
    version=${version#v}
    release_key=${KEYWARD_RELEASE_KEY:-$release_key}
    releases=${KEYWARD_RELEASES:-https://github.com/keyward/keyward/releases}
    releases=${releases%/}
    bin=$(absolute "${KEYWARD_BIN:-$HOME/.local/bin}")
    shell=${SHELL-}
    shell=${shell##*/}
    case $(uname -s) in
    MINGW* | MSYS* | CYGWIN*) exe=.exe ;;
    *) exe= ;;
    esac
    program=$bin/keyward$exe
    "$action"
    exit 0
}

main "$@"
