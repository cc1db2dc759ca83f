# ./dev check: what should be true before a commit, in a few minutes.
# shellcheck shell=bash

source tools/dev/setup.sh
source tools/dev/fmt.sh

# The build that compiles each file by itself: the others would not notice an include that is missing.
readonly CHECK_PRESET=dev

# C++ sources that differ from the last commit, or from the commit before when nothing does; those that the build knows how
# to compile.
changed_sources() {
  local changed
  changed=$(git diff --name-only HEAD -- '*.cc')
  [[ -n $changed ]] || changed=$(git diff --name-only HEAD~1 HEAD -- '*.cc' 2>/dev/null || true)
  for file in $changed; do
    if grep -qF "/$file\"" "build/$CHECK_PRESET/compile_commands.json"; then echo "$file"; fi
  done
}

verb_check() {
  verb_setup check
  local failed=()
  say "build"
  build_preset "$CHECK_PRESET" || die "the build failed"
  say "unit tests and rules"
  ctest --test-dir "build/$CHECK_PRESET" --output-on-failure -j "$(nproc)" -L 'unit|tidy' || failed+=("unit tests")
  say "format"
  format_check || failed+=(format)
  local files=()
  mapfile -t files < <(changed_sources)
  if [[ ${#files[@]} -gt 0 ]]; then
    say "clang-tidy on ${#files[@]} changed files"
    # GCC's own flag, which clang does not know.
    mkdir -p build/tidy
    sed 's/ -fcoroutines//g' "build/$CHECK_PRESET/compile_commands.json" >build/tidy/compile_commands.json
    clang-tidy -p build/tidy --quiet "${files[@]}" || failed+=(clang-tidy)
  fi
  [[ ${#failed[@]} -eq 0 ]] || die "failed: ${failed[*]}"
  say "all good"
}
