/** What a registry has shown of itself, so that it is asked only once. */

/** Undefined: not known yet. Each holds for the life of a connection. */
export interface Learned {
  /** Whether `HEAD` of a manifest is answered truthfully, so that its 404 needs no second question. */
  manifestHead?: boolean;
  /** Whether a blob may be pushed in one `POST …?digest=`; `asking` while the first one is under way. */
  singlePost?: boolean | "asking";
  /** Whether the registry lists referrers itself; else we keep the tag schema. */
  referrers?: boolean;
  /** Whether lists of tags say when manifests were pushed, as Google's do. */
  pushDates?: boolean;
  /** Repositories in which a manifest was deleted: deletion is neither switched off nor forbidden there. */
  readonly deletable: Set<string>;
}
