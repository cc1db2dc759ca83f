#!/usr/bin/env bash
# The unit files in systemd/: systemd understands every line of them, and they give away little. check.sh BIN_DIR
#
# `systemd-analyze verify` wants the programs in ExecStart to exist, so it is shown copies of the units that point into
# the build directory. Nothing here needs a running systemd.
# shellcheck disable=SC2317 # the checks are called by name
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
bin=$(cd "${1:?"usage: check.sh BIN_DIR"}" && pwd)
readonly MAX_EXPOSURE=20 # tenths: 2.0

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
for unit in "$root"/systemd/*.service "$root"/systemd/*.socket; do
  sed "s#/usr/lib/patchbay/#$bin/#" "$unit" >"$stage/$(basename "$unit")"
done

passed=0 failed=0
# check NAME COMMAND…: passes when the command succeeds and says nothing that matters.
check() {
  local name=$1 output status=0
  shift
  output=$("$@" 2>&1) || status=$?
  if [[ $status -eq 0 ]]; then
    passed=$((passed + 1))
    echo "ok    $name"
  else
    failed=$((failed + 1))
    printf 'FAIL  %s\n%s\n' "$name" "$output"
  fi
}

# Verify also loads what our units refer to; complaints about other people's units are not ours.
verify() {
  local output
  output=$(SYSTEMD_UNIT_PATH="$stage:" systemd-analyze verify --man=no --recursive-errors=yes "$1" 2>&1) || true
  output=$(grep -E 'patchbay' <<<"$output" || true)
  [[ -z $output ]] || {
    echo "$output"
    return 1
  }
}

# A unit that is misspelt must be noticed, or verify has looked at nothing.
notices_mistakes() {
  sed 's/^KillMode=.*/KillMood=mixed/' "$stage/patchbay.service" >"$stage/patchbay-broken.service"
  ! verify "$stage/patchbay-broken.service"
}

exposure() { systemd-analyze security --offline=true --threshold="$MAX_EXPOSURE" --no-pager "$1"; }

listener_name() { grep -qx "FileDescriptorName=$2" "$root/systemd/$1" && grep -qx 'Service=patchbay.service' "$root/systemd/$1"; }

has() { grep -qxE "$2" "$root/systemd/$1"; }
has_not() { ! grep -qE "$2" "$root/systemd/$1"; }

for unit in "$stage"/*.service "$stage"/*.socket; do check "$(basename "$unit") is understood" verify "$unit"; done
check 'a misspelt setting is noticed' notices_mistakes
for service in patchbay patchbay-ollama patchbay-ollama-remote; do
  check "$service.service is exposed at most 2.0" exposure "$stage/$service.service"
done
check 'patchbay.socket passes the http listener' listener_name patchbay.socket http
check 'patchbay-ollama.socket passes the ollama listener' listener_name patchbay-ollama.socket ollama
check 'a reload reports a bad file' has patchbay.service 'ExecReload=/usr/lib/patchbay/patchbay reload'
check 'what a person must mend is not tried again' has patchbay.service 'RestartPreventExitStatus=64 78'
check 'the bridge is restarted with the gateway' has patchbay-ollama.service 'Requires=patchbay.service'
check 'the bridge is started with the gateway' has patchbay-ollama.service 'WantedBy=patchbay.service'
check 'the bridge does not stay down after a crash of the gateway' has_not patchbay-ollama.service '^BindsTo='
check 'the bridge on another machine wants no gateway here' has_not patchbay-ollama-remote.service '^(Requires|BindsTo)='
check 'it shows a certificate' has patchbay-ollama-remote.service 'ExecStart=.* --tls-ca [^ ]+ --tls-cert [^ ]+ --tls-key [^ ]+'
check 'what a person must mend there is not tried again' has patchbay-ollama-remote.service 'RestartPreventExitStatus=64 78'
check 'sysusers.d snippet is understood' systemd-sysusers --dry-run "$root/systemd/patchbay.sysusers.conf"

echo "$passed checks passed, $failed failed"
exit $((failed > 0))
