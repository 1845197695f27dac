/** How much one document may ask for: whoever nests or repeats without end is refused before anything is computed. */
import type { DocumentNode, FragmentDefinitionNode, SelectionSetNode } from "graphql";

/** Levels; GraphiQL's question for the schema has 16. */
const deepest = 20;
/** Fields, those of a fragment as often as it is used. */
const mostFields = 5000;
/** Fields at the top, each of which may look through a whole stream. */
const mostTop = 20;

/**
 * What is too much in a document whose fragments form no circle; undefined where nothing is.
 * @param document parsed and validated
 */
export function excessOf(document: DocumentNode): string | undefined {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions)
    if (definition.kind === "FragmentDefinition") fragments.set(definition.name.value, definition);
  let fields = 0;
  let excess: string | undefined;

  function walk(set: SelectionSetNode, depth: number): number {
    let here = 0;
    for (const selection of set.selections) {
      if (excess !== undefined) return here;
      if (selection.kind === "Field") {
        here += 1;
        fields += 1;
        if (depth > deepest) excess = `the document is nested deeper than ${deepest} levels`;
        else if (fields > mostFields) excess = `the document has more than ${mostFields} fields`;
        else if (selection.selectionSet) walk(selection.selectionSet, depth + 1);
      } else {
        const inner =
          selection.kind === "InlineFragment"
            ? selection.selectionSet
            : fragments.get(selection.name.value)?.selectionSet;
        // Fragments without fields of their own count too, so that a chain of them ends.
        fields += 1;
        if (inner) here += walk(inner, depth);
      }
    }
    return here;
  }

  for (const definition of document.definitions)
    if (definition.kind === "OperationDefinition") {
      const top = walk(definition.selectionSet, 1);
      if (top > mostTop) excess ??= `the document has more than ${mostTop} fields at its top`;
    }
  return excess;
}
