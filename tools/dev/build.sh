# ./dev build [--preset NAME] [target…]
# shellcheck shell=bash

source tools/dev/setup.sh

verb_build() {
  local preset=release
  if [[ ${1:-} == --preset ]]; then
    preset=${2:?"--preset needs a name"}
    shift 2
  elif [[ ${1:-} == --preset=* ]]; then
    preset=${1#--preset=}
    shift
  fi
  if [[ $preset == fuzz ]]; then verb_setup fuzz; else verb_setup build; fi
  # clang 14 cannot assemble instrumented coroutines, so not everything can be built for fuzzing.
  if [[ $preset == fuzz && $# -eq 0 ]]; then set -- fuzz; fi
  build_preset "$preset" "$@"
}
