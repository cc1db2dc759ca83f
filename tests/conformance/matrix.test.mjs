// Every SDK over the same matrix: whole and streamed, with text, a tool, parallel tools, structured output, vision,
// reasoning, usage, errors and abort. What is peculiar to one SDK is tested in its own file.
import assert from 'node:assert/strict';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import { APICallError, Output, generateText, jsonSchema, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { kModel, marked, pixelPng, sequence } from '../support/bodies.mjs';
import { suite } from '../support/suite.mjs';
import { eventually } from '../support/wait.mjs';

const kConfig = { accounts: { slots_per_account: 50 }, upstream: { first_byte_timeout: '3s', stall_timeout: '3s' } };
const kCity = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false };
const kShape = { type: 'object', properties: { answer: { type: 'string' }, steps: { type: 'array', items: { type: 'string' } } }, required: ['answer', 'steps'], additionalProperties: false };
const kImageUrl = `data:image/png;base64,${pixelPng}`;

// Each SDK's way to ask, and what it tells, in one shape. A question is {prompt, image, tools, schema, reasoning, signal, key, model}.
const kSdks = {
  'openai, chat completions': async (gateway, { prompt, image, tools, schema, reasoning, signal, key = gateway.key, model = kModel }, streamed) => {
    const openai = new OpenAI({ baseURL: `http://127.0.0.1:${gateway.port}/v1`, apiKey: key, maxRetries: 0 });
    const request = {
      model,
      messages: [{ role: 'user', content: image ? [{ type: 'text', text: prompt }, { type: 'image_url', image_url: { url: kImageUrl } }] : prompt }],
      ...(tools && { tools: [{ type: 'function', function: { name: 'get_weather', parameters: kCity } }] }),
      ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'shape', strict: true, schema: kShape } } }),
      ...(reasoning && { reasoning_effort: 'high' }),
    };
    let thought = '';
    let completion;
    if (streamed) {
      const stream = openai.chat.completions.stream({ ...request, stream_options: { include_usage: true } }, { signal });
      stream.on('chunk', (chunk) => (thought += chunk.choices[0]?.delta?.reasoning_content ?? ''));
      completion = await stream.finalChatCompletion();
    } else {
      completion = await openai.chat.completions.create(request, { signal });
      thought = completion.choices[0].message.reasoning_content;
    }
    const { message } = completion.choices[0];
    return {
      text: message.content ?? '',
      calls: (message.tool_calls ?? []).map((call) => ({ id: call.id, name: call.function.name, input: JSON.parse(call.function.arguments) })),
      thought,
      usage: { input: completion.usage.prompt_tokens, output: completion.usage.completion_tokens },
    };
  },

  'openai, responses': async (gateway, { prompt, image, tools, schema, reasoning, signal, key = gateway.key, model = kModel }, streamed) => {
    const openai = new OpenAI({ baseURL: `http://127.0.0.1:${gateway.port}/v1`, apiKey: key, maxRetries: 0 });
    const request = {
      model,
      input: image ? [{ role: 'user', content: [{ type: 'input_text', text: prompt }, { type: 'input_image', image_url: kImageUrl, detail: 'low' }] }] : prompt,
      ...(tools && { tools: [{ type: 'function', name: 'get_weather', parameters: kCity, strict: true }] }),
      ...(schema && { text: { format: { type: 'json_schema', name: 'shape', strict: true, schema: kShape } } }),
      ...(reasoning && { reasoning: { effort: 'high', summary: 'auto' } }),
    };
    const response = streamed ? await openai.responses.stream(request, { signal }).finalResponse() : await openai.responses.create(request, { signal });
    return {
      text: response.output_text,
      calls: response.output.filter((item) => item.type === 'function_call').map((call) => ({ id: call.call_id, name: call.name, input: JSON.parse(call.arguments) })),
      thought: response.output.find((item) => item.type === 'reasoning')?.summary[0]?.text,
      usage: { input: response.usage.input_tokens, output: response.usage.output_tokens },
    };
  },

  '@anthropic-ai/sdk': async (gateway, { prompt, image, tools, schema, reasoning, signal, key = gateway.key, model = kModel }, streamed) => {
    const anthropic = new Anthropic({ baseURL: `http://127.0.0.1:${gateway.port}`, apiKey: key, maxRetries: 0 });
    const request = {
      model,
      max_tokens: 4096,
      messages: [{ role: 'user', content: image ? [{ type: 'text', text: prompt }, { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixelPng } }] : prompt }],
      ...(tools && { tools: [{ name: 'get_weather', input_schema: kCity }] }),
      ...(schema && { output_config: { format: { type: 'json_schema', schema: kShape } } }),
      ...(reasoning && { thinking: { type: 'enabled', budget_tokens: 2000 } }),
    };
    const message = streamed ? await anthropic.messages.stream(request, { signal }).finalMessage() : await anthropic.messages.create(request, { signal });
    const of = (type) => message.content.filter((block) => block.type === type);
    return {
      text: of('text').map((block) => block.text).join(''),
      calls: of('tool_use').map(({ id, name, input }) => ({ id, name, input })),
      thought: of('thinking')[0]?.thinking,
      usage: { input: message.usage.input_tokens, output: message.usage.output_tokens },
    };
  },

  '@google/genai': async (gateway, { prompt, image, tools, schema, reasoning, signal, key = gateway.key, model = kModel }, streamed) => {
    const genai = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: `http://127.0.0.1:${gateway.port}` } });
    const request = {
      model,
      contents: [{ role: 'user', parts: [{ text: prompt }, ...(image ? [{ inlineData: { mimeType: 'image/png', data: pixelPng } }] : [])] }],
      config: {
        abortSignal: signal,
        ...(tools && { tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: kCity }] }] }),
        ...(schema && { responseMimeType: 'application/json', responseJsonSchema: kShape }),
        ...(reasoning && { thinkingConfig: { includeThoughts: true } }),
      },
    };
    const chunks = [];
    if (streamed) for await (const chunk of await genai.models.generateContentStream(request)) chunks.push(chunk);
    else chunks.push(await genai.models.generateContent(request));
    const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
    const said = (thought) => parts.filter((part) => part.text && Boolean(part.thought) === thought).map((part) => part.text).join('');
    const usage = chunks.at(-1).usageMetadata;
    return {
      text: said(false),
      calls: parts.filter((part) => part.functionCall).map(({ functionCall: { id, name, args } }) => ({ id, name, input: args })),
      thought: said(true),
      usage: { input: usage.promptTokenCount, output: usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0) },
    };
  },

  'ai, @ai-sdk/openai responses': ai((options) => createOpenAI(options).responses, '/v1', { openai: { reasoningEffort: 'high', reasoningSummary: 'auto' } }),
  // OpenAI's own chat has no member for reasoning, so this provider shows none.
  'ai, @ai-sdk/openai chat': ai((options) => createOpenAI(options).chat, '/v1'),
  'ai, @ai-sdk/openai-compatible': ai((options) => createOpenAICompatible({ name: 'gateway', supportsStructuredOutputs: true, includeUsage: true, ...options }), '/v1', { gateway: { reasoningEffort: 'high' } }),
  'ai, @ai-sdk/anthropic': ai(createAnthropic, '/v1', { anthropic: { thinking: { type: 'enabled', budgetTokens: 2000 } } }),
  'ai, @ai-sdk/google': ai(createGoogleGenerativeAI, '/v1beta', { google: { thinkingConfig: { includeThoughts: true } } }),
};

