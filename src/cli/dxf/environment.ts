/** The variables that dxf reads. */
import type { BlobRegistryOptions, Login } from "../../blobstore/registry.ts";
import { isError, WharfError } from "../../errors.ts";
import { parseHost } from "../../reference/hosts.ts";

export interface DxfEnvironment {
  readonly host: string;
  readonly options: Pick<
    BlobRegistryOptions<never>,
    "insecure" | "authHost" | "tlsVerify" | "environment"
  >;
  /** User and password, or an Authorization. */
  readonly login: Pick<Login, "username" | "password" | "authorization">;
  readonly token: string | undefined;
  /** Whether bars are wanted; undefined leaves it to whether there is a terminal. */
  readonly progress: boolean | undefined;
  /** Whether digest and size go before each blob that is pulled. */
  readonly blobInfo: boolean;
  /** Bytes. */
  readonly chunkSize: number | undefined;
  readonly platform: string | undefined;
}

/** @throws WharfError CONFIG_INVALID */
export function readEnvironment(environment: NodeJS.ProcessEnv): DxfEnvironment {
  const isOne = (name: string) => environment[name] === "1";
  // What is empty says nothing, but an empty password is one.
  const text = (name: string) => environment[name] || undefined;
  const tlsVerify = isOne("DXF_SKIPTLSVERIFY") ? false : text("DXF_TLSVERIFY");
  const authHost = text("DXF_AUTH_HOST");
  return {
    host: hostOf(text("DXF_HOST")),
    options: {
      environment,
      insecure: isOne("DXF_INSECURE"),
      ...(authHost !== undefined && { authHost }),
      ...(tlsVerify !== undefined && { tlsVerify }),
    },
    login: {
      username: environment["DXF_USERNAME"],
      password: environment["DXF_PASSWORD"],
      authorization: text("DXF_AUTHORIZATION"),
    },
    token: text("DXF_TOKEN"),
    progress: { "0": false, "1": true }[environment["DXF_PROGRESS"] ?? ""],
    blobInfo: isOne("DXF_BLOB_INFO"),
    chunkSize: chunkSizeOf(text("DXF_CHUNK_SIZE")),
    platform: text("DXF_PLATFORM"),
  };
}

function hostOf(host: string | undefined): string {
  if (host === undefined)
    throw new WharfError("CONFIG_INVALID", "DXF_HOST is not set", {
      hint: "Set it to the registry's host, such as localhost:5000.",
    });
  try {
    parseHost(host);
    return host;
  } catch (error) {
    if (!isError(error)) throw error;
    throw new WharfError("CONFIG_INVALID", `DXF_HOST: ${error.message}`, { hint: error.hint });
  }
}

function chunkSizeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const size = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  // A chunk is held in memory.
  if (size > 0 && size <= 2 ** 30) return size;
  throw new WharfError(
    "CONFIG_INVALID",
    `DXF_CHUNK_SIZE is a number of bytes from 1 to ${2 ** 30}, not '${text}'`,
  );
}
