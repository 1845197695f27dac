/** A package, as a bill of materials lists it. */
export interface FoundPackage {
  /** Package URL. */
  readonly purl: string;
  readonly type: string;
  readonly namespace: string | null;
  readonly name: string;
  readonly version: string | null;
  readonly description: string | null;
  readonly author: string | null;
  readonly licenses: readonly string[];
  /** Paths, and the layers that hold them. */
  readonly locations: readonly { readonly path: string; readonly diffId: string }[];
}
