#!/bin/sh
# The image's last stage: the shared libraries of Debian 12 that the binary is linked with, and nothing else.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends \
  ca-certificates \
  libboost-url1.81.0 \
  libedit2 \
  libfmt9 \
  libprometheus-cpp-core1.0 \
  libsimdjson14 \
  libspdlog1.10 \
  libssl3 \
  libyaml-cpp0.7 \
  >/dev/null
rm -rf /var/lib/apt/lists/*
