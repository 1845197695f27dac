/** Cells of tables: a field of an item, as a person reads it. */
import { formatAge, formatBytes } from "../format.ts";

export interface Field {
  readonly title: string;
  readonly align?: "left" | "right";
  readonly text: (item: Readonly<Record<string, unknown>>) => string;
}

export const plain = (name: string, title = name.replaceAll("_", " ").toUpperCase()): Field => ({
  title,
  text: (item) => textOf(item[name]),
});
export const number = (name: string, title: string): Field => ({
  ...plain(name, title),
  align: "right",
});
export const age = (name: string, title: string): Field => ({
  title,
  text: (item) => ageOf(item[name]),
});
export const size = (name: string, title: string): Field => ({
  title,
  align: "right",
  text: (item) => (typeof item[name] === "number" ? formatBytes(item[name]) : ""),
});
export const yes = (name: string, title: string): Field => ({
  title,
  text: (item) => (item[name] === true ? "yes" : item[name] === false ? "no" : ""),
});

export function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "object") return JSON.stringify(value);
  return String(value).replaceAll(/\s+/g, " ");
}

/** How long ago, for moments that are known; `0001-01-01` and the like mean never. */
export function ageOf(value: unknown): string {
  if (typeof value !== "string" || value === "") return "";
  const moment = new Date(value);
  if (Number.isNaN(moment.getTime()) || moment.getUTCFullYear() < 2000) return "never";
  return formatAge(moment, Date.now());
}
