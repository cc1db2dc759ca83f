// What operators are told of: events as the simulated provider causes them, watched over the admin socket.
// ThreadSanitizer: the log hub and its watchers.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chat, marked } from '../support/bodies.mjs';
import { binary } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const config = { accounts: { strategy: 'round_robin' } };
const ask = (client, text) => client.post('/v1/chat/completions', chat(marked('text', { events: 3, seq: 1 }, text)));

/** Each line of `patchbay events --json` is one event with its number. */
async function listEvents(gateway, ...args) {
  const { code, stdout, stderr } = await gateway.cli(['events', '--json', ...args]);
  assert.equal(code, 0, stderr);
  return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}
const kind = ({ event }) => event.kind.replace('EVENT_KIND_', '').toLowerCase();
const kinds = async (gateway) => (await listEvents(gateway)).map(kind);

suite('events', { accounts: 2, config, accountOptions: { refreshable: false } }, (test) => {
  test('tell of accounts that are used up, shut or want a login, and of a provider without any', async ({ client, sim, gateway }) => {
    assert.deepEqual(await kinds(gateway), []);
    const [one, two] = gateway.accounts;
    await sim.setScenario(one, { name: 'usage_limit_reached', resets_in: 3600 });
    await sim.setScenario(two, { name: 'account_deactivated' });
    assert.notEqual((await ask(client, 'first')).status, 200);
    await eventually('the provider to be told of', async () => (await kinds(gateway)).includes('all_exhausted'));
    const told = await listEvents(gateway);
    assert.deepEqual(told.map(kind).sort(), ['all_exhausted', 'banned', 'exhausted']);
    assert.deepEqual(told.map(({ sequence }) => Number(sequence)), [1, 2, 3], 'numbered without gaps');
    assert.ok(told.every(({ worker }) => worker === 'accounts'));
    const banned = told.find((each) => kind(each) === 'banned').event;
    assert.equal(banned.account_label, two.label);
    assert.equal(banned.provider, 'codex');
    assert.match(banned.evidence, /account_deactivated/);
    const used = told.find((each) => kind(each) === 'exhausted').event;
    assert.ok(Math.abs(Date.parse(used.until) - Date.now() - 3_600_000) < 30_000, used.until);
    assert.ok(used.request_id, 'whose call showed it');

    await sim.clearScenario(one);
    await gateway.json(['accounts', 'clear', '--force', one.label]);
    await eventually('the provider to be told of again', async () => (await kinds(gateway)).filter((each) => each === 'recovered').length === 2);
  });

  test('are shown to people as sentences', async ({ gateway }) => {
    const { stdout } = await gateway.cli(['events', '--last', '100']);
    assert.match(stdout, /^\d{4}-\d\d-\d\dT\S+Z error {3}account acc_\S+ \(account-2\) was shut by its provider: .*account_deactivated/m);
    assert.match(stdout, /^\S+ error {3}provider codex has no account left with quota, until /m);
    assert.match(stdout, /^\S+ info {4}provider codex can serve again$/m);
  });

  test('are given from where a watcher left, and tell when it was another run', async ({ gateway }) => {
    const all = await listEvents(gateway);
    const { run } = all[0];
    const rest = await listEvents(gateway, '--run', run, '--since', '3');
    assert.deepEqual(rest.map(({ sequence }) => Number(sequence)), all.slice(3).map(({ sequence }) => Number(sequence)));
    assert.deepEqual(await listEvents(gateway, '--run', 'another', '--since', '3'), all);
    assert.deepEqual(await listEvents(gateway, '--last', '1'), all.slice(-1));
  });

  test('come as they happen to who follows', async ({ client, sim, gateway }) => {
    const before = (await listEvents(gateway)).length;
    const watcher = spawn(binary('patchbay'), ['events', '--json', '--follow'], { env: { ...process.env, PATCHBAY_RUNTIME_DIR: gateway.runtimeDir }, stdio: ['ignore', 'pipe', 'inherit'] });
    let seen = '';
    watcher.stdout.on('data', (chunk) => { seen += chunk; });
    try {
      const [one] = gateway.accounts;
      await sim.setScenario(one, { name: 'token_invalidated' });
      await ask(client, 'second');
      const lines = await eventually('the event to come', () => {
        const complete = seen.split('\n').filter(Boolean).map((line) => JSON.parse(line));
        return complete.length > before && complete.slice(before).map(kind).includes('needs_login') && complete;
      });
      assert.equal(Number(lines[before].sequence), before + 1, 'the kept ones first, then those that come');
    } finally {
      const ended = new Promise((resolve) => { watcher.once('exit', resolve); });
      watcher.kill();
      await ended;
    }
  });

  test('survive a restart of accounts', async ({ gateway }) => {
    const before = await listEvents(gateway);
    await gateway.json(['workers', 'restart', 'accounts']);
    assert.deepEqual((await listEvents(gateway)).slice(0, before.length), before);
  });
});
