"""How each kind of reference case is computed through the product."""

from tests.reference.kinds import composites, estimates, readings, replicates, weights

KINDS = {
    **estimates.KINDS,
    **weights.KINDS,
    **replicates.KINDS,
    **composites.KINDS,
    **readings.KINDS,
}
