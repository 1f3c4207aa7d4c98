// Runs programs to their end, without a shell.

import { spawn } from "node:child_process";
import type { CancellationToken } from "vscode";

export interface Outcome {
  /** The exit code; null when the program was ended, or could not be started. */
  code: number | null;
  stdout: string;
  stderr: string;
  /** Why there is no exit code. */
  problem?: "cancelled" | "too slow" | "not started";
}

export interface Limits {
  timeout: number;
  cwd: string;
  token?: CancellationToken;
  onLine?: (line: string) => void;
}

/** Runs a program; the outcome also tells when it could not be run. */
export function run(command: string, args: readonly string[], limits: Limits): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: limits.cwd, windowsHide: true, stdio: ["ignore", "pipe", "pipe"] });
    const outcome: Outcome = { code: null, stdout: "", stderr: "" };
    const end = (problem: NonNullable<Outcome["problem"]>) => {
      outcome.problem ??= problem;
      child.kill("SIGKILL");
    };
    const timer = setTimeout(() => end("too slow"), limits.timeout);
    const cancelled = limits.token?.onCancellationRequested(() => end("cancelled"));
    if (limits.token?.isCancellationRequested) {
      end("cancelled");
    }
    const finish = () => {
      clearTimeout(timer);
      cancelled?.dispose();
      resolve(outcome);
    };
    const follow = lines(limits.onLine);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      outcome.stdout = (outcome.stdout + text).slice(-MOST_OUTPUT);
      follow(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      outcome.stderr = (outcome.stderr + text).slice(-MOST_OUTPUT);
      follow(text);
    });
    child.on("error", (error) => {
      outcome.problem ??= "not started";
      outcome.stderr ||= error.message;
      finish();
    });
    child.on("close", (code) => {
      outcome.code = outcome.problem ? null : code;
      finish();
    });
  });
}

/** The last line that says something, for a message of one line. */
export function lastLine(text: string): string {
  return text.trimEnd().split(/\r?\n/).at(-1)?.trim() ?? "";
}

const MOST_OUTPUT = 100_000; // characters

function lines(each: ((line: string) => void) | undefined): (text: string) => void {
  let rest = "";
  return (text) => {
    const found = (rest + text).split(/\r?\n/);
    rest = found.pop() ?? "";
    found.filter((line) => line.trim()).forEach((line) => each?.(line));
  };
}
