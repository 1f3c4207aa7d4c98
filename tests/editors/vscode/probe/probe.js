// Runs inside the editor's extension host and carries out what the tests send: pieces of JavaScript with the editor's
// own API at hand. Only the test that started the editor knows the port and the word.

const vscode = require("vscode");
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");

const AsyncFunction = (async () => undefined).constructor;

async function until(ask, what, milliseconds = 30_000) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`waited in vain for ${what || ask}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function answer(body) {
  const { code, args } = JSON.parse(body);
  const result = await new AsyncFunction("vscode", "until", "args", code)(vscode, until, args);
  return JSON.stringify({ result: result === undefined ? null : result });
}

exports.activate = () => {
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      answer(Buffer.concat(parts).toString()).then(
        (text) => response.end(text),
        (error) => response.end(JSON.stringify({ error: String((error && error.stack) || error) })),
      );
    });
  });
  server.listen(0, "127.0.0.1", () => {
    const opened = vscode.workspace.workspaceFile || ((vscode.workspace.workspaceFolders || [])[0] || {}).uri;
    const name = opened ? path.basename(opened.fsPath) : "no-folder";
    const file = path.join(process.env.PROBE_DIR, `${name}.port`);
    fs.writeFileSync(`${file}.new`, String(server.address().port));
    fs.renameSync(`${file}.new`, file);
  });
};
