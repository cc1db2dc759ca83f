// OpenAI Chat Completions.
import { pixelPng } from '../bodies.mjs';
import { ask, inputOf } from './ask.mjs';

const kFinish = { stop: 'stop', tool_calls: 'tools', length: 'length', content_filter: 'refusal' };

function messagesOf({ turns, system }) {
  const messages = system ? [{ role: 'system', content: system }] : [];
  for (const turn of turns) {
    if (turn.user !== undefined) {
      const image = { type: 'image_url', image_url: { url: `data:image/png;base64,${pixelPng}` } };
      messages.push({ role: 'user', content: turn.image ? [{ type: 'text', text: turn.user }, image] : turn.user });
    }
    if (turn.said) messages.push(turn.said.echo);
    for (const { id, output } of turn.results ?? []) messages.push({ role: 'tool', tool_call_id: id, content: output });
  }
  return messages;
}

export function bodyOf(question) {
  const { model, tools, schema, stop, reasoning, maxTokens, toolChoice, temperature, whole } = question;
  return {
    model,
    messages: messagesOf(question),
    ...(whole ? {} : { stream: true, stream_options: { include_usage: true } }),
    ...(tools && { tools: tools.map(({ name, parameters }) => ({ type: 'function', function: { name, parameters } })) }),
    ...(toolChoice && { tool_choice: toolChoice }),
    ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'shape', strict: true, schema } } }),
    ...(stop && { stop }),
    ...(reasoning && { reasoning_effort: reasoning }),
    ...(maxTokens && { max_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
  };
}

export async function chat({ client }, question) {
  const failureOf = ({ error }) => ({ code: error.code ?? error.type, message: error.message });
  const { outcome, documents } = await ask(client, '/v1/chat/completions', bodyOf(question), { whole: question.whole, leave: question.leave, failureOf });
  const calls = [];
  for (const document of documents) {
    if (document.error) outcome.failure = { status: 200, ...failureOf(document) };
    if (document.usage) outcome.usage = { input: document.usage.prompt_tokens, output: document.usage.completion_tokens };
    const choice = document.choices?.[0];
    if (!choice) continue;
    if (choice.finish_reason) outcome.finish = kFinish[choice.finish_reason];
    const said = choice.delta ?? choice.message;
    outcome.text += said.content ?? '';
    outcome.refusal += said.refusal ?? '';
    outcome.thought += said.reasoning_content ?? said.reasoning ?? ''; // the latter from a provider whose bytes pass as they are
    for (const [at, call] of (said.tool_calls ?? []).entries()) {
      const known = (calls[call.index ?? at] ??= { id: call.id, name: call.function.name, text: '' });
      known.text += call.function.arguments ?? '';
    }
  }
  outcome.calls = calls.map(({ id, name, text }) => ({ id, name, input: inputOf(text) }));
  outcome.echo = {
    role: 'assistant',
    content: outcome.text || null,
    ...(outcome.thought && { reasoning_content: outcome.thought }),
    ...(calls.length > 0 && { tool_calls: calls.map(({ id, name, text }) => ({ id, type: 'function', function: { name, arguments: text } })) }),
  };
  return outcome;
}
