// A state directory that is full, read-only or damaged: refused in clear words, and never made worse.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { chat, marked } from '../support/bodies.mjs';
import { Gateway, startGateway } from '../support/gateway.mjs';
import { manyAccounts } from '../support/many_accounts.mjs';
import { temporaryDirectory, removeDirectory } from '../support/program.mjs';
import { startSim } from '../support/sim.mjs';
import { delay, eventually, within } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';

// A small file system of our own, or null when we may not mount one.
function smallDisk(t, size) {
  const directory = temporaryDirectory('disk');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'patchbay-test', directory], { stdio: 'pipe' });
  } catch {
    removeDirectory(directory);
    return null;
  }
  t.after(() => {
    execFileSync('umount', ['-l', directory]);
    removeDirectory(directory);
  });
  return directory;
}

const remount = (directory, how) => execFileSync('mount', ['-o', `remount,${how}`, directory]);

function fill(directory) {
  const file = path.join(directory, 'filler');
  mkdirSync(directory, { recursive: true });
  for (let size = 1024 * 1024; size >= 512; size = Math.floor(size / 2)) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // Full for this size; try smaller pieces.
    }
  }
  return () => removeDirectory(file);
}

describe('storage', { concurrency: false }, () => {
  test('a full disk: answers still flow, what cannot be kept is refused, and it heals', async (t) => {
    const directory = smallDisk(t, '4m');
    if (!directory) return t.skip('may not mount a file system');
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, accounts: 1, directory });
    t.after(() => gateway.destroy());
    const free = fill(directory);
    const statuses = [];
    for (let i = 0; i < 5; ++i) statuses.push((await gateway.client.post(kPath, chat(marked('text', { events: 2 })))).status);
    // Serving is worth more than counting; but a refusal in clear words is right too.
    assert.ok(statuses.every((status) => status === 200 || status === 503), statuses.join());
    const account = await sim.createAccount({ label: 'too-much' });
    const added = await gateway.cli(['accounts', 'import', '-'], { input: JSON.stringify({ accounts: [{ token: account.token, refreshToken: account.refreshToken, label: 'too-much' }] }) });
    if (added.code !== 0) {
      assert.match(added.stderr + added.stdout, /full|disk|space|writ|store|database/i);
      assert.equal((await gateway.listAccounts()).length, 1, 'refused, yet there');
    }
    free();
    await eventually('to heal', async () => (await gateway.client.post(kPath, chat(marked('text', { events: 2 })))).status === 200);
    const id = `healed-${Date.now()}`;
    await gateway.client.post(kPath, chat(marked('text', { events: 2 })), { headers: { 'x-request-id': id } });
    await eventually('its usage row', async () => (await gateway.usageRows()).some((row) => row.request_id === id), { within: 10_000 });
    await gateway.stop();
  });

  test('a disk that is full in the middle of a refresh takes no login', async (t) => {
    const directory = smallDisk(t, '4m');
    if (!directory) return t.skip('may not mount a file system');
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, accounts: 1, directory });
    t.after(() => gateway.destroy());
    const [account] = gateway.accounts;
    const ask = async () => (await gateway.client.post(kPath, chat(marked('text', { events: 2 })))).status;
    const refreshes = async () => (await sim.account(account)).refreshes;
    assert.equal(await ask(), 200);

    // Not written down, so not shown.
    let free = fill(directory);
    assert.notEqual((await gateway.cli(['accounts', 'refresh', account.label])).code, 0);
    assert.equal(await refreshes(), 0, 'a refresh token left that was not written down');
    assert.equal(await ask(), 200, 'its token is good');
    free();
    await eventually('a refresh', async () => (await gateway.cli(['accounts', 'refresh', account.label])).code === 0);
    const renewed = await refreshes();

    // Written down and shown; then the disk is full, and the new tokens come.
    await sim.setRefreshScenario(account, { name: 'refresh_slow', head_ms: 1500, count: 1 });
    const refreshing = gateway.cli(['accounts', 'refresh', account.label]);
    await delay(700);
    free = fill(directory);
    await refreshing;
    assert.equal(await refreshes(), renewed + 1);
    assert.equal(await ask(), 200, 'the new token is in use');
    free();
    await eventually('the new tokens to be written', () => /"event":"token\.durable"/.test(gateway.logs), { within: 10_000 });
    await gateway.kill('accounts');
    await eventually('accounts to be back', async () => (await ask()) === 200);
    assert.equal((await gateway.cli(['accounts', 'refresh', account.label])).code, 0);

    assert.equal((await sim.account(account)).reused_refresh_tokens, 0);
    await gateway.stop();
  });

  test('a disk that fills up in the middle of an import keeps whole parts of it, and the import can be done again', async (t) => {
    const directory = smallDisk(t, '4m');
    if (!directory) return t.skip('may not mount a file system');
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, directory, accounts: 0 });
    t.after(() => gateway.destroy());
    const input = JSON.stringify(await manyAccounts(sim, 2000)); // more than the disk holds
    const result = await gateway.cli(['accounts', 'import', '-'], { input });
    assert.notEqual(result.code, 0);
    assert.match(result.stdout + result.stderr, /full|disk|space|writ/i);
    const kept = await gateway.listAccounts();
    assert.ok(kept.length < 2000, `${kept.length} accounts on so small a disk`);
    assert.equal(kept.length % 100, 0, `a part was kept by halves: ${kept.length}`);
    await gateway.kill('accounts');
    await eventually('the same accounts after a crash', async () => (await gateway.listAccounts()).length === kept.length);
    remount(directory, 'size=64m');
    await gateway.json(['accounts', 'import', '-'], { input });
    const all = await gateway.listAccounts();
    assert.equal(all.length, 2000);
    assert.equal(new Set(all.map(({ label }) => label)).size, 2000, 'an account came twice');
    await gateway.stop();
  });

  test('usage that a full disk does not take is told of, waits, and is written down once there is room', async (t) => {
    const directory = smallDisk(t, '4m');
    if (!directory) return t.skip('may not mount a file system');
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, accounts: 1, directory });
    t.after(() => gateway.destroy());
    const ids = [];
    const ask = async () => {
      const id = `full-${ids.length}`;
      const answer = await gateway.client.post(kPath, chat(marked('text', { events: 2 })), { headers: { 'x-request-id': id } });
      assert.equal(answer.status, 200, answer.text);
      ids.push(id);
    };
    await ask();
    const free = fill(directory);
    // What the write-ahead log has already is still taken.
    const status = await eventually('to say that it cannot write usage down', async () => {
      await ask();
      const seen = await gateway.status();
      return seen.usage_problem && seen;
    }, { within: 20_000 });
    assert.match(status.usage_problem, /full/i);
    assert.ok(Number(status.usage_waiting) > 0);
    assert.match((await gateway.cli(['status'])).stdout, /^usage +cannot be written down.*; \d+ requests wait$/m);
    await ask();
    free();
    await eventually('to write usage down again', async () => !(await gateway.status()).usage_problem, { within: 10_000 });
    await eventually('a row for each', async () => {
      const rows = await gateway.usageRows();
      return ids.every((id) => rows.some((row) => row.request_id === id));
    }, { within: 10_000 });
    const rows = await gateway.usageRows();
    assert.equal(rows.length, ids.length);
    const { sum } = await gateway.json(['usage', '--by', 'key']);
    assert.equal(Number(sum.requests), ids.length, 'once each');
    assert.match(gateway.logs, /usage\.not_durable/);
    assert.match(gateway.logs, /usage\.durable_again/);
    await gateway.stop();
  });

  test('a read-only state directory is a clear refusal', async (t) => {
    const directory = smallDisk(t, '4m');
    if (!directory) return t.skip('may not mount a file system');
    const gateway = new Gateway({ directory, config: { server: { bad_starts_max: 2, backoff_max: '100ms' } } });
    t.after(() => gateway.destroy());
    remount(directory, 'ro');
    const program = gateway.launch();
    await eventually('a clear word', () => /read-only|not writable|permission|cannot (create|open|write)/i.test(program.output), { within: 10_000 });
    remount(directory, 'rw');
    if (program.running) await program.stop();
  });

  test('accounts killed in the middle of an import keeps what it said it had, and the import can be done again', async (t) => {
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, accounts: 0, config: { server: { backoff_initial: '10ms', backoff_max: '200ms' } } });
    t.after(() => gateway.destroy());
    const input = JSON.stringify(await manyAccounts(sim, 1000));
    let most = 0;
    for (const pause of [20, 60, 120, 200, 300, 450]) {
      const importing = gateway.cli(['accounts', 'import', '-'], { input });
      await delay(pause);
      await gateway.kill('accounts');
      const { code, stdout, stderr } = await importing;
      const told = code === 0 ? 1000 : Number(/\(after (\d+) of 1000 accounts/.exec(stdout + stderr)?.[1] ?? 0);
      const kept = await eventually('accounts to be back', () => gateway.listAccounts(), { within: 10_000 });
      assert.equal(new Set(kept.map(({ label }) => label)).size, kept.length, 'an account came twice');
      assert.ok(kept.length >= told, `${told} were acknowledged, ${kept.length} are there`);
      assert.equal(kept.length % 100, 0, `a part was kept by halves: ${kept.length}`);
      assert.ok(kept.length >= most, 'an account was lost');
      most = kept.length;
    }
    await gateway.json(['accounts', 'import', '-'], { input });
    assert.equal((await gateway.listAccounts()).length, 1000);
    await gateway.stop();
  });

  test('a damaged database is refused, named, and left as it is', async (t) => {
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, accounts: 1, config: { server: { bad_starts_max: 2, backoff_max: '100ms' } } });
    t.after(() => gateway.destroy());
    assert.equal((await gateway.program.stop()).code, 0);
    const file = path.join(gateway.stateDir, 'accounts.db');
    const damaged = Buffer.concat([Buffer.from('this is not a database, although it once was\n'), readFileSync(file).subarray(46)]);
    writeFileSync(file, damaged);
    const program = gateway.launch();
    await eventually('a clear word about accounts.db', () => /accounts\.db/.test(program.output) && /not a database|corrupt|damaged|malformed/i.test(program.output), { within: 10_000 });
    assert.ok(readFileSync(file).equals(damaged), 'the file was touched');
    // Nothing but a person can mend it, so patchbayd does not go on trying.
    assert.equal((await within(10_000, 'patchbayd to end', program.exited)).code, 78, program.output.slice(-2000));
    assert.doesNotMatch(program.output, /our bug/);
    assert.ok(readFileSync(file).equals(damaged), 'the file was touched');
    await gateway.assertNothingLeft();
  });

  for (const [what, lose] of [['missing', (file) => removeDirectory(file)], ['empty', (file) => writeFileSync(file, '')]]) {
    test(`a database that is ${what} although it was made before is refused, with what to do`, async (t) => {
      const sim = await startSim();
      t.after(() => sim.stop());
      const gateway = await startGateway({ sim, accounts: 1, config: { server: { bad_starts_max: 2, backoff_max: '100ms' } } });
      t.after(() => gateway.destroy());
      assert.equal((await gateway.program.stop()).code, 0);
      const file = path.join(gateway.stateDir, 'accounts.db');
      lose(file);
      const program = gateway.launch();
      await eventually('a clear word about accounts.db', () => new RegExp(`accounts\\.db is ${what}.*accounts\\.db\\.made`).test(program.output), { within: 10_000 });
      assert.doesNotMatch(program.output, /our bug/);
      if (program.running) await program.stop();
      // The operator means it.
      removeDirectory(`${file}.made`);
      await gateway.start();
      assert.equal((await gateway.listAccounts()).length, 0);
      await gateway.stop();
    });
  }

  test('a lost seal key is refused instead of replaced: the tokens would be gone for good', async (t) => {
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, accounts: 1, config: { server: { bad_starts_max: 2, backoff_max: '100ms' } } });
    t.after(() => gateway.destroy());
    assert.equal((await gateway.program.stop()).code, 0);
    writeFileSync(path.join(gateway.stateDir, 'seal.key'), Buffer.alloc(32, 7), { mode: 0o600 });
    const program = gateway.launch();
    await eventually('a clear word about the seal key', () => /seal/i.test(program.output), { within: 10_000 });
    if (program.running) await program.stop();
  });
});
