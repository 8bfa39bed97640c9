"""Broken on purpose: the commit does not wait for the disk."""

from __future__ import annotations

import survey.db

survey.db.flush_before_answering = lambda session: None

from wsgi import app  # noqa: E402 -- after the change

__all__ = ["app"]
