#!/usr/bin/env bash
# The rules of ARCHITECTURE.md that a compiler does not check: which way includes point, what pure code may know, how
# long a file may be. Prints each line that breaks one. check_rules.sh [ROOT]
set -uo pipefail
shopt -s lastpipe nullglob # `… | complain` counts in this shell
UNITY_NAMES=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/unity_names.awk
readonly UNITY_NAMES
cd "${1:-$(dirname "${BASH_SOURCE[0]}")/../../..}" || exit 2

readonly MAX_LINES=450
readonly OURS=(bench cli examples lib supervisor tests workers)

passed=0 failed=0

# complain RULE: reads offending "file:line:text" lines.
complain() {
  local line broken=''
  while IFS= read -r line; do
    [[ -n $line ]] || continue
    broken=yes
    echo "$1: $line"
  done
  if [[ -n $broken ]]; then failed=$((failed + 1)); else passed=$((passed + 1)); fi
}

# files FOLDER…: sources of ours under the folders that exist.
files() {
  local folder existing=()
  for folder in "$@"; do [[ -e $folder ]] && existing+=("$folder"); done
  [[ ${#existing[@]} -gt 0 ]] && find "${existing[@]}" -name node_modules -prune -o \( -name '*.h' -o -name '*.cc' \) -print | sort
}

# including PATTERN FOLDER…: lines that include something matching the extended regular expression.
including() {
  local pattern=$1
  shift
  files "$@" | xargs -r grep -nEH "^[[:space:]]*#[[:space:]]*include[[:space:]]*[<\"]($pattern)"
}

# ---- pure code: no I/O, no clock, no logging --------------------------------------------------------------------------

readonly PURE=(lib/base lib/catalog lib/events lib/keyterms lib/roster lib/schema lib/time lib/wire workers/accounts/{admission,import,limits,login,models,pool,pricing,providers,trace} workers/*/dialects workers/*/dialect
  workers/frontend/call supervisor/life/{lifecycle,backoff}.{h,cc} supervisor/events/{event_json,event_ring,mailbox}.{h,cc}
  supervisor/logs/log_lines.{h,cc})
readonly IMPURE='boost/asio|boost/beast|grpc/|grpcpp/|openssl/|curl/|sqlite3|filesystem>|fstream>|iostream>|thread>|mutex>|spdlog/|sys/socket|sys/epoll|netinet/|lib/log/|lib/net/|lib/rpc/|lib/worker/|[^>"]*\.grpc\.pb\.h'
# The places where the kernel's clock and randomness enter, and OpenSSL's digest, behind an interface.
readonly EDGES='^lib/base/((clock|random|secret|check)\.(h|cc)|sha256\.cc):'

including "$IMPURE" "${PURE[@]}" | grep -vE "$EDGES" | complain 'pure code includes'
files "${PURE[@]}" | xargs -r grep -nEH '(_clock|Clock)::now\(|[^a-z_]time\((nullptr|NULL|0)\)|gettimeofday|clock_gettime' |
  grep -vE "$EDGES" | complain 'pure code reads a clock'
files "${PURE[@]}" | xargs -r grep -nEH '[^a-zA-Z_](rand|random_device|mt19937)\b' | grep -vE "$EDGES" | complain 'pure code draws random numbers'

# ---- includes point one way -------------------------------------------------------------------------------------------

including 'workers/|supervisor/|cli/|tests/' lib | complain 'lib includes what is above it'
including 'workers/|cli/' supervisor | complain 'the supervisor includes a program of another kind'
including 'supervisor/|cli/' workers | complain 'a worker includes a program of another kind'
including 'workers/' cli | complain 'the command includes a worker'
including 'tests/' cli supervisor workers | complain 'a program includes a test'

# Each part of lib and the parts that it may include besides itself.
while read -r part allowed; do
  for other in lib/*/; do
    other=$(basename "$other")
    [[ " $part $allowed " == *" $other "* ]] || including "lib/$other/" "lib/$part" | complain "lib/$part includes lib/$other"
  done
done <<'TABLE'
base
catalog base time
roster base
time base
async base log
log base time wire
seal base
pki base roster seal
sqlite base
wire base
schema base wire
keyterms base time
config base catalog events keyterms roster time wire
events base time
net base async time wire log
rpc base async roster time wire log
worker base async config pki roster time wire log net rpc
testing base async config roster time wire log net rpc worker
TABLE

for worker in workers/*/; do
  name=$(basename "$worker")
  including 'workers/[^/"]+/' "$worker" | grep -vE "include[[:space:]]*\"workers/$name/" | complain 'a worker includes another worker'
  for dialect in "$worker"dialects/*/; do
    own=$(basename "$dialect")
    including "workers/$name/dialects/[^/\"]+/" "$dialect" |
      grep -vE "include[[:space:]]*\"workers/$name/dialects/($own|common)/" | complain 'a dialect includes another dialect'
  done
done

# ---- what the compiler gets wrong --------------------------------------------------------------------------------------

# GCC 12 copies an aggregate or a closure that is written inside a co_await expression byte by byte, which breaks the short
# strings in it: name it before. (References and `this` survive, and so do classes with constructors.)
files examples lib supervisor tests workers | xargs -r grep -nEH 'co_await[^;]*[(,] *\[[a-z_][^]]*\]' | grep -vE '\[this\]|: *//' |
  complain 'a closure with values inside co_await'
files examples lib supervisor tests workers | xargs -r grep -nEH 'co_await[^;]*[(,] *[A-Za-z_:]*\{[^}]' | grep -vE ':[0-9]+: *//|R"\(' |
  complain 'an aggregate inside co_await'

# ---- nothing is fired and forgotten -------------------------------------------------------------------------------------

# asio::detached drops an exception, and whoever waits for that coroutine waits for ever: async::Spawn does not.
files bench cli examples lib supervisor tests workers | grep -v '^lib/async/' |
  xargs -r grep -nEH 'asio::detached|boost/asio/detached\.hpp' | complain 'a coroutine is detached'

# ---- a setting's default is declared once ------------------------------------------------------------------------------

# The loader fills in what config.proto declares: who asks whether such a setting is there has a default of its own.
readonly CONFIG=proto/patchbay/config/v1/config.proto
settings=$([[ -e $CONFIG ]] && grep -oE '[a-z_]+ = [0-9]+ \[\(default_value' "$CONFIG" | cut -d' ' -f1 | sort -u | paste -sd'|')
[[ -z $settings ]] || files lib supervisor workers | xargs -r grep -nEH "has_($settings)\(" | grep -v 'request\.has_' |
  complain 'a setting has a second default'

# ---- a library's files are compiled as one ------------------------------------------------------------------------------

find "${OURS[@]}" -name node_modules -prune -o -name CMakeLists.txt -print 2>/dev/null | sort | xargs -r awk -f "$UNITY_NAMES" |
  complain 'two files of a library have a name of their own in common'

# ---- files stay readable ----------------------------------------------------------------------------------------------
files "${OURS[@]}" | xargs -r awk -v max=$MAX_LINES 'FNR == max + 1 { print FILENAME ":" FNR ": the file is longer than " max " lines" }' |
  complain 'too long'
files "${OURS[@]}" | xargs -r grep -nEH '\b(TODO|FIXME|XXX)\b' | complain 'unfinished'
files "${OURS[@]}" | grep '\.h$' | xargs -r grep -nEH '^using namespace' | grep -v '_literals;' | complain 'a header opens a namespace'
files "${OURS[@]}" | grep '\.h$' | xargs -r grep -LE '^#pragma once' | complain 'a header lacks #pragma once'

# ---- the test tree mirrors the source tree ------------------------------------------------------------------------------

# folders_of PATTERN FOLDER…: those that hold a file of that name.
folders_of() {
  local pattern=$1 folder existing=()
  shift
  for folder in "$@"; do [[ -e $folder ]] && existing+=("$folder"); done
  [[ ${#existing[@]} -gt 0 ]] && find "${existing[@]}" -name node_modules -prune -o -name "$pattern" -printf '%h\n' | sort -u
}

# A room whose files are tested as a group has that group's test; one that only joins its own rooms, theirs.
folders_of '*.cc' lib supervisor workers | while read -r room; do
  [[ -n $(find "tests/unit/$room" -name '*_test.cc' -print -quit 2>/dev/null) ]] || echo "$room: tests/unit/$room has no test"
done | complain 'a room has no test'
folders_of '*_test.cc' tests/unit | while read -r tests; do
  [[ -d ${tests#tests/unit/} ]] || echo "$tests: there is no ${tests#tests/unit/}"
done | complain 'tests of a room that does not exist'

# ---- a provider's error code is understood in its dialect alone -----------------------------------------------------------

# What it means stands in Failure.cause. Showing a code is no reading.
files lib supervisor workers | grep -vE '^workers/(upstream/dialects|accounts/providers)/' |
  xargs -r grep -nEH '[fF]ailure(\(\))?(\.|->)(code|type)(\(\))? *[!=]=' | complain "reads a provider's error code"

# ---- a provider's name stands in its own rooms ------------------------------------------------------------------------

# Whoever is between a client's dialect and a provider's should not have to know who answers. Besides the provider's rooms
# (`codex/`), its profile and its row, the tables by whose words its code is found name it, one for each kind of code.
# References to the collected facts (codex-wire §6) and the client of that name do not count.
readonly REGISTRIES='^(lib/catalog/words|workers/accounts/(import/(formats|import_document)|providers/registry)|workers/frontend/dialects/(registry|openai_responses/backends)|workers/upstream/(dialects|identity/profiles)/registry)\.cc$'
{
  files cli lib supervisor workers
  [[ ! -d proto ]] || find proto -name '*.proto' | sort
} | grep -vE '/codex/' | grep -vE "$REGISTRIES" |
  xargs -r awk '{ line = $0; gsub(/codex-(wire|key-plugin)|Codex CLI|~\/\.codex\//, "", line) }
    tolower(line) ~ /codex/ { print FILENAME ":" FNR ":" $0 }' | complain "names a provider outside its rooms"

echo "$passed checks passed, $failed failed"
exit $((failed > 0))
