// The official OpenAI SDK on the Responses API: every capability, streamed and whole.
import assert from 'node:assert/strict';
import OpenAI from 'openai';
import { kModel, marked, pixelPng, sequence, weatherTool } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const config = { accounts: { slots_per_account: 50 }, upstream: { first_byte_timeout: '3s', stall_timeout: '3s' } };
const user = (content) => ({ role: 'user', content });
const sdk = (gateway, options = {}) => new OpenAI({ baseURL: `http://127.0.0.1:${gateway.port}/v1`, apiKey: gateway.key, maxRetries: 0, ...options });
const weather = { type: 'function', name: 'get_weather', parameters: weatherTool.function.parameters, strict: true };
const patch = { type: 'custom', name: 'apply_patch', description: 'Edits files' };

/** The final Response either way; streamed it goes through the SDK's strict helper, which checks ids, indexes and order. */
async function respond(openai, body, streamed) {
  const request = { model: kModel, ...body };
  if (!streamed) return openai.responses.create(request);
  const events = [];
  const stream = openai.responses.stream(request);
  for await (const event of stream) events.push(event);
  assert.equal(events[0].type, 'response.created');
  assert.deepEqual(events.filter((event) => /completed|incomplete|failed/.test(event.type) && event.type.split('.').length === 2).length, 1, 'one end');
  return stream.finalResponse();
}

