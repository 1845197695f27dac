import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";

import { type Pair, type Reply, startScriptedServer } from "../../test/scripted-server.ts";
import { type ErrorCode, isError } from "../errors.ts";
import { mediaTypes } from "../reference/descriptor.ts";
import { digestOf } from "../reference/digest.ts";
import { manifestLimit } from "../reference/manifest.ts";
import { connectForTest, repositoryForTest } from "./testing/remote.ts";

const mediaType = mediaTypes.ociManifest;
// Its spelling must survive: white space, an unknown field.
const text = `{ "schemaVersion": 2,\n "mediaType": "${mediaType}", "x": [1],
  "config": {"mediaType":"a/b","digest":"${digestOf(Buffer.from("{}"))}","size":2}, "layers": [] }\n`;
const bytes = Buffer.from(text);
const digest = digestOf(bytes);
const other = digestOf(Buffer.from("other"));
const usual = { "content-type": mediaType, "docker-content-digest": digest };

async function serve(context: TestContext, ...pairs: Pair[]) {
  const server = await startScriptedServer(pairs);
  const repository = repositoryForTest(server.host);
  context.after(() => server.close());
  return { server, repository };
}

function manifest(method: string, answer: Reply, reference = "v1"): Pair {
  return { request: { method, path: `/v2/a/b/manifests/${reference}` }, answer };
}

const refused = (...codes: ErrorCode[]) => {
  return (error: unknown) => {
    if (!isError(error, ...codes)) throw error;
    return true;
  };
};

test("a tag is resolved by one HEAD that accepts all types", async (context) => {
  const { server, repository } = await serve(
    context,
    manifest("HEAD", { headers: usual, body: bytes }),
  );
  assert.deepEqual(await repository.resolve("v1"), { mediaType, digest, size: bytes.length });
  assert.equal(server.requests.length, 1);
  const accept = server.requests[0]?.headers.accept?.split(", ") ?? [];
  for (const type of [
    mediaType,
    mediaTypes.ociIndex,
    mediaTypes.dockerManifest,
    mediaTypes.dockerManifestList,
  ]) {
    assert(accept.includes(type));
  }
});

for (const [why, head] of [
  ["is refused", { status: 405 }],
  ["is not known, while the manifest is", { status: 404 }],
  ["has no digest", { headers: { "content-type": mediaType }, body: bytes }],
  [
    "has a digest that is none",
    { headers: { ...usual, "docker-content-digest": "md5:1" }, body: bytes },
  ],
  [
    "has no type of a manifest",
    { headers: { ...usual, "content-type": "text/plain" }, body: bytes },
  ],
  ["has no size", { headers: usual }],
] satisfies [string, Reply][]) {
  test(`a tag is resolved by GET where HEAD ${why}`, async (context) => {
    const { server, repository } = await serve(
      context,
      manifest("HEAD", head),
      manifest("GET", { headers: usual, body: bytes }),
    );
    assert.deepEqual(await repository.resolve("v1"), { mediaType, digest, size: bytes.length });
    assert.deepEqual(
      server.requests.map(({ method }) => method),
      ["HEAD", "GET"],
    );
  });
}

test("what is missing costs one HEAD once HEAD is known to tell the truth", async (context) => {
  const { server, repository } = await serve(
    context,
    manifest("HEAD", { headers: usual, body: bytes }),
    manifest("HEAD", { status: 404 }, "v2"),
  );
  await repository.resolve("v1");
  await assert.rejects(repository.resolve("v2"), refused("MANIFEST_NOT_FOUND"));
  assert.equal(server.requests.length, 2);
});

test("the reason for a 404 is asked for once", async (context) => {
  const { server, repository } = await serve(
    context,
    { request: { method: "HEAD", path: /./ }, answer: { status: 404 } },
    {
      request: { method: "GET", path: /./ },
      answer: {
        status: 404,
        body: { errors: [{ code: "NAME_UNKNOWN", message: "no such repository" }] },
      },
    },
  );
  await assert.rejects(repository.resolve("v1"), refused("REPOSITORY_NOT_FOUND"));
  await assert.rejects(repository.resolve("v1"), refused("MANIFEST_NOT_FOUND"));
  assert.equal(server.requests.length, 3);
});

test("a manifest's bytes are those that were pushed", async (context) => {
  const { repository } = await serve(context, manifest("GET", { headers: usual, body: bytes }));
  const fetched = await repository.fetchManifest("v1");
  assert.deepEqual(Buffer.from(fetched.bytes), bytes);
  assert.deepEqual(fetched.descriptor, { mediaType, digest, size: bytes.length });
});

