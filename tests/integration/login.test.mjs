// Logging in: with a browser, by pasting, by a device's code, from another program's file; and logging out.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import path from 'node:path';
import { chat, marked } from '../support/bodies.mjs';
import { binary, cleanEnvironment, removeDirectory, temporaryDirectory } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { bound, eventually, within } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const kLoginWithin = 30_000;

/** Two ports that nobody has just now: the real ones may be a person's own. */
async function freePorts() {
  const servers = await Promise.all([occupy(0), occupy(0)]);
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map(vacate));
  return ports;
}

function occupy(port) {
  return new Promise((resolve, reject) => {
    const server = net.createServer((socket) => socket.destroy());
    server.on('error', reject);
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

function vacate(server) {
  return new Promise((resolve) => server.close(resolve));
}

const ports = await freePorts();
const config = { providers: { codex: { auth: { oauth: { redirect_ports: ports } } } } };

/** `patchbay login`, with a person who reads its lines and types. */
class LoginCommand {
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
function open(address, sim) {
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

async function learnSecrets(gateway, sim, account) {
  const { access_token, refresh_token, id_token } = await sim.account(account);
  for (const secret of [access_token, refresh_token, id_token]) gateway.secrets.add(secret);
}

async function newPerson(sim, gateway, how = {}) {
  const account = await sim.createAccount({ label: `person-${Math.random().toString(36).slice(2, 8)}` });
  account.secrets.forEach((secret) => gateway.secrets.add(secret));
  await sim.control('POST', 'login', { account_id: account.id, ...how });
  return account;
}

async function accountOf(gateway, account) {
  return (await gateway.listAccounts()).find((each) => each.provider_account_id === account.id);
}

suite('logging in with a browser', { accounts: 0, config }, (test) => {
  test('adds the account, which serves', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway);
    const command = new LoginCommand(gateway, ['--label', 'mine']);
    const { redirects } = await command.state('WAITING');
    assert.deepEqual(redirects.map((redirect) => redirect.port), ports);
    const page = await open(redirects[0].authorize_url, sim);
    assert.equal(page.status, 302, page.text);
    const back = await open(page.location, sim);
    assert.equal(back.status, 200, back.text);
    const { code, login } = await command.end();
    assert.equal(code, 0, command.complaints);
    assert.equal(login.state, 'LOGIN_STATE_DONE');
    assert.equal(login.created, true);
    assert.equal(login.account.label, 'mine');
    assert.equal(login.account.provider_account_id, person.id);
    await learnSecrets(gateway, sim, person);
    const answer = await gateway.client.post(kPath, chat(marked('text', { events: 2 })));
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await sim.account(person)).logins, 1);
  });

  test('takes the second port when the first is in use, and a pasted address when both are', async ({ gateway, sim }) => {
    const first = await occupy(ports[0]);
    try {
      await newPerson(sim, gateway);
      const command = new LoginCommand(gateway);
      const { redirects } = await command.state('WAITING');
      const page = await open(redirects[1].authorize_url, sim);
      assert.equal((await open(page.location, sim)).status, 200);
      assert.equal((await command.end()).code, 0, command.complaints);

      const second = await occupy(ports[1]);
      try {
        const person = await newPerson(sim, gateway);
        const pasting = new LoginCommand(gateway);
        const waiting = await pasting.state('WAITING');
        const { location } = await open(waiting.redirects[0].authorize_url, sim);
        pasting.type('nothing like it: a b');
        await eventually('a complaint', () => /no answer of the login page/.test(pasting.complaints));
        pasting.type(location);
        assert.equal((await pasting.end()).code, 0, pasting.complaints);
        assert.ok(await accountOf(gateway, person));
      } finally {
        await vacate(second);
      }
    } finally {
      await vacate(first);
    }
  });

  test('goes on waiting when an answer belongs to another login', async ({ gateway, sim }) => {
    await newPerson(sim, gateway);
    const command = new LoginCommand(gateway);
    const { redirects } = await command.state('WAITING');
    const { location } = await open(redirects[0].authorize_url, sim);
    const forged = await open(location.replace(/state=[^&]+/, 'state=forged'), sim);
    assert.equal(forged.status, 400);
    assert.match(forged.text, /belongs to another login/);
    assert.equal((await open(location, sim)).status, 200);
    assert.equal((await command.end()).code, 0, command.complaints);
  });

  test('says that the person said no', async ({ gateway, sim }) => {
    await newPerson(sim, gateway, { denies: true });
    const command = new LoginCommand(gateway);
    const { redirects } = await command.state('WAITING');
    await open((await open(redirects[0].authorize_url, sim)).location, sim);
    assert.equal((await command.end()).code, 1);
    assert.match(command.complaints, /access_denied \(The user said no\); log in again/);
  });

  test('outlives a restart of accounts while the person is away', async ({ gateway, sim }) => {
    await newPerson(sim, gateway);
    const command = new LoginCommand(gateway);
    const { redirects } = await command.state('WAITING');
    await gateway.kill('accounts');
    const { location } = await open(redirects[0].authorize_url, sim);
    await eventually('accounts to take the answer', async () => (await open(location, sim)).status === 200, { within: 20_000, every: 200 });
    assert.equal((await command.end()).code, 0, command.complaints);
  });

  test('shows its code once more when accounts dies before the provider has answered', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway);
    await sim.setRefreshScenario(person, { name: 'refresh_stall', count: 1 });
    const command = new LoginCommand(gateway);
    const { redirects } = await command.state('WAITING');
    assert.equal((await open((await open(redirects[0].authorize_url, sim)).location, sim)).status, 200);
    await command.state('FINISHING');
    await gateway.kill('accounts');
    assert.equal((await command.end()).code, 0, command.complaints);
    assert.equal((await sim.account(person)).logins, 1);
    assert.equal((await sim.account(person)).refused_exchanges, 0);
  });

  test('says what most likely became of a code whose answer was lost', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway);
    await sim.setRefreshScenario(person, { name: 'refresh_lost', count: 1 });
    const command = new LoginCommand(gateway);
    const { redirects } = await command.state('WAITING');
    await open((await open(redirects[0].authorize_url, sim)).location, sim);
    assert.equal((await command.end()).code, 1);
    assert.match(command.complaints, /most likely it has spent the code; log in again/);
    assert.equal(await accountOf(gateway, person), undefined);
  });

  test('updates an account that is there, and logging out ends it at the provider', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway);
    for (const created of [true, false]) {
      const command = new LoginCommand(gateway);
      const { redirects } = await command.state('WAITING');
      await open((await open(redirects[0].authorize_url, sim)).location, sim);
      const { code, login } = await command.end();
      assert.equal(code, 0, command.complaints);
      assert.equal(login.created, created);
      await learnSecrets(gateway, sim, person);
    }
    const { ref } = await accountOf(gateway, person);
    assert.equal((await gateway.json(['logout', ref])).revoked, true);
    assert.equal((await sim.account(person)).revocations, 1);
    assert.equal(await accountOf(gateway, person), undefined);
  });
});

