// What is measured, one beside the other: each target is an address, a request and the processes whose CPU and memory
// it costs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startGateway } from '../../tests/support/gateway.mjs';
import { Program, binary, run } from '../../tests/support/program.mjs';
import { eventually } from '../../tests/support/wait.mjs';
import net from 'node:net';

export const kModel = 'gpt-5.5';

/** A Responses body as the backend wants it. */
const codexBody = (text) => JSON.stringify({
  model: kModel, instructions: 'You are a helpful assistant.',
  input: [{ type: 'message', role: 'user', content: [{ type: 'input_text', text }] }],
  tools: [], tool_choice: 'auto', parallel_tool_calls: true, store: false, stream: true, include: ['reasoning.encrypted_content'],
});
/** What patchbay is asked, in each client dialect: the same question, and what precedes a delta's text in the answer. */
const kDialects = {
  patchbay: {
    path: '/v1/chat/completions', needle: '"content":"',
    body: (text) => JSON.stringify({
      model: kModel, stream: true, stream_options: { include_usage: true },
      messages: [{ role: 'system', content: 'You are a helpful assistant.' }, { role: 'user', content: text }],
    }),
  },
  responses: { path: '/v1/responses', needle: '"delta":"', body: codexBody },
  anthropic: {
    path: '/v1/messages', needle: '"text":"',
    body: (text) => JSON.stringify({
      model: kModel, stream: true, max_tokens: 4096, system: 'You are a helpful assistant.', messages: [{ role: 'user', content: text }],
    }),
  },
  gemini: {
    path: `/v1beta/models/${kModel}:streamGenerateContent?alt=sse`, needle: '"text":"',
    body: (text) => JSON.stringify({
      systemInstruction: { parts: [{ text: 'You are a helpful assistant.' }] }, contents: [{ role: 'user', parts: [{ text }] }],
    }),
  },
};

/** The same question to the bridge, whose answer comes as lines of JSON. */
const kOllama = {
  path: '/api/chat', needle: '"content":"', headers: [],
  body: (text) => JSON.stringify({
    model: kModel, messages: [{ role: 'system', content: 'You are a helpful assistant.' }, { role: 'user', content: text }],
  }),
};

async function freePort() {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

// As an operator would write it for streams: no buffering, connections to the provider kept and reused, every core used.
function nginxConfiguration(directory, port, upstream) {
  const tls = upstream.protocol === 'https:'
    ? `proxy_ssl_trusted_certificate ${upstream.caFile}; proxy_ssl_verify on; proxy_ssl_name localhost; proxy_ssl_session_reuse on;` : '';
  return `
daemon off; worker_processes auto; pid ${directory}/nginx.pid; error_log ${directory}/error.log error; worker_rlimit_nofile 20000;
events { worker_connections 8000; }
http {
  access_log off; keepalive_requests 10000000; keepalive_timeout 120s; client_max_body_size 64m; client_body_buffer_size 1m;
  client_body_temp_path ${directory}/body; proxy_temp_path ${directory}/proxy; fastcgi_temp_path ${directory}/f; uwsgi_temp_path ${directory}/u; scgi_temp_path ${directory}/s;
  upstream next { server ${upstream.host}; keepalive 1200; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass ${upstream.protocol}//next; ${tls}
      proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;
      proxy_buffering off; proxy_request_buffering off; proxy_read_timeout 300s;
    }
  }
}`;
}

async function startNginx(root, name, upstream) {
  const directory = path.join(root, name);
  mkdirSync(directory, { recursive: true });
  const port = await freePort();
  const file = path.join(directory, 'nginx.conf');
  writeFileSync(file, nginxConfiguration(directory, port, upstream));
  const program = new Program('/usr/sbin/nginx', ['-c', file, '-e', path.join(directory, 'start.log'), '-p', directory]);
  await eventually('nginx to listen', () => new Promise((resolve, reject) => {
    if (!program.running) reject(new Error(program.output));
    const socket = net.connect(port, '127.0.0.1', () => (socket.destroy(), resolve(true)));
    socket.on('error', reject);
  }));
  return { port, program };
}

function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);
}

