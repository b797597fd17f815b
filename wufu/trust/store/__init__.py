"""All SQL of trust, except its laws: `signals` is what was seen, `cases` what is made of it."""
