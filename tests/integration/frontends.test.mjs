// Several frontend processes on the same sockets: each serves, and one's death is nobody else's.
// ThreadSanitizer: several processes on accounts' and upstream's streams at once.
import assert from 'node:assert/strict';
import { chat, chatStream, marked, sequence } from '../support/bodies.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const kFrontends = ['frontend', 'frontend-2'];

suite('two frontends', { accounts: 1, config: { frontend: { count: 2 }, accounts: { slots_per_account: 200, lease_grace: '1s' } } }, (test) => {
  test('share the work, and count it together', async ({ gateway, client }) => {
    const fresh = client.with({ keepAlive: false });
    const served = async () => Promise.all(kFrontends.map(async (name) => Number((await gateway.worker(name)).served_total)));
    let sent = 0;
    await eventually('both to have served', async () => {
      for (let i = 0; i < 10; ++i, ++sent) assert.equal((await fresh.post(kPath, chat('hi'))).status, 200);
      return (await served()).every((count) => count > 0);
    });
    await eventually('a row for every call', async () => (await gateway.usageRows()).length === sent);
    fresh.close();
  });

  test('one is killed: the other one\'s streams go on, its own are counted as lost, and new calls are served', async ({ gateway, client }) => {
    const before = (await gateway.usageRows()).length;
    const fresh = client.with({ keepAlive: false });
    // Both accept on one socket and either may take a connection, so one is stopped while the other one's streams begin.
    const open = async (stopped) => {
      process.kill(stopped, 'SIGSTOP');
      try {
        const streams = await Promise.all(
          Array.from({ length: 8 }, () => fresh.stream(kPath, chatStream(marked('text', { events: 60, seq: 1, interval_ms: 50 })))),
        );
        await Promise.all(streams.map((stream) => stream.next()));
        return streams;
      } finally {
        process.kill(stopped, 'SIGCONT');
      }
    };
    const pids = await Promise.all(kFrontends.map((name) => gateway.workerPid(name)));
    const kept = await open(pids[1]);
    const lost = await open(pids[0]);
    const streams = [...kept, ...lost];
    await gateway.kill('frontend-2');
    await Promise.all(streams.map((stream) => stream.all().catch(() => {})));
    for (const stream of kept) assert.equal(chatOutcome(stream.json).text, sequence(60));
    for (const stream of lost) assert.ok(!stream.finishedWithDone);
    assert.equal(await gateway.workerPid('frontend'), pids[0], 'the other frontend was touched');

    await gateway.ready();
    for (let i = 0; i < 10; ++i) assert.equal((await fresh.post(kPath, chat('hi'))).status, 200);
    fresh.close();
    await eventually('a row for every stream and every call, whole or lost', async () => (await gateway.usageRows()).length === before + streams.length + 10);
  });

  test('accounts is restarted: both declare their open calls anew, and none is lost', async ({ gateway, client }) => {
    const before = (await gateway.usageRows()).length;
    const fresh = client.with({ keepAlive: false });
    const streams = await Promise.all(
      Array.from({ length: 12 }, () => fresh.stream(kPath, chatStream(marked('text', { events: 40, seq: 1, interval_ms: 25 })))),
    );
    await Promise.all(streams.map((stream) => stream.next()));
    await gateway.kill('accounts');
    await Promise.all(streams.map((stream) => stream.all()));
    for (const stream of streams) assert.equal(chatOutcome(stream.json).text, sequence(40));
    fresh.close();
    await gateway.ready();
    await eventually('a row for every stream', async () => (await gateway.usageRows()).length === before + streams.length);
  });
});
