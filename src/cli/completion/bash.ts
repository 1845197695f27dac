/** Completion for bash; needs nothing but bash itself. */
import type { Flag } from "../command.ts";
import type { CompletedCommand } from "./completion.ts";
import { before, firstWords, isPath, offered, offeredWords } from "./words.ts";

export function bash(commands: readonly CompletedCommand[]): string {
  const first = firstWords(commands);
  const groups = first.filter(({ below }) => below.length > 0);
  const list = (words: readonly string[]) => words.join(" ");
  return `# bash completion for wharf
_wharf() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} name="" word i
  COMPREPLY=()
  # bash takes "--flag=value" for three words.
  if [ "$current" = = ]; then current=""; elif [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi

  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in -*) continue ;; esac
    case $name in
      "") name=$word ;;
      ${groups.map(({ word }) => word).join("|")}) name="$name $word"; break ;;
      *) break ;;
    esac
  done

  local commands="" flags="" arguments="" values="" words=""
  case $name in
    "") commands="${list([...first.map(({ word }) => word), ...before])}" ;;
${groups.map(({ word, below }) => `    ${word}) commands="${list(below.map((second) => second.word))}" ;;`).join("\n")}
${commands.map((command) => `    "${command.name}") ${variables(command)} ;;`).join("\n")}
  esac
  case "$name $previous" in
${flagCases(commands).join("\n")}
  esac
  if [ -n "$commands" ]; then words=$commands
  elif [ "$values" = path ]; then words=""
  elif [ -n "$values" ]; then words=$values
  elif [[ $current == -* ]]; then words=$flags
  else words=$arguments
  fi
  # With nothing to offer bash completes paths.
  [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _wharf wharf
`;
}

function variables({ arguments: known, flags }: CompletedCommand): string {
  const names = Object.entries(flags).flatMap(([flag, { short }]) => [
    ...(short ? [`-${short}`] : []),
    `--${flag}`,
  ]);
  const words = offeredWords(known);
  return `flags="${names.join(" ")}"${words.length > 0 ? `; arguments="${words.join(" ")}"` : ""}`;
}

/** What may follow a flag. Most mean the same wherever they are; where one does not, its command comes first. */
function flagCases(commands: readonly CompletedCommand[]): string[] {
  const general = new Map<string, string>();
  const patterns = new Map<string, { values: string; names: string[] }>();
  const add = (kind: string, values: string, names: readonly string[]) => {
    const pattern = patterns.get(kind + values) ?? { values, names: [] };
    pattern.names.push(...names);
    patterns.set(kind + values, pattern);
  };
  for (const { name: command, flags } of commands)
    for (const [name, flag] of Object.entries(flags)) {
      const values = valuesOf(flag);
      for (const spelled of [`--${name}`, ...(flag.short ? [`-${flag.short}`] : [])]) {
        const known = general.get(spelled);
        if (known === undefined) general.set(spelled, values);
        else if (known !== values) add("own", values, [`"${command} ${spelled}"`]);
      }
    }
  for (const [spelled, values] of general)
    if (values !== "") add("any", values, [`*" ${spelled}"`]);
  const order = [...patterns].toSorted(([a], [b]) => b.slice(0, 3).localeCompare(a.slice(0, 3)));
  return order.map(([, { values, names }]) => `    ${names.join("|")}) values="${values}" ;;`);
}

/** Words for a flag's value; empty for a switch. */
function valuesOf(flag: Flag): string {
  if (flag.value === undefined) return "";
  return isPath(flag) ? "path" : offered(flag).join(" ") || "path";
}
