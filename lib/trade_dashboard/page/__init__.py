"""An executed notebook → one self-contained HTML file: no request to anywhere, and a policy inside that forbids any."""

from trade_dashboard.page.export import Facts, export

__all__ = ["Facts", "export"]
