# ./dev fmt [--check]: clang-format on every C++ source of ours.
# shellcheck shell=bash

source tools/dev/setup.sh

sources() { git ls-files -co --exclude-standard '*.h' '*.cc'; }

# Names the files that clang-format would change; fails when there are any.
format_check() {
  local unformatted
  # Its own status says no more than the list does.
  unformatted=$( (sources | xargs -r clang-format --dry-run -Werror 2>&1 || true) |
    sed -n 's/^\([^:]*\):.*clang-format-violations.*/\1/p' | sort -u)
  [[ -z $unformatted ]] || printf '%s\n' "$unformatted" >&2
  [[ -z $unformatted ]]
}

verb_fmt() {
  verb_setup fmt
  if [[ ${1:-} == --check ]]; then
    format_check || die "the files above are not formatted; run ./dev fmt"
  else
    sources | xargs -r clang-format -i
  fi
}
