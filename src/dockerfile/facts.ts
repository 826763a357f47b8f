/** What the engine has read of one Dockerfile: the one value that every rule looks at. Plain data; holds no raw token. */

import type { TokenFacts } from "../model/finding.ts";
import type { Confidence } from "../model/level.ts";
import type { Ignore } from "./ignore.ts";
import type { Span } from "./mapped-text.ts";
import type { SecretForm } from "./secret-form.ts";
import type { SourceText } from "./source-text.ts";

/**
 * Who gets to see what an instruction leaves behind: `final`, whoever pulls the image; `stage`, whoever gets the build's
 * cache, its provenance or another `--target`; `child`, whoever pulls an image built FROM this one (ONBUILD).
 */
export type Reach = "final" | "stage" | "child";

/** A script of the build context that a RUN starts. Its offsets lie behind those of the Dockerfile. */
export interface StartedScript {
  readonly start: number;
  /** As the reader would type it. */
  readonly shown: string;
  readonly source: SourceText;
}

/** A place in the Dockerfile or in a script that it starts, with what it has to do with a finding. */
export interface Step {
  /** Source offsets. */
  readonly span: Span;
  readonly text: string;
}

/** Why a variable is taken for a token's. */
export type Suspicion =
  /** Its name says so, or its value is one. */
  | { readonly kind: "name" | "value" }
  /** It takes the value of a variable that is one, or its value is used as one; `steps` lead there. */
  | { readonly kind: "source" | "use"; readonly steps: readonly Step[] };

/** An ARG or ENV that carries a token. */
export interface TokenVariable {
  readonly kind: "arg" | "env";
  readonly name: string;
  /** Source offsets of `NAME=value`. */
  readonly span: Span;
  readonly reach: Reach;
  readonly suspicion: Suspicion;
  /** The token that stands in the file for its value; null when it comes from outside. */
  readonly token: TokenFacts | null;
  readonly confidence: Confidence;
  /** True when all there is to see is a value of unknown shape under a token's name. */
  readonly isOpaque: boolean;
  /** The later ENV that sets it to nothing, in vain; null for an ARG. */
  readonly emptiedLater: Step | null;
  /** Flags and command of the RUN that needs it, on one line; null when none is known. */
  readonly usedBy: string | null;
  /** The name of the build argument or variable that its value comes from first: its own when from nowhere else. */
  readonly origin: string;
  /** True when a RUN of the same stage takes a secret under this name, and so needs no build argument. */
  readonly isMounted: boolean;
}

/** A token-shaped string that stands in the file. */
export interface Literal {
  readonly token: TokenFacts;
  readonly confidence: Confidence;
  readonly span: Span;
  /** The instruction it stands in; null for a comment. */
  readonly keyword: string | null;
  /** True in what COPY or ADD writes to a file of the layer out of a heredoc: the history does not repeat it. */
  readonly isFileContent: boolean;
  /** `source`: only who reads the Dockerfile sees it. */
  readonly reach: Reach | "source";
}

/** A word of LABEL, USER, WORKDIR and the like that expands a token into the image's config or history. */
export interface Expansion {
  readonly keyword: string;
  readonly span: Span;
  readonly variable: string;
  readonly reach: Reach;
  readonly steps: readonly Step[];
}

/** A login to Hugging Face in a RUN. */
export interface Login {
  /** How it is written, such as `huggingface-cli login`. */
  readonly form: string;
  readonly span: Span;
  readonly reach: Reach;
  /** False for a prompt that nothing answers. */
  readonly hasToken: boolean;
  /** What still lies there after the RUN (`~/.cache/huggingface/token`); empty when it clears all or mounts take it. */
  readonly leaves: readonly string[];
  /** The later instruction that deletes it in vain. */
  readonly deletedLater: Step | null;
  /** The id of the secret mount that gives it the token; null without one. */
  readonly secretId: string | null;
  /** Where it stands in a script that the RUN starts; null when it stands in the Dockerfile. */
  readonly inScript: Step | null;
  /** The RUN to write instead, on one line: without the login, or an example of one. */
  readonly instead: string;
}

