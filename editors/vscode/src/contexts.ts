// What the conditions of menus and views ask: where migrations are, and which of them can be registered.

import * as vscode from "vscode";
import { type Model } from "./migrations";
import type { Documents } from "./protocol";
import { directories } from "./tree";

/** Keeps the conditions true to the model. */
export function keepContexts(model: Model): vscode.Disposable {
  const update = () => {
    const unregistered = model.sets
      .filter(({ manifest }) => manifest !== null)
      .flatMap(({ migrations }) => migrations)
      .filter(({ exists, registered, rollback }) => exists && !registered && !rollback);
    set("migLsp.present", model.sets.length > 0);
    set("migLsp.directories", directories(model));
    set("migLsp.unregistered", unregistered.map(({ uri }) => vscode.Uri.parse(uri).fsPath));
  };
  update();
  return model.onDidChange(update);
}

/** Takes over which documents are drizzle-kit's output. */
export function keepOutputs({ documents }: Documents): void {
  const outputs = documents.filter(({ kind, uri }) => kind === "drizzle" && uri.endsWith(".sql"));
  set("migLsp.outputs", outputs.map(({ uri }) => vscode.Uri.parse(uri).fsPath));
}

function set(name: string, value: unknown): void {
  void vscode.commands.executeCommand("setContext", name, value);
}
