"""The application as a master loads it once and forks it: a killed worker is back at once."""

from __future__ import annotations

from wsgi import app

# A forked child must not inherit an open SQLite file; the lock of the one process stays.
app.extensions["xhh"].engine.dispose()

__all__ = ["app"]
