// `patchbay record`: what a client asked and was answered, on disk, without its words.
// ThreadSanitizer: watchers of calls come and go.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { chatStream, kModel, marked, pixelPng, responses } from '../support/bodies.mjs';
import { OllamaClient, lines } from '../support/ollama.mjs';
import { delay } from '../support/wait.mjs';
import { SocketClient, codexHeaders, create } from '../support/socket.mjs';
import { suite } from '../support/suite.mjs';

suite('patchbay record', { accounts: 1 }, (test) => {
  const read = (folder, file) => readFileSync(path.join(folder, file), 'utf8');

  /** Records while `calls` go on; gives the folders by dialect. */
  async function recorded(gateway, name, args, calls) {
    const output = path.join(gateway.directory, name);
    const recording = gateway.cli(['record', '-o', output, '--give-up', '20', ...args]);
    // The first calls may come before the recorder listens: they go on until it has what it wants.
    let done = false;
    recording.finally(() => (done = true));
    while (!done) {
      await calls();
      await delay(20);
    }
    const { code, stdout, stderr } = await recording;
    assert.equal(code, 0, stderr);
    return stdout.trim().split('\n');
  }

  test('writes a masked pair of a translated call', async ({ gateway, client }) => {
    const secret = 'sk-proj-0123456789abcdef';
    const [folder] = await recorded(gateway, 'chat', [], async () => {
      const stream = await client.stream('/v1/chat/completions', chatStream(marked('text', { events: 3 }, `Bob says ${secret}`), { user: 'bob' }));
      await stream.all();
    });
    assert.match(path.basename(folder), /^openai_chat-req_/);
    const request = JSON.parse(read(folder, 'request.json'));
    assert.equal(request.model, 'gpt-5.5');
    assert.equal(request.user, 'redacted');
    assert.equal(request.messages[0].role, 'user');
    assert.match(read(folder, 'events.txtpb'), /^# proto-message: patchbay.upstream.v1.Events\nevents \{\n {2}started \{/);
    assert.match(read(folder, 'response.sse'), /^data: \{"id":"chatcmpl/);
    assert.match(read(folder, 'response.sse'), /data: \[DONE\]\n/);
    const about = JSON.parse(read(folder, 'recording.json'));
    assert.deepEqual([about.dialect, about.status, about.ending, about.stream, about.cut], ['openai_chat', 200, 'completed', true, false]);
    for (const file of readdirSync(folder)) {
      const text = read(folder, file);
      for (const word of ['Bob', secret, client.key]) assert.ok(!text.includes(word), `${file} holds ${word}`);
    }
  });

  test('writes the provider\'s bytes of a transparent call, and refusals', async ({ gateway, client }) => {
    const folders = await recorded(gateway, 'responses', ['-n', '2', '--keep-text'], async () => {
      const stream = await client.stream('/v1/responses', responses('hello', { stream: true }));
      await stream.all();
      await client.post('/v1/chat/completions', { model: 'gpt-5.5' });
    });
    const transparent = folders.find((folder) => path.basename(folder).startsWith('openai_responses-'));
    assert.match(read(transparent, 'provider.sse'), /^event: response.created\ndata: \{/);
    assert.ok(!existsSync(path.join(transparent, 'events.txtpb')));
    const refused = folders.find((folder) => path.basename(folder).startsWith('openai_chat-'));
    assert.equal(JSON.parse(read(refused, 'recording.json')).status, 400);
    assert.equal(JSON.parse(read(refused, 'response.json')).error.type, 'invalid_request_error');
  });

  test('writes the turns of a WebSocket, each for itself', async ({ gateway }) => {
    const socket = await SocketClient.open({ port: gateway.port, key: gateway.key, headers: codexHeaders('0198c0de-0000-7000-8000-00000000beef') });
    const folders = await recorded(gateway, 'socket', ['-n', '2', '--keep-text'], async () => {
      (await socket.turn(create(marked('text', { events: 3 })))).completed();
      await socket.turn({ type: 'response.create', model: 'gpt-5.5', input: 7 });
    });
    socket.close();
    const about = folders.map((folder) => JSON.parse(read(folder, 'recording.json')));
    const answered = folders[about.findIndex((each) => each.status === 200)];
    assert.deepEqual(about.map(({ transport }) => transport), ['websocket', 'websocket']);
    assert.equal(JSON.parse(read(answered, 'request.json')).type, 'response.create');
    assert.match(read(answered, 'provider.sse'), /event: response.created\ndata: \{/);
    assert.match(read(answered, 'response.sse'), /event: response.completed\ndata: \{/);
    const refused = folders[about.findIndex((each) => each.status === 400)];
    assert.equal(JSON.parse(read(refused, 'response.json')).error.param, '/input');
    for (const folder of folders) {
      for (const file of readdirSync(folder)) assert.ok(!read(folder, file).includes(gateway.key), file);
    }
  });

  test('writes a form as JSON, with other images in it', async ({ gateway, client }) => {
    const bytes = Buffer.from(pixelPng, 'base64');
    const form = Buffer.concat([
      Buffer.from('--b\r\nContent-Disposition: form-data; name="prompt"\r\n\r\nA hat for Bob\r\n'),
      Buffer.from('--b\r\nContent-Disposition: form-data; name="image"; filename="bob.png"\r\nContent-Type: image/png\r\n\r\n'),
      bytes,
      Buffer.from('\r\n--b--\r\n'),
    ]);
    const [folder] = await recorded(gateway, 'form', [], () => client.post('/v1/images/edits', form, { headers: { 'content-type': 'multipart/form-data; boundary=b' } }));
    assert.match(path.basename(folder), /^openai_images_edits-req_/);
    const request = JSON.parse(read(folder, 'request.json'));
    assert.equal(request.prompt, 'x xxx xxx xxx');
    assert.match(request.image, /^data:image\/png;base64,/);
    assert.ok(!request.image.includes(pixelPng));
    assert.equal(JSON.parse(read(folder, 'recording.json')).status, 200);
  });

  test('writes what clients of Ollama said and got, and the provider\'s events behind it', async ({ gateway }) => {
    const ollama = new OllamaClient(gateway);
    const asked = { model: `${kModel}:latest`, messages: [{ role: 'user', content: marked('text', { events: 3 }, 'Bob has sk-proj-0123456789abcdef'), images: [pixelPng] }], keep_alive: '5m' };
    const [folder] = await recorded(gateway, 'ollama', [], () => ollama.call('/api/chat', asked));
    assert.match(path.basename(folder), /^ollama-req_/);
    const about = JSON.parse(read(folder, 'recording.json'));
    assert.deepEqual([about.dialect, about.path, about.model, about.status, about.ending, about.stream, about.cut], ['ollama', '/api/chat', asked.model, 200, 'completed', true, false]);
    const request = JSON.parse(read(folder, 'request.json'));
    assert.deepEqual([request.model, request.keep_alive, request.messages[0].role], [asked.model, '5m', 'user']);
    assert.match(request.messages[0].images[0], /^iVBOR/);
    const answered = lines(read(folder, 'response.ndjson'));
    assert.equal(answered.at(-1).done_reason, 'stop');
    assert.match(read(folder, 'events.txtpb'), /^# proto-message: patchbay.upstream.v1.Events\nevents \{\n {2}started \{/);
    for (const file of readdirSync(folder)) {
      const text = read(folder, file);
      for (const word of ['Bob', 'sk-proj', pixelPng]) assert.ok(!text.includes(word), `${file} holds ${word}`);
    }

    // Whole answers, and those of calls that the gateway refuses.
    const folders = await recorded(gateway, 'ollama-whole', ['-n', '2'], async () => {
      await ollama.post('/api/generate', { model: kModel, prompt: 'hi', stream: false });
      await ollama.post('/api/chat', { model: kModel, messages: [{ role: 'user', content: marked('context_length_exceeded') }] });
    });
    ollama.close();
    const abouts = folders.map((each) => JSON.parse(read(each, 'recording.json')));
    const whole = abouts.findIndex(({ path: where }) => where === '/api/generate');
    const refused = abouts.findIndex(({ path: where }) => where === '/api/chat');
    assert.equal(JSON.parse(read(folders[whole], 'response.json')).done, true);
    assert.deepEqual([abouts[refused].status, abouts[refused].ending], [400, 'refused']);
    assert.equal(typeof JSON.parse(read(folders[refused], 'response.json')).error, 'string');
  });

  test('keeps nothing while nobody records', async ({ gateway, client }) => {
    await client.post('/v1/chat/completions', { model: 'gpt-5.5' });
    const { code, stderr } = await gateway.cli(['record', '--give-up', '1', '-o', path.join(gateway.directory, 'none')]);
    assert.equal(code, 75);
    assert.match(stderr, /no call came/);
  });
});
