"""Policy: one version of what a business promises by itself. Versions are added, never edited."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goodword.core.once import once
from goodword.core.prepared import prepared
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.promises.policies import Content, Terms, checked
from goodword.promises.presets import preset
from goodword.staff.models import Business, Member


class PolicyQuerySet(models.QuerySet["Policy"]):
    def current(self) -> PolicyQuerySet:
        """The newest version of each that is not dropped."""
        return self.filter(is_current=True)


class Policy(models.Model):
    """A promise keeps the version that made it; a newer one never moves it (clock.md, rule 5)."""

    slug = models.SlugField(max_length=20)
    version = models.PositiveIntegerField(default=1)
    content = models.JSONField()
    created_at = models.DateTimeField(default=now)
    is_current = models.BooleanField(default=True)

    objects = PolicyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug", "version"], name="policy_version"),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(is_current=True), name="policy_current_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.terms.name} (version {self.version})"

    @cached_property
    def terms(self) -> Terms:
        return Terms.read(self.content)

    @classmethod
    @once
    def all_current(cls, default: str) -> list[Policy]:
        """Every policy there is, with the one in force even where no row has it yet."""
        rows = _current()
        if not any(row.slug == default for row in rows):
            rows.append(cls(slug=default, content=preset(default).content()))
        return rows

    @staticmethod
    def chosen(
        rows: Iterable[Policy], default: str, *, team: str, accounts: Collection[int]
    ) -> Policy:
        """The account's policy before the team's before that of the business."""
        found = {row.slug: row for row in rows}
        for row in found.values():
            if any(pk in row.terms.accounts for pk in accounts):
                return row
        for row in found.values():
            if team in row.terms.teams:
                return row
        return found[default]

    def kept(self) -> Policy:
        """This version as a row, so that a promise can name it."""
        if self.pk is not None:
            return self
        row, _is_new = Policy.objects.get_or_create(
            slug=self.slug, version=1, defaults={"content": self.content}
        )
        return row


@prepared
def _current() -> models.QuerySet[Policy]:
    return Policy.objects.current().order_by("slug")


@transaction.atomic
def add_version(slug: str, content: Content, *, by: Member | str) -> Policy:
    """What is promised from now on. No promise that was made changes."""
    whole = checked(content)
    before = Policy.objects.filter(slug=slug).order_by("-version").first()
    Policy.objects.filter(slug=slug).update(is_current=False)
    version = before.version + 1 if before else 1
    new = Policy.objects.create(slug=slug, version=version, content=whole)
    facts = {"policy": new.pk, "version": version, "rules": len(whole["rules"])}
    record(None, "policy_changed", by=by, facts=facts)
    return new


@transaction.atomic
def drop(slug: str, *, by: Member | str) -> None:
    """Nobody is promised anything by it any more. Its versions stay, for what they made."""
    if Business.objects.filter(policy=slug).exists():
        sentence = _("This policy is in force. Put another in its place first.")
        raise Refused("IN_USE", sentence)
    Policy.objects.filter(slug=slug).update(is_current=False)
    record(None, "policy_changed", by=by, facts={"dropped": True, "slug": slug})
