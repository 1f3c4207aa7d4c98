"""The smallest server that pygls allows, to compare the start with."""

from pygls.lsp.server import LanguageServer

server = LanguageServer("minimal", "1")

if __name__ == "__main__":
    server.start_io()
