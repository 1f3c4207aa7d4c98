// The Migrations view: the set in run order, what became of each file, and what is wrong with it.

import * as vscode from "vscode";
import { directoryOf, type Model, type Standing, standing, stateIn } from "./migrations";
import type { Migration, MigrationSet, State } from "./protocol";

type Group = { kind: "group"; set: MigrationSet; title: string; migrations: Migration[] };
type Node =
  | { kind: "set"; set: MigrationSet }
  | Group
  | { kind: "migration"; set: MigrationSet; migration: Migration }
  | { kind: "state"; migration: Migration; environment: string; state: State | "unknown" };

/** What commands get that are called from the view. */
export type MigrationNode = Extract<Node, { kind: "migration" }>;

/** Registers the view; it is redrawn whenever the model changes. */
export function showMigrations(model: Model): vscode.Disposable {
  const view = new MigrationsView(model);
  const tree = vscode.window.createTreeView<Node>("migLsp.migrations", { treeDataProvider: view, canSelectMany: true });
  const describe = () => {
    const environment = model.environment;
    tree.message = environment === undefined ? "" : `States in ${environment}`;
    const errors = model.sets.flatMap((set) => set.migrations).filter(({ findings }) => findings.error > 0).length;
    tree.badge = errors > 0 ? { value: errors, tooltip: `${plural(errors, "migration")} with errors` } : undefined;
  };
  describe();
  return vscode.Disposable.from(tree, view, model.onDidChange(describe));
}

class MigrationsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.changed.event;
  private readonly subscription: vscode.Disposable;

  constructor(private readonly model: Model) {
    this.subscription = model.onDidChange(() => this.changed.fire(undefined));
  }

  getChildren(node?: Node): Node[] {
    if (node === undefined) {
      const [only, ...others] = this.model.sets;
      const several = this.model.sets.map((set): Node => ({ kind: "set", set }));
      return only && others.length === 0 ? groups(only) : several;
    }
    switch (node.kind) {
      case "set":
        return groups(node.set);
      case "group":
        return node.migrations.map((migration) => ({ kind: "migration", set: node.set, migration }));
      case "migration":
        return states(node.set, node.migration);
      case "state":
        return [];
    }
  }

  getTreeItem(node: Node): vscode.TreeItem {
    switch (node.kind) {
      case "set":
        return setItem(node.set);
      case "group":
        return groupItem(node);
      case "migration":
        return migrationItem(node.set, node.migration, this.model.environment);
      case "state":
        return stateItem(node.migration, node.environment, node.state);
    }
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

const { Collapsed, Expanded, None } = vscode.TreeItemCollapsibleState;

const ERROR = "problemsErrorIcon.foreground";
const WARNING = "problemsWarningIcon.foreground";
const LOOKS: Record<Standing, { icon: string; color?: string; words: string }> = {
  missing: { icon: "question", color: ERROR, words: "is in the manifest, but there is no such file" },
  failed: { icon: "error", color: "testing.iconFailed", words: "has failed" },
  unregistered: { icon: "circle-slash", color: WARNING, words: "is not registered, so it never runs" },
  errors: { icon: "warning", color: ERROR, words: "has errors" },
  pending: { icon: "clock", color: "charts.blue", words: "is pending" },
  completed: { icon: "pass", color: "testing.iconPassed", words: "is completed" },
  rollback: { icon: "discard", words: "is a rollback, which nothing runs by itself" },
  initial: { icon: "database", words: "runs on an empty database only" },
  unknown: { icon: "circle-outline", words: "is in an unknown state, because the log was never read" },
};

function groups(set: MigrationSet): Node[] {
  const running = set.migrations.filter(({ order }) => order !== null);
  const initial = running.filter((migration) => migration.initial);
  const idle = set.migrations.filter(({ order }) => order === null);
  const group = (title: string, migrations: Migration[]): Node[] =>
    migrations.length > 0 ? [{ kind: "group", set, title, migrations }] : [];
  const listed = running
    .filter((migration) => !migration.initial)
    .map((migration): Node => ({ kind: "migration", set, migration }));
  return [...group("Initial setup", initial), ...listed, ...group("Not in the run order", idle)];
}

function states(set: MigrationSet, migration: Migration): Node[] {
  return Object.keys(migration.states).map((environment) => {
    return { kind: "state", migration, environment, state: stateIn(set, migration, environment) ?? "unknown" };
  });
}

function setItem(set: MigrationSet): vscode.TreeItem {
  const item = new vscode.TreeItem(set.directory || ".", Expanded);
  item.id = `${set.folder}\n${set.directory}`;
  item.description = vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(set.folder))?.name ?? "";
  item.iconPath = new vscode.ThemeIcon("folder-library");
  item.tooltip = `${plural(set.migrations.length, "file")}, run by ${set.runner}`;
  item.contextValue = "set";
  return item;
}

