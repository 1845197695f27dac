/** Commands for the parts of an image, and for any data that is kept as if it were one. */
import { entry, type Group } from "./entry.ts";

export const parts: Group = {
  title: "Parts of an image",
  entries: [
    entry(
      "manifest get",
      "REF",
      "Prints a manifest as it was pushed",
      () => import("./commands/manifest-get.ts"),
    ),
    entry(
      "manifest head",
      "REF",
      "Prints a manifest's type, digest and size",
      () => import("./commands/manifest-head.ts"),
    ),
    entry(
      "manifest put",
      "REF [FILE]",
      "Pushes a manifest, byte for byte",
      () => import("./commands/manifest-put.ts"),
    ),
    entry(
      "manifest delete",
      "REPO@DIGEST…",
      "Deletes manifests and all their tags",
      () => import("./commands/manifest-delete.ts"),
    ),
    entry(
      "blob get",
      "REPO@DIGEST",
      "Downloads a blob, resuming an earlier run",
      () => import("./commands/blob-get.ts"),
    ),
    entry(
      "blob head",
      "REPO@DIGEST",
      "Prints a blob's size",
      () => import("./commands/blob-head.ts"),
    ),
    entry(
      "blob put",
      "REPO FILE",
      "Uploads a file as a blob and prints its digest",
      () => import("./commands/blob-put.ts"),
    ),
    entry(
      "blob mount",
      "REPO@DIGEST TO",
      "Makes a blob readable in another repository",
      () => import("./commands/blob-mount.ts"),
    ),
    entry(
      "blob delete",
      "REPO@DIGEST…",
      "Deletes blobs",
      () => import("./commands/blob-delete.ts"),
    ),
    entry(
      "blob alias",
      "REPO NAME DIGEST…",
      "Gives blobs a name",
      () => import("./commands/blob-alias.ts"),
    ),
    entry(
      "blob list",
      "REPO:ALIAS",
      "Lists the blobs that a name stands for",
      () => import("./commands/blob-list.ts"),
    ),
    entry(
      "dxf",
      "COMMAND [REPO] [ARG…]",
      "Keeps any data in a registry, as python-dxf does",
      () => import("./commands/dxf.ts"),
    ),
  ],
};
