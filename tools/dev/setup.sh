# ./dev setup: the Debian packages that are missing, and nothing else.
# shellcheck shell=bash
[[ -z ${BASE_PACKAGES+set} ]] || return 0 # another verb brought it already

# Compiler, generators, libraries (cmake/Dependencies.cmake names what each is for), and the tools that tests and
# `run` use. `systemd` brings systemd-analyze; installing it starts nothing.
readonly BASE_PACKAGES=(
  build-essential cmake ninja-build ccache mold pkg-config
  protobuf-compiler protobuf-compiler-grpc libprotobuf-dev libgrpc++-dev libgrpc-dev
  libboost1.81-dev libssl-dev libsqlite3-dev libsimdjson-dev libspdlog-dev libyaml-cpp-dev libcli11-dev
  libzstd-dev zlib1g-dev libjemalloc-dev libpsl-dev nlohmann-json3-dev libgtest-dev libgmock-dev libbenchmark-dev libsystemd-dev
  ca-certificates curl jq sqlite3 openssl systemd util-linux
)
readonly BENCH_PACKAGES=(nginx-light wrk)
readonly CHECK_PACKAGES=(clang-14 libclang-rt-14-dev clang-format clang-tidy)

# setup_packages PACKAGE…: installs those that are not installed.
setup_packages() {
  command -v apt-get >/dev/null || {
    echo "./dev: no apt-get here; make sure that these are installed: $*" >&2
    return 0
  }
  local missing=() package
  for package in "$@"; do
    [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null) == ii* ]] || missing+=("$package")
  done
  [[ ${#missing[@]} -eq 0 ]] && return 0

  local as_root=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || die "these packages are missing, and there is no sudo to install them: ${missing[*]}"
    as_root=(sudo)
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  # Debian starts a service when its package is installed. A policy that answers 101 forbids it: a build machine is
  # no web server. The policy is ours only if nobody had one.
  local policy=/usr/sbin/policy-rc.d ours=
  if [[ ! -e $policy ]]; then
    ours=$policy
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
  fi
  local log status=0
  log=$(log_of setup)
  {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}"
  } >"$log" 2>&1 || status=$?
  [[ -n $ours ]] && "${as_root[@]}" rm -f "$ours"
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

verb_setup() {
  local packages=("${BASE_PACKAGES[@]}")
  while [[ $# -gt 0 ]]; do
    case $1 in
      --bench) packages+=("${BENCH_PACKAGES[@]}") ;;
      --check) packages+=("${CHECK_PACKAGES[@]}") ;;
      *) usage_error "setup takes --bench and --check, not '$1'" ;;
    esac
    shift
  done
  setup_packages "${packages[@]}"
}
