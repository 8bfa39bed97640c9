"""Addresses of static files that change with their content, so they may be cached for ever."""

from __future__ import annotations

import hashlib
from functools import cache, lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

STATIC = Path(__file__).parent.parent / "static"


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
        return response
