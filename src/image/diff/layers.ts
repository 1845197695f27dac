/** The layers of two images side by side. */
import type { Descriptor, Digest } from "../../reference/descriptor.ts";

/** A layer of one image, with what its configuration says of it. */
export interface DescribedLayer {
  readonly descriptor: Descriptor;
  /** Digest of the layer unpacked: the same however it is compressed. */
  readonly diffId?: Digest;
  /** The step that made it. */
  readonly createdBy?: string;
}

/** A layer of one of two images, or of both. */
export interface LayerChange {
  /** `repacked`: the same content, compressed in another way. */
  readonly change: "shared" | "repacked" | "added" | "removed";
  readonly digest: Digest;
  /** Bytes as they are transferred. */
  readonly size: number;
  /** Of a layer that was repacked: what it was before. */
  readonly from?: { readonly digest: Digest; readonly size: number };
  /** Digest of the layer unpacked. */
  readonly diffId?: Digest;
  /** The step that made it. */
  readonly createdBy?: string;
}

/** Comparisons of layers that are made at most; no image that runs comes near. */
const mostPairs = 1 << 20;

/** Layers in their order, the base first: of those that are not in both the removed before the added. */
export function compareLayers(
  from: readonly DescribedLayer[],
  to: readonly DescribedLayer[],
): LayerChange[] {
  const changes: LayerChange[] = [];
  let [a, b] = [0, 0];
  for (const [left, right] of [...common(from, to), [from.length, to.length] as const]) {
    while (a < left) changes.push(changeOf("removed", from[a++]!));
    while (b < right) changes.push(changeOf("added", to[b++]!));
    if (a < from.length && b < to.length) changes.push(kept(from[a++]!, to[b++]!));
  }
  return changes;
}

/** How many layers both have at their base. */
export function sharedBase(from: readonly DescribedLayer[], to: readonly DescribedLayer[]): number {
  const most = Math.min(from.length, to.length);
  for (let at = 0; at < most; at++) if (!equal(from[at]!, to[at]!)) return at;
  return most;
}

function equal(a: DescribedLayer, b: DescribedLayer): boolean {
  if (a.descriptor.digest === b.descriptor.digest) return true;
  return a.diffId !== undefined && a.diffId === b.diffId;
}

/** A longest common subsequence, as pairs of positions. */
function common(
  from: readonly DescribedLayer[],
  to: readonly DescribedLayer[],
): (readonly [number, number])[] {
  const base = sharedBase(from, to);
  const pairs: (readonly [number, number])[] = [];
  for (let at = 0; at < base; at++) pairs.push([at, at]);
  const [rows, columns] = [from.length - base, to.length - base];
  if (rows * columns > mostPairs) return pairs;
  // lengths[row][column]: of the longest one from there on
  const lengths = Array.from({ length: rows + 1 }, () => new Uint16Array(columns + 1));
  for (let row = rows - 1; row >= 0; row--) {
    for (let column = columns - 1; column >= 0; column--) {
      lengths[row]![column] = equal(from[base + row]!, to[base + column]!)
        ? lengths[row + 1]![column + 1]! + 1
        : Math.max(lengths[row + 1]![column]!, lengths[row]![column + 1]!);
    }
  }
  for (let [row, column] = [0, 0]; row < rows && column < columns;) {
    if (equal(from[base + row]!, to[base + column]!)) pairs.push([base + row++, base + column++]);
    else if (lengths[row + 1]![column]! >= lengths[row]![column + 1]!) row++;
    else column++;
  }
  return pairs;
}

function changeOf(
  change: LayerChange["change"],
  { descriptor: { digest, size }, diffId, createdBy }: DescribedLayer,
): LayerChange {
  return {
    change,
    digest,
    size,
    ...(diffId !== undefined && { diffId }),
    ...(createdBy !== undefined && { createdBy }),
  };
}

function kept(from: DescribedLayer, to: DescribedLayer): LayerChange {
  const { digest, size } = from.descriptor;
  if (digest === to.descriptor.digest) return changeOf("shared", to);
  return { ...changeOf("repacked", to), from: { digest, size } };
}
