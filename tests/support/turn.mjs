// What the suites ask of every command line client: an answer as it comes, and a whole agentic turn.
import assert from 'node:assert/strict';
import { Agent } from './agent.mjs';
import { marked, sequence } from './bodies.mjs';

/** body(agent) in a home of its own, which is removed in the end. */
export async function withAgent(name, body) {
  const agent = new Agent(name);
  try {
    return await body(agent);
  } finally {
    agent.remove();
  }
}

/** The JSON objects that a client printed, one a line. */
export function jsonLines(text) {
  return text.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

function assertEnded({ code, late, stdout, stderr }) {
  const said = `${stdout.slice(-4000)}\n${stderr.slice(-2000)}`;
  assert.ok(!late, `it did not end: ${said}`);
  assert.equal(code, 0, said);
}

/** run(prompt) prints an answer of twenty words; pieces(stdout) are the parts in which it came, or none when it does not say. */
export async function answers(run, pieces) {
  const result = await run(marked('text', { events: 20, seq: 1 }, 'say it'));
  assertEnded(result);
  const parts = pieces(result.stdout);
  assert.equal(parts.join('').trim(), sequence(20).trim(), result.stdout.slice(-4000));
  return parts;
}

/**
 * run(prompt) does a turn in which a command makes a file, an edit changes it, and an answer ends it. `shell` and `edit` are
 * the calls of the client's own tools for that, and `read` is the one that it demands before an edit. Only requests with
 * `offers` in them belong to the turn: clients ask for titles and the like besides.
 */
export async function doesAWholeTurn({ sim, agent, shell, read, edit, offers, run }) {
  const replies = [
    [{ reasoning: 'I make it first' }, { text: 'Let me see.' }, shell('echo one | tee a.txt')],
    ...(read ? [[read()]] : []),
    [{ reasoning: 'Now the other word' }, edit('one', 'two')],
    [{ text: 'It says two now.' }],
  ];
  await sim.script(...replies.map((output) => ({ body_has: offers, output })));
  const result = await run('make the file a.txt say two');
  assertEnded(result);
  assert.match(result.stdout, /It says two now\./);
  assert.equal(agent.read('work/a.txt'), 'two\n', result.stdout.slice(-4000));
  assert.equal(await sim.repliesWaiting(), 0);

  const turns = (await sim.requests()).filter((request) => JSON.stringify(request.body).includes(offers));
  assert.equal(new Set(turns.map((request) => request.account)).size, 1, 'one conversation, one account');
  const { calls, results } = callsIn(turns.at(-1).body);
  assert.equal(calls.length, replies.length - 1);
  assert.deepEqual(results.map((result) => result.id), calls.map((call) => call.id));
  assert.match(results[0].text, /one/);
}

/** What a request says of calls and their results, in the words of the Responses API or of Chat Completions. */
export function callsIn({ input, messages }) {
  const text = (value) => (typeof value === 'string' ? value : JSON.stringify(value));
  if (messages) {
    const calls = messages.flatMap((message) => message.tool_calls ?? []);
    return {
      calls: calls.map((call) => ({ id: call.id, name: call[call.type].name, input: call.function?.arguments ?? call.custom.input })),
      results: messages.filter((message) => message.role === 'tool').map((message) => ({ id: message.tool_call_id, text: text(message.content) })),
    };
  }
  const of = (suffix) => input.filter((item) => [`function_call${suffix}`, `custom_tool_call${suffix}`].includes(item.type));
  return {
    calls: of('').map((call) => ({ id: call.call_id, name: call.name, input: call.arguments ?? call.input })),
    results: of('_output').map((result) => ({ id: result.call_id, text: text(result.output) })),
  };
}
