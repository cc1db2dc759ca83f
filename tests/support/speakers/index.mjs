// One way to ask for every client protocol: a conversation in words of no protocol goes out in the client's own, and what
// comes back is told in the same words. For tests that compare what an answer means, whoever asked and whoever served.
//
// A conversation is a list of turns: {user, image} · {said: outcome} · {results: [{id, name, output}]}.
// A question is {turns, tools, schema, stop, reasoning, maxTokens, toolChoice, system, whole, signal}.
// An outcome is {status, text, calls: [{id, name, input}], thought, refusal, usage: {input, output}, finish, stopSequence,
// failure: {status, code, message}, cut, ignored, repaired, echo}; `finish` is stop, tools, length, refusal or undefined,
// `echo` what the client says of this turn in the next one.
import { chat } from './chat.mjs';
import { completions } from './completions.mjs';
import { gemini } from './gemini.mjs';
import { messages } from './messages.mjs';
import { responses, socket } from './responses.mjs';

export const speakers = { chat, 'responses over HTTP': responses, 'responses over a WebSocket': socket, messages, gemini, completions };
