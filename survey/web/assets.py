"""Static files: addresses that change with the content, long keeping, and compression.

Pages themselves are not compressed here: they carry the token of a form beside what was typed.
"""

from __future__ import annotations

import gzip
import hashlib
from functools import cache, lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parent.parent / "static"
COMPRESSED = (".css", ".js", ".svg", ".txt")


@cache
def fingerprint(path: str) -> str:
    """Return a short hash of a static file; an unknown file is an error at once."""
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:12]


def asset_url(path: str) -> str:
    """Return the address of a static file; every page asks for a dozen, so they are kept."""
    return _address(request.script_root, path)


@lru_cache(maxsize=512)
def _address(_root: str, path: str) -> str:
    return url_for("static", filename=path, v=fingerprint(path))


def init_app(app: Flask) -> None:
    """Give templates `asset_url` and let browsers keep what carries a fingerprint."""
    app.jinja_env.globals["asset_url"] = asset_url

    @app.after_request
    def cache_assets(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code == 200:
            keep = "public, max-age=31536000, immutable" if request.args.get("v") else "no-cache"
            response.headers["Cache-Control"] = keep
            _compress(response)
        return response


def _compress(response: Response) -> None:
    """Send a text file compressed to whoever takes it so."""
    name = (request.view_args or {})["filename"]
    if not name.endswith(COMPRESSED) or "Range" in request.headers:
        return
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        path = STATIC / name
        response.direct_passthrough = False
        response.close()  # the file that would have been sent
        response.set_data(_gzipped(name, path.stat().st_mtime_ns))
        response.headers["Content-Encoding"] = "gzip"


@lru_cache(maxsize=256)
def _gzipped(name: str, _modified: int) -> bytes:
    return gzip.compress((STATIC / name).read_bytes(), 9, mtime=0)
