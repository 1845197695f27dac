/** For a test: pushes images to a layout. Arguments: folder, prefix of the tags, number. */
import { imageOf } from "../behaviours/content.ts";
import { pushImage } from "../behaviours/trial.ts";
import { openLayout } from "./layout.ts";

const [, , folder, prefix, count] = process.argv;
const layout = await openLayout(folder!, { create: true });
for (let n = 0; n < Number(count); n++) {
  await pushImage(layout, imageOf(`${prefix}${n}`), `${prefix}${n}`);
}
await layout.close();
