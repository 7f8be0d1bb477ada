"""Bringing customers in from a file: what it says, row by row, and what becomes of each."""
