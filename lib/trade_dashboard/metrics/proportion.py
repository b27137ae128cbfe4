"""A share of counted things, and how sure one can be of it."""

from __future__ import annotations

import math

from trade_dashboard.metrics.stat import Stat, undefined

__all__ = ["Z_95", "wilson"]

# two-sided 95 % of the standard normal distribution
Z_95 = 1.959963984540054


def wilson(successes: int, n: int) -> Stat:
    """Measure a share with Wilson's score interval, which stays within 0 and 1 and holds for small counts too.

    Parameters
    ----------
    successes, n
        How many of how many, each independent of the others; where they are not, the truth is less certain than this.

    Returns
    -------
    Stat
        Fraction in [0, 1] with its 95 % interval; undefined of nothing.

    Raises
    ------
    ValueError
        If there are more successes than things, or fewer than none.

    Notes
    -----
    E. B. Wilson, "Probable inference, the law of succession, and statistical inference" (1927), without a correction for
    continuity: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n).

    Examples
    --------
    >>> wilson(0, 10).high < 0.3
    True
    """
    if not 0 <= successes <= n:
        raise ValueError(f"Expected 0 to {n} successes of {n}, but got {successes}.")
    if n == 0:
        return undefined("not enough data: none so far")
    share, slack = successes / n, Z_95**2 / n
    middle = (share + slack / 2) / (1 + slack)
    reach = math.sqrt(slack * share * (1 - share) + slack**2 / 4) / (1 + slack)
    # of all or nothing the formula gives 1 and 0 but for the last bit
    low = 0.0 if successes == 0 else middle - reach
    high = 1.0 if successes == n else middle + reach
    return Stat(share, n, low, high)
