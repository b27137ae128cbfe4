"""An executed notebook → one self-contained HTML file: no request to anywhere, and a policy inside that forbids any."""

from trade_dashboard.page.export import Facts, asset, export, make_ready, policy

__all__ = ["Facts", "asset", "export", "make_ready", "policy"]
