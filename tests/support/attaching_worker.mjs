#!/usr/bin/env node
// A worker that is not ours, for `workers:` in a configuration: attaches, says ready, and prints every order as one JSON line
// `{"order": …}`. How it answers a new configuration is its argument: `apply` (the default), `refuse` or `silent`.
import path from 'node:path';
import grpc from '@grpc/grpc-js';
import { loadContracts, methodsOf } from './contracts.mjs';

const answer = process.argv[2] ?? 'apply';
const { PATCHBAY_SUPERVISOR, PATCHBAY_WORKER, PATCHBAY_GENERATION, PATCHBAY_ROLE_TOKEN } = process.env;

const attach = methodsOf(loadContracts()).find(({ path: name }) => name === '/patchbay.worker.v1.Supervision/Attach').definition;
const client = new grpc.Client(PATCHBAY_SUPERVISOR, grpc.credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
const metadata = new grpc.Metadata();
metadata.set('patchbay-role', PATCHBAY_ROLE_TOKEN);
const stream = client.makeBidiStreamRequest(attach.path, attach.requestSerialize, attach.responseDeserialize, metadata);

const leave = (code) => {
  client.close();
  process.exit(code);
};
stream.on('error', () => leave(75));
stream.on('end', () => leave(75));
process.on('SIGTERM', () => leave(0));

stream.write({ hello: { worker: PATCHBAY_WORKER, version: path.basename(process.argv[1]), api_versions: ['patchbay.worker.v1'], generation: PATCHBAY_GENERATION, pid: process.pid } });
let configured = false;
stream.on('data', (order) => {
  console.log(JSON.stringify({ order }));
  if (order.drain) {
    stream.end({ drained: {} });
    setImmediate(leave, 0);
  }
  if (!order.configuration) return;
  if (!configured) {
    configured = true;
    stream.write({ ready: {} });
  } else if (answer !== 'silent') {
    stream.write({ configuration_applied: { revision: order.configuration.revision, error: answer === 'refuse' ? 'it does not like it' : '' } });
  }
});
