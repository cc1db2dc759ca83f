// OpenAI Responses, over HTTP and over a WebSocket.
import { pixelPng } from '../bodies.mjs';
import { SocketClient } from '../socket.mjs';
import { ask, emptyOutcome, inputOf } from './ask.mjs';

function itemsOf(turns) {
  return turns.flatMap((turn) => {
    if (turn.said) return turn.said.echo;
    if (turn.results) return turn.results.map(({ id, output }) => ({ type: 'function_call_output', call_id: id, output }));
    const image = { type: 'input_image', image_url: `data:image/png;base64,${pixelPng}`, detail: 'low' };
    return [{ type: 'message', role: 'user', content: [{ type: 'input_text', text: turn.user }, ...(turn.image ? [image] : [])] }];
  });
}

function bodyOf({ model, system, turns, tools, schema, reasoning, maxTokens, toolChoice, temperature, whole }) {
  return {
    model,
    input: itemsOf(turns),
    store: false,
    ...(system && { instructions: system }),
    ...(whole ? {} : { stream: true }),
    ...(tools && { tools: tools.map(({ name, parameters }) => ({ type: 'function', name, parameters })) }),
    ...(toolChoice && { tool_choice: toolChoice }),
    ...(schema && { text: { format: { type: 'json_schema', name: 'shape', strict: true, schema } } }),
    ...(reasoning && { reasoning: { effort: reasoning, summary: 'auto' }, include: ['reasoning.encrypted_content'] }),
    ...(maxTokens && { max_output_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
  };
}

const failureOf = ({ error }) => ({ code: error.code ?? error.type, message: error.message });

/** From the events of one answer, or its whole object. */
function read(outcome, documents) {
  let final;
  let streamed = '';
  for (const event of documents) {
    if (event.object === 'response') final = event;
    if (event.type === 'error') outcome.failure ??= { status: event.status ?? 200, ...failureOf({ error: event.error ?? event }) };
    if (event.type === 'response.output_text.delta') streamed += event.delta;
    if (['response.completed', 'response.incomplete', 'response.failed'].includes(event.type)) final = event.response;
  }
  outcome.text = streamed;
  if (!final) return outcome;
  if (final.error) outcome.failure ??= { status: 200, ...failureOf(final) };
  if (final.usage) outcome.usage = { input: final.usage.input_tokens, output: final.usage.output_tokens };
  const of = (type) => final.output.filter((item) => item.type === type);
  const parts = of('message').flatMap((item) => item.content);
  const whole = parts.filter((part) => part.type === 'output_text').map((part) => part.text).join('');
  if (streamed !== '' && final.status === 'completed' && streamed !== whole) outcome.failure = { status: 200, code: 'streamed_is_not_whole', message: `${streamed} / ${whole}` };
  outcome.text = whole || streamed;
  outcome.refusal = parts.filter((part) => part.type === 'refusal').map((part) => part.refusal).join('');
  outcome.thought = of('reasoning').flatMap((item) => [...(item.summary ?? []), ...(item.content ?? [])]).map((part) => part.text).join('');
  outcome.calls = of('function_call').map((call) => ({ id: call.call_id, name: call.name, input: inputOf(call.arguments) }));
  if (final.status === 'completed') outcome.finish = outcome.calls.length > 0 ? 'tools' : 'stop';
  if (final.status === 'incomplete') outcome.finish = final.incomplete_details.reason === 'content_filter' ? 'refusal' : 'length';
  outcome.echo = final.output;
  return outcome;
}

export async function responses({ client }, question) {
  const { outcome, documents } = await ask(client, '/v1/responses', bodyOf(question), { whole: question.whole, leave: question.leave, failureOf });
  return read(outcome, documents);
}
// The protocol has no stop sequences.
responses.cannot = ['stop'];

export async function socket({ gateway }, question) {
  const outcome = emptyOutcome();
  const connection = await SocketClient.open({ port: gateway.port, key: gateway.key });
  try {
    const { stream, ...body } = bodyOf(question);
    connection.send({ type: 'response.create', ...body });
    const frames = [];
    for (;;) {
      const { frame, closed } = await connection.next();
      if (closed) {
        outcome.cut = true;
        break;
      }
      if (frame.type === 'patchbay.ignored') outcome.ignored = frame.fields ?? [];
      if (frame.type === 'patchbay.repaired') outcome.repaired = frame.fields ?? [];
      frames.push(frame);
      if (question.leave !== undefined && frames.length >= question.leave) break;
      if (['response.completed', 'response.incomplete', 'response.failed', 'error'].includes(frame.type)) break;
    }
    outcome.status = 101;
    return read(outcome, frames);
  } finally {
    connection.abort();
  }
}
socket.cannot = ['stop', 'whole'];
