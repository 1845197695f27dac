/** Logos of repositories: for namespaces with a badge. */
import type * as declared from "../../../hub/operations/repositories.ts";
import { record, repositorySubject } from "../../events/audit.ts";
import { type Behaviours, type Context, Reply } from "../context.ts";
import { badRequest, forbidden, notFound } from "../refusal.ts";
import { accountNamed, type RepositoryInput, repositoryFor } from "./found.ts";

const png = Buffer.from("89504e470d0a1a0a", "hex");

export const logos: Pick<Behaviours<typeof declared>, "getLogo" | "uploadLogo" | "deleteLogo"> = {
  getLogo(context, input) {
    const { id } = repositoryFor(context, input, "read");
    const row = context.state.one<{ image: Uint8Array }>(
      "SELECT image FROM logos WHERE repository = ?",
      id,
    );
    if (!row) throw notFound();
    return new Reply(200, new Uint8Array(row.image), { "content-type": "image/png" });
  },

  uploadLogo(context, { image, ...input }) {
    const row = badged(context, input);
    if (!Buffer.from(image).subarray(0, 8).equals(png)) throw badRequest("the logo is no PNG");
    context.state.run("INSERT OR REPLACE INTO logos VALUES (?, ?)", row.id, image);
    record(context, "repo.update", repositorySubject(row), { fields: "logo" });
  },

  deleteLogo(context, input) {
    const row = badged(context, input);
    if (context.state.run("DELETE FROM logos WHERE repository = ?", row.id).changes === 0)
      throw notFound();
    record(context, "repo.update", repositorySubject(row), { fields: "logo" });
  },
};

/** @throws HubRefusal 403 where the namespace is neither official nor sponsored nor a verified publisher's */
function badged(context: Context, input: RepositoryInput) {
  const row = repositoryFor(context, input, "admin");
  if (accountNamed(context, row.namespace).badge === "none")
    throw forbidden("logos are for official, sponsored and verified publishers' repositories");
  return row;
}
