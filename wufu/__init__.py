"""Wufu (五福): an open, self-hosted social-payments platform.

Turns a prize pool into lasting ties between people who know each other,
provably fairly and to the last fen. Read ARCHITECTURE.md for the tour.
"""

__version__ = "0.1.0"
