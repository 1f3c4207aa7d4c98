// The migration sets as the server last told them, and the environment that the person looks at.

import * as vscode from "vscode";
import type { Migration, Migrations, MigrationSet, State } from "./protocol";
import type { Service } from "./service";

/** What is to be seen of a migration; the first that is true counts. */
export type Standing =
  | "missing"
  | "rollback"
  | "unregistered"
  | "failed"
  | "errors"
  | "pending"
  | "completed"
  | "initial"
  | "unknown";

/** Follows the server; everything that shows migrations listens to `onDidChange`. */
export class Model implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChange = this.changed.event;

  private told: MigrationSet[] = [];
  private following: unknown;
  private readonly subscription: vscode.Disposable;

  constructor(
    private readonly service: Service,
    private readonly memory: vscode.Memento,
  ) {
    this.subscription = service.onDidChange(() => void this.follow());
  }

  get sets(): readonly MigrationSet[] {
    return this.told;
  }

  /** All environments of all sets, in the order of deployment. */
  get environments(): string[] {
    return [...new Set(this.told.flatMap((set) => set.environments))];
  }

  /** The environment whose states are shown: the chosen one, or the last, which is where a failure hurts most. */
  get environment(): string | undefined {
    const all = this.environments;
    const chosen = this.memory.get<string>(ENVIRONMENT);
    return chosen !== undefined && all.includes(chosen) ? chosen : all.at(-1);
  }

  async choose(environment: string): Promise<void> {
    await this.memory.update(ENVIRONMENT, environment);
    this.changed.fire();
  }

  /** The set that a document belongs to. */
  setOf(uri: vscode.Uri): MigrationSet | undefined {
    const name = uri.toString();
    const own = (other: string | null) => other !== null && vscode.Uri.parse(other).toString() === name;
    return this.told.find(
      (set) => own(set.manifest) || own(set.config) || set.migrations.some((migration) => own(migration.uri)),
    );
  }

  find(uri: vscode.Uri): Migration | undefined {
    const name = uri.toString();
    return this.setOf(uri)?.migrations.find((migration) => vscode.Uri.parse(migration.uri).toString() === name);
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }

  private async follow(): Promise<void> {
    const client = this.service.client;
    // While a server starts again, what it said last is still the best that is known.
    if (this.service.status === "failed" && this.told.length > 0) {
      this.take([]);
    }
    if (!client || client === this.following) {
      return;
    }
    this.following = client;
    const taken = client.onNotification("migLsp/migrationsChanged", (told: Migrations) => this.take(told.sets));
    try {
      this.take((await client.sendRequest<Migrations>("migLsp/migrations")).sets);
    } catch {
      taken.dispose(); // the server ended meanwhile, and the next one is followed
      this.following = undefined;
    }
  }

  private take(sets: MigrationSet[]): void {
    this.told = sets;
    this.changed.fire();
  }
}

/** What is to be seen of a migration in one environment. */
export function standing(set: MigrationSet, migration: Migration, environment: string | undefined): Standing {
  const state = environment === undefined ? undefined : stateIn(set, migration, environment);
  if (!migration.exists) {
    return "missing";
  }
  if (migration.rollback) {
    return "rollback";
  }
  if (!migration.registered) {
    return "unregistered";
  }
  if (state === "failed") {
    return "failed";
  }
  if (migration.findings.error > 0) {
    return "errors";
  }
  return state ?? (migration.initial ? "initial" : "pending");
}

/** The state in an environment; unknown while its log was never read, undefined when it has none. */
export function stateIn(set: MigrationSet, migration: Migration, environment: string): State | "unknown" | undefined {
  const log = set.logs.find((each) => each.environment === environment);
  const read = log === undefined || log.fetchedAt !== null || log.entries > 0;
  return read || !(environment in migration.states) ? migration.states[environment] : "unknown";
}

/** How many of the migrations that would run are in a state. */
export function count(sets: readonly MigrationSet[], environment: string, state: "pending" | "failed"): number {
  const all = sets.flatMap((set) => set.migrations);
  return all.filter((migration) => migration.states[environment] === state && migration.registered).length;
}

/** The folder of a set's files. */
export function directoryOf(set: MigrationSet): vscode.Uri {
  const folder = vscode.Uri.parse(set.folder);
  return set.directory ? vscode.Uri.joinPath(folder, ...set.directory.split("/")) : folder;
}

const ENVIRONMENT = "environment";
