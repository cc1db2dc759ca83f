// Every client protocol over every provider's: what an answer means is the same, whoever asks and whoever serves.
import assert from 'node:assert/strict';
import { kModel, marked, sequence } from '../support/bodies.mjs';
import { merge } from '../support/gateway.mjs';
import { speakers } from '../support/speakers/index.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kCity = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const kWeather = { name: 'get_weather', parameters: kCity };
const kShape = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'], additionalProperties: false };
// Nothing waits long: a throttled account is asked again in its place only while its request may still wait.
const kConfig = { accounts: { slots_per_account: 50, queue_wait: '1s' }, upstream: { first_byte_timeout: '3s', stall_timeout: '3s' } };

const can = (speaker, what) => !(speaker.cannot ?? []).includes(what) && (speaker.only ?? [what]).includes(what);
const ways = (speaker) => (can(speaker, 'whole') && !speaker.only ? [false, true] : [false]);

/** Each is {title, needs, check({ask, sim})}. ask(question) is one turn of the client under test. */
const kCases = [
  {
    title: 'a text', needs: 'text',
    async check({ ask }) {
      const answer = await ask({ turns: [{ user: marked('text', { events: 20, seq: 1 }) }] });
      assert.equal(answer.failure, undefined);
      assert.equal(answer.text.trim(), sequence(20).trim());
      assert.equal(answer.finish, 'stop');
    },
  },
  {
    title: 'what it cost', needs: 'usage',
    async check({ ask }) {
      const { usage } = await ask({ turns: [{ user: marked('text', { events: 5 }) }] });
      assert.ok(usage.input > 0 && usage.output > 0, JSON.stringify(usage));
    },
  },
  {
    title: 'a tool, and its result in the next turn', needs: 'tools',
    async check({ ask, sim }) {
      await sim.script({ output: [{ text: 'I look.' }, { function: 'get_weather', arguments: { city: 'Oslo' } }] }, { output: [{ text: 'It rains.' }] });
      const user = { user: 'how is the weather in Oslo?' };
      const said = await ask({ turns: [user], tools: [kWeather] });
      assert.equal(said.failure, undefined);
      assert.equal(said.finish, 'tools');
      assert.equal(said.text, 'I look.');
      assert.deepEqual(said.calls.map(({ name, input }) => ({ name, input })), [{ name: 'get_weather', input: { city: 'Oslo' } }]);
      const after = await ask({ turns: [user, { said }, { results: [{ ...said.calls[0], output: '9 degrees' }] }], tools: [kWeather] });
      assert.equal(after.failure, undefined);
      assert.equal(after.text, 'It rains.');
      assert.match(JSON.stringify((await sim.requests()).at(-1).body), /9 degrees/);
    },
  },
  {
    title: 'parallel tools over two turns, each result with its call', needs: 'tools',
    async check({ ask, sim }) {
      const calls = ['Oslo', 'Rome', 'Lima'].map((city) => ({ function: 'get_weather', arguments: { city } }));
      await sim.script({ output: calls }, { output: calls.slice(0, 2) }, { output: [{ text: 'Done.' }] });
      const turns = [{ user: 'compare' }];
      for (const expected of [['Oslo', 'Rome', 'Lima'], ['Oslo', 'Rome']]) {
        const said = await ask({ turns, tools: [kWeather] });
        assert.equal(said.failure, undefined);
        assert.deepEqual(said.calls.map((call) => call.input.city), expected);
        assert.equal(new Set(said.calls.map((call) => call.id)).size, expected.length);
        turns.push({ said }, { results: said.calls.map((call) => ({ ...call, output: `weather of ${call.input.city}` })) });
      }
      const last = await ask({ turns, tools: [kWeather] });
      assert.equal(last.failure, undefined);
      assert.equal(last.text, 'Done.');
    },
  },
  {
    title: 'reasoning over two turns', needs: 'reasoning',
    async check({ ask, sim, hidesReasoning }) {
      await sim.script({ output: [{ reasoning: 'First the city.' }, { function: 'get_weather', arguments: { city: 'Oslo' } }] }, { output: [{ text: 'Cold.' }] });
      const user = { user: 'and in Oslo?' };
      const question = { tools: [kWeather], reasoning: 'high' };
      const said = await ask({ ...question, turns: [user] });
      assert.equal(said.failure, undefined);
      assert.match(said.thought, hidesReasoning ? /^$/ : /First the city\./);
      const after = await ask({ ...question, turns: [user, { said }, { results: [{ ...said.calls[0], output: '1 degree' }] }] });
      assert.equal(after.failure, undefined);
      assert.equal(after.text, 'Cold.');
    },
  },
  {
    title: 'structured output', needs: 'schema',
    async check({ ask }) {
      const answer = await ask({ turns: [{ user: 'answer me' }], schema: kShape });
      assert.equal(answer.failure, undefined);
      assert.deepEqual(Object.keys(JSON.parse(answer.text)), ['answer']);
    },
  },
  {
    title: 'a picture', needs: 'vision',
    async check({ ask, sim }) {
      const answer = await ask({ turns: [{ user: 'what is it?', image: true }] });
      assert.equal(answer.failure, undefined);
      assert.match(JSON.stringify((await sim.requests()).at(-1).body), /data:image\/png;base64,iVBOR/);
    },
  },
  {
    title: 'a stop sequence', needs: 'stop',
    async check({ ask, sim }) {
      const answer = await ask({ turns: [{ user: marked('text', { events: 30, seq: 1 }) }], stop: ['7'] });
      assert.equal(answer.failure, undefined);
      // Where the provider stops by itself (the simulated one does not), it has to be told.
      const { body } = await sim.lastRequest();
      if (body.stop !== undefined) return assert.deepEqual([body.stop].flat(), ['7']);
      assert.equal(answer.text.trim(), '0 1 2 3 4 5 6');
      assert.equal(answer.finish, 'stop');
    },
  },
  {
    title: 'a temperature, where the provider takes one', needs: 'temperature',
    async check({ ask, sim, provider, sampling }) {
      const answer = await ask({ model: sampling, turns: [{ user: 'warm' }], temperature: 0.5 });
      assert.equal(answer.failure, undefined);
      const { body } = await sim.lastRequest();
      if (provider === 'codex') {
        assert.equal(body.temperature, undefined);
        assert.match(answer.ignored.join(), /temperature/);
      } else {
        assert.equal(body.temperature, 0.5);
        assert.doesNotMatch(answer.ignored.join(), /temperature/);
      }
    },
  },
  {
    title: 'a refusal', needs: 'refusal',
    async check({ ask, sim }) {
      await sim.script({ output: [{ refusal: 'I cannot help with that.' }] });
      const answer = await ask({ turns: [{ user: 'something bad' }] });
      assert.match(answer.refusal || answer.text, /I cannot help with that\./);
    },
  },
  {
    title: 'an answer that is too long', needs: 'text',
    async check({ ask }) {
      const answer = await ask({ turns: [{ user: marked('incomplete', { reason: 'max_output_tokens' }) }] });
      assert.equal(answer.failure, undefined);
      assert.equal(answer.finish, 'length');
    },
  },
  ...[
    ['a request that is too long', '400 kind=context_length_exceeded', [400, 413]],
    ['a provider that is overloaded', '503 kind=overloaded', [503, 529]],
    ['a provider that breaks', '500', [500, 502]],
    ['too many requests', '429 kind=rate_limit_exceeded', [429]],
  ].map(([title, status, expected]) => ({
    title, needs: 'failure',
    async check({ ask }) {
      const [code, kind] = status.split(' kind=');
      const answer = await ask({ turns: [{ user: marked('status', { code, ...(kind && { kind }) }) }] });
      assert.ok(answer.failure, `no failure: ${JSON.stringify(answer)}`);
      if (answer.status !== 101) assert.ok(expected.includes(answer.failure.status), JSON.stringify(answer.failure));
      assert.ok(answer.failure.message.length > 0);
    },
  })),
  {
    title: 'a stream that is cut', needs: 'cut', streamed: true,
    async check({ ask }) {
      const answer = await ask({ turns: [{ user: marked('cut', { events: 20, seq: 1, after: 10 }) }] });
      assert.match(answer.text, /^0 1 2/);
      assert.ok(answer.failure, 'the client is told');
      assert.equal(answer.finish, undefined, 'no end is made up');
    },
  },
  {
    title: 'a client that leaves', needs: 'abort', streamed: true,
    async check({ ask, sim }) {
      await ask({ turns: [{ user: marked('stall', { after: 3 }) }], leave: 2 });
      await eventually('the provider to be left, too', async () => (await sim.requests()).at(-1).aborted);
    },
  },
];

