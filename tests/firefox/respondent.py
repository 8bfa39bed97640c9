"""Somebody who answers a form with every kind of question in Firefox, by mouse or by keys."""

from __future__ import annotations

from tests.factories import World
from tests.firefox.marionette import Firefox

UNITS = ("U2", "U3")
CHOSEN = [
    ("dong_y", "2026-1"), ("doi_tuong", "dn"), ("ten_dn", "Dệt may"), ("truc_tuyen", "yes"),
    ("kenh", "web"), ("kenh", "dt"), ("kenh_tot", "web"), ("lan", "2"), ("que", "21"),
    ("tinh", "01"), ("xa", "0102"),
]  # fmt: skip
SCALES = [
    ("gioi_thieu", "9"), ("sao", "4"), ("mat", "5"), *((f"diem__{u}", "3") for u in UNITS),
    ("uu_tien--a", "2"), ("uu_tien--b", "1"), ("uu_tien--c", "3"),
    ("deu1", "5"), ("deu2", "4"), ("deu3", "kb"), *((f"bang1__{u}", "5") for u in UNITS),
    *((f"bang2__{u}", "4") for u in UNITS), *((f"gap__{u}", "yes") for u in UNITS),
]  # fmt: skip
NUMBERS = [
    ("tuoi", "40"), ("ngay_cho", "2,5"), *((f"cuoc__{u}", "7") for u in UNITS),
    ("chia1", "50"), ("chia2", "30"), ("chia3", "20"),
    ("ngay--day", "2"), ("ngay--month", "3"), ("ngay--year", "2026"), ("tu_nam--year", "2020"),
]  # fmt: skip
WORDS = [("gop_y", "Ít giấy tờ hơn"), ("so_ho_so", "AB1234")]
PAGES = {"chon": CHOSEN, "thang": SCALES, "so": NUMBERS, "chu": WORDS}
REQUIRED = {"chon": [("dong_y", "2026-1"), ("truc_tuyen", "yes")], "so": [("tuoi", "40")]}
FOLLOWS = {"ten_dn", "kenh_tot", "xa"}  # is asked only after other answers of its page
SEARCHED = {"21": "da nang", "01": "ha noi"}
ABOUT_A_UNIT = {"diem": "3", "bang1": "5", "bang2": "4", "gap": "yes", "cuoc": "7"}
BALLOT = {
    "dong_y": "2026-1", "doi_tuong": "dn", "ten_dn": "Dệt may", "truc_tuyen": "yes",
    "kenh": ["web", "dt"], "kenh_tot": "web", "lan": "2", "que": "21", "tinh": "01", "xa": "0102",
    "gioi_thieu": "9", "sao": "4", "mat": "5", "uu_tien": ["b", "a", "c"],
    "deu1": "5", "deu2": "4", "deu3": "kb", "tuoi": "40", "ngay_cho": "2.5",
    "chia1": "50", "chia2": "30", "chia3": "20", "ngay": "2026-03-02", "tu_nam": "2020",
    "gop_y": "Ít giấy tờ hơn", "so_ho_so": "AB1234",
}  # fmt: skip

ON = "main button[name=go][value=on]"
START = "main button[name=go][value=open]"
REFRESH = "main button[name=go][value=stay]"
HAND_IN = "#answers .button-primary"
RECEIPT = ".receipt-reference"
KIND = """
    const field = document.querySelector(`[name="q_${arguments[0]}"]`);
    const shown = field?.hidden ? field.parentElement.querySelector("input") : field;
    return shown?.checkVisibility() && (shown.role ?? shown.type);
"""
VALUES = """
    return [...document.querySelectorAll(`[name="q_${arguments[0]}"]`)]
      .filter((f) => (f.type === "radio" || f.type === "checkbox" ? f.checked : true))
      .map((f) => f.value);
"""


class Respondent:
    """Somebody with a code."""

    def __init__(self, browser: Firefox, server: str, world: World) -> None:
        self.browser = browser
        self.server = server
        self.world = world

    @property
    def door(self) -> str:
        return self.server + self.world.url

    def start(self) -> None:
        """Type the code and go to the first page."""
        self.browser.type("#code", self.world.codes[0])
        self.browser.click("main button[type=submit]")
        self.is_at("/intro")
        self.browser.click(START)
        self.is_at("/page/chon")

    def is_at(self, path: str) -> None:
        self.browser.until("return location.pathname.endsWith(arguments[0])", path)

    def values(self, name: str) -> list[str]:
        found: list[str] = self.browser.run(VALUES, name)
        return found

    def kind(self, name: str) -> str:
        """Return how a question is shown, once it is."""
        self.browser.until(KIND, name)
        return str(self.browser.run(KIND, name))

    def answer(self, name: str, value: str) -> None:
        """Answer with the mouse, and with the keyboard only where something is written."""
        kind = self.kind(name)
        field = f'[name="q_{name}"]'
        if kind in {"radio", "checkbox"}:
            # Some scales have the field itself over its label.
            self.browser.click(f'{field}[value="{value}"] + label', f'{field}[value="{value}"]')
        elif kind == "select-one":
            options = f'//select[@name="q_{name}"]/option'
            self.browser.click(f'{options}[@value="{value}" or not(@value) and .="{value}"]')
        elif kind == "combobox":
            self.browser.type(f"#q_{name}", SEARCHED[value])
            self.browser.click(f'.search-list:not([hidden]) [data-value="{value}"]')
        else:
            self.browser.type(field, value)

    def go_on(self, path: str) -> None:
        self.browser.click(ON)
        self.is_at(path)

    def hand_in(self) -> str:
        """Press the last button and return the receipt."""
        self.browser.click(HAND_IN)
        return self.receipt()

    def receipt(self) -> str:
        self.browser.until("return document.querySelector(arguments[0])", RECEIPT)
        return str(
            self.browser.run("return document.querySelector(arguments[0]).innerText", RECEIPT)
        )


class Keyboard:
    """Answers with keys alone."""

    def __init__(self, respondent: Respondent) -> None:
        self.respondent = respondent
        self.browser = respondent.browser

    def reach(self, selector: str) -> None:
        for _ in range(150):
            if self.browser.run("return document.activeElement.matches(arguments[0])", selector):
                return
            self.browser.press("Tab")
        raise AssertionError(f"the keyboard does not reach {selector}")

    def press(self, selector: str) -> None:
        self.reach(selector)
        self.browser.press("Enter")

    def answer(self, name: str, value: str) -> None:
        kind = self.respondent.kind(name)
        field = f'[name="q_{name}"]'
        if kind == "checkbox":
            self.reach(f'{field}[value="{value}"]')
            self.browser.press("Space")
        elif kind == "combobox":
            self.reach(f"#q_{name}")
            self.browser.press(*SEARCHED[value], "Enter")
        elif kind in {"radio", "select-one"}:
            self.reach(field)
            if kind == "radio":
                self.browser.press("Space")
            self.step_to(name, value)
        else:
            self.reach(field)
            self.browser.press(*value)
        assert value in self.respondent.values(name)

    def step_to(self, name: str, value: str) -> None:
        for _ in range(20):
            if self.respondent.values(name) == [value]:
                return
            self.browser.press("ArrowDown")
        raise AssertionError(f"the arrows do not reach {value} of {name}")
