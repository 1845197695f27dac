import assert from "node:assert/strict";
import { test } from "node:test";

import { absoluteLinks } from "./links.ts";

const links = new URL("https://github.com/acme/app/blob/main/");
const pictures = new URL("https://github.com/acme/app/raw/main/");
const mended = (text: string) => absoluteLinks(text, links, pictures);

test("relative links become absolute, pictures by their own address", () => {
  for (const [given, expected] of [
    ["[a](docs/a.md)", "[a](https://github.com/acme/app/blob/main/docs/a.md)"],
    ['[a](./a.md "title")', '[a](https://github.com/acme/app/blob/main/a.md "title")'],
    ["[a](/LICENSE)", "[a](https://github.com/acme/app/blob/main/LICENSE)"],
    ["![p](p.png)", "![p](https://github.com/acme/app/raw/main/p.png)"],
    ["[a](<a b.md>)", "[a](<https://github.com/acme/app/blob/main/a%20b.md>)"],
    ["[ref]: a.md", "[ref]: https://github.com/acme/app/blob/main/a.md"],
    [
      '<img width="3" src="p.png">',
      '<img width="3" src="https://github.com/acme/app/raw/main/p.png">',
    ],
    ['<a href="a.md">', '<a href="https://github.com/acme/app/blob/main/a.md">'],
    ["<img src='p.png'>", "<img src='https://github.com/acme/app/raw/main/p.png'>"],
    ["<img src = p.png>", "<img src = https://github.com/acme/app/raw/main/p.png>"],
    ["[ref]: <a.md> 'title'", "[ref]: <https://github.com/acme/app/blob/main/a.md> 'title'"],
    [
      "![p][Logo]\n\n[logo]: p.png\n[a]: a.md",
      "![p][Logo]\n\n[logo]: https://github.com/acme/app/raw/main/p.png\n[a]: https://github.com/acme/app/blob/main/a.md",
    ],
    [
      "- ```\n  [a](a.md)\n  ```\n- [a](a.md)",
      "- ```\n  [a](a.md)\n  ```\n- [a](https://github.com/acme/app/blob/main/a.md)",
    ],
    ["``` `x` ``` [a](a.md)", "``` `x` ``` [a](https://github.com/acme/app/blob/main/a.md)"],
    [
      "[![badge](b.svg)](ci.md)",
      "[![badge](https://github.com/acme/app/raw/main/b.svg)](https://github.com/acme/app/blob/main/ci.md)",
    ],
  ] as const)
    assert.equal(mended(given), expected);
});

test("what leads somewhere already stays, and so does code", () => {
  for (const text of [
    "[a](https://example.com/a)",
    "[a](#part)",
    "[a](mailto:me@example.com)",
    "[a](//example.com/a)",
    "`[a](a.md)`",
    "```md\n[a](a.md)\n```",
    "````md\n```\n[a](a.md)\n```\n````",
    "~~~\n```\n[a](a.md)\n~~~",
    "> ```\n> [a](a.md)\n> ```",
    "[^1]: see a.md",
    "no link (a.md)",
  ])
    assert.equal(mended(text), text);
});

test("a page that is meant to take long is read in no time", () => {
  for (const text of [
    "[".repeat(50_000),
    "![".repeat(20_000),
    "[a](".repeat(20_000),
    "`".repeat(50_001),
    "![a".repeat(20_000),
    "> ".repeat(25_000),
    "- ".repeat(25_000),
    `<img ${"src ".repeat(10_000)}>`,
  ])
    assert.equal(typeof mended(text), "string");
});
