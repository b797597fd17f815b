"""All SQL of campaigns; with `audit.py` the only place that names their tables."""
