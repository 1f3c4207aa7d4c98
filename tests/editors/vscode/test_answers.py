"""What the editor's own interface says: the same that every extension, and every key, gets."""

from __future__ import annotations

import time

from tests.editors.vscode.editor import Page, Window
from tests.editors.vscode.seen import CUT, eventually, findings, gone, show, toasts
from tests.editors.vscode.workspace import Workspace


def test_the_findings_of_files_that_nobody_opened_are_shown(window: Window, demo: Workspace) -> None:
    assert "split-statement" in findings(window, demo.migration(CUT))
    assert "missing-file" in findings(window, demo.manifest)
    assert "unregistered-migration" in findings(window, demo.migration("035-club-meetings.sql"))
    assert "unknown-suppression" not in findings(window, demo.root / "mig-lsp.toml")


def test_every_finding_leads_to_its_page_and_its_place(window: Window, demo: Workspace) -> None:
    code = """
      const all = vscode.languages.getDiagnostics(vscode.Uri.file(args));
      const found = all.find((each) => each.code.value === "split-statement");
      return [found.code.target.toString(true), found.severity, found.range.start.line, found.range.start.character];
    """
    target, severity, line, character = window.run(code, str(demo.migration(CUT)))
    assert target.endswith("/rules/split-statement")
    assert [0, 17, 39] == [severity, line, character]


def test_hover_lens_links_outline_folding_and_definition(window: Window, demo: Workspace) -> None:
    show(window, demo.migration(CUT))
    findings(window, demo.migration(CUT))
    code = """
      const uri = vscode.Uri.file(args[0]), manifest = vscode.Uri.file(args[1]);
      const ask = (name, ...more) => vscode.commands.executeCommand(`vscode.execute${name}`, ...more);
      const hover = await ask("HoverProvider", uri, new vscode.Position(17, 39));
      const lenses = await ask("CodeLensProvider", uri, 10);
      const symbols = await ask("DocumentSymbolProvider", uri);
      const folds = await ask("FoldingRangeProvider", uri);
      const definition = await ask("DefinitionProvider", uri, new vscode.Position(0, 5));
      await vscode.workspace.openTextDocument(manifest);
      const asked = async () => (await ask("LinkProvider", manifest)).filter((each) => each.target);
      await until(async () => (await asked()).length > 0, "links");
      const links = await asked();
      return {
        hover: hover.flatMap((each) => each.contents.map((part) => part.value)).join("\\n"),
        lenses: lenses.map((each) => each.command.title),
        symbols: symbols.flatMap((each) => [each.name, ...each.children.map((child) => child.name)]),
        folds: folds.length,
        definition: definition.map((each) => each.uri.path.split("/").pop()),
        links: links.map((each) => each.target.path.split("/").pop()),
      };
    """
    told = window.run(code, [str(demo.migration(CUT)), str(demo.manifest)])
    assert "split-statement" in told["hover"]
    assert "runs 18th of 35" in told["lenses"]
    assert any("audit_trail" in name for name in told["symbols"])
    assert told["folds"] > 1
    assert ["db-init-handler.ts"] == told["definition"]
    assert CUT in told["links"]


def test_completion_knows_the_tables(window: Window, demo: Workspace) -> None:
    path = demo.migration(CUT)
    code = """
      const document = await vscode.workspace.openTextDocument(vscode.Uri.file(args));
      const edit = new vscode.WorkspaceEdit();
      edit.insert(document.uri, new vscode.Position(24, 0), "SELECT * FROM ");
      await vscode.workspace.applyEdit(edit);
      const place = new vscode.Position(24, 14), ask = "vscode.executeCompletionItemProvider";
      const told = await vscode.commands.executeCommand(ask, document.uri, place);
      await vscode.commands.executeCommand("undo");
      return told.items.map((each) => each.label.label || each.label);
    """
    show(window, path)
    labels = window.run(code, str(path))
    assert {"books", "loans"} <= set(labels)


def test_a_fix_is_applied_and_saved_and_the_finding_goes(window: Window, demo: Workspace) -> None:
    path = demo.migration(CUT)
    show(window, path)
    findings(window, path, "split-statement")
    code = """
      const uri = vscode.Uri.file(args);
      const found = vscode.languages.getDiagnostics(uri).find((each) => each.code.value === "split-statement");
      const actions = await vscode.commands.executeCommand("vscode.executeCodeActionProvider", uri, found.range);
      const fix = actions.find((each) => each.title.startsWith("Quote the body"));
      await vscode.workspace.applyEdit(fix.edit);
      await vscode.workspace.save(uri);
      return [fix.kind.value, fix.isPreferred];
    """
    assert ["quickfix", True] == window.run(code, str(path))
    gone(window, path, "split-statement")
    assert "LANGUAGE plpgsql" in path.read_text("utf-8")
    assert "$$" not in path.read_text("utf-8")


