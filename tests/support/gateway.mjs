// A whole gateway under test: patchbayd and its workers on ports of their own, in directories of their own, pointed at
// a simulated provider. Stopping it is a test too: it exits 0, leaves no process behind, and no log line holds a secret.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { Client } from './http.mjs';
import { Program, alive, binary, environmentOf, processesMentioning, removeDirectory, run, temporaryDirectory } from './program.mjs';
import { bound, eventually } from './wait.mjs';

const kReadyWithin = 20_000;
const kSanitizerReport = /(Address|Thread|Leak|UndefinedBehavior)Sanitizer|runtime error: /;

/** Settings that every test wants: all ports free, JSON logs, and waits that do not make a test slow. */
function baseConfiguration(sim) {
  return {
    server: { drain_timeout: '10s' },
    log: { level: 'info', format: 'json' },
    frontend: { listen: '127.0.0.1:0' },
    ollama: { listen: '127.0.0.1:0' },
    ...(sim ? { providers: { codex: { base_url: sim.baseUrl, auth_base_url: sim.authBaseUrl, ca_file: sim.caFile, allow_private: true } } } : {}),
  };
}

export function merge(base, changes) {
  const merged = { ...base };
  for (const [key, value] of Object.entries(changes ?? {})) {
    const nested = value !== null && typeof value === 'object' && !Array.isArray(value);
    merged[key] = nested ? merge(base[key] ?? {}, value) : value;
  }
  return merged;
}

export class Gateway {
  constructor({ sim, config, env = {}, directory, wrapper = [], binaries = binary } = {}) {
    this.sim = sim;
    this.binaries = binaries; // from a program's name to its path
    this.directory = directory ?? temporaryDirectory('gw');
    this.ownsDirectory = directory === undefined;
    this.stateDir = path.join(this.directory, 's');
    this.runtimeDir = path.join(this.directory, 'r');
    this.configFile = path.join(this.directory, 'patchbay.yaml');
    this.env = env;
    this.wrapper = wrapper;
    this.secrets = new Set();
    this.accounts = [];
    mkdirSync(this.stateDir, { recursive: true, mode: 0o700 });
    mkdirSync(this.runtimeDir, { recursive: true, mode: 0o700 });
    this.writeConfig(merge(baseConfiguration(sim), config));
  }

  /** Replaces the configuration file. JSON is YAML too. */
  writeConfig(config) {
    this.config = config;
    writeFileSync(this.configFile, JSON.stringify(config, null, 2));
  }

  launch(extraArgs = []) {
    const args = ['serve', '--config', this.configFile, '--state-dir', this.stateDir, '--runtime-dir', this.runtimeDir, ...extraArgs];
    this.program = new Program(this.binaries('patchbayd'), args, { env: this.env, wrapper: this.wrapper });
    return this.program;
  }

  /** Starts patchbayd and waits until it is ready and no worker is on its way any more. */
  async start() {
    this.launch();
    await this.ready();
    return this;
  }

  async ready() {
    let status;
    await eventually('the gateway to be ready', async () => {
      if (!this.program.running) {
        throw Object.assign(new Error(`patchbayd ended: ${JSON.stringify(this.program.result)}\n${this.program.output.slice(-2000)}`), { final: true });
      }
      status = await this.status();
      // Ready means the workers that serving needs; tests want the others too, or their failure.
      return status.ready && status.workers.every((worker) => ['WORKER_STATE_READY', 'WORKER_STATE_FAILED'].includes(worker.state));
    }, { within: kReadyWithin, every: 25 }).catch((error) => {
      throw new Error(`${error.message}\n${this.program.output.slice(-3000)}`);
    });
    const http = status.listeners.find((listener) => listener.name === 'http');
    this.port = Number(http.address.split(':').at(-1));
    this.ports = Object.fromEntries(status.listeners.map(({ name, address }) => [name, Number(address.split(':').at(-1))]));
    const ollama = status.listeners.find((listener) => listener.name === 'ollama');
    this.ollamaPort = ollama && Number(ollama.address.split(':').at(-1));
    this.client?.close();
    this.client = new Client({ port: this.port, key: this.key });
    return status;
  }

