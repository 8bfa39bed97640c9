"""Made-up waves of any size for the benchmarks: clusters, units, items, blanks, broken weights."""

import numpy as np
import pandas as pd

from analysis import Codebook, IndexScheme, SurveyDesign

ITEMS = 40
UNITS = 20
CODES = 6  # 0 is blank
CLUSTERS = SurveyDesign(strata="stratum", psu="psu", weight="w")
BOOK = Codebook({f"q{item}": dict.fromkeys(range(1, CODES), "choice") for item in range(ITEMS)})


def make_wave(answers: int, psus: int = 400, seed: int = 1) -> pd.DataFrame:
    """Respondents with 40 answers each about one of 20 units, in clusters that cross units."""
    random = np.random.default_rng(seed)
    rows = answers // ITEMS
    psu = random.integers(0, psus, rows)
    columns = {
        "stratum": psu % (psus // 20),
        "psu": psu,
        "w": np.round(random.uniform(1, 20, rows), 3),
        "unit": np.array([f"U{unit:02d}" for unit in range(UNITS)])[
            random.integers(0, UNITS, rows)
        ],
    }
    for item in range(ITEMS):
        shares = [0.05, 0.1, 0.15, 0.3, 0.25, 0.15]
        columns[f"q{item}"] = random.choice(CODES, rows, p=shares).astype(np.uint8)
    return pd.DataFrame(columns)


def make_scheme() -> IndexScheme:
    """A leaf an item: 800 unit × item figures and 20 composites."""
    coefficients = {str(code): str((code - 1) / 4) for code in range(1, CODES)}
    return IndexScheme.from_dict(
        {
            "leaves": [
                {
                    "code": item,
                    "points": "1",
                    "groups": [
                        {
                            "group": "all",
                            "questions": [{"item": item, "coefficients": coefficients}],
                        }
                    ],
                }
                for item in BOOK.items
            ],
            "options": {"min_valid": 1},
        }
    )
