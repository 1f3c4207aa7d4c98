// The item in the status bar: how many migrations are pending and failed in the chosen environment.

import * as vscode from "vscode";
import { count, type Model } from "./migrations";
import type { Service } from "./service";
import { plural } from "./tree";

/** Shows the item while there are migrations, and while the server has a problem. */
export function showStatus(service: Service, model: Model): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("migLsp.status", vscode.StatusBarAlignment.Left, 40);
  item.name = "Migrations";
  const update = () => draw(item, service, model);
  update();
  return vscode.Disposable.from(item, service.onDidChange(update), model.onDidChange(update));
}

function draw(item: vscode.StatusBarItem, service: Service, model: Model): void {
  item.backgroundColor = undefined;
  if (service.status === "failed") {
    item.text = "$(warning) mig-lsp";
    item.tooltip = "The server of mig-lsp does not run. Click for its log.";
    item.command = "migLsp.showLog";
    item.show();
    return;
  }
  const all = model.sets.flatMap((set) => set.migrations);
  if (all.length === 0) {
    item.hide();
    return;
  }
  const { environment } = model;
  const errors = all.filter(({ findings }) => findings.error > 0).length;
  if (environment === undefined) {
    item.text = `$(database) ${plural(all.filter(({ order }) => order !== null).length, "migration")}`;
    item.tooltip = errors > 0 ? `${plural(errors, "migration")} with errors` : "Migrations in the run order";
    item.command = "migLsp.migrations.focus";
    item.show();
    return;
  }
  const pending = count(model.sets, environment, "pending");
  const failed = count(model.sets, environment, "failed");
  const log = model.sets.flatMap((set) => set.logs).find((each) => each.environment === environment);
  const known = log?.fetchedAt != null || (log?.entries ?? 0) > 0;
  item.text = known
    ? `$(database) ${environment}: ${pending} pending${failed > 0 ? `, $(error) ${failed} failed` : ""}`
    : `$(database) ${environment}: unknown`;
  item.backgroundColor = failed > 0 ? new vscode.ThemeColor("statusBarItem.warningBackground") : undefined;
  item.tooltip = tooltip(model);
  item.command = "migLsp.chooseEnvironment";
  item.show();
}

function tooltip(model: Model): vscode.MarkdownString {
  const text = new vscode.MarkdownString("Migrations\n");
  for (const environment of model.environments) {
    const log = model.sets.flatMap((set) => set.logs).find((each) => each.environment === environment);
    const pending = count(model.sets, environment, "pending");
    const failed = count(model.sets, environment, "failed");
    const read = log?.fetchedAt ? `, read ${new Date(log.fetchedAt).toLocaleString()}` : ", never read";
    text.appendMarkdown("\n- ").appendText(`${environment}: ${pending} pending, ${failed} failed${read}`);
    if (log?.problem) {
      text.appendMarkdown("  \n  ").appendText(log.problem);
    }
  }
  return text.appendMarkdown("\n\nClick to choose the environment.");
}
