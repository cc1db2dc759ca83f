// Anthropic Messages.
import { pixelPng } from '../bodies.mjs';
import { ask, inputOf } from './ask.mjs';

const kFinish = { end_turn: 'stop', stop_sequence: 'stop', tool_use: 'tools', max_tokens: 'length', refusal: 'refusal' };

function messagesOf(turns) {
  return turns.map((turn) => {
    if (turn.said) return { role: 'assistant', content: turn.said.echo };
    if (turn.results) return { role: 'user', content: turn.results.map(({ id, output }) => ({ type: 'tool_result', tool_use_id: id, content: output })) };
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: pixelPng } };
    return { role: 'user', content: turn.image ? [{ type: 'text', text: turn.user }, image] : turn.user };
  });
}

export async function messages({ client }, { model, system, turns, tools, schema, stop, reasoning, maxTokens = 4096, toolChoice, temperature, whole, leave }) {
  const body = {
    model,
    max_tokens: maxTokens,
    messages: messagesOf(turns),
    ...(system && { system }),
    ...(whole ? {} : { stream: true }),
    ...(tools && { tools: tools.map(({ name, parameters }) => ({ name, input_schema: parameters })) }),
    ...(toolChoice && { tool_choice: { type: toolChoice === 'required' ? 'any' : toolChoice } }),
    ...(schema && { output_config: { format: { type: 'json_schema', schema } } }),
    ...(stop && { stop_sequences: stop }),
    ...(reasoning && { thinking: { type: 'enabled', budget_tokens: 2000 } }),
    ...(temperature !== undefined && { temperature }),
  };
  const failureOf = ({ error }) => ({ code: error.type, message: error.message });
  const headers = { 'anthropic-version': '2023-06-01', 'x-api-key': client.key, authorization: undefined };
  const { outcome, documents } = await ask(client, '/v1/messages', body, { headers, whole, leave, failureOf });
  const blocks = [];
  const conclude = (said) => {
    outcome.finish = kFinish[said.stop_reason] ?? outcome.finish;
    outcome.stopSequence = said.stop_sequence ?? outcome.stopSequence;
  };
  const count = (usage) => {
    const known = outcome.usage ?? { input: 0, output: 0 };
    const input = (usage.input_tokens ?? 0) + (usage.cache_read_input_tokens ?? 0) + (usage.cache_creation_input_tokens ?? 0);
    outcome.usage = { input: input || known.input, output: usage.output_tokens ?? known.output };
  };
  for (const event of documents) {
    if (event.type === 'error') outcome.failure = { status: 200, ...failureOf(event) };
    if (event.type === 'message') {
      blocks.push(...event.content);
      conclude(event);
      count(event.usage);
    }
    if (event.type === 'message_start') count(event.message.usage);
    if (event.type === 'content_block_start') blocks[event.index] = { ...event.content_block, json: '' };
    if (event.type === 'content_block_delta') {
      const block = blocks[event.index];
      const { delta } = event;
      if (delta.type === 'text_delta') block.text += delta.text;
      if (delta.type === 'thinking_delta') block.thinking += delta.thinking;
      if (delta.type === 'signature_delta') block.signature = (block.signature ?? '') + delta.signature;
      if (delta.type === 'input_json_delta') block.json += delta.partial_json;
    }
    if (event.type === 'message_delta') {
      conclude(event.delta);
      count(event.usage);
    }
  }
  for (const block of blocks) {
    if (block.type === 'tool_use' && block.json) block.input = inputOf(block.json);
    delete block.json;
  }
  const of = (type) => blocks.filter((block) => block.type === type);
  outcome.text = of('text').map((block) => block.text).join('');
  outcome.thought = of('thinking').map((block) => block.thinking).join('');
  outcome.calls = of('tool_use').map(({ id, name, input }) => ({ id, name, input }));
  outcome.echo = blocks;
  return outcome;
}
