// `patchbay login` as a person uses it, and the browser beside it.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { binary, cleanEnvironment } from './program.mjs';
import { bound, eventually, within } from './wait.mjs';

const kLoginWithin = 30_000;

/** `patchbay login`, with a person who reads its lines and types. */
export class LoginCommand {
  static last;

  constructor(gateway, args = []) {
    // One that a failed test left behind would keep the ports.
    LoginCommand.last?.child.kill('SIGKILL');
    LoginCommand.last = this;
    const env = cleanEnvironment({ PATCHBAY_RUNTIME_DIR: gateway.runtimeDir });
    this.child = spawn(binary('patchbay'), ['login', '--no-browser', '--json', ...args], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.out = '';
    this.complaints = '';
    this.child.stdout.on('data', (text) => (this.out += text));
    this.child.stderr.on('data', (text) => (this.complaints += text));
    this.exited = new Promise((resolve) => this.child.on('close', (code) => resolve(code)));
  }

  get logins() {
    return this.out.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  }

  /** The login once it is in that state. */
  state(name) {
    return eventually(`the login to be ${name}`, () => this.logins.find((login) => login.state === `LOGIN_STATE_${name}`), { within: kLoginWithin });
  }

  type(line) {
    this.child.stdin.write(`${line}\n`);
  }

  /** Exit code and the last word. */
  async end() {
    const code = await within(bound(kLoginWithin), 'patchbay login to end', this.exited);
    return { code, login: this.logins.at(-1) };
  }
}

/** What a browser does with an address: the answer, without going where it sends it. */
export function open(address, sim) {
  return new Promise((resolve, reject) => {
    const url = new URL(address);
    const secure = url.protocol === 'https:';
    const options = secure ? { ca: readFileSync(sim.caFile) } : {};
    if (url.hostname === 'localhost') options.host = '127.0.0.1';
    const request = (secure ? https : http).get(url, options, (response) => {
      let text = '';
      response.on('data', (piece) => (text += piece));
      response.on('end', () => resolve({ status: response.statusCode, location: response.headers.location, text }));
    });
    request.on('error', reject);
  });
}
