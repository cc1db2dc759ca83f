# ./dev fmt [--check]: clang-format on every C++ source of ours.
# shellcheck shell=bash

source tools/dev/setup.sh

sources() { git ls-files -co --exclude-standard '*.h' '*.cc'; }

verb_fmt() {
  command -v clang-format >/dev/null || setup_packages clang-format
  if [[ ${1:-} == --check ]]; then
    local unformatted
    # Its own status says no more than the list does.
    unformatted=$( (sources | xargs -r clang-format --dry-run -Werror 2>&1 || true) |
      sed -n 's/^\([^:]*\):.*clang-format-violations.*/\1/p' | sort -u)
    [[ -z $unformatted ]] && return 0
    printf '%s\n' "$unformatted" >&2
    echo "./dev: $(wc -l <<<"$unformatted") files are not formatted; run ./dev fmt" >&2
    return 1
  fi
  sources | xargs -r clang-format -i
}
