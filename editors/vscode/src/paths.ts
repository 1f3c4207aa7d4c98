// Paths of programs: where they are looked for, and whether a workspace could have put them there.

import * as fs from "node:fs";
import * as path from "node:path";
import * as vscode from "vscode";

const WINDOWS = process.platform === "win32";

/** The program of a virtual environment, which need not exist. */
export function inEnvironment(environment: string, program: string): string {
  return WINDOWS ? path.join(environment, "Scripts", `${program}.exe`) : path.join(environment, "bin", program);
}

/** Every file on the PATH that is called *program*, in the order of the PATH; also the ones in *more* folders. */
export function onPath(program: string, more: readonly string[] = []): string[] {
  const folders = (process.env["PATH"] ?? "").split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  const names = WINDOWS ? [`${program}.exe`] : [program];
  const files = [...folders, ...more].flatMap((folder) => names.map((name) => path.join(folder, name)));
  return [...new Set(files)].filter(isFile);
}

/** Whether there is such a file. */
export function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether a program may be started: in a workspace that is not trusted, none that lies in the workspace. */
export function mayRun(program: string): boolean {
  return vscode.workspace.isTrusted || !inWorkspace(program);
}

function inWorkspace(file: string): boolean {
  // The name counts as well as what it stands for: either may be the workspace's own choice.
  const names = new Set([path.resolve(file), real(path.dirname(file)), real(file)]);
  const roots = (vscode.workspace.workspaceFolders ?? []).flatMap(({ uri }) => [uri.fsPath, real(uri.fsPath)]);
  return roots.some((root) => [...names].some((name) => isBelow(name, root)));
}

function isBelow(file: string, folder: string): boolean {
  const between = path.relative(folder, file);
  return !between.startsWith("..") && !path.isAbsolute(between);
}

function real(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return path.resolve(file); // what does not exist is nowhere else
  }
}
