"""Notifications: a reading of the journal, told to whom it concerns, each once."""
