# ./dev bench: the gateway against nginx and against the provider itself, interleaved in the same run.
# shellcheck shell=bash

source tools/dev/setup.sh

verb_bench() {
  verb_setup bench
  # Whoever brings programs has built them.
  [[ " $* " == *" --bin "* ]] || build_preset release
  export PATCHBAY_BIN_DIR=$ROOT/build/release/bin
  exec "$ROOT/bench/gateway/run" "$@"
}
