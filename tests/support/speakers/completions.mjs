// OpenAI's legacy Completions: one prompt, one text.
import { ask } from './ask.mjs';

const kFinish = { stop: 'stop', length: 'length', content_filter: 'refusal' };

export async function completions({ client }, { model, turns, stop, maxTokens, temperature, whole, leave }) {
  const body = {
    model,
    prompt: turns.map((turn) => turn.user).join('\n'),
    ...(whole ? {} : { stream: true, stream_options: { include_usage: true } }),
    ...(stop && { stop }),
    ...(maxTokens && { max_tokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
  };
  const failureOf = ({ error }) => ({ code: error.code ?? error.type, message: error.message });
  const { outcome, documents } = await ask(client, '/v1/completions', body, { whole, leave, failureOf });
  for (const document of documents) {
    if (document.error) outcome.failure = { status: 200, ...failureOf(document) };
    if (document.usage) outcome.usage = { input: document.usage.prompt_tokens, output: document.usage.completion_tokens };
    const choice = document.choices?.[0];
    if (!choice) continue;
    if (choice.finish_reason) outcome.finish = kFinish[choice.finish_reason];
    outcome.text += choice.text ?? '';
  }
  return outcome;
}
// Neither tools nor pictures, no schema, and no place for what was thought.
completions.only = ['text', 'temperature', 'stop', 'usage', 'refusal', 'failure', 'cut', 'abort'];
