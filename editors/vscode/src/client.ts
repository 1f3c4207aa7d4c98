// One running server: the language client, made so that it says nothing to the person by itself.

import { type ChildProcess, spawn } from "node:child_process";
import * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  type InitializeParams,
  LanguageClient,
  type LanguageClientOptions,
  RevealOutputChannelOn,
  type ServerCapabilities,
  type StaticFeature,
} from "vscode-languageclient/node";
import type { Launch } from "./discovery";
import { lastLine } from "./process";

/** The client of a server that is about to be started. */
export class Client extends LanguageClient {
  /** Resolves when the server's process has ended, with the last line that it wrote. */
  readonly ended: Promise<string>;
  private readonly tellEnded: (reason: string) => void;

  constructor(launch: Launch, cwd: string, channel: vscode.LogOutputChannel) {
    super("migLsp", "mig-lsp", () => this.spawned(launch, cwd), optionsFor(channel));
    this.registerFeature(OWN_COMMANDS);
    let tell: (reason: string) => void = () => undefined;
    this.ended = new Promise((resolve) => (tell = resolve));
    this.tellEnded = tell;
  }

  /** Ends the server; whatever goes wrong with that, it is gone afterwards. */
  async end(): Promise<void> {
    try {
      await this.stop(STOP_PATIENCE);
    } catch {
      // A server that died, or never started, cannot be asked to stop.
    }
  }

  // What the person hears is said in one place, once, and with a button (service.ts); this is for the log.
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  private spawned(launch: Launch, cwd: string): Promise<ChildProcess> {
    return new Promise((resolve, reject) => {
      const child = spawn(launch.command, [...launch.args, "serve", "--stdio"], { cwd, windowsHide: true });
      let said = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-4_000);
      });
      // The connection alone would not do: it says nothing of a process that ends before it is there.
      child.once("exit", () => setTimeout(() => this.tellEnded(lastLine(said)), DRAIN));
      child.stdin.on("error", () => undefined); // what is written to a process that has just ended is lost
      child.once("error", reject);
      child.once("spawn", () => resolve(child));
    });
  }
}

const STOP_PATIENCE = 2_000; // milliseconds
const DRAIN = 100; // milliseconds in which the last output arrives

/** The commands are the extension's own, because they ask and show something; the server's would have their names. */
const OWN_COMMANDS: StaticFeature = {
  fillClientCapabilities: () => undefined,
  preInitialize: (capabilities: ServerCapabilities) => {
    delete capabilities.executeCommandProvider;
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

function optionsFor(channel: vscode.LogOutputChannel): LanguageClientOptions {
  return {
    outputChannel: channel,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: { trusted: vscode.workspace.isTrusted } satisfies InitializeParams["initializationOptions"],
    initializationFailedHandler: () => false,
    diagnosticPullOptions: { onChange: true, onSave: true },
    errorHandler: {
      error: () => ({ action: ErrorAction.Continue, handled: true }),
      closed: () => ({ action: CloseAction.DoNotRestart, handled: true }),
    },
  };
}
