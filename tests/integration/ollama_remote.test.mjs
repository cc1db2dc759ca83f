// The bridge alone on another machine: two network namespaces with a cable between them, the gateway in one and the bridge in
// the other, which reaches nothing but the gateway's address and shows a certificate there (docs/ollama.md).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { after, test as plainTest } from 'node:test';
import { fileURLToPath } from 'node:url';
import { kModel, marked, sequence, weatherTool } from '../support/bodies.mjs';
import { Authority } from '../support/certificates.mjs';
import { Program, binDir, binary, removeDirectory, run, temporaryDirectory, toolsDir } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';
import { bound, eventually, slowdown } from '../support/wait.mjs';

const kHere = '10.203.0.1', kThere = '10.203.0.2';
const kGateway = `${kHere}:7443`;
const kBridgePort = 11434; // the other machine has no other Ollama
// Set in the process that has a network of its own.
const kApart = 'PATCHBAY_TEST_APART';

/** Why there can be no second machine here; nothing when there can. */
async function whyNot() {
  if (process.getuid() !== 0) return 'network namespaces want root';
  const tried = await run('unshare', ['--net', 'ip', 'link', 'add', 'gw0', 'type', 'veth', 'peer', 'name', 'br0']);
  return tried.code === 0 ? false : `no network namespaces here: ${(tried.stderr || 'unshare and ip are missing').trim()}`;
}

async function must(file, args) {
  const done = await run(file, args);
  assert.equal(done.code, 0, `${file} ${args.join(' ')}: ${done.stderr}`);
}

/** The other machine: a process that holds its network, and how to run something there. */
async function connectMachine() {
  const holder = spawn('unshare', ['--net', 'sleep', '900'], { stdio: 'ignore' });
  const own = readlinkSync('/proc/self/ns/net');
  await eventually('a network of its own', () => readlinkSync(`/proc/${holder.pid}/ns/net`) !== own);
  const there = ['nsenter', '--target', String(holder.pid), '--net', '--'];
  const ip = (...args) => must('ip', args);
  const ipThere = (...args) => must(there[0], [...there.slice(1), 'ip', ...args]);
  await ip('link', 'set', 'lo', 'up');
  await ip('link', 'add', 'gw0', 'type', 'veth', 'peer', 'name', 'br0', 'netns', String(holder.pid));
  await ip('address', 'add', `${kHere}/24`, 'dev', 'gw0');
  await ip('link', 'set', 'gw0', 'up');
  await ipThere('address', 'add', `${kThere}/24`, 'dev', 'br0');
  await ipThere('link', 'set', 'br0', 'up');
  await ipThere('link', 'set', 'lo', 'up');
  return { there, end: () => holder.kill('SIGKILL') };
}

// What a client on the other machine does: one request to the bridge's loopback address, its answer read to the end.
const kAsk = `
  let told = '';
  for await (const piece of process.stdin) told += piece;
  const { url, method, body } = JSON.parse(told);
  const answer = await fetch(url, { method, body: body && JSON.stringify(body), headers: body && { 'content-type': 'application/json' } });
  console.log(JSON.stringify({ status: answer.status, text: await answer.text() }));
`;

if (process.env[kApart] === undefined) {
  const skip = await whyNot();
  plainTest('the bridge on another machine', { skip, timeout: bound(400_000) }, async () => {
    const env = { [kApart]: '1', PATCHBAY_BIN_DIR: binDir, PATCHBAY_TOOLS_DIR: toolsDir, PATCHBAY_TEST_SLOWDOWN: String(slowdown) };
    const done = await run('unshare', ['--net', '--', process.execPath, fileURLToPath(import.meta.url)], { env, timeout: bound(390_000) });
    assert.equal(done.code, 0, `${done.stdout.slice(-8000)}\n${done.stderr.slice(-8000)}`);
  });
} else {
  await playedOnTwoMachines();
}

