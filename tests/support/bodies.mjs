// Request bodies for the simulated provider: the last user message may carry a marker that chooses what it does.

/** "[[sim:stall after=3]] " + text */
export function marked(scenario, params = {}, text = 'hello') {
  const words = Object.entries(params).map(([key, value]) => ` ${key}=${/\s/.test(String(value)) ? `"${value}"` : value}`);
  return `[[sim:${scenario}${words.join('')}]] ${text}`;
}

export const kModel = 'gpt-5.5';

export function chat(text, extra = {}) {
  return { model: kModel, messages: [{ role: 'user', content: text }], ...extra };
}

export function chatStream(text, extra = {}) {
  return chat(text, { stream: true, stream_options: { include_usage: true }, ...extra });
}

export function responses(text, extra = {}) {
  return {
    model: kModel,
    instructions: 'Be brief.',
    input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
    stream: true,
    store: false,
    ...extra,
  };
}

/** The text that `seq=1 events=N` makes: "0 1 2 … ". */
export function sequence(count) {
  return Array.from({ length: count }, (_, i) => `${i} `).join('');
}

export const weatherTool = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'The weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false },
  },
};

// One red pixel.
export const pixelPng = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
