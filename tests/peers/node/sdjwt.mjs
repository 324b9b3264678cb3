// npm's SD-JWT VC library on a credential and a status list: sdjwt.mjs CREDENTIAL ROOT.pem STATUS NODE_FOLDER
// The library leaves x5c to the caller: leaf by issuing CA by root, checked with Node's own X.509.
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { inflateSync } from "node:zlib";
const [credentialFile, rootFile, statusFile, folder] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { SDJwtVcInstance } = await import(require.resolve("@sd-jwt/sd-jwt-vc"));
const jose = await import(require.resolve("jose"));

const root = new X509Certificate(readFileSync(rootFile));
const headerOf = (token) => JSON.parse(Buffer.from(token.split(".")[0], "base64url"));
const keyOf = (token) => {
  const chain = headerOf(token).x5c.map((der) => new X509Certificate(Buffer.from(der, "base64")));
  [...chain, root].reduce((subject, issuer) => {
    if (!subject.checkIssued(issuer) || !subject.verify(issuer.publicKey)) throw new Error("x5c does not lead to the root");
    return issuer;
  });
  return chain[0].publicKey;
};

const token = readFileSync(credentialFile, "utf8").trim();
const key = keyOf(token);
const instance = new SDJwtVcInstance({
  hasher: (data) => createHash("sha256").update(typeof data === "string" ? data : Buffer.from(data)).digest(),
  hashAlg: "sha-256",
  verifier: async (data, signature) => {
    await jose.compactVerify(`${data}.${signature}`, key, { algorithms: ["ES256"] });
    return true;
  },
  statusListFetcher: async () => readFileSync(statusFile, "utf8").trim(),
  statusVerifier: async (data, signature) => {
    const list = readFileSync(statusFile, "utf8").trim();
    await jose.compactVerify(`${data}.${signature}`, keyOf(list), { algorithms: ["ES256"] });
    return true;
  },
  statusValidator: async (status) => { if (status !== 0) throw new Error(`status ${status}`); },
});
const { payload } = await instance.verify(token, {});
if (!payload.id || !payload.holder) throw new Error("claims are missing");

const list = JSON.parse(Buffer.from(readFileSync(statusFile, "utf8").split(".")[1], "base64url"));
const bits = inflateSync(Buffer.from(list.status_list.lst, "base64url"));
const { idx, uri } = payload.status.status_list;
if (list.sub !== uri || ((bits[idx >> 2] >> ((idx & 3) * 2)) & 3) !== 0) throw new Error("status");
console.log("npm sd-jwt-vc ok", payload.number);