  // ---- the command line ----

  cli(args, options = {}) {
    return run(this.binaries('patchbay'), args, { ...options, env: { PATCHBAY_RUNTIME_DIR: this.runtimeDir, PATCHBAY_STATE_DIR: this.stateDir, ...options.env } });
  }

  /** A command with --json that must succeed; field names in snake_case. */
  async json(args, options) {
    const result = await this.cli([...args, '--json'], options);
    assert.equal(result.code, 0, `patchbay ${args.join(' ')}: exit ${result.code}: ${result.stderr || result.stdout}`);
    return snakeCase(JSON.parse(result.stdout));
  }

  status() {
    return this.json(['status']);
  }

  async worker(name) {
    const worker = (await this.status()).workers.find((each) => each.name === name);
    assert.ok(worker, `no worker ${name}`);
    return worker;
  }

  async workerPid(name) {
    return Number((await this.worker(name)).pid);
  }

  /** kill -9. Resolves with the pid that is gone. */
  async kill(name) {
    const pid = await this.workerPid(name);
    assert.ok(pid > 1);
    process.kill(pid, 'SIGKILL');
    return pid;
  }

  async listAccounts() {
    return (await this.json(['accounts', 'list'])).accounts ?? [];
  }

  async usageRows(limit = 10_000) {
    return (await this.json(['usage', '--limit', String(limit)])).rows ?? [];
  }

  /** The one usage row of a request. Rows are written a moment after the answer. */
  async usageOf(requestId) {
    const mine = await eventually(`a usage row of ${requestId}`, async () => {
      const rows = (await this.usageRows()).filter((row) => row.request_id === requestId);
      return rows.length > 0 && rows;
    }, { every: 25 });
    assert.equal(mine.length, 1, `${requestId} was counted ${mine.length} times`);
    return mine[0];
  }

  /** A client key; the gateway's own client uses the first. `terms` are options: ['--rpm', '5']. */
  async createKey(name = 'test', terms = []) {
    const created = await this.json(['keys', 'create', '--name', name, ...terms]);
    const key = created.secret ?? created.key;
    const text = typeof key === 'string' ? key : key?.secret;
    this.secrets.add(text);
    if (!this.key) {
      this.key = text;
      if (this.client) this.client.key = text;
    }
    return text;
  }

  /** Makes accounts at the simulated provider and imports them. */
  async addAccounts(count, options = {}) {
    const made = [];
    for (let i = 0; i < count; ++i) {
      const account = await this.sim.createAccount({ ...options, label: options.label ?? `account-${this.accounts.length + i + 1}` });
      if (options.scenario) await this.sim.setScenario(account, options.scenario);
      made.push(account);
      for (const secret of account.secrets) this.secrets.add(secret);
    }
    const document = { accounts: made.map(({ token, refreshToken, label }) => ({ token, refreshToken, label })) };
    const result = await this.cli(['accounts', 'import', '-'], { input: JSON.stringify(document) });
    assert.equal(result.code, 0, `import: ${result.stderr || result.stdout}`);
    this.accounts.push(...made);
    return made;
  }

  /** Makes accounts at the simulated public API, and adds their keys as accounts of `provider`. */
  async addKeys(provider, count = 1) {
    const made = [];
    for (let i = 0; i < count; ++i) {
      const account = await this.sim.createAccount({ label: `${provider}-${i + 1}` });
      for (const secret of account.secrets) this.secrets.add(secret);
      const args = ['accounts', 'add', '--provider', provider, '--key-file', '-', '--label', account.label];
      const result = await this.cli(args, { input: `${account.apiKey}\n` });
      assert.equal(result.code, 0, `accounts add: ${result.stderr || result.stdout}`);
      made.push(account);
    }
    this.accounts.push(...made);
    return made;
  }

