"""Passwords of members, and the member of a session together with the role."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from goodword.staff.models import Member


class Members(ModelBackend):
    def get_user(self, user_id: Any) -> Member | None:
        """None where access has ended; the role comes along, since every page asks for it."""
        return Member.objects.active().select_related("role").filter(pk=user_id).first()
