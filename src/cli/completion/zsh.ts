/** Completion for zsh: a function for its completion system. */
import type { Argument, Flag } from "../command.ts";
import type { CompletedCommand } from "./completion.ts";
import { groupsOf, isPath, offered, pathsOf, sharedFlags } from "./words.ts";

export function zsh(commands: readonly CompletedCommand[]): string {
  const groups = groupsOf(commands);
  const shared = sharedFlags(commands);
  const common = Object.entries(commands[0]?.flags ?? {}).filter(([name]) => shared.has(name));
  return `#compdef wharf
_wharf() {
  local -a commands shared
  local name= i=2
  while (( i < CURRENT )); do
    case "$name\${name:+ }$words[i]" in
      ${pathsOf(groups)
        .map((path) => `"${path}"`)
        .join("|")}) name="$name\${name:+ }$words[i]" ;;
      *) break ;;
    esac
    (( i++ ))
  done
  if (( i == CURRENT )) && [[ $words[CURRENT] != -* || -z $name ]]; then
    case $name in
${groups.map(({ name, below }) => `    "${name}") commands=(${described(below)}) ;;`).join("\n")}
    esac
    if (( $#commands )); then
      _describe -t commands command commands
      return
    fi
  fi
  shared=(
    ${common.map(flagSpec).join("\n    ")}
  )
  case $name in
${commands.map((command) => caseOf(command, shared)).join("\n")}
  esac
}
if [[ $funcstack[1] == _wharf ]]; then _wharf "$@"; else compdef _wharf wharf; fi
`;
}

const described = (words: readonly { readonly word: string; readonly about: string }[]) =>
  words.map(({ word, about }) => `'${word}:${escaped(about)}'`).join(" ");

function caseOf(
  { name, arguments: known, flags }: CompletedCommand,
  shared: ReadonlySet<string>,
): string {
  const skip = name.split(" ").length;
  const own = Object.entries(flags).filter(([flag]) => !shared.has(flag));
  const specs = ["$shared", ...own.map(flagSpec), ...known.map(argumentSpec)];
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
