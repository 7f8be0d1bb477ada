"""Passwords of members, and the member of a session together with the role."""

from typing import Any

from django.contrib.auth.backends import ModelBackend

from goodword.staff.models import Member
from goodword.staff.session import came_with_session


class Members(ModelBackend):
    def get_user(self, user_id: Any) -> Member | None:
        """None where access has ended; the role comes along, since every page asks for it."""
        member = came_with_session(user_id)
        if member is not None:
            return member if member.is_active else None
        return Member.objects.active().select_related("role").filter(pk=user_id).first()
