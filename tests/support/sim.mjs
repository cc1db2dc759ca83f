// The simulated provider (tests/sim) as a child process, and its control API.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from './http.mjs';
import { Program, binary, removeDirectory, temporaryDirectory } from './program.mjs';
import { eventually } from './wait.mjs';

const kStartWithin = 10_000;

export class Sim {
  constructor(args = []) {
    this.directory = temporaryDirectory('sim');
    this.program = new Program(binary('patchbay-sim'), ['--listen', '127.0.0.1:0', '--dir', this.directory, '--exit-with-parent', ...args]);
  }

  async start() {
    const file = path.join(this.directory, 'sim.json');
    this.facts = await eventually('the simulated provider', () => {
      if (!this.program.running) throw new Error(`it ended: ${this.program.output}`);
      return existsSync(file) && JSON.parse(readFileSync(file, 'utf8'));
    }, { within: kStartWithin });
    this.baseUrl = this.facts.base_url;
    this.authBaseUrl = this.facts.auth_base_url;
    this.apiBaseUrl = this.facts.api_base_url;
    this.plainBaseUrl = this.facts.plain_base_url;
    this.caFile = this.facts.ca_file;
    this.controlClient = new Client({ port: Number(new URL(this.facts.control_url).port) });
    return this;
  }

  async control(method, what, body) {
    const answer = await this.controlClient.request(method, `/control/${what}`, { body });
    if (answer.status >= 300) throw new Error(`sim: ${method} ${what}: ${answer.status} ${answer.text}`);
    return answer.json();
  }

  /** A new login: {id, label, token, refreshToken, idToken, secrets}. */
  async createAccount({ label, plan, expires_in_s, api_key, refreshable = true } = {}) {
    const made = await this.control('POST', 'accounts', { label, plan, expires_in_s, api_key });
    return {
      id: made.account_id,
      label: made.label,
      token: made.access_token,
      refreshToken: refreshable ? made.refresh_token : undefined,
      idToken: made.id_token,
      apiKey: made.api_key, // at apiBaseUrl, instead of all the rest
      secrets: [made.access_token, made.refresh_token, made.id_token, made.api_key],
    };
  }

  async account(account) {
    return this.control('GET', `accounts/${account.id}`);
  }

  /** What the account does from now on, `count` times or for good; see tests/sim/README.md for names. */
  setScenario(account, scenario) {
    return this.control('POST', `accounts/${account.id}/scenario`, scenario);
  }

  setRefreshScenario(account, scenario) {
    return this.setScenario(account, scenario);
  }

  /** The quota windows, e.g. {primary_used: 100, primary_reset_in: 1800}. */
  setUsage(account, usage) {
    return this.control('POST', `accounts/${account.id}/usage`, usage);
  }

  clearScenario(account) {
    return this.control('DELETE', `accounts/${account.id}/scenario`);
  }

  /** The access token is dead; the refresh token lives. */
  expireToken(account) {
    return this.control('POST', `accounts/${account.id}/expire`, {});
  }

  async refreshes(account) {
    return (await this.account(account)).refreshes;
  }

  async refusedRefreshes(account) {
    return (await this.account(account)).refused_refreshes;
  }

  /** What the model says to the next requests, e.g. [{text: 'Done.'}] each; see "Scripted replies" in tests/sim/README.md. */
  script(...replies) {
    return this.control('POST', 'replies', { replies: replies.map((reply) => (Array.isArray(reply) ? { output: reply } : reply)) });
  }

  async repliesWaiting() {
    return (await this.control('GET', 'replies')).waiting;
  }

  release(key) {
    return this.control('POST', 'release', { key });
  }

  stats() {
    return this.control('GET', 'stats');
  }

  /** Forgets the log and every scenario; accounts stay. */
  reset() {
    return this.control('POST', 'reset', {});
  }

  /** The model calls it received, oldest first. */
  async requests({ limit = 100_000 } = {}) {
    const { entries } = await this.control('GET', `log?limit=${limit}`);
    return entries
      .filter((entry) => /\/(responses|alpha|memories|chat)/.test(entry.path))
      .map((entry) => ({ ...entry, account: entry.account_id, aborted_at_ms: entry.aborted ? entry.time_ms + entry.aborted_at_ms_since_request : undefined }));
  }

  async lastRequest() {
    const last = (await this.requests()).at(-1);
    if (!last) throw new Error('the provider received nothing');
    return last;
  }

  async stop() {
    this.controlClient?.close();
    try {
      await this.program.stop({ ms: 5000 });
    } finally {
      removeDirectory(this.directory);
    }
  }
}

export async function startSim(args) {
  const sim = new Sim(args);
  try {
    return await sim.start();
  } catch (error) {
    sim.program.signal('SIGKILL');
    throw error;
  }
}
