"""The words of the results: options, reasons and flags in plain language."""

from __future__ import annotations

GENERATED = {"vi": "Số liệu mô phỏng", "en": "Generated data"}
