/** How much one graph of manifests may be; what is more is made to keep somebody busy. */

/** Indexes within indexes, and referrers of referrers: honest ones have one level, or two where results are collected. */
export const maxDepth = 8;

/** Manifests of one copy. An index of all platforms with attestations has some 30. */
export const maxManifests = 10_000;

/** Bytes of all manifests of one copy; a parent is kept in memory until its children are there. */
export const maxManifestBytes = 128 * 1024 * 1024;
