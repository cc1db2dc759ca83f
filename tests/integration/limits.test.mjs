// Large, malformed and malicious requests: each has a bound and an answer.
import assert from 'node:assert/strict';
import zlib from 'node:zlib';
import { execFileSync } from 'node:child_process';
import { chat, chatStream, kModel, marked, sequence } from '../support/bodies.mjs';
import { RawConnection, head } from '../support/http.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const kMiB = 1024 * 1024;

const config = {
  frontend: { limits: { body_bytes: '16MiB', head_timeout: '700ms', body_timeout: '1500ms', idle_timeout: '1s', connections: 200 } },
};

const smallBody = (text = 'hi') => JSON.stringify(chat(marked('text', { events: 3, seq: 1 }, text)));
const headFor = (gateway, headers) => head('POST', kPath, { host: 'localhost', authorization: `Bearer ${gateway.key}`, 'content-type': 'application/json', ...headers });

function assertSmallAnswer(answer) {
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.json().choices[0].message.content, sequence(3));
}

suite('limits', { accounts: 1, config }, (test) => {
  test('a body of 10 MB goes through whole', async ({ client, sim }) => {
    const filler = 'x'.repeat(10 * 1000 * 1000);
    const messages = [{ role: 'user', content: filler }, { role: 'assistant', content: 'ok' }, { role: 'user', content: marked('text', { events: 2 }) }];
    const answer = await client.post(kPath, { model: kModel, messages });
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.ok((await sim.lastRequest()).body_bytes > 10_000_000);
  });

  test('a body over the limit is refused, announced or not', async ({ client, gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    await raw.write(headFor(gateway, { 'content-length': 17 * kMiB }));
    const announced = await raw.answer();
    assert.equal(announced.status, 413);
    assert.equal(announced.json().error.code, 'request_too_large');
    raw.destroy();

    const chunked = await RawConnection.open({ port: gateway.port });
    await chunked.write(headFor(gateway, { 'transfer-encoding': 'chunked' }));
    const piece = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(kMiB, 0x20), Buffer.from('\r\n')]);
    for (let i = 0; i < 18 && !chunked.ended; ++i) await chunked.write(piece);
    assert.equal((await chunked.answer()).status, 413);
    chunked.destroy();

    // A connection of its own: while the bomb is made nobody here sees that an idle one is closed.
    const bomb = zlib.gzipSync(Buffer.alloc(64 * kMiB, 0x20));
    const answer = await client.with({ keepAlive: false }).post(kPath, bomb, { headers: { 'content-encoding': 'gzip' } });
    assert.equal(answer.status, 413, answer.text.slice(0, 200));
  });

  test('a header block near 64 KiB is fine, beyond it is 431', async ({ gateway }) => {
    for (const [bytes, status] of [[60 * 1024, 200], [70 * 1024, 431]]) {
      const raw = await RawConnection.open({ port: gateway.port });
      const body = smallBody();
      const padding = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`x-pad-${i}`, 'p'.repeat(bytes / 10)]));
      await raw.write(headFor(gateway, { 'content-length': body.length, ...padding }) + body);
      assert.equal((await raw.answer()).status, status);
      raw.destroy();
    }
  });

  test('nonsense instead of HTTP is 400 and the end of the connection', async ({ gateway }) => {
    for (const bytes of ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc', 'GET\r\n\r\n', 'POST / HTTP/9.9\r\nhost: localhost\r\n\r\n', 'GET / HTTP/1.1\r\nhost localhost\r\n\r\n']) {
      const raw = await RawConnection.open({ port: gateway.port });
      await raw.write(Buffer.from(bytes, 'latin1'));
      await raw.halfClose();
      const answer = await raw.untilClosed(5000);
      assert.ok(answer === '' || /^HTTP\/1\.1 (400|405|408|505)/.test(answer), answer.slice(0, 60));
    }
  });

  test('smuggling attempts are refused', async ({ gateway }) => {
    const body = smallBody();
    const heads = [
      `POST ${kPath} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.key}\r\ncontent-length: ${body.length}\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      `POST ${kPath} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.key}\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n${body}`,
      `POST ${kPath} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.key}\r\ncontent-length: -1\r\n\r\n`,
    ];
    for (const bytes of heads) {
      const raw = await RawConnection.open({ port: gateway.port });
      await raw.write(bytes);
      assert.equal((await raw.answer()).status, 400, bytes.slice(0, 200));
      await raw.untilClosed(5000);
    }
  });

  test('a request in single bytes is as good as any', async ({ gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    const body = smallBody();
    const bytes = Buffer.from(headFor(gateway, { 'content-length': Buffer.byteLength(body) }) + body);
    for (const byte of bytes) raw.socket.write(Buffer.of(byte));
    assertSmallAnswer(await raw.answer());
    raw.destroy();
  });

  test('a slow-loris is cut off: in the head, in the body, and idle', async ({ gateway }) => {
    const inHead = await RawConnection.open({ port: gateway.port });
    await inHead.write(`POST ${kPath} HTTP/1.1\r\nhost: loc`);
    const inBody = await RawConnection.open({ port: gateway.port });
    await inBody.write(headFor(gateway, { 'content-length': 100 }) + '{"mod');
    const idle = await RawConnection.open({ port: gateway.port });
    const [first, second] = await Promise.all([inHead.untilClosed(8000), inBody.untilClosed(8000), idle.untilClosed(8000)]);
    assert.ok(first === '' || first.startsWith('HTTP/1.1 408'), first.slice(0, 40));
    assert.ok(second === '' || second.startsWith('HTTP/1.1 408'), second.slice(0, 40));
  });

  test('a half-closed client counts as gone: its call is cancelled, its connection closed, without a word', async ({ gateway, sim }) => {
    // Until something is written, a client that shut down its sending side looks like one that left.
    const raw = await RawConnection.open({ port: gateway.port });
    const body = JSON.stringify(chatStream(marked('text', { events: 1000, interval_ms: 10 })));
    await raw.write(headFor(gateway, { 'content-length': Buffer.byteLength(body) }) + body);
    await raw.until('the first output', (bytes) => bytes.includes('data: '));
    await raw.halfClose();
    await raw.untilClosed();
    await eventually('the provider to see the end', async () => (await sim.lastRequest()).aborted);

    const early = await RawConnection.open({ port: gateway.port });
    const small = smallBody();
    await early.write(headFor(gateway, { 'content-length': Buffer.byteLength(small) }) + small);
    await early.halfClose();
    const answer = await early.untilClosed();
    assert.doesNotMatch(answer, /^HTTP\/1\.1 5/, 'the gateway takes the blame for a client that left');
    assert.doesNotMatch(gateway.logs, /handler_failed/);
  });

  test('a client that closes in the middle of its body leaves nothing behind', async ({ gateway, client }) => {
    for (let i = 0; i < 20; ++i) {
      const raw = await RawConnection.open({ port: gateway.port });
      await raw.write(headFor(gateway, { 'content-length': 1000 }) + '{"model"');
      if (i % 2) raw.reset();
      else raw.destroy();
    }
    assertSmallAnswer(await client.post(kPath, smallBody()));
  });

  test('pipelined requests are answered in order', async ({ gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    const requests = ['one', 'two', 'three'].map((word) => {
      const body = JSON.stringify(chat(marked('text', { echo: 1 }, word)));
      return headFor(gateway, { 'content-length': Buffer.byteLength(body) }) + body;
    });
    await raw.write(requests.join(''));
    for (const word of ['one', 'two', 'three']) {
      assert.equal((await raw.answer()).json().choices[0].message.content.trim(), word);
    }
    raw.destroy();
  });

  test('a pipelined request after a stream is answered after it', async ({ gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    const first = JSON.stringify(chatStream(marked('text', { events: 20, seq: 1, interval_ms: 5 })));
    const second = smallBody();
    await raw.write(headFor(gateway, { 'content-length': Buffer.byteLength(first) }) + first);
    await raw.write(headFor(gateway, { 'content-length': Buffer.byteLength(second) }) + second);
    const streamed = await raw.answer();
    assert.ok(streamed.text.endsWith('data: [DONE]\n\n'));
    assertSmallAnswer(await raw.answer());
    raw.destroy();
  });

  test('Expect: 100-continue is answered before the body', async ({ gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    const body = smallBody();
    await raw.write(headFor(gateway, { 'content-length': Buffer.byteLength(body), expect: '100-continue' }));
    assert.equal((await raw.answer()).status, 100);
    await raw.write(body);
    assertSmallAnswer(await raw.answer());
    raw.destroy();
  });

  test('chunked bodies are understood however they are cut', async ({ gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    const body = Buffer.from(smallBody());
    await raw.write(headFor(gateway, { 'transfer-encoding': 'chunked' }));
    for (let at = 0; at < body.length; at += 7) {
      const piece = body.subarray(at, at + 7);
      await raw.write(`${piece.length.toString(16)};note=1\r\n`);
      await raw.write(piece);
      await raw.write('\r\n');
    }
    await raw.write('0\r\nx-trailer: 1\r\n\r\n');
    assertSmallAnswer(await raw.answer());
    raw.destroy();
  });

  test('gzip and zstd bodies are unpacked, others refused', async ({ client }) => {
    const body = smallBody();
    assertSmallAnswer(await client.post(kPath, zlib.gzipSync(body), { headers: { 'content-encoding': 'gzip' } }));
    const zstd = execFileSync('zstd', ['-q', '-c'], { input: body });
    assertSmallAnswer(await client.post(kPath, zstd, { headers: { 'content-encoding': 'zstd' } }));
    assert.equal((await client.post(kPath, Buffer.from(body), { headers: { 'content-encoding': 'exotic' } })).status, 415);
    assert.equal((await client.post(kPath, Buffer.from('not gzip'), { headers: { 'content-encoding': 'gzip' } })).status, 400);
    assert.equal((await client.post(kPath, zstd.subarray(0, zstd.length - 4), { headers: { 'content-encoding': 'zstd' } })).status, 400);
  });

  test('connections are kept alive and HTTP/1.0 is closed', async ({ gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    for (let i = 0; i < 5; ++i) {
      const body = smallBody(String(i));
      await raw.write(headFor(gateway, { 'content-length': Buffer.byteLength(body) }) + body);
      assertSmallAnswer(await raw.answer());
    }
    raw.destroy();
    const old = await RawConnection.open({ port: gateway.port });
    await old.write('GET /health HTTP/1.0\r\nhost: localhost\r\n\r\n');
    assert.match(await old.untilClosed(5000), /^HTTP\/1\.[01] 200/);
  });

  test('foreign Host and Origin are refused: a web page must not reach us through DNS tricks', async ({ gateway, client }) => {
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80']) {
      const answer = await client.post(kPath, smallBody(), { headers: { host } });
      assert.ok([403, 421].includes(answer.status), `${host}: ${answer.status}`);
    }
    for (const host of ['localhost', `127.0.0.1:${gateway.port}`, '[::1]:1']) {
      assertSmallAnswer(await client.post(kPath, smallBody(), { headers: { host } }));
    }
    assert.equal((await client.post(kPath, smallBody(), { headers: { origin: 'https://evil.example' } })).status, 403);
    const missing = await RawConnection.open({ port: gateway.port });
    await missing.write('GET /health HTTP/1.1\r\n\r\n');
    assert.equal((await missing.answer()).status, 400);
    missing.destroy();
  });

  test('HEAD and OPTIONS have no body', async ({ gateway }) => {
    const raw = await RawConnection.open({ port: gateway.port });
    await raw.write('HEAD /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    const answer = await raw.untilClosed(5000);
    assert.match(answer, /^HTTP\/1\.1 (200|405)/);
    if (answer.startsWith('HTTP/1.1 200')) assert.ok(answer.endsWith('\r\n\r\n'));
  });

  test('every stream still works after all this', async ({ client }) => {
    const stream = await client.stream(kPath, chatStream(marked('text', { events: 30, seq: 1 })));
    await stream.all();
    assert.equal(chatOutcome(stream.json).text, sequence(30));
  });
});

suite('the connection limit', { accounts: 1, config: { frontend: { limits: { connections: 8 } } } }, (test) => {
  test('holds newcomers back without breaking those who are in', async ({ gateway }) => {
    const held = await Promise.all(Array.from({ length: 8 }, () => RawConnection.open({ port: gateway.port })));
    const ninth = await RawConnection.open({ port: gateway.port });
    await ninth.write('GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    held[0].destroy();
    const answer = await ninth.untilClosed(10_000);
    assert.match(answer, /^(HTTP\/1\.1 (200|503)|$)/);
    for (const connection of held) connection.destroy();
  });
});
