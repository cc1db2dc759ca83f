// A login that the Codex CLI keeps in its auth.json, and patchbay shares: one refresh at a time, whoever does it.
// ThreadSanitizer: another program writes the file while we read it.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chat, marked } from '../support/bodies.mjs';
import { removeDirectory, temporaryDirectory } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';

suite('a login shared with the Codex CLI', { accounts: 0 }, (test) => {
  const home = temporaryDirectory('home');
  const file = path.join(home, '.codex', 'auth.json');
  let account;

  const stored = () => JSON.parse(readFileSync(file, 'utf8'));
  const ask = (client) => client.post(kPath, chat(marked('text', { events: 2 })));
  const shown = async (gateway) => (await gateway.listAccounts())[0];
  async function learn(gateway, sim) {
    const { access_token, refresh_token, id_token } = await sim.account(account);
    for (const secret of [access_token, refresh_token, id_token]) gateway.secrets.add(secret);
  }
  /** The CLI writes what it has at the provider. */
  async function cliWrites(sim) {
    const login = await sim.control('GET', `accounts/${account.id}/auth.json`);
    writeFileSync(file, JSON.stringify({ ...login, its_own: { kept: true } }));
  }
  /** The CLI renews its login, and writes it down. */
  async function cliRefreshes(gateway, sim) {
    await new Promise((resolve) => setTimeout(resolve, 1100)); // tokens tell the second in which they were issued
    await sim.control('POST', `accounts/${account.id}/rotate`, {});
    await learn(gateway, sim);
    await cliWrites(sim);
  }

  test('becomes an account that says so', async ({ gateway, sim, client }) => {
    account = await sim.createAccount({ label: 'theirs' });
    account.secrets.forEach((secret) => gateway.secrets.add(secret));
    mkdirSync(path.dirname(file));
    await cliWrites(sim);
    chmodSync(file, 0o640);
    const alone = await gateway.cli(['login', '--shared']);
    assert.equal(alone.code, 64);
    const none = await gateway.cli(['login', '--import', path.join(home, 'none.json'), '--shared']);
    assert.equal(none.code, 1);
    assert.match(none.stderr, /none\.json: No such file/);
    const shared = await gateway.cli(['login', '--import', '--shared', '--label', 'theirs'], { env: { HOME: home } });
    assert.equal(shared.code, 0, shared.stderr);
    assert.match(shared.stdout, new RegExp(`shared with ${file}`));
    assert.equal((await shown(gateway)).shared_file, file);
    assert.equal((await ask(client)).status, 200);
  });

  test('is renewed by us, once for all, and left in the file', async ({ gateway, sim, client }) => {
    await sim.expireToken(account);
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(client)));
    assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
    await learn(gateway, sim);
    const now = await sim.account(account);
    assert.equal(now.refreshes, 1);
    assert.equal(stored().tokens.refresh_token, now.refresh_token);
    assert.equal(stored().tokens.access_token, now.access_token);
    assert.deepEqual(stored().its_own, { kept: true });
    assert.equal(statSync(file).mode & 0o777, 0o640);
    await gateway.kill('accounts');
    assert.equal((await ask(client)).status, 200);
    assert.equal((await sim.account(account)).refreshes, 1);
  });

  test('is taken from the file when the CLI was faster, without asking', async ({ gateway, sim, client }) => {
    const { refreshes } = await sim.account(account);
    await cliRefreshes(gateway, sim);
    assert.equal((await ask(client)).status, 200, 'the token that it had is refused, and the file is read first');
    await cliRefreshes(gateway, sim);
    await eventually('the file to be seen', () => (gateway.logs.match(/"login_file\.taken"/g) ?? []).length >= 2);
    assert.equal((await ask(client)).status, 200);
    const now = await sim.account(account);
    assert.equal(now.refreshes, refreshes);
    assert.equal(now.reused_refresh_tokens, 0);
  });

  test('is not renewed while the file is gone, and used as long as it is good', async ({ gateway, sim, client }) => {
    const { refreshes } = await sim.account(account);
    rmSync(file);
    await eventually('the account to say so', async () => /auth\.json is gone/.test((await shown(gateway)).shared_file_problem));
    assert.match((await gateway.cli(['accounts', 'show', 'theirs'])).stdout, /not shared now/);
    assert.equal((await ask(client)).status, 200);
    await sim.expireToken(account);
    assert.notEqual((await ask(client)).status, 200);
    const gone = await shown(gateway);
    assert.match(gone.state, /EXPIRED/);
    assert.match(gone.evidence, /its login is shared, and .*auth\.json/);
    assert.equal((await sim.account(account)).refreshes, refreshes);
    await cliRefreshes(gateway, sim);
    await eventually('the account to be back', async () => /ACTIVE/.test((await shown(gateway)).state));
    assert.equal((await ask(client)).status, 200);
  });

  test('is left alone when it is not to be shared any more, and by logging out', async ({ gateway, sim, client }) => {
    const { ref } = await shown(gateway);
    const out = await gateway.cli(['logout', ref]);
    assert.match(out.stdout, /the login stays in/);
    assert.equal((await sim.account(account)).revocations, 0);
    assert.equal((await gateway.cli(['login', '--import', file, '--shared'])).code, 0);
    const mine = (await shown(gateway)).ref;
    assert.equal((await gateway.cli(['accounts', 'update', mine, '--not-shared'])).code, 0);
    assert.equal((await shown(gateway)).shared_file ?? '', '');
    const before = readFileSync(file, 'utf8');
    assert.equal((await gateway.cli(['accounts', 'refresh', mine])).code, 0);
    await learn(gateway, sim);
    assert.equal(readFileSync(file, 'utf8'), before);
    assert.equal((await ask(client)).status, 200);
    removeDirectory(home);
  });
});
