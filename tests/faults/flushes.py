"""The order of things: between reading a ballot and answering there is a flush to the disk."""

from __future__ import annotations
