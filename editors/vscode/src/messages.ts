// What the person is told: one message for each thing, with buttons that do what it advises.

import * as vscode from "vscode";

export type Button = "Show Log" | "Restart" | "Repair" | "Open Settings" | "Get Python" | "Install Again";

type Show = (message: string, ...buttons: Button[]) => Thenable<Button | undefined>;

const COMMANDS: Record<Button, [string, ...unknown[]]> = {
  "Show Log": ["migLsp.showLog"],
  Restart: ["migLsp.restart"],
  Repair: ["migLsp.repair"],
  "Install Again": ["migLsp.repair"],
  "Open Settings": ["workbench.action.openSettings", "migLsp.server"],
  "Get Python": ["vscode.open", vscode.Uri.parse("https://www.python.org/downloads/")],
};

/** Says things once; a restart by hand lets them be said again. */
export class Messages {
  private said = new Set<string>();

  constructor(private readonly memory: vscode.Memento, private readonly log: (line: string) => void) {}

  error(message: string, ...buttons: Button[]): void {
    this.say(vscode.window.showErrorMessage, message, buttons);
  }

  warn(message: string, ...buttons: Button[]): void {
    this.say(vscode.window.showWarningMessage, message, buttons);
  }

  /** Says it once for this *occasion*, also across windows and restarts of the editor. */
  warnOnceFor(occasion: string, message: string, ...buttons: Button[]): void {
    if (this.memory.get<string>(OCCASION) !== occasion) {
      void this.memory.update(OCCASION, occasion);
      this.warn(message, ...buttons);
    }
  }

  forget(): void {
    this.said.clear();
  }

  private say(show: Show, message: string, buttons: Button[]): void {
    this.log(message);
    if (this.said.has(message)) {
      return;
    }
    this.said.add(message);
    void show(message, ...buttons).then((chosen) => {
      if (chosen) {
        void vscode.commands.executeCommand(...COMMANDS[chosen]);
      }
    });
  }
}

const OCCASION = "migLsp.said";
