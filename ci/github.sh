#!/usr/bin/env bash
# What action.yml runs.
#
# usage: ci/github.sh take    the release of this version, its checksum checked; tells the steps after
#                             it whether there was one (taken) and what is built otherwise (source)
#        ci/github.sh build   what `take` did not take, unless the cache had it
#        ci/github.sh scan    annotations on standard output, a summary of the job, and a SARIF report
#                             where one is asked for
#
# environment of scan: KEYWARD_RANGE    commits, BASE..HEAD, or "all" for every file of the checkout;
#                                       if it is empty or "auto", what the event brings
#                      KEYWARD_BASE, KEYWARD_HEAD  the ends of what the event brings
#                      KEYWARD_DEFAULT  the default branch, which a new branch is compared with
#                      KEYWARD_SARIF    the report's file; none is written if it is empty
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
bin=${RUNNER_TEMP:-/tmp}/keyward

install_program() {
    HOME=${HOME:-$bin} KEYWARD_BIN=$bin sh "$top/install.sh" --program-only "$@"
}

take() {
    local taken=false
    if [[ ${KEYWARD_BUILD-} != true ]] && install_program --release; then
        taken=true
    fi
    {
        echo "taken=$taken"
        # As long as this stays, what was built of it may be taken from the cache.
        echo "source=$(cd "$top" && find Cargo.lock Cargo.toml build build.rs hooks src -type f |
            LC_ALL=C sort | git hash-object --stdin-paths | git hash-object --stdin)"
    } >>"$GITHUB_OUTPUT"
}

build() {
    "$bin/keyward" --version 2>/dev/null || install_program --build
}

there() {
    git rev-parse --quiet --verify --end-of-options "$1^{commit}" >/dev/null 2>&1
}

# Sets `what` to the arguments of the scan.
choose() {
    case ${KEYWARD_RANGE:-auto} in
    all)
        what=(.)
        return
        ;;
    auto) ;;
    *)
        what=("--range=$KEYWARD_RANGE")
        return
        ;;
    esac
    local base=${KEYWARD_BASE-} head=${KEYWARD_HEAD-}
    if [[ ${GITHUB_EVENT_NAME-} == push ]] && { [[ -z ${base//0/} ]] || ! there "$base"; }; then
        # A new branch, or one whose old end is gone.
        base=
        if there "refs/remotes/origin/${KEYWARD_DEFAULT-}"; then
            base=origin/$KEYWARD_DEFAULT
        fi
    fi
    if [[ -n $base ]]; then
        what=("--range=$base..$head")
    else
        what=(.)
    fi
}

scan() {
    local what again code=0
    if [[ -x $bin/keyward || -x $bin/keyward.exe ]]; then
        PATH=$bin:$PATH
    fi
    choose
    # This also writes the summary of the job.
    keyward scan --format github "${what[@]}" || code=$?
    if ((code > 1)) && [[ $(git rev-parse --is-shallow-repository 2>/dev/null) == true ]]; then
        echo "::error::history is cut off here: give actions/checkout \"fetch-depth: 0\""
    fi
    if [[ -n ${KEYWARD_SARIF-} ]]; then
        again=0
        keyward scan --format sarif "${what[@]}" >"$KEYWARD_SARIF" || again=$?
        if ((again > code)); then
            code=$again
        fi
    fi
    exit "$code"
}

case ${1-} in
take | build | scan) "$1" ;;
*)
    echo "usage: ci/github.sh take|build|scan" >&2
    exit 2
    ;;
esac
