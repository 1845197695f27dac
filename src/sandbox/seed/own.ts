/** Names of the images that we bring. */

/** How a seed calls it: `hello` is built as pipelines build, `plain` is the image and nothing else. */
export const ownImage = /^(hello|plain)(?:@([\w.+-]{1,64}))?$/;
