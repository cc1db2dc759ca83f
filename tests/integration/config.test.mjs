// Configuration: refused whole before anything opens, overridden by the environment, reloaded live.
// ThreadSanitizer: every worker's settings change under its requests.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createServer } from 'node:net';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { chat, marked } from '../support/bodies.mjs';
import { Gateway, merge, startGateway } from '../support/gateway.mjs';
import { Client } from '../support/http.mjs';
import { binary, repository, run } from '../support/program.mjs';
import { startSim } from '../support/sim.mjs';
import { suite } from '../support/suite.mjs';
import { eventually, within } from '../support/wait.mjs';

const kUsage = 64;
const kPath = '/v1/chat/completions';

async function refusal(text, env = {}) {
  const gateway = new Gateway({ env });
  writeFileSync(gateway.configFile, text);
  const program = gateway.launch();
  const result = await within(10_000, 'patchbayd to refuse', program.exited);
  const { output } = program;
  gateway.destroy();
  return { code: result.code, output };
}

test('an invalid file is refused with file, line and the nearest known key', async () => {
  const cases = [
    ['frontend:\n  listne: 127.0.0.1:0\n', /patchbay\.yaml.*2[\s\S]*listne[\s\S]*listen/],
    ['frontend:\n  limits: {body_bytes: lots}\n', /body_bytes/],
    ['accounts: {strategy: fastest}\n', /strategy[\s\S]*least_used/],
    ['accounts: {slots_per_account: 0}\n', /slots_per_account/],
    ['server: {drain_timeout: -3s}\n', /drain_timeout/],
    ['frontend: [\n', /patchbay\.yaml/],
    ['frontend: {listen: nowhere}\n', /listen/],
  ];
  for (const [text, expected] of cases) {
    const { code, output } = await refusal(text);
    assert.equal(code, kUsage, `${text}: ${output}`);
    assert.match(output, expected, text);
  }
});

test('an unknown override in the environment is refused too', async () => {
  const { code, output } = await refusal('{}', { PATCHBAY_FRONTEND__LISTNE: '127.0.0.1:0' });
  assert.equal(code, kUsage, output);
  assert.match(output, /LISTNE/i);
});

test('a wrong command line exits 64', async () => {
  for (const args of [['nonsense'], ['serve', '--nonsense'], ['serve', '--config', '/does/not/exist']]) {
    assert.equal((await run(binary('patchbayd'), args)).code, kUsage, args.join(' '));
  }
});

test('two gateways cannot share one place', async (t) => {
  const first = new Gateway();
  t.after(() => first.destroy());
  await first.start();
  const second = new Gateway({ directory: first.directory });
  const result = await within(10_000, 'the second to give up', second.launch().exited);
  assert.notEqual(result.code, 0);
  assert.match(second.program.output, /already|another|lock|use/i);
  assert.equal((await first.status()).ready, true);
  await first.stop();
});

test('a port that is taken is a clear error', async (t) => {
  const first = new Gateway();
  t.after(() => first.destroy());
  await first.start();
  const second = new Gateway({ config: { frontend: { listen: `127.0.0.1:${first.port}` } } });
  t.after(() => second.destroy());
  const result = await within(10_000, 'the second to give up', second.launch().exited);
  assert.notEqual(result.code, 0);
  assert.match(second.program.output, new RegExp(String(first.port)));
  await first.stop();
});

test('the text about a taken port names the setting', async (t) => {
  const first = new Gateway();
  t.after(() => first.destroy());
  await first.start();
  const second = new Gateway({ config: { frontend: { listen: `127.0.0.1:${first.port}` } } });
  t.after(() => second.destroy());
  await within(10_000, 'the second to give up', second.launch().exited);
  assert.match(second.program.output, /patchbayd: frontend\.listen: cannot listen on/);
  await first.stop();
});

test('a taken Ollama port is said with its cure, and everything else serves until it is free', async (t) => {
  const sim = await startSim();
  t.after(() => sim.stop());
  const other = createServer();
  await new Promise((resolve) => other.listen(0, '127.0.0.1', resolve));
  const gateway = await startGateway({ sim, config: { ollama: { listen: `127.0.0.1:${other.address().port}` }, server: { failed_retry: '300ms' } } });
  t.after(() => gateway.destroy());
  const bridge = await gateway.worker('ollama');
  assert.equal(bridge.state, 'WORKER_STATE_FAILED');
  assert.match(bridge.last_exit, /already in use \(another Ollama\? set ollama\.listen, or ollama\.enabled: false\)/);
  assert.equal((await gateway.client.post(kPath, chat('hi'))).status, 200);
  assert.equal(gateway.logs.split('\n').filter((line) => line.includes('"event":"listen.taken"')).length, 1);
  await new Promise((resolve) => other.close(resolve));
  await eventually('the bridge to come up', async () => (await gateway.worker('ollama')).state === 'WORKER_STATE_READY');
  await gateway.ready();
  assert.equal((await new Client({ port: gateway.ollamaPort }).get('/api/version')).status, 200);
  await gateway.stop();
});

