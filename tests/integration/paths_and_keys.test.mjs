// Where clients find the gateway and what they show it: base URLs with /v1, without it and with it twice, and a foreign
// credential beside ours.
import assert from 'node:assert/strict';
import { chat, kModel, marked, responses, sequence } from '../support/bodies.mjs';
import { SocketClient, create } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';

const kForeign = 'sk-foreign-0123456789';
const kText = marked('text', { events: 2, seq: 1 });
const messages = { model: kModel, max_tokens: 100, messages: [{ role: 'user', content: kText }] };
const contents = { contents: [{ role: 'user', parts: [{ text: kText }] }] };

// What each protocol is asked, below its version, and the text of its answer.
const kCalls = [
  ['/chat/completions', chat(kText), (answer) => answer.choices[0].message.content],
  ['/completions', { model: kModel, prompt: kText }, (answer) => answer.choices[0].text],
  ['/responses', responses(kText, { stream: false }), (answer) => answer.output[0].content[0].text],
  ['/messages', messages, (answer) => answer.content[0].text],
  [`/models/${kModel}:generateContent`, contents, (answer) => answer.candidates[0].content.parts[0].text],
];

suite('paths and keys', { accounts: 1, config: { accounts: { slots_per_account: 50 } } }, (test) => {
  test('every call is found with its version, without it and with it twice', async ({ client }) => {
    for (const base of ['/v1', '', '/v1/v1']) {
      for (const [path, body, textOf] of kCalls) {
        const answer = await client.post(base + path, body);
        assert.equal(answer.status, 200, `${base}${path}: ${answer.text}`);
        assert.equal(textOf(answer.json()), sequence(2), base + path);
      }
      const list = (await client.get(`${base}/models`)).json();
      assert.equal(list.object, 'list', base);
      assert.equal((await client.get(`${base}/models/${kModel}`)).json().object, 'model', base);
      assert.equal((await client.post(`${base}/embeddings`, {})).json().error.param, '/model', `${base}: it is found, and wants a model`);
      assert.equal((await client.post(`${base}/images/generations`, {})).status, 400, `${base}: it is found, and wants a prompt`);
    }
  });

  test('a WebSocket opens on all of them', async ({ gateway }) => {
    for (const path of ['/v1/responses', '/responses', '/v1/v1/responses']) {
      const socket = await SocketClient.open({ port: gateway.port, key: gateway.key, path });
      (await socket.turn(create(kText))).completed();
      socket.close();
    }
  });

  test('other versions and other paths stay what they are', async ({ client }) => {
    for (const path of ['/v2/chat/completions', '/v1/v2/messages', '/v1/v1', '/chat', '/api/v1/messages', '/v1beta/chat/completions']) {
      assert.equal((await client.post(path, {})).status, 404, path);
    }
  });

  test('a Google client gets its list of models under every version', async ({ client, gateway }) => {
    const google = client.with({ key: undefined });
    for (const path of ['/v1/models', '/v1beta/models', '/models']) {
      const list = (await google.get(path, { headers: { 'x-goog-api-key': gateway.key } })).json();
      assert.ok(list.models.some((model) => model.name === `models/${kModel}`), path);
    }
  });

  test('a key of ours is enough, whatever stands beside it, and nothing of that leaves', async ({ client, gateway, sim }) => {
    const nobody = client.with({ key: undefined });
    const ours = gateway.key;
    const pairs = [
      { 'x-api-key': ours, authorization: `Bearer ${kForeign}` },
      { 'x-api-key': kForeign, authorization: `Bearer ${ours}` },
      { 'x-goog-api-key': ours, authorization: `Bearer ${kForeign}`, 'x-api-key': kForeign },
      { 'api-key': ours, 'x-goog-api-key': kForeign },
      { authorization: 'Basic Zm9vOmJhcg==', 'x-api-key': ours },
      { authorization: 'Bearer ', 'x-api-key': ours },
      { authorization: `bearer   ${ours}`, 'x-api-key': '' },
      { authorization: `BEARER\t${ours}` },
    ];
    for (const headers of pairs) {
      for (const [path, body] of kCalls) {
        const answer = await nobody.post(`/v1${path}`, body, { headers });
        assert.equal(answer.status, 200, `${path} ${JSON.stringify(headers)}: ${answer.text}`);
      }
    }
    for (const [query, header] of [[ours, kForeign], [kForeign, ours]]) {
      const [path, body] = kCalls.at(-1);
      assert.equal((await nobody.post(`/v1beta${path}?key=${query}`, body, { headers: { 'x-goog-api-key': header } })).status, 200);
    }
    const sent = JSON.stringify(await sim.requests());
    for (const secret of [kForeign, ours, 'Zm9vOmJhcg']) assert.ok(!sent.includes(secret), secret);
  });

  test('a WebSocket is opened by a key of ours beside another', async ({ gateway, sim }) => {
    const socket = await SocketClient.open({ port: gateway.port, key: kForeign, headers: { 'x-api-key': gateway.key } });
    (await socket.turn(create(kText))).completed();
    socket.close();
    assert.ok(!JSON.stringify(await sim.requests()).includes(kForeign));
  });

  test('no key and a wrong one are refused in the words of the protocol', async ({ client }) => {
    const nobody = client.with({ key: undefined });
    const wrong = [
      [{ authorization: `Bearer ${kForeign}` }, 'wrong'],
      [{ authorization: `Bearer ${kForeign}`, 'x-api-key': `${kForeign}2` }, 'wrong'],
      [{ authorization: 'Basic abc' }, 'none'],
      [{ authorization: 'Bearer', 'x-api-key': '' }, 'none'],
      [{}, 'none'],
    ];
    for (const [headers, what] of wrong) {
      for (const [path, body] of kCalls) {
        const answer = await nobody.post(`/v1${path}`, body, { headers });
        const { error } = answer.json();
        if (!path.startsWith('/models/')) {
          assert.equal(answer.status, 401, path);
          continue;
        }
        assert.equal(answer.status, what === 'none' ? 403 : 400);
        assert.equal(error.status, what === 'none' ? 'PERMISSION_DENIED' : 'INVALID_ARGUMENT');
        assert.match(error.message, what === 'none' ? /^Method doesn't allow unregistered callers/ : /^API key not valid/);
        if (what === 'wrong') assert.equal(error.details[0].reason, 'API_KEY_INVALID');
      }
    }
    const google = await nobody.get('/v1/models', { headers: { 'x-goog-api-client': 'google-genai-sdk/3.3.0' } });
    assert.equal(google.status, 403);
    assert.equal(google.json().error.status, 'PERMISSION_DENIED');
  });
});
