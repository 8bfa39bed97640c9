"""The application behind a real HTTP server on this machine."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask
from werkzeug.serving import make_server


def buffered(app: WSGIApplication) -> WSGIApplication:
    """Return the application with every answer read, and its file closed, before it is sent.

    The development server forgets to close the answer when the browser hangs up in the middle.
    """

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with closing(app(environ, start_response)) as answer:
            return [b"".join(answer)]

    return call


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Yield the address of the application, served by threads on a free port of 127.0.0.1."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, buffered(app), threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="live server")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
