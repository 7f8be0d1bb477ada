"""TakeBack: what must be known to take a message back before it leaves."""

from typing import Any

from django.db import models

from goodword.core.time import now


class TakeBack(models.Model):
    """How the case stood before a message, and the form that it was typed in.

    Words stand in both, so it is swept out once the copies have left.
    """

    message = models.OneToOneField("cases.Message", models.CASCADE, related_name="take_back")
    before = models.JSONField(default=dict)
    fields = models.JSONField(default=dict)
    at = models.DateTimeField(default=now)

    class Meta:
        indexes = [models.Index(fields=["at"], name="take_back_at")]

    @classmethod
    def of(cls, case: Any) -> dict[str, Any]:
        """What a message may change and a way back needs: states, instants, ids, the question."""
        newest = case.promises.order_by("-id").values_list("id", flat=True).first()
        along = list(case.participants.values_list("customer", flat=True))
        return {
            "state": case.state,
            "asked_at": _written(case.asked_at),
            "rested_at": _written(case.rested_at),
            "waiting_since": _written(case.waiting_since),
            "question": case.question,
            "check_ins": case.check_ins,
            "promise": newest or 0,
            "along": along,
        }


def _written(at: Any) -> str | None:
    return at.isoformat() if at else None
