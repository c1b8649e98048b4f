# >>> keyward @KIND@ >>>
# Keeps API keys out of what is committed: runs the rest of this file, then keyward. Whoever has none
# is told how to get it. `keyward install` wrote these lines, and `keyward uninstall` takes them away.
if [ "${1-}" = keyward:rest ]; then shift; else
    @REST@
    keyward_program=@PROGRAM@
    if ! [ -f "$keyward_program" ] || ! [ -s "$keyward_program" ] || ! [ -x "$keyward_program" ]; then
        keyward_program=$(command -v keyward) &&
            case $("$keyward_program" --version 2>/dev/null </dev/null) in 'keyward '*) ;; *) false ;; esac || {
            echo "keyward: its program is neither on PATH nor where the team has it, so @OUTCOME@.
  to go on   install it (https://github.com/keyward/keyward), or say where it is: keyward install
  just once  the same command with --no-verify" >&2
            exit 3
        }
    fi
    @CALL@
fi
# <<< keyward @KIND@ <<<
