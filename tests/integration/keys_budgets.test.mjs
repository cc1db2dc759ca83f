// Budgets of client keys (docs/keys.md): by reservation, durable, told to whom they concern, and looked at again when a
// call goes to another provider.
import assert from 'node:assert/strict';
import { chat, kModel, marked, responses } from '../support/bodies.mjs';
import { doors, knock, saidBy } from '../support/doors.mjs';
import { SocketClient, codexHeaders, create } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kOther = 'gpt-6-luna';
const kThread = '0198c0de-0000-7000-8000-00000000abcd';
const n = (value) => Number(value ?? 0);
let serial = 0;

async function keyWith({ gateway, client }, ...terms) {
  const name = `budget-${++serial}`;
  return Object.assign(client.with({ key: await gateway.createKey(name, terms) }), { name });
}
const budgetOf = async (gateway, key) => (await gateway.json(['keys', 'show', key.name])).standing.budgets[0];

/** A key whose budget of 1000 tokens a day an answer has gone over. */
async function spent(context, ...terms) {
  const key = await keyWith(context, '--budget', '1000 tokens a day', ...terms);
  assert.equal((await knock(key, 'openai_chat', marked('text', { events: 1500 }))).status, 200);
  await eventually('it to be counted', async () => n((await budgetOf(context.gateway, key)).used) >= 1000);
  return key;
}

suite('a budget', { accounts: 1 }, (test) => {
  test('that is used up is told in every protocol, with the time when it is back', async (context) => {
    const key = await spent(context);
    const midnight = new Date();
    midnight.setUTCHours(24, 0, 0, 0);
    for (const door of Object.keys(doors)) {
      const answer = await knock(key, door);
      assert.equal(answer.status, 429, `${door}: ${answer.text}`);
      assert.deepEqual(saidBy(door, answer, doors[door].budget), doors[door].budget);
      assert.match(doors[door].error(answer.json()).message, /budget of (1000|1k) tokens a day/);
      assert.equal(answer.headers['x-should-retry'], 'false', door);
    }
    const codex = (await knock(key, 'openai_responses')).json().error;
    assert.ok(Math.abs(codex.resets_at - midnight.getTime() / 1000) < 5, `${codex.resets_at}`);
    assert.equal((await knock(key, 'anthropic')).headers['anthropic-ratelimit-unified-status'], 'rejected');
    assert.ok(n((await knock(key, 'anthropic')).headers['retry-after']) <= 60, 'the Anthropic SDK would sleep until then');
    assert.equal((await knock(context.client, 'openai_chat')).status, 200, 'other keys have nothing to do with it');
  });

  test('is told on a WebSocket in a frame that the Codex CLI knows', async (context) => {
    const { key } = await spent(context);
    const socket = await SocketClient.open({ port: context.gateway.port, key, headers: codexHeaders(kThread) });
    const error = (await socket.turn(create(marked('text', { events: 3 })))).failed(429);
    assert.equal(error.type, 'usage_limit_reached');
    assert.ok(error.resets_at > Date.now() / 1000);
    socket.abort();
  });

  test('is not overshot by 50 requests at the same time', async (context) => {
    const { gateway } = context;
    const key = await keyWith(context, '--budget', '5k tokens a day');
    const text = 'one two three four five six seven eight nine ten '.repeat(20);
    const ask = () => key.post('/v1/responses', responses(marked('text', { events: 5 }, text), { stream: false, max_output_tokens: 200 }));
    const answers = await Promise.all(Array.from({ length: 50 }, ask));
    const statuses = answers.map(({ status }) => status);
    assert.ok(statuses.every((status) => status === 200 || status === 429), statuses.join(' '));
    assert.ok(statuses.includes(200) && statuses.includes(429), statuses.join(' '));
    const budget = await eventually('nothing to be reserved any more', async () => {
      const now = await budgetOf(gateway, key);
      return n(now.reserved) === 0 && now;
    });
    assert.ok(n(budget.used) > 0 && n(budget.used) <= 5000, `${budget.used}`);
    const { groups } = await eventually('every row', async () => {
      const sums = await gateway.json(['usage', '--by', 'key', '--key', key.name]);
      return sums.groups.length === 1 && sums;
    });
    const { usage } = groups[0].sum;
    assert.equal(n(usage.input_tokens) + n(usage.output_tokens), n(budget.used), 'it is what the rows say');
  });

  test('of money counts what a subscription would have cost by the token', async (context) => {
    const key = await keyWith(context, '--budget', '5 USD a day');
    const id = `budget-cost-${Date.now()}`;
    assert.equal((await key.post('/v1/chat/completions', chat(marked('text', { events: 7 })), { headers: { 'x-request-id': id } })).status, 200);
    const row = await context.gateway.usageOf(id);
    await eventually('it to be counted', async () => n((await budgetOf(context.gateway, key)).used) === n(row.cost_nano_dollars));
  });

  test('gives back what a call reserved that never cost anything', async (context) => {
    const key = await keyWith(context, '--budget', '5k tokens a day');
    await context.sim.setScenario(context.gateway.accounts[0], { name: 'context_length_exceeded' });
    const failed = await knock(key, 'openai_chat');
    assert.notEqual(failed.status, 200);
    await eventually('nothing to be reserved', async () => n((await budgetOf(context.gateway, key)).reserved) === 0);
  });

  test('falls back to another model, outside of it, and says so', async (context) => {
    const { gateway } = context;
    const key = await spent(context, '--on-budget', `fallback ${kOther}`);
    const before = n((await budgetOf(gateway, key)).used);
    for (const door of Object.keys(doors)) {
      const id = `fallback-${door}-${Date.now()}`;
      const answer = await knock(key, door, 'hello', { headers: { 'x-request-id': id } });
      assert.equal(answer.status, 200, `${door}: ${answer.text}`);
      assert.match(answer.headers['x-patchbay-repaired'], /budget_fallback/, door);
      assert.match(answer.headers['x-patchbay-model'], new RegExp(`^${kOther}`), door);
      assert.equal((await gateway.usageOf(id)).wire_model, kOther);
    }
    assert.equal(n((await budgetOf(gateway, key)).used), before);
    assert.match(gateway.logs, /"fallback_model":"gpt-6-luna"/);
  });

  test('is what a key with the view "own" is shown, in every place', async (context) => {
    const { gateway } = context;
    const key = await spent(context, '--budget', '10k tokens a month', '--quota-view', 'own');
    const usage = await eventually('the frontend to be told', async () => {
      const now = (await key.get('/wham/usage')).json();
      return now.rate_limit?.primary_window?.used_percent === 100 && now;
    });
    assert.equal(usage.rate_limit.allowed, false);
    assert.equal(usage.rate_limit.primary_window.limit_window_seconds, 86_400);
    assert.equal(usage.rate_limit.secondary_window.limit_window_seconds, 30 * 86_400);
    const own = (await key.get('/v1/usage')).json();
    assert.deepEqual(own.terms.budgets, ['1k tokens a day', '10k tokens a month']);
    assert.ok(own.used.budgets[0].used >= 1000);
    assert.equal(own.used.budgets[0].remaining, 0);
    assert.equal(own.quota.allowed, false);
    const refused = await knock(key, 'openai_responses');
    assert.equal(refused.status, 429);
    assert.equal(refused.headers['x-codex-primary-used-percent'], '100');
    await gateway.json(['keys', 'update', key.name, '--quota-view', 'none']);
    assert.equal((await key.get('/wham/usage')).json().rate_limit, null);
    assert.equal((await key.get('/v1/usage')).json().quota, null);
  });

  test('survives a kill of accounts, and of everything', async (context) => {
    const { gateway } = context;
    const key = await spent(context);
    const { used } = await budgetOf(gateway, key);
    await gateway.kill('accounts');
    await gateway.ready();
    assert.equal((await budgetOf(gateway, key)).used, used);
    assert.equal((await knock(key, 'openai_chat')).status, 429);
    process.kill(Number((await gateway.status()).pid), 'SIGKILL');
    await gateway.program.exited;
    await gateway.start();
    const again = gateway.client.with({ key: key.key });
    assert.equal((await budgetOf(gateway, key)).used, used);
    assert.equal((await knock(again, 'openai_chat')).status, 429);
  });
});