/** The Vercel AI SDK with one of its providers; `thinking` is how that is asked for reasoning, if it can be. */
function ai(providerOf, base, thinking) {
  const asking = async (gateway, { prompt, image, tools, schema, reasoning, signal, key = gateway.key, model = kModel }, streamed) => {
    const content = [{ type: 'text', text: prompt }, ...(image ? [{ type: 'image', image: Buffer.from(pixelPng, 'base64'), mediaType: 'image/png' }] : [])];
    const call = {
      model: providerOf({ apiKey: key, baseURL: `http://127.0.0.1:${gateway.port}${base}` })(model),
      maxRetries: 0,
      messages: [{ role: 'user', content }],
      abortSignal: signal,
      ...(tools && { tools: { get_weather: tool({ inputSchema: jsonSchema(kCity) }) } }),
      ...(schema && { output: Output.object({ schema: jsonSchema(kShape) }) }),
      ...(reasoning && { providerOptions: thinking }),
    };
    let failure;
    const result = streamed ? streamText({ ...call, onError: ({ error }) => (failure ??= error) }) : await generateText(call);
    if (streamed) for await (const _ of result.fullStream);
    if (failure) throw failure;
    signal?.throwIfAborted();
    const [text, calls, thought, usage] = await Promise.all([result.text, result.toolCalls, result.reasoningText, result.usage]);
    return {
      text,
      calls: calls.map(({ toolCallId, toolName, input }) => ({ id: toolCallId, name: toolName, input })),
      thought,
      usage: { input: usage.inputTokens, output: usage.outputTokens },
    };
  };
  return Object.assign(asking, { hidesReasoning: !thinking });
}

