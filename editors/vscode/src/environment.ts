// The managed environment: a virtual environment in the extension's own storage with exactly the extension's server.

import { createHash } from "node:crypto";
import * as fs from "node:fs/promises";
import * as path from "node:path";
import type { CancellationToken } from "vscode";
import { asModule, type Launch, probed } from "./discovery";
import { inEnvironment } from "./paths";
import { lastLine, run } from "./process";

export interface Progress {
  report(step: { message: string }): void;
}

export type Installation =
  | { kind: "installed" }
  | { kind: "cancelled" }
  /** *message* is one sentence for the person; *wheels* tells that the packages were the trouble. */
  | { kind: "failed"; message: string; packages: boolean };

/** One environment for each version of the extension; a mark is written last, so half an environment is none. */
export class ManagedEnvironment {
  constructor(
    private readonly storage: string,
    private readonly wheelFolder: string,
    private readonly version: string,
    private readonly log: (line: string) => void,
  ) {}

  /** The server in the environment; undefined when it is not there, is another one, or does not run. */
  async launch(): Promise<Launch | undefined> {
    const mark = await fs.readFile(this.mark, "utf8").catch(() => "");
    if (mark === "" || mark !== (await this.wanted())) {
      return undefined;
    }
    const found = await probed(asModule(this.python, "the managed environment"), this.storage, this.log);
    return typeof found === "string" ? undefined : found;
  }

  /** Makes the environment anew with *python*; *wheels* is a folder to use in place of the package index. */
  async install(
    python: string,
    wheels: string | undefined,
    progress: Progress,
    token: CancellationToken,
  ): Promise<Installation> {
    const step = async (message: string, command: string, args: string[]): Promise<string | undefined> => {
      progress.report({ message });
      this.log(`$ ${[command, ...args].join(" ")}`);
      const onLine = (line: string) => {
        this.log(line);
        const name = /^Collecting ([\w.-]+)/.exec(line)?.[1];
        if (name !== undefined) {
          progress.report({ message: `fetching ${name}` });
        }
      };
      const outcome = await run(command, args, { timeout: PATIENCE, cwd: this.storage, token, onLine });
      return outcome.code === 0 ? undefined : reasonOf(outcome.stderr || outcome.stdout, outcome.problem);
    };
    const wheel = await this.wheel();
    await this.remove();
    await fs.mkdir(this.storage, { recursive: true });
    const failed = async (message: string, packages: boolean): Promise<Installation> => {
      await this.remove();
      return token.isCancellationRequested ? { kind: "cancelled" } : { kind: "failed", message, packages };
    };
    const noEnvironment = await step("making an environment", python, ["-I", "-m", "venv", this.folder]);
    if (noEnvironment !== undefined) {
      const hint = /ensurepip/.test(noEnvironment) ? " (on Debian and Ubuntu, install python3-venv)" : "";
      return failed(`${python} could not make a virtual environment: ${noEnvironment}${hint}`, false);
    }
    const source = wheels === undefined ? [] : ["--no-index", "--find-links", wheels];
    const pip = ["-I", "-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"];
    const noPackages = await step("installing the server", this.python, [...pip, ...source, wheel]);
    if (noPackages !== undefined) {
      return failed(`the server's packages could not be installed: ${noPackages}`, true);
    }
    // Only logs that are read from databases need these, so nothing is lost where they cannot be had.
    const extras = `${wheel}[postgres,rds]`;
    const noExtras = await step("installing what reads logs", this.python, [...pip, ...source, extras]);
    if (token.isCancellationRequested) {
      return failed("cancelled", false);
    }
    if (noExtras !== undefined) {
      this.log(`logs cannot be read from databases: ${noExtras}`);
    }
    await fs.writeFile(this.mark, await this.wanted(), "utf8");
    await this.removeOthers();
    return { kind: "installed" };
  }

  private get folder(): string {
    return path.join(this.storage, `server-${this.version}`);
  }

  private get python(): string {
    return inEnvironment(this.folder, "python");
  }

  private get mark(): string {
    return path.join(this.folder, "installed");
  }

  /** What the mark of a complete environment says: another wheel of the same version is another server. */
  private async wanted(): Promise<string> {
    return createHash("sha256").update(await fs.readFile(await this.wheel())).digest("hex");
  }

  private async wheel(): Promise<string> {
    const name = (await fs.readdir(this.wheelFolder)).find((file) => file.endsWith(".whl"));
    if (name === undefined) {
      throw new Error("the extension was packaged without its server");
    }
    return path.join(this.wheelFolder, name);
  }

  private async remove(): Promise<void> {
    await fs.rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private async removeOthers(): Promise<void> {
    const others = (await fs.readdir(this.storage)).filter((name) => name.startsWith("server-"));
    for (const name of others.filter((each) => each !== path.basename(this.folder))) {
      // A window with the older extension may still use it: then it goes next time.
      await fs.rm(path.join(this.storage, name), { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

const PATIENCE = 15 * 60_000; // milliseconds; a slow line may take its time, and the person can cancel

function reasonOf(output: string, problem: string | undefined): string {
  // pip says the reason in the first line of its error, and advice after it.
  const error = /^ERROR: (.*)$/m.exec(output)?.[1];
  return error ?? (lastLine(output) || problem || "it gave no reason");
}
