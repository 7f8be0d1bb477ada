"""Figures that matter, measured: `python -m bench NAME`. Nothing here is asserted."""