// The whole gateway, with its log in a file as an operator's service manager would keep it; here the suites' pipe would be
// read, at the same cores' cost, by the benchmark itself.
async function startPatchbay(sim, root, name, level, binaries) {
  const log = path.join(root, `${name}.log`);
  const gateway = await startGateway({
    sim, accounts: 1, binaries, wrapper: ['/bin/sh', '-c', 'log=$1; shift; exec "$@" >>"$log" 2>&1', 'sh', log],
    config: { log: { level }, accounts: { slots_per_account: 8000 }, frontend: { limits: { connections: 8000 } }, upstream: { idle_connections_per_account: 1200 } },
  });
  const workers = Object.fromEntries((await gateway.status()).workers.map((worker) => [worker.name, [Number(worker.pid)]]));
  const processes = () => ({ frontend: workers.frontend, accounts: workers.accounts, upstream: workers.upstream, supervisor: [gateway.program.pid] });
  return { gateway, processes, bridge: workers.ollama };
}

/** Starts what is wanted. Resolves with {targets, stop}. */
export async function startTargets(sim, root, { wanted = (name) => true, level = 'info', baseline = null }) {
  const hasNginx = ['nginx_tls', 'nginx_two_hops', 'nginx_plain'].some(wanted) && (await run('/usr/sbin/nginx', ['-v'])).code === 0;
  const account = await sim.createAccount({ label: 'bench' });
  const codexHeaders = [
    `Authorization: Bearer ${account.token}`, `ChatGPT-Account-ID: ${account.id}`, 'originator: codex_cli_rs',
    'User-Agent: codex_cli_rs/0.171.0 (Debian 12.0.0; x86_64) xterm-256color', 'version: 0.171.0', 'Accept-Encoding: zstd,gzip', 'session-id: 0198c0de-0000-7000-8000-000000000001',
    'Accept: text/event-stream',
  ];
  const base = new URL(sim.baseUrl);
  const responses = `${base.pathname}/responses`;
  const codex = { path: responses, headers: codexHeaders, body: codexBody, needle: '"delta":"' };
  const targets = { direct: { ...codex, port: Number(new URL(sim.plainBaseUrl).port), processes: () => ({}) } };
  const stops = [];
  const stop = async () => { for (const each of stops.reverse()) await each(); };
  if (hasNginx) {
    const start = async (name, upstream) => {
      const nginx = await startNginx(root, name, upstream);
      stops.push(() => nginx.program.stop({ signal: 'SIGQUIT' }));
      return nginx;
    };
    const pids = (...programs) => () => ({ nginx: programs.flatMap(({ program }) => [program.pid, ...childrenOf(program.pid)]) });
    // What stands beside patchbay: plain in, TLS to the provider.
    const one = await start('nginx_tls', { protocol: 'https:', host: base.host, caFile: sim.caFile });
    targets.nginx_tls = { ...codex, port: one.port, processes: pids(one) };
    if (wanted('nginx_two_hops')) {
      const two = await start('nginx_two_hops', { protocol: 'http:', host: `127.0.0.1:${one.port}` });
      targets.nginx_two_hops = { ...codex, port: two.port, processes: pids(one, two) };
    }
    if (wanted('nginx_plain')) {
      const plain = await start('nginx_plain', { protocol: 'http:', host: new URL(sim.plainBaseUrl).host });
      targets.nginx_plain = { ...codex, port: plain.port, processes: pids(plain) };
    }
  }
  if (![...Object.keys(kDialects), 'ollama'].some(wanted)) return { targets, stop };
  const { gateway, processes, bridge } = await startPatchbay(sim, root, 'patchbay', level, binary);
  for (const [name, dialect] of Object.entries(kDialects)) {
    targets[name] = { ...dialect, headers: [`Authorization: Bearer ${gateway.key}`], port: gateway.port, processes };
  }
  targets.ollama = { ...kOllama, port: gateway.ollamaPort, processes: () => ({ ...processes(), ollama: bridge }) };
  stops.push(() => gateway.stop());
  if (baseline) {
    const other = await startPatchbay(sim, root, 'baseline', level, (name) => binary(name, path.resolve(baseline)));
    targets.baseline = { ...kDialects.patchbay, headers: [`Authorization: Bearer ${other.gateway.key}`], port: other.gateway.port, processes: other.processes };
    stops.push(() => other.gateway.stop());
  }
  return { targets, stop };
}
