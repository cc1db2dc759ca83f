// Bodies in another API's form, as Cursor and others send them, and answers that strict readers of streams survive.
import assert from 'node:assert/strict';
import { chat, kModel, marked, pixelPng, sequence, weatherTool } from '../support/bodies.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';

const kChat = '/v1/chat/completions';
const flatTool = { type: 'function', ...weatherTool.function };
const anthropicTool = { name: 'get_weather', description: 'The weather', input_schema: weatherTool.function.parameters };

suite('foreign forms', { accounts: 1, config: { accounts: { slots_per_account: 50 } } }, (test) => {
  test('a Responses body is answered as a chat, streamed and whole', async ({ client, sim }) => {
    const body = {
      model: kModel,
      instructions: 'Be brief.',
      input: [
        { role: 'system', content: 'You are a coding agent.' },
        { role: 'user', content: [{ type: 'input_text', text: marked('text', { events: 3, seq: 1 }) }] },
      ],
      tools: [flatTool],
      tool_choice: 'auto',
      reasoning: { effort: 'low', summary: 'auto' },
      text: { verbosity: 'low' },
      max_output_tokens: 100,
    };
    const whole = await client.post(kChat, body);
    assert.equal(whole.status, 200, whole.text);
    assert.equal(whole.json().object, 'chat.completion');
    assert.equal(whole.json().choices[0].message.content, sequence(3));
    assert.equal(whole.headers['x-patchbay-ignored'], 'max_output_tokens');
    const { body: sent } = await sim.lastRequest();
    assert.equal(sent.instructions, 'Be brief.\n\nYou are a coding agent.');
    assert.equal(sent.tools[0].name, 'get_weather');
    assert.equal(sent.reasoning.effort, 'low');
    assert.equal(sent.text.verbosity, 'low');
    const stream = await client.stream(kChat, { ...body, stream: true, stream_options: { include_usage: true } });
    await stream.all();
    assert.ok(stream.finishedWithDone);
    assert.ok(stream.json.every((chunk) => chunk.object === 'chat.completion.chunk'));
    assert.equal(chatOutcome(stream.json).text, sequence(3));
    assert.ok(chatOutcome(stream.json).usage);
    const string = await client.post(kChat, { model: kModel, input: marked('text', { events: 2, seq: 1 }) });
    assert.equal(string.json().choices[0].message.content, sequence(2));
  });

  test('calls of functions and of custom tools make the round in it', async ({ client, sim }) => {
    const patch = { type: 'custom', name: 'ApplyPatch', format: { type: 'grammar', syntax: 'lark', definition: 'start: /.+/' } };
    const body = { model: kModel, stream: true, input: [{ role: 'user', content: 'Go' }], tools: [flatTool, patch] };
    await sim.script([{ function: 'get_weather', arguments: { city: 'Paris' } }, { custom: 'ApplyPatch', input: '*** Begin Patch' }]);
    const stream = await client.stream(kChat, body);
    await stream.all();
    const calls = stream.json.flatMap((chunk) => chunk.choices[0].delta.tool_calls ?? []).filter((call) => call.id);
    assert.deepEqual(calls.map((call) => (call.function ?? call.custom).name), ['get_weather', 'ApplyPatch']);
    assert.equal((await sim.lastRequest()).body.tools[1].format.syntax, 'lark');
    await sim.script({ output: [{ text: 'Done.' }], body_has: 'custom_tool_call_output' });
    const input = [
      ...body.input,
      { type: 'function_call', call_id: calls[0].id, name: 'get_weather', arguments: '{"city":"Paris"}' },
      { type: 'custom_tool_call', call_id: calls[1].id, name: 'ApplyPatch', input: '*** Begin Patch' },
      { type: 'function_call_output', call_id: calls[0].id, output: 'sunny' },
      { type: 'custom_tool_call_output', call_id: calls[1].id, output: 'Patched' },
    ];
    const second = await client.post(kChat, { ...body, stream: false, input });
    assert.equal(second.json().choices[0].message.content, 'Done.', second.text);
  });

  test('messages win over input, and without either the error says so', async ({ client, sim }) => {
    const both = await client.post(kChat, { ...chat(marked('text', { events: 2, seq: 1 })), input: 'Another question' });
    assert.equal(both.json().choices[0].message.content, sequence(2));
    assert.equal(both.headers['x-patchbay-ignored'], 'input');
    assert.ok(!JSON.stringify((await sim.lastRequest()).body).includes('Another question'));
    for (const body of [{}, { messages: null }, { input: null }]) {
      const neither = await client.post(kChat, { model: kModel, ...body });
      assert.equal(neither.status, 400);
      assert.equal(neither.json().error.param, '/messages');
      assert.match(neither.json().error.message, /messages are required/);
    }
    const instead = await client.post('/v1/responses', chat('hi'));
    assert.equal(instead.status, 400);
    assert.equal(instead.json().error.param, '/input');
    assert.match(instead.json().error.message, /\/v1\/chat\/completions/);
  });

  test("Anthropic's tools and blocks are a chat's tools, calls and results", async ({ client, sim }) => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'Weather?' }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixelPng } }] }];
    const body = { model: kModel, max_tokens: 100, messages, tools: [anthropicTool], tool_choice: { type: 'any' } };
    await sim.script([{ function: 'get_weather', arguments: { city: 'Oslo' } }]);
    const first = (await client.post(kChat, body)).json();
    const [call] = first.choices[0].message.tool_calls;
    assert.equal(call.function.name, 'get_weather');
    await sim.script({ output: [{ text: 'Rain.' }], body_has: 'function_call_output' });
    const answer = await client.post(kChat, {
      ...body,
      tool_choice: { type: 'auto' },
      messages: [
        ...messages,
        { role: 'assistant', content: [{ type: 'text', text: 'Let me look.' }, { type: 'tool_use', id: call.id, name: 'get_weather', input: { city: 'Oslo' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: [{ type: 'text', text: 'rain' }] }] },
      ],
    });
    assert.equal(answer.json().choices[0].message.content, 'Rain.', answer.text);
    const kinds = (await sim.lastRequest()).body.input.map((item) => item.type);
    assert.deepEqual(kinds, ['message', 'message', 'function_call', 'function_call_output']);
  });

  test("a chat's tools and parts are taken by the Responses API", async ({ client, sim }) => {
    const answer = await client.post('/v1/responses', {
      model: kModel,
      input: [{ role: 'user', content: [{ type: 'text', text: 'Weather?' }, { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}` } }] }],
      tools: [weatherTool],
      tool_choice: { type: 'function', function: { name: 'get_weather' } },
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json().output.find((item) => item.type === 'function_call').name, 'get_weather');
    const { body: sent } = await sim.lastRequest();
    assert.deepEqual(sent.tool_choice, { type: 'function', name: 'get_weather' });
    assert.equal(sent.tools[0].name, 'get_weather');
  });

  test('a result that is sent again is left out, and said', async ({ client, gateway, sim }) => {
    const answers = [
      await client.post(kChat, chat('x', { messages: [
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'c1', content: 'one' },
        { role: 'tool', tool_call_id: 'c1', content: 'one' },
        { role: 'user', content: 'Go on' },
      ] })),
      await client.post('/v1/messages', { model: kModel, max_tokens: 100, messages: [
        { role: 'user', content: 'Go' },
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {} }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'c1', content: 'one' }, { type: 'tool_result', tool_use_id: 'c1', content: 'one' }] },
        { role: 'user', content: 'Go on' },
      ] }),
      await client.post(`/v1beta/models/${kModel}:generateContent?key=${gateway.key}`, { contents: [
        { role: 'user', parts: [{ text: 'Go' }] },
        { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'f', args: {} }, thoughtSignature: 'skip_thought_signature_validator' }] },
        { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'f', response: { output: 'one' } } }] },
        { role: 'user', parts: [{ functionResponse: { id: 'c1', name: 'f', response: { output: 'one' } } }] },
        { role: 'user', parts: [{ text: 'Go on' }] },
      ] }),
    ];
    for (const answer of answers) {
      assert.equal(answer.status, 200, answer.text);
      assert.equal(answer.headers['x-patchbay-repaired'], 'repeated_result:c1');
      assert.ok(!(answer.headers['x-patchbay-ignored'] ?? '').includes('thoughtSignature'));
    }
    for (const { body } of (await sim.requests()).slice(-3)) {
      assert.equal(body.input.filter((item) => item.type === 'function_call_output').length, 1);
    }
  });

  test('what some readers take for the end of a line is escaped in every translated stream', async ({ client, gateway, sim }) => {
    const text = 'a\u2028b\u2029c\u0085d\u201c\u4e2d';
    const calls = [
      [kChat, chat('hi', { stream: true }), (events) => chatOutcome(events).text],
      ['/v1/messages', { model: kModel, max_tokens: 100, stream: true, messages: [{ role: 'user', content: 'hi' }] }, (events) => events.map((event) => event.delta?.text ?? '').join('')],
      ['/v1/completions', { model: kModel, prompt: 'hi', stream: true }, (events) => events.map((event) => event.choices[0]?.text ?? '').join('')],
      [`/v1beta/models/${kModel}:streamGenerateContent?alt=sse&key=${gateway.key}`, { contents: [{ parts: [{ text: 'hi' }] }] }, (events) => events.map((event) => event.candidates[0].content.parts[0].text).join('')],
    ];
    for (const [path, body, textOf] of calls) {
      await sim.script([{ text }]);
      const stream = await client.stream(path, body);
      await stream.all();
      assert.equal(textOf(stream.json), text, path);
      assert.doesNotMatch(stream.body.toString(), /[\u2028\u2029\u0085]/, path);
    }
    const tools = [{ functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: { x: { type: 'STRING' } } } }] }];
    await sim.script([{ function: 'f', arguments: `{"x":"${text}"}` }]);
    const stream = await client.stream(calls.at(-1)[0], { ...calls.at(-1)[1], tools });
    await stream.all();
    assert.doesNotMatch(stream.body.toString(), /[\u2028\u2029\u0085]/);
    assert.equal(stream.json[0].candidates[0].content.parts[0].functionCall.args.x, text);
  });

  test("a thought signature stands on the first call of a step, and on a text only without one", async ({ gateway, client, sim }) => {
    const path = (verb) => `/v1beta/models/${kModel}:${verb}${verb.startsWith('stream') ? '?alt=sse&' : '?'}key=${gateway.key}`;
    const tools = [{ functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: {} } }] }];
    const signed = (parts) => parts.map((part) => `${part.functionCall ? 'call' : part.text === '' ? 'end' : 'text'}${part.thoughtSignature ? '!' : ''}`);
    const step = [{ reasoning: 'So' }, { text: 'Let me look.' }, { function: 'f', arguments: {} }, { function: 'f', arguments: {} }];
    for (const [output, streamed, whole] of [
      [step, ['text', 'call!', 'call', 'end'], ['text', 'call!', 'call']],
      [step.slice(0, 2), ['text', 'end!'], ['text!']],
    ]) {
      const body = { contents: [{ parts: [{ text: 'hi' }] }], tools };
      await sim.script(output);
      const stream = await client.stream(path('streamGenerateContent'), body);
      await stream.all();
      const parts = stream.json.flatMap((chunk) => chunk.candidates[0].content.parts);
      assert.deepEqual(signed(parts).filter((part, i, all) => part !== 'text' || all[i - 1] !== 'text'), streamed);
      await sim.script(output);
      assert.deepEqual(signed((await client.post(path('generateContent'), body)).json().candidates[0].content.parts), whole);
      if (output !== step) continue;
      // It comes back in the place where the provider said it.
      const model = parts.filter((part) => part.text !== '');
      const results = model.filter((part) => part.functionCall).map(({ functionCall: { id, name } }) => ({ functionResponse: { id, name, response: { output: 'x' } } }));
      assert.equal((await client.post(path('generateContent'), { ...body, contents: [...body.contents, { role: 'model', parts: model }, { role: 'user', parts: results }] })).status, 200);
      const kinds = (await sim.lastRequest()).body.input.map((item) => item.type);
      assert.deepEqual(kinds, ['message', 'reasoning', 'message', 'function_call', 'function_call', 'function_call_output', 'function_call_output']);
    }
  });
});
