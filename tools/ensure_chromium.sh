#!/bin/sh
# The browser tests need a Chromium: find one, or install the system's package where that needs no question.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
find_browser() { PYTHONPATH="$root" "$root/.venv/bin/python" -m tests.fixtures.chromium >/dev/null 2>&1; }

find_browser && exit 0
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif sudo -n true 2>/dev/null; then as_root="sudo -n"
    else as_root="no"
    fi
    if [ "$as_root" != no ]; then
        echo "installing Chromium from the system's packages …"
        for package in chromium chromium-browser; do
            { $as_root apt-get install -y -qq "$package" || { $as_root apt-get update -qq &&
                $as_root apt-get install -y -qq "$package"; }; } >/dev/null 2>&1 || continue
            find_browser && exit 0
        done
    fi
fi
echo "xuncha: the browser tests need Chromium or Chrome. Install it (Debian: sudo apt-get install chromium;" \
    "macOS: brew install --cask chromium), or set CHROMIUM=/path/to/it." >&2
exit 1
