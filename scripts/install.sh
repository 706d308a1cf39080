# What the scripts that install share. Sourced, after `task` has the name that their messages begin with.
# shellcheck shell=bash disable=SC2154
venv=.venv

say() { echo "$task: $*"; }

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Installs Debian's packages, unless there are none: install_debian PACKAGE…
install_debian() {
    [ $# -eq 0 ] && return
    if ! command -v apt-get >/dev/null || ! { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
        say "missing, and may not be installed by this user: ask for 'apt-get install $*'" >&2
        exit 3
    fi
    say "installing $*"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

# Installs with pip, in the tested versions: install_python ARGUMENT…
install_python() { $venv/bin/python -m pip install -q "$@" -c constraints.txt; }
