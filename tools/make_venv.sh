#!/bin/sh
# Make a virtual environment at $1 with the first Python of at least 3.11; say in one line what is missing.
set -eu
target=$1
for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    command -v "$name" >/dev/null 2>&1 || continue
    "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || continue
    if ! "$name" -c 'import ensurepip, venv' 2>/dev/null; then
        echo "xuncha: $name cannot make virtual environments. On Debian and Ubuntu: sudo apt-get install python3-venv" >&2
        exit 1
    fi
    echo "making $target with $("$name" --version) …"
    exec "$name" -m venv "$target"
done
found=$(python3 --version 2>/dev/null || echo "no python3")
echo "xuncha: Python 3.11 or later is needed, found $found. Install it, or say where it is: make serve PYTHON=…" >&2
exit 1