function groupItem({ set, title, migrations }: Group): vscode.TreeItem {
  const item = new vscode.TreeItem(title, title === "Initial setup" ? Collapsed : Expanded);
  item.id = `${set.folder}\n${set.directory}\n${title}`;
  item.description = String(migrations.length);
  item.contextValue = "group";
  return item;
}

function migrationItem(set: MigrationSet, migration: Migration, environment: string | undefined): vscode.TreeItem {
  const environments = Object.keys(migration.states);
  const item = new vscode.TreeItem(migration.name, environments.length > 0 ? Collapsed : None);
  const stands = standing(set, migration, environment);
  const look = LOOKS[stands];
  const uri = vscode.Uri.parse(migration.uri);
  item.id = `${migration.uri}\n${migration.order ?? "idle"}`;
  item.iconPath = new vscode.ThemeIcon(look.icon, look.color ? new vscode.ThemeColor(look.color) : undefined);
  item.description = describe(set, migration, environment, stands);
  item.tooltip = tooltip(set, migration, environment, look.words);
  item.contextValue = ["migration", stands, migration.exists ? "file" : "", migration.registered ? "registered" : ""]
    .filter(Boolean)
    .join(" ");
  if (migration.exists) {
    item.resourceUri = uri; // the editor marks it in the colour of its problems
    item.command = { title: "Open", command: "vscode.open", arguments: [uri] };
  } else if (set.manifest !== null) {
    const manifest = vscode.Uri.parse(set.manifest);
    item.command = { title: "Open the manifest", command: "migLsp.openEntry", arguments: [manifest, migration.name] };
  }
  item.accessibilityInformation = { label: `${migration.name} ${look.words}` };
  return item;
}

function describe(
  set: MigrationSet,
  migration: Migration,
  environment: string | undefined,
  stands: Standing,
): string {
  const state = environment === undefined ? undefined : stateIn(set, migration, environment);
  const word = stands === "missing" || stands === "unregistered" ? stands : (state ?? "");
  const elsewhere = Object.entries(migration.states)
    .filter(([name, other]) => name !== environment && other === "failed")
    .map(([name]) => `failed in ${name}`);
  // How many findings there are the editor says itself, in the colour of the worst.
  return [word === "completed" ? "" : word, ...elsewhere].filter(Boolean).join(" · ");
}

function tooltip(
  set: MigrationSet,
  migration: Migration,
  environment: string | undefined,
  words: string,
): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendMarkdown("**").appendText(migration.name).appendMarkdown("** ");
  text.appendText(words + (environment !== undefined && environment in migration.states ? ` in ${environment}` : ""));
  text.appendMarkdown("\n\n").appendText(migration.place);
  for (const name of Object.keys(migration.states)) {
    const state = stateIn(set, migration, name) ?? "unknown";
    const attempt = migration.attempts[name];
    const when = attempt?.executedAt ? `, ${attempt.executedAt}` : "";
    text.appendMarkdown("\n- ").appendText(`${name}: ${state}${when}`);
    if (state === "failed" && attempt?.error) {
      text.appendMarkdown("  \n  ").appendText(attempt.error);
    }
  }
  const found = Object.entries(migration.findings).filter(([, number]) => number > 0);
  if (found.length > 0) {
    text.appendMarkdown("\n\n").appendText(found.map(([word, number]) => plural(number, word)).join(", "));
  }
  return text;
}

function stateItem(migration: Migration, environment: string, state: State | "unknown"): vscode.TreeItem {
  const item = new vscode.TreeItem(environment, None);
  const look = LOOKS[state];
  const attempt = migration.attempts[environment];
  item.id = `${migration.uri}\n${migration.order ?? "idle"}\n${environment}`;
  item.iconPath = new vscode.ThemeIcon(look.icon, look.color ? new vscode.ThemeColor(look.color) : undefined);
  item.description = [state, attempt?.executedAt ?? ""].filter(Boolean).join(", ");
  item.tooltip = attempt?.error ?? `${migration.name} ${look.words} in ${environment}`;
  item.contextValue = "state";
  return item;
}

/** "1 error", "2 errors". */
export function plural(number: number, word: string, several = word === "info" ? word : `${word}s`): string {
  return `${number} ${number === 1 ? word : several}`;
}

/** The folders of all sets, for the conditions of menus. */
export function directories(model: Model): string[] {
  return model.sets.map((set) => directoryOf(set).fsPath);
}
