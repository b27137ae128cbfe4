"""No secret of the environment is ever written."""

from trade_dashboard.settings import secret_values

__all__ = ["redact"]


def redact(text: str) -> str:
    """Take out the value of every variable that is named like a secret."""
    for secret in secret_values():
        text = text.replace(secret, "•••")
    return text
