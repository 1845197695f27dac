/** Regular expressions of Go (RE2) in JavaScript's spelling. */
import { WharfError } from "../../errors.ts";
import { checkPatterns } from "../../image/tags/pattern.ts";

const classes: Readonly<Record<string, string>> = {
  alnum: "0-9A-Za-z",
  alpha: "A-Za-z",
  digit: "0-9",
  lower: "a-z",
  upper: "A-Z",
  word: "0-9A-Za-z_",
  xdigit: "0-9A-Fa-f",
  punct: "!-\\/:-@\\[-`\\{-~",
  space: "\\t\\n\\v\\f\\r ",
};

/** What needs its backslash in JavaScript, where an expression has the flag `u`. */
const special = /[\^$\\.*+?()[\]{}|/]/;

/**
 * Translates an expression.
 * @throws WharfError UNSUPPORTED where JavaScript has no counterpart, USAGE where it makes no sense
 */
export function fromGo(expression: string): string {
  let text = "";
  let inClass = false;
  for (let at = 0; at < expression.length; at += 1) {
    const rest = expression.slice(at);
    const posix = inClass ? /^\[:(\w+):\]/.exec(rest) : null;
    const group = /^\(\?P?<(\w+)>/.exec(rest);
    if (posix) {
      text += classes[posix[1]!] ?? refuse(expression, posix[0]);
      at += posix[0].length - 1;
    } else if (rest[0] === "\\") {
      text += escaped(rest[1] ?? "", inClass, expression);
      at += 1;
    } else if (!inClass && group) {
      text += `(?<${group[1]}>`;
      at += group[0].length - 1;
    } else if (!inClass && /^\(\?[^:=!<]/.test(rest)) {
      refuse(expression, rest.slice(0, 3));
    } else {
      if (rest[0] === "[" && !inClass) {
        inClass = true;
        // A bracket right behind the first one is meant as it is.
        const first = /^\[\^?\]/.exec(rest);
        if (first) {
          text += first[0].replace("]", "\\]");
          at += first[0].length - 1;
          continue;
        }
      } else if (rest[0] === "]") inClass = false;
      text += rest[0];
    }
  }
  checkPatterns(text);
  return text;
}

function escaped(letter: string, inClass: boolean, whole: string): string {
  if (letter === "A") return "^";
  if (letter === "z") return "$";
  if (letter === "Q" || letter === "C" || letter === "a") refuse(whole, `\\${letter}`);
  if (/[A-Za-z0-9]/.test(letter) || special.test(letter)) return `\\${letter}`;
  return inClass && letter === "-" ? "\\-" : letter;
}

function refuse(expression: string, part: string): never {
  throw new WharfError(
    "UNSUPPORTED",
    `The expression '${expression}' has '${part}', which JavaScript does not know`,
    { hint: "Write it in another way." },
  );
}
