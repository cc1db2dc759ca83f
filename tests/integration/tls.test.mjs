// TLS and several listeners: each with its own certificate and rules, changed live.
import assert from 'node:assert/strict';
import { chmodSync, copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, test as plainTest } from 'node:test';
import tls from 'node:tls';
import { chat, chatStream, marked, sequence } from '../support/bodies.mjs';
import { Authority, encryptKey } from '../support/certificates.mjs';
import { Gateway } from '../support/gateway.mjs';
import { Client, RawConnection } from '../support/http.mjs';
import { removeDirectory, temporaryDirectory } from '../support/program.mjs';
import { SocketClient, create } from '../support/socket.mjs';
import { chatOutcome } from '../support/sse.mjs';
import { suite } from '../support/suite.mjs';
import { eventually, within } from '../support/wait.mjs';

const kPath = '/v1/chat/completions';
const directory = temporaryDirectory('tls');
after(() => removeDirectory(directory));
const authority = new Authority(directory);
const server = authority.sign('server', { names: ['DNS:localhost', 'DNS:gateway.example', 'IP:127.0.0.1'] });
const renewed = authority.sign('renewed');
const clients = new Authority(directory, 'clients');
const mine = clients.sign('me', { names: ['DNS:me'] });
const foreign = authority.sign('foreign', { names: ['DNS:foreign'] });
const live = { certificate: path.join(directory, 'live.crt'), key: path.join(directory, 'live.key') };
const liveClients = path.join(directory, 'live-clients.pem');
const socketPath = path.join(directory, 'http.sock');

function install({ certificate, key }) {
  copyFileSync(certificate, live.certificate);
  copyFileSync(key, live.key);
}
install(server);
copyFileSync(clients.file, liveClients);

const ca = authority.pem;
const trust = { ca, servername: 'localhost' };
const files = ({ certificate, key }, extra = {}) => ({ certificate, key, ...extra });

/** A TLS handshake alone: the connection, or the error it ended with. */
function handshake(port, options = {}) {
  return within(5000, 'a handshake', new Promise((resolve, reject) => {
    const socket = tls.connect({ host: '127.0.0.1', port, ...trust, ...options }, () => resolve(socket));
    socket.once('error', reject);
  }));
}

const fingerprintAt = async (port) => {
  const socket = await handshake(port);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
};

const counter = async (gateway, name) => Number((await gateway.worker('frontend')).counters[name]);
const any = '127.0.0.1:0';

