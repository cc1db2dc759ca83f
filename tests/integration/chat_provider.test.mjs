// A provider that speaks Chat Completions, through the real processes: the families of hosts that the simulated provider
// plays, each with the quirks that its row would name, and what is the provider's end of every call.
import assert from 'node:assert/strict';
import { chat, marked, sequence, weatherTool } from '../support/bodies.mjs';
import { merge } from '../support/gateway.mjs';
import { suite } from '../support/suite.mjs';

const kPath = '/v1/chat/completions';
const kFamilies = {
  openai: { model: 'gpt-5.5', quirks: ['max_completion_tokens', 'developer_role', 'many_system_messages', 'strict_tools', 'effort', 'openai_fields', 'custom_tools'] },
  deepseek: { model: 'deepseek-v4-pro', quirks: ['many_system_messages', 'thinking_type', 'effort', 'reasoning_back', 'no_tool_choice', 'json_object_only'], thinks: true },
  groq: { model: 'openai/gpt-oss-120b', quirks: ['many_system_messages', 'effort', 'no_names', 'no_logprobs'], thinks: true },
  openrouter: { model: 'z-ai/glm-5.2', quirks: ['many_system_messages', 'strict_tools', 'effort_object', 'more_sampling'], thinks: true },
  minimax: { model: 'MiniMax-M3', quirks: ['no_logprobs'], thinks: true },
};

