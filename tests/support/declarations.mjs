// What the official SDKs say of their types, read out of their .d.ts files.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { repository } from './program.mjs';

/** The members of an interface or class: [{member, optional}]; those of the interfaces that it extends are not among them. */
export function membersOf(file, name) {
  const text = readFileSync(path.join(repository, 'tests/node_modules', file), 'utf8').replaceAll('\r', '');
  const declared = new RegExp(`^export (?:declare )?(?:interface|class) ${name}(?: extends [\\w, ]+)? \\{\\n(.*?)^\\}`, 'ms').exec(text);
  assert.ok(declared, `${file} has no interface ${name}`);
  return [...declared[1].matchAll(/^ {4}(\w+)(\??):/gm)].map(([, member, mark]) => ({ member, optional: mark !== '' }));
}

/** Asserts that the object has every member that is not optional. */
export function assertHasMembers(object, file, name) {
  const missing = membersOf(file, name).filter(({ member, optional }) => !optional && !(member in object));
  assert.deepEqual(missing.map(({ member }) => member), [], `a ${name} without`);
}
