#!/bin/sh
# Makes or renews .venv: environment.sh PYTHON WHAT STAMP.
set -eu
python=$1 what=$2 stamp=$3
log=.venv/install.log

say() { printf '%s\n' "$*" >&2; }
stop() { say "$@"; exit 1; }

usable() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# Somebody whose python3 is older often has a newer one beside it.
choose_python() {
    for candidate in "$python" python3.11 python3.12 python3.13; do
        if usable "$candidate"; then
            python=$candidate
            return
        fi
    done
    stop "Goodword needs Python 3.11 or newer, and '$python' is not that." \
        "Install it (Debian: apt install python3 python3-venv)," \
        "or name one: make PYTHON=/path/to/python3.11 …"
}

make_venv() {
    choose_python
    "$python" -c 'import venv, ensurepip' 2>/dev/null || stop \
        "'$python' cannot make virtual environments. Install what it lacks" \
        "(Debian: apt install python3-venv) and try again."
    "$python" -m venv --clear .venv
}

moved() {
    [ -f .venv/where ] && [ "$(cat .venv/where)" != "$(pwd -P)" ]
}

if ! usable .venv/bin/python || ! .venv/bin/python -m pip --version >/dev/null 2>&1 || moved; then
    make_venv
fi

case $what in
    .) name=Goodword ;;
    *) name="what the tests need" ;;
esac
say "Installing $name into .venv; this is done once and takes less than a minute …"
started=$(date +%s)
if ! .venv/bin/python -m pip install --quiet --disable-pip-version-check --prefer-binary \
    --constraint constraints.txt --editable "$what" >"$log" 2>&1; then
    tail -n 15 "$log" >&2
    stop "The installation failed; the lines above say why, and $log has all of them." \
        "Without a line to a Python package index nothing can be installed: try again when there is one."
fi
pwd -P >.venv/where
touch "$stamp"
say "Installed in $(($(date +%s) - started)) s."
