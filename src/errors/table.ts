/**
 * Every error that a caller can meet: a code, what happened, what to do. The only place where codes are declared;
 * `docs/errors.md` is generated from it.
 */

interface Entry {
  /** Exit status of `wharf`: 1 failed, 2 usage, 4 not found, 13 unauthorized, 130 interrupted. */
  readonly exit: 1 | 2 | 4 | 13 | 130;
  /** What the code means, one sentence. */
  readonly meaning: string;
  /** What the person can do about it, one sentence. */
  readonly remedy: string;
}

/** One row for each code, grouped by what went wrong. */
export const errorTable = {
  // What the caller said
  USAGE: {
    exit: 2,
    meaning: "The command line, or a call's arguments, make no sense.",
    remedy: "Read the help of the command: `wharf COMMAND --help`.",
  },
  REFERENCE_INVALID: {
    exit: 2,
    meaning: "A name of an image, repository, registry or tag breaks the grammar.",
    remedy: "Write [HOST/]REPOSITORY[:TAG][@DIGEST]; repositories are lower case.",
  },
  DIGEST_INVALID: {
    exit: 2,
    meaning: "A digest is not ALGORITHM:HEX, or its algorithm is not known.",
    remedy: "Give sha256: with 64, or sha512: with 128, lower-case hexadecimal digits.",
  },
  PLATFORM_INVALID: {
    exit: 2,
    meaning: "A platform is not OS/ARCHITECTURE[/VARIANT].",
    remedy: "Write for example linux/amd64, linux/arm/v7 or local.",
  },
  CONFIG_INVALID: {
    exit: 2,
    meaning: "A configuration file or environment variable holds something that is not understood.",
    remedy: "Mend the file and field that the message names.",
  },
  CONFIRMATION_REQUIRED: {
    exit: 2,
    meaning: "The operation destroys something and nobody has confirmed it.",
    remedy: "Run it in a terminal and answer, or pass --yes.",
  },
  INPUT_INVALID: {
    exit: 2,
    meaning: "A field of what was asked for is missing, unknown, or not what it has to be.",
    remedy: "Mend the fields that the message names.",
  },
  // What is not there
  NOT_FOUND: {
    exit: 4,
    meaning: "Docker Hub has no such thing, or hides it.",
    remedy: "Check the name; what is private is seen only by who is signed in and may see it.",
  },
  MANIFEST_NOT_FOUND: {
    exit: 4,
    meaning: "The repository has no manifest under that tag or digest.",
    remedy: "See what is there with `wharf tags`; a private repository may need `wharf login`.",
  },
  BLOB_NOT_FOUND: {
    exit: 4,
    meaning: "The repository has no blob with that digest.",
    remedy: "Check the digest; a blob is found only in a repository it was pushed to.",
  },
  REPOSITORY_NOT_FOUND: {
    exit: 4,
    meaning: "The registry does not know the repository, or hides it.",
    remedy: "Check the name; if it is private, sign in with `wharf login`.",
  },
  PLATFORM_NOT_FOUND: {
    exit: 4,
    meaning: "The index has no manifest for the platform asked for.",
    remedy: "Choose one of the platforms that the message lists.",
  },
  FILE_NOT_FOUND: {
    exit: 4,
    meaning: "A file or folder that was named does not exist.",
    remedy: "Check the path.",
  },
  UPLOAD_UNKNOWN: {
    exit: 4,
    meaning: "The upload session does not exist, or has expired.",
    remedy: "Start the upload again.",
  },
  // Who may
  UNAUTHORIZED: {
    exit: 13,
    meaning: "The registry wants credentials, or refused those it was given.",
    remedy: "Sign in with `wharf login HOST`.",
  },
  FORBIDDEN: {
    exit: 13,
    meaning: "The credentials are good but do not permit this.",
    remedy: "Ask the owner of the repository for the right to do it.",
  },
  PLAN_INSUFFICIENT: {
    exit: 13,
    meaning: "The plan of the account does not include this, or what it includes is used up (402).",
    remedy: "Look at the plan and what it allows; an owner of the organization can change it.",
  },
  CREDENTIALS_NOT_SENT: {
    exit: 13,
    meaning:
      "Credentials were asked for by another site than the one they are for, or over plain http, so none were sent.",
    remedy:
      "If you trust that site, list it under tokenRealms of the host in the configuration; plain http takes --plain-http=HOST.",
  },
  CREDENTIAL_HELPER_FAILED: {
    exit: 1,
    meaning: "A docker credential helper could not be run, or answered with an error.",
    remedy: "Run the helper by hand, or remove it from docker's config.json.",
  },
  RATE_LIMITED: {
    exit: 1,
    meaning: "The registry refuses more requests for now (429).",
    remedy: "Wait as long as the message says, or sign in for a higher limit.",
  },
  PULL_BUDGET_REACHED: {
    exit: 1,
    meaning: "Going on would leave fewer pulls than were to be kept.",
    remedy: "Run the same again later: what was copied whole is kept.",
  },
  // What the network did
  CONNECTION_FAILED: {
    exit: 1,
    meaning: "No connection could be made to the host, or it broke and retries did not help.",
    remedy: "Check host, port and proxy; try `wharf ping HOST`.",
  },
  TIMEOUT: {
    exit: 1,
    meaning: "The host did not answer, or stopped in the middle, for longer than allowed.",
    remedy: "Try again; a slow host may need a longer time-out.",
  },
  TLS_UNTRUSTED: {
    exit: 1,
    meaning: "The host's certificate is not trusted, has expired or is for another name.",
    remedy:
      "Give its authority as `--ca=HOST=FILE`, or say `--insecure=HOST` if you accept the risk.",
  },
  REDIRECT_REFUSED: {
    exit: 1,
    meaning:
      "The host redirects to where it must not: too often, from https to http, or to a private address.",
    remedy: "Find out who answers in the registry's place.",
  },
  LOCATION_REFUSED: {
    exit: 1,
    meaning:
      "The registry named an upload location, next page or token service that must not be used.",
    remedy: "Find out who answers in the registry's place.",
  },
  // What the registry answered
  NOT_A_REGISTRY: {
    exit: 1,
    meaning: "Something answers at the host, but it is not a registry.",
    remedy: "Check host, port and path.",
  },
  RESPONSE_INVALID: {
    exit: 1,
    meaning: "The answer is not what the protocol promises, such as HTML in place of JSON.",
    remedy: "Check for a proxy or sign-in page between you and the server.",
  },
  REGISTRY_ERROR: {
    exit: 1,
    meaning: "The registry refused the request; the message holds its words.",
    remedy: "Act on what the registry says.",
  },
  REQUEST_INVALID: {
    exit: 1,
    meaning: "The server understood the request and refuses what it says.",
    remedy: "Mend what the message names.",
  },
  CONFLICT: {
    exit: 1,
    meaning: "There is one already, or another change came first.",
    remedy: "Look at what is there, then decide whether to go on.",
  },
  RETIRED: {
    exit: 1,
    meaning: "Docker has retired the operation; it cannot work any more.",
    remedy: "Use what the message names in its place.",
  },
  SERVER_ERROR: {
    exit: 1,
    meaning: "The registry failed (5xx), and went on failing when asked again.",
    remedy: "Try again later.",
  },
  UNSUPPORTED: {
    exit: 1,
    meaning: "The registry, or the store, cannot do this.",
    remedy: "Use another way that the message names.",
  },
  UPLOAD_INVALID: {
    exit: 1,
    meaning: "An upload does not continue where the last piece ended.",
    remedy: "Ask for the upload's status and continue from there.",
  },
  // What the bytes were
  DIGEST_MISMATCH: {
    exit: 1,
    meaning: "The bytes are not those that the digest promises.",
    remedy: "The message says which side is wrong; push the content again there.",
  },
  SIZE_MISMATCH: {
    exit: 1,
    meaning: "There are more or fewer bytes than the descriptor promises.",
    remedy: "The message says which side is wrong; push the content again there.",
  },
  MANIFEST_INVALID: {
    exit: 1,
    meaning: "A manifest is not JSON of a known form.",
    remedy: "Push a valid manifest in its place.",
  },
  MANIFEST_TOO_LARGE: {
    exit: 1,
    meaning: "A manifest is larger, has more children or is nested deeper than is accepted.",
    remedy: "Such a manifest is no honest image; find out where it comes from.",
  },
  ARCHIVE_INVALID: {
    exit: 1,
    meaning: "A tar archive is damaged, or is neither an OCI nor a docker archive.",
    remedy: "Make the archive again.",
  },
  ARCHIVE_TOO_LARGE: {
    exit: 1,
    meaning: "Compressed content, such as a layer, unpacks to more than is accepted.",
    remedy: "If you trust where it comes from, allow more.",
  },
  LAYOUT_INVALID: {
    exit: 1,
    meaning: "A folder is not an OCI layout, or its index is damaged.",
    remedy: "Name a folder that holds oci-layout and index.json, or a new one.",
  },
  PATH_UNSAFE: {
    exit: 1,
    meaning: "A path from an archive or a manifest would leave the folder it belongs to.",
    remedy: "Do not trust where it comes from.",
  },
  // What this machine could not
  DISK_FULL: {
    exit: 1,
    meaning: "There is no space left to write to.",
    remedy: "Free some and run the same again: what was finished is kept.",
  },
  FILE_EXISTS: {
    exit: 1,
    meaning: "A file that would be written is there already.",
    remedy: "Remove it, or write elsewhere.",
  },
  FILE_FAILED: {
    exit: 1,
    meaning: "A file or folder cannot be read or written.",
    remedy: "Check the path and its permissions.",
  },
  LOCKED: {
    exit: 1,
    meaning: "Another process holds what is to be written, for longer than we wait.",
    remedy: "Wait for the other process, or end it.",
  },
  PORT_IN_USE: {
    exit: 1,
    meaning: "Another program listens on the port that a server was told to use.",
    remedy: "Name another port with --port; 0 takes any that is free.",
  },
  DAEMON_UNREACHABLE: {
    exit: 1,
    meaning: "The local docker or podman daemon does not answer on its socket.",
    remedy: "Start it, or name its socket in DOCKER_HOST.",
  },
  INTERRUPTED: {
    exit: 130,
    meaning: "The caller aborted the operation.",
    remedy: "Run the same again: what was finished is kept.",
  },
  INTERNAL: {
    exit: 1,
    meaning: "A defect of Wharfinger itself.",
    remedy: "Please report it, with what `--debug` prints.",
  },
} as const satisfies Record<string, Entry>;
