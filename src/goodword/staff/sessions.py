"""The engine that Django loads (SESSION_ENGINE)."""

from goodword.staff.session import SessionStore as SessionStore