// [what goes wrong, the question, the status; Google's and Anthropic's own where they have one]
const kFailures = [
  ['a wrong key', { key: 'pbk_wrong' }, 401, { google: 400 }],
  ['an unknown model', { model: 'nothing' }, 404],
  ['a context that is too long', { prompt: marked('context_length_exceeded') }, 400],
  ['a throttle', { prompt: marked('429', { retry_after: 11 }) }, 429],
  ['a broken provider', { prompt: marked('500') }, 502],
  ['an overloaded provider', { prompt: marked('503') }, 503, { anthropic: 529 }],
];
// The classes with which the SDKs tell an HTTP error.
const kErrors = [OpenAI.APIError, Anthropic.APIError, ApiError, APICallError];

for (const [name, ask] of Object.entries(kSdks)) {
  for (const streamed of [false, true]) {
    suite(`matrix: ${name}, ${streamed ? 'streamed' : 'whole'}`, { accounts: 2, config: kConfig }, (test) => {
      const each = (title, body) => test(title, (context) => body({ ...context, asked: (question) => ask(context.gateway, { prompt: 'hi', ...question }, streamed) }));

      each('text and usage', async ({ asked }) => {
        const { text, usage } = await asked({ prompt: marked('text', { events: 20, seq: 1 }) });
        assert.equal(text, sequence(20));
        assert.equal(usage.output, 20);
        assert.ok(usage.input > 0);
      });

      each('text of every script, however it was cut', async ({ asked }) => {
        const { text } = await asked({ prompt: marked('text', { events: 18, unicode: 1, split_bytes: 7 }) });
        assert.ok(text.includes('日本語') && text.includes('👩‍👩‍👧'), text);
      });

      each('a tool', async ({ asked }) => {
        const { calls } = await asked({ prompt: marked('tools', { n: 1 }), tools: true });
        assert.equal(calls.length, 1);
        assert.equal(calls[0].name, 'get_weather');
        assert.equal(typeof calls[0].input.city, 'string');
      });

      each('parallel tools', async ({ asked }) => {
        const { calls } = await asked({ prompt: marked('tools', { n: 3 }), tools: true });
        assert.equal(new Set(calls.map((call) => call.id)).size, 3);
        for (const call of calls) assert.equal(typeof call.input.city, 'string');
      });

      each('structured output', async ({ asked, sim }) => {
        const { answer, steps } = JSON.parse((await asked({ prompt: 'JSON please', schema: true })).text);
        assert.equal(typeof answer, 'string');
        assert.ok(Array.isArray(steps));
        // @ai-sdk/anthropic asks models that it does not know for a call of a tool instead.
        const { body } = await sim.lastRequest();
        assert.ok(body.text?.format?.type === 'json_schema' || body.tools?.[0].parameters.properties.answer, JSON.stringify(body.text));
      });

      each('vision', async ({ asked, sim }) => {
        assert.ok((await asked({ prompt: 'what is it?', image: true })).text);
        assert.ok(JSON.stringify((await sim.lastRequest()).body.input).includes(pixelPng));
      });

      each('reasoning', async ({ asked }) => {
        const { text, thought, usage } = await asked({ prompt: marked('reasoning', { events: 5, seq: 1 }), reasoning: !ask.hidesReasoning });
        assert.equal(text, sequence(5));
        if (!ask.hidesReasoning) assert.match(thought, /arithmetic/);
        assert.equal(usage.output, 5 + 64, 'reasoning counts');
      });

      for (const [what, question, usual, own = {}] of kFailures) {
        const vendor = Object.keys(own).find((each) => name.includes(each));
        const status = own[vendor] ?? usual;
        each(`${what}: ${status}`, async ({ asked }) => {
          const error = await asked(question).then((answer) => assert.fail(JSON.stringify(answer)), (caught) => caught);
          assert.ok(kErrors.some((type) => error instanceof type || type.isInstance?.(error)), `${error?.constructor?.name}: ${error}`);
          assert.equal(error.status ?? error.statusCode, status);
        });
      }

      each('abort stops the provider', async ({ asked, sim }) => {
        const controller = new AbortController();
        const answer = asked({ prompt: marked('text', { events: 2000, interval_ms: 10 }), signal: controller.signal }).then(() => 'an answer', () => 'aborted');
        await eventually('the provider to be asked', async () => (await sim.requests()).length > 0);
        controller.abort();
        assert.equal(await answer, 'aborted');
        await eventually('the provider to notice', async () => (await sim.lastRequest()).aborted);
      });
    });
  }
}
