"""What svy answers to the reference cases, as a second oracle beside R."""

from tests.reference.second import composites, estimates, readings, replicates, weights

ANSWERS = {
    **estimates.ANSWERS,
    **weights.ANSWERS,
    **composites.ANSWERS,
    **replicates.ANSWERS,
    **readings.ANSWERS,
}
