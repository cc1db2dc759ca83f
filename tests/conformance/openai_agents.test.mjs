// OpenAI's Agents SDK, over both of OpenAI's protocols.
import assert from 'node:assert/strict';
import { Agent, OpenAIChatCompletionsModel, OpenAIResponsesModel, Runner, handoff, tool } from '@openai/agents';
import OpenAI from 'openai';
import { z } from 'zod';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';

const models = {
  Responses: (client) => new OpenAIResponsesModel(client, kModel),
  'Chat Completions': (client) => new OpenAIChatCompletionsModel(client, kModel),
};

function runnerOf(gateway, protocol) {
  const client = new OpenAI({ baseURL: `http://127.0.0.1:${gateway.port}/v1`, apiKey: gateway.key, maxRetries: 0 });
  return new Runner({ model: models[protocol](client), tracingDisabled: true });
}

const plain = () => new Agent({ name: 'Plain', instructions: 'Be brief.' });

function weatherAgent(asked) {
  const get_weather = tool({
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      asked.push(city);
      return `sunny in ${city}`;
    },
  });
  return new Agent({ name: 'Weather', instructions: 'Ask the tool.', tools: [get_weather] });
}

for (const protocol of Object.keys(models)) {
  suite(`OpenAI Agents SDK over ${protocol}`, { accounts: 2 }, (test) => {
    test('text and usage', async ({ gateway }) => {
      const result = await runnerOf(gateway, protocol).run(plain(), marked('text', { events: 20, seq: 1 }));
      assert.equal(result.finalOutput, sequence(20));
      assert.equal(result.rawResponses[0].usage.outputTokens, 20);
      assert.ok(result.rawResponses[0].usage.inputTokens > 0);
    });

    test('a stream', async ({ gateway }) => {
      const result = await runnerOf(gateway, protocol).run(plain(), marked('text', { events: 20, seq: 1 }), { stream: true });
      const pieces = [];
      for await (const event of result) if (event.type === 'raw_model_stream_event' && event.data.type === 'output_text_delta') pieces.push(event.data.delta);
      await result.completed;
      assert.equal(pieces.join(''), sequence(20));
      assert.ok(pieces.length > 1, 'the text came in one piece');
      assert.equal(result.finalOutput, sequence(20));
    });

    test('tools, two at once', async ({ gateway, sim }) => {
      const asked = [];
      await sim.script(
        [{ reasoning: 'Two cities' }, { function: 'get_weather', arguments: { city: 'Oslo' } }, { function: 'get_weather', arguments: { city: 'Rome' } }],
        [{ text: 'Sunny in both.' }],
      );
      const result = await runnerOf(gateway, protocol).run(weatherAgent(asked), 'How is the weather in Oslo and Rome?');
      assert.equal(result.finalOutput, 'Sunny in both.');
      assert.deepEqual(asked.sort(), ['Oslo', 'Rome']);
      const { input } = (await sim.lastRequest()).body;
      const outputs = input.filter((item) => item.type === 'function_call_output').map((item) => item.output);
      assert.deepEqual(outputs.map(String).sort(), ['sunny in Oslo', 'sunny in Rome']);
    });

    test('a handoff to another agent', async ({ gateway, sim }) => {
      const asked = [];
      const weather = weatherAgent(asked);
      const desk = Agent.create({ name: 'Desk', instructions: 'Hand over.', handoffs: [handoff(weather)] });
      await sim.script([{ function: 'transfer_to_Weather', arguments: {} }], [{ function: 'get_weather', arguments: { city: 'Oslo' } }], [{ text: 'Sunny.' }]);
      const result = await runnerOf(gateway, protocol).run(desk, 'How is the weather in Oslo?');
      assert.equal(result.finalOutput, 'Sunny.');
      assert.equal(result.lastAgent, weather);
      assert.deepEqual(asked, ['Oslo']);
    });

    test('structured output', async ({ gateway, sim }) => {
      const agent = new Agent({ name: 'Maker', instructions: 'Make one.', outputType: z.object({ name: z.string(), tags: z.array(z.string()) }) });
      const { finalOutput } = await runnerOf(gateway, protocol).run(agent, 'make one');
      assert.equal(typeof finalOutput.name, 'string');
      assert.ok(Array.isArray(finalOutput.tags));
      assert.equal((await sim.lastRequest()).body.text.format.type, 'json_schema');
    });

    test('an image', async ({ gateway, sim }) => {
      const content = [{ type: 'input_text', text: 'what is it?' }, { type: 'input_image', image: `data:image/png;base64,${pixelPng}` }];
      const { finalOutput } = await runnerOf(gateway, protocol).run(plain(), [{ role: 'user', content }]);
      assert.ok(finalOutput);
      assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(pixelPng));
    });

    if (protocol === 'Responses') {
      test('an answer that goes on from one that is kept', async ({ gateway, sim }) => {
        const runner = runnerOf(gateway, protocol);
        const first = await runner.run(plain(), marked('text', { events: 3, seq: 1 }));
        const second = await runner.run(plain(), 'and then?', { previousResponseId: first.lastResponseId });
        assert.ok(second.finalOutput);
        const said = JSON.stringify((await sim.lastRequest()).body.input);
        assert.ok(said.includes(sequence(3)) && said.includes('and then?'), said);
      });
    }
  });
}
