import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";

import { dayOf, isComplete, spanOf } from "./spans.ts";

test("weeks begin on Monday and count as ISO 8601 counts them", () => {
  assert.deepEqual(spanOf("2026-01-01", "weeks"), {
    kind: "weeks",
    year: 2026,
    number: 1,
    start: "2025-12-29",
    end: "2026-01-05",
  });
  assert.equal(spanOf("2027-01-03", "weeks").number, 53);
  assert.equal(spanOf("2027-01-03", "weeks").year, 2026);
});

test("a day lies in its month and week, and both are over when the day after them begins", () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("2000-01-01"), max: new Date("2100-01-01"), noInvalidDate: true }),
      fc.constantFrom("months" as const, "weeks" as const),
      (date, kind) => {
        const day = dayOf(date.getTime());
        const span = spanOf(day, kind);
        assert(span.start <= day && day < span.end);
        assert.deepEqual(spanOf(span.start, kind), span);
        assert(isComplete(span, Date.parse(span.end)));
        assert(!isComplete(span, Date.parse(span.end) - 1));
      },
    ),
  );
});
