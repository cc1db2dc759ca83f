// The operator's command: every verb with --json, its exit codes, and what it must never show.
import assert from 'node:assert/strict';
import { test as plainTest } from 'node:test';
import { chat, marked } from '../support/bodies.mjs';
import { snakeCase } from '../support/gateway.mjs';
import { binary, removeDirectory, run, temporaryDirectory } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

const kOk = 0;
const kFailed = 1;
const kUsage = 64;
const kNotRunning = 69;
const kWorkers = ['accounts', 'frontend', 'ollama', 'upstream'];
const kPath = '/v1/chat/completions';

plainTest('without a gateway every command says so and exits 69', async () => {
  const directory = temporaryDirectory('none');
  for (const args of [['status'], ['workers', 'list'], ['accounts', 'list'], ['keys', 'list'], ['usage'], ['logs']]) {
    const result = await run(binary('patchbay'), [...args, '--runtime-dir', directory]);
    assert.equal(result.code, kNotRunning, `${args.join(' ')}: ${result.code} ${result.stderr}`);
    assert.match(result.stderr, /patchbay: /);
    assert.equal(result.stdout, '');
  }
  removeDirectory(directory);
});

plainTest('a wrong command line exits 64 and help exits 0', async () => {
  for (const args of [[], ['nonsense'], ['status', '--nonsense'], ['accounts'], ['workers', 'restart'], ['keys', 'create']]) {
    assert.equal((await run(binary('patchbay'), args)).code, kUsage, args.join(' '));
  }
  for (const args of [['--help'], ['accounts', '--help'], ['--version']]) {
    const result = await run(binary('patchbay'), args);
    assert.equal(result.code, kOk, args.join(' '));
    assert.ok(result.stdout.length > 0);
  }
});

plainTest('a configuration is checked and printed without a gateway', async () => {
  const directory = temporaryDirectory('conf');
  const good = path.join(directory, 'good.yaml');
  const bad = path.join(directory, 'bad.yaml');
  writeFileSync(good, 'frontend:\n  limits:\n    body_bytes: 8MiB\n');
  writeFileSync(bad, 'frontend:\n  limits:\n    body_byte: 8MiB\n');
  const checked = await run(binary('patchbay'), ['config', 'check', '--config', good]);
  assert.equal(checked.code, kOk, checked.stderr);
  const refused = await run(binary('patchbay'), ['config', 'check', '--config', bad]);
  assert.notEqual(refused.code, kOk);
  const told = refused.stderr + refused.stdout;
  assert.match(told, /bad\.yaml/);
  assert.match(told, /3/, 'the line');
  assert.match(told, /body_byte/);
  assert.match(told, /body_bytes/, 'the nearest known key');
  removeDirectory(directory);
});