test('a worker of the configuration that fails is a reason, not a veto', async (t) => {
  const gateway = new Gateway({ config: { workers: { broken: { command: '/bin/false' } } } });
  t.after(() => gateway.destroy());
  await gateway.start();
  const status = await gateway.status();
  assert.equal(status.ready, true);
  assert.match(status.workers.find((worker) => worker.name === 'broken').last_exit, /exit 1/);
  await gateway.stop();
});

test('a core worker that refuses to start ends patchbayd with its words and exit 78', async (t) => {
  const gateway = new Gateway();
  t.after(() => gateway.destroy());
  await gateway.start();
  await gateway.program.stop();
  writeFileSync(path.join(gateway.stateDir, 'accounts.db'), 'this is no database, and it is longer than a header of one would be'.repeat(30));
  const result = await within(15_000, 'patchbayd to give up', gateway.launch().exited);
  assert.equal(result.code, 78, gateway.program.output.slice(-2000));
  assert.match(gateway.program.output, /^patchbayd: accounts: .*accounts\.db/m);
});

test('the environment overrides the file', async (t) => {
  const sim = await startSim();
  t.after(() => sim.stop());
  const gateway = await startGateway({ sim, env: { PATCHBAY_FRONTEND__LIMITS__BODY_BYTES: '2KiB' } });
  t.after(() => gateway.destroy());
  assert.equal((await gateway.client.post(kPath, chat('x'.repeat(4000)))).status, 413);
  assert.equal((await gateway.client.post(kPath, chat('hi'))).status, 200);
  await gateway.stop();
});

test('everything that lies on disk is for its owner only', async (t) => {
  const sim = await startSim();
  t.after(() => sim.stop());
  const gateway = await startGateway({ sim, accounts: 1 });
  t.after(() => gateway.destroy());
  await gateway.client.post(kPath, chat('hi'));
  const mode = (file) => (statSync(file).mode & 0o777).toString(8);
  assert.equal(mode(gateway.stateDir), '700');
  assert.equal(mode(gateway.runtimeDir), '700');
  for (const name of ['accounts.db', 'seal.key']) assert.equal(mode(path.join(gateway.stateDir, name)), '600', name);
  for (const name of ['sessions.db', 'accounts.db-wal', 'accounts.db-shm']) {
    const file = path.join(gateway.stateDir, name);
    if (existsSync(file)) assert.equal(mode(file), '600', name);
  }
  for (const name of ['admin.sock', 'supervisor.sock', 'accounts.sock', 'upstream.sock', 'frontend.sock']) {
    assert.ok(['600', '700'].includes(mode(path.join(gateway.runtimeDir, name))), name);
  }
  const [account] = gateway.accounts;
  const stored = ['accounts.db', 'accounts.db-wal'].map((name) => path.join(gateway.stateDir, name)).filter(existsSync).map((file) => readFileSync(file, 'latin1')).join('');
  for (const secret of [...account.secrets, gateway.key]) assert.ok(!stored.includes(secret), 'a secret is in the database in the clear');
  await gateway.stop();
});

test('a state directory that others may enter is refused', async (t) => {
  const gateway = new Gateway();
  t.after(() => gateway.destroy());
  chmodSync(gateway.stateDir, 0o777);
  const result = await within(10_000, 'patchbayd to refuse', gateway.launch().exited);
  assert.notEqual(result.code, 0);
  assert.match(gateway.program.output, /state|director|mode|permission/i);
});

suite('queue_wait', { accounts: 1, config: { accounts: { queue_wait: '300ms' } } }, (test) => {
  // Nobody but the frontend itself can end this wait, and the default of it is a minute.
  test('is how long a request waits while accounts is away', async ({ gateway, client }) => {
    assert.equal((await client.post(kPath, chat('hi'))).status, 200);
    await gateway.json(['workers', 'drain', 'accounts']);
    const answer = await within(15_000, 'an answer', client.post(kPath, chat('hi')));
    assert.equal(answer.status, 503, answer.text);
    await gateway.json(['workers', 'restart', 'accounts']);
    assert.equal((await client.post(kPath, chat('hi'))).status, 200);
  });
});