suite('providers that speak Chat Completions', { accounts: 0 }, (test) => {
  let account;

  test('are rows with keys', async ({ gateway, sim }) => {
    account = await sim.createAccount({ label: 'keyed' });
    for (const secret of account.secrets) gateway.secrets.add(secret);
    const rows = Object.fromEntries(Object.entries(kFamilies).map(([name, { quirks }]) => [
      `my-${name}`, { base_url: sim.apiBaseUrl, ca_file: sim.caFile, allow_private: true, dialect: 'openai_chat', quirks },
    ]));
    gateway.writeConfig(merge(gateway.config, { providers: rows }));
    await gateway.json(['reload']);
    for (const name of Object.keys(rows)) {
      await gateway.json(['accounts', 'add', '--provider', name, '--key-file', '-'], { input: `${account.apiKey}\n` });
    }
  });

  for (const [name, { model, thinks }] of Object.entries(kFamilies)) {
    const asked = (text, more) => chat(text, { model: `my-${name}/${model}`, ...more });

    test(`${name}: answers, and is told what it costs`, async ({ client, sim }) => {
      const answer = await client.post(kPath, asked(marked('text', { seq: 1, events: 5 }), { max_tokens: 100 }));
      assert.equal(answer.status, 200, answer.text);
      const { choices, usage } = answer.json();
      assert.equal(choices[0].message.content, sequence(5));
      assert.equal(choices[0].finish_reason, 'stop');
      assert.equal(usage.completion_tokens, 5);
      const sent = await sim.lastRequest();
      assert.equal(sent.path, '/v1/chat/completions');
      assert.equal(sent.status, 200);
    });

    test(`${name}: goes on after calls of a tool`, async ({ client }) => {
      const messages = [{ role: 'user', content: marked('tools', { reasoning: 1 }) }];
      const first = await client.post(kPath, asked('', { messages, tools: [weatherTool] }));
      assert.equal(first.status, 200, first.text);
      const { message, finish_reason } = first.json().choices[0];
      assert.equal(finish_reason, 'tool_calls');
      assert.equal(message.tool_calls[0].function.name, 'get_weather');
      if (thinks) assert.match(message.reasoning_content, /Checking the arithmetic/);
      messages.push(message, { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'rain' });
      const second = await client.post(kPath, asked('', { messages, tools: [weatherTool] }));
      assert.equal(second.status, 200, second.text);
      assert.match(second.json().choices[0].message.content, /The tool said: rain/);
    });
  }

  test('are asked in their clients\' other protocols, too', async ({ client }) => {
    const answer = await client.post('/v1/messages', {
      model: 'my-openrouter/z-ai/glm-5.2', max_tokens: 50, system: 'Be brief.', temperature: 0.5,
      messages: [{ role: 'user', content: marked('text', { seq: 1, events: 3 }) }],
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json().content.at(-1).text, sequence(3));
  });

  test('tell how likely each token was, to whom asks', async ({ client }) => {
    const text = marked('text', { seq: 1, events: 3 });
    const body = chat(text, { model: 'my-openrouter/gpt-4.1', logprobs: true, top_logprobs: 1 });
    const whole = await client.post(kPath, body);
    assert.equal(whole.status, 200, whole.text);
    const { content } = whole.json().choices[0].logprobs;
    assert.equal(content.map(({ token }) => token).join(''), sequence(3));
    for (const { token, logprob, bytes, top_logprobs } of content) {
      assert.ok(logprob < 0);
      assert.equal(Buffer.from(bytes).toString(), token);
      assert.equal(top_logprobs.length, 1);
    }
    const stream = await client.stream(kPath, { ...body, stream: true });
    await stream.all();
    assert.deepEqual(stream.json.flatMap((chunk) => chunk.choices[0]?.logprobs?.content ?? []), content);
    const response = await client.post('/v1/responses', { model: body.model, input: text, include: ['message.output_text.logprobs'], top_logprobs: 1 });
    assert.equal(response.status, 200, response.text);
    assert.deepEqual(response.json().output[0].content[0].logprobs, content);
  });

  test('tell clients of legacy completions how likely each token was', async ({ client }) => {
    const body = { model: 'my-openrouter/gpt-4.1', prompt: marked('text', { seq: 1, events: 3 }), logprobs: 1 };
    const whole = await client.post('/v1/completions', body);
    assert.equal(whole.status, 200, whole.text);
    const { text, logprobs } = whole.json().choices[0];
    assert.equal(text, sequence(3));
    assert.deepEqual(logprobs, {
      tokens: ['0 ', '1 ', '2 '], token_logprobs: [-0.25, -0.25, -0.25],
      top_logprobs: [{ '0 ': -0.25 }, { '1 ': -0.25 }, { '2 ': -0.25 }], text_offset: [0, 2, 4],
    });
    const stream = await client.stream('/v1/completions', { ...body, stream: true });
    await stream.all();
    const pieces = stream.json.flatMap((chunk) => chunk.choices[0]?.logprobs ?? []);
    assert.ok(pieces.length > 1);
    for (const [name, list] of Object.entries(logprobs)) assert.deepEqual(pieces.flatMap((piece) => piece[name]), list, name);
    const unasked = await client.post('/v1/completions', { ...body, logprobs: undefined });
    assert.equal(unasked.json().choices[0].logprobs, null);
  });

  test('tell Gemini\'s clients how likely each token was', async ({ client }) => {
    const path = (verb) => `/v1beta/models/${encodeURIComponent('my-openrouter/gpt-4.1')}:${verb}`;
    const body = {
      contents: [{ role: 'user', parts: [{ text: marked('text', { seq: 1, events: 3 }) }] }],
      generationConfig: { responseLogprobs: true, logprobs: 1 },
    };
    const whole = await client.post(path('generateContent'), body);
    assert.equal(whole.status, 200, whole.text);
    const { logprobsResult, avgLogprobs } = whole.json().candidates[0];
    const tokens = ['0 ', '1 ', '2 '].map((token) => ({ token, logProbability: -0.25 }));
    assert.deepEqual(logprobsResult, { topCandidates: tokens.map((token) => ({ candidates: [token] })), chosenCandidates: tokens });
    assert.equal(avgLogprobs, -0.25);
    const stream = await client.stream(path('streamGenerateContent?alt=sse'), body);
    await stream.all();
    const candidates = stream.json.map((chunk) => chunk.candidates[0]);
    assert.deepEqual(candidates.flatMap((candidate) => candidate.logprobsResult?.chosenCandidates ?? []), tokens);
    assert.deepEqual(candidates.map((candidate) => candidate.avgLogprobs).filter((average) => average !== undefined), [-0.25]);
    assert.equal(candidates.at(-1).avgLogprobs, -0.25);
    const unasked = await client.post(path('generateContent'), { contents: body.contents });
    assert.ok(!('logprobsResult' in unasked.json().candidates[0]) && !('avgLogprobs' in unasked.json().candidates[0]));
  });

  test('need not stream though they are asked to', async ({ client }) => {
    const answer = await client.post(kPath, chat(marked('text', { seq: 1, events: 4, document: 1 }), { model: 'my-groq/openai/gpt-oss-120b' }));
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json().choices[0].message.content, sequence(4));
  });

  test('end without [DONE] and without usage, or not at all', async ({ client }) => {
    const ask = (scenario, params) => client.post(kPath, chat(marked(scenario, { seq: 1, events: 4, ...params }), { model: 'my-groq/openai/gpt-oss-120b' }));
    const whole = await ask('text', { no_done: 1, usage: 'none' });
    assert.equal(whole.status, 200, whole.text);
    assert.equal(whole.json().choices[0].message.content, sequence(4));
    for (const scenario of ['cut', 'eof', 'failed', 'error_event']) {
      const broken = await ask(scenario, { after: 2 });
      assert.ok(broken.status >= 500, `${scenario}: ${broken.status} ${broken.text}`);
    }
  });

  test('refuse what is too long in words, and that is the client\'s to mend', async ({ client }) => {
    const answer = await client.post(kPath, chat(marked('overflow'), { model: 'my-groq/openai/gpt-oss-120b' }));
    assert.equal(answer.status, 400, answer.text);
    assert.equal(answer.json().error.code, 'context_length_exceeded');
  });
});
