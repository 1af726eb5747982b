# shellcheck shell=bash
# A bare Debian 12 without a container engine, for bash scripts that source this file. Needs root and debootstrap.
# Everything is below build/image. Mounts live in namespaces of their own, so nothing of them is left behind.

rootfs_base=build/image/base

# The files of a new Debian 12, with this machine's package sources and extra certificate authorities. Made once.
make_base() {
  local mirror new=$rootfs_base.new
  [[ -d $rootfs_base ]] && return
  # shellcheck disable=SC2016 # apt fills it in
  mirror=$(apt-get indextargets --format '$(SITE)' 'Codename: bookworm' 2>/dev/null | sort -u | head -n 1)
  rm -rf "$new"
  mkdir -p "$new"
  debootstrap --variant=minbase bookworm "$new" ${mirror:+"$mirror"} >build/image/debootstrap.log
  if [[ -n $mirror ]]; then
    rm -f "$new/etc/apt/sources.list"
    cp -r /etc/apt/sources.list.d /etc/apt/apt.conf.d "$new/etc/apt/"
  fi
  cp -r /usr/local/share/ca-certificates "$new/usr/local/share/"
  mv "$new" "$rootfs_base"
}

# new_root NAME: a fresh copy of it as build/image/NAME.
new_root() {
  rm -rf "build/image/$1"
  cp -a "$rootfs_base" "build/image/$1"
  cp -L /etc/resolv.conf /etc/hosts "build/image/$1/etc/"
}

# enter ROOT FOLDER COMMAND...: runs the command in there. Of the environment it gets only the names in ENTER_ENV.
ENTER_ENV="PIP_CERT NODE_EXTRA_CA_CERTS http_proxy https_proxy no_proxy"
enter() {
  local root=$1 folder=$2 name
  local -a env=(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root)
  shift 2
  for name in $ENTER_ENV; do
    [[ -v $name ]] && env+=("$name=${!name}")
  done
  # shellcheck disable=SC2016 # the inner shells' variables
  unshare --mount --pid --fork --kill-child bash -euc '
    root=$1
    shift
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    exec chroot "$root" env -i "$@"
  ' enter "$root" "${env[@]}" sh -c 'cd "$0" && exec "$@"' "$folder" "$@"
}
