// The `patchbay` command against a real gateway: what scripts rely on.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { binary, removeDirectory, run, temporaryDirectory } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';

const kExit = { ok: 0, failed: 1, usage: 64, notRunning: 69, temporary: 75 };

suite('patchbay', { accounts: 1 }, (it) => {
  it('tells the whole status', async ({ gateway }) => {
    const status = await gateway.status();
    assert.equal(status.ready, true);
    assert.deepEqual(status.workers.map((worker) => worker.name).sort(), ['accounts', 'frontend', 'ollama', 'upstream']);
    assert.ok(status.workers.every((worker) => worker.state === 'WORKER_STATE_READY' && worker.pid > 1 && Number(worker.rss_bytes) > 0));
    assert.deepEqual(status.listeners.map((listener) => listener.name).sort(), ['admin', 'http', 'ollama']);
    assert.ok(status.listeners.every((listener) => !listener.address.endsWith(':0')));
    assert.equal(status.state_dir, gateway.stateDir);
    assert.equal(status.runtime_dir, gateway.runtimeDir);
    assert.equal(status.config_file, gateway.configFile);
  });

  it('shows tables without colour when nobody looks', async ({ gateway }) => {
    const { stdout } = await gateway.cli(['status']);
    assert.match(stdout, /^patchbay \S+ {2}ready {2}pid \d+/);
    assert.match(stdout, /^WORKER +STATE +PID/m);
    assert.ok(!stdout.includes('\x1b'));
  });

  it('takes common options before and after the command', async ({ gateway }) => {
    for (const args of [['--json', 'workers', 'list'], ['workers', 'list', '--json'], ['workers', '--json', 'list']]) {
      const { code, stdout } = await gateway.cli(args);
      assert.equal(code, kExit.ok);
      assert.equal(JSON.parse(stdout).workers.length, 4);
    }
  });

  it('restarts a worker and names its new generation', async ({ gateway }) => {
    const before = await gateway.worker('ollama');
    const { worker } = await gateway.json(['workers', 'restart', 'ollama']);
    assert.equal(Number(worker.generation), Number(before.generation) + 1);
    assert.notEqual(worker.pid, before.pid);
  });

  it('drains a worker and starts it again', async ({ gateway }) => {
    const { worker } = await gateway.json(['workers', 'drain', 'ollama']);
    assert.equal(worker.state, 'WORKER_STATE_DOWN');
    assert.equal((await gateway.json(['workers', 'restart', 'ollama'])).worker.state, 'WORKER_STATE_READY');
  });

  it('exits 1 for what does not exist', async ({ gateway }) => {
    for (const args of [['workers', 'restart', 'nobody'], ['accounts', 'show', 'nobody'], ['keys', 'revoke', 'nobody'], ['accounts', 'import', '/nonexistent']]) {
      const { code, stderr } = await gateway.cli(args);
      assert.equal(code, kExit.failed, args.join(' '));
      assert.match(stderr, /^patchbay: /);
    }
  });

  it('makes, lists and revokes client keys', async ({ gateway }) => {
    const made = await gateway.cli(['keys', 'create', '--name', 'laptop']);
    const key = made.stdout.trim();
    gateway.secrets.add(key);
    assert.match(key, /^pbk_[\w-]{43}$/);
    const { keys } = await gateway.json(['keys', 'list']);
    const entry = keys.find((each) => each.name === 'laptop');
    assert.ok(key.endsWith(entry.hint));
    assert.ok(!JSON.stringify(keys).includes(key));
    await gateway.json(['keys', 'revoke', 'laptop']);
    assert.ok(!(await gateway.json(['keys', 'list'])).keys.some((each) => each.id === entry.id));
    assert.ok((await gateway.json(['keys', 'list', '--all'])).keys.some((each) => each.id === entry.id));
  });

  it('adds an account by tokens from standard input, files and the environment', async ({ gateway, sim }) => {
    const [one, two, three] = [await sim.createAccount({ label: 'one' }), await sim.createAccount({ label: 'two' }), await sim.createAccount({ label: 'three' })];
    for (const account of [one, two, three]) account.secrets.forEach((secret) => gateway.secrets.add(secret));

    const input = `${one.token}\n${one.refreshToken}\n`;
    const first = await gateway.json(['accounts', 'add', '--token', '-', '--refresh-token', '-', '--label', 'one'], { input });
    assert.equal(first.created, true);
    assert.equal(first.account.has_refresh_token, true);

    const file = path.join(gateway.directory, 'token');
    writeFileSync(file, `${two.token}\n`, { mode: 0o600 });
    const second = await gateway.json(['accounts', 'add', '--token-file', file, '--label', 'two']);
    assert.equal(second.account.has_refresh_token, false);

    const env = { PATCHBAY_TOKEN: three.token, PATCHBAY_REFRESH_TOKEN: three.refreshToken };
    const third = await gateway.json(['accounts', 'add', '--label', 'three'], { env });
    assert.equal(third.account.state, 'ACCOUNT_STATE_ACTIVE');

    for (const { account } of [first, second, third]) await gateway.json(['accounts', 'rm', account.ref]);
    assert.equal((await gateway.listAccounts()).length, 1);
  });

  it('disables, enables, labels and explains an account', async ({ gateway }) => {
    const [{ ref }] = await gateway.listAccounts();
    assert.equal((await gateway.json(['accounts', 'disable', ref])).account.state, 'ACCOUNT_STATE_DISABLED');
    const refused = await gateway.json(['accounts', 'explain', '--model', 'gpt-5.5']);
    assert.equal(refused.chosen, '');
    assert.equal(refused.accounts[0].eligible, false);
    assert.equal((await gateway.json(['accounts', 'enable', ref])).account.state, 'ACCOUNT_STATE_ACTIVE');
    assert.equal((await gateway.json(['accounts', 'label', ref, 'renamed'])).account.label, 'renamed');
    const { account: changed } = await gateway.json(['accounts', 'update', ref, '--priority', '2', '--weight', '3', '--tags', 'b,a']);
    assert.deepEqual([changed.priority, changed.weight, changed.tags], [2, 3, ['a', 'b']]);
    assert.match((await gateway.cli(['accounts', 'show', ref])).stdout, /tags +a, b/);
    assert.deepEqual((await gateway.json(['accounts', 'update', ref, '--tags', ''])).account.tags ?? [], []);
    assert.notEqual((await gateway.cli(['accounts', 'update', ref, '--tags', 'a b'])).code, 0);
    assert.notEqual((await gateway.cli(['accounts', 'update', ref])).code, 0, 'nothing to update');
    assert.notEqual((await gateway.cli(['accounts', 'update', ref, '--weight', '0'])).code, 0);
    assert.equal((await gateway.json(['accounts', 'explain', '--model', 'gpt-5.5'])).chosen, ref);
    assert.equal((await gateway.json(['accounts', 'show', 'renamed'])).account.ref, ref);
  });

  it('reports each account of an import, and fails when one failed', async ({ gateway, sim }) => {
    const made = await sim.createAccount({ label: 'imported' });
    made.secrets.forEach((secret) => gateway.secrets.add(secret));
    const document = { accounts: [{ token: made.token, refreshToken: made.refreshToken, label: 'imported' }, { label: 'without a token' }] };
    const { code, stdout, stderr } = await gateway.cli(['accounts', 'import', '-', '--json'], { input: JSON.stringify(document) });
    assert.equal(code, kExit.failed);
    assert.match(stderr, /1 of 2 accounts were not imported/);
    const { items } = JSON.parse(stdout);
    assert.equal(items[0].error, '');
    assert.notEqual(items[1].error, '');
    await gateway.json(['accounts', 'rm', items[0].account.ref]);
  });

  it('reloads the configuration and says what needs a restart', async ({ gateway }) => {
    const before = readFileSync(gateway.configFile, 'utf8');
    const changed = structuredClone(gateway.config);
    changed.frontend.heartbeat = '7s';
    changed.frontend.listen = '127.0.0.1:1';
    writeFileSync(gateway.configFile, JSON.stringify(changed));
    const reply = await gateway.json(['reload']);
    assert.ok(reply.applied.some((each) => each.startsWith('frontend.heartbeat')), JSON.stringify(reply));
    assert.ok(reply.needs_restart.some((each) => each.startsWith('frontend.listen')), JSON.stringify(reply));
    assert.match((await gateway.cli(['config', 'print', '--running'])).stdout, /heartbeat: 7s/);

    writeFileSync(gateway.configFile, 'frontend: {lisen: x}');
    const refused = await gateway.cli(['reload']);
    assert.equal(refused.code, kExit.failed);
    assert.match(refused.stderr, /did you mean 'listen'/);
    writeFileSync(gateway.configFile, before);
    await gateway.json(['reload']);
  });

  it('shows log records as lines for people and as JSON', async ({ gateway }) => {
    const { stdout } = await gateway.cli(['logs', '-n', '500', '--json']);
    const records = stdout.trim().split('\n').map((line) => JSON.parse(line));
    assert.ok(records.some((record) => record.event === 'worker.ready' && record.process === 'patchbayd'));
    assert.match((await gateway.cli(['logs', '-n', '500'])).stdout, /^\d\d:\d\d:\d\d\.\d{3} info {2}patchbayd {2}worker\.ready/m);
  });
});

