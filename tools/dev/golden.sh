# ./dev golden FOLDER NAME: a folder that `patchbay record` wrote becomes the golden case NAME of its dialect.
# shellcheck shell=bash

source tools/dev/build.sh

verb_golden() {
  local recording=${1:?"which folder of patchbay record?"} name=${2:?"and the name of the case?"}
  local dialect target
  dialect=$(sed -n 's/^ *"dialect": "\([a-z_]*\)",\{0,1\}$/\1/p' "$recording/recording.json")
  [[ -n $dialect && $name =~ ^[a-z0-9_]+$ ]] || {
    echo "./dev: $recording is no recording, or '$name' is not made of a-z, 0-9 and _" >&2
    return 64
  }
  target=tests/golden/$dialect/$name
  [[ ! -e $target ]] || {
    echo "./dev: $target exists" >&2
    return 64
  }
  mkdir -p "$target"
  cp "$recording/request.json" "$target/"
  [[ ! -f $recording/events.txtpb ]] || cp "$recording/events.txtpb" "$target/"
  [[ ! -f $recording/provider.sse ]] || cp "$recording/provider.sse" "$target/"
  # The Codex CLI's own requests are read as such.
  if grep -q '"originator": "codex' "$recording/recording.json"; then : >"$target/codex"; fi
  # A frame of a WebSocket may say more.
  if grep -q '"transport": "websocket"' "$recording/recording.json"; then : >"$target/socket"; fi
  verb_build frontend_dialects_test
  UPDATE_GOLDENS=1 build/release/tests/frontend_dialects_test --gtest_brief=1
  echo "read what was written before you commit it:"
  git status --short "tests/golden/$dialect"
}
