# >>> keyward @KIND@ >>>
# Runs the rest of this file, then keyward. `keyward install` wrote these lines and
# `keyward uninstall` takes them away; a team may commit them.
if [ "${1-}" = keyward:rest ]; then
    shift
else
    # `keyward doctor` leaves the rest out.
    [ -n "${KEYWARD_SELF_TEST-}" ] || sh -e "$0" keyward:rest "$@" || exit
    keyward_program=@PROGRAM@
    if [ -f "$keyward_program" ] && [ -s "$keyward_program" ] && [ -x "$keyward_program" ]; then
        exec "$keyward_program" hook @KIND@ "$@"
    fi
    if command -v keyward >/dev/null 2>&1; then
        exec keyward hook @KIND@ "$@"
    fi
    {
        printf 'keyward: its program is neither at %s nor on PATH, so this commit is refused.\n' "$keyward_program"
        printf '  to go on   install it (https://github.com/keyward/keyward), then run here: keyward install\n'
        printf '  to remove  delete the lines between the two keyward marks in %s\n' "$0"
    } >&2
    exit 3
fi
# <<< keyward @KIND@ <<<