suite('TLS', {
  accounts: 1,
  config: {
    frontend: {
      limits: { handshake_timeout: '700ms', handshakes: 4 },
      listeners: {
        tls: { listen: any, tls: files(live) },
        strict: { listen: any, tls: files(server, { min_version: '1.3' }) },
        mutual: { listen: any, tls: files(server, { client_ca: liveClients }), require_key: false },
        open: { listen: any, require_key: false, allowed_hosts: ['open.example'] },
        local: { listen: `unix:${socketPath}`, require_key: false },
      },
    },
  },
}, (test) => {
  const at = (gateway, name, options = {}) => new Client({ port: gateway.ports[`http-${name}`], key: gateway.key, tls: trust, ...options });

  test('status says what each listener speaks', async ({ gateway }) => {
    const { listeners } = await gateway.status();
    const protocols = Object.fromEntries(listeners.map(({ name, protocol }) => [name, protocol]));
    assert.deepEqual(protocols, {
      http: 'http', 'http-local': 'http', 'http-mutual': 'https', 'http-open': 'http', 'http-strict': 'https', 'http-tls': 'https', ollama: 'http', admin: 'grpc',
    });
    assert.equal(listeners.find(({ name }) => name === 'http-local').address, `unix:${socketPath}`);
    const { stdout } = await gateway.cli(['status']);
    assert.match(stdout, /http-tls +127\.0\.0\.1:\d+ +https +frontend/);
  });

  test('answers over https: whole, streamed, large both ways, and many on one connection', async ({ gateway }) => {
    const client = at(gateway, 'tls', { maxSockets: 1 });
    for (let i = 0; i < 3; ++i) assert.equal((await client.post(kPath, chat('hi'))).status, 200);
    const stream = await client.stream(kPath, chatStream(marked('text', { events: 300, seq: 1 })));
    await stream.all();
    assert.equal(chatOutcome(stream.json).text, sequence(300));
    const large = 'x'.repeat(3 << 20);
    const answer = await client.post(kPath, chat(large));
    assert.equal(answer.status, 200, answer.text.slice(0, 300));
    assert.equal((await client.get('/v1/models')).status, 200);
    client.close();
  });

  test('a large answer to a client that reads slowly arrives whole', async ({ gateway }) => {
    const socket = await handshake(gateway.ports['http-tls']);
    const body = JSON.stringify(chatStream(marked('text', { events: 6000, seq: 1 })));
    socket.write(`POST ${kPath} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${gateway.key}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 300));
    let text = '';
    for await (const piece of socket) text += piece;
    assert.match(text, /data: \[DONE\]/);
    assert.ok(text.includes('6000'), text.slice(-300));
    assert.ok(text.endsWith('0\r\n\r\n'));
  });

  test('WebSocket over TLS', async ({ gateway }) => {
    const socket = await SocketClient.open({ port: gateway.ports['http-tls'], scheme: 'wss', key: gateway.key, options: trust });
    for (let i = 0; i < 2; ++i) {
      const turn = await socket.turn(create(marked('text', { events: 200, seq: 1 })));
      turn.completed();
      assert.equal(turn.text, sequence(200));
    }
    socket.close();
    assert.ok([1000, 1005].includes((await socket.closing()).code));
  });

  test('offers http/1.1 and nothing else', async ({ gateway }) => {
    const port = gateway.ports['http-tls'];
    for (const offered of [['h2', 'http/1.1'], ['http/1.1']]) {
      const socket = await handshake(port, { ALPNProtocols: offered });
      assert.equal(socket.alpnProtocol, 'http/1.1');
      socket.destroy();
    }
    await assert.rejects(handshake(port, { ALPNProtocols: ['h2'] }), /no application protocol/i);
  });

  test('the least version is kept to', async ({ gateway }) => {
    for (const [name, version, fine] of [['tls', 'TLSv1.2', true], ['tls', 'TLSv1.3', true], ['strict', 'TLSv1.3', true], ['strict', 'TLSv1.2', false]]) {
      const made = handshake(gateway.ports[`http-${name}`], { minVersion: version, maxVersion: version });
      if (fine) (await made).destroy();
      else await assert.rejects(made, /alert/i);
    }
    const old = handshake(gateway.ports['http-tls'], { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
    await assert.rejects(old, /alert/i);
  });

  test('names in the certificate are hosts of ours, other names are not', async ({ gateway }) => {
    const client = at(gateway, 'tls');
    assert.equal((await client.get('/v1/models', { headers: { host: 'gateway.example' } })).status, 200);
    assert.equal((await client.get('/v1/models', { headers: { host: 'evil.example' } })).status, 403);
    assert.equal((await gateway.client.get('/v1/models', { headers: { host: 'gateway.example' } })).status, 403, 'the rule of another listener');
    client.close();
  });

  test('a client CA lets in whom it signed, without a key, and nobody else', async ({ gateway }) => {
    const shown = at(gateway, 'mutual', { key: undefined, tls: { ...trust, cert: mine.cert, key: mine.keyPem } });
    assert.equal((await shown.post(kPath, chat('hi'))).status, 200);
    shown.close();
    for (const wrong of [{}, { cert: foreign.cert, key: foreign.keyPem }]) {
      const client = at(gateway, 'mutual', { tls: { ...trust, ...wrong } });
      await assert.rejects(client.get('/health'), /alert|reset|hang up/i);
      client.close();
    }
  });

  test('plain http on the TLS port is told to use https', async ({ gateway }) => {
    const raw = new Client({ port: gateway.ports['http-tls'], key: gateway.key, keepAlive: false });
    for (const answer of [await raw.get('/v1/models'), await raw.post(kPath, chat('hi'))]) {
      assert.equal(answer.status, 400);
      assert.match(answer.json().error.message, /https:\/\//);
    }
  });

  test('https on a plain port ends at once, with a word in the log', async ({ gateway }) => {
    await assert.rejects(handshake(gateway.port), /reset|disconnected|socket|EPROTO|hang up/i);
    assert.equal((await gateway.client.get('/health')).status, 200);
    await eventually('the hint', () => /tls\.(on_plain_port|plain_request|handshake_failed)/.test(gateway.logs));
  });

  test('a handshake that is slow, broken or one of too many costs nobody else', async ({ gateway }) => {
    const port = gateway.ports['http-tls'];
    const failures = await counter(gateway, 'tls_handshake_failures_total');
    // One that is cut at once may see that as a failure to connect.
    const open = () => RawConnection.open({ port }).catch(() => ({ ended: true, write() {} }));
    const silent = await Promise.all(Array.from({ length: 12 }, open));
    for (const connection of silent.slice(6)) await connection.write(Buffer.from([0x16, 3, 1, 2, 0, 1]));
    await eventually('all but four of them to be cut', () => silent.filter((connection) => connection.ended).length >= 8);
    const client = at(gateway, 'tls');
    assert.equal((await client.get('/health')).status, 200, 'served while strangers hold their handshakes');
    await eventually('the rest to be cut for their slowness', () => silent.every((connection) => connection.ended), { within: 10_000 });
    const broken = await RawConnection.open({ port });
    await broken.write(Buffer.concat([Buffer.from([0x16, 3, 1, 0, 40]), Buffer.alloc(40, 7)]));
    await eventually('the broken one to be cut', () => broken.ended);
    await eventually('all of them to be counted', async () => (await counter(gateway, 'tls_handshake_failures_total')) >= failures + 13, { within: 10_000 });
    assert.ok(gateway.logs.split('"tls.handshake_failed"').length < 8, 'a stranger cannot fill the log');
    client.close();
  });

  test('pipelined requests are answered in order', async ({ gateway }) => {
    const socket = await handshake(gateway.ports['http-tls']);
    socket.write('GET /health HTTP/1.1\r\nhost: localhost\r\n\r\nGET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    let text = '';
    for await (const piece of socket) text += piece;
    assert.equal(text.split('"status":"ok"').length, 3, text);
  });

  test('keys are asked for by the listener\'s own rule', async ({ gateway }) => {
    const keyless = new Client({ port: gateway.ports['http-open'] });
    const answer = await keyless.post(kPath, chat('hi'));
    assert.equal(answer.status, 200, answer.text);
    assert.equal((await gateway.usageOf(answer.headers['x-request-id'])).client_key_id, 'listener:http-open');
    const strange = await keyless.post(kPath, chat('hi'), { headers: { authorization: 'Bearer somebody-elses-token' } });
    assert.equal(strange.status, 200, 'what a client must send is not a key of ours');
    const keyed = await keyless.with({ key: gateway.key }).post(kPath, chat('hi'));
    assert.notEqual((await gateway.usageOf(keyed.headers['x-request-id'])).client_key_id, 'listener:http-open');
    assert.equal((await keyless.get('/v1/models', { headers: { host: 'evil.example' } })).status, 403);
    assert.equal((await keyless.get('/v1/models', { headers: { host: 'open.example' } })).status, 200);
    assert.equal((await keyless.with({ port: gateway.port }).get('/v1/models')).status, 401);
    keyless.close();
  });

  test('a Unix socket serves, with the mode that was asked for', async () => {
    assert.equal(statSync(socketPath).mode & 0o777, 0o660);
    const client = new Client({ socketPath });
    assert.equal((await client.post(kPath, chat('hi'), { headers: { host: 'whatever' } })).status, 200);
    client.close();
  });

  test('a reload shows the new certificate to new connections and leaves the open ones alone', async ({ gateway }) => {
    const port = gateway.ports['http-tls'];
    const before = await fingerprintAt(port);
    const client = at(gateway, 'tls');
    const stream = await client.stream(kPath, chatStream(marked('text', { events: 40, seq: 1, interval_ms: 50 })));
    await stream.next();
    install(renewed);
    const reply = await gateway.json(['reload']);
    assert.ok(!reply.refused, JSON.stringify(reply));
    assert.deepEqual(reply.applied, ['frontend.listeners.tls.tls.certificate (what is in the file)']);
    assert.deepEqual((await gateway.json(['reload'])).applied, [], 'it is said once');
    assert.notEqual(await fingerprintAt(port), before);
    await stream.all();
    assert.equal(chatOutcome(stream.json).text, sequence(40), 'the stream went on');
    client.close();
  });

  test('a reload takes other CAs of clients from the same file', async ({ gateway }) => {
    const status = async ({ cert, keyPem }) => {
      const client = at(gateway, 'mutual', { key: undefined, keepAlive: false, tls: { ...trust, cert, key: keyPem } });
      return client.get('/v1/models').then((answer) => answer.status, () => 'refused');
    };
    const seen = async () => [await status(mine), await status(foreign)];
    assert.deepEqual(await seen(), [200, 'refused']);
    copyFileSync(authority.file, liveClients);
    assert.deepEqual((await gateway.json(['reload'])).applied, ['frontend.listeners.mutual.tls.client_ca (what is in the file)']);
    assert.deepEqual(await seen(), ['refused', 200]);
    copyFileSync(clients.file, liveClients);
    assert.match((await gateway.cli(['reload'])).stdout, /^applied +frontend\.listeners\.mutual\.tls\.client_ca \(what is in the file\)$/m);
    assert.match((await gateway.cli(['reload'])).stdout, /^nothing changed$/m);
  });

  test('a bad new certificate is refused with its reason, and the old one stays', async ({ gateway }) => {
    const port = gateway.ports['http-tls'];
    const before = await fingerprintAt(port);
    const bad = [
      [() => copyFileSync(server.key, live.key), /does not belong to the certificate/],
      [() => encryptKey(renewed.key, live.key), /has a passphrase/],
      [() => writeFileSync(live.certificate, 'nothing'), /holds no certificate/],
    ];
    for (const [spoil, words] of bad) {
      spoil();
      const result = await gateway.cli(['reload']);
      assert.notEqual(result.code, 0);
      assert.match(result.stdout + result.stderr, words);
      assert.match(result.stdout + result.stderr, /frontend\.listeners\.tls/);
      assert.equal(await fingerprintAt(port), before);
      install(renewed);
    }
    assert.equal((await gateway.cli(['reload'])).code, 0);
  });

  test('a restarted and a killed frontend take the same sockets on', async ({ gateway }) => {
    const client = at(gateway, 'tls', { keepAlive: false });
    assert.equal((await gateway.cli(['workers', 'restart', 'frontend'])).code, 0);
    assert.equal((await client.get('/health')).status, 200);
    await gateway.kill('frontend');
    assert.equal((await client.get('/health')).status, 200);
    const local = new Client({ socketPath, keepAlive: false });
    assert.equal((await local.get('/health')).status, 200);
    await gateway.ready();
  });

  test('a listener more or less waits for a restart of patchbayd, and is said to', async ({ gateway }) => {
    const whole = gateway.config;
    const { strict, ...others } = whole.frontend.listeners;
    gateway.writeConfig({ ...whole, frontend: { ...whole.frontend, listeners: { ...others, more: { listen: any } } } });
    const reply = await gateway.json(['reload']);
    assert.deepEqual(reply.needs_restart.sort(), ['frontend.listeners.more (restart patchbayd)', 'frontend.listeners.strict (restart patchbayd)']);
    (await handshake(gateway.ports['http-strict'])).destroy();
    gateway.writeConfig(whole);
    await gateway.json(['reload']);
  });
});

plainTest('a Unix socket that is somebody\'s is left alone; one that was left behind is replaced; it goes with patchbayd', async () => {
  const where = path.join(directory, 'other.sock');
  const config = { frontend: { listeners: { local: { listen: `unix:${where}`, mode: '0600' } } } };
  const squatter = net.createServer().listen(where);
  await within(5000, 'to listen', new Promise((resolve) => squatter.once('listening', resolve)));
  const refused = new Gateway({ config });
  refused.launch();
  const result = await within(20_000, 'patchbayd to give up', refused.program.exited);
  assert.notEqual(result.code, 0);
  assert.match(refused.logs, /frontend\.listeners\.local\.listen/);
  refused.destroy();
  await new Promise((resolve) => squatter.close(resolve));

  const gateway = new Gateway({ config });
  await gateway.start();
  assert.equal(statSync(where).mode & 0o777, 0o600);
  gateway.program.signal('SIGKILL');
  await within(10_000, 'patchbayd to be gone', gateway.program.exited);
  assert.ok(existsSync(where), 'left behind');
  await gateway.assertNothingLeft(10_000);
  await gateway.start();
  const client = new Client({ socketPath: where });
  assert.equal((await client.get('/health')).status, 200);
  client.close();
  await gateway.stop();
  assert.ok(!existsSync(where), 'the file is removed at the end');
});

plainTest('a certificate that cannot be used keeps the gateway from starting, with its reason and exit code 78', async () => {
  const unreadable = path.join(directory, 'unreadable.key');
  encryptKey(server.key, unreadable);
  chmodSync(unreadable, 0o600);
  const gateway = new Gateway({ config: { frontend: { tls: { certificate: server.certificate, key: unreadable } } } });
  gateway.launch();
  const result = await within(20_000, 'patchbayd to give up', gateway.program.exited);
  assert.equal(result.code, 78, gateway.logs.slice(-2000));
  assert.match(gateway.logs, /frontend\.tls: the key in .*unreadable\.key has a passphrase/);
  gateway.destroy();
});
