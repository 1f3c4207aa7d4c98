// Asks for consent, and makes the managed environment with progress and a way out.

import * as vscode from "vscode";
import type { Launch } from "./discovery";
import type { ManagedEnvironment } from "./environment";
import type { Messages } from "./messages";
import { findPython, OLDEST } from "./python";
import type { ServerSettings } from "./settings";

const INSTALL = "Install";
const CHOOSE = "Use Another Server…";
const LATER = "Not Now";
const CONSENT = "migLsp.consent";

/** The last place where a server is looked for. */
export class Installer {
  private asked = false;

  constructor(
    private readonly environment: ManagedEnvironment,
    private readonly storage: string,
    private readonly messages: Messages,
    private readonly memory: vscode.Memento,
    private readonly log: (line: string) => void,
  ) {}

  /**
   * The managed server, installed now if the person has agreed to that before, with an older extension say. Else the
   * person is asked once, nobody waits for the answer, and *agreed* is called when it is yes.
   */
  async offer(settings: ServerSettings, agreed: () => void): Promise<Launch | undefined> {
    const there = await this.environment.launch();
    if (there) {
      return there;
    }
    if (this.memory.get<boolean>(CONSENT)) {
      return this.install(settings);
    }
    if (!this.asked) {
      this.asked = true;
      void this.ask(agreed);
    }
    return undefined;
  }

  private async ask(agreed: () => void): Promise<void> {
    const question =
      "mig-lsp needs its language server. Install it for this extension alone? Nothing else on this machine changes.";
    const answer = await vscode.window.showInformationMessage(question, INSTALL, CHOOSE, LATER);
    if (answer === INSTALL) {
      agreed();
      return;
    }
    this.log("the person did not want the server to be installed");
    if (answer === CHOOSE) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "migLsp.server");
    }
  }

  /** Makes the environment anew; undefined when that failed, which has been said, or was cancelled. */
  async install(settings: ServerSettings): Promise<Launch | undefined> {
    const python = await findPython(settings.python, this.storage, this.log);
    const oldest = OLDEST.join(".");
    if (python.kind !== "good") {
      const found = settings.python === undefined ? "none was found" : `${settings.python} does not run`;
      const why = python.kind === "none" ? found : `${python.command} is Python ${python.version}`;
      const advice = "install a newer one, or name one in the setting migLsp.server.python";
      const message = `mig-lsp needs Python ${oldest} or newer, and ${why}: ${advice}.`;
      this.messages.error(message, "Get Python", "Open Settings");
      return undefined;
    }
    const options = { location: vscode.ProgressLocation.Notification, title: "mig-lsp", cancellable: true };
    const result = await vscode.window.withProgress(options, (progress, token) =>
      this.environment.install(python.command, settings.wheels, progress, token),
    );
    if (result.kind === "cancelled") {
      this.log("the installation was cancelled");
      return undefined;
    }
    if (result.kind === "failed") {
      const offline = "without a network, name a folder of wheels in the setting migLsp.server.wheels";
      const advice = result.packages ? `: ${offline}` : "";
      this.messages.error(`mig-lsp: ${result.message}${advice}.`, "Show Log", "Install Again", "Open Settings");
      return undefined;
    }
    await this.memory.update(CONSENT, true);
    return this.environment.launch();
  }
}