async function playedOnTwoMachines() {
  const directory = temporaryDirectory('apart');
  const { there, end } = await connectMachine();
  after(() => {
    end();
    removeDirectory(directory);
  });

  const ask = async (where, body, method = body ? 'POST' : 'GET') => {
    const asked = { url: `http://127.0.0.1:${kBridgePort}${where}`, method, body };
    const done = await run(there[0], [...there.slice(1), process.execPath, '--input-type=module', '-e', kAsk], { input: JSON.stringify(asked) });
    assert.equal(done.code, 0, done.stderr);
    const { status, text } = JSON.parse(done.stdout);
    return { status, text, json: () => JSON.parse(text), lines: () => text.trim().split('\n').map((line) => JSON.parse(line)) };
  };
  const chat = (text, extra = {}) => ask('/api/chat', { model: kModel, messages: [{ role: 'user', content: text }], ...extra });
  const textOf = (answer) => answer.lines().map((line) => line.message?.content ?? '').join('');

  /** The pair that the gateway makes for `name`, and its authority's certificate: {certificate, key, ca} are files. */
  let pairs = 0;
  const makePair = (gateway, name, role = 'ollama') => gateway.json(['gateway', 'cert', 'create', name, '--role', role, '--out', path.join(directory, String(++pairs))]);

  const startBridge = ({ ca, certificate, key }) =>
    new Program(binary('patchbay-ollama'), ['--gateway', kGateway, '--tls-ca', ca, '--tls-cert', certificate, '--tls-key', key, '--listen', `127.0.0.1:${kBridgePort}`], { wrapper: there });

  /** A bridge that listens, for as long as `body` runs. It ends with 0 when it is told to. */
  const withBridge = async (pair, body) => {
    const bridge = startBridge(pair);
    try {
      await eventually('the bridge to listen', async () => {
        if (!bridge.running) throw Object.assign(new Error(`it ended: ${bridge.output}`), { final: true });
        return (await ask('/api/version')).status === 200;
      }, { within: 10_000, every: 100 });
      await body(bridge);
    } catch (error) {
      console.error(`--- the bridge's log ---\n${bridge.output.slice(-4000)}`);
      throw error;
    } finally {
      const { code } = await bridge.stop();
      assert.equal(code, 0, bridge.output.slice(-2000));
    }
  };

  /** What a client reads, and what the bridge's log says, when the gateway does not let the bridge in. */
  const assertRefused = async (bridge, words) => {
    const answer = await ask('/api/tags');
    assert.ok([401, 403, 503].includes(answer.status), `${answer.status} ${answer.text}`);
    assert.match(answer.json().error, words);
    const chatted = await chat('hi', { stream: false });
    assert.equal(chatted.status, answer.status, chatted.text);
    await eventually('a line in its log that says why', () => bridge.output.split('\n').some((line) => words.test(line)));
    assert.equal((await ask('/api/version')).status, 200, 'what needs no gateway is answered all the same');
  };

  suite('the bridge on another machine', { accounts: 2, config: { gateway: { listen: kGateway } } }, (test) => {
    test('a client there gets models, streams, tools and the other dialects', async ({ gateway, sim, client }) => {
      await withBridge(await makePair(gateway, 'den'), async () => {
        const names = (await ask('/api/tags')).json().models.map(({ name }) => name.replace(/:latest$/, '')).sort();
        assert.deepEqual(names, (await client.get('/v1/models')).json().data.map(({ id }) => id).sort());

        const streamed = await chat(marked('text', { events: 200, seq: 1 }));
        assert.equal(streamed.status, 200, streamed.text);
        assert.equal(textOf(streamed), sequence(200));
        assert.equal(streamed.lines().at(-1).eval_count, 200);

        await sim.script([{ function: 'get_weather', arguments: { city: 'Oslo' } }]);
        const asking = (await chat('weather?', { tools: [weatherTool], stream: false })).json();
        assert.deepEqual(asking.message.tool_calls[0].function.arguments, { city: 'Oslo' });

        const relayed = await ask('/v1/chat/completions', { model: kModel, messages: [{ role: 'user', content: marked('text', { events: 9, seq: 1 }) }] });
        assert.equal(relayed.status, 200, relayed.text);
        assert.equal(relayed.json().choices[0].message.content, sequence(9));
      });
    });

    test('what it uses stands under its name', async ({ gateway }) => {
      const rowsOf = async () => (await gateway.usageRows()).filter(({ client_key_id: key }) => key === 'worker:ollama:den');
      await withBridge(await makePair(gateway, 'den'), async () => {
        const before = (await rowsOf()).length;
        assert.equal((await chat('hi', { stream: false })).status, 200);
        await eventually('one row more', async () => (await rowsOf()).length > before);
      });
    });

    test('another authority is not believed, on either side', async ({ gateway }) => {
      const pair = await makePair(gateway, 'den');
      const other = new Authority(directory, 'other');
      const foreign = other.sign('foreign', { names: [new X509Certificate(readFileSync(pair.certificate)).subjectAltName] });
      await withBridge({ ca: other.file, certificate: foreign.certificate, key: foreign.key }, (bridge) => assertRefused(bridge, /certificate/i));
      for (const mixed of [{ ...pair, ca: other.file }, { ...pair, certificate: foreign.certificate, key: foreign.key }]) {
        const bridge = startBridge(mixed);
        assert.equal((await bridge.exited).code, 78, 'files that do not belong together are told at once');
        assert.match(bridge.output, /was not signed by/);
      }
    });

    test('without a certificate it says what it wants, and does not start', async () => {
      const bridge = new Program(binary('patchbay-ollama'), ['--gateway', kGateway], { wrapper: there });
      const { code } = await bridge.exited;
      assert.equal(code, 64);
      assert.match(bridge.output, /--tls-ca/);
      const missing = new Program(binary('patchbay-ollama'), ['--gateway', kGateway, '--tls-ca', '/nonexistent.crt', '--tls-cert', '/nonexistent.crt', '--tls-key', '/nonexistent.key'], { wrapper: there });
      const ended = await missing.exited;
      assert.ok(ended.code === 64 || ended.code === 78, `${ended.code} ${ended.signal}`);
      assert.match(missing.output, /nonexistent/);
    });

    test('its calls are recorded on the gateway\'s machine', async ({ gateway }) => {
      await withBridge(await makePair(gateway, 'den'), async () => {
        const recording = gateway.cli(['record', '-o', path.join(directory, 'recordings'), '--give-up', '60', '--keep-text']);
        let done = false;
        recording.finally(() => (done = true));
        while (!done) assert.equal((await chat('hi from the den', { stream: false })).status, 200);
        const { code, stdout, stderr } = await recording;
        assert.equal(code, 0, stderr);
        const request = JSON.parse(readFileSync(path.join(stdout.trim(), 'request.json'), 'utf8'));
        assert.equal(request.messages[0].content, 'hi from the den');
      });
    });

    test('a certificate for programs is none for a bridge', async ({ gateway }) => {
      await withBridge(await makePair(gateway, 'script', 'program'), (bridge) => assertRefused(bridge, /key|role|certificate/i));
    });

    test('a revoked certificate is refused at the next call, and a new one is let in', async ({ gateway, sim }) => {
      await withBridge(await makePair(gateway, 'attic'), async (bridge) => {
        assert.equal((await chat('hi', { stream: false })).status, 200);
        const asked = (await sim.requests()).length;
        const revoked = await gateway.cli(['gateway', 'cert', 'revoke', 'attic']);
        assert.equal(revoked.code, 0, revoked.stderr || revoked.stdout);
        await eventually('the refusal', async () => (await chat('hi', { stream: false })).status !== 200);
        await assertRefused(bridge, /revoked/i);
        assert.ok((await sim.requests()).length <= asked + 1);
      });
      await withBridge(await makePair(gateway, 'attic'), async () => assert.equal((await chat('hi', { stream: false })).status, 200));
    });

    test('a frontend is replaced, and one dies, under the same bridge', async ({ gateway }) => {
      await withBridge(await makePair(gateway, 'den'), async (bridge) => {
        assert.equal((await chat('hi', { stream: false })).status, 200);
        const replaced = await gateway.cli(['workers', 'restart', 'frontend']);
        assert.equal(replaced.code, 0, replaced.stderr);
        assert.equal(textOf(await chat(marked('text', { events: 20, seq: 1 }))), sequence(20));
        await gateway.kill('frontend');
        await eventually('an answer again', async () => {
          const answer = await chat(marked('text', { events: 20, seq: 1 }));
          return answer.status === 200 && textOf(answer) === sequence(20);
        }, { within: 20_000 });
        assert.ok(bridge.running);
      });
    });

    test('the bridge dies in a stream: the provider is let go, and the next one serves', async ({ gateway, sim }) => {
      const pair = await makePair(gateway, 'den');
      const bridge = startBridge(pair);
      await eventually('the bridge to serve', async () => (await ask('/api/tags')).status === 200, { within: 10_000, every: 100 });
      const left = chat(marked('text', { events: 2000, interval_ms: 20 })).catch((error) => error);
      await eventually('the provider to be asked', async () => (await sim.requests()).length > 0);
      bridge.signal('SIGKILL');
      await left;
      await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
      await withBridge(pair, async () => assert.equal((await chat('hi', { stream: false })).status, 200));
    });

    test('the gateway goes away and comes back: it says so meanwhile, and serves again by itself', async ({ gateway }) => {
      await withBridge(await makePair(gateway, 'den'), async (bridge) => {
        assert.equal((await chat('hi', { stream: false })).status, 200);
        await gateway.program.stop();
        const answer = await ask('/api/tags');
        assert.equal(answer.status, 503, answer.text);
        assert.match(answer.json().error, /gateway does not answer/);
        await gateway.start();
        await eventually('an answer again', async () => (await chat('hi', { stream: false })).status === 200, { within: 20_000 });
        assert.ok(bridge.running);
      });
    });
  });
}