suite('logging in by a device', { accounts: 0, config }, (test) => {
  test('waits until the code was entered', async ({ gateway, sim }) => {
    const person = await newPerson(sim, gateway, { later: true });
    const command = new LoginCommand(gateway, ['--device']);
    const { user_code, verification_url } = await command.state('WAITING');
    assert.match(user_code, /^\S+-\S+$/);
    assert.equal(verification_url, `${sim.authBaseUrl}/codex/device`);
    await gateway.kill('accounts'); // the device is still known afterwards
    await sim.control('POST', 'login/finish');
    const { code } = await command.end();
    assert.equal(code, 0, command.complaints);
    assert.ok(await accountOf(gateway, person));
    await learnSecrets(gateway, sim, person);
  });

  test('ends when the person says no', async ({ gateway, sim }) => {
    await newPerson(sim, gateway, { denies: true });
    const command = new LoginCommand(gateway, ['--device']);
    assert.equal((await command.end()).code, 1);
    assert.match(command.complaints, /access_denied/);
  });
});

suite('logging in with what another program has', { accounts: 0, config }, (test) => {
  test('takes the login of the Codex CLI', async ({ gateway, sim }) => {
    const directory = temporaryDirectory('home');
    try {
      const account = await sim.createAccount({ label: 'theirs' });
      account.secrets.forEach((secret) => gateway.secrets.add(secret));
      const none = await gateway.cli(['login', '--import'], { env: { HOME: directory } });
      assert.equal(none.code, 1);
      assert.match(none.stderr, /there is no .*auth\.json/);
      mkdirSync(path.join(directory, '.codex'));
      const file = path.join(directory, '.codex', 'auth.json');
      writeFileSync(file, JSON.stringify(await sim.control('GET', `accounts/${account.id}/auth.json`)));
      const found = await gateway.cli(['login', '--import', '--label', 'theirs'], { env: { HOME: directory } });
      assert.equal(found.code, 0, found.stderr);
      assert.equal((await accountOf(gateway, account)).label, 'theirs');
      const named = await gateway.cli(['login', '--import', file]);
      assert.match(named.stdout, /^updated/);
    } finally {
      removeDirectory(directory);
    }
  });

  test('says which providers have no login', async ({ gateway }) => {
    const { code, stderr } = await gateway.cli(['login', 'groq']);
    assert.equal(code, 1);
    assert.match(stderr, /Groq has no login that patchbay can lead through; get a key at/);
    assert.equal((await gateway.cli(['login', 'nobody'])).code, 1);
  });
});
