# ./dev fuzz: searches for inputs that break the readers of what strangers send.
# shellcheck shell=bash

source tools/dev/setup.sh

fuzz_help() {
  cat <<'TEXT'
./dev fuzz [--seconds N] [NAME…]

  --seconds N  how long each target searches; 60 unless told
  NAME         "anthropic_request" for the target anthropic_request_fuzz; without one, all of them, as many at a time as
               there are cores

What was found is kept in build/fuzz/findings, and a later search goes on from build/fuzz/found.
TEXT
}

# fuzz_one SECONDS TARGET SEEDS…: a line that says how it went.
fuzz_one() {
  local seconds=$1 target=$2 status=0 log runs
  shift 2
  log=$(log_of "$target")
  mkdir -p "build/fuzz/found/$target" build/fuzz/findings
  # New inputs go to the first folder, so the seeds in the source tree stay as they are.
  "build/fuzz/bin/$target" -max_total_time="$seconds" -max_len=4096 -print_final_stats=1 \
    -artifact_prefix="build/fuzz/findings/$target-" "build/fuzz/found/$target" "$@" >"$log" 2>&1 || status=$?
  runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  if [[ $status -eq 0 ]]; then
    printf '  %-40s %12s runs, nothing found\n' "$target" "$runs"
  else
    printf '  %-40s FOUND: %s\n' "$target" "$(grep -m 1 -oE 'Test unit written to .*|ERROR: .*' "$log" || echo "see $log")"
  fi
  return "$status"
}

verb_fuzz() {
  local seconds=60 names=() jobs
  while [[ $# -gt 0 ]]; do
    case $1 in
      --seconds) seconds=${2:?"--seconds needs a number"} && shift ;;
      --seconds=*) seconds=${1#--seconds=} ;;
      -h | --help) fuzz_help && exit 0 ;;
      -*) usage_error "fuzz does not know '$1'; see ./dev fuzz --help" ;;
      *) names+=("${1%_fuzz}_fuzz") ;;
    esac
    shift
  done
  [[ $seconds =~ ^[1-9][0-9]*$ ]] || usage_error "--seconds needs a number, not '$seconds'"
  verb_setup fuzz
  build_preset fuzz "${names[@]:-fuzz}" >"$(log_of fuzz-build)" || die "the fuzz targets cannot be built: $(log_of fuzz-build)"
  jobs=$(nproc)
  local targets=build/fuzz/tests/fuzz/targets.txt wanted=('.')
  [[ ${#names[@]} -eq 0 ]] || wanted=("${names[@]/#/^}")
  say "searching for $seconds s each, $jobs at a time"
  export ROOT
  export -f fuzz_one log_of
  grep -E "$(IFS='|' && echo "${wanted[*]}")" "$targets" |
    xargs -P "$jobs" -L 1 bash -c 'fuzz_one "$@"' fuzz "$seconds" || die "something was found; see build/fuzz/findings"
}
