// The server's life: found, started, watched, started again a few times, and at last given up with one message.

import * as vscode from "vscode";
import { Client } from "./client";
import { keepOutputs } from "./contexts";
import { discover, type Launch } from "./discovery";
import type { ManagedEnvironment } from "./environment";
import { Installer } from "./installer";
import { Messages } from "./messages";
import type { Documents } from "./protocol";
import { concernsStart, serverSettings } from "./settings";
import { Selection } from "./selection";

export type Status = "idle" | "starting" | "running" | "failed";

/** Runs at most one server for all folders of the window. */
export class Service implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<Status>();
  /** Tells of every change of `status`. */
  readonly onDidChange = this.changed.event;

  private current: Client | undefined;
  private selection: Selection | undefined;
  private launch: Launch | undefined;
  private state: Status = "idle";
  private ended: number[] = [];
  private wanted = false;
  /** Starts and stops happen one after the other. */
  private queue: Promise<unknown> = Promise.resolve();
  private readonly installer: Installer;
  private readonly subscriptions: vscode.Disposable[];

  constructor(
    private readonly storage: string,
    private readonly version: string,
    environment: ManagedEnvironment,
    private readonly messages: Messages,
    memory: vscode.Memento,
    private readonly channel: vscode.LogOutputChannel,
  ) {
    this.installer = new Installer(environment, storage, messages, memory, (line) => this.log(line));
    this.subscriptions = [
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.again()),
      vscode.workspace.onDidChangeConfiguration((event) => concernsStart(event) && this.again()),
    ];
  }

  get status(): Status {
    return this.state;
  }

  /** The running server's client. */
  get client(): Client | undefined {
    return this.state === "running" ? this.current : undefined;
  }

  /** Where the server was found and which version it is. */
  get running(): Launch | undefined {
    return this.state === "running" ? this.launch : undefined;
  }

  /** Starts the server unless it runs; resolves when it runs, or does not. */
  start(): Promise<void> {
    this.wanted = true;
    return this.enqueue(async () => {
      if (this.state !== "running") {
        await this.begin();
      }
    });
  }

  /** Stops the server and looks for one anew; what was said of the last one may be said again. */
  restart(): Promise<void> {
    this.ended = [];
    this.wanted = true;
    this.messages.forget();
    return this.enqueue(async () => {
      await this.end();
      await this.begin();
    });
  }

  /** Makes the managed environment anew, and starts its server. */
  repair(): Promise<void> {
    this.ended = [];
    this.wanted = true;
    this.messages.forget();
    return this.enqueue(async () => {
      await this.end();
      const launch = await this.installer.install(serverSettings());
      await (launch ? this.run(launch) : this.set("failed"));
    });
  }

  /** Has the server take up the projects of documents that lie in no folder of the window. */
  async include(uris: string[]): Promise<void> {
    await this.follow(uris);
  }

  async dispose(): Promise<void> {
    this.wanted = false;
    this.subscriptions.forEach((each) => each.dispose());
    await this.enqueue(() => this.end());
    this.changed.dispose();
  }

  private again(): void {
    if (this.wanted) {
      void this.restart();
    }
  }

  private async begin(): Promise<void> {
    this.set("starting");
    const settings = serverSettings();
    settings.problems.forEach((problem) => this.messages.warn(problem, "Open Settings"));
    const found = await discover(settings, this.storage, (line) => this.log(line));
    if (found.kind === "wrong setting") {
      this.set("failed");
      this.messages.error(`${found.message}.`, "Open Settings", "Show Log");
      return;
    }
    const launch =
      found.kind === "found" ? found.launch : await this.installer.offer(settings, () => void this.repair());
    await (launch ? this.run(launch) : this.set("failed"));
  }

  private async run(launch: Launch): Promise<void> {
    this.set("starting");
    this.log(`starting ${[launch.command, ...launch.args].join(" ")} (${launch.version}, from ${launch.origin})`);
    const client = new Client(launch, this.storage, this.channel);
    this.current = client;
    this.launch = launch;
    this.selection = new Selection(client);
    client.onNotification("migLsp/documentsChanged", (told: Documents) => {
      if (this.current === client) {
        this.take(told);
      }
    });
    const ended = client.ended.then((reason) => ({ reason }));
    const begun = client.start().then(
      () => undefined,
      (error: unknown) => ({ reason: error instanceof Error ? error.message : String(error) }),
    );
    const failed = await Promise.race([begun, ended]);
    if (failed) {
      // The process itself says more than the connection to it, a moment later.
      const patience = new Promise<{ reason: string }>((resolve) => setTimeout(() => resolve(failed), PAUSE));
      this.died(client, (await Promise.race([ended, patience])).reason);
      return;
    }
    void ended.then(({ reason }) => this.died(client, reason));
    this.set("running");
    this.tellOfVersion(client.initializeResult?.serverInfo?.version ?? launch.version, launch);
    await this.follow([]);
  }

  private async follow(uris: string[]): Promise<void> {
    const { client } = this;
    if (!client) {
      return;
    }
    try {
      this.take(await client.sendRequest<Documents>("migLsp/documents", { uris }));
    } catch (error) {
      this.log(`the server does not say which documents it cares for: ${String(error)}`);
    }
  }

  private take(told: Documents): void {
    this.selection?.follow(told);
    keepOutputs(told);
  }

  private async end(): Promise<void> {
    const client = this.current;
    this.current = undefined;
    this.set("idle");
    await client?.end();
  }

  private died(client: Client, reason: string): void {
    if (this.current !== client) {
      return;
    }
    this.current = undefined;
    void client.end();
    const now = Date.now();
    this.ended = [...this.ended.filter((time) => now - time < WINDOW), now];
    this.log(`the server has ended: ${reason || "it gave no reason"}`);
    if (this.ended.length > RESTARTS) {
      this.set("failed");
      const last = reason ? ` Its last words: ${reason}` : "";
      const often = `The server of mig-lsp ended ${this.ended.length} times in a few minutes`;
      this.messages.error(`${often}, so it is not started again.${last}`, "Show Log", "Restart", "Repair");
      return;
    }
    this.set("starting");
    const launch = this.launch;
    const pause = PAUSE * 2 ** (this.ended.length - 1);
    setTimeout(() => {
      void this.enqueue(async () => {
        if (this.wanted && launch && this.current === undefined && this.state === "starting") {
          await this.run(launch);
        }
      });
    }, pause);
  }

  private tellOfVersion(version: string, launch: Launch): void {
    const order = compare(version, this.version);
    if (order === 0) {
      return;
    }
    const [which, advice] =
      order < 0
        ? ["older", "some commands may fail: update it, with pip install --upgrade mig-lsp, say"]
        : ["newer", "some of what it can do is missing here: update the extension"];
    const server = `The server ${version} from ${launch.origin}`;
    const message = `${server} is ${which} than the extension ${this.version}, so ${advice}.`;
    this.messages.warnOnceFor(`version ${version} for ${this.version}`, message, "Show Log");
  }

  private log(line: string): void {
    this.channel.info(line);
  }

  private set(state: Status): void {
    if (this.state !== state) {
      this.state = state;
      this.changed.fire(state);
    }
  }

  private enqueue(work: () => Promise<void>): Promise<void> {
    const done = this.queue.then(work, work).catch((error: unknown) => {
      this.log(`unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      this.set("failed");
      const why = error instanceof Error ? error.message : String(error);
      this.messages.error(`mig-lsp could not be started: ${why}`, "Show Log");
    });
    this.queue = done;
    return done;
  }
}

const RESTARTS = 3;
const WINDOW = 3 * 60_000; // milliseconds
const PAUSE = 500; // milliseconds before the first restart; each next one waits twice as long

/** Whether a version is lower (-1) or higher (1) than another one, as far as it matters: patches fit together. */
export function compare(one: string, other: string): number {
  const [a, b] = [one, other].map((version) => version.split(".").slice(0, 2).map((part) => parseInt(part, 10) || 0));
  const differences = (a ?? []).map((part, index) => Math.sign(part - (b?.[index] ?? 0)));
  return differences.find((difference) => difference !== 0) ?? 0;
}