test("a manifest without a stated digest is hashed", async (context) => {
  const { repository } = await serve(
    context,
    manifest("GET", { headers: { "content-type": `${mediaType}; charset=utf-8` }, body: bytes }),
  );
  assert.equal((await repository.fetchManifest("v1")).descriptor.digest, digest);
});

for (const type of [undefined, "text/plain", "application/json", "application/octet-stream"]) {
  test(`a manifest sent as ${type ?? "nothing"} is known by what it says of itself`, async (context) => {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const { repository } = await serve(context, manifest("GET", { headers, body: bytes }));
    assert.equal((await repository.fetchManifest("v1")).descriptor.mediaType, mediaType);
  });
}

test("a manifest that does not say what it is, is known by its shape", async (context) => {
  const index = Buffer.from('{"schemaVersion":2,"manifests":[]}');
  const { repository } = await serve(context, manifest("GET", { body: index }));
  assert.equal((await repository.fetchManifest("v1")).descriptor.mediaType, mediaTypes.ociIndex);
});

test("a stated digest that is not the body's is an error that names both", async (context) => {
  const { repository } = await serve(
    context,
    manifest("GET", { headers: { ...usual, "docker-content-digest": other }, body: bytes }),
  );
  await assert.rejects(repository.fetchManifest("v1"), (error) => {
    assert(isError(error, "DIGEST_MISMATCH"));
    assert(error.message.includes(digest) && error.message.includes(other));
    return true;
  });
});

test("asked for by digest, the bytes count and not what is stated", async (context) => {
  const stated = { ...usual, "docker-content-digest": other };
  const { repository } = await serve(
    context,
    manifest("GET", { headers: stated, body: bytes }, digest),
    manifest("HEAD", { headers: stated, body: bytes }, digest),
    manifest(
      "GET",
      { headers: { "content-type": mediaType, "docker-content-digest": other }, body: bytes },
      other,
    ),
  );
  assert.equal((await repository.fetchManifest(digest)).descriptor.digest, digest);
  assert.equal((await repository.resolve(digest)).digest, digest);
  await assert.rejects(repository.fetchManifest(other), refused("DIGEST_MISMATCH"));
});

test("a sha512 digest is checked as one", async (context) => {
  const strong = digestOf(bytes, "sha512");
  const { repository } = await serve(
    context,
    manifest("GET", { headers: usual, body: bytes }, strong),
  );
  assert.equal((await repository.fetchManifest(strong)).descriptor.digest, strong);
});

test("a manifest that is too large is not read", async (context) => {
  const large = Buffer.alloc(manifestLimit + 1, " ");
  const { repository } = await serve(
    context,
    manifest("GET", { headers: { "content-type": mediaType }, body: large }),
    manifest(
      "GET",
      { headers: { "content-type": mediaType, "transfer-encoding": "chunked" }, body: large },
      "v2",
    ),
  );
  await assert.rejects(repository.fetchManifest("v1"), refused("MANIFEST_TOO_LARGE"));
});

test("a manifest that is cut in the middle is asked for again", async (context) => {
  const { repository } = await serve(
    context,
    { ...manifest("GET", { headers: usual, body: bytes, fault: "cut" }), times: 2 },
    manifest("GET", { headers: usual, body: bytes }),
  );
  assert.equal((await repository.fetchManifest("v1")).descriptor.digest, digest);
});

test("HTML in place of a manifest is named as such", async (context) => {
  const { repository } = await serve(
    context,
    manifest("GET", { headers: { "content-type": "text/html" }, body: "<html>Sign in" }),
    manifest("GET", { headers: { "content-type": mediaType }, body: "{oops" }, "v2"),
  );
  await assert.rejects(repository.fetchManifest("v1"), refused("RESPONSE_INVALID"));
  await assert.rejects(repository.fetchManifest("v2"), refused("MANIFEST_INVALID"));
});

test("a manifest is pushed as it is, under its type", async (context) => {
  const { server, repository } = await serve(context, manifest("PUT", { status: 201 }));
  const descriptor = { mediaType, digest, size: bytes.length };
  await repository.pushManifest({ descriptor, bytes }, { tag: "v1" });
  assert.deepEqual(server.requests[0]?.body, bytes);
  assert.equal(server.requests[0]?.headers["content-type"], mediaType);
  assert.equal(server.requests.length, 1);
});

