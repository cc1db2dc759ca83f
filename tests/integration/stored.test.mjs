// What the gateway remembers of conversations, and what it does when it cannot.
import assert from 'node:assert/strict';
import { kModel, marked } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const kPath = '/v1/responses';
const ask = (client, text, extra = {}) => client.post(kPath, { model: kModel, input: text, ...extra });

suite('kept responses, with room for a few', { accounts: 1, config: { frontend: { stored_responses: { memory: '16KiB' } } } }, (test) => {
  test('forgets the oldest first', async ({ client }) => {
    const ids = [];
    for (let i = 0; i < 12; ++i) {
      const answer = await ask(client, marked('text', { events: 40, size: 50 }));
      assert.equal(answer.status, 200, answer.text);
      ids.push(answer.json().id);
    }
    assert.equal((await client.get(`${kPath}/${ids.at(-1)}`)).status, 200);
    const first = await client.get(`${kPath}/${ids[0]}`);
    assert.equal(first.status, 404);
    assert.equal(first.json().error.message, `Response with id '${ids[0]}' not found.`);
  });
});

suite('kept responses, none', { accounts: 1, config: { frontend: { stored_responses: { memory: 0 } } } }, (test) => {
  test('says that there are none', async ({ client }) => {
    const { id } = (await ask(client, 'one')).json();
    const answer = await ask(client, 'two', { previous_response_id: id });
    assert.equal(answer.status, 400);
    assert.equal(answer.json().error.code, 'previous_response_not_found');
  });
});

suite('sealed reasoning', { accounts: 2 }, (test) => {
  for (const [path, again] of [
    [kPath, (body, answer) => ({ ...body, input: [...body.input, ...answer.output, { role: 'user', content: 'and then?' }] })],
  ]) {
    test(`${path} goes on without it when another account has to answer`, async ({ client, gateway, sim }) => {
      const body = { model: kModel, store: false, prompt_cache_key: 'one-conversation', input: [{ role: 'user', content: marked('reasoning', { events: 2, seq: 1 }) }] };
      const first = await client.post(path, body);
      assert.equal(first.status, 200, first.text);
      const owner = (await sim.lastRequest()).account_id;
      await sim.setUsage(gateway.accounts.find((account) => account.id === owner), { primary_used: 100, primary_reset_in: 3600 });
      const second = await client.post(path, again(body, first.json()));
      assert.equal(second.status, 200, second.text);
      assert.match(second.headers['x-patchbay-repaired'], /sealed_reasoning/);
      const last = await sim.lastRequest();
      assert.notEqual(last.account_id, owner);
      assert.ok(!last.body.input.some((item) => item.type === 'reasoning'));
      assert.ok(JSON.stringify(last.body.input).includes('0 1 '), 'what was said is still there');
    });
  }
});