test('patchbay without a gateway', async (t) => {
  const directory = temporaryDirectory('cli');
  t.after(() => removeDirectory(directory));
  const patchbay = (args, env = {}) => run(binary('patchbay'), args, { env: { PATCHBAY_RUNTIME_DIR: directory, ...env } });

  await t.test('exits 69 and says how to start one', async () => {
    for (const args of [['status'], ['accounts', 'list', '--json'], ['logs', '-f'], ['reload']]) {
      const { code, stdout, stderr } = await patchbay(args);
      assert.equal(code, kExit.notRunning, args.join(' '));
      assert.equal(stdout, '');
      assert.equal(stderr, `patchbay: the gateway is not running (no socket at ${directory}/admin.sock); start it with ./dev run or patchbayd serve\n`);
    }
  });

  await t.test('exits 64 for a wrong command line, and names what is wrong', async () => {
    const wrong = { statsu: /did you mean 'status'/, 'accounts lst': /did you mean 'list'/, 'log-level loud': /loud/, 'keys create': /--name/, '--bogus': /no option '--bogus'/, 'accounts add': /--token-file/ };
    for (const [line, complaint] of Object.entries(wrong)) {
      const { code, stderr } = await patchbay(line.split(' '));
      assert.equal(code, kExit.usage, line);
      assert.match(stderr, complaint);
    }
  });

  await t.test('documents its exit codes', async () => {
    const { code, stdout } = await patchbay(['--help']);
    assert.equal(code, kExit.ok);
    assert.match(stdout, /64 usage, 69 the gateway is not running, 75 temporary/);
  });

  await t.test('checks and prints a configuration', async () => {
    const file = path.join(directory, 'patchbay.yaml');
    writeFileSync(file, 'frontend: {listen: "127.0.0.1:0"}\n');
    assert.equal((await patchbay(['config', 'check', file])).code, kExit.ok);
    const printed = await patchbay(['config', 'print', file, '--json'], { PATCHBAY_LOG__LEVEL: 'debug' });
    assert.equal(JSON.parse(printed.stdout).frontend.listen, '127.0.0.1:0');
    assert.equal(JSON.parse(printed.stdout).log.level, 'debug');
    assert.equal(JSON.parse((await patchbay(['config', 'schema'])).stdout).type, 'object');

    writeFileSync(file, 'frontend:\n  lisen: x\nlog: {level: loud}\n');
    const checked = await patchbay(['config', 'check', file, '--json']);
    assert.equal(checked.code, kExit.failed);
    const { valid, problems } = JSON.parse(checked.stdout);
    assert.equal(valid, false);
    assert.deepEqual(problems, [
      `${file}:2: unknown key 'lisen' in section 'frontend'; did you mean 'listen'?`,
      `${file}:3: log.level: 'loud' is not one of trace, debug, info, warn, error`,
    ]);
  });
});
