#!/bin/bash
# Boots the guest once and runs test/vm in it: `npm run test:vm`.
set -eu
cd "$(dirname "$0")/../../.."
settings=$(test/support/vm/setup.sh)
eval "$settings"
exec test/support/vm/run.sh -t 900 "$(command -v node) test/vm/main.mjs"
