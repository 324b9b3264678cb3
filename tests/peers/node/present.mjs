// npm's SD-JWT library as a wallet: present.mjs CREDENTIAL PRIVATE.jwk NONCE AUD CLAIM OUT NODE_FOLDER
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
const [credential, privateKey, nonce, aud, claim, out, folder] = process.argv.slice(2);
const require = createRequire(`${folder}/`);
const { SDJwtVcInstance } = await import(require.resolve("@sd-jwt/sd-jwt-vc"));
const jose = await import(require.resolve("jose"));

const key = await jose.importJWK(JSON.parse(readFileSync(privateKey, "utf8")), "ES256");
const hasher = (data) => createHash("sha256").update(typeof data === "string" ? data : Buffer.from(data)).digest();
const instance = new SDJwtVcInstance({
  hasher,
  hashAlg: "sha-256",
  kbSignAlg: "ES256",
  // The library hands over the encoded header and payload, joined by a dot.
  kbSigner: async (data) => {
    const [head, payload] = data.split(".").map((part) => Buffer.from(part, "base64url"));
    const token = await new jose.CompactSign(payload).setProtectedHeader(JSON.parse(head)).sign(key);
    if (!token.startsWith(`${data}.`)) throw new Error("the header was written in another way");
    return token.split(".")[2];
  },
});
const text = readFileSync(credential, "utf8").trim();
const payload = { iat: Math.floor(Date.now() / 1000), aud, nonce };
writeFileSync(out, await instance.present(text, { [claim]: true }, { kb: { payload } }));
