// Ollama's own JavaScript client, pointed at the bridge and told nothing but its address.
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { Ollama } from 'ollama';
import { z } from 'zod';
import { kModel, marked, pixelPng, sequence, weatherTool } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { TinyProvider, vectorOf } from '../support/tiny_provider.mjs';
import { eventually } from '../support/wait.mjs';

const connect = (gateway, options = {}) => new Ollama({ host: `http://127.0.0.1:${gateway.ollamaPort}`, ...options });
const user = (content, extra = {}) => ({ role: 'user', content, ...extra });

/** The parts of a streamed answer; the client itself throws where the last one is missing. */
async function partsOf(stream) {
  const parts = [];
  for await (const part of await stream) parts.push(part);
  return parts;
}

/** What the client says of a call that is refused: its status and Ollama's text. */
async function refusal(call) {
  try {
    await call;
  } catch (error) {
    assert.equal(error.name, 'ResponseError', `${error.stack}`);
    return { status: error.status_code, text: error.error };
  }
  return assert.fail('it was not refused');
}

/** Numbers that were measured: whole nanoseconds, the parts not longer than the whole. */
function assertMeasured(last) {
  for (const name of ['total_duration', 'load_duration', 'prompt_eval_duration', 'eval_duration']) {
    assert.ok(Number.isInteger(last[name]) && last[name] >= 0, `${name}: ${last[name]}`);
  }
  assert.ok(last.total_duration > 100_000, `less than a tenth of a millisecond: ${last.total_duration}`);
  assert.ok(last.load_duration + last.prompt_eval_duration + last.eval_duration <= last.total_duration, JSON.stringify(last));
}

const outputsIn = (input) => input.filter((item) => item.type === 'function_call_output');
const callsIn = (input) => input.filter((item) => item.type === 'function_call');
const oslo = { function: 'get_weather', arguments: { city: 'Oslo' } };
const bergen = { function: 'get_weather', arguments: { city: 'Bergen' } };

