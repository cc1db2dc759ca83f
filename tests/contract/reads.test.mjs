// What an operator may call and what of it changes nothing: by that, changes stand in the audit trail (docs/events.md).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadContracts, methodsOf } from '../support/contracts.mjs';

const kOperators = ['patchbay.admin.v1.Admin', 'patchbay.accounts.v1.AccountAdmin', 'patchbay.accounts.v1.Models', 'patchbay.gateway.v1.Recorder'];
const kLooks = /^(Explain|Get|List|Next|Resolve|Tail|Try|Watch)/;

test('an RPC that only looks says that it has no side effects, and no other does', () => {
  const contracts = loadContracts();
  let looks = 0;
  for (const { service, name } of methodsOf(contracts)) {
    if (!kOperators.includes(service)) continue;
    const { options } = contracts.lookupService(service).methods[name];
    const says = options?.idempotency_level === 'NO_SIDE_EFFECTS';
    assert.equal(says, kLooks.test(name), `${service}.${name}: a look has \`option idempotency_level = NO_SIDE_EFFECTS;\``);
    looks += says ? 1 : 0;
  }
  assert.ok(looks > 15);
});
