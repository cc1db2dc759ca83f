# ./dev bare: a Debian in which nothing of what we need is installed yet, to see what a newcomer's machine lacks.
# shellcheck shell=bash

source tools/dev/setup.sh

bare_help() {
  cat <<'TEXT'
./dev bare [--debian 12|13] [--mirror URL] [--keep NAME] [-- COMMAND…]

Copies this checkout, with what is not committed yet, into a bare Debian made by debootstrap, and runs the command there
as root in the checkout's folder; without a command, a shell. It needs root.

  --debian N    which one; the running one unless said otherwise
  --mirror URL  where its packages come from; what apt uses here unless said otherwise
  --keep NAME   use the root of that name, and keep it: what was installed and built in it is there the next time

The bare system and the packages that were downloaded are kept in PATCHBAY_BARE_CACHE, ~/.cache/patchbay/bare unless set,
beside ccache's: checkouts share them. Roots lie in build/bare.
TEXT
}

declare -rA DEBIAN_NAMES=([12]=bookworm [13]=trixie)
BARE_CACHE=${PATCHBAY_BARE_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/patchbay/bare}

# The number of the Debian that this is, or 12.
running_debian() {
  local number
  number=$(sed -n 's/^VERSION_ID="\{0,1\}\([0-9]*\).*/\1/p' /etc/os-release)
  if [[ -n ${DEBIAN_NAMES[${number:-0}]:-} ]]; then echo "$number"; else echo 12; fi
}

other_debian() { if [[ $(running_debian) == 12 ]]; then echo 13; else echo 12; fi; }

# bare_sources VERSION MIRROR: lines for sources.list, from the same places as this machine's packages.
bare_sources() {
  local name=${DEBIAN_NAMES[$1]} here lines
  if [[ -n $2 ]]; then
    echo "deb $2 $name main"
    return
  fi
  here=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  # shellcheck disable=SC2016 # apt's own variables
  lines=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 2>/dev/null |
    sed -n "s#^\([^ ]*\) $here\(\|-updates\|-security\)\$#deb \1 $name\2 main#p" | sort -u)
  # The archive itself first: debootstrap reads that one.
  grep " $name main" <<<"$lines" || die "apt does not tell where Debian's packages come from; say it with --mirror"
  grep -v " $name main" <<<"$lines" || true
}