for (const streamed of [false, true]) {
  suite(`OpenAI SDK: responses, ${streamed ? 'streamed' : 'whole'}`, { accounts: 2, config }, (test) => {
    const each = (title, body) => test(title, (context) => body({ ...context, openai: sdk(context.gateway), ask: (request) => respond(sdk(context.gateway), request, streamed) }));

    each('text and usage', async ({ ask }) => {
      const response = await ask({ input: marked('text', { events: 20, seq: 1, cached: 3 }) });
      assert.equal(response.output_text, sequence(20));
      assert.equal(response.status, 'completed');
      assert.equal(response.usage.output_tokens, 20);
      assert.equal(response.usage.input_tokens_details.cached_tokens, 3);
      assert.equal(response.usage.total_tokens, response.usage.input_tokens + 20);
    });

    each('unicode in any split', async ({ ask }) => {
      const response = await ask({ input: marked('text', { events: 18, unicode: 1, split_bytes: 7 }) });
      assert.ok(response.output_text.includes('日本語') && response.output_text.includes('👩‍👩‍👧'));
    });

    each('reasoning with its sealed form', async ({ ask }) => {
      const response = await ask({ input: marked('reasoning', { events: 4, seq: 1 }), reasoning: { effort: 'high', summary: 'auto' } });
      const reasoning = response.output.find((item) => item.type === 'reasoning');
      assert.ok(reasoning.summary[0].text);
      assert.ok(reasoning.encrypted_content);
      assert.equal(response.usage.output_tokens_details.reasoning_tokens, 64);
      assert.equal(response.output_text, sequence(4));
    });

    each('a tool, two turns', async ({ ask }) => {
      const input = [user(marked('tools', { n: 1 }))];
      const first = await ask({ input, tools: [weather] });
      const call = first.output.find((item) => item.type === 'function_call');
      assert.equal(typeof JSON.parse(call.arguments).city, 'string');
      const second = await ask({ input: [...input, ...first.output, { type: 'function_call_output', call_id: call.call_id, output: 'sunny' }], tools: [weather] });
      assert.match(second.output_text, /The tool said: sunny/);
    });

    each('parallel tools', async ({ ask }) => {
      const { output } = await ask({ input: marked('tools', { n: 3 }), tools: [weather], parallel_tool_calls: true });
      assert.equal(new Set(output.map((item) => item.call_id)).size, 3);
      const one = await ask({ input: marked('tools', { n: 3 }), tools: [weather], parallel_tool_calls: false });
      assert.equal(one.output.length, 1);
    });

    each('tool_choice in its forms', async ({ ask }) => {
      for (const tool_choice of ['required', { type: 'function', name: 'get_weather' }, { type: 'allowed_tools', mode: 'required', tools: [{ type: 'function', name: 'get_weather' }] }]) {
        const { output } = await ask({ input: 'hi', tools: [weather], tool_choice });
        assert.equal(output[0].type, 'function_call', JSON.stringify(tool_choice));
      }
      assert.equal((await ask({ input: 'hi', tools: [weather], tool_choice: 'none' })).output[0].type, 'message');
    });

    each('a custom tool, two turns', async ({ ask }) => {
      const input = [user(marked('custom_tool', { n: 1 }))];
      const first = await ask({ input, tools: [patch] });
      const call = first.output.find((item) => item.type === 'custom_tool_call');
      assert.match(call.input, /Begin Patch/);
      const second = await ask({ input: [...input, ...first.output, { type: 'custom_tool_call_output', call_id: call.call_id, output: 'done' }], tools: [patch] });
      assert.match(second.output_text, /The tool said: done/);
    });

    each('tools in a namespace', async ({ ask, sim }) => {
      await sim.script([{ function: 'get_weather', namespace: 'mcp__weather', arguments: { city: 'Oslo' } }]);
      const { output } = await ask({ input: 'hi', tools: [{ type: 'namespace', name: 'mcp__weather', description: 'The weather', tools: [weather] }] });
      assert.equal(output[0].namespace, 'mcp__weather');
      assert.equal(output[0].name, 'get_weather');
    });

    each('structured output', async ({ ask }) => {
      const schema = { type: 'object', properties: { steps: { type: 'array', items: { type: 'string' } }, answer: { type: 'string' } }, required: ['steps', 'answer'], additionalProperties: false };
      const response = await ask({ input: 'JSON please', text: { format: { type: 'json_schema', name: 'shape', strict: true, schema } } });
      assert.ok(Array.isArray(JSON.parse(response.output_text).steps));
      assert.equal(typeof JSON.parse((await ask({ input: 'JSON please', text: { format: { type: 'json_object' } } })).output_text), 'object');
    });

    each('vision', async ({ ask, sim }) => {
      const image_url = `data:image/png;base64,${pixelPng}`;
      const response = await ask({ input: [user([{ type: 'input_text', text: 'what is it?' }, { type: 'input_image', image_url, detail: 'low' }])] });
      assert.ok(response.output_text);
      assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(pixelPng));
    });

    each('a refusal', async ({ ask }) => {
      const { output } = await ask({ input: marked('refusal') });
      assert.match(output[0].content[0].refusal, /can't help/);
    });

    each('web search with citations', async ({ ask, sim }) => {
      const { output } = await ask({ input: marked('web_search', { events: 6, seq: 1 }), tools: [{ type: 'web_search_preview' }], tool_choice: { type: 'web_search_preview' } });
      assert.deepEqual(output.map((item) => item.type), ['web_search_call', 'message']);
      assert.equal(output[1].content[0].annotations[0].type, 'url_citation');
      assert.equal((await sim.lastRequest()).body.tools[0].type, 'web_search');
    });

    each('an image by the tool', async ({ ask }) => {
      const { output } = await ask({ input: marked('image'), tools: [{ type: 'image_generation', partial_images: 1 }] });
      assert.match(output.find((item) => item.type === 'image_generation_call').result, /^iVBOR/);
    });

    each('an incomplete answer', async ({ ask }) => {
      const response = await ask({ input: marked('incomplete', { events: 2, seq: 1 }) });
      assert.equal(response.status, 'incomplete');
      assert.equal(response.incomplete_details.reason, 'max_output_tokens');
      assert.equal(response.output_text, sequence(2));
    });

    each('goes on by previous_response_id', async ({ ask, sim }) => {
      const first = await ask({ input: marked('reasoning', { events: 2, seq: 1 }), metadata: { ticket: '42' } });
      assert.deepEqual(first.metadata, { ticket: '42' });
      const second = await ask({ previous_response_id: first.id, input: 'And then?' });
      assert.equal(second.previous_response_id, first.id);
      const third = await ask({ previous_response_id: second.id, input: [user('And then?')] });
      const requests = await sim.requests();
      assert.equal(new Set(requests.map((request) => request.account_id)).size, 1, 'sealed reasoning stays with its account');
      const { body } = requests.at(-1);
      assert.equal(body.previous_response_id, undefined);
      assert.equal(body.input.filter((item) => item.role === 'user').length, 3);
      assert.equal(body.input.filter((item) => item.type === 'reasoning').length, 1);
      assert.ok(third.id !== second.id);
    });

    each('goes on with the output of a tool', async ({ ask }) => {
      const first = await ask({ input: marked('tools', { n: 1 }), tools: [weather] });
      const outputs = first.output.map((call) => ({ type: 'function_call_output', call_id: call.call_id, output: 'rainy' }));
      const second = await ask({ previous_response_id: first.id, input: outputs, tools: [weather] });
      assert.match(second.output_text, /The tool said: rainy/);
    });

    each('is not kept when store is false', async ({ ask, openai }) => {
      const { id } = await ask({ input: 'hi', store: false });
      await assert.rejects(openai.responses.retrieve(id), OpenAI.NotFoundError);
      const error = await ask({ previous_response_id: id, input: 'hi' }).catch((caught) => caught);
      assert.ok(error instanceof OpenAI.BadRequestError, String(error));
      assert.equal(error.code, 'previous_response_not_found');
      assert.equal(error.param, 'previous_response_id');
    });

    const failures = [
      ['a context that is too long', { name: 'context_length_exceeded' }, OpenAI.BadRequestError, 'context_length_exceeded'],
      ['a policy', { name: 'status', code: 400, kind: 'cyber_policy' }, OpenAI.BadRequestError, 'cyber_policy'],
      ['a throttle', { name: 'status', code: 429, retry_after: 11 }, OpenAI.RateLimitError, 'rate_limit_exceeded'],
      ['an exhausted plan', { name: 'usage_limit_reached', resets_in: 3600 }, OpenAI.RateLimitError, 'usage_limit_reached'],
      ['a broken provider', { name: '500' }, OpenAI.InternalServerError, undefined],
      ['an overloaded provider', { name: '503' }, OpenAI.InternalServerError, 'server_is_overloaded'],
    ];
    for (const [title, scenario, type, code] of failures) {
      each(`${title} raises ${type.name}`, async ({ gateway, sim, ask }) => {
        for (const account of gateway.accounts) await sim.setScenario(account, { ...scenario, count: 3 });
        const error = await ask({ input: 'hi' }).catch((caught) => caught);
        assert.ok(error instanceof type, `${error?.constructor?.name}: ${error}`);
        if (code) assert.equal(error.code, code);
        for (const account of gateway.accounts) {
          assert.equal((await gateway.cli(['accounts', 'clear', '--force', account.label])).code, 0);
        }
      });
    }

    each('a wrong key, an unknown model, a wrong request', async ({ gateway, openai }) => {
      await assert.rejects(respond(sdk(gateway, { apiKey: 'pbk_wrong' }), { input: 'hi' }, streamed), OpenAI.AuthenticationError);
      await assert.rejects(respond(openai, { model: 'nothing', input: 'hi' }, streamed), OpenAI.NotFoundError);
      const error = await respond(openai, { input: [{ role: 'king', content: 'hi' }] }, streamed).catch((caught) => caught);
      assert.ok(error instanceof OpenAI.BadRequestError, String(error));
      assert.equal(error.param, '/input/0/role');
      await assert.rejects(respond(openai, { input: 'hi', background: true }, streamed), OpenAI.BadRequestError);
    });

    each('a failure in the middle', async ({ ask }) => {
      for (const scenario of ['cut', 'failed']) {
        const ended = await ask({ input: marked(scenario, { after: 3, events: 9, seq: 1 }) }).catch((caught) => caught);
        if (streamed) {
          assert.ok(ended instanceof OpenAI.OpenAIError || ended.status === 'failed', `${scenario}: ${JSON.stringify(ended)}`);
        } else {
          assert.ok(ended instanceof OpenAI.InternalServerError, `${scenario}: ${ended}`);
        }
      }
    });

    each('abort stops the provider', async ({ openai, sim }) => {
      const controller = new AbortController();
      const body = { model: kModel, input: marked('text', { events: 2000, interval_ms: 10 }), stream: streamed };
      const asked = openai.responses.create(body, { signal: controller.signal });
      if (streamed) {
        const stream = await asked;
        let seen = 0;
        for await (const event of stream) if (event.type === 'response.output_text.delta' && ++seen === 3) controller.abort();
      } else {
        await eventually('the provider to be asked', async () => (await sim.requests()).length > 0);
        controller.abort();
        await assert.rejects(asked, OpenAI.APIUserAbortError);
      }
      await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
    });
  });
}

