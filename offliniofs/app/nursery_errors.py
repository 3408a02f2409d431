"""What trio's nurseries wrap, taken out again."""

from __future__ import annotations


def only_error(error: Exception) -> Exception:
    """The one exception inside nested groups, or the group itself when it holds several."""
    while isinstance(error, ExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error