/** A token that a RUN, or a heredoc of COPY, writes to a file that stays, or into an address that a program keeps. */
export interface TokenWrite {
  readonly kind: "file" | "url";
  /** What writes it, such as `tee` or `git clone`. */
  readonly form: string;
  readonly span: Span;
  readonly reach: Reach;
  /** The file, as a normal path. */
  readonly path: string;
  /** What is written, such as `HF_TOKEN` or `the secret hf`. */
  readonly what: string;
  /** The ARG or ENV whose value it is; null for anything else. */
  readonly variable: string | null;
  /** The id of the secret mount that it is read from. */
  readonly secretId: string | null;
  /** True for a token that stands in the file, which is a finding of its own. */
  readonly isLiteral: boolean;
  /** What stands behind RUN, on one line; null when it cannot be quoted. */
  readonly run: string | null;
  /** The same with git asking for the token; null where that is not certain. */
  readonly askingRun: string | null;
  /** How a command of the RUN gets the token: `$HF_TOKEN`, `$(cat /run/secrets/hf)`. */
  readonly reader: string;
  /** The later instruction that deletes it in vain. */
  readonly deletedLater: Step | null;
  /** From the source on, without the write itself. */
  readonly steps: readonly Step[];
}

/** A COPY or ADD from a stage in which a token lies under the copied path. */
export interface StageCopy {
  readonly keyword: string;
  readonly span: Span;
  readonly source: string;
  /** What `--from` names. */
  readonly from: string;
  /** The file with the token, in that stage. */
  readonly path: string;
  readonly reach: Reach;
  /** From the source of the token on, without the copy itself. */
  readonly steps: readonly Step[];
}

/** A secret mount of a token on a RUN that cannot use it. */
export interface IdleSecret {
  readonly span: Span;
  readonly id: string;
  /** False for a RUN that runs nothing. */
  readonly hasCommand: boolean;
  readonly reach: Reach;
}

/** A login in CMD or ENTRYPOINT. */
export interface StartLogin {
  readonly form: string;
  readonly span: Span;
  readonly keyword: string;
}

/** A COPY or ADD of a Hugging Face home from the build context or from another image. */
export interface CacheCopy {
  readonly keyword: string;
  readonly span: Span;
  readonly source: string;
  /** What `--from` names; null for the build context. */
  readonly from: string | null;
  /** Where it puts a single file that clients take for the token; null for a whole home. */
  readonly tokenFile: string | null;
  /** The token that was seen on disk; null when there was nothing to look at. */
  readonly find: ContextFind | null;
  readonly reach: Reach;
}

/** A file of the build context, with the place of a token in it. */
export interface ContextFile {
  /** Below the context. */
  readonly path: string;
  /** As the reader would type it. */
  readonly shown: string;
  readonly byteOffset: number | null;
  readonly line: number | null;
}

/** A token on disk that a COPY or ADD takes along. */
export interface ContextFind {
  /** Null for the token file of a Hugging Face home whose content has no known shape. */
  readonly token: TokenFacts | null;
  readonly confidence: Confidence;
  /** All files that hold it, by path; never empty. */
  readonly files: readonly ContextFile[];
  /** The ignore file that lets them through, or that is missing. */
  readonly ignoreFile: string;
}

/** A source of a COPY or ADD that takes a token from the build context. */
export interface ContextLeak {
  readonly keyword: string;
  readonly span: Span;
  readonly source: string;
  readonly reach: Reach;
  readonly find: ContextFind;
}

/** A copied file that is not on disk to look at, and is a token by its name. */
export interface NamedCopy {
  readonly keyword: string;
  readonly span: Span;
  readonly source: string;
  readonly reach: Reach;
}

/** Everything rules may look at. */
export interface DockerfileFacts {
  readonly path: string;
  readonly source: SourceText;
  /** How its RUNs can be given a build secret. */
  readonly secretForm: SecretForm;
  /** Stretches of the source that no snippet may show, as offsets. */
  readonly hidden: readonly Span[];
  /** What each stage is called, by its name or its number. */
  readonly stages: readonly string[];
  readonly variables: readonly TokenVariable[];
  readonly literals: readonly Literal[];
  readonly expansions: readonly Expansion[];
  readonly logins: readonly Login[];
  readonly startLogins: readonly StartLogin[];
  readonly writes: readonly TokenWrite[];
  readonly stageCopies: readonly StageCopy[];
  readonly idleSecrets: readonly IdleSecret[];
  readonly cacheCopies: readonly CacheCopy[];
  readonly contextLeaks: readonly ContextLeak[];
  readonly namedCopies: readonly NamedCopy[];
  readonly ignores: readonly Ignore[];
  readonly scripts: readonly StartedScript[];
}
