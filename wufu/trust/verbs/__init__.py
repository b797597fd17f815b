"""The verbs of trust: arriving, hearing, detecting, deciding, what one sees of one's own standing."""