# bare_base VERSION MIRROR: makes the bare system once. Sets `base`.
bare_base() {
  local version=$1 sources log
  base=$BARE_CACHE/debian$version/base
  [[ ! -d $base ]] || return 0
  sources=$(bare_sources "$1" "$2")
  log=$(log_of "bare-debootstrap-$version")
  say "making a bare Debian $version"
  rm -rf --one-file-system "$base.new"
  mkdir -p "$base.new/etc/dpkg/dpkg.cfg.d" "$base.new/etc/apt/apt.conf.d"
  # Nobody minds when a power cut loses it.
  echo force-unsafe-io >"$base.new/etc/dpkg/dpkg.cfg.d/unsafe-io"
  # How apt reaches the archive from here: proxies, and whether it believes the clock.
  apt-config dump 2>/dev/null | grep -E '^Acquire::(http|https|ftp|Check-)' >"$base.new/etc/apt/apt.conf.d/80-host" || true
  # git and certificates: one has a checkout.
  debootstrap --variant=minbase --include=ca-certificates,git "${DEBIAN_NAMES[$version]}" "$base.new" \
    "$(awk 'NR == 1 { print $2 }' <<<"$sources")" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "debootstrap failed; the whole log is $log"
  }
  printf '%s\n' "$sources" >"$base.new/etc/apt/sources.list"
  rm -rf "$base.new/var/cache/apt/archives"/*.deb
  mv "$base.new" "$base"
}

# What a machine in this network has been told: names and the certificates that are trusted here.
bare_network() {
  local root=$1
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null || true
  if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
    cp -L /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
    chroot "$root" update-ca-certificates >/dev/null 2>&1
  fi
}

# bare_checkout FOLDER: a clone of this checkout with its changes, as a newcomer has it.
bare_checkout() {
  local folder=$1
  if [[ -d $folder/.git ]]; then
    git -C "$folder" fetch -q "$ROOT" HEAD && git -C "$folder" reset -q --hard FETCH_HEAD
  else
    git clone -q "$ROOT" "$folder"
  fi
  git ls-files -z --deleted | (cd "$folder" && xargs -r -0 rm -f)
  git ls-files -z --modified --others --exclude-standard | while IFS= read -r -d '' file; do
    [[ ! -e $file ]] || printf '%s\0' "$file"
  done | tar --null -T - -c | tar -x -C "$folder"
}

# bare_root VERSION NAME MIRROR: sets `root`, a bare system with the checkout in /srv/patchbay. An existing one is used as it
# is, with the checkout brought up to date.
bare_root() {
  local base
  bare_base "$1" "$3"
  root=$ROOT/build/bare/debian$1-$2
  mkdir -p "$ROOT/build/bare"
  if [[ ! -d $root ]]; then
    rm -rf "$root.new"
    cp -a --reflink=auto "$base" "$root.new"
    bare_network "$root.new"
    mv "$root.new" "$root"
  fi
  bare_checkout "$root/srv/patchbay"
}

# Runs in the mount and process namespaces that bare_run makes, so what is mounted goes, and every process, when it ends.
bare_inside() {
  local root=$1 cache=$2
  shift 2
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount --rbind /sys "$root/sys" 2>/dev/null || true
  mkdir -p "$cache"/{archives/partial,ccache,npm} "$root"/var/cache/{ccache,npm}
  mount --bind "$cache/archives" "$root/var/cache/apt/archives"
  mount --bind "$cache/ccache" "$root/var/cache/ccache"
  mount --bind "$cache/npm" "$root/var/cache/npm"
  bare_chroot "$root" "$@"
}

# Nothing of this machine's environment but what the terminal is.
bare_chroot() {
  local root=$1
  shift
  # shellcheck disable=SC2016 # the inner shell's own arguments
  exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 TERM="${TERM:-dumb}" \
    CCACHE_DIR=/var/cache/ccache npm_config_cache=/var/cache/npm ${CI:+CI="$CI"} \
    chroot "$root" /bin/bash -c 'cd /srv/patchbay && exec "$@"' bash "$@"
}

bare_may_mount() { unshare --mount --pid --fork --kill-child sh -c 'mount -t proc proc /proc' 2>/dev/null; }

# Whether this machine lets a bare system be made at all: devices, mounts, and a checkout that can be cloned. Says why not.
bare_possible() {
  local device=$BARE_CACHE/null
  mkdir -p "$BARE_CACHE" && rm -f "$device"
  if ! mknod "$device" c 1 3 2>/dev/null || ! (: >"$device") 2>/dev/null; then
    echo "devices cannot be made in $BARE_CACHE"
  elif ! bare_may_mount; then
    echo "mounting is not allowed"
  elif ! git ls-remote -q "$ROOT" HEAD >/dev/null 2>&1; then
    echo "this is no checkout that git would clone"
  else
    rm -f "$device"
    return 0
  fi
  rm -f "$device"
  return 1
}

# bare_run VERSION ROOT COMMAND…
bare_run() {
  local version=$1 root=$2
  shift 2
  if bare_may_mount; then
    export -f bare_inside bare_chroot
    # shellcheck disable=SC2016 # the inner shell's own arguments
    local status=0 inside=(unshare --mount --pid --fork --kill-child bash -euc 'bare_inside "$@"' bash "$root" "$BARE_CACHE/debian$version" "$@")
    if [[ -t 0 ]]; then
      "${inside[@]}"
      return
    fi
    # unshare ignores SIGTERM while it waits; what is asked to stop shall stop, with everything in there.
    "${inside[@]}" <&0 &
    # shellcheck disable=SC2064 # this process
    trap "kill -KILL $! 2>/dev/null" INT TERM HUP
    wait $! || status=$?
    trap - INT TERM HUP
    return "$status"
  else
    echo "./dev: mounting is not allowed here: no /proc in the bare root, and nothing that was downloaded is kept" >&2
    (bare_chroot "$root" "$@")
  fi
}

verb_bare() {
  local version mirror='' keep='' command=()
  version=$(running_debian)
  while [[ $# -gt 0 ]]; do
    case $1 in
      --debian) version=${2:?"--debian needs 12 or 13"} && shift ;;
      --debian=*) version=${1#--debian=} ;;
      --mirror) mirror=${2:?"--mirror needs a URL"} && shift ;;
      --mirror=*) mirror=${1#--mirror=} ;;
      --keep) keep=${2:?"--keep needs a name"} && shift ;;
      --keep=*) keep=${1#--keep=} ;;
      -h | --help) bare_help && exit 0 ;;
      --) shift && command=("$@") && break ;;
      *) usage_error "bare does not know '$1'; see ./dev bare --help" ;;
    esac
    shift
  done
  [[ -n ${DEBIAN_NAMES[$version]:-} ]] || usage_error "--debian takes 12 or 13, not '$version'"
  [[ -z $keep || $keep =~ ^[a-z0-9_]+$ ]] || usage_error "--keep takes a name of a-z, 0-9 and _, not '$keep'"
  [[ ${#command[@]} -gt 0 ]] || command=(/bin/bash)
  [[ $(id -u) -eq 0 ]] || die "bare needs root: debootstrap and chroot do"
  verb_setup bare
  # One at a time for each Debian: they share what is downloaded.
  local root status=0
  mkdir -p "$BARE_CACHE/debian$version"
  exec 9>"$BARE_CACHE/debian$version/lock"
  flock -n 9 || {
    say "waiting for another bare Debian $version"
    flock 9
  }
  # A run that was killed may have left one of the same number.
  [[ -n $keep ]] || rm -rf --one-file-system "$ROOT/build/bare/debian$version-$$"
  bare_root "$version" "${keep:-$$}" "$mirror"
  say "in a bare Debian $version: ${command[*]}"
  bare_run "$version" "$root" "${command[@]}" || status=$?
  [[ -n $keep ]] || rm -rf --one-file-system "$root"
  [[ $status -eq 0 ]] || die "in a bare Debian $version, '${command[*]}' ended with $status"
}
