"""All SQL of the ledger but its laws (`audit.py`)."""
