// npm's openid-client against a departments' API.
//   oauth.mjs key ALG PRIVATE.jwk PUBLIC.jwk NODE_FOLDER    draws a client's key
//   oauth.mjs whoami ALG PRIVATE.jwk ISSUER CLIENT SCOPE NODE_FOLDER
// Gets its metadata, then a token by private_key_jwt with DPoP, and prints what /v1/whoami says.
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
const [mode, alg, privateKey, ...rest] = process.argv.slice(2);
const require = createRequire(`${rest.at(-1)}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const jose = await load("jose");

if (mode === "key") {
  const pair = await jose.generateKeyPair(alg, { extractable: true, modulusLength: 2048 });
  writeFileSync(privateKey, JSON.stringify(await jose.exportJWK(pair.privateKey)));
  writeFileSync(rest[0], JSON.stringify(await jose.exportJWK(pair.publicKey)));
} else {
  const client = await load("openid-client");
  const [issuer, name, scope] = rest;
  const key = await jose.importJWK(JSON.parse(readFileSync(privateKey, "utf8")), alg);
  // Plain HTTP is for the loopback addresses of tests alone.
  const options = { algorithm: "oauth2", execute: [client.allowInsecureRequests] };
  const config = await client.discovery(new URL(issuer), name, undefined, client.PrivateKeyJwt(key), options);
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair(alg));
  const tokens = await client.clientCredentialsGrant(config, { scope }, { DPoP });
  if (tokens.token_type !== "dpop") throw new Error(`a token of the type ${tokens.token_type}`);
  const url = new URL(`${issuer}/v1/whoami?asked=twice`);
  // Two proofs, each with a jti of its own.
  for (let count = 0; count < 2; count += 1) {
    const answer = await client.fetchProtectedResource(config, tokens.access_token, url, "GET", null, undefined, { DPoP });
    if (answer.status !== 200) throw new Error(`HTTP ${answer.status} ${await answer.text()}`);
    if (count === 1) process.stdout.write(await answer.text());
  }
}
