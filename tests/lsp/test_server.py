from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import time

from tests.lsp.raw import TIMEOUT

TCP = [sys.executable, "-m", "mig_lsp", "serve", "--tcp", "127.0.0.1:0"]
LOADED = """
import sys
from mig_lsp.lsp import server
heavy = {"pygls", "lsprotocol", "pglast", "sqlglot", "tree_sitter", "psycopg", "boto3"}
def stop():
    print(sorted(heavy & set(sys.modules)), file=sys.stderr)
    raise SystemExit
server.build = stop
server.serve_stdio()
"""


def framed(message: object) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


INITIALIZE = framed({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"capabilities": {}}})


def test_a_client_is_served_on_tcp() -> None:
    process = subprocess.Popen(TCP, stderr=subprocess.PIPE)
    assert process.stderr is not None
    try:
        said = re.search(rb"127\.0\.0\.1:(\d+)", process.stderr.readline())
        assert said is not None
        with socket.create_connection(("127.0.0.1", int(said[1])), TIMEOUT) as connection:
            connection.sendall(INITIALIZE)
            assert b"mig-lsp" in connection.recv(1 << 16)
            connection.sendall(framed({"jsonrpc": "2.0", "id": 2, "method": "shutdown"}))
            connection.sendall(framed({"jsonrpc": "2.0", "method": "exit"}))
            assert 0 == process.wait(TIMEOUT)
    finally:
        process.kill()
        process.stderr.close()
        process.wait()


def test_initialize_is_answered_before_anything_heavy_is_loaded() -> None:
    done = subprocess.run([sys.executable, "-c", LOADED], input=INITIALIZE, capture_output=True, timeout=TIMEOUT)
    assert b"serverInfo" in done.stdout
    assert b"[]" == done.stderr.strip()


def test_what_is_printed_by_anyone_is_no_message() -> None:
    code = "from mig_lsp.lsp import server\nold = server.build\ndef build():\n    print('hello')\n    return old()\n"
    code += "server.build = build\nserver.serve_stdio()\n"
    done = subprocess.run([sys.executable, "-c", code], input=INITIALIZE, capture_output=True, timeout=TIMEOUT)
    assert b"hello" not in done.stdout
    assert b"hello" in done.stderr


def test_the_end_of_the_client_is_the_end_of_the_server() -> None:
    process = subprocess.Popen([sys.executable, "-c", LOADED.replace("server.build = stop", "")], stdin=-1, stdout=-1)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(INITIALIZE)
    process.stdin.flush()
    process.stdout.close()
    time.sleep(0.2)
    process.stdin.close()
    assert process.wait(TIMEOUT) is not None
