// Gateway.Generate: the gateway in canonical form over gRPC, for the Ollama bridge and for workers that an operator adds.
// ThreadSanitizer: calls are cancelled between gRPC's threads and ours.
import assert from 'node:assert/strict';
import path from 'node:path';
import { kModel, marked, sequence } from '../support/bodies.mjs';
import { binary, run } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';

const kStatus = { ok: 0, cancelled: 1, invalidArgument: 3, notFound: 5, unauthenticated: 16, permissionDenied: 7 };

/** One call; its messages, their events in one list, and the status of the RPC. */
async function generate(gateway, call, { token = 'ollama.token', args = [] } = {}) {
  const done = await run(binary('patchbay-test-generate'), [
    '--gateway', `unix:${path.join(gateway.runtimeDir, 'frontend.sock')}`,
    ...(token ? ['--token-file', path.join(gateway.runtimeDir, token)] : []),
    ...args,
  ], { input: JSON.stringify(call) });
  const replies = done.stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line));
  return { status: done.code, message: done.stderr.trim(), replies, events: replies.flatMap((reply) => reply.events ?? []) };
}

const said = (text, extra = {}) => ({ model: kModel, items: [{ message: { role: 'ROLE_USER', parts: [{ text }] } }], ...extra });
const textOf = (events) => events.map((event) => event.textDelta?.text ?? '').join('');

suite('gateway calls', { accounts: 1 }, (test) => {
  test('a call streams its events to one terminal event and is settled like any other', async ({ gateway }) => {
    const call = await generate(gateway, { requestId: 'gc-1', request: said(marked('text', { events: 5, seq: 1 })) });
    assert.equal(call.status, kStatus.ok, call.message);
    assert.equal(textOf(call.events), sequence(5));
    assert.ok(call.events.at(-1).finished);
    assert.equal(call.events.filter((event) => event.finished || event.failed).length, 1);
    const row = await gateway.usageOf('gc-1');
    assert.equal(row.dialect, 'gateway');
    assert.equal(Number(row.usage.output_tokens), 5);
  });

  test('what the provider leaves out of a request is told before the first event', async ({ gateway }) => {
    const call = await generate(gateway, { request: said('hi', { sampling: { temperature: 0.5, maxOutputTokens: '9' } }) });
    assert.equal(call.status, kStatus.ok, call.message);
    assert.ok(call.replies[0].notes.ignored.includes('temperature'), JSON.stringify(call.replies[0]));
    assert.ok(call.replies[0].notes.ignored.includes('max_output_tokens'));
  });

  test('a call that cannot be served has a status and a message instead of a stream', async ({ gateway }) => {
    const unknown = await generate(gateway, { request: { ...said('hi'), model: 'no-such-model' } });
    assert.equal(unknown.status, kStatus.notFound);
    assert.match(unknown.message, /model/);
    assert.equal((await generate(gateway, {})).status, kStatus.invalidArgument);
  });

  test('who shows no role of ours gets nothing', async ({ gateway }) => {
    const call = await generate(gateway, { request: said('hi') }, { token: '' });
    assert.ok([kStatus.unauthenticated, kStatus.permissionDenied].includes(call.status), `${call.status} ${call.message}`);
    assert.deepEqual(call.replies, []);
  });

  test('a stream that breaks ends with one failure', async ({ gateway }) => {
    const call = await generate(gateway, { request: said(marked('cut', { after: 3, events: 10, seq: 1 })) });
    assert.equal(call.status, kStatus.ok, call.message);
    assert.ok(call.events.at(-1).failed, JSON.stringify(call.events.at(-1)));
    assert.equal(call.events.filter((event) => event.finished || event.failed).length, 1);
  });

  test('a caller that leaves is settled as one that left, with what was used', async ({ gateway }) => {
    const call = await generate(
      gateway,
      { requestId: 'gc-left', request: said(marked('text', { events: 200, interval_ms: 50, seq: 1 })) },
      { args: ['--leave-after', '3'] },
    );
    assert.equal(call.status, kStatus.cancelled);
    const row = await gateway.usageOf('gc-left');
    assert.match(row.outcome, /abandoned/i);
    assert.ok(!row.failure, `nothing has failed: ${row.failure}`);
    assert.ok(Number(row.usage.input_tokens) > 0);
    assert.ok(Number(row.usage.output_tokens) > 0);
  });
});
