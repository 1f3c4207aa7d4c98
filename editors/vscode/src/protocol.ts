// What the server answers beyond the protocol; docs/server.md has the words.

export interface Documents {
  documents: { uri: string; kind: string }[];
  patterns: { baseUri: string; pattern: string }[];
}

export type State = "completed" | "failed" | "pending";
export type Severity = "error" | "warning" | "info" | "hint";

export interface Migration {
  uri: string;
  path: string;
  name: string;
  /** Its place in the run order, from 1; null when it never runs. */
  order: number | null;
  registered: boolean;
  initial: boolean;
  exists: boolean;
  rollback: boolean;
  /** When it runs, in words. */
  place: string;
  states: Record<string, State>;
  attempts: Record<string, { executedAt: string | null; error: string | null }>;
  findings: Record<Severity, number>;
}

export interface Log {
  environment: string;
  entries: number;
  fetchedAt: string | null;
  problem: string | null;
}

export interface MigrationSet {
  folder: string;
  directory: string;
  manifest: string | null;
  config: string | null;
  runner: string;
  environments: string[];
  logs: Log[];
  migrations: Migration[];
}

export interface Migrations {
  sets: MigrationSet[];
}

/** What a command that changes files did, or would do. */
export interface Changed {
  applied: boolean;
  title: string;
  uris: string[];
  created: string[];
}

export interface Chunk {
  sql: string;
  startLine: number;
  endLine: number;
  statements: number;
  /** Why the server of the database would refuse it. */
  problem: string | null;
}

export interface Chunks {
  path: string;
  runner: string;
  /** Why the runner sends nothing at all. */
  refused: string | null;
  chunks: Chunk[];
}

export interface Checked extends Record<Severity, number> {
  files: number;
}
