/** Completion for bash; needs nothing but bash itself. */
import type { Flag } from "../command.ts";
import type { CompletedCommand } from "./completion.ts";
import {
  before,
  type Group,
  groupsOf,
  isPath,
  offered,
  offeredWords,
  pathsOf,
  sharedFlags,
} from "./words.ts";

export function bash(commands: readonly CompletedCommand[]): string {
  const groups = groupsOf(commands);
  const shared = sharedFlags(commands);
  const spelled = spellings(
    Object.entries(commands[0]?.flags ?? {}).filter(([name]) => shared.has(name)),
  );
  const following = ({ name, below }: Group) =>
    [...below.map(({ word }) => word), ...(name === "" ? before : [])].join(" ");
  return `# bash completion for wharf
_wharf() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} name="" more="" word i
  COMPREPLY=()
  # bash takes "--flag=value" for three words.
  if [ "$current" = = ]; then current=""; elif [ "$previous" = = ]; then previous=\${COMP_WORDS[COMP_CWORD-2]}; fi

  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in -*) continue ;; esac
    case "$name\${name:+ }$word" in
      ${pathsOf(groups)
        .map((path) => `"${path}"`)
        .join("|")}) name="$name\${name:+ }$word" ;;
      *) [ -n "$name" ] || name=-; more=1; break ;;
    esac
  done

  local commands="" flags="" arguments="" values="" words="" shared="${spelled.join(" ")}"
  [ -n "$more" ] || case $name in
${groups.map((group) => `    "${group.name}") commands="${following(group)}" ;;`).join("\n")}
  esac
  case $name in
${commands.map((command) => `    "${command.name}") ${variables(command, shared)} ;;`).join("\n")}
  esac
  case "$name $previous" in
${flagCases(commands).join("\n")}
  esac
  if [ "$values" = path ]; then words=""
  elif [ -n "$values" ]; then words=$values
  elif [[ $current == -* && -n $flags ]]; then words=$flags
  elif [ -n "$commands" ]; then words=$commands
  else words=$arguments
  fi
  # With nothing to offer bash completes paths.
  [ -n "$words" ] && COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _wharf wharf
`;
}

function variables(
  { arguments: known, flags }: CompletedCommand,
  shared: ReadonlySet<string>,
): string {
  const own = spellings(Object.entries(flags).filter(([name]) => !shared.has(name)));
  const words = offeredWords(known);
  const names = [...(shared.size > 0 ? ["$shared"] : []), ...own];
  return `flags="${names.join(" ")}"${words.length > 0 ? `; arguments="${words.join(" ")}"` : ""}`;
}

const spellings = (flags: readonly (readonly [string, Flag])[]): string[] =>
  flags.flatMap(([flag, { short }]) => [...(short ? [`-${short}`] : []), `--${flag}`]);

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