suite('ollama client: models', { accounts: 1 }, (test) => {
  test('a version that every feature gate lets through', async ({ gateway }) => {
    const [major, minor, patch] = (await connect(gateway).version()).version.split('.').map(Number);
    assert.ok(major > 0 || minor > 6 || (minor === 6 && patch >= 4), `${major}.${minor}.${patch} is older than what editors ask for`);
  });

  test('the list: stable, with everything that front ends key on', async ({ gateway, client }) => {
    const { models } = await connect(gateway).list();
    const served = (await client.get('/v1/models')).json().data.map(({ id }) => id);
    assert.ok(models.some(({ name }) => name === `${kModel}:latest`), JSON.stringify(models.map(({ name }) => name)));
    for (const model of models) {
      assert.equal(model.model, model.name);
      assert.ok(served.includes(model.name.replace(/:latest$/, '')), `${model.name} is not served`);
      assert.match(model.digest, /^[0-9a-f]{64}$/);
      assert.ok(Number.isFinite(Date.parse(model.modified_at)), model.modified_at);
      assert.ok(Number.isInteger(model.size) && model.size > 0);
      for (const name of ['format', 'family', 'families', 'parameter_size', 'quantization_level']) assert.ok(model.details[name], `${model.name}: no ${name}`);
    }
    assert.equal(new Set(models.map(({ digest }) => digest)).size, models.length, 'two models share a digest');
    assert.deepEqual((await connect(gateway).list()).models, models);
  });

  test('digests and dates outlive a restart of the bridge', async ({ gateway }) => {
    const before = (await connect(gateway).list()).models;
    const pid = await gateway.kill('ollama');
    await eventually('another bridge', async () => {
      const worker = await gateway.worker('ollama');
      return Number(worker.pid) !== pid && worker.state === 'WORKER_STATE_READY';
    });
    assert.deepEqual((await connect(gateway).list()).models, before);
  });

  test('show: capabilities and the context length where clients look for it', async ({ gateway }) => {
    const shown = await connect(gateway).show({ model: kModel });
    assert.deepEqual([...shown.capabilities].sort(), ['completion', 'thinking', 'tools', 'vision']);
    const architecture = shown.model_info['general.architecture'];
    assert.ok(architecture);
    const length = shown.model_info[`${architecture}.context_length`];
    assert.ok(Number.isInteger(length) && length >= 100_000, `context length ${length}`);
    assert.equal(shown.details.format, 'gguf');
    const tagged = (await connect(gateway).list()).models.find(({ name }) => name === `${kModel}:latest`);
    assert.equal(Date.parse(shown.modified_at), Date.parse(tagged.modified_at));
    assert.deepEqual(await connect(gateway).show({ model: `${kModel}:latest` }), shown);
  });

  test('a model that is not there is not found, in the words that clients match', async ({ gateway }) => {
    const absent = { status: 404, text: "model 'no-such-model' not found" };
    assert.deepEqual(await refusal(connect(gateway).show({ model: 'no-such-model' })), absent);
    for (const stream of [false, true]) {
      assert.deepEqual(await refusal(connect(gateway).chat({ model: 'no-such-model', messages: [user('hi')], stream })), absent);
      assert.deepEqual(await refusal(connect(gateway).generate({ model: 'no-such-model', prompt: 'hi', stream })), absent);
    }
  });

  test('what runs', async ({ gateway }) => {
    const { models } = await connect(gateway).ps();
    const known = (await connect(gateway).list()).models.map(({ name }) => name);
    assert.ok(Array.isArray(models));
    for (const model of models) {
      assert.ok(known.includes(model.name), model.name);
      assert.ok(Date.parse(model.expires_at) > Date.now(), model.expires_at);
      assert.ok(model.size_vram >= 0);
    }
  });

  test('pull of a model that is there succeeds, of another says that there is none', async ({ gateway }) => {
    const parts = await partsOf(connect(gateway).pull({ model: kModel, stream: true }));
    assert.equal(parts[0].status, 'pulling manifest');
    assert.equal(parts.at(-1).status, 'success');
    assert.equal((await connect(gateway).pull({ model: `${kModel}:latest` })).status, 'success');
    await assert.rejects(partsOf(connect(gateway).pull({ model: 'no-such-model', stream: true })), /pull model manifest: file does not exist/);
  });

  test('models are not made, copied, pushed or deleted here, and the list stays as it is', async ({ gateway }) => {
    const ollama = connect(gateway);
    const before = (await ollama.list()).models;
    for (const call of [
      () => ollama.create({ model: 'mine', from: kModel, system: 'Be brief.' }),
      () => ollama.copy({ source: kModel, destination: 'mine' }),
      () => ollama.push({ model: kModel }),
      () => ollama.delete({ model: kModel }),
    ]) {
      const { status, text } = await refusal(call());
      assert.ok(status >= 400 && status !== 500, `${status} ${text}`);
      assert.match(text, /\w+ \w+/, 'it says why');
    }
    assert.deepEqual(await refusal(ollama.delete({ model: 'no-such-model' })), { status: 404, text: "model 'no-such-model' not found" });
    assert.deepEqual((await ollama.list()).models, before);
  });

  test('no embeddings from a model that makes none', async ({ gateway, sim }) => {
    for (const call of [() => connect(gateway).embed({ model: kModel, input: ['one', 'two'] }), () => connect(gateway).embeddings({ model: kModel, prompt: 'one' })]) {
      const { status, text } = await refusal(call());
      assert.ok([400, 501].includes(status), `${status}`);
      assert.match(text, /embeddings/);
    }
    assert.equal((await sim.requests()).length, 0);
  });
});

