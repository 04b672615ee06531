#!/bin/sh
# The browser tests need a Chromium: find one, or install the system's package where that needs no question.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
find_browser() { PYTHONPATH="$root" "$root/.venv/bin/python" -m tests.fixtures.chromium >/dev/null 2>&1; }

find_browser && exit 0
for package in chromium chromium-browser; do
    sh "$root/tools/apt_install.sh" "$package" || continue
    find_browser && exit 0
done
echo "xuncha: the browser tests need Chromium or Chrome. Install it (Debian: sudo apt-get install chromium;" \
    "macOS: brew install --cask chromium), or set CHROMIUM=/path/to/it." >&2
exit 1
