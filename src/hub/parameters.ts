/** Fields that several operations of Docker Hub take. */
import * as z from "zod";

/** User or organization that owns something. `_` means `library`, as on Docker Hub's pages. */
export const namespace = z
  .string()
  .min(1)
  .describe("User or organization that owns the repository");

export const repository = z.string().min(1).describe("Name of the repository in its namespace");

export const tag = z.string().min(1).max(128).describe("Tag of the repository");

export const org_name = z.string().min(1).describe("Name of the organization");

export const group_name = z.string().min(1).describe("Name of the team");

export const username = z.string().min(1).describe("Docker ID of the user");

/** The fields of a list that is paged by number. */
export const paging = {
  page: z.int().min(1).optional().describe("Page number, from 1"),
  page_size: z.int().min(1).max(100).optional().describe("Results on a page, at most 100"),
};

/** A string that must not be seen again: surfaces hide it wherever they show an input. */
export const secret = z.string().min(1).meta({ format: "password" });
