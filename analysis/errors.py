"""The errors of the analysis, each with a stable code and a remedy.

AnalysisError (ValueError)      code, message, hint, attributes
├─ DataError                    missing column, unknown code, bad weight
├─ DesignError                  single PSU in a stratum, population smaller than the sample
└─ SchemeError                  the scheme contradicts itself or asks for what the data cannot give
"""


class AnalysisError(ValueError):
    """A calculation that cannot be done, told with its place and its remedy.

    Parameters
    ----------
    code : stable snake_case name, for translation and tests
    message : what is wrong and where
    hint : what to do about it
    attributes : the stratum, unit, item, column … that the message speaks of
    """

    def __init__(self, code: str, message: str, hint: str = "", **attributes: object) -> None:
        super().__init__(f"{message} {hint}".strip())
        self.code = code
        self.message = message
        self.hint = hint
        self.attributes = attributes


class DataError(AnalysisError):
    """The responses do not have the shape that was promised."""


class DesignError(AnalysisError):
    """The declared design does not carry the estimate that is asked for."""


class SchemeError(AnalysisError):
    """A scoring scheme that is inconsistent or does not fit the data."""
