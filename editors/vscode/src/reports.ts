// What a command has to say: one line as a message, more in a read-only document.

import * as vscode from "vscode";

const SCHEME = "mig-lsp-report";

/** Shows texts of many lines. */
export class Reports implements vscode.TextDocumentContentProvider, vscode.Disposable {
  private readonly texts = new Map<string, string>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly subscription = vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);

  async show(title: string, text: string): Promise<void> {
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `/${title}` });
    this.texts.set(uri.toString(), text);
    this.changed.fire(uri);
    await vscode.window.showTextDocument(uri, { preview: true });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.texts.get(uri.toString()) ?? "";
  }

  dispose(): void {
    this.subscription.dispose();
    this.changed.dispose();
  }
}

/** Says why a command could not be carried out; a cancelled one is not spoken of. */
export function failure(reports: Reports, error: unknown): void {
  if (error instanceof vscode.CancellationError || (error as { code?: number }).code === CANCELLED) {
    return;
  }
  const text = error instanceof Error ? error.message : String(error);
  const several = text.includes("\n");
  // Nobody waits for the answer: the command has ended, whenever the person looks at the message.
  void vscode.window.showErrorMessage(`mig-lsp: ${explain(error)}`, ...(several ? [SHOW] : [])).then((chosen) => {
    if (chosen === SHOW) {
      void reports.show("Migration report", text);
    }
  });
}

/** The error in one line. */
export function explain(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const said = text.split("\n").map((line) => line.replace(/[║│|╔╗╚╝═─=*#]+/g, " ").trim());
  return said.filter(Boolean).slice(0, 2).join(": ");
}

const SHOW = "Show Report";
const CANCELLED = -32800;
