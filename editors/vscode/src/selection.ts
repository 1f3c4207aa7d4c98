// Which documents the server is told of: those that it says it cares for, and no others.

import { randomUUID } from "node:crypto";
import * as vscode from "vscode";
import type {
  DynamicFeature,
  LanguageClient,
  ServerCapabilities,
  TextDocumentRegistrationOptions,
} from "vscode-languageclient/node";
import type { Documents } from "./protocol";

type Feature = DynamicFeature<TextDocumentRegistrationOptions>;
type Registration = { feature: Feature; id: string };

/** Keeps the client's features to the documents of the migration sets; `follow` says which these are. */
export class Selection {
  private registrations: Registration[] = [];
  private current = "";

  constructor(private readonly client: LanguageClient) {}

  /** Takes another selection; documents that come into it are opened on the server, those that leave it are closed. */
  follow({ patterns }: Pick<Documents, "patterns">): void {
    const wanted = JSON.stringify(patterns);
    if (wanted === this.current) {
      return;
    }
    this.current = wanted;
    const before = this.registrations;
    // The editor takes patterns that are relative to a folder, which the protocol's own types do not know yet.
    const documentSelector = patterns.map(({ baseUri, pattern }) => ({
      scheme: "file",
      pattern: new vscode.RelativePattern(vscode.Uri.parse(baseUri), pattern),
    })) as unknown as TextDocumentRegistrationOptions["documentSelector"];
    const capabilities = this.client.initializeResult?.capabilities ?? {};
    const synchronised = patterns.length === 0 ? [] : synchronisation(capabilities);
    this.registrations = synchronised.map(([method, options]) => {
      const feature = this.feature(method);
      const id = randomUUID();
      feature.register({ id, registerOptions: { ...options, documentSelector } });
      return { feature, id };
    });
    // The old ones go last: a document that both select stays open.
    before.forEach(({ feature, id }) => feature.unregister(id));
    for (const [method, provider] of Object.entries(PROVIDERS)) {
      const feature = this.feature(method);
      const offered = capabilities[provider];
      feature.clear();
      if (patterns.length > 0 && offered) {
        const options = typeof offered === "object" ? offered : {};
        feature.register({ id: randomUUID(), registerOptions: { ...options, documentSelector } });
      }
    }
  }

  private feature(method: string): Feature {
    // Every method named in this file has such a feature.
    return this.client.getFeature(method as "textDocument/hover") as unknown as Feature;
  }
}

const PROVIDERS = {
  "textDocument/completion": "completionProvider",
  "textDocument/hover": "hoverProvider",
  "textDocument/definition": "definitionProvider",
  "textDocument/references": "referencesProvider",
  "textDocument/documentLink": "documentLinkProvider",
  "textDocument/documentSymbol": "documentSymbolProvider",
  "textDocument/foldingRange": "foldingRangeProvider",
  "textDocument/codeLens": "codeLensProvider",
  "textDocument/codeAction": "codeActionProvider",
  "textDocument/diagnostic": "diagnosticProvider",
} as const satisfies Record<string, keyof ServerCapabilities>;

function synchronisation(capabilities: ServerCapabilities): [string, object][] {
  const sync = capabilities.textDocumentSync;
  const change = typeof sync === "object" ? sync.change : sync;
  return [
    ["textDocument/didOpen", {}],
    ["textDocument/didChange", { syncKind: change ?? 1 }],
    ["textDocument/didSave", { includeText: false }],
    ["textDocument/didClose", {}],
  ];
}
