# ./dev outdated: the npm packages that tests/package.json pins, against the newest that are published. 0 when all are the
# newest, 1 when some are behind, 69 when nobody could be asked.
# shellcheck shell=bash

source tools/dev/setup.sh

# "NAME VERSION", a line each.
pins() { jq -r '.dependencies + .optionalDependencies | to_entries[] | "\(.key) \(.value)"' "$ROOT/tests/package.json"; }

# published NAME PINNED: "NAME PINNED NEWEST", or nothing when there was no answer. The suites' Node keeps to its release line,
# which is the one that clients ask for in their `engines`; everything else is to be the newest of all.
published() {
  local name=$1 pinned=$2 range=latest newest
  [[ $name != node-linux-* ]] || range=${pinned%%.*}
  newest=$(npm view "$name@$range" version --json 2>"$answers/${name//\//+}.error" | jq -r '[.] | flatten[] | strings' | sort -V | tail -n 1)
  [[ -z $newest ]] || printf '%s %s %s\n' "$name" "$pinned" "$newest"
}

verb_outdated() {
  [[ $# -eq 0 ]] || usage_error "outdated takes no '$1'"
  verb_setup outdated
  local name pinned newest behind=0
  answers=$(mktemp -d)
  # shellcheck disable=SC2064 # as it is now
  trap "rm -rf '$answers'" EXIT
  export answers
  export -f published
  # One try each: who waits for it can ask again.
  pins | npm_config_fetch_retries=0 npm_config_fetch_timeout=30000 xargs -P 8 -L 1 bash -c 'published "$@"' published |
    sort >"$answers/all"
  if [[ $(wc -l <"$answers/all") -ne $(pins | wc -l) ]]; then
    cat "$answers"/*.error | grep -E '^npm (error|ERR!) code' | sort -u >&2 || true
    echo "./dev: the package registry did not answer for every package; are we offline?" >&2
    exit 69
  fi
  printf '%-36s %-12s %s\n' package pinned published
  while read -r name pinned newest; do
    if [[ $pinned == "$newest" ]]; then
      printf '%-36s %-12s %s\n' "$name" "$pinned" "$newest"
    else
      behind=$((behind + 1))
      printf '%-36s %-12s %s  behind\n' "$name" "$pinned" "$newest"
    fi
  done <"$answers/all"
  echo "$behind behind"
  [[ $behind -eq 0 ]] || exit 1
}
