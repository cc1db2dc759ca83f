// Reflection, health and channelz, answered by every process to a client that knows nothing of ours.
import assert from 'node:assert/strict';
import path from 'node:path';
import protobuf from 'protobufjs';
import { RawGrpc, loadContracts, methodsOf } from '../support/contracts.mjs';
import { environmentOf } from '../support/program.mjs';
import { suite } from '../support/suite.mjs';

// As much of the public contracts as this test asks (grpc/grpc-proto).
const kReflection = (version) => `
  package grpc.reflection.${version};
  service ServerReflection { rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse); }
  message ServerReflectionRequest { string host = 1; oneof message_request { string file_by_filename = 3; string file_containing_symbol = 4; string list_services = 7; } }
  message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
  message ServiceResponse { string name = 1; }
  message ListServiceResponse { repeated ServiceResponse service = 1; }
  message ErrorResponse { int32 error_code = 1; string error_message = 2; }
  message ServerReflectionResponse { string valid_host = 1; oneof message_response { FileDescriptorResponse file_descriptor_response = 4; ListServiceResponse list_services_response = 6; ErrorResponse error_response = 7; } }`;
const kHealth = `
  package grpc.health.v1;
  message HealthCheckRequest { string service = 1; }
  message HealthCheckResponse { enum ServingStatus { UNKNOWN = 0; SERVING = 1; NOT_SERVING = 2; SERVICE_UNKNOWN = 3; } ServingStatus status = 1; }
  service Health { rpc Check(HealthCheckRequest) returns (HealthCheckResponse); rpc Watch(HealthCheckRequest) returns (stream HealthCheckResponse); }`;
const kChannelz = `
  package grpc.channelz.v1;
  message GetServersRequest { int64 start_server_id = 1; int64 max_results = 2; }
  message ServerRef { int64 server_id = 5; string name = 6; }
  message ServerData { int64 calls_started = 2; int64 calls_succeeded = 3; int64 calls_failed = 4; }
  message Server { ServerRef ref = 1; ServerData data = 2; }
  message GetServersResponse { repeated Server server = 1; bool end = 2; }
  message GetTopChannelsRequest { int64 start_channel_id = 1; int64 max_results = 2; }
  message ChannelRef { int64 channel_id = 1; string name = 2; }
  message ChannelData { string target = 2; int64 calls_started = 4; }
  message Channel { ChannelRef ref = 1; ChannelData data = 2; }
  message GetTopChannelsResponse { repeated Channel channel = 1; bool end = 2; }
  service Channelz { rpc GetServers(GetServersRequest) returns (GetServersResponse); rpc GetTopChannels(GetTopChannelsRequest) returns (GetTopChannelsResponse); }`;

function method(source, name) {
  const { root } = protobuf.parse(`syntax = "proto3"; ${source}`, { keepCase: true });
  return methodsOf(root, 'grpc').find((each) => each.name === name);
}

const kProcesses = {
  admin: ['patchbay.admin.v1.Admin', 'patchbay.accounts.v1.AccountAdmin'],
  supervisor: ['patchbay.worker.v1.Supervision'],
  accounts: ['patchbay.accounts.v1.Leasing', 'patchbay.accounts.v1.Credentials', 'patchbay.accounts.v1.ClientKeys', 'patchbay.accounts.v1.AccountAdmin', 'patchbay.accounts.v1.Models'],
  upstream: ['patchbay.upstream.v1.Upstream'],
  frontend: ['patchbay.gateway.v1.Gateway'],
  ollama: [],
};
const kCommon = ['grpc.health.v1.Health', 'grpc.channelz.v1.Channelz'];

suite('introspection', { accounts: 1 }, (test) => {
  for (const [socket, services] of Object.entries(kProcesses)) {
    const open = (gateway) => new RawGrpc(path.join(gateway.runtimeDir, `${socket}.sock`));

    test(`${socket} is healthy`, async ({ gateway }) => {
      const client = open(gateway);
      const check = method(kHealth, 'Check');
      const { code, replies } = await client.call(check, [{ service: '' }]);
      assert.equal(code, 'OK');
      assert.equal(replies[0].status, 'SERVING');
      for (const service of services) assert.equal((await client.call(check, [{ service }])).replies[0]?.status, 'SERVING', service);
      assert.equal((await client.call(check, [{ service: 'nothing' }])).code, 'NOT_FOUND');
      const watched = await client.call(method(kHealth, 'Watch'), [{ service: '' }], { enough: 1 });
      assert.equal(watched.replies[0].status, 'SERVING');
      client.close();
    });

    for (const version of ['v1', 'v1alpha']) {
      test(`${socket} describes itself through reflection ${version}`, async ({ gateway }) => {
        const client = open(gateway);
        const info = method(kReflection(version), 'ServerReflectionInfo');
        const ask = async (question) => (await client.call(info, [question], { enough: 1 })).replies[0];
        const listed = (await ask({ list_services: '*' })).list_services_response.service.map((each) => each.name);
        for (const service of [...services, ...kCommon]) assert.ok(listed.includes(service), `${service} is not listed: ${listed}`);
        for (const symbol of [...services, 'grpc.health.v1.Health']) {
          const files = (await ask({ file_containing_symbol: symbol })).file_descriptor_response?.file_descriptor_proto;
          assert.ok(files?.length >= 1, symbol);
          assert.ok(Buffer.concat(files).includes(symbol.split('.').at(-1)), symbol);
        }
        assert.ok((await ask({ file_containing_symbol: 'no.such.Thing' })).error_response);
        client.close();
      });
    }

    test(`${socket} answers channelz`, async ({ gateway }) => {
      const client = open(gateway);
      const { code, replies } = await client.call(method(kChannelz, 'GetServers'), [{}]);
      assert.equal(code, 'OK');
      assert.ok(replies[0].server.length >= 1);
      assert.equal((await client.call(method(kChannelz, 'GetTopChannels'), [{}])).code, 'OK');
      client.close();
    });
  }

  test('a whole client can be made from reflection alone, as grpcurl does', async ({ gateway }) => {
    const client = new RawGrpc(path.join(gateway.runtimeDir, 'admin.sock'));
    const info = method(kReflection('v1alpha'), 'ServerReflectionInfo');
    const seen = new Set();
    const wanted = ['patchbay/admin/v1/admin.proto'];
    while (wanted.length > 0) {
      const name = wanted.pop();
      if (seen.has(name)) continue;
      seen.add(name);
      const { replies } = await client.call(info, [{ file_by_filename: name }], { enough: 1 });
      const files = replies[0].file_descriptor_response?.file_descriptor_proto;
      assert.ok(files?.length >= 1, `${name}: ${JSON.stringify(replies[0].error_response)}`);
      for (const match of Buffer.concat(files).toString('latin1').matchAll(/google\/protobuf\/\w+\.proto/g)) wanted.push(match[0]);
    }
    assert.ok(seen.has('google/protobuf/timestamp.proto'));
    client.close();
  });

  test('diagnostics show no secret', async ({ gateway }) => {
    const real = environmentOf(await gateway.workerPid('upstream')).PATCHBAY_ROLE_TOKEN;
    gateway.secrets.add(real);
    const client = new RawGrpc(path.join(gateway.runtimeDir, 'upstream.sock'));
    const { replies } = await client.call(method(kChannelz, 'GetTopChannels'), [{}]);
    assert.ok(!JSON.stringify(replies).includes(real));
    client.close();
  });

  test('the contracts load in a third-party client', () => {
    assert.ok(methodsOf(loadContracts()).length > 20);
  });
});
