"""`python -m trade_dashboard` is the command line."""

from trade_dashboard.cli import main

if __name__ == "__main__":
    main()
