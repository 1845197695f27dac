/** Completion for zsh: a function for its completion system. */
import type { Argument, Flag } from "../command.ts";
import type { CompletedCommand } from "./completion.ts";
import { firstWords, isPath, offered } from "./words.ts";

export function zsh(commands: readonly CompletedCommand[]): string {
  const first = firstWords(commands);
  const groups = first.filter(({ below }) => below.length > 0);
  return `#compdef wharf
_wharf() {
  local -a commands
  if (( CURRENT == 2 )); then
    commands=(${described(first)})
    _describe -t commands command commands
    return
  fi
  local name=$words[2]
  case $name in
${groups
  .map(
    ({ word, below }) => `    ${word})
      if (( CURRENT == 3 )); then
        commands=(${described(below)})
        _describe -t commands command commands
        return
      fi
      name="$name $words[3]" ;;`,
  )
  .join("\n")}
  esac
  case $name in
${commands.map(caseOf).join("\n")}
  esac
}
if [[ $funcstack[1] == _wharf ]]; then _wharf "$@"; else compdef _wharf wharf; fi
`;
}

const described = (words: readonly { readonly word: string; readonly about: string }[]) =>
  words.map(({ word, about }) => `'${word}:${escaped(about)}'`).join(" ");

function caseOf({ name, arguments: known, flags }: CompletedCommand): string {
  const skip = name.split(" ").length;
  const specs = [...Object.entries(flags).map(flagSpec), ...known.map(argumentSpec)];
  return `    "${name}")
      shift ${skip} words; (( CURRENT -= ${skip} ))
      _arguments -s \\
        ${specs.join(" \\\n        ")} ;;`;
}

function flagSpec([name, flag]: [string, Flag]): string {
  const { about, value, repeated, short } = flag;
  const action = isPath(flag) ? "_files" : choice(offered(flag));
  const argument = value === undefined ? "" : `:${escaped(value)}:${action}`;
  const rest = `[${escaped(about)}]${argument}`;
  const long = `--${name}${value === undefined ? "" : "="}`;
  if (repeated) return `'*${long}${rest}'`;
  if (short === undefined) return `'${long}${rest}'`;
  return `'(-${short} --${name})'{-${short}${value === undefined ? "" : "+"},${long}}'${rest}'`;
}

function argumentSpec({ name, repeated, choices = [] }: Argument): string {
  return `'${repeated ? "*" : ""}:${escaped(name)}:${choice(choices) || "_files"}'`;
}

const choice = (words: readonly string[]) => (words.length > 0 ? `(${words.join(" ")})` : "");

/** Inside single quotes, in a specification of `_arguments`. */
const escaped = (text: string) =>
  text.replaceAll(/[[\]:'\\]/g, (letter) => (letter === "'" ? "'\\''" : `\\${letter}`));