suite('ollama client: chat', { accounts: 2 }, (test) => {
  test('whole', async ({ gateway, sim }) => {
    const answer = await connect(gateway).chat({ model: kModel, messages: [{ role: 'system', content: 'Be brief.' }, user(marked('text', { events: 20, seq: 1 }))] });
    assert.equal(answer.message.role, 'assistant');
    assert.equal(answer.message.content, sequence(20));
    assert.equal(answer.done, true);
    assert.equal(answer.done_reason, 'stop');
    assert.equal(answer.eval_count, 20);
    assert.ok(answer.prompt_eval_count > 0);
    assertMeasured(answer);
    assert.ok(JSON.stringify((await sim.lastRequest()).body).includes('Be brief.'));
  });

  test('streamed: every piece once, counters at the end alone', async ({ gateway }) => {
    const parts = await partsOf(connect(gateway).chat({ model: `${kModel}:latest`, messages: [user(marked('text', { events: 40, seq: 1, interval_ms: 2 }))], stream: true }));
    const last = parts.at(-1);
    assert.equal(parts.map((part) => part.message.content).join(''), sequence(40));
    assert.equal(last.message.content, '', 'the last line repeats the text');
    assert.deepEqual(parts.map((part) => part.done), [...parts.slice(1).map(() => false), true]);
    for (const part of parts.slice(0, -1)) assert.deepEqual(Object.keys(part).sort(), ['created_at', 'done', 'message', 'model']);
    assert.ok(parts.length > 3, `the text came in ${parts.length} pieces`);
    for (const part of parts) assert.equal(part.model, `${kModel}:latest`);
    assert.equal(last.eval_count, 40);
    assertMeasured(last);
    const times = parts.map((part) => Date.parse(part.created_at));
    assert.deepEqual(times, [...times].sort((a, b) => a - b));
  });

  test('a turn behind others', async ({ gateway, sim }) => {
    await connect(gateway).chat({ model: kModel, messages: [user('My name is Ada.'), { role: 'assistant', content: 'Hello Ada.' }, user('Who am I?')] });
    const said = (await sim.lastRequest()).body.input.filter(({ type }) => type === 'message').map(({ role, content }) => [role, content.map(({ text }) => text).join('')]);
    assert.deepEqual(said.slice(-3), [['user', 'My name is Ada.'], ['assistant', 'Hello Ada.'], ['user', 'Who am I?']]);
  });

  test('a limit is told', async ({ gateway }) => {
    const answer = await connect(gateway).chat({ model: kModel, messages: [user(marked('incomplete', { reason: 'max_output_tokens', events: 5, seq: 1 }))] });
    assert.equal(answer.done_reason, 'length');
    assert.equal(answer.message.content, sequence(5));
  });

  for (const stream of [false, true]) {
    const how = stream ? 'streamed' : 'whole';
    const messageOf = async (call) => {
      if (!stream) return (await call).message;
      const messages = (await partsOf(call)).map(({ message }) => message);
      return {
        role: 'assistant',
        content: messages.map(({ content }) => content).join(''),
        thinking: messages.map(({ thinking }) => thinking ?? '').join(''),
        tool_calls: messages.flatMap(({ tool_calls }) => tool_calls ?? []),
      };
    };

    test(`a tool, there and back, ${how}`, async ({ gateway, sim }) => {
      await sim.script([{ reasoning: 'I ask.' }, oslo], [{ text: 'It is sunny.' }]);
      const call = { model: kModel, tools: [weatherTool], stream };
      const messages = [user('How is the weather in Oslo?')];
      const asking = await messageOf(connect(gateway).chat({ ...call, messages }));
      assert.deepEqual(asking.tool_calls.map((each) => each.function.arguments), [{ city: 'Oslo' }], 'arguments are an object');
      assert.equal(asking.tool_calls[0].function.name, 'get_weather');
      assert.deepEqual((await sim.lastRequest()).body.tools.map(({ name }) => name), ['get_weather']);
      const answer = await messageOf(connect(gateway).chat({ ...call, messages: [...messages, asking, { role: 'tool', tool_name: 'get_weather', content: 'sunny in Oslo' }] }));
      assert.equal(answer.content, 'It is sunny.');
      const { input } = (await sim.lastRequest()).body;
      assert.deepEqual(outputsIn(input).map(({ output }) => output), ['sunny in Oslo']);
      assert.deepEqual(callsIn(input).map((each) => [each.name, JSON.parse(each.arguments)]), [['get_weather', { city: 'Oslo' }]]);
      assert.equal(outputsIn(input)[0].call_id, callsIn(input)[0].call_id);
    });

    test(`two tools at once, their results by order, ${how}`, async ({ gateway, sim }) => {
      await sim.script([oslo, bergen], [{ text: 'Both sunny.' }]);
      const call = { model: kModel, tools: [weatherTool], stream };
      const messages = [user('Oslo and Bergen?')];
      const asking = await messageOf(connect(gateway).chat({ ...call, messages }));
      assert.deepEqual(asking.tool_calls.map((each) => each.function.arguments.city), ['Oslo', 'Bergen']);
      // The client's own types know neither an id nor an index: results say the tool's name and come in order.
      const bare = { ...asking, tool_calls: asking.tool_calls.map(({ function: { name, arguments: given } }) => ({ function: { name, arguments: given } })) };
      const results = ['wet', 'wetter'].map((content) => ({ role: 'tool', tool_name: 'get_weather', content }));
      assert.equal((await messageOf(connect(gateway).chat({ ...call, messages: [...messages, bare, ...results] }))).content, 'Both sunny.');
      const { input } = (await sim.lastRequest()).body;
      const outputs = Object.fromEntries(outputsIn(input).map(({ call_id, output }) => [call_id, output]));
      assert.deepEqual(callsIn(input).map((each) => [JSON.parse(each.arguments).city, outputs[each.call_id]]), [['Oslo', 'wet'], ['Bergen', 'wetter']]);
    });

    test(`thinking, and how much of it, ${how}`, async ({ gateway, sim }) => {
      await sim.script([{ reasoning: 'Let me see.' }, { text: 'Four.' }]);
      const thought = await messageOf(connect(gateway).chat({ model: kModel, messages: [user('2 + 2?')], think: 'high', stream }));
      assert.equal(thought.thinking, 'Let me see.');
      assert.equal(thought.content, 'Four.');
      assert.equal((await sim.lastRequest()).body.reasoning.effort, 'high');

      await sim.script([{ reasoning: 'Let me see.' }, { text: 'Four.' }]);
      const plain = await messageOf(connect(gateway).chat({ model: kModel, messages: [user('2 + 2?')], think: false, stream }));
      assert.ok(!plain.thinking, `it thinks aloud although it shall not: ${plain.thinking}`);
      assert.equal(plain.content, 'Four.');

      await connect(gateway).chat({ model: kModel, messages: [user('2 + 2?')], think: true });
      assert.equal((await sim.lastRequest()).body.reasoning.effort, 'medium');
    });
  }

  test('images, as base64 and as bytes', async ({ gateway, sim }) => {
    for (const image of [pixelPng, new Uint8Array(Buffer.from(pixelPng, 'base64'))]) {
      await connect(gateway).chat({ model: kModel, messages: [user('What is it?', { images: [image] })] });
      const [message] = (await sim.lastRequest()).body.input.filter(({ role }) => role === 'user');
      assert.deepEqual(message.content.filter(({ type }) => type === 'input_image').map(({ image_url }) => image_url), [`data:image/png;base64,${pixelPng}`]);
    }
  });

  test('JSON, and JSON that fits a schema', async ({ gateway, sim }) => {
    const plain = await connect(gateway).chat({ model: kModel, messages: [user('A city, as JSON.')], format: 'json' });
    assert.equal(typeof JSON.parse(plain.message.content), 'object');
    assert.equal((await sim.lastRequest()).body.text.format.type, 'json_object');

    const City = z.object({ name: z.string(), people: z.number() });
    const fitting = await connect(gateway).chat({ model: kModel, messages: [user('A city.')], format: z.toJSONSchema(City) });
    City.parse(JSON.parse(fitting.message.content));
    const { format } = (await sim.lastRequest()).body.text;
    assert.equal(format.type, 'json_schema');
    assert.deepEqual(Object.keys(format.schema.properties), ['name', 'people']);
  });

  test('no messages load a model, and ask nobody', async ({ gateway, sim }) => {
    const loaded = await connect(gateway).chat({ model: kModel, messages: [] });
    assert.deepEqual([loaded.done, loaded.done_reason, loaded.message.content], [true, 'load', '']);
    assert.equal((await connect(gateway).chat({ model: kModel, messages: [], keep_alive: 0 })).done_reason, 'unload');
    assert.equal((await sim.requests()).length, 0);
  });

  test('leaving ends the call at the provider', async ({ gateway, sim }) => {
    const ollama = connect(gateway);
    const stream = await ollama.chat({ model: kModel, messages: [user(marked('text', { events: 500, interval_ms: 20, seq: 1 }))], stream: true });
    await assert.rejects(async () => {
      for await (const part of stream) if (part.message.content.length > 0) ollama.abort();
    }, { name: 'AbortError' });
    await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
  });

  test('what fails before the answer has a status, what fails in it has a line', async ({ gateway }) => {
    const { status, text } = await refusal(connect(gateway).chat({ model: kModel, messages: [user(marked('status', { code: 400, kind: 'context_length_exceeded' }))], stream: true }));
    assert.equal(status, 400);
    assert.match(text, /context/);
    const got = [];
    await assert.rejects(async () => {
      for await (const part of await connect(gateway).chat({ model: kModel, messages: [user(marked('failed', { after: 3, events: 10, seq: 1, interval_ms: 20 }))], stream: true })) got.push(part);
    }, (error) => !/Did not receive done/.test(error.message) && error.message.length > 0);
    assert.equal(got.map((part) => part.message.content).join(''), sequence(3));
    assert.ok(got.every((part) => !part.done));
  });

  test('twenty at once, each its own', async ({ gateway }) => {
    const answers = await Promise.all(Array.from({ length: 20 }, async (_, i) => {
      const parts = await partsOf(connect(gateway).chat({ model: kModel, messages: [user(marked('text', { events: 20 + i, seq: 1, interval_ms: 1 }))], stream: true }));
      return parts.map((part) => part.message.content).join('');
    }));
    assert.deepEqual(answers, answers.map((_, i) => sequence(20 + i)));
  });
});

