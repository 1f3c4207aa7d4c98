// The commands: each asks for what it needs, shows what will happen, and has the server do it.

import * as vscode from "vscode";
import type { ChunkPreview } from "./chunks";
import { choose, type Target, targetsOf } from "./targets";
import { explain, failure, type Reports } from "./reports";
import type { Model } from "./migrations";
import type { Changed, Checked, Log, Migration, Migrations, MigrationSet } from "./protocol";
import type { Service } from "./service";
import { plural } from "./tree";

export interface Parts {
  service: Service;
  model: Model;
  preview: ChunkPreview;
  reports: Reports;
  channel: vscode.LogOutputChannel;
  version: string;
}

/** Registers all commands; what goes wrong in one is said in one message. */
export function registerCommands(parts: Parts): vscode.Disposable {
  const commands: Record<string, (...targets: Target[]) => Promise<void>> = {
    "migLsp.new": (...targets) => newMigration(parts, targets),
    "migLsp.prepare": (...targets) => prepare(parts, targets),
    "migLsp.register": (...targets) => register(parts, targets),
    "migLsp.renumber": (...targets) => renumber(parts, targets),
    "migLsp.insertHeader": (...targets) => insertHeader(parts, targets),
    "migLsp.showChunks": (...targets) => showChunks(parts, targets),
    "migLsp.refreshLog": () => refreshLog(parts),
    "migLsp.verify": (...targets) => verify(parts, targets),
    "migLsp.check": () => check(parts),
    "migLsp.chooseEnvironment": () => chooseEnvironment(parts),
    "migLsp.openEntry": (manifest, name) => openEntry(manifest, name),
    "migLsp.restart": () => parts.service.restart(),
    "migLsp.repair": () => parts.service.repair(),
    "migLsp.showLog": async () => parts.channel.show(true),
    "migLsp.showVersion": () => showVersion(parts),
  };
  const registered = Object.entries(commands).map(([name, run]) =>
    vscode.commands.registerCommand(name, async (...given: Target[]) => {
      try {
        await run(...given);
      } catch (error) {
        failure(parts.reports, error);
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}

async function newMigration({ service, model }: Parts, targets: Target[]): Promise<void> {
  await running(service);
  await haveSets(service);
  const uri = await chosenSet(model, targets);
  if (uri === undefined) {
    return;
  }
  const description = await vscode.window.showInputBox({
    title: "New migration",
    prompt: "What does it do, in a few words?",
    placeHolder: "add user preferences",
    validateInput: (text) => preview(service, "migLsp.new", { description: text, uri }, text),
  });
  if (description !== undefined) {
    await change(service, "migLsp.new", { description, uri });
  }
}

async function prepare({ service, model }: Parts, targets: Target[]): Promise<void> {
  await running(service);
  await haveSets(service);
  const [output] = targetsOf(targets);
  const uri = output?.path.endsWith(".sql") && !model.find(output) ? output.toString() : undefined;
  const suggested = uri === undefined ? "" : wordsOf(uri);
  const description = await vscode.window.showInputBox({
    title: uri === undefined ? "Prepare the newest drizzle migration" : `Prepare ${uri.split("/").at(-1) ?? ""}`,
    prompt: "What does it do, in a few words?",
    value: suggested,
    validateInput: (text) => preview(service, "migLsp.prepare", { description: text, uri }, text),
  });
  if (description !== undefined) {
    await change(service, "migLsp.prepare", { description, uri });
  }
}

async function register({ service, model }: Parts, targets: Target[]): Promise<void> {
  await running(service);
  const named = targetsOf(targets);
  const idle = ({ registered, rollback }: Migration) => !registered && !rollback;
  const uris = named.length > 0 ? named : await choose(model, "Register", idle, true);
  if (uris.length > 0) {
    await change(service, "migLsp.register", { uris: uris.map(String) });
  }
}

async function renumber({ service, model }: Parts, targets: Target[]): Promise<void> {
  await running(service);
  const [uri] = await theOne(model, targets, "Renumber");
  if (uri === undefined) {
    return;
  }
  const number = await vscode.window.showInputBox({
    title: `Renumber ${uri.path.split("/").at(-1) ?? ""}`,
    prompt: "The new number; leave it empty for the next free one.",
    validateInput: (text) =>
      /^\s*\d*\s*$/.test(text)
        ? preview(service, "migLsp.renumber", renumbering(uri, text), "any text")
        : "This is no whole number.",
  });
  if (number !== undefined) {
    await change(service, "migLsp.renumber", renumbering(uri, number));
  }
}

function renumbering(uri: vscode.Uri, text: string): object {
  return text.trim() === "" ? { uri: uri.toString() } : { uri: uri.toString(), number: Number(text) };
}

async function insertHeader({ service, model }: Parts, targets: Target[]): Promise<void> {
  await running(service);
  const [uri] = await theOne(model, targets, "Insert a header");
  if (uri !== undefined) {
    await change(service, "migLsp.insertHeader", { uri: uri.toString() });
  }
}

async function showChunks({ service, model, preview: chunks }: Parts, targets: Target[]): Promise<void> {
  await running(service);
  const [uri] = await theOne(model, targets, "Show what the runner sends");
  if (uri !== undefined) {
    await chunks.show(uri);
  }
}

async function refreshLog({ service }: Parts): Promise<void> {
  await running(service);
  const options = { location: NOTIFICATION, title: "Reading migration_log", cancellable: true };
  const told = await vscode.window.withProgress(options, (_, token) =>
    execute<{ logs: Log[] }>(service, "migLsp.refreshLog", {}, token),
  );
  const said = told.logs.map(
    ({ environment, entries, problem }) => `${environment}: ${problem ?? plural(entries, "entry", "entries")}`,
  );
  const troubled = told.logs.some(({ problem }) => problem !== null);
  const say = troubled ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  void say(`migration_log: ${said.join("; ")}`);
}

async function verify({ service, model, reports }: Parts, targets: Target[]): Promise<void> {
  await running(service);
  const uris = await theOne(model, targets, "Verify");
  if (uris.length === 0) {
    return;
  }
  const options = { location: NOTIFICATION, title: "Running migrations on a database of their own", cancellable: true };
  const told = await vscode.window.withProgress(options, (_, token) =>
    execute<Verified>(service, "migLsp.verify", { uris: uris.map(String) }, token),
  );
  const text = told.files.map(
    ({ path, outcome, message }) => `${path}: ${outcome}${message === null ? "" : `\n    ${message}`}`,
  );
  await reports.show("Verified migrations", text.join("\n"));
}

async function check({ service }: Parts): Promise<void> {
  await running(service);
  const client = service.client;
  const options = { location: NOTIFICATION, title: "Checking migrations", cancellable: true };
  const told = await vscode.window.withProgress(options, async (progress, token) => {
    const workDoneToken = `check-${Date.now()}`;
    let before = 0;
    const follow = client?.onNotification("$/progress", ({ token: of, value }: { token: unknown; value: Report }) => {
      if (of === workDoneToken && value.percentage !== undefined) {
        progress.report({ message: value.message ?? "", increment: value.percentage - before });
        before = value.percentage;
      }
    });
    try {
      return await client?.sendRequest<Checked>("migLsp/check", { workDoneToken }, token);
    } finally {
      follow?.dispose();
    }
  });
  if (told) {
    const words = (["error", "warning", "info"] as const).map((word) => told[word] > 0 && plural(told[word], word));
    const found = words.filter(Boolean).join(", ") || "nothing to report";
    const message = `${plural(told.files, "file")} checked: ${found}.`;
    const more = told.error + told.warning > 0 ? ["Show Problems"] : [];
    void vscode.window.showInformationMessage(message, ...more).then((chosen) => {
      if (chosen) {
        void vscode.commands.executeCommand("workbench.actions.view.problems");
      }
    });
  }
}

const NOTIFICATION = vscode.ProgressLocation.Notification;

interface Verified {
  files: { path: string; outcome: string; message: string | null }[];
}

interface Report {
  message?: string;
  percentage?: number;
}

async function chooseEnvironment({ model }: Parts): Promise<void> {
  const picks = model.environments.map((label) => ({ label, picked: label === model.environment }));
  if (picks.length === 0) {
    void vscode.window.showInformationMessage(
      "No environment is configured: add a table [log.NAME] to mig-lsp.toml, and mig-lsp shows what ran where.",
    );
    return;
  }
  const chosen = await vscode.window.showQuickPick(picks, { title: "Show the states of which environment?" });
  if (chosen) {
    await model.choose(chosen.label);
  }
}

async function openEntry(manifest: Target, name: Target): Promise<void> {
  if (!(manifest instanceof vscode.Uri) || typeof name !== "string") {
    return;
  }
  const document = await vscode.workspace.openTextDocument(manifest);
  const at = document.getText().indexOf(name);
  const found = new vscode.Range(document.positionAt(at), document.positionAt(at + name.length));
  await vscode.window.showTextDocument(document, at < 0 ? {} : { selection: found });
}

async function showVersion({ service, version }: Parts): Promise<void> {
  const launch = service.running;
  const server = launch ? `server ${launch.version}, from ${launch.origin} (${launch.command})` : "no server runs";
  const chosen = await vscode.window.showInformationMessage(`mig-lsp: extension ${version}, ${server}.`, "Copy");
  if (chosen) {
    await vscode.env.clipboard.writeText(`extension ${version}, ${server}, VS Code ${vscode.version}`);
  }
}

async function running(service: Service): Promise<void> {
  await service.start();
  if (!service.client) {
    throw new Error("the server of mig-lsp does not run, so this cannot be done");
  }
}

async function haveSets(service: Service): Promise<void> {
  const told = await service.client?.sendRequest<Migrations>("migLsp/migrations");
  if (told?.sets.length === 0) {
    throw new Error("there are no migrations here: name their folder in mig-lsp.toml, as [migrations] directory");
  }
}

function execute<T>(service: Service, command: string, argument: object, token?: vscode.CancellationToken): Promise<T> {
  if (!service.client) {
    throw new Error("the server of mig-lsp does not run, so this cannot be done");
  }
  const params = { command, arguments: [argument] };
  const never = new vscode.CancellationTokenSource().token;
  return service.client.sendRequest<T>("workspace/executeCommand", params, token ?? never);
}

/** What a command would do, as the line below the box in which the person types. */
async function preview(
  service: Service,
  command: string,
  argument: object,
  typed: string,
): Promise<vscode.InputBoxValidationMessage | undefined> {
  if (typed.trim() === "") {
    return undefined;
  }
  const { Info, Error: Wrong } = vscode.InputBoxValidationSeverity;
  try {
    const params = { command, arguments: [argument] };
    const told = await service.client?.sendRequest<Changed>("migLsp/preview", params);
    return told && { message: told.title, severity: Info };
  } catch (error) {
    return { message: explain(error), severity: Wrong };
  }
}

/** Has the server change files, saves what it changed, and opens what it made. */
async function change(service: Service, command: string, argument: object): Promise<void> {
  const dirty = () => vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty);
  // What the person had not saved is not saved behind their back.
  const before = new Set(dirty().map(({ uri }) => uri.toString()));
  const told = await execute<Changed>(service, command, argument);
  const touched = new Set(told.uris.map((uri) => vscode.Uri.parse(uri).toString()));
  for (const document of dirty()) {
    const name = document.uri.toString();
    if (touched.has(name) && !before.has(name)) {
      await document.save();
    }
  }
  const [created] = told.created;
  if (created !== undefined) {
    await vscode.window.showTextDocument(vscode.Uri.parse(created));
  }
  vscode.window.setStatusBarMessage(`$(check) ${told.title}`, 5_000);
}

/** A document of the set to work in; null leaves it to the server, undefined means that the person went away. */
async function chosenSet(model: Model, targets: Target[]): Promise<string | null | undefined> {
  const named = targetsOf(targets)
    .map((uri) => model.setOf(uri))
    .find((set) => set !== undefined);
  if (named || model.sets.length < 2) {
    return named ? anyFile(named) : null;
  }
  const picks = model.sets.map((set) => {
    return { label: set.directory || ".", description: vscode.Uri.parse(set.folder).fsPath, set };
  });
  const chosen = await vscode.window.showQuickPick(picks, { title: "In which set?" });
  return chosen && anyFile(chosen.set);
}

function anyFile(set: MigrationSet): string | null {
  return set.migrations.find(({ exists }) => exists)?.uri ?? set.manifest ?? set.config;
}

async function theOne(model: Model, targets: Target[], title: string): Promise<vscode.Uri[]> {
  const named = targetsOf(targets);
  return named.length > 0 ? named : choose(model, title, ({ exists }) => exists, false);
}

function wordsOf(uri: string): string {
  const name = uri.split("/").at(-1) ?? "";
  return name.replace(/\.sql$/, "").replace(/^\d+[-_]?/, "").replace(/[-_]+/g, " ");
}
