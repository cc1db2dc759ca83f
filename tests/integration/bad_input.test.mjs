// What no good client sends, to every dialect: each kind has one answer that the dialect's README tells, in its own shape,
// that names the place and never repeats what stood there.
import assert from 'node:assert/strict';
import { kModel } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

// Stands wherever something is wrong. It may be a secret for all we know.
const kSecret = 'hush-0123456789abcdef';
const kBodyBytes = 64 * 1024;
const kDepth = 128;
const kImage = 'data:image/png;base64,';

const openAi = { where: (error) => error.error.param ?? '', message: (error) => error.error.message, code: (error) => error.error.code };
const anthropic = {
  where: (error) => /^(\/[^:]*): /.exec(error.error.message)?.[1] ?? '',
  message: (error) => error.error.message,
  code: (error) => error.error.type,
  headers: { 'anthropic-version': '2023-06-01' },
};
const google = {
  where: (error) => error.error.details.find((detail) => detail.fieldViolations)?.fieldViolations[0].field ?? '',
  message: (error) => error.error.message,
  code: (error) => error.error.details[0].reason,
};

const user = (content) => ({ role: 'user', content });
const chatCall = { role: 'assistant', content: null, tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }] };
const messagesCall = { role: 'assistant', content: [{ type: 'tool_use', id: 'c1', name: 'f', input: {} }] };
const geminiCall = { role: 'model', parts: [{ functionCall: { id: 'c1', name: 'f' } }] };
const part = (text) => ({ parts: [{ text }] });
const responsesCall = { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{}' };

// `body` is a good one, `text(t)` one that says t. Each row of `cases` is [what is wrong, members over the good ones, the pointer].
// A pointer that begins with '=' is a repair or a member that is ignored, which a header names, and the call succeeds.
const kDialects = {
  'Chat Completions': {
    ...openAi, path: '/v1/chat/completions', streamed: { stream: true },
    body: { model: kModel, messages: [user('hi')] }, text: (text) => ({ messages: [user(text)] }), tooLarge: 'request_too_large',
    cases: [
      ['a wrong type', { temperature: kSecret }, '/temperature'],
      ['a wrong type inside', { messages: [user('hi'), user([{ type: 'text', text: [kSecret] }])] }, '/messages/1/content/0/text'],
      ['an unknown type of part', { messages: [user([{ type: kSecret }])] }, '/messages/0/content/0/type'],
      ['an unknown type of tool', { tools: [{ type: kSecret }] }, '/tools/0/type'],
      ['a part that says nothing of its type', { messages: [user([{ [kSecret]: 1 }])] }, '/messages/0/content/0/type'],
      ['a tool that says nothing of its type', { tools: [{ name: kSecret }] }, '/tools/0/type'],
      ['a flat tool without a name', { tools: [{ type: 'function', parameters: {}, [kSecret]: 1 }] }, '/tools/0'],
      ['a schema in the form of Anthropic that is none', { tools: [{ name: 'f', input_schema: kSecret }] }, '/tools/0/input_schema'],
      ['a choice in the form of nobody', { tools: [{ name: 'f', input_schema: {} }], tool_choice: { type: kSecret } }, '/tool_choice/type'],
      ['a part without a type whose text is none', { messages: [user([{ text: [kSecret] }])] }, '/messages/0/content/0/text'],
      ['a part in the form of Responses without its text', { messages: [user([{ type: 'input_text', [kSecret]: 1 }])] }, '/messages/0/content/0/text'],
      ['a picture that the assistant made', { messages: [user('hi'), { role: 'assistant', content: [{ type: 'input_image', image_url: `${kImage}AAAA` }] }] }, '/messages/1/content/0/type'],
      ['a call in the form of Anthropic without an id', { messages: [user('hi'), { role: 'assistant', content: [{ type: 'tool_use', name: 'f', input: { [kSecret]: 1 } }] }] }, '/messages/1/content/0/id'],
      ['a result in the form of Anthropic without an id', { messages: [user([{ type: 'tool_result', content: kSecret }])] }, '/messages/0/content/0/tool_use_id'],
      ['an unknown type of item', { messages: [], input: [{ type: kSecret }] }, '/input/0/type'],
      ['a wrong type inside an item', { messages: [], input: [{ type: 'function_call', call_id: 'c1', name: [kSecret] }] }, '/input/0/name'],
      ['no input after all', { messages: [], input: [] }, '/input'],
      ['invalid base64', { messages: [user([{ type: 'image_url', image_url: { url: `${kImage}${kSecret}!` } }])] }, '/messages/0/content/0/image_url/url'],
      ['invalid base64 of a file', { messages: [user([{ type: 'file', file: { filename: 'a', file_data: `${kSecret}!` } }])] }, '/messages/0/content/0/file/file_data'],
      ['an unknown role', { messages: [{ role: kSecret, content: 'hi' }] }, '/messages/0/role'],
      ['empty content', { messages: [user('')] }, '/messages'],
      ['empty content among others', { messages: [user(''), user('hi')] }, '=empty_message:0'],
      ['a result without its call', { messages: [user('hi'), { role: 'tool', tool_call_id: 'c1', content: 'x' }] }, '=result_without_call:c1'],
      ['a call without its result', { messages: [user('hi'), chatCall, user('and?')] }, '=call_without_result:c1'],
      ['a second result that differs', { messages: [user('hi'), chatCall, ...['1', '2'].map((content) => ({ role: 'tool', tool_call_id: 'c1', content }))] }, '=result_without_call:c1'],
      ['an unknown member', { brand_new: kSecret }, '=brand_new'],
    ],
  },
  'Anthropic Messages': {
    ...anthropic, path: '/v1/messages', streamed: { stream: true },
    body: { model: kModel, max_tokens: 99, messages: [user('hi')] }, text: (text) => ({ messages: [user(text)] }), tooLarge: 'request_too_large',
    cases: [
      ['a wrong type', { temperature: kSecret }, '/temperature'],
      ['a wrong type inside', { messages: [user([{ type: 'text', text: [kSecret] }])] }, '/messages/0/content/0/text'],
      ['an unknown type of block', { messages: [user([{ type: kSecret }])] }, '/messages/0/content/0/type'],
      ['an unknown type of tool', { tools: [{ type: kSecret, name: 'x' }] }, '/tools/0/type'],
      ['invalid base64', { messages: [user([{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: `${kSecret}!` } }])] }, '/messages/0/content/0/source/data'],
      ['an unknown role', { messages: [{ role: kSecret, content: 'hi' }] }, '/messages/0/role'],
      ['empty content', { messages: [user('')] }, '/messages'],
      ['empty content among others', { messages: [user(''), user('hi')] }, '=empty_message:0'],
      ['a result without its call', { messages: [user([{ type: 'tool_result', tool_use_id: 'c1', content: 'x' }])] }, '=result_without_call:c1'],
      ['a call without its result', { messages: [user('hi'), messagesCall, user('and?')] }, '=call_without_result:c1'],
      ['a second result that differs', { messages: [user('hi'), messagesCall, user(['1', '2'].map((content) => ({ type: 'tool_result', tool_use_id: 'c1', content })))] }, '=result_without_call:c1'],
      ['a tool that waits for we know not what', { tools: [{ name: 'f', input_schema: {}, defer_loading: kSecret }] }, '/tools/0/defer_loading'],
      ['an unknown member', { brand_new: kSecret }, '=brand_new'],
    ],
  },
  Gemini: {
    ...google, path: `/v1beta/models/${kModel}:generateContent`, streamedPath: `/v1beta/models/${kModel}:streamGenerateContent?alt=sse`,
    body: { contents: [part('hi')] }, text: (text) => ({ contents: [part(text)] }), tooLarge: 'REQUEST_TOO_LARGE',
    cases: [
      ['a wrong type', { generationConfig: { temperature: kSecret } }, '/generationConfig/temperature'],
      ['a wrong type inside', { contents: [part([kSecret])] }, '/contents/0/parts/0/text'],
      ['a wrong type in snake_case', { generation_config: { top_p: kSecret } }, '/generation_config/top_p'],
      ['a part that is nothing', { contents: [{ parts: [{ [kSecret]: 1 }] }] }, '/contents/0/parts/0'],
      ['invalid base64', { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: `${kSecret}!` } }] }] }, '/contents/0/parts/0/inlineData/data'],
      ['an unknown role', { contents: [{ role: kSecret, ...part('hi') }] }, '/contents/0/role'],
      ['empty content', { contents: [part('')] }, '/contents'],
      ['empty content among others', { contents: [part(''), part('hi')] }, '=empty_content:0'],
      ['a result without its call', { contents: [{ parts: [{ functionResponse: { id: 'c1', name: 'f', response: { output: 'x' } } }] }] }, '=result_without_call:c1'],
      ['a call without its result', { contents: [part('hi'), geminiCall, part('and?')] }, '=call_without_result:c1'],
      ['a second result that differs', { contents: [part('hi'), geminiCall, { parts: ['1', '2'].map((output) => ({ functionResponse: { id: 'c1', name: 'f', response: { output } } })) }] }, '=result_without_call:c1'],
      ['an unknown member', { brandNew: kSecret }, '=brandNew'],
    ],
  },
  Responses: {
    ...openAi, path: '/v1/responses', streamed: { stream: true }, transparent: true,
    body: { model: kModel, input: [user('hi')] }, text: (text) => ({ input: text }), tooLarge: 'request_too_large',
    cases: [
      ['a wrong type', { stream_options: null, store: kSecret }, '/store'],
      ['a wrong type inside', { input: [kSecret] }, '/input/0'],
      ['a wrong type of tools', { tools: kSecret }, '/tools'],
      ['an unknown role', { input: [{ role: kSecret, content: 'hi' }] }, '/input/0/role'],
      // The backend's own words and places, as they came.
      ["a chat's tool without a name", { tools: [{ type: 'function', function: { [kSecret]: 1 } }] }, 'tools[0].name'],
      ["a chat's picture without an address", { input: [user([{ type: 'image_url', [kSecret]: 1 }])] }, 'input[0].content[0].type'],
      ['invalid base64', { input: [user([{ type: 'input_image', image_url: `${kImage}${kSecret}!` }])] }, 'input[0].content[0].image_url'],
      ['a result without its call', { input: [{ type: 'function_call_output', call_id: 'c1', output: 'x' }] }, 'input'],
      ['a call without its result', { input: [user('hi'), responsesCall, user('and?')] }, 'input'],
      ['empty content', { input: [user('')] }, '='],
    ],
  },
  'legacy completions': {
    ...openAi, path: '/v1/completions', streamed: { stream: true },
    body: { model: kModel, prompt: 'hi' }, text: (text) => ({ prompt: text }), tooLarge: 'request_too_large',
    cases: [
      ['a wrong type', { temperature: kSecret }, '/temperature'],
      ['a wrong type inside', { prompt: [[kSecret]] }, '/prompt/0'],
      ['empty content', { prompt: '' }, '/prompt'],
      ['an unknown member', { brand_new: kSecret }, '=brand_new'],
    ],
  },
  images: {
    ...openAi, path: '/v1/images/edits',
    body: { prompt: 'hi', image: 'https://example.com/a.png' }, text: (text) => ({ prompt: text }), tooLarge: 'request_too_large',
    cases: [
      ['a wrong type', { output_compression: kSecret }, '/output_compression'],
      ['a wrong type inside', { image: [[kSecret]] }, '/image/0'],
      ['invalid base64', { image: [`${kImage}iVBO`, `${kImage}${kSecret}!`] }, '/image/1'],
      ['empty content', { prompt: '' }, '/prompt'],
      ['an unknown member', { brand_new: kSecret }, '=brand_new'],
    ],
  },
};

