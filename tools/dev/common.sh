# What the verbs of ./dev share. Sourced, never run.
# shellcheck shell=bash

# say STEP: what comes now. The last one said is named when something fails.
step=''
say() {
  step=$*
  printf '\033[1m▸ %s\033[0m\n' "$*" | if [[ -t 1 && -z ${NO_COLOR:-} ]]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi
}
die() {
  echo "./dev: $*" >&2
  exit 1
}

# The ERR trap of every verb: say_what_failed STATUS COMMAND FILE LINE. A subshell is silent, since the verb itself then fails
# and speaks.
say_what_failed() {
  local status=$1 command=$2 place=${3#"$ROOT/"}:$4 log
  [[ $BASH_SUBSHELL -eq 0 ]] || return 0
  # shellcheck disable=SC2154 # ./dev sets the verb
  echo "./dev $verb: failed (status $status)${step:+ at the step \"$step\"}: ${command%%$'\n'*} ($place)" >&2
  # Logs of this call alone: the shell was not there before.
  log=$(find "$ROOT/build/logs" -newermt "-$SECONDS seconds" -type f -printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1 | cut -d ' ' -f 2-) || true
  [[ -z $log ]] || echo "./dev $verb: the last log is ${log#"$ROOT/"}" >&2
  trap - ERR
  exit "$status"
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

# Nothing where there is no Node.
node_major() { (node --version 2>/dev/null || true) | sed -n 's/^v\([0-9]*\)\..*/\1/p'; }
