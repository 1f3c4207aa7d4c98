// Entry point: puts the parts together, and starts the server where migrations are.

import { mkdir } from "node:fs/promises";
import * as path from "node:path";
import * as vscode from "vscode";
import { ChunkPreview } from "./chunks";
import { registerCommands } from "./commands";
import { keepContexts } from "./contexts";
import { ManagedEnvironment } from "./environment";
import { Messages } from "./messages";
import { Model } from "./migrations";
import { looseMigrations, watchForMigrations } from "./presence";
import { Reports } from "./reports";
import { Service } from "./service";
import { showStatus } from "./status";
import { showMigrations } from "./tree";

let service: Service | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const { version } = context.extension.packageJSON as { version: string };
  const channel = vscode.window.createOutputChannel("mig-lsp", { log: true });
  const log = (line: string) => channel.info(line);
  const storage = context.globalStorageUri.fsPath;
  await mkdir(storage, { recursive: true }); // programs are started there, where no workspace has put anything
  const environment = new ManagedEnvironment(storage, path.join(context.extensionPath, "server"), version, log);
  const memory = context.globalState;
  const started = new Service(storage, version, environment, new Messages(memory, log), memory, channel);
  service = started;
  const model = new Model(started, context.workspaceState);
  const preview = new ChunkPreview(started);
  const reports = new Reports();
  context.subscriptions.push(
    channel,
    model,
    preview,
    reports,
    registerCommands({ service: started, model, preview, reports, channel, version }),
    keepContexts(model),
    showMigrations(model),
    showStatus(started, model),
    watchForMigrations(() => void started.start().then(() => started.include(looseMigrations().map(String)))),
    vscode.workspace.onDidOpenTextDocument(() => {
      const loose = looseMigrations();
      if (loose.length > 0) {
        void started.include(loose.map(String));
      }
    }),
  );
}

export async function deactivate(): Promise<void> {
  await service?.dispose();
}
