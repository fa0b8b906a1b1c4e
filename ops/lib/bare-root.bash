# A bare Debian in $root, whose processes and mounts end with their namespaces, for scripts that source this file and rehearsal.bash from
# the root of the project. Needs root, mmdebstrap and unshare. The registry of cargo and the settings of package registries come from
# the machine; HOME, CARGO_HOME and PATH are paths in the bare root.
# shellcheck shell=bash disable=SC2154

registry=${CARGO_HOME:-$HOME/.cargo}/registry

# Makes the root, with a clone of this commit in /airq: `make_root SUITE [OPTION OF MMDEBSTRAP…]`.
make_root() {
  mmdebstrap --quiet --variant=minbase --include=ca-certificates,gcc,git,libc6-dev "${@:2}" "$1" "$root"
  git -c init.defaultBranch=main clone --quiet --no-local . "$root/airq"
  mkdir -p "$root/root/.cargo/registry" "$registry"
  # The settings of package registries, if this machine has them.
  local file
  for file in /etc/pip.conf /etc/npmrc /usr/etc/npmrc "$HOME/.npmrc" /etc/ssl/certs/ca-certificates.crt /usr/local/share/ca-certificates; do
    [ ! -e "$file" ] || { mkdir -p "$root${file%/*}" && cp -rL "$file" "$root${file%/*}/"; }
  done
  cp -L /etc/resolv.conf "$root/etc/resolv.conf"
  cat > "$root/enter" << 'END'
set -eu
root=$1
shift
for folder in dev proc sys; do mount --rbind "/$folder" "$root/$folder"; done
mount -t proc proc "$root/proc"
while [ "$1" != -- ]; do
  mkdir -p "$root${1#*:}"
  mount --bind "${1%%:*}" "$root${1#*:}"
  shift
done
shift
exec chroot "$root" /bin/bash -euo pipefail -c 'cd /airq && exec "$@"' bash "$@"
END
}

# Runs a command in /airq of the root, with the directories of $mounts, each as DIRECTORY:DIRECTORY IN THE ROOT.
inside() {
  unshare --mount --pid --fork --kill-child --propagation private \
    bash "$root/enter" "$root" "$registry:/root/.cargo/registry" "${mounts[@]}" -- \
    env -u RUSTUP_TOOLCHAIN -u RUSTUP_HOME -u CARGO_TARGET_DIR -u AIRQ_CLI -u AIRQ_SERVER -u XDG_CACHE_HOME \
    HOME=/root CARGO_HOME=/root/.cargo PATH=/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    CI=true CARGO_INCREMENTAL=0 "$@"
}
