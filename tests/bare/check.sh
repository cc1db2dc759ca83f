#!/usr/bin/env bash
# What every verb of ./dev installs, on a machine that has nothing: run by `./dev test` through `./dev bare`. The machines
# on which we work have everything already, and hide a step that is missing. Nothing is compiled but one empty program.
# shellcheck disable=SC2317 # the checks are called by name
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2

log=$(mktemp)
trap 'rm -rf "$log"' EXIT

passed=0 failed=0
# check NAME COMMAND…
check() {
  local name=$1 started=$SECONDS status=0
  shift
  "$@" >"$log" 2>&1 || status=$?
  if [[ $status -eq 0 ]]; then
    passed=$((passed + 1))
    printf 'ok    %s (%d s)\n' "$name" $((SECONDS - started))
  else
    failed=$((failed + 1))
    printf 'FAIL  %s (status %d)\n' "$name" "$status"
    tail -n 40 "$log"
  fi
}

# fails_saying PATTERN COMMAND…: it fails, and says why.
fails_saying() {
  local pattern=$1
  shift
  if "$@" >"$log.out" 2>&1; then
    echo "$* did not fail"
    return 1
  fi
  cat "$log.out"
  grep -qE "$pattern" "$log.out"
}

# A failure that nobody foresaw: no folder for the logs can be made.
says_what_failed() {
  rm -rf build
  : >build
  local status=0
  fails_saying '^\./dev setup: failed \(status [0-9]+\) at the step "installing' ./dev setup fmt || status=$?
  rm -f build
  return "$status"
}

has() {
  local program missing=()
  for program in "$@"; do command -v "$program" >/dev/null || missing+=("$program"); done
  [[ ${#missing[@]} -eq 0 ]] || {
    echo "missing: ${missing[*]}"
    return 1
  }
}

# ninja only says what it would do.
configures() { ./dev build --preset "$1" -n; }

suites_have_a_node() { (ROOT=$PWD && source tools/dev/test.sh && "$(suite_node)" --version | grep -E '^v(1[89]|[2-9][0-9])\.'); }

fuzzes() {
  printf 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }\n' >build/probe.cc
  clang++ -std=c++20 -fsanitize=fuzzer,address,undefined -include string build/probe.cc -o build/probe
}

check './dev help' ./dev help
check './dev tells an unforeseen failure, with its step' says_what_failed
check './dev tells a wrong option' fails_saying '^\./dev: .*--no-such-option' ./dev test --no-such-option
check './dev setup fmt' ./dev setup fmt
check '  has what fmt calls' has git clang-format
check './dev setup run' ./dev setup run
check '  has what run calls' has cmake ninja g++ mold ccache curl jq setsid
check '  configures release' configures release
check './dev setup test' ./dev setup test
check '  has what test and its suites call' has git jq node npm zstd sqlite3 openssl systemd-analyze mount umount setarch ctest timeout
check '  has a Node for the suites' suites_have_a_node
check '  configures asan' configures asan
check '  configures tsan' configures tsan
check './dev setup outdated' ./dev setup outdated
check '  has what outdated calls' has npm jq
check './dev outdated tells that nobody could be asked' fails_saying 'did not answer' env npm_config_registry=http://127.0.0.1:9 ./dev outdated
check './dev setup bench' ./dev setup bench
check '  has what bench calls' has node /usr/sbin/nginx
check './dev setup check' ./dev setup check
check '  has what check calls' has git clang-tidy clang-format ctest
check '  configures dev' configures dev
check './dev setup fuzz' ./dev setup fuzz
check '  configures fuzz' configures fuzz
check '  compiles a fuzz target' fuzzes
check './dev setup bare' ./dev setup bare
check '  has what bare calls' has git debootstrap chroot unshare flock

echo "$passed checks passed, $failed failed"
exit $((failed > 0))
