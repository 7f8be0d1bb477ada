"""Backups: made while the desk works, and not called one before they were restored and verified."""
