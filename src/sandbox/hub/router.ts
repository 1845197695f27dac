/** Which operation of a catalogue a request is for: its routes are the catalogue's own templates. */
import { type AnyOperation, type Catalogue, entries } from "../../operation.ts";
import { fieldsOf } from "../../hub/client/request.ts";

export interface Route {
  readonly id: string;
  readonly area: string;
  readonly verb: string;
  readonly method: string;
  readonly operation: AnyOperation;
  /** The template's path, without a query. */
  readonly template: string;
}

export type Found =
  | {
      readonly kind: "route";
      readonly route: Route;
      /** What fills the template, decoded. */
      readonly fields: Readonly<Record<string, string>>;
      /** Whether the path ends as the template does, in a slash or without. */
      readonly exact: boolean;
    }
  | { readonly kind: "method"; readonly allowed: readonly string[] }
  | { readonly kind: "unknown" };

interface Compiled extends Route {
  readonly pattern: RegExp;
  readonly names: readonly string[];
  readonly slash: boolean;
  /** Places without a field; the more, the closer is the template to the path. */
  readonly literals: number;
}

export interface Router {
  readonly routes: readonly Route[];
  /** @param path encoded, without a query */
  find(method: string, path: string): Found;
}

/** Makes a router of the operations that Hub itself answers. */
export function createRouter(catalogue: Catalogue): Router {
  const buckets = new Map<number, Compiled[]>();
  const routes: Compiled[] = [];
  for (const { id, area, verb, operation } of entries(catalogue)) {
    const { http, service = "hub" } = operation;
    if (http === undefined || service !== "hub") continue;
    const route = compile(http, { id, area, verb, operation });
    routes.push(route);
    const key = segmentsOf(route.template);
    buckets.set(key, [...(buckets.get(key) ?? []), route]);
  }
  for (const bucket of buckets.values()) bucket.sort((a, b) => b.literals - a.literals);

  return {
    routes,
    find(method, path) {
      const bare = path.replace(/\/$/, "");
      // Hub takes an empty segment of a path of its own for a wrong method.
      if (path.startsWith("/v2/") && path.includes("//")) return { kind: "method", allowed: [] };
      const slash = path.endsWith("/");
      const fitting = (buckets.get(segmentsOf(bare)) ?? []).filter(({ pattern }) =>
        pattern.test(bare),
      );
      const route =
        best(fitting, method, slash) ??
        (method === "HEAD" ? best(fitting, "GET", slash) : undefined);
      if (route) {
        const values = route.pattern.exec(bare)!.slice(1);
        const fields = Object.fromEntries(
          route.names.map((name, index) => [name, decoded(values[index] ?? "")]),
        );
        return { kind: "route", route, fields, exact: route.slash === slash };
      }
      if (fitting.length === 0) return { kind: "unknown" };
      return { kind: "method", allowed: [...new Set(fitting.map(({ method }) => method))] };
    },
  };
}

function compile(http: string, entry: Pick<Route, "id" | "area" | "verb" | "operation">): Compiled {
  const [method = "", whole = ""] = http.split(" ");
  const [template = ""] = whole.split("?");
  const bare = template.replace(/\/$/, "");
  const source = bare
    .split(/(\{\w+\})/)
    .map((part, index) =>
      index % 2 === 1 ? "([^/]+?)" : escaped(part).replaceAll("%2F", "%2[Ff]"),
    )
    .join("");
  return {
    ...entry,
    method,
    template,
    pattern: new RegExp(`^${source}$`),
    names: fieldsOf(template),
    slash: template.endsWith("/"),
    literals: bare.split("/").filter((segment) => !segment.includes("{")).length,
  };
}

/** Of several the one closest to the path, and among equals the one that ends as the path does. */
function best(routes: readonly Compiled[], method: string, slash: boolean): Compiled | undefined {
  const possible = routes.filter((route) => route.method === method);
  const most = possible[0]?.literals;
  const closest = possible.filter(({ literals }) => literals === most);
  return closest.find((route) => route.slash === slash) ?? closest[0];
}

function segmentsOf(path: string): number {
  return path.replace(/\/$/, "").split("/").length;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