suite('OpenAI SDK: kept responses', { accounts: 1, config }, (test) => {
  test('retrieve, input items, delete', async ({ gateway }) => {
    const openai = sdk(gateway);
    const first = await openai.responses.create({ model: kModel, input: 'one' });
    const second = await openai.responses.create({ model: kModel, previous_response_id: first.id, input: 'two' });
    const kept = await openai.responses.retrieve(second.id);
    assert.equal(kept.output_text ?? kept.output[0].content[0].text, second.output_text);
    assert.equal(kept.previous_response_id, first.id);
    const items = [];
    for await (const item of openai.responses.inputItems.list(second.id, { limit: 1, order: 'asc' })) items.push(item);
    assert.deepEqual(items.map((item) => item.role), ['user', 'assistant', 'user']);
    assert.ok(items.every((item) => item.id));
    await openai.responses.delete(second.id);
    await assert.rejects(openai.responses.retrieve(second.id), OpenAI.NotFoundError);
    await assert.rejects(openai.responses.inputItems.list(second.id), OpenAI.NotFoundError);
    await openai.responses.retrieve(first.id);
    await assert.rejects(openai.responses.cancel(first.id), OpenAI.BadRequestError);
  });

  test('has every member that OpenAI always gives', async ({ gateway }) => {
    const openai = sdk(gateway);
    const required = ['id', 'object', 'created_at', 'error', 'incomplete_details', 'instructions', 'model', 'tools', 'output', 'parallel_tool_calls', 'metadata', 'tool_choice', 'temperature', 'top_p'];
    const whole = await openai.responses.create({ model: kModel, input: 'one' });
    const streamed = await openai.responses.stream({ model: kModel, input: 'one', store: false }).finalResponse();
    for (const response of [whole, streamed, await openai.responses.retrieve(whole.id)]) {
      assert.deepEqual(required.filter((name) => response[name] === undefined), []);
      assert.equal(response.instructions, null, 'those of the gateway are nobody\'s business');
      assert.deepEqual(response.metadata, {});
    }
  });

  test('goes on with nothing to add', async ({ gateway, sim }) => {
    const openai = sdk(gateway);
    const first = await openai.responses.create({ model: kModel, input: 'one' });
    await openai.responses.create({ model: kModel, previous_response_id: first.id });
    assert.deepEqual((await sim.lastRequest()).body.input.map((item) => item.role), ['user', 'assistant']);
    const compacted = await openai.responses.compact({ model: kModel, previous_response_id: first.id });
    assert.deepEqual(compacted.output.map((item) => item.type), ['message', 'compaction']);
  });

  test('another key sees nothing of them', async ({ gateway }) => {
    const { id } = await sdk(gateway).responses.create({ model: kModel, input: 'mine' });
    const other = sdk(gateway, { apiKey: await gateway.createKey('other') });
    await eventually('the new key to be known', async () => (await other.models.list().catch(() => null)) !== null);
    await assert.rejects(other.responses.retrieve(id), OpenAI.NotFoundError);
    await assert.rejects(other.responses.create({ model: kModel, previous_response_id: id, input: 'x' }), OpenAI.BadRequestError);
  });

  test('a frontend that restarts has forgotten, and says so', async ({ gateway }) => {
    const openai = sdk(gateway);
    const { id } = await openai.responses.create({ model: kModel, input: 'one' });
    await gateway.kill('frontend');
    const error = await eventually('the next frontend', async () => {
      const caught = await openai.responses.create({ model: kModel, previous_response_id: id, input: 'two' }).catch((each) => each);
      return caught instanceof OpenAI.APIConnectionError ? false : caught;
    });
    assert.ok(error instanceof OpenAI.BadRequestError, String(error));
    assert.equal(error.code, 'previous_response_not_found');
  });

  test('input tokens are counted without a call', async ({ gateway, sim }) => {
    const openai = sdk(gateway);
    const before = (await sim.requests()).length;
    const short = await openai.responses.inputTokens.count({ model: kModel, input: 'hello there' });
    assert.equal(short.object, 'response.input_tokens');
    const long = await openai.responses.inputTokens.count({ model: kModel, input: [user('hello there '.repeat(500))], tools: [weather] });
    assert.ok(short.input_tokens > 0 && short.input_tokens < 50, String(short.input_tokens));
    assert.ok(long.input_tokens > 900 && long.input_tokens < 2000, String(long.input_tokens));
    assert.equal((await sim.requests()).length, before);
  });

  test('compact', async ({ gateway, sim }) => {
    const openai = sdk(gateway);
    const first = await openai.responses.create({ model: kModel, input: 'one' });
    const compacted = await openai.responses.compact({ model: kModel, previous_response_id: first.id, input: [user('two')] });
    assert.equal(compacted.object, 'response.compaction');
    assert.deepEqual(compacted.output.map((item) => item.type), ['message', 'message', 'compaction']);
    assert.equal((await sim.lastRequest()).body.input.at(-1).type, 'compaction_trigger');
    const after = await openai.responses.create({ model: kModel, input: [...compacted.output, user('three')] });
    assert.ok(after.output_text);
  });
});