suite('the command line', { accounts: 2 }, (test) => {
  test('status shows every worker ready, the real ports and the directories', async ({ gateway }) => {
    const status = await gateway.status();
    assert.equal(status.ready, true);
    assert.deepEqual(status.workers.map((worker) => worker.name).sort(), kWorkers);
    for (const worker of status.workers) {
      assert.match(worker.state, /READY/);
      assert.ok(Number(worker.pid) > 1);
      assert.equal(Number(worker.generation), 1);
      assert.equal(Number(worker.restarts), 0);
    }
    assert.equal(status.state_dir, gateway.stateDir);
    assert.equal(status.runtime_dir, gateway.runtimeDir);
    assert.ok(gateway.port > 0 && gateway.ollamaPort > 0);
    const plain = await gateway.cli(['status']);
    assert.equal(plain.code, kOk);
    assert.doesNotMatch(plain.stdout, /\x1b\[/, 'colour is for terminals');
    for (const name of kWorkers) assert.match(plain.stdout, new RegExp(name));
  });

  test('workers list shows what a worker does and needs', async ({ gateway, client }) => {
    await client.post(kPath, chat(marked('text', { events: 2 })));
    const workers = await eventually('the statistics to arrive', async () => {
      const list = (await gateway.json(['workers', 'list'])).workers;
      return list.every((worker) => Number(worker.rss_bytes) > 0) && list;
    }, { within: 10_000, every: 100 });
    assert.deepEqual(workers.map((worker) => worker.name).sort(), kWorkers);
  });

  test('accounts: list, show, disable, enable, add, rm', async ({ gateway, client, sim }) => {
    const list = await gateway.listAccounts();
    assert.equal(list.length, 2);
    const [{ label, ref }] = list;
    for (const name of [label, ref]) {
      const shown = await gateway.json(['accounts', 'show', name]);
      assert.equal((shown.account ?? shown).ref, ref);
    }
    await gateway.json(['accounts', 'disable', label]);
    assert.match((await gateway.listAccounts()).find((account) => account.ref === ref).state, /disabled/i);
    for (let i = 0; i < 4; ++i) await client.post(kPath, chat(marked('text', { events: 2 }, `n${i}`)));
    const used = new Set((await sim.requests()).map((request) => request.account));
    assert.ok(!used.has(gateway.accounts.find((account) => account.label === label).id), 'a disabled account was used');
    await gateway.json(['accounts', 'enable', label]);
    assert.match((await gateway.listAccounts()).find((account) => account.ref === ref).state, /active/i);

    const third = await sim.createAccount({ label: 'third' });
    for (const secret of third.secrets) gateway.secrets.add(secret);
    const added = await gateway.cli(['accounts', 'add', '--label', 'third', '--token', third.token, '--refresh-token', third.refreshToken, '--json']);
    assert.equal(added.code, kOk, added.stderr);
    assert.ok(!added.stdout.includes(third.token) && !added.stdout.includes(third.refreshToken), 'a token was printed');
    assert.equal((await gateway.listAccounts()).length, 3);
    assert.equal((await gateway.cli(['accounts', 'rm', 'third'])).code, kOk);
    assert.equal((await gateway.listAccounts()).length, 2);
    assert.equal((await gateway.cli(['accounts', 'show', 'nobody'])).code, kFailed);
  });

  test('importing the same login twice updates it', async ({ gateway, sim }) => {
    const account = await sim.createAccount({ label: 'again' });
    for (const secret of account.secrets) gateway.secrets.add(secret);
    const auth = JSON.stringify({
      OPENAI_API_KEY: null,
      tokens: { id_token: account.idToken, access_token: account.token, refresh_token: account.refreshToken, account_id: account.id },
      last_refresh: new Date().toISOString(),
    });
    const before = (await gateway.listAccounts()).length;
    for (let i = 0; i < 2; ++i) {
      const result = await gateway.cli(['accounts', 'import', '-', '--json'], { input: auth });
      assert.equal(result.code, kOk, result.stderr);
      assert.match(JSON.stringify(snakeCase(JSON.parse(result.stdout))), /codex_auth_json/);
      assert.ok(!result.stdout.includes(account.token));
    }
    assert.equal((await gateway.listAccounts()).length, before + 1);
    for (const bad of ['', 'not json', '{}', '{"accounts":[]}', '[1]']) {
      assert.notEqual((await gateway.cli(['accounts', 'import', '-'], { input: bad })).code, kOk, bad);
    }
  });

  test('keys: create shows the key once, list never, revoke ends it at once', async ({ gateway, client }) => {
    const secret = await gateway.createKey('second');
    assert.match(secret, /^pbk_[A-Za-z0-9_-]{43}$/);
    const mine = client.with({ key: secret });
    assert.equal((await mine.post(kPath, chat('hi'))).status, 200);
    const list = await gateway.cli(['keys', 'list', '--json']);
    assert.ok(!list.stdout.includes(secret));
    const [key] = snakeCase(JSON.parse(list.stdout)).keys.filter((each) => each.name === 'second');
    assert.ok(secret.endsWith(key.hint.replace(/[^A-Za-z0-9_-]/g, '')), key.hint);
    assert.equal((await gateway.cli(['keys', 'revoke', 'second'])).code, kOk);
    await eventually('the key to be refused', async () => (await mine.post(kPath, chat('hi'))).status === 401);
    assert.equal((await gateway.cli(['keys', 'revoke', 'nothing'])).code, kFailed);
    mine.close();
  });

  test('usage lists rows, newest first', async ({ gateway, client }) => {
    for (let i = 0; i < 3; ++i) await client.post(kPath, chat(marked('text', { events: 2 })), { headers: { 'x-request-id': `u${i}` } });
    const rows = await gateway.usageRows(2);
    assert.deepEqual(rows.map((row) => row.request_id), ['u2', 'u1']);
  });

  test('logs shows records and follows', async ({ gateway }) => {
    const result = await gateway.cli(['logs', '--json']);
    assert.equal(result.code, kOk, result.stderr);
    const records = result.stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(records.length > 0);
    assert.ok(records.every((record) => typeof record === 'object'));
  });

  test('config print shows what is in force', async ({ gateway }) => {
    const result = await gateway.cli(['config', 'print']);
    assert.equal(result.code, kOk, result.stderr);
    assert.match(result.stdout, /body_bytes/);
    assert.match(result.stdout, /slots_per_account/);
  });

  test('version needs no gateway and agrees with --version', async ({ gateway }) => {
    const { version } = await gateway.json(['version']);
    assert.match((await gateway.cli(['--version'])).stdout, new RegExp(String(version).replaceAll('.', '\\.')));
  });

  test('workers restart starts a new generation, drain leaves it down until restarted', async ({ gateway, client }) => {
    const before = await gateway.worker('upstream');
    await gateway.json(['workers', 'restart', 'upstream']);
    const after = await gateway.worker('upstream');
    assert.equal(Number(after.generation), Number(before.generation) + 1);
    assert.notEqual(after.pid, before.pid);
    assert.equal(Number(after.restarts), 0, 'a requested restart is not counted as an accident');
    await gateway.json(['workers', 'drain', 'ollama']);
    assert.match((await gateway.worker('ollama')).state, /DOWN/);
    await gateway.json(['workers', 'restart', 'ollama']);
    assert.match((await gateway.worker('ollama')).state, /READY/);
    assert.equal((await client.post(kPath, chat('hi'))).status, 200);
    assert.equal((await gateway.cli(['workers', 'restart', 'nobody'])).code, kFailed);
  });
});