suite('ollama client: generate', { accounts: 1 }, (test) => {
  test('whole, with words for the system and an image', async ({ gateway, sim }) => {
    const answer = await connect(gateway).generate({ model: kModel, prompt: marked('text', { events: 20, seq: 1 }), system: 'Be brief.', images: [pixelPng] });
    assert.equal(answer.response, sequence(20));
    assert.equal(answer.done_reason, 'stop');
    assert.equal(answer.eval_count, 20);
    assertMeasured(answer);
    const sent = JSON.stringify((await sim.lastRequest()).body);
    assert.ok(sent.includes('Be brief.') && sent.includes(pixelPng));
  });

  test('streamed, and thinking', async ({ gateway, sim }) => {
    await sim.script({ output: [{ reasoning: 'Let me see.' }, { text: 'Four, of course.' }], interval_ms: 1 });
    const parts = await partsOf(connect(gateway).generate({ model: kModel, prompt: '2 + 2?', think: true, stream: true }));
    assert.equal(parts.map(({ response }) => response).join(''), 'Four, of course.');
    assert.equal(parts.map(({ thinking }) => thinking ?? '').join(''), 'Let me see.');
    assert.equal(parts.at(-1).response, '');
    assert.deepEqual(parts.filter(({ done }) => done), [parts.at(-1)]);
  });

  test('a context carries the conversation on', async ({ gateway, sim }) => {
    await sim.script([{ text: 'Hello Ada.' }], [{ text: 'You are Ada.' }]);
    const first = await connect(gateway).generate({ model: kModel, prompt: 'My name is Ada.' });
    assert.ok(first.context.length > 0 && first.context.every(Number.isInteger), JSON.stringify(first.context));
    const second = await connect(gateway).generate({ model: kModel, prompt: 'Who am I?', context: first.context });
    assert.equal(second.response, 'You are Ada.');
    const said = (await sim.lastRequest()).body.input.filter(({ type }) => type === 'message').map(({ role, content }) => [role, content.map(({ text }) => text).join('')]);
    assert.deepEqual(said.slice(-3), [['user', 'My name is Ada.'], ['assistant', 'Hello Ada.'], ['user', 'Who am I?']]);
  });

  test('a schema', async ({ gateway }) => {
    const City = z.object({ name: z.string() });
    City.parse(JSON.parse((await connect(gateway).generate({ model: kModel, prompt: 'A city.', format: z.toJSONSchema(City) })).response));
  });

  test('no prompt loads and unloads a model, and asks nobody', async ({ gateway, sim }) => {
    assert.equal((await connect(gateway).generate({ model: kModel, prompt: '' })).done_reason, 'load');
    assert.equal((await connect(gateway).generate({ model: kModel, prompt: '', keep_alive: 0 })).done_reason, 'unload');
    assert.equal((await sim.requests()).length, 0);
  });
});

