/**
 * Reads a shell script into a flat list of the simple commands that it can run. With `shell-syntax.ts` the only importer
 * of unbash; the walk keeps its own stack, so nesting cannot overflow ours. Knows nothing of tokens, wrappers or
 * Dockerfiles.
 */

import { forEachChild, parse } from "unbash";
import type { ParsedScript, SyntaxNode } from "unbash";
import { toSource, type MappedText } from "./mapped-text.ts";
import { readAssignment, readRedirections, readWord, substitutionsIn, type ShellProblem } from "./shell-syntax.ts";
import {
  OUTSIDE,
  shellCommand,
  wordOf,
  type CommandParts,
  type ShellAssignment,
  type ShellBranch,
  type ShellCommand,
  type ShellContext,
  type TextPiece,
} from "./shell-word.ts";

/** What was read, and what the shell would refuse. */
export interface ShellScript {
  readonly commands: readonly ShellCommand[];
  readonly problems: readonly ShellProblem[];
}

/** A node still to be walked. */
interface Task {
  readonly node: SyntaxNode;
  readonly context: ShellContext;
}

/** More commands than any real script has; past this the rest is reported as a problem. */
const MAX_COMMANDS = 100_000;

/** For each member of a list: true when the list can end well although it did not run. */
function skippable(operators: readonly string[]): boolean[] {
  const lastOr = operators.lastIndexOf("||");
  return [false, ...operators.map((operator, i) => operator === "||" || i + 1 <= lastOr)];
}

/** Reads one script; every offset in the result counts in `script.text`. Never throws. */
export function readShell(script: MappedText): ShellScript {
  const commands: ShellCommand[] = [];
  const problems: ShellProblem[] = [];
  const stack: Task[] = [];
  let pipelines = 0;

  /** Walks these next, the first one first. */
  function next(nodes: readonly SyntaxNode[], contextOf: (i: number) => ShellContext): void {
    for (let i = nodes.length - 1; i >= 0; i--) {
      const node = nodes[i];
      if (node !== undefined) stack.push({ node, context: contextOf(i) });
    }
  }

  function enter(read: ParsedScript | undefined, within: number, context: ShellContext): void {
    for (const error of read?.errors ?? [])
      problems.push({ offset: Math.max(within, error.pos), message: error.message });
    if (read === undefined) return;
    if (read.source === undefined) {
      next(read.commands, () => ({ ...context, within, pipeline: 0, pipeIndex: 0, around: null }));
      return;
    }
    // Escaped backticks: the inner script has a text of its own, of which only the outer place is known.
    const inner = readShell({
      text: read.source,
      segments: [{ at: 0, src: toSource(script, within), length: 1, srcLength: 1 }],
    });
    problems.push(...inner.problems.map(({ message }) => ({ offset: within, message })));
    for (const command of inner.commands) {
      const { isConditional, branch } = context;
      commands.push({ ...command, isConditional, branch, pipeline: ++pipelines, within });
    }
  }

  function add(node: SyntaxNode, context: ShellContext, parts: CommandParts): void {
    const numbered = context.pipeline === 0 ? ++pipelines : context.pipeline;
    commands.push(shellCommand(script, { start: node.pos, end: node.end }, parts, context, numbered));
  }

  function lookInto(nodes: readonly SyntaxNode[], context: ShellContext): void {
    for (const { script: inner, at } of substitutionsIn(nodes).toReversed()) enter(inner, at, context);
  }

  function simple(node: Extract<SyntaxNode, { type: "Command" }>, context: ShellContext): void {
    const words = node.name === undefined ? [] : [readWord(node.name)];
    const declarations: ShellAssignment[] = [];
    for (const argument of node.args) {
      if (argument.type === "Word") {
        words.push(readWord(argument));
        continue;
      }
      const declared = readAssignment(argument);
      declarations.push(declared);
      const name: TextPiece = {
        kind: "text",
        text: `${declared.name}=`,
        isQuoted: false,
        start: argument.pos,
        end: declared.value.start,
      };
      words.push(wordOf([name, ...declared.value.pieces], argument.pos, argument.end));
    }
    const assignments = node.prefix.flatMap((item) => (item.type === "Assignment" ? [readAssignment(item)] : []));
    const { redirects, input } = readRedirections(node.redirects, problems);
    add(node, context, { words, assignments, declarations, redirects, input });
    lookInto([node], context);
  }

  function step({ node, context }: Task): void {
    const maybe = (after: ShellBranch["after"] = null): ShellContext => {
      return { ...context, isConditional: true, branch: { outer: context.branch, after } };
    };
    switch (node.type) {
      case "Command":
        simple(node, context);
        break;
      case "Statement":
        next([node.command], () => (node.background === true ? maybe() : context));
        break;
      case "AndOr": {
        const canSkip = skippable(node.operators);
        next(node.commands, (i) => {
          const before = node.operators[i - 1] === "&&" ? node.commands[i - 1] : undefined;
          const after = before === undefined ? null : { start: before.pos, end: before.end };
          return canSkip[i] === true ? maybe(after) : context;
        });
        break;
      }
      case "Pipeline": {
        const pipeline = context.pipeline === 0 ? ++pipelines : context.pipeline;
        next(node.commands, (i) => ({
          ...context,
          pipeline,
          pipeIndex: context.pipeline === 0 ? i : context.pipeIndex,
        }));
        break;
      }
      case "Redirected": {
        const read = readRedirections(node.redirects, problems);
        add(node, context, read);
        next([node.command], () => ({ ...context, around: { ...read, outer: context.around } }));
        lookInto(node.redirects, context);
        break;
      }
      case "CompoundList":
        next(node.commands, () => context);
        break;
      case "Subshell":
        next([node.body], () => ({ ...context, subshell: { outer: context.subshell } }));
        break;
      case "BraceGroup":
        next([node.body], () => context);
        break;
      case "Function":
        next([node.body], () => ({ ...maybe(), inFunction: readWord(node.name).value }));
        break;
      case "If":
        next([node.clause, node.then, ...node.elif, ...(node.else ? [node.else] : [])], (i) =>
          i === 0 ? context : maybe(),
        );
        break;
      case "For":
      case "Select": {
        const words = node.wordlist ?? [];
        const elements = words.map(readWord);
        const pieces = elements.flatMap((word) => word.pieces);
        const value = wordOf(pieces, words[0]?.pos ?? node.name.end, node.body.pos);
        const { value: name, pos: start, end } = node.name;
        const variable = { name, value, elements, isAdded: false, isLoop: true, start, end };
        add(node.name, context, { assignments: [variable] });
        next([node.body], () => maybe());
        lookInto(words, context);
        break;
      }
      case "Case":
        next(node.items, () => maybe());
        lookInto([node.word], context);
        break;
      case "Elif":
      case "While":
      case "CaseItem":
      case "Coproc":
      case "ArithmeticFor": {
        const lists: SyntaxNode[] = [];
        forEachChild(node, (child) => lists.push(child));
        const inside = maybe();
        next(lists, () => inside);
        break;
      }
      case "TestCommand":
      case "ArithmeticCommand":
        lookInto([node], context);
        break;
      default:
        break;
    }
  }

  enter(parse(script.text), -1, OUTSIDE);
  for (let task = stack.pop(); task !== undefined; task = stack.pop()) {
    if (commands.length >= MAX_COMMANDS) {
      problems.push({ offset: task.node.pos, message: `more than ${MAX_COMMANDS} commands` });
      break;
    }
    step(task);
  }
  return { commands, problems };
}
