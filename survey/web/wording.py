"""Words that several rooms say alike."""

from __future__ import annotations

from survey.errors import N_

STATED_WORDS = {
    "refused": N_("Tôi không muốn trả lời"),
    "dont_know": N_("Tôi không biết"),
    "not_applicable": N_("Không áp dụng với tôi"),
}
