/** Completion scripts, made from the definitions of the commands. */
import type { Flag } from "./command.ts";
import { usage } from "./flags.ts";

export interface CompletedCommand {
  readonly name: string;
  readonly summary: string;
  readonly flags: Readonly<Record<string, Flag>>;
}

/** @throws WharfError USAGE for an unknown shell */
export function completionScript(shell: string, commands: readonly CompletedCommand[]): string {
  if (shell === "bash") return bash(commands);
  if (shell === "zsh") return zsh(commands);
  if (shell === "fish") return fish(commands);
  throw usage(`There is no completion for '${shell}'`, "Known shells are bash, zsh and fish.");
}

const firstWords = (commands: readonly CompletedCommand[]) => [
  ...new Set(commands.map(({ name }) => name.split(" ")[0]!)),
];
const secondWords = (commands: readonly CompletedCommand[], first: string) =>
  commands
    .filter(({ name }) => name.startsWith(`${first} `))
    .map(({ name }) => name.split(" ")[1]!);
const takesFiles = (text: string) => /FILE|DIR/.test(text);

function bash(commands: readonly CompletedCommand[]): string {
  const nested = firstWords(commands).filter((first) => secondWords(commands, first).length > 0);
  const cases = commands.map(({ name, flags }) => {
    const words = Object.keys(flags).map((flag) => `--${flag}`);
    return `    "${name}") words="${words.join(" ")}" ;;`;
  });
  const choices = commands.flatMap(({ name, flags }) =>
    Object.entries(flags)
      .filter(([, flag]) => flag.choices)
      .map(
        ([flag, { choices: known }]) => `    "${name} --${flag}") words="${known!.join(" ")}" ;;`,
      ),
  );
  return `# bash completion for wharf
_wharf() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD-1]} command=\${COMP_WORDS[1]} words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${firstWords(commands).join(" ")} help --help --version" -- "$current"))
    return
  fi
  case $command in
${nested
  .map(
    (first) => `    ${first})
      if [ "$COMP_CWORD" -eq 2 ]; then
        COMPREPLY=($(compgen -W "${secondWords(commands, first).join(" ")}" -- "$current"))
        return
      fi
      command="$command \${COMP_WORDS[2]}" ;;`,
  )
  .join("\n")}
  esac
  case "$command $previous" in
${choices.join("\n")}
  esac
  if [ -n "$words" ]; then COMPREPLY=($(compgen -W "$words" -- "$current")); return; fi
  case $command in
${cases.join("\n")}
  esac
  case $current in
    -*) COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}
complete -o default -F _wharf wharf
`;
}

function zsh(commands: readonly CompletedCommand[]): string {
  const text = (words: string) =>
    words.replaceAll(/[[\]:'\\]/g, (c) => (c === "'" ? "'\\''" : `\\${c}`));
  const cases = commands.map(({ name, flags }) => {
    const lines = Object.entries(flags).map(([flag, { about, value, repeated, choices }]) => {
      const action = choices ? `(${choices.join(" ")})` : takesFiles(value ?? "") ? "_files" : "";
      const argument = value ? `:${text(value)}:${action}` : "";
      return `'${repeated ? "*" : ""}--${flag}${value ? "=" : ""}[${text(about)}]${argument}'`;
    });
    const skip = name.split(" ").length;
    return `    "${name}") shift ${skip} words; (( CURRENT -= ${skip} )); _arguments ${lines.join(" ")} '*:: :_files' ;;`;
  });
  const described = (words: readonly [string, string][]) =>
    words.map(([word, about]) => `'${word}:${text(about)}'`).join(" ");
  const summaryOf = (first: string) =>
    commands.find(({ name }) => name === first)?.summary ??
    `${secondWords(commands, first).join(", ")}`;
  const firsts = firstWords(commands).map((first): [string, string] => [first, summaryOf(first)]);
  const nested = firstWords(commands).filter((first) => secondWords(commands, first).length > 0);
  return `#compdef wharf
_wharf() {
  local -a commands
  if (( CURRENT == 2 )); then
    commands=(${described(firsts)})
    _describe command commands
    return
  fi
  local name=$words[2]
  case $name in
${nested
  .map((first) => {
    const below = commands
      .filter(({ name }) => name.startsWith(`${first} `))
      .map(({ name, summary }): [string, string] => [name.split(" ")[1]!, summary]);
    return `    ${first})
      if (( CURRENT == 3 )); then commands=(${described(below)}); _describe command commands; return; fi
      name="$name $words[3]" ;;`;
  })
  .join("\n")}
  esac
  case $name in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = _wharf ]; then _wharf "$@"; else compdef _wharf wharf; fi
`;
}

function fish(commands: readonly CompletedCommand[]): string {
  const text = (words: string) => `'${words.replaceAll(/[\\']/g, (c) => `\\${c}`)}'`;
  const lines = ["# fish completion for wharf", "complete -c wharf -n __fish_use_subcommand -f"];
  for (const first of firstWords(commands)) {
    const own = commands.find(({ name }) => name === first);
    const about = own?.summary ?? secondWords(commands, first).join(", ");
    lines.push(`complete -c wharf -n __fish_use_subcommand -a ${first} -d ${text(about)}`);
  }
  for (const { name, summary, flags } of commands) {
    const [first, second] = name.split(" ");
    if (second)
      lines.push(
        `complete -c wharf -n '__fish_seen_subcommand_from ${first}; and test (count (commandline -opc)) -eq 2' -f -a ${second} -d ${text(summary)}`,
      );
    const seen = `__fish_seen_subcommand_from ${first}${second ? `; and __fish_seen_subcommand_from ${second}` : ""}`;
    for (const [flag, { about, value, choices, short }] of Object.entries(flags)) {
      const argument = choices
        ? ` -x -a ${text(choices.join(" "))}`
        : value
          ? takesFiles(value)
            ? " -r"
            : " -x"
          : "";
      lines.push(
        `complete -c wharf -n '${seen}' -l ${flag}${short ? ` -s ${short}` : ""}${argument} -d ${text(about)}`,
      );
    }
  }
  return `${lines.join("\n")}\n`;
}
