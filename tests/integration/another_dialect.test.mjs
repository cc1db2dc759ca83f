// A provider that does not answer in the dialect of its row: nobody is told it as an answer, and the operator is told
// which key of the row may be wrong.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before } from 'node:test';
import { chat } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const events = (list) => list.map((event) => `${event.type ? `event: ${event.type}\n` : ''}data: ${JSON.stringify(event)}\n\n`).join('');
const kMessage = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [{ type: 'text', text: 'of another' }], stop_reason: 'end_turn', usage: { input_tokens: 1, output_tokens: 2 } };
const kResponse = { id: 'resp_1', object: 'response', status: 'completed', model: 'm', output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'of another' }] }], usage: { input_tokens: 1, output_tokens: 2 } };
const kGemini = { candidates: [{ content: { role: 'model', parts: [{ text: 'of another' }] }, finishReason: 'STOP' }], usageMetadata: { promptTokenCount: 1 } };
const kChat = { id: 'c', object: 'chat.completion', model: 'm', choices: [{ index: 0, message: { role: 'assistant', content: 'of another' }, finish_reason: 'stop' }] };
const kChunk = { id: 'c', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, delta: { content: 'of another' }, finish_reason: 'stop' }] };

const stream = (list) => ({ type: 'text/event-stream', body: events(list) });
const document = (body) => ({ type: 'application/json', body: JSON.stringify(body) });
const kMessageStream = stream([{ type: 'message_start', message: { ...kMessage, content: [] } }, { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }, { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'of another' } }, { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } }, { type: 'message_stop' }]);
const kResponseStream = stream([{ type: 'response.created', response: { ...kResponse, output: [] } }, { type: 'response.output_text.delta', delta: 'of another' }, { type: 'response.completed', response: kResponse }]);

// What the provider answers, and what of it the operator reads; `row` speaks Chat Completions, `codex` what its name says.
const kAnswers = {
  'a page': { row: { type: 'text/html; charset=utf-8', body: '<!doctype html><title>Welcome</title>of another' }, words: /answered with text\/html instead of .* is providers\.odd\.base_url right\?/, code: 'no_answer' },
  "Ollama's own lines": { row: { type: 'application/x-ndjson', body: `${JSON.stringify({ model: 'm', message: { role: 'assistant', content: 'of another' }, done: false })}\n` }, words: /answered with an Ollama answer, but its row says openai_chat: is providers\.odd\.dialect right\?/ },
  'an Anthropic stream': { row: kMessageStream, words: /answered with an Anthropic message, but/ },
  'an Anthropic message': { row: document(kMessage), words: /answered with an Anthropic message, but/ },
  'a Responses stream': { row: kResponseStream, words: /answered with an answer of the Responses API, but/ },
  'a Response': { row: document(kResponse), words: /answered with an answer of the Responses API, but/ },
  'a Gemini stream': { row: stream([kGemini]), words: /answered with a Gemini answer, but/ },
  "Gemini's list": { row: document([kGemini]), words: /answered with a Gemini answer, but/ },
};
const kClients = {
  chat: { path: '/v1/chat/completions', body: (stream) => chat('hello', { model: 'odd/m', stream }) },
  messages: { path: '/v1/messages', body: (stream) => ({ model: 'odd/m', max_tokens: 9, messages: [{ role: 'user', content: 'hello' }], stream }) },
  responses: { path: '/v1/responses', body: (stream) => ({ model: 'odd/m', input: 'hello', stream, store: false }) },
};

suite('a provider of another dialect than its row says', { accounts: 0, config: { accounts: { attempts_max: 1 } } }, (test) => {
  let server, answer;

  before(async () => {
    server = createServer((request, response) => {
      request.resume().on('end', () => {
        if (request.url.endsWith('/models')) return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data: [{ id: 'm', object: 'model' }] }));
        response.writeHead(200, { 'content-type': answer.type });
        // In two pieces: what is not known by the first is held back until it is.
        response.write(answer.body.slice(0, 5), () => setTimeout(() => response.end(answer.body.slice(5)), 20));
      });
    });
    await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  // One good answer between broken ones: five broken in a row open the circuit breaker.
  const isGood = async (client, { path, body }, good) => {
    answer = good;
    assert.equal((await client.post(path, body(false))).status, 200);
  };

  test('is a row like any other', async ({ gateway }) => {
    const place = { base_url: `http://127.0.0.1:${server.address().port}/v1`, allow_private: true, dialect: 'openai_chat', auth: { mode: 'none' } };
    gateway.writeConfig({ ...gateway.config, providers: { ...gateway.config.providers, odd: place } });
    await gateway.json(['reload']);
    await gateway.json(['accounts', 'add', '--provider', 'odd']);
  });

  for (const [title, { row, words, code = 'another_dialect' }] of Object.entries(kAnswers)) {
    for (const [name, { path, body }] of Object.entries(kClients)) {
      for (const streamed of [false, true]) {
        test(`${title}, to a client of ${name}, ${streamed ? 'streamed' : 'whole'}`, async ({ client, gateway }) => {
          await isGood(client, kClients.chat, document(kChat));
          answer = row;
          const from = gateway.logs.length;
          const reply = await client.post(path, body(streamed));
          assert.equal(reply.status, 502, reply.text);
          assert.doesNotMatch(reply.text, /of another/);
          assert.match(reply.json().error.message, words);
          const id = reply.headers['x-request-id'];
          const isRecord = (line) => line.includes('"event":"call.failed"') && line.includes(id) && line.includes('"process":"upstream"') && line.endsWith('}');
          const record = JSON.parse(await eventually('the log to tell', () => gateway.logs.slice(from).split('\n').find(isRecord)));
          assert.match(record.reason, words);
          assert.equal(record.code, code);
          await eventually('accounts to tell', () => gateway.logs.slice(from).includes(`the last attempt: unreadable answer: ${code}`));
        });
      }
    }
  }

  test('a row of the Responses API that is answered in chunks', async ({ gateway, client }) => {
    gateway.writeConfig({ ...gateway.config, providers: { ...gateway.config.providers, odd: { ...gateway.config.providers.odd, dialect: 'codex' } } });
    await gateway.json(['reload']);
    for (const each of [stream([kChunk]), document(kChat), kMessageStream]) {
      await isGood(client, kClients.responses, kResponseStream);
      answer = each;
      for (const { path, body } of Object.values(kClients)) {
        const reply = await client.post(path, body(true));
        assert.equal(reply.status, 502, reply.text);
        assert.match(reply.json().error.message, /answered with an? (chat completion|Anthropic message), but its row says codex: is providers\.odd\.dialect right\?/);
      }
    }
  });
});
