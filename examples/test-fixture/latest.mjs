/** What is tested in these examples: the newest tag of a repository by its version, such as `1.10.0`. */
export async function latest(hub, namespace, repository) {
  let newest;
  for await (const { name } of hub.tags.list({ namespace, repository }))
    if (/^\d+\.\d+\.\d+$/.test(name) && (newest === undefined || compare(name, newest) > 0))
      newest = name;
  return newest;
}

function compare(one, other) {
  return one.localeCompare(other, "en", { numeric: true });
}
