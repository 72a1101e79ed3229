#!/bin/bash
# Boots the guest once and runs test/vm in it: `npm run test:vm`.
set -eu
cd "$(dirname "$0")/../../.."
settings=$(test/support/vm/setup.sh)
eval "$settings"
# A spare card with no network behind it.
export VM_QEMU='-netdev hubport,id=spare,hubid=0 -device virtio-net-pci,netdev=spare,romfile='
exec test/support/vm/run.sh -t 1500 "$(command -v node) test/vm/main.mjs"
