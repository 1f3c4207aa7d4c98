"""The commands of the command line and their options."""

from __future__ import annotations

import argparse
from typing import NoReturn

from mig_lsp import __version__
from mig_lsp.render.terminal import visible

_WRONG = 2


def parser() -> argparse.ArgumentParser:
    """The parser of all commands; `args.run` names the module below `mig_lsp.commands` and the function in it."""
    top = _Parser(prog="mig-lsp", description="Says what the deploy will do with PostgreSQL migration files.")
    top.add_argument("--version", action="version", version=f"mig-lsp {__version__}")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=_Parser)
    output, workspace = _output_options(), _workspace_options()

    def command(name: str, run: tuple[str, str], text: str, *options: _Parser) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text, description=text, parents=list(options), allow_abbrev=False)
        made.set_defaults(run=run)
        return made

    serve = command("serve", ("serve", "run"), "run the language server")
    way = serve.add_mutually_exclusive_group()
    way.add_argument("--stdio", action="store_true", help="talk over standard input and output (the default)")
    way.add_argument("--tcp", metavar="HOST:PORT", help="wait for one client at an address")
    _add_check(command("check", ("check", "run"), "show what is wrong with the migrations", output, workspace))
    listing = command("list", ("listing", "run"), "list every migration and what is known of it", output, workspace)
    _add_format(listing)
    new = command("new", ("author", "new"), "make and register a migration with the next number", output, workspace)
    new.add_argument("description", metavar="DESCRIPTION", help="what the migration does, in a few words")
    _add_dry_run(new)
    prepare = command(
        "prepare", ("author", "prepare"), "turn drizzle-kit's newest output into a migration", output, workspace
    )
    prepare.add_argument("description", metavar="DESCRIPTION", help="what the migration does, in a few words")
    prepare.add_argument("--from", dest="source", metavar="FILE", help="prepare this file instead of the newest output")
    _add_dry_run(prepare)
    register = command("register", ("author", "register"), "add files to the manifest", output, workspace)
    register.add_argument("files", nargs="+", metavar="FILE", help="a file of the migration directory")
    _add_dry_run(register)
    chunks = command("chunks", ("chunks", "run"), "show what the runner would send of a file", output, workspace)
    chunks.add_argument("file", metavar="FILE", help="the file, - for standard input")
    _add_format(chunks)
    rollback = command("rollback", ("author", "rollback"), "print the SQL that undoes a migration", output, workspace)
    rollback.add_argument("file", metavar="FILE", help="the file, - for standard input")
    verify = command("verify", ("verify", "run"), "run the migrations on a database of their own", output, workspace)
    verify.add_argument("files", nargs="*", metavar="FILE", help="report on these only; all before them run too")
    _add_format(verify)
    log = command("log", ("log", "run"), "show what migration_log says in each environment", output, workspace)
    log.add_argument("action", nargs="?", choices=("pull",), help="read it again and keep a copy for offline use")
    _add_format(log)
    _add_format(command("rules", ("rules", "run"), "list the rules", output))
    explain = command("explain", ("rules", "explain"), "show the page of a rule", output)
    explain.add_argument("rule", metavar="RULE", help="its name, as findings show it")
    _add_format(explain)
    return top


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Ends the program with exit code 2."""
        self.exit(_WRONG, f"{self.prog}: {visible(message)} ('{self.prog} --help' shows what there is)\n")


def _output_options() -> _Parser:
    options = _Parser(add_help=False)
    options.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="colours in the output")
    options.add_argument("--quiet", "-q", action="store_true", help="leave out all but results and errors")
    return options


def _workspace_options() -> _Parser:
    options = _Parser(add_help=False)
    where = "the folder to look in (default: the nearest one with mig-lsp.toml or .git, or else this one)"
    options.add_argument("--root", metavar="DIR", help=where)
    options.add_argument("--config", metavar="FILE", help="a configuration that is used instead of mig-lsp.toml")
    return options


def _add_check(check: argparse.ArgumentParser) -> None:
    add = check.add_argument
    add("paths", nargs="*", metavar="PATH", help="files or folders to report on (default: all); - for standard input")
    formats = ("text", "json", "github", "gitlab", "sarif", "junit")
    add("--format", choices=formats, default="text", help="how the findings are shown")
    add("--select", action="append", metavar="RULES", help="only these rules or categories, separated by commas")
    add("--ignore", action="append", metavar="RULES", help="all but these rules or categories")
    fail_on = "what makes the exit code 1 (default: error)"
    add("--fail-on", choices=("error", "warning", "info"), default="error", help=fail_on)
    add("--since", metavar="REF", help="only files that have changed since the branch left this git ref")
    add("--all", action="store_true", help="also what nobody can act on any more, in merged and applied files")
    add("--stdin-path", metavar="PATH", help="the file that standard input is the text of")
    add("--fix", action="store_true", help="carry out the safe fixes")
    add("--unsafe", action="store_true", help="with --fix: carry out the others too")
    add("--dry-run", action="store_true", help="with --fix: print a diff and write nothing")


def _add_format(command: argparse.ArgumentParser) -> None:
    command.add_argument("--format", choices=("text", "json"), default="text", help="how the result is shown")


def _add_dry_run(command: argparse.ArgumentParser) -> None:
    command.add_argument("--dry-run", action="store_true", help="print a diff and write nothing")
