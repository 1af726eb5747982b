#!/usr/bin/env bash
# Carries out the Dockerfile on a machine without a container engine. debootstrap makes the base image, each stage is a
# folder below build/image, RUN happens in a chroot. Then the result is started as an engine would start it (user,
# entrypoint, nothing writable, a network of its own) and looked at. Needs root on Debian 12.
#
# Not shown by this: image layers, the registry's own debian:12-slim (it is debootstrap's minbase less documentation), and
# being process 1.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=deploy/image/rootfs.sh
source deploy/image/rootfs.sh

say() { printf '== %s\n' "$*"; }
die() { printf 'try-dockerfile: %s\n' "$*" >&2; exit 1; }

# ---- the instructions that our Dockerfile uses -----------------------------------------------------------------------

stage="" folder=/ user="" entrypoint="" cmd="" healthcheck=""

exec_form() { tr -d '[]",' <<<"$1"; } # ["a", "b"] as words; none of ours has a space inside

copy() { # [--from=STAGE] SOURCE... TARGET/
  local from=. target=${!#} source
  if [[ $1 == --from=* ]]; then
    from=build/image/${1#--from=}
    shift
  fi
  [[ $target == /* ]] || target=$folder/$target
  mkdir -p "$stage$target"
  for source in "${@:1:$#-1}"; do
    if [[ $source == . ]]; then
      sed 's|^|./|' .dockerignore | tar -c --anchored --no-wildcards-match-slash -X - . | tar -x -C "$stage$target"
    else
      cp -a "$from/$source" "$stage$target"
    fi
  done
}

carry_out() { # INSTRUCTION ARGUMENTS
  local instruction=$1 rest=$2 args
  read -ra args <<<"$rest"
  case $instruction in
    FROM)
      [[ ${args[0]} == debian:12-slim ]] || die "only debian:12-slim can be made here, not ${args[0]}"
      stage=build/image/${args[2]:-final} folder=/
      new_root "$(basename "$stage")"
      ;;
    WORKDIR) folder=$rest && mkdir -p "$stage$folder" ;;
    COPY) copy "${args[@]}" ;;
    RUN) enter "$stage" "$folder" sh -c "$rest" ;;
    USER) user=$rest ;;
    EXPOSE) ;;
    HEALTHCHECK) healthcheck=$(exec_form "${rest#*CMD }") ;;
    ENTRYPOINT) entrypoint=$(exec_form "$rest") ;;
    CMD) cmd=$(exec_form "$rest") ;;
    *) die "the Dockerfile uses $instruction, which this script does not know" ;;
  esac
}

image() {
  local instruction rest
  while read -r instruction rest <&3; do
    [[ -z $instruction || $instruction == \#* ]] && continue
    say "$instruction $rest"
    carry_out "$instruction" "$rest"
  done 3<Dockerfile
}

# ---- a look at the result, in namespaces of its own ------------------------------------------------------------------

look() { # ROOT USER HEALTHCHECK START
  local root=$1 user=$2 healthcheck=$3 start=$4 daemon status=0
  local -a run=(chroot --userspec="$user" "$root" env -i)
  ip link set lo up
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --bind "$root" "$root"
  mount -o remount,bind,ro "$root"
  root=$PWD/$root

  if ("${run[@]}" touch /tmp/x) 2>/dev/null; then die "the root filesystem is not read-only"; fi
  # shellcheck disable=SC2086 # commands as words
  timeout 5 "${run[@]}" $start || status=$?
  ((status != 0 && status != 124)) || die "it started on all addresses without client keys"
  say "refused to start without client keys"

  # shellcheck disable=SC2086
  "${run[@]}" RECLOSER_KEYS=first,second $start &
  daemon=$!
  # shellcheck disable=SC2086
  timeout 10 bash -c 'until "$@"; do sleep 0.1; done' until "${run[@]}" $healthcheck 2>/dev/null || die "not healthy"
  say "healthy"

  ask() { curl -sS -o /dev/stderr -w '%{http_code}' "$@" http://localhost:4100/v1/chat/completions \
    -H 'content-type: application/json' -d '{"model":"demo/echo","messages":[{"role":"user","content":"hello"}]}'; }
  [[ $(ask) == 401 ]] || die "a request without a key was not refused"
  [[ $(ask -H 'authorization: Bearer second') == 200 ]] || die "a request with a key was not answered"
  printf '\n'
  say "answers requests with a key only"

  kill "$daemon"
  wait "$daemon" || die "it did not stop well"
  say "stopped well"
}

if [[ ${1:-} == --look ]]; then
  look "${@:2}"
  exit
fi

((EUID == 0)) || die "needs root"
for tool in debootstrap unshare ip curl; do
  command -v "$tool" >/dev/null || apt-get install -y -qq debootstrap util-linux iproute2 curl >/dev/null
done
mkdir -p build/image
say "base image"
make_base
image
say "size: $(du -sh "$stage" | cut -f 1) on disk, base $(du -sh "$rootfs_base" | cut -f 1), binary $(du -h "$stage/usr/local/bin/recloser" | cut -f 1)"
unshare --mount --pid --net --fork --kill-child bash "${BASH_SOURCE[0]}" --look "$stage" "$user" "$healthcheck" "$entrypoint $cmd"
