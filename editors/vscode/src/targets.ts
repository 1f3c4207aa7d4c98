// What a command is about: what it was called with, else the active editor, else what the person chooses.

import * as vscode from "vscode";
import type { Model } from "./migrations";
import type { Migration } from "./protocol";
import type { MigrationNode } from "./tree";

/** What commands are called with: the Explorer gives URIs, code lenses texts, the view its nodes. */
export type Target = vscode.Uri | string | MigrationNode | Target[] | undefined;

/** The documents that a command was called for; the active one when it was called from the palette. */
export function targetsOf(targets: readonly Target[]): vscode.Uri[] {
  const [first, all, ...others] = targets;
  // The Explorer and the view give the item under the mouse, and then all that are selected.
  const given = Array.isArray(all) && all.length > 0 ? all : [first, all, ...others];
  const named = given.flat().map(uriOf).filter((uri) => uri !== undefined);
  if (named.length > 0) {
    return named;
  }
  const active = vscode.window.activeTextEditor?.document.uri;
  return active?.scheme === "file" && active.path.endsWith(".sql") ? [active] : [];
}

/** Has the person choose among the migrations that *fit*. */
export async function choose(
  model: Model,
  title: string,
  fit: (migration: Migration) => boolean,
  several: boolean,
): Promise<vscode.Uri[]> {
  const fitting = model.sets.flatMap((set) => set.migrations).filter((migration) => migration.exists && fit(migration));
  if (fitting.length === 0) {
    void vscode.window.showInformationMessage(`${title}: there is no such migration.`);
    return [];
  }
  const picks = fitting.map(({ name, place, uri }) => ({ label: name, description: place, uri }));
  const chosen = several
    ? await vscode.window.showQuickPick(picks, { title, canPickMany: true })
    : await vscode.window.showQuickPick(picks, { title }).then((one) => one && [one]);
  return (chosen ?? []).map(({ uri }) => vscode.Uri.parse(uri));
}

function uriOf(target: Target): vscode.Uri | undefined {
  if (target instanceof vscode.Uri) {
    return target;
  }
  if (typeof target === "string") {
    return /^[a-z][a-z0-9+.-]+:/i.test(target) ? vscode.Uri.parse(target) : undefined;
  }
  return target !== undefined && "migration" in target ? vscode.Uri.parse(target.migration.uri) : undefined;
}
