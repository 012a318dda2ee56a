"""`doctor`: whether everything that metaplay needs is here, a line each."""


def doctor() -> None:
    """Check versions, device, data sets and the engine."""
