// Where migrations are: nothing is started, and nobody is asked anything, in a window without any.

import * as path from "node:path";
import * as vscode from "vscode";

const SIGNS = "**/{mig-lsp.toml,_journal.json,[0-9]*.sql}";
const NUMBERED = /^\d+[-_.].*\.sql$/i;
const ENOUGH = 400; // files to look at

/** Calls *found* once there are migrations in the window, now or later. */
export function watchForMigrations(found: () => void): vscode.Disposable {
  const seen: vscode.Disposable[] = [];
  let done = false;
  const look = async () => {
    if (done || !(await hasMigrations().catch(() => false)) || done) {
      return;
    }
    done = true;
    vscode.Disposable.from(...seen).dispose();
    found();
  };
  const watcher = vscode.workspace.createFileSystemWatcher(SIGNS, false, true, true);
  seen.push(
    watcher,
    watcher.onDidCreate(look),
    vscode.workspace.onDidChangeWorkspaceFolders(look),
    vscode.workspace.onDidOpenTextDocument(() => looseMigrations().length > 0 && look()),
  );
  void look();
  // While a window opens, the editor's search may not be ready and finds nothing.
  const again = [2_000, 10_000].map((pause) => setTimeout(() => void look(), pause));
  seen.push(new vscode.Disposable(() => again.forEach(clearTimeout)));
  return new vscode.Disposable(() => vscode.Disposable.from(...seen).dispose());
}

/** The open documents that may be migrations of a project that is not open as a folder. */
export function looseMigrations(): vscode.Uri[] {
  if (vscode.workspace.workspaceFolders?.length) {
    return [];
  }
  const files = vscode.workspace.textDocuments.map(({ uri }) => uri).filter(({ scheme }) => scheme === "file");
  return files.filter((uri) => isSign(path.basename(uri.fsPath)));
}

async function hasMigrations(): Promise<boolean> {
  if (looseMigrations().length > 0) {
    return true;
  }
  const files = await vscode.workspace.findFiles(SIGNS, "**/node_modules/**", ENOUGH);
  return looksLikeMigrations(files.map(({ path: file }) => file));
}

/** Whether files are the signs of a migration set: one numbered file alone is a dump or a note. */
export function looksLikeMigrations(files: readonly string[]): boolean {
  const folders = new Map<string, number>();
  for (const file of files) {
    const name = path.posix.basename(file);
    if (!NUMBERED.test(name)) {
      if (isSign(name)) {
        return true;
      }
      continue;
    }
    const folder = path.posix.dirname(file);
    const known = (folders.get(folder) ?? 0) + 1;
    folders.set(folder, known);
    if (known > 1) {
      return true;
    }
  }
  return false;
}

function isSign(name: string): boolean {
  return name === "mig-lsp.toml" || name === "_journal.json" || NUMBERED.test(name);
}
