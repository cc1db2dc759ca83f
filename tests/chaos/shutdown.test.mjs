// The ends of the whole gateway: asked for, under load, without one broken stream; and sudden, without one orphan.
import assert from 'node:assert/strict';
import { sequence } from '../support/bodies.mjs';
import { startGateway } from '../support/gateway.mjs';
import { Load } from '../support/load.mjs';
import { processesMentioning } from '../support/program.mjs';
import { startSim } from '../support/sim.mjs';
import { bound, delay, eventually, within } from '../support/wait.mjs';
import { describe, test } from 'node:test';

const config = { accounts: { slots_per_account: 100 }, server: { drain_timeout: '10s' } };

async function underLoad(t, clients = 64) {
  const sim = await startSim();
  t.after(() => sim.stop());
  const gateway = await startGateway({ sim, accounts: 2, config });
  t.after(() => gateway.destroy());
  const load = new Load(gateway.client.with({ keepAlive: false }), { clients, events: 60, interval_ms: 10, tag: 'end' }).start();
  await eventually('the load to be steady', () => load.active.filter((call) => call.firstAt).length >= clients * 0.8);
  return { sim, gateway, load };
}

describe('the end of patchbayd', { concurrency: false }, () => {
  test('SIGTERM drains: every stream that had begun is finished, then exit 0', async (t) => {
    const { gateway, load } = await underLoad(t);
    load.stopped = true;
    const begun = load.active.filter((call) => call.firstAt);
    assert.ok(begun.length >= 40);
    await gateway.stop();
    await load.stop();
    const broken = begun.filter((call) => !call.whole);
    assert.equal(broken.length, 0, `${broken.length} of ${begun.length}: ${broken.slice(0, 3).join('\n')}`);
  });

  test('a second SIGTERM, or a drain that takes too long, still ends in bounded time', async (t) => {
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, accounts: 1, config: { server: { drain_timeout: '1s' } } });
    t.after(() => gateway.destroy());
    const load = new Load(gateway.client, { clients: 1 });
    const endless = load.once({ events: 10_000, interval_ms: 50 });
    await eventually('its first output', () => load.calls[0].firstAt);
    const before = Date.now();
    gateway.program.signal('SIGTERM');
    await within(15_000, 'patchbayd to end', gateway.program.exited);
    assert.ok(Date.now() - before < bound(10_000));
    await gateway.assertNothingLeft();
    assert.ok((await endless).prefixIsExact);
  });

  test('kill -9 of the supervisor: workers finish what is in flight and exit; no orphan stays', async (t) => {
    const { gateway, load } = await underLoad(t);
    load.stopped = true;
    const begun = load.active.filter((call) => call.firstAt);
    gateway.program.signal('SIGKILL');
    await gateway.program.exited;
    await load.stop();
    const broken = begun.filter((call) => !call.whole);
    assert.equal(broken.length, 0, `${broken.length} of ${begun.length} streams broke: ${broken.slice(0, 3).join('\n')}`);
    await eventually('every worker to exit', () => processesMentioning(gateway.runtimeDir).length === 0, { within: 15_000 });

    // What was acknowledged is there for the next start, in the same place.
    await gateway.start();
    assert.equal((await gateway.listAccounts()).length, 2);
    await gateway.client.close();
    gateway.client.key = gateway.key;
    const again = await new Load(gateway.client, { tag: 'again' }).once({ events: 5 });
    assert.equal(again.text, sequence(5), String(again));
    const ids = new Set((await gateway.usageRows()).map((row) => row.request_id));
    const missing = load.calls.filter((call) => call.whole && !ids.has(call.id));
    assert.deepEqual(missing.map((call) => call.id), [], 'a completed request has no usage row');
    await gateway.stop();
  });

  test('many starts and stops leave nothing behind', async (t) => {
    const sim = await startSim();
    t.after(() => sim.stop());
    const gateway = await startGateway({ sim, accounts: 1 });
    t.after(() => gateway.destroy());
    for (let i = 0; i < 5; ++i) {
      assert.equal((await new Load(gateway.client, { tag: `start-${i}` }).once({ events: 2 })).text, sequence(2));
      assert.equal((await gateway.program.stop()).code, 0);
      await gateway.assertNothingLeft();
      await delay(0);
      await gateway.start();
    }
    assert.equal((await gateway.listAccounts()).length, 1);
    await gateway.stop();
  });
});
