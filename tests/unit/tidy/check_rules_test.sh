#!/usr/bin/env bash
# Holds check_rules.sh to its word: a tree that breaks every rule once, and the line that each must point at.
set -euo pipefail

rules=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/check_rules.sh
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# put FILE LINE…
put() {
  mkdir -p "$tree/$(dirname "$1")"
  printf '%s\n' "${@:2}" >"$tree/$1"
}

put lib/base/a.cc '#include <vector>' '#include <filesystem>'
put lib/wire/a.cc '#include "lib/rpc/server.h"'
put lib/wire/b.cc 'auto now = std::chrono::system_clock::now();'
put lib/rpc/server.h '#pragma once'
put lib/net/a.cc '#include "workers/frontend/server.h"'
put lib/time/a.cc 'int x = rand();'
put workers/accounts/pool/a.cc '#include "lib/log/log.h"'
put workers/frontend/a.cc '#include "workers/accounts/service.h"' '#include "workers/frontend/own.h"'
put workers/frontend/dialects/one/a.cc '#include "workers/frontend/dialects/two/x.h"' '#include "workers/frontend/dialects/one/y.h"'
put workers/upstream/dialects/codex/a.cc '#include <grpcpp/channel.h>'
put workers/ollama/dialect/a.cc '#include <boost/asio.hpp>'
put supervisor/life/lifecycle.cc '#include <openssl/evp.h>'
put supervisor/a.cc '#include "workers/frontend/server.h"'
put cli/a.cc "// ""TODO: write"
put cli/b.h 'using namespace std;'
put supervisor/b.cc 'co_await Run([key = x](Store& s) { });' 'co_await Run([&](int) {});' 'co_await Run([this] {});'
put supervisor/c.cc 'co_await Call(x, Lease{id, y});' 'co_await Call({.a = b});' 'co_await Call(1, {}, x);'
put lib/rpc/generic.cc 'asio::co_spawn(io, Serve(), asio::detached);'
put lib/async/spawn.cc 'asio::co_spawn(io, task, asio::detached);'
put proto/patchbay/config/v1/config.proto 'google.protobuf.Duration heartbeat = 6 [(default_value) = "15s"];' 'string base_url = 1;'
put workers/ollama/b.cc 'if (config.has_heartbeat()) wait = config.heartbeat();' 'if (config.has_base_url()) x = config.base_url();' \
  'if (request.has_heartbeat()) y = request.heartbeat();'
put lib/async/event.h '#pragma once' '#include "lib/log/log.h"'
for _ in $(seq 451); do echo '//'; done >"$tree/cli/long.cc"
put lib/log/CMakeLists.txt 'patchbay_library(log' '  SOURCES one.cc two.cc three.cc' '  PUBLIC base)' \
  'set_source_files_properties(three.cc PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)' \
  'patchbay_library(apart NO_UNITY SOURCES one.cc four.cc)'
put lib/log/one.cc 'namespace v1 = a::v1;' 'namespace {' 'constexpr int kBound = 1;' 'struct Point {' '};' \
  'int Twice(int x) { return 2 * x; }' 'int Half(int x) {' '  int kInner = 3;' '}' '}  // namespace'
put lib/log/two.cc 'namespace v1 = b::v1;' 'namespace {' 'constexpr char kBound[] = "1";' 'struct Point {' '};' \
  'int Twice(int y) {' '}' 'int Half(long x) {' '  int kInner = 3;' '}' '}  // namespace' 'int Twice(int y) {'
put lib/log/three.cc 'namespace {' 'constexpr int kBound = 1;' '}  // namespace'
put lib/log/four.cc 'namespace {' 'constexpr int kBound = 1;' '}  // namespace'

put workers/frontend/names.cc 'if (account.provider() == "codex") return;' '// Codex CLI, and codex too'
put workers/frontend/dialects/registry.cc '#include "workers/frontend/dialects/one/codex/client.h"'
put workers/frontend/dialects/one/registry.cc '#include "workers/frontend/dialects/one/codex/client.h"'
put workers/upstream/dialects/codex/b.cc '// codex' 'if (failure.code() == "slow_down") return kOverloaded;'
put workers/accounts/pool/b.cc 'if (failure.code == "slow_down") Wait();' 'if (failure.cause == kOverloaded) Tell(failure.code);'
put workers/frontend/codes.cc 'if (end_.failure().type() != "x") Wait();'
put workers/frontend/facts.cc '// codex-wire §1: what the Codex CLI does.'
put tests/unit/lib/wire/a_test.cc ''
put tests/unit/workers/frontend/dialects/one/a_test.cc ''
put tests/unit/lib/gone/a_test.cc ''

