// "Show what the runner sends": a read-only document with the chunks of a migration, kept up to date as it is edited.

import * as vscode from "vscode";
import type { Chunk, Chunks } from "./protocol";
import type { Service } from "./service";
import { plural } from "./tree";

const SCHEME = "mig-lsp-chunks";

/** The documents, their marks, and the links back to the migration. */
export class ChunkPreview
  implements vscode.TextDocumentContentProvider, vscode.DocumentLinkProvider, vscode.Disposable
{
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;
  private readonly banner = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.lineHighlightBackground"),
    borderColor: new vscode.ThemeColor("editorIndentGuide.background1"),
    borderWidth: "1px 0 0 0",
    borderStyle: "solid",
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.infoForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
    fontWeight: "bold",
  });
  private readonly refused = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("diffEditor.removedTextBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.errorForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
  });
  private readonly subscriptions: vscode.Disposable[];
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly service: Service) {
    this.subscriptions = [
      vscode.workspace.registerTextDocumentContentProvider(SCHEME, this),
      vscode.languages.registerDocumentLinkProvider({ scheme: SCHEME }, this),
      vscode.workspace.onDidChangeTextDocument(({ document }) => this.edited(document)),
      vscode.window.onDidChangeVisibleTextEditors((editors) => editors.forEach((editor) => this.mark(editor))),
      service.onDidChange(() => this.refresh()),
    ];
  }

  /** Opens the chunks of a migration beside it. */
  async show(source: vscode.Uri): Promise<void> {
    const document = await vscode.workspace.openTextDocument(previewOf(source));
    await vscode.languages.setTextDocumentLanguage(document, "sql");
    const viewColumn = vscode.ViewColumn.Beside;
    await vscode.window.showTextDocument(document, { viewColumn, preserveFocus: true, preview: true });
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    const client = this.service.client;
    const source = sourceOf(uri);
    if (!client) {
      return "-- The server of mig-lsp does not run.\n";
    }
    const told = await client.sendRequest<Chunks | null>("migLsp/chunks", { uri: source.toString() });
    return told === null ? `-- ${source.path} belongs to no migration set.\n` : render(told);
  }

  provideDocumentLinks(document: vscode.TextDocument): vscode.DocumentLink[] {
    const source = sourceOf(document.uri);
    return lines(document).flatMap(({ text, range }) => {
      const found = /\blines? (\d+)/.exec(text);
      if (!BANNER.test(text) || !found) {
        return [];
      }
      const start = range.start.translate(0, found.index);
      const link = new vscode.DocumentLink(
        new vscode.Range(start, start.translate(0, found[0].length)),
        source.with({ fragment: `L${found[1] ?? "1"}` }),
      );
      link.tooltip = "Go to these lines";
      return [link];
    });
  }

  dispose(): void {
    clearTimeout(this.timer);
    vscode.Disposable.from(this.banner, this.refused, this.changed, ...this.subscriptions).dispose();
  }

  private edited(document: vscode.TextDocument): void {
    if (document.uri.scheme === SCHEME) {
      vscode.window.visibleTextEditors.forEach((editor) => this.mark(editor));
      return;
    }
    const preview = previewOf(document.uri).toString();
    if (vscode.workspace.textDocuments.some(({ uri }) => uri.toString() === preview)) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.changed.fire(previewOf(document.uri)), SETTLE);
    }
  }

  private refresh(): void {
    const previews = vscode.workspace.textDocuments.filter(({ uri }) => uri.scheme === SCHEME);
    previews.forEach(({ uri }) => this.changed.fire(uri));
  }

  private mark(editor: vscode.TextEditor): void {
    if (editor.document.uri.scheme === SCHEME) {
      const all = lines(editor.document);
      editor.setDecorations(this.banner, all.filter(({ text }) => BANNER.test(text)).map(({ range }) => range));
      editor.setDecorations(this.refused, all.filter(({ text }) => REFUSED.test(text)).map(({ range }) => range));
    }
  }
}

const SETTLE = 150; // milliseconds without a keystroke
const BANNER = /^-- ━━ chunk \d+ of \d+ /;
const REFUSED = /^-- ✗ /;
const WIDTH = 80;
const LONGEST = 200;

function previewOf(source: vscode.Uri): vscode.Uri {
  // The title of the tab is the last part of the path.
  const name = source.path.split("/").at(-1) ?? "migration.sql";
  return vscode.Uri.from({ scheme: SCHEME, path: `/What the runner sends of ${name}`, query: source.toString() });
}

function sourceOf(preview: vscode.Uri): vscode.Uri {
  return vscode.Uri.parse(preview.query);
}

function render(told: Chunks): string {
  const count = told.chunks.length;
  const head = `-- ${told.runner} sends ${plural(count, "chunk")} of ${told.path}, one call each.`;
  if (told.refused !== null) {
    return `-- ${told.runner} sends nothing of ${told.path}.\n-- ✗ ${oneLine(told.refused)}\n`;
  }
  const parts = told.chunks.map((chunk, index) => `${title(chunk, index + 1, count)}\n${chunk.sql.trimEnd()}\n`);
  return `${head}\n\n${parts.join("\n")}`;
}

function title(chunk: Chunk, number: number, count: number): string {
  const { startLine, endLine, statements } = chunk;
  const where = startLine === endLine ? `line ${startLine}` : `lines ${startLine}–${endLine}`;
  const line = `-- ━━ chunk ${number} of ${count} · ${where} · ${plural(statements, "statement")} `;
  return line.padEnd(WIDTH, "━") + (chunk.problem === null ? "" : `\n-- ✗ refused: ${oneLine(chunk.problem)}`);
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line;
}

function lines(document: vscode.TextDocument): vscode.TextLine[] {
  return Array.from({ length: document.lineCount }, (_, line) => document.lineAt(line));
}
