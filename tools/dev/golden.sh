# ./dev golden FOLDER NAME: a folder that `patchbay record` wrote becomes the golden case NAME of its dialect.
# shellcheck shell=bash

source tools/dev/build.sh

verb_golden() {
  local recording=${1:?"which folder of patchbay record?"} name=${2:?"and the name of the case?"}
  local dialect='' marker='' target
  [[ ! -f $recording/recording.json ]] || dialect=$(sed -n 's/^ *"dialect": "\([a-z_]*\)",\{0,1\}$/\1/p' "$recording/recording.json")
  [[ -n $dialect && $name =~ ^[a-z0-9_]+$ ]] || usage_error "$recording is no recording, or '$name' is not made of a-z, 0-9 and _"
  # Endpoints that share their dialect's folder; an empty file tells the case's from the others'.
  case $dialect in
    openai_images_generations) dialect=openai_images ;;
    openai_images_edits) dialect=openai_images marker=edit ;;
    openai_responses_compact) dialect=openai_responses marker=compact ;;
  esac
  [[ -d tests/golden/$dialect ]] || usage_error "no test reads golden cases of the dialect $dialect"
  target=tests/golden/$dialect/$name
  [[ ! -e $target ]] || usage_error "$target exists"
  verb_setup golden
  mkdir -p "$target"
  cp "$recording/request.json" "$target/"
  [[ ! -f $recording/events.txtpb ]] || cp "$recording/events.txtpb" "$target/"
  [[ ! -f $recording/provider.sse ]] || cp "$recording/provider.sse" "$target/"
  [[ -z $marker ]] || : >"$target/$marker"
  # The Codex CLI's own requests are read as such.
  if grep -q '"originator": "codex' "$recording/recording.json"; then : >"$target/codex"; fi
  # A frame of a WebSocket may say more.
  if grep -q '"transport": "websocket"' "$recording/recording.json"; then : >"$target/socket"; fi
  verb_build --preset dev frontend_dialects_test
  UPDATE_GOLDENS=1 build/dev/tests/frontend_dialects_test --gtest_brief=1
  echo "read what was written before you commit it:"
  git status --short "tests/golden/$dialect"
}