output=$("$rules" "$tree" || true)
missed=0 found=0
expect() {
  if grep -qF -- "$1" <<<"$output"; then
    found=$((found + 1))
  else
    missed=$((missed + 1))
    echo "not reported: $1"
  fi
}
expect 'pure code includes: lib/base/a.cc:2:#include <filesystem>'
expect 'pure code includes: lib/wire/a.cc:1:'
expect 'lib/wire includes lib/rpc: lib/wire/a.cc:1:'
expect 'pure code reads a clock: lib/wire/b.cc:1:'
expect 'lib includes what is above it: lib/net/a.cc:1:'
expect 'pure code draws random numbers: lib/time/a.cc:1:'
expect 'pure code includes: workers/accounts/pool/a.cc:1:'
expect 'a worker includes another worker: workers/frontend/a.cc:1:'
expect 'a dialect includes another dialect: workers/frontend/dialects/one/a.cc:1:'
expect 'pure code includes: workers/upstream/dialects/codex/a.cc:1:'
expect 'pure code includes: workers/ollama/dialect/a.cc:1:'
expect 'pure code includes: supervisor/life/lifecycle.cc:1:'
expect 'the supervisor includes a program of another kind: supervisor/a.cc:1:'
expect 'unfinished: cli/a.cc:1:'
expect 'a header opens a namespace: cli/b.h:1:'
expect 'a header lacks #pragma once: cli/b.h'
expect 'too long: cli/long.cc:451:'
expect 'a closure with values inside co_await: supervisor/b.cc:1:'
expect 'an aggregate inside co_await: supervisor/c.cc:1:'
expect 'an aggregate inside co_await: supervisor/c.cc:2:'
expect 'names a provider outside its rooms: workers/frontend/names.cc:1:'
expect 'names a provider outside its rooms: workers/frontend/names.cc:2:'
expect 'names a provider outside its rooms: workers/frontend/dialects/one/registry.cc:1:'
expect "reads a provider's error code: workers/accounts/pool/b.cc:1:"
expect "reads a provider's error code: workers/frontend/codes.cc:1:"
expect 'a coroutine is detached: lib/rpc/generic.cc:1:'
expect 'a setting has a second default: workers/ollama/b.cc:1:'
expect 'a room has no test: lib/net: tests/unit/lib/net has no test'
expect 'tests of a room that does not exist: tests/unit/lib/gone: there is no lib/gone'
for line in 1 3 4 6; do expect "two files of a library have a name of their own in common: lib/log/two.cc:$line:"; done

# What is allowed is not reported.
for allowed in 'a room has no test: lib/wire:' 'a room has no test: workers/frontend:' 'exist: tests/unit/lib/wire:' \
  'workers/frontend/a.cc:2:' 'workers/frontend/dialects/one/a.cc:2:' 'lib/base/a.cc:1:' \
  'workers/ollama/b.cc:2:' 'workers/ollama/b.cc:3:' 'lib/async/spawn.cc:1:' 'lib/async/event.h:2:' 'supervisor/b.cc:2:' 'supervisor/b.cc:3:' 'supervisor/c.cc:3:' \
  'workers/upstream/dialects/codex/b.cc' 'workers/frontend/dialects/registry.cc' 'workers/accounts/pool/b.cc:2:' 'workers/frontend/facts.cc' \
  'lib/log/two.cc:8:' 'lib/log/two.cc:9:' 'lib/log/two.cc:12:' 'lib/log/three.cc:2:' 'lib/log/four.cc:2:'; do
  if grep -qF -- "$allowed" <<<"$output"; then
    missed=$((missed + 1))
    echo "reported, though allowed: $allowed"
  else
    found=$((found + 1))
  fi
done

[[ $missed -eq 0 ]] || printf '%s\n' '---- it said:' "$output"
echo "$found checks passed, $missed failed"
exit $((missed > 0))
