// One question by each protocol, as a key's holder asks it, and where each protocol says what is wrong.
import { chat, kModel, responses } from './bodies.mjs';

const kOutput = 50; // tokens at most, so that little is reserved of a key's budget

export const doors = {
  openai_chat: {
    path: () => '/v1/chat/completions',
    body: (text, model) => chat(text, { model, max_tokens: kOutput }),
    error: ({ error }) => ({ type: error.type, code: error.code, message: error.message }),
    terms: { type: 'permission_error' },
    rate: { code: 'rate_limit_exceeded' },
    budget: { type: 'insufficient_quota', code: 'insufficient_quota' },
  },
  openai_responses: {
    path: () => '/v1/responses',
    body: (text, model) => responses(text, { model, stream: false, max_output_tokens: kOutput }),
    error: ({ error }) => ({ type: error.type, code: error.code, message: error.message }),
    terms: { type: 'permission_error' },
    rate: { code: 'rate_limit_exceeded' },
    budget: { type: 'usage_limit_reached', code: 'insufficient_quota' },
  },
  anthropic: {
    path: () => '/v1/messages',
    body: (text, model) => ({ model, max_tokens: kOutput, messages: [{ role: 'user', content: text }] }),
    error: ({ error }) => ({ type: error.type, message: error.message }),
    terms: { type: 'permission_error' },
    rate: { type: 'rate_limit_error' },
    budget: { type: 'rate_limit_error' },
  },
  gemini: {
    path: (model) => `/v1beta/models/${model}:generateContent`,
    body: (text) => ({ contents: [{ role: 'user', parts: [{ text }] }], generationConfig: { maxOutputTokens: kOutput } }),
    error: ({ error }) => ({ type: error.status, code: error.details[0].reason, message: error.message }),
    terms: { type: 'PERMISSION_DENIED' },
    rate: { type: 'RESOURCE_EXHAUSTED', code: 'RATE_LIMIT_EXCEEDED' },
    budget: { type: 'RESOURCE_EXHAUSTED', code: 'QUOTA_EXHAUSTED' },
  },
};

/** Resolves with the answer. */
export const knock = (client, door, text = 'hello', { model = kModel, ...options } = {}) =>
  client.post(doors[door].path(model), doors[door].body(text, model), options);

/** What the answer says is wrong, cut to what `expected` speaks of, to be compared with it. */
export function saidBy(door, answer, expected) {
  const said = doors[door].error(answer.json());
  return Object.fromEntries(Object.keys(expected).map((name) => [name, said[name]]));
}
