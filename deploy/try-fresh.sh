#!/usr/bin/env bash
# Runs a command in a clean clone on a bare Debian 12, as someone does who has just got a machine:
#
#   deploy/try-fresh.sh ./dev test
#
# Only what is committed is there. Needs root on Debian 12; see deploy/image/rootfs.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=deploy/image/rootfs.sh
source deploy/image/rootfs.sh

((EUID == 0)) || { echo "try-fresh: needs root" >&2; exit 1; }
command -v debootstrap >/dev/null || apt-get install -y -qq debootstrap >/dev/null
mkdir -p build/image
make_base
new_root fresh
git clone -q . build/image/fresh/recloser
(($#)) || set -- ./dev test
enter build/image/fresh /recloser "$@"
