#!/bin/sh
# The image's build stage: the release binary, stripped, into the folder $1. Packages: './dev setup build'.
set -eu
out=$1
./dev build release recloser
install -D -s build/release/recloser "$out/recloser"
