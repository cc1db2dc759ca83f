// The story of one request: who could have served it, who did and why, what failed and how that was judged.
import assert from 'node:assert/strict';
import { chat, marked } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const config = { accounts: { strategy: 'fill_first', traces: 20 } };
const kPath = '/v1/chat/completions';
const body = (text, extra) => chat(marked('text', { events: 3, seq: 1 }, text), extra);

/** The one trace of a request, once its end is in. */
function traceOf(gateway, id) {
  return eventually(`the trace of ${id} to end`, async () => {
    const { traces } = await gateway.json(['trace', id]);
    assert.equal(traces.length, 1);
    const last = traces[0].steps.at(-1);
    return (last.denial || (last.end && last.end.outcome !== 'retried')) && traces[0];
  }, { every: 25 });
}
const what = (step) => ['choice', 'end', 'verdict', 'denial'].find((kind) => step[kind]);

suite('trace', { accounts: 3, config, accountOptions: { refreshable: false } }, (test) => {
  test('tells candidates, choice, attempts, verdicts with their row, what was ignored, and times', async ({ client, sim, gateway }) => {
    const [used, shut, good] = gateway.accounts;
    await sim.setScenario(used, { name: 'usage_limit_reached', resets_in: 3600 });
    await sim.setScenario(shut, { name: 'account_deactivated' });
    const answer = await client.post(kPath, body('the first', { logit_bias: { 1: 1 } }));
    assert.equal(answer.status, 200, answer.text);
    const id = answer.headers['x-request-id'];
    const trace = await traceOf(gateway, id);
    assert.deepEqual([trace.model, trace.dialect, trace.client_key], ['gpt-5.5', 'openai_chat', 'test']);
    assert.match(trace.frontend, /^frontend#\d+$/);
    assert.ok(Math.abs(Date.parse(trace.asked_at) - Date.now()) < 60_000);
    assert.deepEqual(trace.steps.map(what), ['choice', 'end', 'verdict', 'choice', 'end', 'verdict', 'choice', 'end']);
    const [first, retried, verdict, second, , ban, third, end] = trace.steps;
    assert.deepEqual([first.choice.label, second.choice.label, third.choice.label], [used, shut, good].map(({ label }) => label));
    assert.equal(first.choice.reason, 'fill_first');
    assert.equal(first.choice.attempt, 1);
    assert.equal(first.choice.relay, false);
    assert.deepEqual(first.choice.accounts.map(({ label, place, eligible }) => [label, place, eligible]), [['account-1', 1, true], ['account-2', 2, true], ['account-3', 3, true]]);
    assert.equal(retried.end.outcome, 'retried');
    assert.equal(verdict.verdict.failure, '429 usage_limit_reached');
    assert.deepEqual([verdict.verdict.fault, verdict.verdict.effect, verdict.verdict.evidence], ['account', 'exhaust', 'strong']);
    assert.ok(verdict.verdict.rule, 'the row that matched');
    assert.equal(ban.verdict.effect, 'ban');
    const blocked = second.choice.accounts.find(({ label }) => label === used.label);
    assert.match(blocked.reason, /^exhausted until \S+Z \(429 usage_limit_reached\)$/);
    assert.deepEqual([blocked.place, blocked.eligible], [0, false]);
    assert.equal(end.end.outcome, 'succeeded');
    const ignored = (answer.headers['x-patchbay-ignored'] ?? '').split(', ').filter(Boolean);
    assert.ok(ignored.length > 0, 'the provider takes no logit_bias');
    assert.deepEqual(end.end.notes.ignored, ignored);
    for (const time of [end.end.notes.head, end.end.first_output, end.end.total]) assert.match(time, /^\d+(\.\d+)?s$/);
    const after = trace.steps.map((step) => parseFloat(step.after));
    assert.deepEqual(after, [...after].sort((a, b) => a - b));
    const { stdout } = await gateway.cli(['trace', id]);
    assert.match(stdout, new RegExp(`^${id} {2}\\S+Z {2}gpt-5\\.5, by openai_chat, key test, through frontend#\\d+$`, 'm'));
    assert.match(stdout, /attempt 3 on acc_\S+ \(account-3\) of codex as gpt-5\.5: fill_first/);
    assert.match(stdout, /429 usage_limit_reached on acc_\S+: fault of the account, effect exhaust, strong evidence \(row /);
    assert.match(stdout, /succeeded: taken after .*ignored: /);
  });

  test('tells of a conversation where it lives, by the key that explain takes', async ({ client, sim, gateway }) => {
    const good = gateway.accounts[2];
    await sim.clearScenario(good);
    const headers = { session_id: 'a thread' };
    await client.post(kPath, body('turn one'), { headers });
    const answer = await client.post(kPath, body('turn two'), { headers });
    const trace = await traceOf(gateway, answer.headers['x-request-id']);
    assert.equal(trace.steps[0].choice.reason, 'affinity');
    const explained = await gateway.json(['accounts', 'explain', '--model', 'gpt-5.5', '--affinity-key', trace.affinity_key]);
    assert.equal(explained.reason, 'affinity');
    assert.equal(explained.accounts.find(({ home }) => home).label, good.label);
  });

  test('tells why nobody served', async ({ client, sim, gateway }) => {
    await sim.setScenario(gateway.accounts[2], { name: 'usage_limit_reached', resets_in: 7200 });
    assert.notEqual((await client.post(kPath, body('uses it up'))).status, 200);
    const answer = await client.post(kPath, body('too late'));
    assert.equal(answer.status, 429, answer.text);
    const trace = await traceOf(gateway, answer.headers['x-request-id']);
    assert.deepEqual(trace.steps.map(what), ['denial']);
    const { denial } = trace.steps[0];
    assert.equal(denial.reason, 'DENY_REASON_EXHAUSTED');
    assert.match(denial.accounts, /^2 exhausted, the first until \S+, 1 banned$/);
    assert.ok(answer.json().error.message.endsWith(`(accounts: ${denial.accounts})`), answer.text);
    assert.deepEqual(denial.explained.map(({ eligible }) => eligible), [false, false, false]);
    assert.match((await gateway.cli(['trace', answer.headers['x-request-id']])).stdout, /denied \(exhausted\): .*it makes sense again in 5\dm/);
  });

  test('is of the last requests only, and changed live', async ({ client, gateway }) => {
    const ids = [];
    for (let i = 0; i < 25; ++i) ids.push((await client.post(kPath, body(`number ${i}`))).headers['x-request-id']);
    const { traces } = await gateway.json(['trace', '--last', '100']);
    assert.deepEqual(traces.map((trace) => trace.request_id), ids.slice(-20).reverse());
    const gone = await gateway.cli(['trace', ids[0]]);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /no trace of request .*not among the last 20/);
    assert.equal((await gateway.cli(['trace'])).code, 64);
    gateway.writeConfig({ ...gateway.config, accounts: { ...gateway.config.accounts, traces: 0 } });
    await gateway.json(['reload']);
    assert.deepEqual((await gateway.json(['trace', '--last', '1'])).traces, []);
  });

  test('holds no secret and no word of the conversation', async ({ client, gateway }) => {
    gateway.writeConfig({ ...gateway.config, accounts: { ...gateway.config.accounts, traces: 20 } });
    await gateway.json(['reload']);
    const answer = await client.post(kPath, body('a very private question'));
    const { stdout } = await gateway.cli(['trace', '--json', answer.headers['x-request-id']]);
    assert.doesNotMatch(stdout, /private/);
    for (const secret of gateway.secrets) assert.ok(!stdout.includes(secret));
  });
});
