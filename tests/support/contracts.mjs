// The contracts in proto/, loaded by a client that is not ours: for snapshots, and for calling what must be refused.
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { fromJSON } from '@grpc/proto-loader';
import { repository } from './program.mjs';
import { bound } from './wait.mjs';

const kProtoRoot = path.join(repository, 'proto');
const kGoogleRoots = ['/usr/include', path.join(repository, 'tests/node_modules/protobufjs')];
const kRoleKey = 'patchbay-role';

function protoFiles(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(directory, entry.name);
    return entry.isDirectory() ? protoFiles(file) : entry.name.endsWith('.proto') ? [file] : [];
  });
}

/** Every contract of ours as one protobufjs root, with options. */
export function loadContracts() {
  const root = new protobuf.Root();
  root.resolvePath = (origin, target) => {
    if (path.isAbsolute(target)) return target;
    return [kProtoRoot, ...kGoogleRoots].map((directory) => path.join(directory, target)).find(existsSync) ?? target;
  };
  root.loadSync(protoFiles(path.join(kProtoRoot, 'patchbay')), { keepCase: true });
  root.resolveAll();
  return root;
}

/** [{service, name, path, definition}] of every RPC in `root` under `namespace`. */
export function methodsOf(root, namespace = 'patchbay') {
  const definitions = fromJSON(root.toJSON(), { keepCase: true, longs: String, enums: String, defaults: true });
  return Object.entries(definitions)
    .filter(([service, definition]) => service.startsWith(`${namespace}.`) && !definition.format)
    .flatMap(([service, definition]) => Object.values(definition).map((method) => ({ service, name: method.path.split('/').at(-1), path: method.path, definition: method })));
}

/** A raw client of one Unix socket; call() resolves with {code, details, replies} and never rejects. */
export class RawGrpc {
  constructor(socket) {
    this.client = new grpc.Client(`unix:${socket}`, grpc.credentials.createInsecure(), { 'grpc.enable_http_proxy': 0 });
  }

  close() {
    this.client.close();
  }

  /**
   * Sends `messages` and reads until the call ends, `enough` replies came, or `ms` passed (then the code is CANCELLED,
   * which means that the server let the call in).
   */
  call(method, messages = [{}], { token, ms = 3000, enough = Infinity } = {}) {
    const { path: name, requestSerialize, responseDeserialize } = method.definition;
    const metadata = new grpc.Metadata();
    if (token !== undefined) metadata.set(kRoleKey, token);
    const call = this.client.makeBidiStreamRequest(name, requestSerialize, responseDeserialize, metadata);
    const replies = [];
    return new Promise((resolve) => {
      const timer = setTimeout(() => call.cancel(), bound(ms));
      const finish = (status) => {
        clearTimeout(timer);
        resolve({ code: grpc.status[status.code], details: status.details, replies });
      };
      call.on('data', (reply) => {
        replies.push(reply);
        if (replies.length >= enough) call.cancel();
      });
      call.on('error', () => {}); // the status tells it too
      call.on('status', finish);
      for (const message of messages) call.write(message);
      // A unary or server-streaming call is half-closed; one that streams requests stays open as a client's would.
      if (!method.definition.requestStream) call.end();
    });
  }
}