suite('ollama client: options', { accounts: 0, keys: { openai: 1 } }, (test) => {
  // A model that takes sampling; what the Codex accounts leave out is told instead, below.
  const kSampled = 'gpt-4.1';

  test('reach a provider that takes them', async ({ gateway, sim }) => {
    const options = { temperature: 0.25, top_p: 0.5, num_predict: 64 };
    await connect(gateway).chat({ model: kSampled, messages: [user('hi')], options });
    const { body } = await sim.lastRequest();
    assert.equal(body.temperature, 0.25);
    assert.equal(body.top_p, 0.5);
    assert.equal(body.max_output_tokens ?? body.max_completion_tokens ?? body.max_tokens, 64);
  });

  test('a stop sequence ends the text', async ({ gateway }) => {
    const answer = await connect(gateway).chat({ model: kSampled, messages: [user(marked('text', { events: 20, seq: 1 }))], options: { stop: ['7 '] } });
    assert.equal(answer.message.content, sequence(7));
    assert.equal(answer.done_reason, 'stop');
  });

  test('what means nothing here is told, and does no harm', async ({ gateway }) => {
    let told;
    const listening = async (...call) => {
      const response = await fetch(...call);
      told = response.headers.get('x-patchbay-ignored');
      return response;
    };
    const answer = await connect(gateway, { fetch: listening }).chat({ model: kSampled, messages: [user('hi')], options: { num_gpu: 1, mirostat: 2, no_such_option: true }, keep_alive: '5m' });
    assert.ok(answer.message.content);
    for (const name of ['num_gpu', 'mirostat', 'no_such_option']) assert.match(told ?? '', new RegExp(name));
  });
});

