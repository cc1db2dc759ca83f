# ./dev clean: everything that a build or a test made. Accounts and state live elsewhere and stay.
# shellcheck shell=bash

verb_clean() {
  rm -rf "$ROOT/build" "$ROOT/tests/node_modules"
  echo "removed build/ and tests/node_modules/"
}
