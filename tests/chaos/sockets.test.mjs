// kill -9 of each worker while WebSockets are open and turns run on them: architecture's table of what survives holds for
// sockets too, clients can always reconnect, and no lease, usage row or provider's socket is left behind.
import assert from 'node:assert/strict';
import { marked, sequence } from '../support/bodies.mjs';
import { SocketClient, codexHeaders, create } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';
import { delay, eventually } from '../support/wait.mjs';

const kSockets = Number(process.env.PATCHBAY_CHAOS_SOCKETS ?? 24);
const kEvents = 40;

const options = {
  accounts: 4,
  config: {
    accounts: { slots_per_account: 1000, lease_grace: '2s' },
    server: { backoff_initial: '10ms', backoff_max: '200ms' },
  },
};

let threads = 0;
const newThread = () => `0198c0de-0000-7000-9000-${String(++threads).padStart(12, '0')}`;
const slow = () => create(marked('text', { events: kEvents, interval_ms: 40, seq: 1 }));
const open = (gateway, tag) => SocketClient.open({ port: gateway.port, key: gateway.key, headers: { ...codexHeaders(newThread()), ...(tag ? { 'x-request-id': tag } : {}) } });

// Opens sockets, runs a turn on all but every fourth, kills, and gives what each was told.
async function killWithSockets(gateway, name) {
  const tag = `sock-${name}-${Date.now()}`;
  const sockets = await Promise.all(Array.from({ length: kSockets }, (_, i) => open(gateway, `${tag}-${i}`)));
  const idle = sockets.filter((_, i) => i % 4 === 3);
  const busy = sockets.filter((_, i) => i % 4 !== 3);
  const answers = busy.map((socket) => socket.turn(slow()));
  await delay(400);
  const worker = await gateway.worker(name);
  process.kill(Number(worker.pid), 'SIGKILL');
  const turns = await Promise.all(answers);
  await eventually(`${name} to be ready again`, async () => {
    const now = await gateway.worker(name);
    return /READY/.test(now.state) && Number(now.generation) > Number(worker.generation);
  }, { within: 10_000, every: 20 });
  return { sockets, idle, busy, turns, tag };
}

async function assertNothingLeft({ gateway, sim }, sockets) {
  for (const socket of sockets) socket.abort();
  const again = await eventually('a new socket to be served', async () => {
    const socket = await open(gateway).catch(() => undefined);
    if (!socket) return false;
    const turn = await socket.turn(create(marked('text', { events: 2, seq: 1 })));
    socket.abort();
    return turn.last?.type === 'response.completed' && turn.text === sequence(2);
  }, { within: 10_000, every: 50 });
  assert.ok(again);
  await eventually('the provider to be rid of every socket', async () => (await sim.stats()).open_sockets === 0, { within: 10_000 });
  await eventually('every lease to be settled', async () => (await gateway.listAccounts()).every((account) => Number(account.leases_open) === 0), { within: 15_000, every: 100 });
  for (const account of await gateway.listAccounts()) assert.match(account.state, /ACTIVE/i, `${account.label}: ${account.state} ${account.evidence}`);
}

const whole = (turn) => turn.last?.type === 'response.completed' && turn.text === sequence(kEvents);
const prefix = (turn) => sequence(kEvents).startsWith(turn.text);

suite('kill -9 with sockets open', options, (test) => {
  test('accounts: every turn and every socket goes on', async (context) => {
    const { sockets, turns, busy, idle } = await killWithSockets(context.gateway, 'accounts');
    assert.ok(turns.every(whole), 'a turn broke');
    assert.ok(sockets.every((socket) => !socket.closed));
    const next = await Promise.all([...busy, ...idle].map((socket) => socket.turn(create(marked('text', { events: 3, seq: 1 })))));
    assert.ok(next.every((turn) => turn.text === sequence(3)), 'a socket no longer serves');
    await assertNothingLeft(context, sockets);
  });

  test('upstream: running turns end with an error or are done again elsewhere, all sockets say restart', async (context) => {
    const { sockets, turns, idle } = await killWithSockets(context.gateway, 'upstream');
    for (const turn of turns) {
      assert.ok(prefix(turn), 'lost or doubled output');
      assert.ok(whole(turn) || turn.last?.type === 'error', JSON.stringify(turn.last));
    }
    for (const socket of idle) assert.equal((await socket.closing()).code, 1012);
    await assertNothingLeft(context, sockets);
  });

  test('frontend: connections drop, and clients reconnect', async (context) => {
    const { sockets, turns } = await killWithSockets(context.gateway, 'frontend');
    for (const turn of turns) assert.ok(prefix(turn) && turn.closed?.code === 1006, JSON.stringify(turn.closed));
    await assertNothingLeft(context, sockets);
  });

  test('ollama: nobody notices', async (context) => {
    const { sockets, turns } = await killWithSockets(context.gateway, 'ollama');
    assert.ok(turns.every(whole));
    await assertNothingLeft(context, sockets);
  });
});
