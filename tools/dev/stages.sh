# Stages of a long run: each has a log, a verdict, its seconds and the number of its tests.
# shellcheck shell=bash disable=SC2034

readonly TAIL_LINES=200

stages_verbose=''
stages_passed=0 stages_failed=0
stages_lines=()
stages_last=''

# node:test's own counts and those of our scripts, summed over a log: "passed failed".
count_tests() {
  awk '
    /^(#|ℹ) pass [0-9]+/ { passed += $3 }
    /^(#|ℹ) (fail|cancelled) [0-9]+/ { failed += $3 }
    /^[0-9]+ checks passed, [0-9]+ failed/ { passed += $1; failed += $4 }
    END { print passed + 0, failed + 0 }' "$1"
}

# stage NAME COMMAND…: runs the command into a log. Never fails itself: `stages_last` tells ok or FAILED.
stage() {
  local name=$1 log status=0 started=$SECONDS ok bad verdict=ok
  shift
  log=$(log_of "$name")
  say "$name"
  if [[ -n $stages_verbose ]]; then
    "$@" 2>&1 | tee "$log" || status=$?
  else
    "$@" >"$log" 2>&1 || status=$?
  fi
  read -r ok bad < <(count_tests "$log")
  if [[ $status -ne 0 ]]; then
    verdict=FAILED
    # A suite that failed without saying which test did has crashed or was not built: that is one failure.
    [[ $bad -gt 0 ]] || bad=1
    [[ -n $stages_verbose ]] || show_failure "$log"
  fi
  stages_passed=$((stages_passed + ok)) stages_failed=$((stages_failed + bad))
  stages_lines+=("$(printf '%-18s %-6s %5d s %6d passed %3d failed' "$name" "$verdict" $((SECONDS - started)) "$ok" "$bad")")
  echo "  ${stages_lines[-1]}"
  stages_last=$verdict
}

# Where it went wrong first, then how it ended.
show_failure() {
  echo "---- $1: what failed"
  grep -nE '(: error: |FAILED:|\[  FAILED  \]|^ *(not ok|✖)|Sanitizer|runtime error:)' "$1" | head -n 40 || true
  echo "---- $1: the last $TAIL_LINES lines"
  tail -n "$TAIL_LINES" "$1"
  echo "----"
}

# The summary; ends the program, with 1 when anything failed.
stages_end() {
  echo
  printf '%s\n' "${stages_lines[@]}"
  printf '%-18s %13d min %d s\n\n' 'all of it' $((SECONDS / 60)) $((SECONDS % 60))
  echo "$stages_passed passed, $stages_failed failed"
  exit $((stages_failed > 0))
}
