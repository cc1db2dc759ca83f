# ./dev run: build the gateway and start it. Without any account it shows itself on a simulated provider.
# shellcheck shell=bash

source tools/dev/setup.sh

readonly READY_WITHIN_SECONDS=30

run_help() {
  cat <<'TEXT'
./dev run [--port N] [--real | --sim] [--import FILE] [-- patchbayd options]

Builds patchbay and runs it in the foreground; Ctrl-C drains and stops it.

  --port N       listen on 127.0.0.1:N instead of what the configuration says; 0 picks a free port
  --real         use your own state directory even if it holds no account yet
  --sim          use the simulated provider even if there are accounts
  --import FILE  with your own state: add the accounts in FILE, e.g. ~/.codex/auth.json, once it runs

Without --real and --sim: your own state directory when it holds an account, else the simulated provider with two
simulated accounts in a throw-away state directory.
TEXT
}

# Set by run_parse.
port='' mode=auto import_file=''
serve_options=()

run_parse() {
  while [[ $# -gt 0 ]]; do
    case $1 in
      --port) port=${2:?"--port needs a number"} && shift ;;
      --port=*) port=${1#--port=} ;;
      --real) mode=real ;;
      --sim) mode=sim ;;
      --import) import_file=${2:?"--import needs a file"} mode=real && shift ;;
      --import=*) import_file=${1#--import=} mode=real ;;
      -h | --help) run_help && exit 0 ;;
      --) shift && serve_options=("$@") && break ;;
      *) usage_error "run does not know '$1'; see ./dev run --help" ;;
    esac
    shift
  done
  [[ -z $port || $port =~ ^[0-9]{1,5}$ ]] || usage_error "--port takes a number, not '$port'"
  [[ -z $import_file || -r $import_file ]] || usage_error "cannot read $import_file"
}

# ---- children --------------------------------------------------------------------------------------------------------

scratch='' gateway_pid='' sim_pid=''

# Own sessions: a Ctrl-C reaches this script alone, which then stops everything in order.
run_stop() {
  local status=$?
  trap - EXIT INT TERM HUP
  if [[ -n $gateway_pid ]] && kill -0 "$gateway_pid" 2>/dev/null; then
    echo
    say "stopping: what is in flight is finished first; Ctrl-C again ends it at once"
    trap 'kill -KILL "$gateway_pid" 2>/dev/null' INT TERM
    kill -TERM "$gateway_pid" 2>/dev/null
    # `wait` returns early when a signal arrives.
    while kill -0 "$gateway_pid" 2>/dev/null; do wait "$gateway_pid" 2>/dev/null || true; done
    trap - INT TERM
  fi
  if [[ -n $sim_pid ]]; then
    kill -TERM "$sim_pid" 2>/dev/null || true
    wait "$sim_pid" 2>/dev/null || true
  fi
  [[ -n $scratch ]] && rm -rf "$scratch"
  exit "$status"
}

