// One request, two providers of different dialects: the one that is asked first fails, the other serves by its own route,
// and the client sees one answer. Every client protocol, streamed and whole.
import assert from 'node:assert/strict';
import { chat, marked, sequence } from '../support/bodies.mjs';
import { speakers } from '../support/speakers/index.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kModel = 'gpt-5.5';
const kOpenAiChat = ['max_completion_tokens', 'developer_role', 'many_system_messages', 'strict_tools', 'effort', 'openai_fields', 'custom_tools'];

// Each takes calls at a path of its own, which the provider's log tells.
const kProviders = {
  codex: { path: '/backend-api/codex/responses' },
  openai_responses: { path: '/v1/responses', row: { dialect: 'openai_responses' } },
  openai_chat: { path: '/v1/chat/completions', row: { dialect: 'openai_chat', quirks: kOpenAiChat } },
};
const kPairs = [['codex', 'openai_responses'], ['openai_responses', 'codex'], ['openai_responses', 'openai_chat'], ['openai_chat', 'openai_responses']];

// What the first one does instead of answering, for the rest of a test.
const kFailures = {
  'is overloaded': { name: 'overloaded' },
  'limits the rate': { name: '429', retry_after: 1 },
  'breaks off before it answers': { name: 'cut', after: 0, at: 'head' },
  'fails inside its stream': { name: 'failed', after: 0 },
};

const kCity = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const kTools = [{ name: 'get_weather', parameters: kCity }];
const wholeOf = (speak) => ((speak.cannot ?? []).includes('whole') || speak.only ? [false] : [false, true]);
const clients = Object.entries(speakers).filter(([, speak]) => !speak.only);

/** Rows of the operator's own, in the order in which they are asked. */
function rowsOf(pair) {
  const rows = pair.filter((name) => kProviders[name].row).map((name) => [`my-${name}`.replaceAll('_', '-'), kProviders[name].row]);
  return Object.fromEntries(rows);
}

for (const pair of kPairs) {
  const [first, second] = pair;
  const rows = rowsOf(pair);
  const options = { accounts: 0, config: { providers: rows }, keys: Object.fromEntries(Object.keys(rows).map((name) => [name, 0])) };

  suite(`from ${first} to ${second}`, options, (test) => {
    const accounts = {};
    const label = (name) => accounts[name].label;

    test('begin with an account of each', async ({ gateway }) => {
      for (const name of pair) {
        [accounts[name]] = name === 'codex' ? await gateway.addAccounts(1) : await gateway.addKeys(`my-${name}`.replaceAll('_', '-'));
      }
    });

    // Both are well again, so the first is asked first.
    const recover = async (gateway) => {
      for (const name of pair) await gateway.json(['accounts', 'enable', label(name)]);
      await eventually('both accounts to be well', async () => (await gateway.listAccounts()).every(({ state }) => /active/i.test(state)));
    };
    const paths = async (sim) => (await sim.requests()).filter(({ status }) => status !== 101).map(({ path }) => path.split('?')[0]);

    // The first may be tried again: over a new connection, or over HTTP instead of a socket.
    const failedOver = async (sim) => {
      const asked = await paths(sim);
      assert.equal(asked.pop(), kProviders[second].path);
      assert.ok(asked.length > 0);
      for (const path of asked) assert.equal(path, kProviders[first].path);
    };

    if (first === 'codex') {
      test('a client gets its WebSocket while the one that has sockets is rate limited', async (context) => {
        const { client, gateway, sim } = context;
        await recover(gateway);
        await sim.setScenario(accounts[first], { name: '429', retry_after: 3 });
        await client.post('/v1/chat/completions', chat('be throttled', { model: kModel }));
        const answer = await speakers['responses over a WebSocket'](context, { model: kModel, turns: [{ user: marked('text', { events: 5, seq: 1 }, 'over HTTP') }] });
        assert.equal(answer.status, 101);
        assert.equal(answer.failure, undefined);
        assert.equal(answer.text.trim(), sequence(5).trim());
        assert.equal((await paths(sim)).at(-1), kProviders[second].path);
      });
    }

    for (const [client, speak] of clients) {
      // Where the second one alone has sockets, a client's socket is for it.
      if (client.includes('WebSocket') && second === 'codex') continue;
      for (const whole of wholeOf(speak)) {
        for (const [failure, scenario] of Object.entries(kFailures)) {
          test(`${client}, ${whole ? 'whole' : 'streamed'}: the first ${failure}`, async (context) => {
            const { gateway, sim } = context;
            await recover(gateway);
            await sim.setScenario(accounts[first], scenario);
            const answer = await speak(context, { model: kModel, whole, turns: [{ user: marked('text', { events: 12, seq: 1 }, `${client} ${whole} ${failure}`) }] });
            assert.equal(answer.failure, undefined);
            assert.equal(answer.text.trim(), sequence(12).trim());
            assert.equal(answer.finish, 'stop');
            await failedOver(sim);
          });
        }

        test(`${client}, ${whole ? 'whole' : 'streamed'}: a conversation goes on at the other one`, async (context) => {
          const { gateway, sim } = context;
          await recover(gateway);
          await sim.script({ output: [{ reasoning: 'First the city.' }, { function: 'get_weather', arguments: { city: 'Oslo' } }] }, { output: [{ text: 'Cold.' }] });
          const user = { user: `and in Oslo, ${client} ${whole}?` };
          const question = { model: kModel, whole, tools: kTools, reasoning: 'high' };
          const said = await speak(context, { ...question, turns: [user] });
          assert.equal(said.failure, undefined);
          await sim.setScenario(accounts[first], { name: 'overloaded' });
          const after = await speak(context, { ...question, turns: [user, { said }, { results: [{ ...said.calls[0], output: '1 degree' }] }] });
          assert.equal(after.failure, undefined);
          assert.equal(after.text, 'Cold.');
          const asked = await paths(sim);
          assert.deepEqual([asked[0], asked[1], asked.at(-1)], [kProviders[first].path, kProviders[first].path, kProviders[second].path]);
          assert.match(JSON.stringify((await sim.lastRequest()).body), /1 degree/);
        });
      }
    }
  });
}