test("a manifest under a sha512 digest gets its tag afterwards", async (context) => {
  const strong = digestOf(bytes, "sha512");
  const { server, repository } = await serve(context, {
    request: { method: "PUT", path: /./ },
    answer: { status: 201 },
  });
  const descriptor = { mediaType, digest: strong, size: bytes.length };
  await repository.pushManifest({ descriptor, bytes }, { tag: "v1" });
  assert.deepEqual(
    server.requests.map(({ path }) => path.replace(/.*\//, "")),
    [strong, "v1"],
  );
});

test("bytes of another digest are not pushed", async (context) => {
  const { server, repository } = await serve(context);
  const descriptor = { mediaType, digest: other, size: bytes.length };
  await assert.rejects(repository.pushManifest({ descriptor, bytes }), refused("DIGEST_MISMATCH"));
  assert.equal(server.requests.length, 0);
});

test("a registry that stores something else is found out", async (context) => {
  const { repository } = await serve(
    context,
    manifest("PUT", { status: 201, headers: { "docker-content-digest": other } }),
  );
  const descriptor = { mediaType, digest, size: bytes.length };
  await assert.rejects(
    repository.pushManifest({ descriptor, bytes }, { tag: "v1" }),
    refused("DIGEST_MISMATCH"),
  );
});

test("the answer to a push that is lost is asked for again", async (context) => {
  const { server, repository } = await serve(
    context,
    { ...manifest("PUT", { status: 201, fault: "lost" }), times: 1 },
    manifest("PUT", { status: 201 }),
  );
  const descriptor = { mediaType, digest, size: bytes.length };
  await repository.pushManifest({ descriptor, bytes }, { tag: "v1" });
  assert.equal(server.requests.length, 2);
});

for (const [code, status, meaning] of [
  ["MANIFEST_INVALID", 400, "MANIFEST_INVALID"],
  ["MANIFEST_BLOB_UNKNOWN", 404, "MANIFEST_INVALID"],
  ["DIGEST_INVALID", 400, "DIGEST_MISMATCH"],
  ["DENIED", 403, "FORBIDDEN"],
  ["NAME_UNKNOWN", 404, "REPOSITORY_NOT_FOUND"],
  ["SIZE_INVALID", 413, "MANIFEST_TOO_LARGE"],
] satisfies [string, number, ErrorCode][]) {
  test(`${code} for a manifest is ${meaning} to the caller`, async (context) => {
    const { repository } = await serve(
      context,
      manifest("PUT", { status, body: { errors: [{ code, message: "said the registry" }] } }),
    );
    const descriptor = { mediaType, digest, size: bytes.length };
    await assert.rejects(repository.pushManifest({ descriptor, bytes }, { tag: "v1" }), (error) => {
      assert(isError(error, meaning), String(error));
      assert.match(error.message, /said the registry/);
      return true;
    });
  });
}

test("a registry that deletes nothing says so, with a hint", async (context) => {
  const { repository } = await serve(
    context,
    manifest("GET", { headers: usual, body: bytes }, digest),
    manifest("DELETE", { status: 405, body: { errors: [{ code: "UNSUPPORTED" }] } }, digest),
  );
  await assert.rejects(repository.deleteManifest(digest), (error) => {
    assert(isError(error, "UNSUPPORTED"));
    assert.match(error.hint, /storage\.delete\.enabled/);
    return true;
  });
});

test("signed schema 1 manifests are known by what was signed", async (context) => {
  const payload = '{\n   "schemaVersion": 1,\n   "fsLayers": [],\n   "history": []';
  const tail = "\n}";
  const header = Buffer.from(
    JSON.stringify({
      formatLength: payload.length,
      formatTail: Buffer.from(tail).toString("base64url"),
    }),
  ).toString("base64url");
  const signed = `${payload},\n   "signatures": [{"protected":"${header}"}]\n}`;
  const known = digestOf(Buffer.from(payload + tail));
  const { repository } = await serve(
    context,
    manifest("GET", {
      headers: { "content-type": mediaTypes.dockerSchema1Signed, "docker-content-digest": known },
      body: signed,
    }),
  );
  const { descriptor } = await repository.fetchManifest("v1");
  assert.equal(descriptor.digest, known);
  assert.equal(descriptor.mediaType, mediaTypes.dockerSchema1Signed);
});

test("names that could mean another address are refused before anything is sent", async (context) => {
  const { server, repository } = await serve(context);
  for (const reference of ["../x", "a/b", "", "a b", "..", "?x"]) {
    await assert.rejects(repository.resolve(reference), refused("REFERENCE_INVALID"));
  }
  await assert.rejects(repository.resolve("sha256:1"), refused("DIGEST_INVALID"));
  const registry = connectForTest(server.host);
  for (const name of ["../x", "a//b", "A", ""]) {
    assert.throws(() => registry.repository(name), refused("REFERENCE_INVALID"));
  }
  assert.equal(server.requests.length, 0);
});
