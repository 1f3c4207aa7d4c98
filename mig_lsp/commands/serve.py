"""`serve`: the language server."""

from __future__ import annotations

import argparse

from mig_lsp.commands.console import Console, UsageError


def run(args: argparse.Namespace, console: Console) -> int:
    """Serves one client over standard input and output, or over TCP; the exit code is the protocol's."""
    if args.tcp is None:
        from mig_lsp.lsp.server import serve_stdio

        return serve_stdio()
    host, colon, port = args.tcp.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise UsageError(f"--tcp {args.tcp} is no address: write HOST:PORT, for example 127.0.0.1:2087")
    from mig_lsp.lsp.server import serve_tcp

    return serve_tcp(host.strip("[]") or "127.0.0.1", int(port))
