"""The verbs of red packets: sending, opening, passing on, asking, returning."""
