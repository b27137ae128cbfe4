"""Settings of property tests: a few examples, the same every time."""

from hypothesis import Phase, settings

few = settings(max_examples=20, deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
