// Long streams: clients that leave, providers that are silent, readers that are slow.
// ThreadSanitizer: clients leave while gRPC's threads still bring events.
import assert from 'node:assert/strict';
import { chat, chatStream, kModel, marked, responses, sequence } from '../support/bodies.mjs';
import { RawConnection, head } from '../support/http.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';
import { bound, delay, eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const kCancelWithin = 50;
const config = { frontend: { heartbeat: '300ms' }, upstream: { stall_timeout: '20s' }, accounts: { slots_per_account: 100 } };

suite('streams', { accounts: 1, config }, (test) => {
  test('a client that leaves is noticed by the provider within 50 ms', async ({ client, sim }) => {
    const rounds = [];
    for (let i = 0; i < 5; ++i) {
      const stream = await client.stream(kPath, chatStream(marked('text', { events: 1000, interval_ms: 10 })));
      await stream.next();
      await stream.next();
      const left = Date.now();
      stream.leave();
      const entry = await eventually('the provider to see the stream end', async () => (await sim.requests()).at(-1)?.aborted && (await sim.requests()).at(-1));
      rounds.push(entry.aborted_at_ms - left);
      await sim.reset();
    }
    const best = [...rounds].sort((a, b) => a - b)[2];
    assert.ok(best <= bound(kCancelWithin), `median ${best} ms of ${rounds}`);
  });

  test('a client that leaves before the first output cancels too', async ({ client, sim }) => {
    const opening = client.open('POST', kPath, { body: chatStream(marked('stall', { after: 0 })) });
    opening.catch(() => {});
    await eventually('the provider to be asked', async () => (await sim.requests()).length === 1);
    client.agent.destroy();
    await eventually('the provider to see the client leave', async () => (await sim.requests())[0].aborted);
  });

  test('the slot of a client that left is free again', async ({ client, gateway }) => {
    const streams = await Promise.all(Array.from({ length: 8 }, () => client.stream(kPath, chatStream(marked('text', { events: 1000, interval_ms: 20 })))));
    for (const stream of streams) await stream.next();
    for (const stream of streams) stream.leave();
    await eventually('every lease to be settled', async () => (await gateway.listAccounts()).every((account) => Number(account.leases_open ?? 0) === 0));
  });

  test('what a client used before it left is accounted for', async ({ client, gateway }) => {
    const id = `left-${Date.now()}`;
    const stream = await client.stream(kPath, chatStream(marked('text', { events: 500, interval_ms: 10 })), { headers: { 'x-request-id': id } });
    await stream.next();
    stream.leave();
    const row = await eventually('its usage row', async () => (await gateway.usageRows()).find((each) => each.request_id === id));
    assert.match(row.outcome, /abandoned/i);
    assert.ok(!row.failure, `nothing has failed: ${row.failure}`);
    assert.ok(Number(row.usage?.input_tokens) > 0 && Number(row.usage?.output_tokens) > 0, JSON.stringify(row.usage));
  });

  test('a silent provider is bridged by heartbeats, which no reader takes for an event', async ({ client, sim }) => {
    const completions = (prompt) => ({ model: kModel, prompt, stream: true });
    for (const [path, body, key] of [[kPath, chatStream, 'chat'], ['/v1/responses', responses, 'responses'], ['/v1/completions', completions, 'completions']]) {
      const stream = await client.stream(path, body(marked('hold', { after: 2, events: 4, seq: 1, key })));
      let beats = 0;
      while (beats < 3) {
        const event = await stream.next();
        assert.ok(event, `${path}: the stream ended`);
        if (event.comment !== undefined) ++beats;
      }
      await sim.release(key);
      await stream.all();
      assert.ok(stream.comments.length >= 3);
      assert.deepEqual(stream.empty, [], path);
      assert.equal(stream.leftover, '', path);
      const said = {
        chat: (chunks) => chatOutcome(chunks).text,
        responses: (events) => events.filter((event) => event.type.endsWith('output_text.delta')).map((event) => event.delta).join(''),
        completions: (chunks) => chunks.map((chunk) => chunk.choices[0]?.text ?? '').join(''),
      };
      assert.equal(said[key](stream.json), sequence(4), path);
    }
  });

  test('deltas come as they are made, not in one lump at the end', async ({ client }) => {
    const stream = await client.stream(kPath, chatStream(marked('hold', { after: 3, events: 6, seq: 1, key: 'lump' })));
    let text = '';
    while (text !== sequence(3)) {
      const event = await stream.next();
      assert.ok(event, 'the stream ended early');
      if (event.data) text += chatOutcome([JSON.parse(event.data)]).text;
    }
    stream.leave();
  });

  test('a slow reader gets everything and stops nobody else', async ({ gateway, client }) => {
    const body = JSON.stringify(chatStream(marked('large', { events: 2000, size: 1024 })));
    const raw = await RawConnection.open({ port: gateway.port });
    raw.socket.pause();
    await raw.write(head('POST', kPath, { host: 'localhost', authorization: `Bearer ${gateway.key}`, 'content-length': body.length }) + body);
    for (let i = 0; i < 10; ++i) {
      const answer = await client.post(kPath, chat(marked('text', { events: 3 })));
      assert.equal(answer.status, 200);
    }
    await delay(200);
    raw.socket.resume();
    const answer = await raw.answer(30_000);
    const deltas = answer.text.split('\n\n').filter((block) => block.startsWith('data: {')).map((block) => JSON.parse(block.slice(6)));
    assert.equal(chatOutcome(deltas).text.length, 2000 * 1024);
    raw.destroy();
  });

  test('a hundred streams at once keep their own order', async ({ client }) => {
    const texts = await Promise.all(Array.from({ length: 100 }, async () => {
      const stream = await client.stream(kPath, chatStream(marked('text', { events: 50, seq: 1, interval_ms: 5 })));
      await stream.all();
      return chatOutcome(stream.json).text;
    }));
    assert.ok(texts.every((text) => text === sequence(50)));
  });
});