// A provider of the operator's own whose row says which of its models make embeddings.
const tiny = await new TinyProvider().start();
tiny.models = [{ id: 'tiny-embed', object: 'model', created: 1 }];
after(() => tiny.stop());
const mine = { base_url: tiny.baseUrl, allow_private: true, dialect: 'openai_chat', models: { embeddings: ['*embed*'] } };

suite('ollama client: embeddings', { accounts: 0, config: { providers: { mine } } }, (test) => {
  const withKey = async (gateway) => {
    await gateway.cli(['accounts', 'add', '--provider', 'mine', '--key-file', '-'], { input: 'key-of-mine-0001\n' });
    gateway.secrets.add('key-of-mine-0001');
    return eventually('the model to be listed', async () => {
      const ollama = connect(gateway);
      return (await ollama.list()).models.some(({ name }) => name === 'tiny-embed:latest') && ollama;
    });
  };

  test('of several texts, of one, and by the elder endpoint', async ({ gateway }) => {
    const ollama = await withKey(gateway);
    const several = await ollama.embed({ model: 'tiny-embed', input: ['one', 'three'] });
    assert.deepEqual(several.embeddings, [vectorOf('one', 0), vectorOf('three', 1)]);
    assert.equal(several.prompt_eval_count, 5);
    assert.ok(several.total_duration > 0);
    assert.equal(several.model, 'tiny-embed');
    assert.deepEqual((await ollama.embed({ model: 'tiny-embed:latest', input: 'one', dimensions: 3 })).embeddings, [vectorOf('one', 0)]);
    const { body, headers } = tiny.asked('/embeddings').at(-1);
    assert.deepEqual(JSON.parse(body), { model: 'tiny-embed', input: ['one'], dimensions: 3 });
    assert.match(headers.authorization, /key-of-mine-0001/);
    assert.deepEqual((await ollama.embeddings({ model: 'tiny-embed', prompt: 'seven' })).embedding, vectorOf('seven', 0));
  });

  test('its model says so, and cannot chat', async ({ gateway }) => {
    const ollama = await withKey(gateway);
    assert.deepEqual((await ollama.show({ model: 'tiny-embed' })).capabilities, ['embedding']);
    const { status, text } = await refusal(ollama.chat({ model: 'tiny-embed', messages: [user('hi')] }));
    assert.equal(status, 400);
    assert.match(text, /does not support chat/);
  });
});
