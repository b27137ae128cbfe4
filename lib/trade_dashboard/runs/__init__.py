"""Runs drive notebooks from outside: catalog, parameters, kernel, verdict, page, publication.

Nothing here imports pandas or plots: what a report computes, it computes in its kernel.
"""
