// What all of them share: the request, and its answer whole or event by event.

const listed = (value) => (value ? value.split(',').map((each) => each.trim()).filter(Boolean) : []);

export function emptyOutcome() {
  return { status: 0, text: '', calls: [], thought: '', refusal: '', usage: undefined, finish: undefined, stopSequence: undefined, failure: undefined, cut: false, ignored: [], repaired: [], echo: undefined };
}

/** A tool's input as the model wrote it, parsed; what is no JSON stays text, so that a test shows it. */
export function inputOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Posts `body` and gives the answer's JSON documents: one when it is whole, else one for each event. `leave` ends the
 * stream after so many. {outcome, documents, events}; a refusal has its failure filled by failureOf(document).
 */
export async function ask(client, path, body, { headers, whole, leave, failureOf }) {
  const outcome = emptyOutcome();
  const note = (status, answered) => {
    outcome.status = status;
    outcome.ignored = listed(answered['x-patchbay-ignored']);
    outcome.repaired = listed(answered['x-patchbay-repaired']);
  };
  if (whole) {
    const answer = await client.post(path, body, { headers, allowCut: true });
    note(answer.status, answer.headers);
    const document = answer.json();
    if (answer.status >= 300) outcome.failure = { status: answer.status, ...failureOf(document) };
    return { outcome, documents: answer.status < 300 ? [document] : [], events: [] };
  }
  const stream = await client.stream(path, body, { headers });
  note(stream.status, stream.headers);
  if (stream.status >= 300) {
    await stream.all();
    const text = stream.body.toString();
    outcome.failure = { status: stream.status, ...failureOf(JSON.parse(text)) };
    return { outcome, documents: [], events: [] };
  }
  if (leave === undefined) {
    await stream.all();
  } else {
    while (stream.json.length < leave && (await stream.next()));
    stream.leave();
  }
  outcome.cut = stream.cut !== null;
  return { outcome, documents: stream.json, events: stream.data };
}
