/**
 * Fields of documents that strangers have pushed: what is not as it should be is as good as absent. The registry took the document
 * as it is, and nobody is told of its mistakes; `reference/fields.ts` is for those that are refused.
 */
import { isObject, type JsonObject } from "../reference/fields.ts";

/** An object; an empty one for anything else. */
export function objectOf(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The objects of a list. */
export function objectsOf(value: unknown): JsonObject[] {
  return listOf(value).filter(isObject);
}

/** Text that is not empty. */
export function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

/** The texts of a list. */
export function textsOf(value: unknown): string[] {
  return listOf(value).filter((each) => typeof each === "string");
}
