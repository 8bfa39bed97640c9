"""How each kind of reference case is computed through the product."""

from tests.reference.kinds import estimates

KINDS = {**estimates.KINDS}
