#!/bin/sh
# Stands in for RuSTy's `plc` and matiec's `iec2iec`: refuses a name in lower case that is assigned and not declared.
[ "$1" = --version ] && { echo "${0##*/} (stand-in)"; exit 0; }
for file; do :; done
LC_ALL=C known=" " number=0 status=0
while IFS= read -r line || [ -n "$line" ]; do
    number=$((number + 1))
    case $line in FUNCTION\ *) name=${line#FUNCTION }; known="$known${name%% *} " ;; esac
    case $line in *" : "*) name=${line%% : *}; known="$known${name##* } " ;; esac
    case $line in *" := "*) ;; *) continue ;; esac
    right=${line#* := }
    for word in $right; do
        word=${word%%[!a-z]*}
        [ -n "$word" ] || continue
        case $known in *" $word "*) continue ;; esac
        before="${line%%" := "*} := ${right%%"$word"*}"
        column=$((${#before} + 1))
        end=$((column + ${#word}))
        case ${0##*/} in
            plc)
                echo "$file:$number:$column:{$number:$column-$number:$end}: error[E048]: Could not resolve reference to $word"
                ;;
            *) echo "$file:$number-$column..$number-$end: error: Variable not declared in this scope." ;;
        esac
        status=1
    done
done <"$file"
[ $status = 0 ] || echo "Compilation aborted due to critical errors"
exit $status
