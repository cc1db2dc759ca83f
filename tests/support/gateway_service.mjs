// The gateway's gRPC service as a program uses it: a client that shares no code with ours but the contract.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import grpc from '@grpc/grpc-js';
import { loadContracts, methodsOf } from './contracts.mjs';
import { bound } from './wait.mjs';

const kService = 'patchbay.gateway.v1.Gateway';
// The gateway's own certificate is for this name alone.
const kGatewayName = 'gateway.patchbay.internal';

export class GatewayService {
  static #methods;

  constructor(address, credentials, options = {}) {
    GatewayService.#methods ??= methodsOf(loadContracts()).filter(({ service }) => service === kService);
    this.client = new grpc.Client(address, credentials, { 'grpc.enable_http_proxy': 0, 'grpc.use_local_subchannel_pool': 1, ...options });
  }

  /** On the Unix socket, without a role. */
  static local(gateway) {
    return new GatewayService(`unix:${path.join(gateway.runtimeDir, 'frontend.sock')}`, grpc.credentials.createInsecure());
  }

  /** Over mutual TLS; files {ca, certificate, key}, the last two optional. */
  static remote(address, { ca, certificate, key }) {
    const read = (file) => (file ? readFileSync(file) : null);
    const credentials = grpc.credentials.createSsl(read(ca), read(key), read(certificate));
    return new GatewayService(address, credentials, { 'grpc.ssl_target_name_override': kGatewayName, 'grpc.default_authority': kGatewayName });
  }

  close() {
    this.client.close();
  }

  /** {code, details, replies, trailers}; never rejects. With `leaveAfter` it is cancelled when so many replies have come. */
  call(name, message, { key, header = 'authorization', ms = 15_000, leaveAfter = Infinity, onReply } = {}) {
    const method = GatewayService.#methods.find((each) => each.name === name);
    const { path: route, requestSerialize, responseDeserialize } = method.definition;
    const metadata = new grpc.Metadata();
    if (key !== undefined) metadata.set(header, header === 'authorization' ? `Bearer ${key}` : key);
    const call = this.client.makeServerStreamRequest(route, requestSerialize, responseDeserialize, message, metadata, {
      deadline: Date.now() + bound(ms),
    });
    const replies = [];
    return new Promise((resolve) => {
      call.on('data', (reply) => {
        replies.push(reply);
        onReply?.(reply);
        if (replies.length >= leaveAfter) call.cancel();
      });
      call.on('error', () => {}); // the status tells it too
      call.on('status', ({ code, details, metadata: trailers }) => resolve({ code: grpc.status[code], details, replies, trailers: trailers.getMap() }));
    });
  }
}