def test_other_sql_is_not_sent_to_the_server_and_nothing_is_said_of_it(window: Window, demo: Workspace) -> None:
    other = demo.root / "reports" / "monthly.sql"
    show(window, other)
    show(window, demo.migration("039-donations.sql"))
    eventually(demo.heard, lambda heard: "039-donations.sql" in heard)
    time.sleep(0.5)
    assert "none of its business" not in demo.heard()
    assert "monthly.sql" not in demo.heard()
    code = """
      const uri = vscode.Uri.file(args);
      const lenses = await vscode.commands.executeCommand("vscode.executeCodeLensProvider", uri);
      const hover = await vscode.commands.executeCommand("vscode.executeHoverProvider", uri, new vscode.Position(0, 2));
      return [vscode.languages.getDiagnostics(uri).length, lenses.length, hover.length];
    """
    assert [0, 0, 0] == window.run(code, str(other))


def test_renaming_a_file_keeps_the_manifest(window: Window, page: Page, demo: Workspace) -> None:
    old, new = demo.migration("039-donations.sql"), demo.migration("039-gifts.sql")
    code = """
      const edit = new vscode.WorkspaceEdit();
      edit.renameFile(vscode.Uri.file(args[0]), vscode.Uri.file(args[1]));
      void vscode.workspace.applyEdit(edit).then(() => vscode.workspace.saveAll(false));
    """
    window.run(code, [str(old), str(new)])
    # The editor itself asks before an extension changes files because of a rename.
    page.run("await page.locator('.monaco-dialog-box .monaco-button', { hasText: 'OK' }).click()")
    eventually(new.is_file, bool)
    assert not old.exists()
    text = eventually(lambda: demo.manifest.read_text("utf-8"), lambda text: "039-gifts.sql" in text)
    assert "039-donations.sql" not in text
    # On the disk it is a moment before the editor knows that it is.
    window.run("await until(() => !vscode.workspace.textDocuments.some((each) => each.isDirty), 'the saving')")


def test_register_adds_the_entry_and_saves_it(window: Window, page: Page, demo: Workspace) -> None:
    path = demo.migration("035-club-meetings.sql")
    assert "035-club-meetings.sql" not in demo.manifest.read_text("utf-8")
    window.run("await vscode.commands.executeCommand('migLsp.register', vscode.Uri.file(args))", str(path))
    assert [] == toasts(page)
    assert "035-club-meetings.sql" in demo.manifest.read_text("utf-8")
    gone(window, path, "unregistered-migration")


def test_the_chunks_are_a_document_that_follows_the_edits(window: Window, demo: Workspace) -> None:
    path = demo.migration("011-courses.sql")
    code = """
      await vscode.commands.executeCommand("migLsp.showChunks", vscode.Uri.file(args));
      const seen = () => vscode.workspace.textDocuments.find((each) => each.uri.scheme === "mig-lsp-chunks");
      const before = seen().getText();
      const links = await vscode.commands.executeCommand("vscode.executeLinkProvider", seen().uri);
      const edit = new vscode.WorkspaceEdit();
      edit.insert(vscode.Uri.file(args), new vscode.Position(0, 0), "SELECT 'new chunk';\\n");
      await vscode.workspace.openTextDocument(vscode.Uri.file(args));
      await vscode.workspace.applyEdit(edit);
      await until(() => seen().getText().includes("new chunk"), "the new chunk");
      await vscode.commands.executeCommand("workbench.action.files.revert", vscode.Uri.file(args));
      return [before, links.map((each) => each.target.fragment), seen().languageId];
    """
    text, lines, language = window.run(code, str(path))
    assert text.startswith("-- rds-data-api sends ")
    assert "-- ━━ chunk 1 of " in text
    assert lines and all(line.startswith("L") for line in lines)
    assert language == "sql"


def test_all_commands_are_there(window: Window) -> None:
    names = ("new", "prepare", "register", "renumber", "showChunks", "refreshLog", "check", "restart", "showLog")
    told = window.run("return await vscode.commands.getCommands(true)")
    assert {f"migLsp.{name}" for name in (*names, "showVersion", "repair", "chooseEnvironment")} <= set(told)


def test_the_settings_reach_the_server_and_win(window: Window, demo: Workspace) -> None:
    path = demo.migration("024-fine-limits.sql")
    (rule, *_) = findings(window, path)
    demo.configure({"migLsp.rules": {rule: {"severity": "off"}}})
    gone(window, path, rule)
    demo.configure({})
    findings(window, path, rule)


def test_the_schema_of_the_json_manifest_is_used_and_leaves_other_files_alone(window: Window, demo: Workspace) -> None:
    code = """
      const texts = { ours: '{"migrationFiles": [1]}', theirs: '{"schematics": {"v2": {}}}' };
      const found = {};
      for (const [name, text] of Object.entries(texts)) {
        const uri = vscode.Uri.file(`${args}/reports/${name}/migrations.json`);
        await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
        await vscode.window.showTextDocument(uri, { preview: false });
        found[name] = uri;
      }
      const told = (uri) => vscode.languages.getDiagnostics(uri).filter((each) => each.source !== "mig-lsp");
      await until(() => told(found.ours).length > 0, "the schema");
      return [told(found.ours).map((each) => each.message), told(found.theirs).map((each) => each.message)];
    """
    ours, theirs = window.run(code, str(demo.root))
    assert ['Incorrect type. Expected "string".'] == ours
    assert [] == theirs
