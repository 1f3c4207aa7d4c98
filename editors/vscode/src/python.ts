// Python interpreters: the one that the Python extension has chosen, and those that can make an environment.

import * as vscode from "vscode";
import { mayRun, onPath } from "./paths";
import { run } from "./process";

/** The lowest version that the server runs on. */
export const OLDEST = [3, 11] as const;

/** The part of the Python extension's interface that is used here. */
interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
  };
}

/** The interpreters that the Python extension has chosen, one for each workspace folder; none without the extension. */
export async function chosenInterpreters(): Promise<string[]> {
  const extension = vscode.extensions.getExtension<PythonApi>("ms-python.python");
  if (!extension) {
    return [];
  }
  try {
    const { environments } = await extension.activate();
    const resources = vscode.workspace.workspaceFolders?.map(({ uri }) => uri) ?? [undefined];
    const found = resources.map(async (resource) => {
      const environment = environments?.getActiveEnvironmentPath(resource);
      return environment && (await environments?.resolveEnvironment(environment))?.executable.uri?.fsPath;
    });
    return [...new Set(await Promise.all(found))].filter((python) => python !== undefined);
  } catch {
    return []; // another extension's trouble is not ours; the next place is tried
  }
}

export type Python =
  | { kind: "good"; command: string; version: string }
  | { kind: "too old"; command: string; version: string }
  | { kind: "none" };

/** A Python that can make the managed environment: *wanted* when it is given, else the first good one. */
export async function findPython(
  wanted: string | undefined,
  cwd: string,
  log: (line: string) => void,
): Promise<Python> {
  let old: Python = { kind: "none" };
  const candidates = wanted === undefined ? [...(await chosenInterpreters()), ...installed()] : [wanted];
  for (const command of candidates.filter(mayRun)) {
    const outcome = await run(command, ["-I", "-c", VERSION], { timeout: 10_000, cwd });
    const found = /^(\d+)\.(\d+)\.\d+/.exec(outcome.stdout);
    if (outcome.code !== 0 || !found) {
      continue;
    }
    const version = found[0];
    const [major, minor] = [Number(found[1]), Number(found[2])];
    log(`${command} is Python ${version}`);
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) {
      return { kind: "good", command, version };
    }
    old = old.kind === "none" ? { kind: "too old", command, version } : old;
  }
  return old;
}

const VERSION = "import sys; print('%d.%d.%d' % sys.version_info[:3])";

function installed(): string[] {
  const names = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11"];
  // An editor that was started from the desktop often has a shorter PATH than the person's shell.
  const usual = process.platform === "win32" ? [] : ["/opt/homebrew/bin", "/usr/local/bin", "/usr/bin"];
  return names.flatMap((name) => onPath(name, usual));
}
