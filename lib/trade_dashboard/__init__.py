"""Reports from notebooks that a trader can trust."""
