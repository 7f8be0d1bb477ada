#!/bin/sh
# Writes constraints.txt anew from what pip finds today: lock.sh PYTHON.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$1" -m venv "$folder/venv"
"$folder/venv/bin/python" -m pip install --quiet --prefer-binary ".[dev]"
{
    echo "# The versions that were tested together; \`make lock\` writes this file anew."
    "$folder/venv/bin/python" -m pip freeze --exclude goodword | sort -f
} >constraints.txt
echo "constraints.txt names $(grep -c == constraints.txt) packages."
