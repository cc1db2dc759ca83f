// A provider that is asked with each caller's own login (auth.mode forward): it passes through, and nothing of it stays.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { chat, kModel, marked, responses } from '../support/bodies.mjs';
import { SocketClient, codexHeaders, create } from '../support/socket.mjs';
import { merge } from '../support/gateway.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kForward = { providers: { codex: { auth: { mode: 'forward' } } } };
const kThread = '0198c0de-0000-7000-8000-00000000f0f0';

async function loginAt(gateway, sim, label) {
  const account = await sim.createAccount({ label });
  for (const secret of account.secrets) gateway.secrets.add(secret); // stop() looks for them in the log
  return { account, headers: { authorization: `Bearer ${account.token}`, 'chatgpt-account-id': account.id, 'x-patchbay-key': gateway.key } };
}

const filesBelow = (directory) => readdirSync(directory, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));

suite("each caller's own login", { accounts: 0, config: kForward }, (test) => {
  test('serves the caller that shows it, by the client bytes and translated', async ({ gateway, sim, client }) => {
    for (const name of ['ada', 'bob']) {
      const { account, headers } = await loginAt(gateway, sim, name);
      const relayed = await client.post('/v1/responses', responses(marked('text', { events: 3 }), { stream: false }), { headers });
      assert.equal(relayed.status, 200, relayed.text);
      assert.equal((await sim.lastRequest()).account, account.id);
      const translated = await client.post('/v1/chat/completions', chat('hello'), { headers });
      assert.equal(translated.status, 200, translated.text);
      assert.equal((await sim.lastRequest()).account, account.id);
      const row = await gateway.usageOf(translated.headers['x-request-id']);
      assert.equal(row.provider, 'codex');
    }
  });

  test('serves turns of a socket', async ({ gateway, sim }) => {
    const { account, headers } = await loginAt(gateway, sim, 'carol');
    const socket = await SocketClient.open({ port: gateway.port, headers: { ...codexHeaders(kThread), ...headers } });
    (await socket.turn(create(marked('text', { events: 3 })))).completed();
    assert.equal((await sim.lastRequest()).account, account.id);
    socket.abort();
  });

  test('is asked for where a caller shows none, and a key of this gateway is none', async ({ gateway, sim, client }) => {
    const answer = await client.post('/v1/chat/completions', chat('hello'));
    assert.equal(answer.status, 401, answer.text);
    assert.match(answer.json().error.message, /your own login at codex: send it as 'Authorization: Bearer …'/);
    const revoked = await client.post('/v1/chat/completions', chat('hello'),
      { headers: { authorization: 'Bearer pbk_of_yesterday', 'x-patchbay-key': gateway.key } });
    assert.equal(revoked.status, 401);
    assert.equal((await sim.requests()).length, 0, 'nothing was sent');
  });

  test('is judged for its owner alone', async ({ gateway, sim, client }) => {
    const dead = await loginAt(gateway, sim, 'dora');
    const used = await loginAt(gateway, sim, 'emil');
    const fine = await loginAt(gateway, sim, 'fred');
    await sim.setScenario(dead.account, { name: 'account_deactivated' });
    await sim.setScenario(used.account, { name: 'usage_limit_reached' });
    const refused = await client.post('/v1/chat/completions', chat('hello'), { headers: dead.headers });
    assert.equal(refused.status, 401, refused.text);
    const full = await client.post('/v1/chat/completions', chat('hello'), { headers: used.headers });
    assert.equal(full.status, 429, full.text);
    assert.equal((await client.post('/v1/chat/completions', chat('hello'), { headers: fine.headers })).status, 200);
    assert.equal((await sim.requests()).length, 3, 'each was asked once');
    const [account] = await gateway.listAccounts();
    assert.equal(account.label, "each caller's own");
    assert.equal(account.state, 'ACCOUNT_STATE_ACTIVE');
  });

  test('leaves nothing behind', async ({ gateway, sim, client }) => {
    const { account, headers } = await loginAt(gateway, sim, 'gina');
    assert.equal((await client.post('/v1/chat/completions', chat('hello'), { headers })).status, 200);
    await gateway.kill('accounts');
    await eventually('accounts to be back', async () => (await client.post('/v1/chat/completions', chat('hello'), { headers })).status === 200);
    for (const file of filesBelow(gateway.stateDir)) {
      const bytes = readFileSync(file);
      for (const secret of [account.token, account.id]) assert.ok(!bytes.includes(secret), `${file} holds a caller's login`);
    }
  });

  test('cannot be added, nor removed while the row stands', async ({ gateway }) => {
    const added = await gateway.cli(['accounts', 'add', '--provider', 'codex', '--key-file', '-'], { input: 'key\n' });
    assert.notEqual(added.code, 0);
    assert.match(added.stderr, /each caller of .* shows a login of its own: there is no account to add/);
    const [account] = await gateway.listAccounts();
    const removed = await gateway.cli(['accounts', 'rm', account.ref]);
    assert.match(removed.stderr, /it stands for the callers' own logins \(providers\.codex\.auth\.mode: forward\)/);
  });

  test('is kept from providers that do not want it', async ({ gateway, sim, client }) => {
    gateway.writeConfig(merge(gateway.config, { providers: { codex: { auth: { mode: 'oauth' } } } }));
    await gateway.json(['reload']);
    await eventually('the account of the callers to go', async () => (await gateway.listAccounts()).length === 0);
    const { headers } = await loginAt(gateway, sim, 'hugo');
    const answer = await client.post('/v1/chat/completions', chat('hello', { model: kModel }), { headers });
    assert.equal(answer.status, 503, answer.text);
    assert.equal((await sim.requests()).length, 0);
  });
});
