// A change of a contract shows up in review as a change of snapshot.txt. UPDATE_SNAPSHOT=1 writes it anew.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { loadContracts, methodsOf } from '../support/contracts.mjs';

const kSnapshot = path.join(path.dirname(fileURLToPath(import.meta.url)), 'snapshot.txt');
const contracts = loadContracts();

const named = (type) => type.fullName.replace(/^\./, '');

function optionsOf(field) {
  const ours = Object.entries(field.options ?? {}).filter(([name]) => name.startsWith('(') || name === 'deprecated');
  return ours.length === 0 ? '' : ` [${ours.map(([name, value]) => `${name} = ${JSON.stringify(value)}`).join(', ')}]`;
}

function lineOf(field) {
  const type = field.resolvedType ? named(field.resolvedType) : field.type;
  const shape = field.map ? `map<${field.keyType}, ${type}>` : `${field.repeated ? 'repeated ' : field.options?.proto3_optional ? 'optional ' : ''}${type}`;
  const group = field.partOf && !field.options?.proto3_optional ? ` oneof ${field.partOf.name}` : '';
  return `  ${field.id} ${field.name} ${shape}${group}${optionsOf(field)}`;
}

function* describe(namespace) {
  for (const entry of [...namespace.nestedArray].sort((a, b) => (a.fullName < b.fullName ? -1 : 1))) {
    if (entry instanceof protobuf.Type) {
      yield `message ${named(entry)}`;
      yield* entry.fieldsArray.sort((a, b) => a.id - b.id).map(lineOf);
    } else if (entry instanceof protobuf.Enum) {
      yield `enum ${named(entry)}`;
      for (const [name, value] of Object.entries(entry.values)) yield `  ${value} ${name}`;
    } else if (entry instanceof protobuf.Service) {
      yield `service ${named(entry)}`;
      for (const method of entry.methodsArray) {
        const side = (streams, type) => `${streams ? 'stream ' : ''}${named(type)}`;
        yield `  ${method.name}(${side(method.requestStream, method.resolvedRequestType)}) ${side(method.responseStream, method.resolvedResponseType)}`;
      }
    }
    if (entry.nestedArray) yield* describe(entry);
  }
}

test('the contracts are what snapshot.txt says', () => {
  const text = `${[...describe(contracts.lookup('patchbay'))].join('\n')}\n`;
  if (process.env.UPDATE_SNAPSHOT || !existsSync(kSnapshot)) writeFileSync(kSnapshot, text);
  assert.equal(text, readFileSync(kSnapshot, 'utf8'), 'run with UPDATE_SNAPSHOT=1 and review the diff');
});

test('every RPC has a request and a reply of its own, and says who may call it', () => {
  const seen = new Map();
  for (const { service, name } of methodsOf(contracts)) {
    const method = contracts.lookupService(service).methods[name];
    for (const type of [method.resolvedRequestType, method.resolvedResponseType]) {
      const user = seen.get(type);
      // A watch may repeat the message of the read beside it, and an exchange has the same in both directions; nothing else is
      // shared.
      const exchange = user === name && method.requestStream && method.responseStream;
      assert.ok(!user || exchange || /^Watch/.test(name) || /^Watch/.test(user), `${named(type)} serves both ${user} and ${name}`);
      seen.set(type, name);
    }
  }
});

test('every enum has an _UNSPECIFIED zero, and times are never bare integers', () => {
  const visit = (namespace) => {
    for (const entry of namespace.nestedArray ?? []) {
      if (entry instanceof protobuf.Enum) assert.match(entry.valuesById[0] ?? '', /_UNSPECIFIED$/, entry.fullName);
      for (const field of entry.fieldsArray ?? []) {
        assert.ok(!(/(_ms|_seconds|_timeout|_at|_after)$/.test(field.name) && /int|float|double/.test(field.type)) || field.name === 'cpu_seconds', field.fullName);
      }
      visit(entry);
    }
  };
  visit(contracts.lookup('patchbay'));
});