for (const [name, dialect] of Object.entries(kDialects)) {
  suite(`bad input: ${name}`, { accounts: 1, config: { frontend: { limits: { body_bytes: kBodyBytes } }, accounts: { slots_per_account: 50 } } }, (test) => {
    const post = (client, body, streamed) => client.post(streamed ? (dialect.streamedPath ?? dialect.path) : dialect.path, body, { headers: dialect.headers ?? {} });
    /** A 4xx in the dialect's shape that does not repeat what was wrong. */
    const refused = (answer, status = 400) => {
      assert.equal(answer.status, status, answer.text.slice(0, 300));
      assert.ok(!answer.text.includes(kSecret), answer.text.slice(0, 300));
      assert.ok(!JSON.stringify(answer.headers).includes(kSecret));
      assert.equal(answer.headers['x-should-retry'], 'false');
      return answer.json();
    };
    const raw = (members) => JSON.stringify({ ...dialect.body, ...members });

    test('what is no JSON is refused with its place', async ({ client }) => {
      for (const [what, body] of [
        ['nothing', ''],
        ['half of it', `{"model":"${kSecret}`],
        ['more than it', `${raw({})} ${kSecret}`],
        ['half a surrogate pair', raw(dialect.text('X')).replace('X', '\\ud800')],
        ['a raw control character', raw(dialect.text('X')).replace('X', '\u0000')],
        ['nesting', raw({ deep: 'X' }).replace('"X"', '['.repeat(kDepth) + ']'.repeat(kDepth))],
      ]) {
        assert.match(dialect.message(refused(await post(client, body))), /line 1, column \d+/, what);
      }
      for (const body of ['[]', '7', 'null', '"x"']) assert.match(dialect.message(refused(await post(client, body))), /object/);
      const bytes = Buffer.concat([Buffer.from(raw(dialect.text('')).replace('""', '"')), Buffer.from([0xff]), Buffer.from('"}')]);
      refused(await post(client, bytes));
    });

    test('nesting up to the bound passes', async ({ client }) => {
      const deep = raw({ deep: 'X' }).replace('"X"', '['.repeat(kDepth - 1) + ']'.repeat(kDepth - 1));
      const answer = await post(client, deep);
      // What the backend makes of a member that it does not know is its own affair.
      if (dialect.transparent) assert.match(answer.text, /Unsupported parameter: deep/);
      else assert.equal(answer.status, 200, answer.text.slice(0, 300));
    });

    test('a body over the bound is a 413', async ({ client }) => {
      const error = refused(await post(client, raw(dialect.text('x'.repeat(kBodyBytes)))), 413);
      assert.equal(dialect.code(error), dialect.tooLarge);
      assert.match(dialect.message(error), new RegExp(`larger than ${kBodyBytes} bytes`));
    });

    test('NUL in a text passes', async ({ client, sim }) => {
      const answer = await post(client, raw(dialect.text('a\u0000b')));
      assert.equal(answer.status, 200, answer.text.slice(0, 300));
      assert.ok(JSON.stringify((await sim.lastRequest()).body).includes('a\\u0000b'));
    });

    test('of a repeated key the last value counts, or it is refused', async ({ client, sim }) => {
      const [key] = Object.keys(dialect.text(''));
      const answer = await post(client, `{${JSON.stringify(key)}:7,${raw(dialect.text('the last one')).slice(1)}`);
      if (dialect.transparent) {
        assert.match(dialect.message(refused(answer)), /the key "input" more than once/);
      } else {
        assert.equal(answer.status, 200, answer.text.slice(0, 300));
        assert.ok(JSON.stringify((await sim.lastRequest()).body).includes('the last one'));
      }
    });

    for (const [what, members, where] of dialect.cases) {
      test(`${what}: ${where.startsWith('=') ? 'passes' : where}`, async ({ client }) => {
        for (const streamed of dialect.streamed || dialect.streamedPath ? [false, true] : [false]) {
          const answer = await post(client, { ...dialect.body, ...members, ...(streamed ? dialect.streamed : {}) }, streamed);
          if (!where.startsWith('=')) {
            assert.equal(dialect.where(refused(answer)), where);
            continue;
          }
          assert.equal(answer.status, 200, answer.text.slice(0, 300));
          const told = `${answer.headers['x-patchbay-repaired'] ?? ''}, ${answer.headers['x-patchbay-ignored'] ?? ''}`;
          assert.ok(told.includes(where.slice(1)), told);
          assert.ok(!told.includes(kSecret));
        }
      });
    }
  });
}
