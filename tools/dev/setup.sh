# ./dev setup [VERB…]: the Debian packages that the verbs need and that are missing, and nothing else.
# shellcheck shell=bash
[[ -z ${BUILD_PACKAGES+set} ]] || return 0 # another verb brought it already

# A package that has another name in another Debian is written "newer|older": the first that apt knows is taken.

# Compiler, generators and libraries; cmake/Dependencies.cmake names what each library is for.
readonly BUILD_PACKAGES=(
  build-essential cmake ninja-build ccache mold pkg-config
  protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libgrpc++-dev libgrpc-dev
  'libboost1.83-dev|libboost1.81-dev' 'libboost-url1.83-dev|libboost-url1.81-dev' libssl-dev libsqlite3-dev libsimdjson-dev
  libspdlog-dev libyaml-cpp-dev libcli11-dev
  libzstd-dev zlib1g-dev libjemalloc-dev libpsl-dev nlohmann-json3-dev libgtest-dev libgmock-dev libbenchmark-dev libsystemd-dev
  libseccomp-dev libcpp-httplib-dev
  ca-certificates
)
readonly RUN_PACKAGES=(curl jq)
# `systemd` brings systemd-analyze; installing it starts nothing. `mount` and `util-linux` are how a test makes a full disk
# and how ThreadSanitizer is started. Python's two are what examples/gateway/python needs.
readonly TEST_PACKAGES=(git jq zstd sqlite3 openssl systemd mount util-linux python3-grpcio python3-protobuf)
readonly BENCH_PACKAGES=(nginx-light)
readonly FORMAT_PACKAGES=(git clang-format)
readonly CHECK_PACKAGES=(git clang-tidy)
# clang has its own libstdc++ headers from the newest g++ that it finds, so no other is installed.
readonly FUZZ_PACKAGES=(clang libclang-rt-dev)
readonly BARE_PACKAGES=(git debootstrap debian-archive-keyring)

installed() { [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null || true) == ii* ]]; }

# The first name in "a|b" that is installed; fails when none is.
installed_of() {
  local names name
  IFS='|' read -ra names <<<"$1"
  for name in "${names[@]}"; do
    if installed "$name"; then return 0; fi
  done
  return 1
}

# The first name in "a|b" that apt can install, or else the first.
available_of() {
  local names name
  IFS='|' read -ra names <<<"$1"
  for name in "${names[@]}"; do
    if apt-cache show --no-all-versions "$name" >/dev/null 2>&1; then echo "$name" && return 0; fi
  done
  echo "${names[0]}"
}

# setup_install LOG PACKAGE…, with `as_root` of its caller. In a subshell, so that what is undone at its end is undone when
# somebody stops it, too.
setup_install() (
  log=$1
  shift
  # Debian starts a service when its package is installed. A policy that answers 101 forbids it: a build machine is
  # no web server. The policy is ours only if nobody had one.
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    # shellcheck disable=SC2064 # as it is now
    trap "${as_root[*]} rm -f $policy" EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1 || exit
  names=()
  for package in "$@"; do names+=("$(available_of "$package")"); done
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${names[@]}" \
    >>"$log" 2>&1
)

# setup_packages PACKAGE…: installs those that are not installed.
setup_packages() {
  command -v apt-get >/dev/null || {
    echo "./dev: no apt-get here; make sure that these are installed: $*" >&2
    return 0
  }
  local missing=() package
  for package in "$@"; do
    installed_of "$package" || missing+=("$package")
  done
  [[ ${#missing[@]} -eq 0 ]] && return 0

  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || die "these packages are missing, and there is no sudo to install them: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  local log status=0
  log=$(log_of setup)
  setup_install "$log" "${missing[@]}" || status=$?
  if [[ $status -ne 0 ]]; then
    tail -n 30 "$log" >&2
    die "apt-get could not install the packages; the whole log is $log"
  fi
  # Not started now and not at the next boot either; the benchmark starts nginx with its own configuration.
  if [[ " ${missing[*]} " == *" nginx-light "* ]] && command -v systemctl >/dev/null; then
    "${as_root[@]}" systemctl disable nginx >>"$log" 2>&1 || true
  fi
}

# Node ≥ 18 drives the process-level tests; any that is on PATH will do.
setup_node() {
  local major
  major=$(node_major)
  if [[ ${major:-0} -lt 18 ]]; then
    setup_packages nodejs npm
  elif ! command -v npm >/dev/null; then
    setup_packages npm
  fi
}

# From the lock file; only when it changed.
setup_node_modules() {
  local tests=$ROOT/tests
  [[ $tests/node_modules/.package-lock.json -nt $tests/package-lock.json ]] && return 0
  say "installing the suites' npm packages"
  npm --prefix "$tests" ci --ignore-scripts --no-audit --no-fund --loglevel=error &&
    touch "$tests/node_modules/.package-lock.json"
}

verb_setup() {
  local packages=() node='' verb_needing
  [[ $# -gt 0 ]] || set -- build run
  for verb_needing in "$@"; do
    case $verb_needing in
      build) packages+=("${BUILD_PACKAGES[@]}") ;;
      run) packages+=("${BUILD_PACKAGES[@]}" "${RUN_PACKAGES[@]}") ;;
      unit) packages+=("${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}") ;; # test without the suites that Node drives
      test) packages+=("${BUILD_PACKAGES[@]}" "${TEST_PACKAGES[@]}") node=modules ;;
      bench) packages+=("${BUILD_PACKAGES[@]}" "${BENCH_PACKAGES[@]}") node=${node:-yes} ;;
      check) packages+=("${BUILD_PACKAGES[@]}" "${FORMAT_PACKAGES[@]}" "${CHECK_PACKAGES[@]}") ;;
      fuzz) packages+=("${BUILD_PACKAGES[@]}" "${FUZZ_PACKAGES[@]}") ;;
      fmt) packages+=("${FORMAT_PACKAGES[@]}") ;;
      outdated) packages+=(jq) node=${node:-yes} ;;
      golden) packages+=("${BUILD_PACKAGES[@]}" git) ;;
      bare) packages+=("${BARE_PACKAGES[@]}") ;;
      *) usage_error "setup takes build, run, test, bench, check, fuzz, fmt, outdated, golden and bare, not '$verb_needing'" ;;
    esac
  done
  setup_packages "${packages[@]}"
  [[ -z $node ]] || setup_node
  [[ $node != modules ]] || setup_node_modules || die "npm could not install the packages of tests/package-lock.json"
}
