// The settings of the editor itself; all others are the server's and reach it through `workspace/configuration`.

import * as os from "node:os";
import * as path from "node:path";
import * as vscode from "vscode";

export interface ServerSettings {
  /** The program to start; undefined when it is to be looked for. */
  path: string | undefined;
  /** The Python that makes the managed environment. */
  python: string | undefined;
  /** The folder with the wheels of everything that the server needs, where no package index can be reached. */
  wheels: string | undefined;
  /** What cannot be read in the settings, a sentence each. */
  problems: string[];
}

/** The settings of the server's start; in an untrusted workspace the editor leaves out what the workspace says. */
export function serverSettings(): ServerSettings {
  const section = vscode.workspace.getConfiguration("migLsp.server");
  const problems: string[] = [];
  const read = (name: string): string | undefined => {
    const value: unknown = section.get(name);
    if (value === undefined || value === null || value === "") {
      return undefined;
    }
    if (typeof value !== "string") {
      problems.push(`migLsp.server.${name} is ${describe(value)}, so it has no effect: write a path in quotes`);
      return undefined;
    }
    return expand(value);
  };
  return { path: read("path"), python: read("python"), wheels: read("wheels"), problems };
}

/** Whether a change of the settings concerns the start of the server. */
export function concernsStart(event: vscode.ConfigurationChangeEvent): boolean {
  return event.affectsConfiguration("migLsp.server");
}

function expand(value: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  const expanded = value
    .replace(/^~(?=$|[/\\])/, () => os.homedir())
    .replace(/\$\{userHome\}/g, () => os.homedir())
    .replace(/\$\{workspaceFolder\}/g, () => folder ?? "");
  // A name without a folder is looked for on the PATH; any other relative path counts from the first folder.
  return folder && /[/\\]/.test(expanded) && !path.isAbsolute(expanded) ? path.join(folder, expanded) : expanded;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) {
    return "a list";
  }
  return typeof value === "object" ? "an object" : `the ${typeof value} ${String(value)}`;
}
