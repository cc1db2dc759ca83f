// Accounts by the hundred: one login of the simulated provider, under as many identities.

/** A document of `count` accounts, each with a token of its own that the provider does not know. */
export async function manyAccounts(sim, count) {
  const { token } = await sim.createAccount({ label: 'model' });
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url'));
  const accounts = Array.from({ length: count }, (_, i) => {
    const text = JSON.stringify(claims).replaceAll(claims['https://api.openai.com/auth'].chatgpt_account_id, `acct-${i}`);
    return { token: [header, Buffer.from(text).toString('base64url'), signature].join('.'), label: `account ${i}` };
  });
  return { accounts };
}
