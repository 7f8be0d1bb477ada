"""The journal: one append-only record of everything that happened."""
