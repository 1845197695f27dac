/** A program that is measured: so many small calls, one after the other, by our client or by Node's own fetch (undici). */
const [who = "wharf", url = "", count = "5000"] = process.argv.slice(2);
const path = "/v2/namespaces/library/repositories/nginx/tags/latest";

if (who === "wharf") {
  // What is published is measured, not what it is made of.
  const published = new URL("../dist/entrance/hub.js", import.meta.url).href;
  const { createHub } = (await import(published)) as typeof import("../src/entrance/hub.ts");
  const hub = createHub({ url, credentials: { kind: "anonymous" } });
  const input = { namespace: "library", repository: "nginx", tag: "latest" };
  for (let call = 0; call < Number(count); call += 1) await hub.tags.get(input);
  await hub.close();
} else {
  for (let call = 0; call < Number(count); call += 1) await (await fetch(url + path)).json();
}
