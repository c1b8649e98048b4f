# >>> keyward @KIND@ >>>
# Runs the rest of this file, then keyward. `keyward install` wrote these lines and
# `keyward uninstall` takes them away; a team may commit them.
if [ "${1-}" = keyward:rest ]; then
    shift
else
    unset keyward_input
    # The self-test of `keyward doctor` leaves the rest out.
    case @INPUT@ in
    refs)
        # git tells the refs once, and both want to know. A shell drops the last line's end.
        keyward_input=$(cat && echo .)
        keyward_input=${keyward_input%.}
        [ -n "${KEYWARD_SELF_TEST-}" ] ||
            printf %s "$keyward_input" 2>/dev/null | sh -e "$0" keyward:rest "$@" || exit
        ;;
    *) [ -n "${KEYWARD_SELF_TEST-}" ] || sh -e "$0" keyward:rest "$@" || exit ;;
    esac
    keyward_run() {
        if [ -n "${keyward_input+set}" ]; then
            printf %s "$keyward_input" 2>/dev/null | "$@"
            exit
        fi
        exec "$@"
    }
    keyward_program=@PROGRAM@
    if [ -f "$keyward_program" ] && [ -s "$keyward_program" ] && [ -x "$keyward_program" ]; then
        keyward_run "$keyward_program" hook @KIND@ "$@"
    fi
    if command -v keyward >/dev/null 2>&1; then
        keyward_run keyward hook @KIND@ "$@"
    fi
    {
        printf 'keyward: its program is neither at %s nor on PATH, so @OUTCOME@.\n' "$keyward_program"
        printf '  to go on   install it (https://github.com/keyward/keyward), then run here: keyward install\n'
        printf '  to remove  delete the lines between the two keyward marks in %s\n' "$0"
    } >&2
    exit 3
fi
# <<< keyward @KIND@ <<<
