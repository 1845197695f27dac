/** Completion for bash; needs nothing but bash itself. */
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
  case $previous in
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

/** What may follow a flag; one name means the same wherever it is a flag. */
function flagCases(commands: readonly CompletedCommand[]): string[] {
  const known = new Map(commands.flatMap(({ flags }) => Object.entries(flags)));
  const patterns = new Map<string, string[]>();
  for (const [name, flag] of known) {
    if (flag.value === undefined) continue;
    const values = isPath(flag) ? "path" : offered(flag).join(" ") || "path";
    const spelled = [`--${name}`, ...(flag.short ? [`-${flag.short}`] : [])];
    patterns.set(values, [...(patterns.get(values) ?? []), ...spelled]);
  }
  return [...patterns].map(([values, names]) => `    ${names.join("|")}) values="${values}" ;;`);
}
