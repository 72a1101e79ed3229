#!/bin/bash
# setup.sh [DIR]: fetches what run.sh needs from Debian's packages into DIR (default ~/.cache/nslab-vm):
# a stock kernel with its modules, and a static busybox. Installs qemu-system-x86, and wg(8) to compare with. As root; idempotent.
# Prints the variables that run.sh wants.
set -eu
dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/nslab-vm}
mkdir -p "$dir/debs"
{ command -v qemu-system-x86_64 && command -v wg && command -v python3 && command -v xz && command -v depmod; } >/dev/null || {
  apt-get update -q
  DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends qemu-system-x86 kmod xz-utils python3 wireguard-tools
} >&2
unpack() { # package, folder
  [ -e "$dir/$2/.done" ] && return
  (cd "$dir/debs" && chmod 777 . && apt-get download -q "$1" >&2)
  mkdir -p "$dir/$2" && dpkg -x "$dir/debs/$1"_*.deb "$dir/$2" && touch "$dir/$2/.done" && rm -f "$dir/debs/$1"_*.deb
}
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*-amd64\).*/\1/p' | head -n 1)
[ -n "$kernel" ] || { apt-get update -q >&2; kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9][^ ]*-amd64\).*/\1/p' | head -n 1); }
unpack "$kernel" kernel
unpack busybox-static busybox
echo "export VM_KERNEL=$dir/kernel VM_BUSYBOX=$dir/busybox/bin/busybox VM_CACHE=$dir/cache"
