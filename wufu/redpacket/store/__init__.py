"""All SQL of red packets, except their laws: sending, opening, and what is read."""