  // ---- the end ----

  learnRoleTokens(pids) {
    for (const pid of pids) {
      try {
        const token = environmentOf(pid).PATCHBAY_ROLE_TOKEN;
        if (token) this.secrets.add(token);
      } catch {
        // Not readable without root; then there is nothing to look for.
      }
    }
  }

  get logs() {
    return this.program?.output ?? '';
  }

  assertCleanLogs() {
    const lines = this.logs.split('\n');
    for (const secret of this.secrets) {
      const at = lines.findIndex((line) => line.includes(secret));
      assert.ok(at < 0, `a secret is in the log: ${at >= 0 ? lines[at].replaceAll(secret, '<secret>').slice(0, 300) : ''}`);
    }
    const report = lines.findIndex((line) => kSanitizerReport.test(line));
    assert.ok(report < 0, `a sanitizer reported:\n${lines.slice(report, report + 40).join('\n')}`);
  }

  /** SIGTERM; exit 0, nothing left behind, no secret in the log. */
  async stop({ code = 0 } = {}) {
    this.client?.close();
    if (!this.program) return;
    this.learnRoleTokens(processesMentioning(this.runtimeDir));
    try {
      const result = await this.program.stop();
      assert.equal(result.code, code, `patchbayd exited ${result.code ?? result.signal}\n${this.logs.slice(-2000)}`);
      await this.assertNothingLeft();
      this.assertCleanLogs();
    } finally {
      this.destroy();
    }
  }

  async assertNothingLeft(within = 2000) {
    let left = [];
    await eventually('no process left behind', () => (left = processesMentioning(this.runtimeDir)).length === 0, { within }).catch(() => {
      const named = left.map((pid) => `${pid} ${commandLine(pid)}`);
      for (const pid of left) if (alive(pid)) process.kill(pid, 'SIGKILL');
      assert.fail(`processes outlived patchbayd: ${named.join('; ')}`);
    });
  }

  /** Ends what still runs, without judging. */
  destroy() {
    this.client?.close();
    if (this.program?.running) this.program.signal('SIGKILL');
    for (const pid of processesMentioning(this.runtimeDir)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // Gone by itself.
      }
    }
    if (this.ownsDirectory && !process.env.PATCHBAY_TEST_KEEP) removeDirectory(this.directory);
  }

  /** The last log lines, for the report of a failed test. */
  logTail(lines = 60) {
    return this.logs.split('\n').slice(-lines).join('\n');
  }
}

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '(gone)';
  }
}

/** protobuf's JSON names in camelCase and ours in snake_case read the same. */
export function snakeCase(value) {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (value === null || typeof value !== 'object') return value;
  const renamed = Object.entries(value).map(([key, inner]) => [/^[a-z]+([A-Z][a-z0-9]*)+$/.test(key) ? key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`) : key, snakeCase(inner)]);
  return Object.fromEntries(renamed);
}

/**
 * A ready gateway with `accounts` simulated accounts, and a client key. `keys` says how many keys it has of which
 * providers besides, {openai: 1}: each is the simulated public API. A `config` that is a function is given the simulated
 * provider, whose addresses it may name.
 */
export async function startGateway({ sim, accounts = 1, accountOptions, keys = {}, ...options }) {
  const place = { base_url: sim?.apiBaseUrl, ca_file: sim?.caFile, allow_private: true };
  const providers = Object.fromEntries(Object.keys(keys).map((provider) => [provider, place]));
  const own = typeof options.config === 'function' ? options.config(sim) : options.config;
  const gateway = new Gateway({ sim, ...options, config: merge({ providers }, own) });
  try {
    await gateway.start();
    await gateway.createKey();
    if (accounts > 0) await gateway.addAccounts(accounts, accountOptions);
    for (const [provider, count] of Object.entries(keys)) await gateway.addKeys(provider, count);
  } catch (error) {
    console.error(gateway.logTail());
    gateway.destroy();
    throw error;
  }
  return gateway;
}

export { bound };
