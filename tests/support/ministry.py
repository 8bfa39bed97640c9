"""A campaign that looks like a real one: ten departments, two groups, eight leaves, a year ago."""

from __future__ import annotations

import random
from typing import Any

from sqlalchemy.orm import Session

from tests.support.campaigns import FOUR_LEVELS, SmallCampaign

DEPARTMENTS = {
    "CBDTW": "Cục Bưu điện Trung ương",
    "CTTCS": "Cục Thông tin cơ sở",
    "CTTDN": "Cục Thông tin đối ngoại",
    "CTS": "Cục Tần số vô tuyến điện",
    "CATTT": "Cục An toàn thông tin",
    "CXB": "Cục Xuất bản, In và Phát hành",
    "CPTTH": "Cục Phát thanh, truyền hình và thông tin điện tử",
    "CVT": "Cục Viễn thông",
    "CTHH": "Cục Tin học hóa",
    "CBC": "Cục Báo chí",
}
LAST_YEAR = (
    "91.70",
    "90.36",
    "90.34",
    "84.17",
    "80.95",
    "79.87",
    "78.39",
    "77.97",
    "74.07",
    "71.63",
)
LEAVES = ("1.1", "1.2", "2.1", "3.1", "4.1", "5.1", "6.1", "7.1")


def ten_departments(session: Session, *, per_unit: int = 6, **options: Any) -> SmallCampaign:
    """Return a closed, generated campaign of ten departments with ballots in the box."""
    small = SmallCampaign(session, DEPARTMENTS, is_generated=True, **options)
    for code in LEAVES:
        small.leaf(code, "4.6875")
    small.leaf("0.1", "62.5", mode="appraised")
    feeds = {f"c{n}": leaf for n, leaf in enumerate(LEAVES, 1)}
    inside = dict.fromkeys(LEAVES, "0.6")
    outside = dict.fromkeys(LEAVES[:5], "0.4") | dict.fromkeys(LEAVES[5:], "0.4")
    small.group("NOIBO", feeds, weights=inside, scope="except_own")
    small.group("NGOAI", feeds, weights=outside, sampling="stratified")
    for unit in DEPARTMENTS:
        small.stratum("NOIBO", f"NB-{unit}", population=40, sampled=40, unit=unit)
    small.stratum("NGOAI", "NN", sampled=120)
    rng = random.Random(2022)
    level = {unit: 1.6 - 0.14 * place for place, unit in enumerate(DEPARTMENTS)}
    for unit in DEPARTMENTS:
        for _ in range(per_unit):
            others = [other for other in DEPARTMENTS if other != unit]
            small.ballots(f"NB-{unit}", {o: _answers(rng, level[o], feeds) for o in others})
    for _ in range(8 * per_unit):
        rated = rng.sample(list(DEPARTMENTS), 6)
        small.ballots("NN", {o: _answers(rng, level[o] - 0.2, feeds) for o in rated})
    small.ballots("NN", {"CVT": _answers(rng, 1.0, feeds)}, 7, channel="open")
    for place, unit in enumerate(DEPARTMENTS):
        small.points(unit, "0.1", f"{58 - place * 1.15:.2f}")
        small.history(unit, LAST_YEAR[place], place + 1, comparable=unit != "CTHH")
    session.flush()
    return small


def _answers(rng: random.Random, level: float, feeds: dict[str, str]) -> dict[str, str]:
    said = {}
    for question in feeds:
        drawn = rng.gauss(level, 1.0)
        if rng.random() < 0.05:
            continue
        if rng.random() < 0.07:
            said[question] = "DK"
        else:
            choices = list(FOUR_LEVELS)
            said[question] = choices[min(3, max(0, round(1.9 - drawn)))]
    return said
