#!/usr/bin/env bash
# What action.yml runs: annotations on standard output, and a SARIF report where one is asked for.
#
# environment: KEYWARD_RANGE  commits, BASE..HEAD; all files of the checkout if it is empty
#              KEYWARD_SARIF  the report's file; none is written if it is empty
set -euo pipefail

what=(.)
if [[ -n ${KEYWARD_RANGE-} ]]; then
    what=("--range=$KEYWARD_RANGE")
fi
code=0
keyward scan --format github "${what[@]}" || code=$?
if [[ -n ${KEYWARD_SARIF-} ]]; then
    again=0
    keyward scan --format sarif "${what[@]}" >"$KEYWARD_SARIF" || again=$?
    if ((again > code)); then
        code=$again
    fi
fi
exit "$code"
