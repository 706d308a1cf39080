#!/usr/bin/env bash
# Installs the checkers of all languages: what Debian, PyPI and npm have. Java's and Python's come with `make setup`.
# Says what it does, and does nothing twice. Called by `make languages`.
#
# A language adds its commands to `debian`, its packages to `npm`, and PyPI's to the extra `languages` of
# pyproject.toml, with their versions in constraints.txt.
set -euo pipefail
cd "$(dirname "$0")/.."
task=languages
source scripts/install.sh

# A command, and Debian's package that has it. It is installed where the command is not found.
debian=(
    "gcc gcc"           # C
    "g++ g++"           # C++
    "rustc rustc"       # Rust
    "iverilog iverilog" # SystemVerilog
    "node nodejs"       # TypeScript, JavaScript
    "npm npm"           # for what follows
    "ocamlc ocaml-nox"  # recipes/languages/ocaml.toml
    "php php-cli"       # recipes/languages/php.toml
)
# Packages of npm, each with its version.
npm=(
    typescript@7.0.2       # TypeScript, JavaScript
    kotlin-compiler@2.4.20 # Kotlin
)
node_packages=$venv/lib/node
stamp=$venv/.rlcf-languages

install_commands() {
    local entry command package missing=()
    for entry in "${debian[@]}"; do
        read -r command package <<<"$entry"
        command -v "$command" >/dev/null || missing+=("$package")
    done
    install_debian "${missing[@]}"
}

install_packages() {
    local want
    want=$(cat pyproject.toml constraints.txt scripts/languages.sh | sha256sum | cut -d' ' -f1)
    [ "$(cat $stamp 2>/dev/null)" = "$want" ] && return
    say "installing Python packages (300 MB the first time)"
    install_python -e '.[languages]'
    say "installing ${npm[*]} in $node_packages"
    mkdir -p $node_packages
    npm install --silent --prefix $node_packages --no-save --no-package-lock --no-audit --no-fund --ignore-scripts \
        "${npm[@]}" >/dev/null
    echo "$want" >$stamp
}

install_commands
install_packages
say "ready"
