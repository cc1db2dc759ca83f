// The default configuration on a full pool: eight accounts of eight slots, each of them under a long stream. The other
// suites have slots and graces to spare, which hides what an operator meets.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { Gateway, startGateway } from '../support/gateway.mjs';
import { Load } from '../support/load.mjs';
import { startSim } from '../support/sim.mjs';
import { temporaryDirectory, removeDirectory } from '../support/program.mjs';
import { eventually, within } from '../support/wait.mjs';

const kAccounts = 8;
const kStreams = 64;
const kGraceMs = 30_000; // accounts.lease_grace as it is shipped

/** Every slot under a stream that outlasts the test. Resolves with the load and its streams. */
async function fullPool(t, tag) {
  const sim = await startSim();
  t.after(() => sim.stop());
  const directory = temporaryDirectory('gw');
  t.after(() => removeDirectory(directory));
  const gateway = await startGateway({ sim, accounts: kAccounts, directory });
  t.after(() => gateway.destroy());
  const load = new Load(gateway.client.with({ keepAlive: false }), { events: 5000, interval_ms: 50, tag });
  const ended = Array.from({ length: kStreams }, () => load.once());
  await eventually('every slot to be in use', async () => {
    const accounts = await gateway.listAccounts();
    return accounts.every((account) => Number(account.leases_open) === 8) && load.active.every((call) => call.firstAt);
  }, { within: 20_000, every: 50 });
  return { sim, gateway, directory, load, streams: [...load.calls], ended: () => Promise.all(ended) };
}

/** Each stream has exactly one row. */
async function assertRows(gateway, streams) {
  let missing;
  await eventually('a row of every stream', async () => {
    const rows = (await gateway.usageRows()).map((row) => row.request_id);
    missing = streams.filter((stream) => rows.filter((id) => id === stream.id).length !== 1);
    return missing.length === 0;
  }, { within: 10_000, every: 100 }).catch(() => assert.fail(`${missing.length} of ${streams.length} streams without one row: ${missing.slice(0, 3).join('\n')}`));
  for (const row of await gateway.usageRows()) {
    assert.ok(row.provider && row.wire_model && row.model, `a row says whom it asked of: ${JSON.stringify(row)}`);
  }
}

describe('the default configuration on a full pool', { concurrency: false }, () => {
  test('kill -9 frontend: its slots are free again long before the grace is over', async (t) => {
    const { gateway, load, streams, ended } = await fullPool(t, 'frontend');
    await gateway.kill('frontend');
    await ended();
    const begun = performance.now();
    const answer = await load.once({ events: 1, interval_ms: 0 });
    const served = performance.now() - begun;
    assert.ok(answer.whole, String(answer));
    assert.ok(served < kGraceMs / 3, `the first call was answered after ${served.toFixed(0)} ms`);
    console.log(`# kill -9 frontend on a full pool: first answer after ${served.toFixed(0)} ms`);
    await assertRows(gateway, streams);
    assert.ok((await gateway.listAccounts()).every((account) => Number(account.leases_open) === 0));
  });

  test('kill -9 accounts and frontend together: no row of a long call is lost', async (t) => {
    const { gateway, directory, load, streams, ended } = await fullPool(t, 'both');
    const files = ['accounts.db', 'accounts.db-wal'].map((name) => path.join(directory, 's', name));
    await eventually('the long calls to be written down', () => {
      const written = files.filter(existsSync).map((file) => readFileSync(file, 'latin1')).join('');
      return streams.every((stream) => written.includes(stream.id));
    }, { within: 20_000, every: 100 });
    await Promise.all([gateway.kill('accounts'), gateway.kill('frontend')]);
    await ended();
    const answer = await within(kGraceMs / 3, 'a call on the new processes', load.once({ events: 1, interval_ms: 0 }));
    assert.ok(answer.whole, String(answer));
    await assertRows(gateway, streams);
  });

  test('SIGTERM with calls that outlast the drain: each has its row', async (t) => {
    const { sim, gateway, directory, streams, ended } = await fullPool(t, 'term');
    gateway.program.signal('SIGTERM');
    await within(30_000, 'patchbayd to end', gateway.program.exited);
    await ended();
    const next = new Gateway({ sim, directory });
    t.after(() => next.destroy());
    await next.start();
    await assertRows(next, streams);
  });
});
