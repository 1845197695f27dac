/** The one area of Docker Scout. To add an operation, add it to a file of operations/, and a fixture. */
export * as scout from "./operations.ts";
