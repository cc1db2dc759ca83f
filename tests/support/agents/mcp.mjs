// A server of MCP's stdio transport with one tool, for clients that bring tools of such servers.
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** The program's path; run by node it has the tool `tide`, whose answer is "High at noon in PORT". */
export function tideProgram(directory) {
  const program = path.join(directory, 'tides.mjs');
  writeFileSync(program, `
    import { createInterface } from 'node:readline';
    const answers = {
      initialize: ({ protocolVersion }) => ({ protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'tides', version: '1.0.0' } }),
      'tools/list': () => ({ tools: [{ name: 'tide', description: 'When the tide is high', inputSchema: { type: 'object', properties: { port: { type: 'string' } }, required: ['port'] } }] }),
      'tools/call': ({ arguments: { port } }) => ({ content: [{ type: 'text', text: 'High at noon in ' + port }] }),
    };
    for await (const line of createInterface({ input: process.stdin })) {
      const { id, method, params } = JSON.parse(line);
      if (id !== undefined) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method]?.(params) ?? {} }));
    }`);
  return program;
}
