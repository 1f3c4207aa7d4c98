/**
 * Brings the library's database up to date. CloudFormation calls this Lambda on every deploy.
 *
 * On an empty database it runs the initial files, and then every migration that is not completed yet, in the order of
 * MIGRATION_FILES. A failed migration stops the deploy; the next one starts it again from its first statement.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ExecuteStatementCommand, RDSDataClient } from "@aws-sdk/client-rds-data";
import type { ExecuteStatementCommandOutput } from "@aws-sdk/client-rds-data";
import type { CloudFormationCustomResourceEvent } from "aws-lambda";

const SCHEMA_FOLDER = join(__dirname, "schema");

/** Runs once, on an empty database. Nobody edits these files any more. */
const INITIAL_SETUP_FILES = [
  "001-enums.sql",
  "002-tables.sql",
  "003-constraints.sql",
  "004-indexes.sql",
  "005-initial-data.sql",
];

/** Runs in this order. Add new migrations at the end. */
const MIGRATION_FILES = [
  "006-opening-hours.sql",
  "010-book-covers.sql",
  "011-courses.sql",
  "012-reading-lists.sql",
  "013-loan-due-date.sql",
  "014-reservations.sql",
  "015-book-search.sql",
  "016-overdue-loans.sql",
  "017-member-cards.sql",
  "018-settings.sql",
  "019-fines.sql",
  "021-announcements.sql",
  "020-publishers.sql",
  "022-loan-history.sql",
  "023-course-archive.sql",
  "024-fine-limits.sql",
  "025-shelf-marks.sql",
  // Since February: other media
  "026-audit-trail.sql",
  "027-media-kinds.sql",
  "028-book-tags.sql",
  "029-faster-counter.sql",
  "025-shelf-marks.sql",
  "030-merge-members.sql",
  "031-letters.sql",
  "032-raise-fines.sql",
  "033-study-rooms.sql",
  "034_import_catalogue.sql",
  "035-club-meeting.sql",
  "036-e-books.sql",
  "036-e-books-rollback.sql",
  "037-reminders.sql",
  "038-quiet-hours.sql",
  "039-donations.sql",
  "040-pickup-notices.sql",
  "041-loan-archive.sql",
];

/** Words that turn block mode on: the lines up to the end of the block belong together. */
const BLOCK_STARTERS = ["CREATE TYPE", "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", "DROP TYPE"];

const client = new RDSDataClient({});

export async function handler(event: CloudFormationCustomResourceEvent): Promise<{ PhysicalResourceId: string }> {
  if (event.RequestType !== "Delete") {
    await deploy();
  }
  return { PhysicalResourceId: "library-database-schema" };
}

async function deploy(): Promise<void> {
  if (await isEmpty()) {
    for (const name of INITIAL_SETUP_FILES) {
      await runInitialFile(name);
    }
  }
  await execute(`CREATE TABLE IF NOT EXISTS migration_log (
    id SERIAL PRIMARY KEY,
    step_number INTEGER NOT NULL,
    description TEXT NOT NULL,
    sql_executed TEXT,
    status VARCHAR(20) DEFAULT 'pending',
    error_message TEXT,
    executed_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
  )`);
  for (const name of MIGRATION_FILES) {
    await runMigration(name);
  }
}

async function isEmpty(): Promise<boolean> {
  try {
    const found = await execute(
      "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'users'",
    );
    return firstNumber(found) === 0;
  } catch {
    return true;
  }
}

async function runInitialFile(name: string): Promise<void> {
  for (const statement of await statementsOf(name)) {
    try {
      await execute(statement);
    } catch (error) {
      if (!/already exists|duplicate key/.test(messageOf(error))) {
        throw error;
      }
    }
  }
}

async function runMigration(name: string): Promise<void> {
  const completed = await execute(
    `SELECT COUNT(*) FROM migration_log WHERE description = '${name}' AND status = 'completed'`,
  );
  if (firstNumber(completed) > 0) {
    return;
  }
  try {
    const statements = await statementsOf(name);
    const refused = statements.find((statement) => /\bCONCURRENTLY\b/i.test(statement));
    if (refused !== undefined) {
      throw new Error(`CONCURRENTLY cannot run through the Data API: ${refused.slice(0, 80)}`);
    }
    for (const statement of statements) {
      await executeTolerant(statement);
    }
    await record(name, "completed");
  } catch (error) {
    await record(name, "failed", messageOf(error));
    throw error;
  }
}

/** Runs one statement of a migration; what an earlier attempt has done already is no error. */
async function executeTolerant(statement: string): Promise<void> {
  try {
    await execute(statement);
  } catch (error) {
    const start = statement.trim().toUpperCase();
    if (start.startsWith("CREATE TYPE") && messageOf(error).includes("already exists")) {
      return;
    }
    if (start.startsWith("ALTER TABLE") && (await addedColumnExists(statement))) {
      return;
    }
    throw error;
  }
}

async function addedColumnExists(statement: string): Promise<boolean> {
  const added = /ALTER\s+TABLE\s+(\w+)\s+ADD\s+COLUMN\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)/i.exec(statement);
  if (added === null) {
    return false;
  }
  const found = await execute(
    "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = 'public'" +
      ` AND table_name = '${added[1]}' AND column_name = '${added[2]}'`,
  );
  return firstNumber(found) > 0;
}

async function record(name: string, status: "completed" | "failed", message?: string): Promise<void> {
  const step = await execute("SELECT COALESCE(MAX(step_number), 0) + 1 FROM migration_log");
  const error = message === undefined ? "NULL" : `'${message.replaceAll("'", "''")}'`;
  await execute(
    "INSERT INTO migration_log (step_number, description, sql_executed, status, error_message)" +
      ` VALUES (${firstNumber(step)}, '${name}', 'Migration file executed', '${status}', ${error})`,
  );
}

async function statementsOf(name: string): Promise<string[]> {
  return splitStatements(await readFile(join(SCHEMA_FOLDER, name), "utf8"));
}

/**
 * The statements of a file, one per call of the Data API. A statement ends with the line that ends with a semicolon.
 * Types and functions may have such lines inside: they end with `);` or with `' LANGUAGE plpgsql;`.
 */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let lines: string[] = [];
  let inBlock = false;
  for (const line of sql.split("\n")) {
    const words = line.trim();
    if (words.startsWith("--")) {
      continue;
    }
    lines.push(line);
    const upper = words.toUpperCase();
    if (BLOCK_STARTERS.some((starter) => upper.startsWith(starter))) {
      inBlock = true;
    }
    const ends = inBlock ? words.endsWith(");") || upper.endsWith("' LANGUAGE PLPGSQL;") : words.endsWith(";");
    if (ends) {
      statements.push(lines.join("\n").trim());
      lines = [];
      inBlock = false;
    }
  }
  statements.push(lines.join("\n").trim());
  return statements.filter((statement) => statement !== "");
}

async function execute(sql: string): Promise<ExecuteStatementCommandOutput> {
  return client.send(
    new ExecuteStatementCommand({
      resourceArn: process.env.CLUSTER_ARN,
      secretArn: process.env.SECRET_ARN,
      database: process.env.DATABASE_NAME,
      sql,
    }),
  );
}

function firstNumber(found: ExecuteStatementCommandOutput): number {
  return found.records?.[0]?.[0]?.longValue ?? 0;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
