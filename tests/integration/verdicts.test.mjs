// Rows of the operator for errors that patchbay does not know, and what an answer would be taken for (docs/failures.md).
import assert from 'node:assert/strict';
import { chat, marked, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const kPath = '/v1/chat/completions';
const config = {
  accounts: {
    strategy: 'round_robin',
    verdicts: {
      'not-mine': { provider: 'openai', status: '403', means: 'ban' },
      rest: { provider: 'codex', status: '403', means: 'throttle', rest: '10m' },
    },
  },
};
const ask = (client, text) => client.post(kPath, chat(marked('text', { events: 3, seq: 1 }, text)));

suite('the operator\'s verdicts', { accounts: 2, config }, (test) => {
  test('come before patchbay\'s', async ({ client, sim, gateway }) => {
    await sim.setScenario(gateway.accounts[0], { name: '403', kind: 'not_found' });
    for (let i = 0; i < 3; ++i) {
      const answer = await ask(client, `question ${i}`);
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.json().choices[0].message.content, sequence(3));
    }
    const [account] = await gateway.listAccounts();
    assert.equal(account.state, 'ACCOUNT_STATE_THROTTLED');
    const rest = Date.parse(account.state_until) - Date.now();
    assert.ok(rest > 9 * 60_000 && rest <= 10 * 60_000, `${rest} ms`);
    assert.match(gateway.logs, /"rule":"rest"/);
  });

  test('are tried without asking anybody', async ({ sim, gateway }) => {
    const before = (await sim.requests()).length;
    const attempt = (args, input) => gateway.json(['verdict', 'try', '--provider', 'codex', ...args], { input });
    const theirs = await attempt(['--status', '403']);
    assert.deepEqual([theirs.row, theirs.operators, theirs.effect, theirs.fault], ['rest', true, 'throttle', 'account']);

    const body = JSON.stringify({ error: { type: 'usage_limit_reached', message: 'The usage limit has been reached', resets_in_seconds: 3600 } });
    const ours = await attempt(['--status', '429', '--body', '-'], body);
    assert.deepEqual([ours.cause, ours.row, ours.operators ?? false, ours.effect, ours.evidence], ['exhausted', 'exhausted', false, 'exhaust', 'strong']);
    assert.ok(Math.abs(Date.parse(ours.until) - Date.now() - 3600_000) < 20_000, ours.until);

    const page = (await gateway.cli(['verdict', 'try', '--provider', 'openai', '--status', '429', '--header', 'retry-after: 30'])).stdout;
    assert.match(page, /row +too_many_requests\n/);
    assert.match(page, /effect +throttle\n/);
    for (const bad of [['--provider', 'nobody', '--status', '403'], ['--provider', 'codex', '--status', '403', '--header', 'none'], ['--provider', 'codex', '--status', '99']]) {
      assert.notEqual((await gateway.cli(['verdict', 'try', ...bad])).code, 0, bad.join(' '));
    }
    assert.equal((await sim.requests()).length, before);
  });
});