const kChatQuirks = ['max_completion_tokens', 'developer_role', 'many_system_messages', 'strict_tools', 'effort', 'openai_fields', 'custom_tools'];
const kRows = {
  cheap: { dialect: 'openai_chat', quirks: kChatQuirks, prices: { [kModel]: { input: 0.1, output: 0.1 } } },
  dear: { dialect: 'openai_responses', prices: { [kModel]: { input: 1000, output: 1000 } } },
};

suite('a budget and two providers', { accounts: 0, config: { providers: kRows }, keys: { cheap: 1, dear: 1 } }, (test) => {
  const dearWasAsked = async (sim) => (await sim.requests()).some(({ method, path }) => method === 'POST' && path.startsWith('/v1/responses'));
  const failing = (gateway) => gateway.accounts.find(({ label }) => label.startsWith('cheap'));

  test('leaves out the dearer one that it has no room for, also when the other one fails', async (context) => {
    const { gateway, sim } = context;
    const key = await keyWith(context, '--budget', '0.02 USD a day');
    for (let i = 0; i < 5; ++i) assert.equal((await knock(key, 'openai_chat', `question ${i}`)).status, 200);
    assert.equal(await dearWasAsked(sim), false);
    await sim.setScenario(failing(gateway), { name: 'overloaded' });
    const refused = await knock(key, 'openai_chat', 'and now?');
    assert.ok(refused.status >= 429, `${refused.status}: ${refused.text}`);
    assert.equal(await dearWasAsked(sim), false, 'the budget has no room for it');
    const unlimited = await knock(context.client, 'openai_chat', 'and for others?');
    assert.equal(unlimited.status, 200, unlimited.text);
    assert.equal(await dearWasAsked(sim), true);
  });
});
