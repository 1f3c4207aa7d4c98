// Looks for a server that runs, in a fixed order; what is taken has said its version.

import * as path from "node:path";
import * as vscode from "vscode";
import { inEnvironment, isFile, mayRun, onPath } from "./paths";
import { chosenInterpreters } from "./python";
import { lastLine, run } from "./process";
import type { ServerSettings } from "./settings";

/** How the server is started, and where it was found, for the log and for messages. */
export interface Launch {
  command: string;
  args: string[];
  origin: string;
  version: string;
}

export type Discovery =
  | { kind: "found"; launch: Launch }
  | { kind: "nothing" }
  /** The setting names something that does not run; nothing else is tried behind the person's back. */
  | { kind: "wrong setting"; message: string };

type Candidate = Omit<Launch, "version">;
type Log = (line: string) => void;

/** The first server that runs: the setting's, a virtual environment's, the PATH's, the chosen interpreter's. */
export async function discover(settings: ServerSettings, cwd: string, log: Log): Promise<Discovery> {
  if (settings.path !== undefined) {
    return fromSetting(settings.path, cwd, log);
  }
  for (const look of [environments, programs, interpreters]) {
    for (const candidate of await look()) {
      const launch = await probed(candidate, cwd, log);
      if (typeof launch !== "string") {
        return { kind: "found", launch };
      }
    }
  }
  return { kind: "nothing" };
}

/** The candidate with its version when it is a server that runs, else why it is none. */
export async function probed(candidate: Candidate, cwd: string, log: Log): Promise<Launch | string> {
  if (!mayRun(candidate.command)) {
    log(`${candidate.origin}: ${candidate.command} is left alone, because the workspace is not trusted`);
    return "it lies in a workspace that is not trusted";
  }
  const outcome = await run(candidate.command, [...candidate.args, "--version"], { timeout: PATIENCE, cwd });
  const version = /^mig-lsp (\S+)/m.exec(outcome.stdout)?.[1];
  if (outcome.code !== 0 || version === undefined) {
    const reason = outcome.problem === "too slow" ? "it did not answer" : lastLine(outcome.stderr);
    const why = reason || "it is no mig-lsp";
    log(`${candidate.origin}: ${candidate.command} is no server that runs: ${why}`);
    return why;
  }
  log(`${candidate.origin}: ${candidate.command} is mig-lsp ${version}`);
  return { ...candidate, version };
}

/** A server that a Python has as a module. */
export function asModule(python: string, origin: string): Candidate {
  // -P: what lies in the current folder is never taken for the module.
  return { command: python, args: ["-P", "-m", "mig_lsp"], origin };
}

const PATIENCE = 20_000; // milliseconds; the first start after an installation compiles

async function fromSetting(setting: string, cwd: string, log: Log): Promise<Discovery> {
  const command = path.isAbsolute(setting) ? setting : (onPath(setting)[0] ?? setting);
  const launch = await probed(candidateOf(command, "the setting migLsp.server.path"), cwd, log);
  return typeof launch === "string"
    ? { kind: "wrong setting", message: `migLsp.server.path names ${setting}, which does not run: ${launch}` }
    : { kind: "found", launch };
}

function candidateOf(command: string, origin: string): Candidate {
  return /^python[\d.]*(\.exe)?$/i.test(path.basename(command))
    ? asModule(command, origin)
    : { command, args: [], origin };
}

function environments(): Candidate[] {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const found = folders.flatMap(({ uri }) => [".venv", "venv", "env"].map((name) => path.join(uri.fsPath, name)));
  return found
    .map((environment) => inEnvironment(environment, "mig-lsp"))
    .filter(isFile)
    .map((command) => ({ command, args: [], origin: "the workspace's virtual environment" }));
}

function programs(): Candidate[] {
  return onPath("mig-lsp").map((command) => ({ command, args: [], origin: "the PATH" }));
}

async function interpreters(): Promise<Candidate[]> {
  return (await chosenInterpreters()).map((python) => asModule(python, "the Python extension's interpreter"));
}
