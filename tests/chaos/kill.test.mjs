// kill -9 of each worker, one at a time, under 64 concurrent paced streams: what architecture.md §2.2 says survives
// does survive, byte for byte, and nothing that was acknowledged is lost.
import assert from 'node:assert/strict';
import { suite } from '../support/suite.mjs';
import { Load } from '../support/load.mjs';
import { bound, delay, eventually, percentile } from '../support/wait.mjs';

const kRounds = Number(process.env.PATCHBAY_CHAOS_ROUNDS ?? 20);
const kClients = 64;
// A connection made while the kill was on its way may have been taken by the dying process.
const kKillTakesMs = 20;

const options = {
  accounts: 4,
  config: {
    // Slots enough for the leases of frontends that were killed within one grace.
    accounts: { slots_per_account: 1000, lease_grace: '2s' },
    server: { backoff_initial: '10ms', backoff_max: '200ms' },
    frontend: { limits: { connections: 1000 } },
  },
};

async function ready(gateway, name, generation) {
  await eventually(`${name} to be ready again`, async () => {
    const worker = await gateway.worker(name);
    return /READY/.test(worker.state) && Number(worker.generation) > generation;
  }, { within: 10_000, every: 20 });
}

// Kills `name` kRounds times under load. Resolves with the calls, the kills [{at, served}] and the probes.
async function killUnderLoad({ gateway, client }, name, probe) {
  const fresh = client.with({ keepAlive: name !== 'frontend' });
  const load = new Load(fresh, { clients: kClients, tag: `kill-${name}-${Date.now()}` }).start();
  await eventually('the load to be steady', () => load.active.length >= kClients * 0.9 && load.calls.some((call) => call.whole));
  const kills = [];
  for (let round = 0; round < kRounds; ++round) {
    await delay(50 + (round * 37) % 100); // meet the streams in different phases
    const worker = await gateway.worker(name);
    const at = Date.now();
    process.kill(Number(worker.pid), 'SIGKILL');
    const begun = performance.now();
    const answer = await probe(load);
    kills.push({ at, served: performance.now() - begun, answer });
    await ready(gateway, name, Number(worker.generation));
  }
  await delay(100);
  const calls = await load.stop();
  fresh.close();
  const served = kills.map((kill) => kill.served);
  console.log(`# kill -9 ${name}: ${calls.length} streams, ${kRounds} kills; kill to first answered call: p50 ${percentile(served, 50).toFixed(1)} ms, p99 ${percentile(served, 99).toFixed(1)} ms`);
  if (process.env.PATCHBAY_CHAOS_VERBOSE) console.log(`# ${kills.map(({ served: ms, answer }) => `${ms.toFixed(0)} ms ${answer}`).join('\n# ')}`);
  return { calls, kills };
}

async function assertNothingLost({ gateway }, calls) {
  // Also waits for the leases of a frontend that did not come back.
  await eventually('every lease to be settled', async () => (await gateway.listAccounts()).every((account) => Number(account.leases_open) === 0), { within: 15_000, every: 100 });
  const accounts = await gateway.listAccounts();
  assert.equal(accounts.length, options.accounts, 'an account was lost');
  for (const account of accounts) assert.match(account.state, /ACTIVE/i, `${account.label}: ${account.state} ${account.evidence}`);
  let rows;
  await eventually('every row to be written', async () => {
    rows = new Map();
    for (const row of await gateway.usageRows()) rows.set(row.request_id, (rows.get(row.request_id) ?? 0) + 1);
    return calls.every((call) => !call.whole || rows.has(call.id));
  }, { within: 5000, every: 100 }).catch(() => {}); // which ones are missing is told below
  const doubled = calls.filter((call) => (rows.get(call.id) ?? 0) > 1);
  assert.deepEqual(doubled.map((call) => call.id), [], 'counted twice');
  const missing = calls.filter((call) => call.whole && !rows.has(call.id));
  assert.deepEqual(missing.map(String), [], 'completed without a usage row');
}

const asks = (load) => load.once({ events: 1, interval_ms: 0 });

function assertAll(calls, holds, what) {
  const broken = calls.filter((call) => !holds(call));
  assert.equal(broken.length, 0, `${broken.length} of ${calls.length}: ${what}\n${broken.slice(0, 5).join('\n')}`);
}

suite('kill -9 accounts', options, (test) => {
  test('every stream continues, new requests wait and proceed, nothing is lost', async (context) => {
    const { calls, kills } = await killUnderLoad(context, 'accounts', asks);
    assertAll(calls, (call) => call.whole, 'a stream broke although upstream and frontend live');
    assert.ok(kills.every(({ answer }) => answer.whole));
    await assertNothingLost(context, calls);
  });
});

suite('kill -9 upstream', options, (test) => {
  test('streams with output end with an error, others are tried again and succeed', async (context) => {
    const { calls, kills } = await killUnderLoad(context, 'upstream', asks);
    assertAll(calls, (call) => call.status === 200 && !call.failure, 'a connection or a status broke');
    assertAll(calls, (call) => call.prefixIsExact, 'lost or doubled output');
    assertAll(calls, (call) => call.whole || (call.error && !call.finish), 'neither whole nor ended by an error');
    assertAll(calls.filter((call) => !call.whole), (call) => call.text.length > 0, 'a stream without output was not tried again');
    assertAll(calls.filter((call) => !call.whole), (call) => kills.some(({ at }) => call.inFlightAt(at)), 'broken without a kill');
    assert.ok(kills.every(({ answer }) => answer.whole));
    await assertNothingLost(context, calls);
  });
});

suite('kill -9 frontend', options, (test) => {
  test('its connections drop, and no new one is refused', async (context) => {
    const { calls, kills } = await killUnderLoad(context, 'frontend', asks);
    assertAll(calls, (call) => call.failure !== 'ECONNREFUSED', 'refused');
    const hit = (call) => kills.some(({ at }) => call.startedAt <= at + bound(kKillTakesMs) && (call.endedAt ?? Infinity) >= at);
    assertAll(calls, (call) => call.whole || (call.failure && hit(call)), 'broken without a kill');
    assertAll(calls, (call) => call.prefixIsExact, 'lost or doubled output');
    // A frontend that died with its calls, or between its last byte to a client and its word to accounts, leaves rows too:
    // their outcome is "lost".
    await assertNothingLost(context, calls);
    await eventually('the provider to be rid of every stream', async () => (await context.sim.stats()).open_requests <= 1);
  });
});

suite('kill -9 ollama', options, (test) => {
  test('nobody else notices', async (context) => {
    const { Client } = await import('../support/http.mjs');
    const ollama = new Client({ port: context.gateway.ollamaPort, keepAlive: false });
    const { calls, kills } = await killUnderLoad(context, 'ollama', () => ollama.get('/api/version'));
    assertAll(calls, (call) => call.whole, 'a stream broke');
    assert.ok(kills.every(({ answer }) => answer.status === 200), 'a call of /api/version was not answered');
    await assertNothingLost(context, calls);
    ollama.close();
  });
});
