// Every field that an official SDK can send has a row in the table of its dialect's README. Whether the rows are true is
// tested where they are acted on, in tests/unit/workers/frontend/dialects.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { membersOf } from '../support/declarations.mjs';
import { repository } from '../support/program.mjs';

/** The first column of the table of fields. */
function rowsOf(dialect) {
  const table = /^\| field \|.*?\n\n/ms.exec(readFileSync(path.join(repository, `workers/frontend/dialects/${dialect}/README.md`), 'utf8'))[0];
  return new Set([...table.matchAll(/^\| `([^`]+)`/gm)].map((match) => match[1]));
}

const kOpenAi = 'openai/resources';
const kAnthropic = '@anthropic-ai/sdk/resources';
const kChat = `${kOpenAi}/chat/completions/completions.d.ts`;
const kMessages = `${kAnthropic}/messages/messages.d.ts`;
const kBetaMessages = `${kAnthropic}/beta/messages/messages.d.ts`;
const kGoogle = '@google/genai/dist/genai.d.ts';

// [dialect, file, interface, what stands before its members in the table]
const kInterfaces = [
  ['openai_chat', kChat, 'ChatCompletionCreateParamsBase', ''],
  ['openai_responses', `${kOpenAi}/responses/responses.d.ts`, 'ResponseCreateParamsBase', ''],
  ['openai_completions', `${kOpenAi}/completions.d.ts`, 'CompletionCreateParamsBase', ''],
  ['openai_images', `${kOpenAi}/images.d.ts`, 'ImageGenerateParamsBase', ''],
  ['openai_images', `${kOpenAi}/images.d.ts`, 'ImageEditParamsBase', ''],
  ['anthropic', kMessages, 'MessageCreateParamsBase', ''],
  ['anthropic', kBetaMessages, 'MessageCreateParamsBase', ''],
  ...['Assistant', 'Developer', 'Function', 'System', 'Tool', 'User'].map((role) => ['openai_chat', kChat, `ChatCompletion${role}MessageParam`, 'messages[].']),
  ...['Image', 'Refusal', 'Text'].map((part) => ['openai_chat', kChat, `ChatCompletionContentPart${part}`, 'messages[].content[].']),
  ['openai_chat', kChat, 'ChatCompletionStreamOptions', 'stream_options.'],
  ['openai_chat', `${kOpenAi}/shared.d.ts`, 'FunctionDefinition', 'tools[].function.'],
  ...['Document', 'Image', 'RedactedThinking', 'SearchResult', 'Text', 'Thinking', 'ToolResult', 'ToolUse'].map((block) => ['anthropic', kMessages, `${block}BlockParam`, 'messages[].content[].']),
  ...['BetaRequestToolAdditionBlock', 'BetaRequestToolRemovalBlock', 'BetaToolReferenceBlockParam'].map((block) => ['anthropic', kBetaMessages, block, 'messages[].content[].']),
  ['anthropic', kBetaMessages, 'BetaSystemMessageParam', 'messages[].'],
  ['anthropic', kBetaMessages, 'BetaTool', 'tools[].'],
  ['anthropic', kBetaMessages, 'BetaThinkingConfigAdaptive', 'thinking.'],
  ['anthropic', kMessages, 'OutputConfig', 'output_config.'],
  ['anthropic', kMessages, 'ThinkingConfigEnabled', 'thinking.'],
  ['anthropic', kMessages, 'Tool', 'tools[].'],
  ['gemini', kGoogle, 'GenerationConfig', 'generationConfig.'],
  ['gemini', kGoogle, 'ThinkingConfig', 'generationConfig.thinkingConfig.'],
  ['gemini', kGoogle, 'Part', 'contents[].parts[].'],
  ['gemini', kGoogle, 'FunctionCall', 'contents[].parts[].functionCall.'],
  ['gemini', kGoogle, 'FunctionResponse', 'contents[].parts[].functionResponse.'],
  ['gemini', kGoogle, 'Tool', 'tools[].'],
  ['gemini', kGoogle, 'FunctionDeclaration', 'tools[].functionDeclarations[].'],
  ['gemini', kGoogle, 'ToolConfig', 'toolConfig.'],
  ['gemini', kGoogle, 'FunctionCallingConfig', 'toolConfig.functionCallingConfig.'],
];

for (const [dialect, file, name, prefix] of kInterfaces) {
  test(`${dialect}: the README has a row for every member of ${name} in ${file}`, () => {
    // What an object is needs no row.
    const members = membersOf(file, name).map(({ member }) => member).filter((member) => member !== 'type' && member !== 'role');
    assert.ok(members.length > 0, `${name} has too few members to be true`);
    const rows = rowsOf(dialect);
    assert.deepEqual(members.filter((member) => !rows.has(prefix + member)), []);
  });
}
