// A provider of the operator's own: a list of models in OpenAI's form, an answer in the words of the Responses API, and
// embeddings that tell which input they are of. It remembers what it was asked.
import { createServer } from 'node:http';

function answerFor(model) {
  const response = (status, more) => ({ id: 'resp_1', object: 'response', status, model, output: [], ...more });
  const item = { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: 'tiny says hi', annotations: [] }] };
  return [
    { type: 'response.created', response: response('in_progress') },
    { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
    { type: 'response.output_text.delta', output_index: 0, content_index: 0, item_id: 'msg_1', delta: 'tiny says hi' },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: response('completed', { output: [item], usage: { input_tokens: 3, output_tokens: 4, total_tokens: 7 } }) },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** Numbers that a float holds: the input's place, its length, and a half. */
export const vectorOf = (input, index) => [index, input.length, 0.5];

/** A vector as base64 of its floats. */
export const packed = (vector) => Buffer.from(new Float32Array(vector).buffer).toString('base64');

function embeddingsFor({ model, input, encoding_format: format }, packs) {
  // A text, the tokens of one, or several of either.
  const inputs = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  const shown = (vector) => (packs && format === 'base64' ? packed(vector) : vector);
  const data = inputs.map((each, index) => ({ object: 'embedding', index, embedding: shown(vectorOf(each, index)) }));
  // Not in order: who reads them has to look at `index`.
  return { object: 'list', model, data: data.reverse(), usage: { prompt_tokens: 5, total_tokens: 5 } };
}

export class TinyProvider {
  models = [{ id: 'tiny-1', object: 'model', created: 1, context_length: 4096 }];
  requests = [];
  packs = false; // vectors in base64 for whoever asks for that; many hosts know nothing of it
  refuse = () => undefined; // of every call but the list: {status, body} where it is to be refused

  async start() {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (piece) => { body += piece; });
      request.on('end', () => {
        this.requests.push({ method: request.method, url: request.url, headers: request.headers, rawHeaders: request.rawHeaders, body });
        if (request.url.includes('/models')) {
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data: this.models }));
          return;
        }
        const refusal = this.refuse(request);
        if (refusal) {
          response.writeHead(refusal.status, { 'content-type': 'application/json' }).end(JSON.stringify(refusal.body));
        } else if (request.url.endsWith('/embeddings')) {
          response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(embeddingsFor(JSON.parse(body), this.packs)));
        } else {
          response.writeHead(200, { 'content-type': 'text/event-stream' }).end(answerFor(JSON.parse(body).model));
        }
      });
    });
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.baseUrl = `http://127.0.0.1:${this.server.address().port}/v1`;
    return this;
  }

  asked(path) {
    return this.requests.filter((request) => request.url.startsWith(`/v1${path}`));
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => { this.server.close(resolve); });
  }
}
