"""The bottom of the ladder: values every domain speaks in.

Money, ids, time, chance and refusals. Nothing here does I/O, and nothing here
knows a product word. This package is closed: adding a module to it takes a
decision record, because everything above depends on it.
"""
