// Google Gemini.
import { pixelPng } from '../bodies.mjs';
import { ask } from './ask.mjs';

const kFinish = { STOP: 'stop', MAX_TOKENS: 'length', SAFETY: 'refusal', PROHIBITED_CONTENT: 'refusal', BLOCKLIST: 'refusal' };

function contentsOf(turns) {
  return turns.map((turn) => {
    if (turn.said) return turn.said.echo;
    if (turn.results) return { role: 'user', parts: turn.results.map(({ id, name, output }) => ({ functionResponse: { id, name, response: { output } } })) };
    return { role: 'user', parts: [{ text: turn.user }, ...(turn.image ? [{ inlineData: { mimeType: 'image/png', data: pixelPng } }] : [])] };
  });
}

export async function gemini({ client }, { model, system, turns, tools, schema, stop, reasoning, maxTokens, toolChoice, temperature, whole, leave }) {
  const config = {
    ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }),
    ...(stop && { stopSequences: stop }),
    ...(maxTokens && { maxOutputTokens: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(reasoning && { thinkingConfig: { includeThoughts: true } }),
  };
  const body = {
    contents: contentsOf(turns),
    ...(system && { systemInstruction: { parts: [{ text: system }] } }),
    ...(tools && { tools: [{ functionDeclarations: tools.map(({ name, parameters }) => ({ name, parametersJsonSchema: parameters })) }] }),
    ...(toolChoice && { toolConfig: { functionCallingConfig: { mode: toolChoice === 'required' ? 'ANY' : 'AUTO' } } }),
    ...(Object.keys(config).length > 0 && { generationConfig: config }),
  };
  const failureOf = (document) => {
    const { error } = Array.isArray(document) ? document[0] : document;
    return { code: error.status, message: error.message };
  };
  const path = `/v1beta/models/${model}:${whole ? 'generateContent' : 'streamGenerateContent?alt=sse'}`;
  const headers = { 'x-goog-api-key': client.key, authorization: undefined };
  const { outcome, documents } = await ask(client, path, body, { headers, whole, leave, failureOf });
  const parts = [];
  for (const document of documents) {
    if (document.error) outcome.failure = { status: 200, ...failureOf(document) };
    if (document.promptFeedback?.blockReason) outcome.finish = 'refusal';
    const usage = document.usageMetadata;
    if (usage?.candidatesTokenCount !== undefined) outcome.usage = { input: usage.promptTokenCount, output: usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0) };
    const candidate = document.candidates?.[0];
    if (!candidate) continue;
    parts.push(...(candidate.content?.parts ?? []));
    if (candidate.finishReason) outcome.finish = kFinish[candidate.finishReason];
  }
  const said = (thought) => parts.filter((part) => part.text && Boolean(part.thought) === thought).map((part) => part.text).join('');
  outcome.text = said(false);
  outcome.thought = said(true);
  outcome.calls = parts.filter((part) => part.functionCall).map(({ functionCall: { id, name, args } }) => ({ id, name, input: args }));
  // The protocol has no finish of its own for calls.
  if (outcome.finish === 'stop' && outcome.calls.length > 0) outcome.finish = 'tools';
  outcome.echo = { role: 'model', parts };
  return outcome;
}
