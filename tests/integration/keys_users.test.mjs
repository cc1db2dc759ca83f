// Client keys that the configuration names (accounts.users, docs/keys.md): read at the start, changed by a reload.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { chat } from '../support/bodies.mjs';
import { merge } from '../support/gateway.mjs';
import { suite } from '../support/suite.mjs';

const kAlice = 'q8Zk2mVt4XwR7nLb9PdH', kBob = '3b1f5c9e07d2486aa1c4e6f809b7d352';
const kUsers = { alice: { token: '${ALICE_TOKEN}', models: ['gpt-5.5'] } };

const ask = ({ gateway }, key, model = 'gpt-5.5') => gateway.client.with({ key }).post('/v1/chat/completions', chat('hello', { model }));

async function reload(gateway, users) {
  const { users: _, ...accounts } = gateway.config.accounts ?? {};
  gateway.writeConfig({ ...gateway.config, accounts: { ...accounts, users } });
  return gateway.cli(['reload']);
}

const good = async (gateway, users) => {
  const { code, stdout, stderr } = await reload(gateway, users);
  assert.equal(code, 0, stderr || stdout);
};

const tokenFile = (gateway, name, text) => {
  const file = path.join(gateway.directory, name);
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
};

suite('users of the configuration', { accounts: 1, env: { ALICE_TOKEN: kAlice }, config: { accounts: { users: kUsers } } }, (test) => {
  test('are let in with their terms, and stand on the list', async (context) => {
    const { gateway } = context;
    gateway.secrets.add(kAlice).add(kBob);
    assert.equal((await ask(context, kAlice)).status, 200);
    assert.equal((await ask(context, kAlice, 'gpt-6-luna')).status, 403);
    const { keys } = await gateway.json(['keys', 'list']);
    const alice = keys.find(({ name }) => name === 'alice');
    assert.equal(alice.configured, true);
    assert.deepEqual(alice.terms.models, ['gpt-5.5']);
    assert.match((await gateway.cli(['keys', 'list'])).stdout, /alice .*configuration/);
  });

  test('come, change and go with a reload', async (context) => {
    const { gateway } = context;
    const bob = { token: tokenFile(gateway, 'bob.token', kBob) };
    assert.equal((await ask(context, kBob)).status, 401);
    await good(gateway, { ...kUsers, bob });
    assert.equal((await ask(context, kBob)).status, 200);
    await good(gateway, { ...kUsers, bob: { ...bob, models: ['gpt-6-luna'] } });
    assert.equal((await ask(context, kBob)).status, 403);
    await good(gateway, kUsers);
    assert.equal((await ask(context, kBob)).status, 401);
    assert.equal((await ask(context, kAlice)).status, 200, 'others stay');
  });

  test('keep what they have used when they come back', async (context) => {
    const { gateway } = context;
    const bob = { token: tokenFile(gateway, 'bob.token', kBob), budgets: ['10k tokens a day'] };
    await good(gateway, { ...kUsers, bob });
    const id = `users-${Date.now()}`;
    await gateway.client.with({ key: kBob }).post('/v1/chat/completions', chat('hello', { max_tokens: 50 }), { headers: { 'x-request-id': id } });
    await gateway.usageOf(id);
    const used = async () => Number((await gateway.json(['keys', 'show', 'bob'])).standing.budgets[0].used);
    const before = await used();
    assert.ok(before > 0);
    await good(gateway, kUsers);
    await good(gateway, { ...kUsers, bob });
    assert.equal(await used(), before);
  });

  test('are changed in the configuration and nowhere else', async ({ gateway }) => {
    for (const args of [['update', 'alice', '--rpm', '5'], ['rotate', 'alice'], ['revoke', 'alice']]) {
      const { code, stdout, stderr } = await gateway.cli(['keys', ...args]);
      assert.notEqual(code, 0, `${args.join(' ')}: ${stdout}`);
      assert.match(stderr, /configuration|accounts\.users/);
    }
  });

  test('with a token that examples use, a short one or the token itself are refused, and not shown', async (context) => {
    const { gateway } = context;
    const before = gateway.config;
    for (const [token, why] of [
      [tokenFile(gateway, 'sample.token', 'sk-1234567890abcdef'), /accounts\.users\.eve\.token: the token is one that examples use/],
      [tokenFile(gateway, 'short.token', 'k3J9xQ2mZ7'), /is shorter than 16 characters/],
      [tokenFile(gateway, 'same.token', kAlice), /has the same token/],
      [path.join(gateway.directory, 'none.token'), /cannot be read/],
      ['k3J9xQ2mZ7vR5tW8yB1nC4', /is neither \$\{VARIABLE\} nor the absolute path of a file/],
    ]) {
      const { code, stdout, stderr } = await reload(gateway, { ...kUsers, eve: { token } });
      assert.notEqual(code, 0, `${token} was taken`);
      assert.match(stdout + stderr, why);
      for (const secret of ['sk-1234567890abcdef', 'k3J9xQ2mZ7']) assert.ok(!(stdout + stderr).includes(secret), 'the token is shown');
    }
    assert.equal((await ask(context, kAlice)).status, 200, 'what was stays in use');
    gateway.writeConfig(before);
    await good(gateway, kUsers);
  });

  test('are shown without their tokens', async ({ gateway }) => {
    const printed = await gateway.cli(['config', 'print', gateway.configFile]);
    assert.equal(printed.code, 0, printed.stderr);
    assert.match(printed.stdout, /alice:/);
    const told = printed.stdout + (await gateway.cli(['keys', 'list', '--json'])).stdout + (await gateway.cli(['config', 'schema'])).stdout;
    for (const secret of [kAlice, kBob]) assert.ok(!told.includes(secret));
  });

  test('are as they were after a kill of everything', async (context) => {
    const { gateway } = context;
    process.kill(Number((await gateway.status()).pid), 'SIGKILL');
    await gateway.program.exited;
    await gateway.start();
    assert.equal((await ask(context, kAlice)).status, 200);
    assert.equal((await ask(context, kAlice, 'gpt-6-luna')).status, 403);
  });
});

suite('without a key', { accounts: 0 }, (test) => {
  test('nothing listens beyond loopback', async ({ gateway }) => {
    for (const [config, why] of [
      [{ frontend: { listen: '0.0.0.0:0', require_key: false } }, /frontend\.require_key: would let everybody/],
      [{ frontend: { listeners: { lan: { listen: '[::]:0', require_key: false } } } }, /frontend\.listeners\.lan\.require_key: would let everybody/],
      [{ ollama: { listen: '0.0.0.0:11434' } }, /ollama\.listen: would let everybody/],
    ]) {
      const file = path.join(gateway.directory, 'open.yaml');
      writeFileSync(file, JSON.stringify(merge(gateway.config, config)));
      const { code, stdout, stderr } = await gateway.cli(['config', 'check', file]);
      assert.notEqual(code, 0, stdout);
      assert.match(stdout + stderr, why);
    }
  });
});