suite('reload', { accounts: 1 }, (test) => {
  test('SIGHUP applies what can be applied live, and nothing is interrupted', async ({ gateway, client }) => {
    const stream = await client.stream(kPath, { ...chat(marked('text', { events: 60, seq: 1, interval_ms: 20 })), stream: true });
    await stream.next();
    const before = (await gateway.status()).config_revision;
    gateway.writeConfig(merge(gateway.config, { frontend: { limits: { body_bytes: '4KiB' } } }));
    gateway.program.signal('SIGHUP');
    await eventually('the smaller limit', async () => (await client.post(kPath, chat('x'.repeat(8000)))).status === 413);
    assert.ok(Number((await gateway.status()).config_revision) > Number(before));
    await stream.all();
    assert.ok(stream.finishedWithDone);
  });

  test('patchbay reload says what was applied and what needs a restart', async ({ gateway, client }) => {
    const { listen } = gateway.config.frontend;
    gateway.writeConfig(merge(gateway.config, { frontend: { limits: { body_bytes: '1MiB' }, listen: '127.0.0.1:1' } }));
    const reply = await gateway.json(['reload']);
    assert.match(JSON.stringify(reply.applied), /body_bytes/);
    assert.match(JSON.stringify(reply.needs_restart), /listen/);
    await eventually('the larger limit', async () => (await client.post(kPath, chat('x'.repeat(8000)))).status === 200);
    // Or a later restart of patchbayd would listen there.
    gateway.writeConfig(merge(gateway.config, { frontend: { listen } }));
    await gateway.json(['reload']);
  });

  test('patchbay reload says what each worker answered', async ({ gateway }) => {
    gateway.writeConfig(merge(gateway.config, { upstream: { connect_timeout: '9s' } }));
    const reply = await gateway.json(['reload']);
    assert.equal(reply.refused, false);
    assert.deepEqual(
      Object.fromEntries(reply.workers.map(({ worker, outcome }) => [worker, outcome])),
      Object.fromEntries(['accounts', 'upstream', 'frontend', 'ollama'].map((name) => [name, 'RELOAD_OUTCOME_APPLIED'])),
    );
  });

  test('workers that come or go need a restart of patchbayd', async ({ gateway }) => {
    const before = gateway.config;
    gateway.writeConfig(merge(before, { workers: { added: { command: '/bin/true' } }, ollama: { allow_remote: true }, log: { format: 'text' } }));
    const { applied, needs_restart: waiting } = await gateway.json(['reload']);
    for (const setting of ['workers.added', 'ollama.allow_remote', 'log.format']) {
      assert.ok(waiting.includes(`${setting} (restart patchbayd)`), JSON.stringify(waiting));
      assert.ok(!applied.includes(setting));
    }
    gateway.writeConfig(before);
    await gateway.json(['reload']);
  });

  test('a provider that nobody speaks to is refused with its line and the nearest name', async ({ gateway }) => {
    const good = gateway.config;
    writeFileSync(gateway.configFile, 'providers:\n  codxe: {base_url: "https://x"}\n');
    const result = await gateway.cli(['reload']);
    assert.equal(result.code, 1);
    assert.match(result.stderr, /patchbay\.yaml:2: providers\.codxe: there is no provider 'codxe'; did you mean 'codex'\? One of your own needs a base_url and a dialect/);
    gateway.writeConfig(good);
  });

  test('an invalid file changes nothing', async ({ gateway, client }) => {
    const good = gateway.config;
    writeFileSync(gateway.configFile, 'frontend: {limits: {body_bytes: 1}}');
    const result = await gateway.cli(['reload']);
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, /body_bytes/);
    gateway.program.signal('SIGHUP');
    assert.equal((await client.post(kPath, chat('hi'))).status, 200);
    gateway.writeConfig(good);
  });
});

// What workers of ours would answer only when something is broken, answered by one that is not ours.
const stubborn = (answer) => ({ workers: { other: { command: path.join(repository, 'tests/support/attaching_worker.mjs'), arguments: [answer], sections: ['frontend'] } } });

suite('reload with a worker that refuses', { accounts: 1, config: stubborn('refuse') }, (test) => {
  test('leaves the configuration before in force, everywhere, and says whose words they are', async ({ gateway, client }) => {
    gateway.writeConfig(merge(gateway.config, { frontend: { limits: { body_bytes: '4KiB' } } }));
    const result = await gateway.cli(['reload']);
    assert.equal(result.code, 1);
    assert.match(result.stdout, /other +refused +it does not like it/);
    assert.match(result.stderr, /the one before is in force again/);
    assert.equal((await client.post(kPath, chat('x'.repeat(8000)))).status, 200);
    assert.doesNotMatch((await gateway.cli(['config', 'print', '--running'])).stdout, /4KiB/);
  });

  test('a command that changes the file takes the change back, and says so', async ({ gateway }) => {
    gateway.writeConfig(gateway.config);
    const before = readFileSync(gateway.configFile, 'utf8');
    const result = await gateway.cli(['ollama', 'disable']);
    assert.notEqual(result.code, 0);
    assert.match(result.stderr, /other refuses what the file would say: it does not like it/);
    assert.match(result.stderr, /patchbay\.yaml is as it was before/);
    assert.equal(readFileSync(gateway.configFile, 'utf8'), before);
    assert.equal((await gateway.worker('ollama')).state, 'WORKER_STATE_READY');
  });
});

suite('reload with a worker that is silent', { accounts: 1, config: stubborn('silent') }, (test) => {
  test('applies it to the others and says so', async ({ gateway, client }) => {
    gateway.writeConfig(merge(gateway.config, { frontend: { limits: { body_bytes: '4KiB' } } }));
    const result = await gateway.cli(['reload']);
    assert.equal(result.code, 75);
    assert.match(result.stdout, /other +no answer +it does not answer/);
    assert.match(result.stdout, /frontend +applied/);
    assert.equal((await client.post(kPath, chat('x'.repeat(8000)))).status, 413);
  });
});
