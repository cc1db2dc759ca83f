# What the verbs of ./dev share. Sourced, never run.
# shellcheck shell=bash

say() { printf '\033[1m▸ %s\033[0m\n' "$*" | if [[ -t 1 && -z ${NO_COLOR:-} ]]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi; }
die() {
  echo "./dev: $*" >&2
  exit 1
}
usage_error() {
  echo "./dev: $*" >&2
  exit 64
}

# Objects are shared between build directories and checkouts.
export CCACHE_BASEDIR=$ROOT CCACHE_NOHASHDIR=1 CCACHE_SLOPPINESS=pch_defines,time_macros

# The programs that make up a gateway.
# shellcheck disable=SC2034 # for run.sh
readonly PROGRAMS=(patchbayd patchbay patchbay-frontend patchbay-accounts patchbay-upstream patchbay-ollama)

# Configures when needed and builds. build_preset PRESET [TARGET…]
build_preset() {
  local preset=$1
  shift
  local directory=$ROOT/build/$preset
  if [[ ! -f $directory/build.ninja || CMakePresets.json -nt $directory/build.ninja ]]; then
    cmake --preset "$preset" >"$(log_of "configure-$preset")" 2>&1 || {
      cat "$(log_of "configure-$preset")" >&2
      echo "./dev: cannot configure build/$preset" >&2
      return 1
    }
  fi
  # As many compilers as there are cores: the heaviest files take more than a gigabyte each.
  ninja -C "$directory" -j "$(nproc)" "$@"
}

log_of() {
  mkdir -p "$ROOT/build/logs"
  echo "$ROOT/build/logs/$1.log"
}

node_major() { node --version 2>/dev/null | sed -n 's/^v\([0-9]*\)\..*/\1/p'; }
