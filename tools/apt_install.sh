#!/bin/sh
# apt_install.sh PACKAGE: install one of the system's packages where that needs no question; fails without a word else.
set -eu
command -v apt-get >/dev/null 2>&1 || exit 1
if [ "$(id -u)" = 0 ]; then as_root=""
elif sudo -n true 2>/dev/null; then as_root="sudo -n"
else exit 1
fi
echo "installing $1 from the system's packages …"
{ $as_root apt-get install -y -qq "$1" || { $as_root apt-get update -qq &&
    $as_root apt-get install -y -qq "$1"; }; } >/dev/null 2>&1