port_is_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# Tells a busy port before anything starts, and how to use another.
check_ports() {
  local listen http_port ollama
  listen=$("$BIN/patchbay" config print --json "${config_arguments[@]}" | jq -r .frontend.listen)
  http_port=${listen##*:}
  if [[ $http_port != 0 ]] && port_is_busy "$http_port"; then
    die "port $http_port is busy: another patchbay, or another program. Use another one, ./dev run --port 8081, or any free one, --port 0"
  fi
  ollama=$("$BIN/patchbay" config print --json "${config_arguments[@]}" | jq -r 'select(.ollama.enabled).ollama.listen')
  if [[ -n $ollama && ${ollama##*:} != 0 ]] && port_is_busy "${ollama##*:}"; then
    echo "Port ${ollama##*:} is busy, probably an Ollama server: the bridge for Ollama clients takes a free port instead."
    export PATCHBAY_OLLAMA__LISTEN=127.0.0.1:0
  fi
}

# Set before a gateway is started.
config_arguments=()
gateway_arguments=()

# Starts patchbayd and waits until every worker is ready. Sets gateway_pid and address.
start_gateway() {
  check_ports
  setsid "$BIN/patchbayd" serve "${gateway_arguments[@]}" "${serve_options[@]}" &
  gateway_pid=$!
  local status deadline=$((SECONDS + READY_WITHIN_SECONDS))
  until status=$("$BIN/patchbay" status --json 2>/dev/null) && [[ $(jq -r .ready <<<"$status") == true ]]; do
    kill -0 "$gateway_pid" 2>/dev/null || die "patchbayd ended; what it said stands above"
    ((SECONDS < deadline)) || die "the gateway was not ready within $READY_WITHIN_SECONDS s; what it said stands above"
    sleep 0.1
  done
  address=$(jq -r '.listeners[] | select(.name == "http") | .address' <<<"$status")
  ollama_address=$(jq -r '.listeners[] | select(.name == "ollama") | .address' <<<"$status")
}

stop_gateway() {
  kill -TERM "$gateway_pid" 2>/dev/null || true
  wait "$gateway_pid" 2>/dev/null || true
  gateway_pid=''
}

account_count() { "$BIN/patchbay" accounts list --json | jq '.accounts | length'; }

# ---- the two ways to run ---------------------------------------------------------------------------------------------

# Where patchbayd keeps state when nothing else is said; the same rule as its own.
default_state_dir() { echo "${PATCHBAY_STATE_DIR:-${STATE_DIRECTORY:-$HOME/.local/state/patchbay}}"; }

run_real() {
  # Said aloud, so that the command asks this gateway and not one of the system's.
  local runtime_dir
  runtime_dir=/tmp/patchbay-$(id -u)
  [[ -z ${XDG_RUNTIME_DIR:-} ]] || runtime_dir=$XDG_RUNTIME_DIR/patchbay
  export PATCHBAY_RUNTIME_DIR=${PATCHBAY_RUNTIME_DIR:-${RUNTIME_DIRECTORY:-$runtime_dir}}
  start_gateway
  if [[ -n $import_file ]]; then
    "$BIN/patchbay" accounts import "$import_file" || die "the accounts in $import_file were not imported"
  fi
  local accounts
  accounts=$(account_count)
  if [[ $accounts == 0 && $mode == auto ]]; then
    echo "There is no account in $(default_state_dir)."
    stop_gateway
    return 1
  fi
  cat <<TEXT

  patchbay is ready on http://$address with $accounts account(s).
  Ollama clients: http://${ollama_address:-"(off)"}

  A client needs a key:      $BIN_SHORT/patchbay keys create --name my-client
  More accounts:             $BIN_SHORT/patchbay accounts import ~/.codex/auth.json
  What is going on:          $BIN_SHORT/patchbay status

  Ctrl-C stops it.

TEXT
}

start_sim() {
  setsid "$BIN/patchbay-sim" --listen 127.0.0.1:0 --dir "$scratch/sim" >"$scratch/sim.log" 2>&1 &
  sim_pid=$!
  local deadline=$((SECONDS + READY_WITHIN_SECONDS))
  until [[ -s $scratch/sim/sim.json ]] && sim=$(jq -ce . "$scratch/sim/sim.json" 2>/dev/null); do
    if ! kill -0 "$sim_pid" 2>/dev/null || ((SECONDS >= deadline)); then
      cat "$scratch/sim.log" >&2
      die "the simulated provider did not start"
    fi
    sleep 0.05
  done
}

run_simulated() {
  scratch=$(mktemp -d /tmp/patchbay-run.XXXXXX)
  mkdir -m 700 "$scratch/sim" "$scratch/state" "$scratch/run"
  start_sim
  # JSON is YAML too.
  jq '{providers: {codex: {base_url, auth_base_url, ca_file, allow_private: true}}}' <<<"$sim" >"$scratch/patchbay.yaml"
  export PATCHBAY_RUNTIME_DIR=$scratch/run PATCHBAY_STATE_DIR=$scratch/state PATCHBAY_CONFIG=$scratch/patchbay.yaml
  config_arguments=("$scratch/patchbay.yaml")
  gateway_arguments=(--config "$scratch/patchbay.yaml" --state-dir "$scratch/state" --runtime-dir "$scratch/run")
  start_gateway

  local control label
  control=$(jq -r .control_url <<<"$sim")
  for label in simulated-1 simulated-2; do
    curl -sSf -X POST -H 'content-type: application/json' -d "{\"label\":\"$label\"}" "$control/control/accounts"
  done | jq -s '{accounts: map({token: .access_token, refreshToken: .refresh_token, label: .label})}' |
    "$BIN/patchbay" accounts import - >/dev/null || die "the simulated accounts were not accepted"
  local key
  key=$("$BIN/patchbay" keys create --name newcomer 2>/dev/null) || die "no client key could be made"
  cat <<TEXT

  This is a SIMULATION: no account was found, so patchbay talks to a simulated provider on this machine, with two
  simulated accounts in a state directory that is removed at the end. No request leaves this machine.

  address     http://$address        (Ollama clients: http://${ollama_address:-"(off)"})
  client key  $key

  A streamed answer:

  curl -N http://$address/v1/chat/completions -H 'Authorization: Bearer $key' -H 'Content-Type: application/json' \\
    -d '{"model":"gpt-5.5","stream":true,"messages":[{"role":"user","content":"Hello!"}]}'

  Look inside:  $BIN_SHORT/patchbay --runtime-dir $scratch/run status

  With your own account: stop this with Ctrl-C, then
    ./dev run --import ~/.codex/auth.json        (the Codex CLI's login), or
    ./dev run --real                             and in another terminal  $BIN_SHORT/patchbay accounts add --token -

  Ctrl-C stops it.

TEXT
}

verb_run() {
  run_parse "$@"
  verb_setup run
  BIN=$ROOT/build/release/bin BIN_SHORT=build/release/bin
  local targets=("${PROGRAMS[@]}")
  # Whether there is an account is known only once the gateway runs, so the simulated provider is built ahead of that.
  [[ $mode == real ]] || targets+=(patchbay-sim)
  say "building"
  build_preset release "${targets[@]}" || die "the build failed"
  [[ -z $port ]] || export PATCHBAY_FRONTEND__LISTEN=127.0.0.1:$port

  trap run_stop EXIT
  trap 'exit 130' INT TERM HUP
  local started=''
  if [[ $mode == real || ($mode == auto && -e $(default_state_dir)/accounts.db) ]]; then
    run_real && started=yes
  fi
  [[ -n $started ]] || run_simulated
  trap 'exit 0' INT TERM HUP # asked to stop, and does
  # Until Ctrl-C, or until it ends by itself, which is then our end too.
  local status=0
  wait "$gateway_pid" || status=$?
  gateway_pid=''
  exit "$status"
}
