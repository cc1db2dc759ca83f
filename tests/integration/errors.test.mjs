// Errors as an OpenAI client must see them: the right status, the error object, and nothing that pretends to be success.
import assert from 'node:assert/strict';
import { chat, chatStream, marked, responses, sequence } from '../support/bodies.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';
import { RawConnection, head } from '../support/http.mjs';
import { eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';

function assertErrorObject(answer, status, expected = {}) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers['content-type'], /^application\/json/);
  assert.ok(answer.headers['x-request-id']);
  const { error } = answer.json();
  assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
  assert.ok(error.message.length > 0);
  for (const [key, value] of Object.entries(expected)) assert.equal(error[key], value, `${key}: ${JSON.stringify(error)}`);
  return error;
}

// One good answer between broken ones: five broken in a row would open the circuit breaker, which is another test.
async function heal(client) {
  const answer = await eventually('the provider to be trusted again', async () => {
    const tried = await client.post(kPath, chat(marked('text', { events: 1 })));
    return tried.status === 200 && tried;
  }, { within: 20_000, every: 100 });
  assert.equal(answer.status, 200);
}

const config = {
  accounts: { attempts_max: 2, queue_wait: '2s' },
  upstream: { connect_timeout: '2s', first_byte_timeout: '1s', stall_timeout: '1s' },
};

suite('errors', { accounts: 2, config }, (test) => {
  test('refuses a bad key before the body is read', async ({ gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    await raw.write(head('POST', kPath, { host: 'localhost', authorization: 'Bearer pbk_wrong', 'content-type': 'application/json', 'content-length': 5_000_000 }));
    assertErrorObject(await raw.answer(), 401, { type: 'invalid_request_error', code: 'invalid_api_key' });
    raw.destroy();
    for (const headers of [{ authorization: undefined }, { authorization: 'Basic abc' }, { authorization: 'Bearer' }]) {
      assertErrorObject(await gateway.client.post(kPath, chat('hi'), { headers }), 401, { code: 'invalid_api_key' });
    }
  });

  test('answers 404 for a model that is not there', async ({ client }) => {
    for (const path of [kPath, '/v1/responses']) {
      const body = path === kPath ? chat('hi', { model: 'no-such-model' }) : responses('hi', { model: 'no-such-model' });
      assertErrorObject(await client.post(path, body), 404, { type: 'invalid_request_error', code: 'model_not_found' });
    }
  });

  test('answers 404 and 405 in the same shape', async ({ client }) => {
    assertErrorObject(await client.post('/v1/nothing', {}), 404);
    const wrong = await client.get(kPath);
    assert.ok([404, 405].includes(wrong.status), String(wrong.status));
    assert.ok(wrong.json().error.message);
  });

  test('says where a body is not JSON', async ({ client }) => {
    const cases = ['{"model":"gpt-5.5",\n "messages": [}', '{"model":', '', 'null', '[]', '"text"'];
    for (const body of cases) assertErrorObject(await client.post(kPath, body), 400, { type: 'invalid_request_error' });
    const { message } = (await client.post(kPath, cases[0])).json().error;
    assert.match(message, /line 2|column|byte|position|offset/i);
  });

  test('refuses invalid UTF-8, deep nesting and repeated keys', async ({ client }) => {
    const invalid = Buffer.concat([Buffer.from('{"model":"gpt-5.5","messages":[{"role":"user","content":"'), Buffer.from([0xff, 0xc0]), Buffer.from('"}]}')]);
    assertErrorObject(await client.post(kPath, invalid), 400);
    assertErrorObject(await client.post(kPath, `{"model":"gpt-5.5","messages":${'['.repeat(5000)}${']'.repeat(5000)}}`), 400);
    assertErrorObject(await client.post(kPath, `{"a":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`), 400);
  });

  test('names the field that is wrong', async ({ client }) => {
    const wrong = [
      { messages: [{ role: 'user', content: 'hi' }] },
      { model: 'gpt-5.5' },
      { model: 'gpt-5.5', messages: [] },
      { model: 'gpt-5.5', messages: 'hi' },
      { model: 'gpt-5.5', messages: [{ role: 'king', content: 'hi' }] },
      { model: 'gpt-5.5', messages: [{ role: 'tool', content: 'x' }] },
      { model: 'gpt-5.5', messages: [{ role: 'user', content: 'hi' }], stream: 'yes' },
      { model: 'gpt-5.5', messages: [{ role: 'user', content: 'hi' }], n: 'three' },
    ];
    for (const body of wrong) assertErrorObject(await client.post(kPath, body), 400, { type: 'invalid_request_error' });
    // A wish that the provider does not grant is no error: it says so.
    const single = await client.post(kPath, { model: 'gpt-5.5', messages: [{ role: 'user', content: 'hi' }], n: 3 });
    assert.equal(single.status, 200);
    assert.match(single.headers['x-patchbay-ignored'], /\bn\b/);
  });

  test('passes a request fault on without blaming an account', async ({ client, gateway }) => {
    for (const scenario of ['400', 'context_length_exceeded']) {
      const answer = await client.post(kPath, chat(marked(scenario)));
      assertErrorObject(answer, 400, { type: 'invalid_request_error' });
    }
    assert.ok((await gateway.listAccounts()).every((account) => /ACTIVE|active/.test(account.state)));
  });

  test('answers 502, 503 or 504 when the provider is broken, after trying elsewhere', async ({ client, sim }) => {
    for (const scenario of ['500', '502', '503']) {
      await heal(client);
      await sim.reset();
      const answer = await client.post(kPath, chat(marked(scenario)));
      assert.ok(answer.status >= 500 && answer.status <= 504, `${scenario}: ${answer.status} ${answer.text}`);
      assertErrorObject(answer, answer.status, {});
      assert.ok((await sim.requests()).length >= 2, `${scenario} was tried once only`);
    }
  });

  test('gives up on a provider that does not answer', async ({ client }) => {
    await heal(client);
    const answer = await client.post(kPath, chat(marked('stall', { after: 0 })));
    assertErrorObject(answer, 504, { code: 'timeout' });
    assert.match(answer.json().error.message, /silent/);
  });

  test('ends a stream that is cut after its first output with an error, not with success', async ({ client }) => {
    for (const [scenario, params] of [['cut', {}], ['cut', { mid: 1 }], ['rst', {}], ['eof', {}], ['stall', {}], ['failed', {}], ['error_event', {}]]) {
      await heal(client);
      const stream = await client.stream(kPath, chatStream(marked(scenario, { after: 3, events: 10, seq: 1, interval_ms: 5, ...params })));
      await stream.all();
      const { text, finish, error } = chatOutcome(stream.json);
      assert.equal(stream.status, 200);
      assert.equal(text, sequence(3), scenario);
      assert.equal(finish, null, `${scenario}: an answer that broke off has no finish_reason`);
      assert.ok(error?.message, `${scenario}: no error chunk`);
      assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'param', 'type']);
      assert.equal(stream.cut, null, `${scenario}: the HTTP body itself ends properly`);
    }
  });

  test('turns the same failures into a status when nothing was sent yet', async ({ client }) => {
    for (const scenario of ['cut', 'rst', 'eof', 'failed', 'error_event']) {
      for (const stream of [true, false]) {
        await heal(client);
        const answer = await client.post(kPath, chat(marked(scenario, { after: 0, events: 4 }), { stream }));
        assert.ok(answer.status >= 429 && answer.status < 600, `${scenario} stream=${stream}: ${answer.status} ${answer.text.slice(0, 200)}`);
        assertErrorObject(answer, answer.status);
      }
    }
  });

  test('answers an error, not half an answer, when a collected answer breaks off', async ({ client }) => {
    for (const scenario of ['cut', 'rst', 'eof', 'failed']) {
      await heal(client);
      const answer = await client.post(kPath, chat(marked(scenario, { after: 3, events: 10 })));
      assertErrorObject(answer, answer.status);
      assert.ok(answer.status >= 500, `${scenario}: ${answer.status}`);
    }
  });
});

