// Gemini over plain HTTP: what programs without an SDK send.
import assert from 'node:assert/strict';
import { kModel, marked, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const config = { accounts: { slots_per_account: 50 }, frontend: { heartbeat: '200ms' } };
const body = (text, extra = {}) => ({ contents: [{ role: 'user', parts: [{ text }] }], ...extra });

suite('Gemini over HTTP', { accounts: 1, config }, (test) => {
  const url = (gateway, verb, query = '', version = 'v1beta') => `http://127.0.0.1:${gateway.port}/${version}/models/${kModel}:${verb}${query}`;
  const post = (target, json, headers = {}) => fetch(target, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(json) });

  test('the key may be in a header, in the query, or a bearer token', async ({ gateway }) => {
    for (const version of ['v1beta', 'v1']) {
      const answers = [
        await post(url(gateway, 'generateContent', '', version), body(marked('text', { events: 2, seq: 1 })), { 'x-goog-api-key': gateway.key }),
        await post(url(gateway, 'generateContent', `?key=${gateway.key}`, version), body(marked('text', { events: 2, seq: 1 }))),
        await post(url(gateway, 'generateContent', '', version), body(marked('text', { events: 2, seq: 1 })), { authorization: `Bearer ${gateway.key}` }),
      ];
      for (const answer of answers) {
        assert.equal(answer.status, 200);
        assert.equal((await answer.json()).candidates[0].content.parts[0].text, sequence(2));
      }
    }
    assert.equal((await post(url(gateway, 'generateContent'), body('hi'))).status, 403);
    assert.equal((await post(url(gateway, 'generateContent', '?key=pbk_wrong'), body('hi'))).status, 400);
  });

  test('without alt=sse the stream is one JSON array that grows', async ({ gateway }) => {
    const answer = await post(url(gateway, 'streamGenerateContent', `?key=${gateway.key}`), body(marked('text', { events: 5, seq: 1, interval_ms: 300 })));
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    const pieces = [];
    for await (const piece of answer.body) pieces.push(Buffer.from(piece).toString());
    assert.ok(pieces.length > 3, 'it did not grow');
    const chunks = JSON.parse(pieces.join(''));
    assert.equal(chunks.map((chunk) => chunk.candidates[0].content.parts[0].text).join(''), sequence(5));
    assert.equal(chunks.at(-1).candidates[0].finishReason, 'STOP');
  });

  test('an array that breaks off ends in an error and is JSON all the same', async ({ gateway }) => {
    const answer = await post(url(gateway, 'streamGenerateContent', `?key=${gateway.key}`), body(marked('cut', { after: 3, events: 9, seq: 1 })));
    const chunks = await answer.json();
    assert.equal(chunks.at(-1).error.status, 'UNAVAILABLE');
    assert.equal(chunks.length, 4);
  });

  test('an error before the first chunk is an array where one was asked for', async ({ gateway }) => {
    const target = (query) => url(gateway, 'streamGenerateContent', query);
    const failures = [
      [400, target('?key=pbk_wrong'), body('hi')],
      [400, target(`?key=${gateway.key}`), { contents: [{ role: 'robot', parts: [{ text: 'hi' }] }] }],
      [404, target(`?key=${gateway.key}`).replace(kModel, 'nothing'), body('hi')],
      [400, target(`?key=${gateway.key}`), body(marked('cyber_policy'))],
      [502, target(`?key=${gateway.key}`), body(marked('500'))],
    ];
    for (const [status, address, json] of failures) {
      const answer = await post(address, json);
      assert.equal(answer.status, status);
      assert.match(answer.headers.get('content-type'), /^application\/json/);
      const [only, ...others] = await answer.json();
      assert.equal(only.error.code, status);
      assert.equal(others.length, 0);
      const events = await post(`${address}&alt=sse`, json);
      assert.equal(events.status, status);
      assert.equal((await events.json()).error.code, status);
    }
  });

  test('an event stream that breaks off says so as an event, and alone for readers that take every event for a chunk', async ({ gateway }) => {
    const answer = await post(url(gateway, 'streamGenerateContent', `?alt=sse&key=${gateway.key}`), body(marked('cut', { after: 3, events: 9, seq: 1 })));
    const blocks = (await answer.text()).split('\n\n').filter((block) => block !== '');
    assert.equal(blocks.length, 5);
    assert.equal(JSON.parse(blocks[3].replace(/^data: /, '')).error.status, 'UNAVAILABLE');
    assert.equal(blocks[4], blocks[3].replace(/^data: /, ''));
  });

  test('a silent stream sends empty texts: no comments, no blank lines, and no chunk without candidates', async ({ gateway }) => {
    const answer = await post(url(gateway, 'streamGenerateContent', `?alt=sse&key=${gateway.key}`), body(marked('text', { events: 3, seq: 1, interval_ms: 700 })));
    assert.match(answer.headers.get('content-type'), /^text\/event-stream/);
    const text = await answer.text();
    assert.doesNotMatch(text, /\n\n\n|^:/m);
    assert.ok(text.split('\n').every((line) => line === '' || line.startsWith('data: {')));
    const chunks = text.split('\n\n').filter((block) => block !== '').map((block) => JSON.parse(block.slice('data: '.length)));
    const beats = chunks.filter(({ candidates: [{ content, finishReason }] }) => content.parts[0].text === '' && !finishReason);
    assert.ok(beats.length >= 2, 'it was silent for long enough');
    for (const beat of beats) {
      assert.deepEqual(Object.keys(beat), Object.keys(chunks.find((chunk) => chunk.candidates[0].content.parts[0].text !== '')));
      assert.deepEqual(beat.candidates, [{ content: { parts: [{ text: '' }], role: 'model' }, index: 0 }]);
    }
    assert.equal(chunks.map((chunk) => chunk.candidates[0].content.parts[0].text).join(''), sequence(3));
  });

  test('the list of models in the shape of who asks', async ({ gateway }) => {
    for (const path of ['/v1beta/models', '/v1/models']) {
      const list = await (await fetch(`http://127.0.0.1:${gateway.port}${path}`, { headers: { 'x-goog-api-key': gateway.key } })).json();
      assert.ok(list.models.some((model) => model.name === `models/${kModel}`), path);
    }
    const first = await (await fetch(`http://127.0.0.1:${gateway.port}/v1beta/models?pageSize=1&key=${gateway.key}`)).json();
    assert.equal(first.models.length, 1);
    const second = await (await fetch(`http://127.0.0.1:${gateway.port}/v1beta/models?pageSize=1&pageToken=${first.nextPageToken}&key=${gateway.key}`)).json();
    assert.notEqual(second.models[0].name, first.models[0].name);
    const openai = await (await fetch(`http://127.0.0.1:${gateway.port}/v1/models`, { headers: { authorization: `Bearer ${gateway.key}` } })).json();
    assert.equal(openai.object, 'list');
  });

  test('snake_case and an escaped colon', async ({ gateway, sim }) => {
    const target = url(gateway, 'generateContent', `?key=${gateway.key}`).replace(`${kModel}:`, `${kModel}%3A`);
    const answer = await post(target, { system_instruction: { parts: [{ text: 'Be brief.' }] }, contents: [{ parts: [{ text: 'hi' }] }], generation_config: { thinking_config: { thinking_budget: 100 } } });
    assert.equal(answer.status, 200);
    const { body: sent } = await sim.lastRequest();
    assert.equal(sent.instructions, 'Be brief.');
    assert.equal(sent.reasoning.effort, 'low');
  });

  test('bad JSON says where, and a wrong type names its place', async ({ gateway }) => {
    const target = url(gateway, 'generateContent', `?key=${gateway.key}`);
    const bad = await (await fetch(target, { method: 'POST', body: '{"contents":\n[}' })).json();
    assert.match(bad.error.message, /line 2/);
    const wrong = await (await post(target, { contents: [{ parts: [{ text: 5 }] }] })).json();
    assert.equal(wrong.error.details[1].fieldViolations[0].field, '/contents/0/parts/0/text');
    assert.match(wrong.error.message, /^\/contents\/0\/parts\/0\/text: expected a string/);
  });

  test('paths that are not served answer in Google’s shape', async ({ gateway }) => {
    for (const path of ['/v1beta/cachedContents', `/v1beta/models/${kModel}:predict`]) {
      const answer = await post(`http://127.0.0.1:${gateway.port}${path}?key=${gateway.key}`, {});
      assert.ok([404, 405].includes(answer.status), path);
      assert.equal((await answer.json()).error.code, answer.status);
    }
  });
});