const kOpenAiChat = ['max_completion_tokens', 'developer_role', 'many_system_messages', 'strict_tools', 'effort', 'openai_fields', 'custom_tools'];

// What stands behind the gateway, and the model that is asked there; `sampling` is one that takes a temperature.
// OpenAI's own chat shows no reasoning.
const kProviders = {
  codex: { accounts: 2, model: kModel, sampling: kModel },
  openai_responses: { accounts: 0, keys: { openai: 1 }, model: 'openai/gpt-5.5', sampling: 'openai/gpt-4.1' },
  'openai_responses, with the quirks of xAI': { accounts: 0, keys: { xai: 1 }, model: 'xai/grok-4.6', sampling: 'xai/grok-4.6' },
  'openai_chat, with the quirks of OpenAI': {
    accounts: 0, keys: { hosted: 1 }, model: 'hosted/gpt-5.5', sampling: 'hosted/gpt-4.1', hidesReasoning: true,
    config: { providers: { hosted: { dialect: 'openai_chat', quirks: kOpenAiChat } } },
  },
  'openai_chat, with no quirks': { accounts: 0, keys: { custom: 1 }, model: 'custom/z-ai/glm-5.2', sampling: 'custom/z-ai/glm-5.2' },
};

for (const [provider, { model, sampling, hidesReasoning, config, ...options }] of Object.entries(kProviders)) {
  for (const [name, speak] of Object.entries(speakers)) {
    suite(`${name} by ${provider}`, { ...options, config: merge(kConfig, config) }, (test) => {
      for (const { title, needs, streamed, check } of kCases) {
        if (!can(speak, needs)) continue;
        for (const whole of streamed ? [false] : ways(speak)) {
          test(`${title}, ${whole ? 'whole' : 'streamed'}`, async (context) => {
            const ask = (question) => speak(context, { model, whole, ...question });
            await check({ ...context, ask, provider, sampling, hidesReasoning });
          });
        }
      }
    });
  }
}