suite('errors when every account is used up', { accounts: 2 }, (test) => {
  test('answers 429 with the time to wait', async ({ client, sim, gateway }) => {
    for (const account of gateway.accounts) await sim.setUsage(account, { primary_used: 100, primary_reset_in: 1800 });
    const first = await client.post(kPath, chat('hi'));
    const second = await client.post(kPath, chat('hi'));
    for (const answer of [first, second]) {
      assert.equal(answer.status, 429, answer.text);
      assert.ok(Number(answer.headers['retry-after']) > 0, JSON.stringify(answer.headers));
      assert.ok(answer.json().error.message);
    }
    const before = (await sim.requests()).length;
    await client.post(kPath, chat('hi'));
    assert.equal((await sim.requests()).length, before, 'no call is wasted on exhausted accounts');
  });
});

suite('the circuit breaker', { accounts: 2, config }, (test) => {
  test('opens when several requests in a row meet a broken provider, and closes by itself', async ({ client, sim }) => {
    for (let i = 0; i < 8; ++i) assert.ok((await client.post(kPath, chat(marked('cut', { at: 'head' }, `broken ${i}`)))).status >= 500);
    const calls = (await sim.requests()).length;
    const answer = await client.post(kPath, chat('hi'));
    assert.ok(answer.status >= 500, String(answer.status));
    assert.equal((await sim.requests()).length, calls, 'the provider was called although the breaker is open');
    await heal(client);
  });
});

suite('errors without any account', { accounts: 0 }, (test) => {
  test('says that there is none', async ({ client }) => {
    const answer = await client.post(kPath, chat('hi'));
    assert.ok([429, 503].includes(answer.status), `${answer.status} ${answer.text}`);
    assert.ok(answer.json().error.message);
  });
});
