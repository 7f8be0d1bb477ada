"""Roles as data: what the members who have one may do."""

from typing import ClassVar

from django.db import models
from django.utils.functional import Promise as LazyText

from goodword.core.time import now
from goodword.staff.rights import BUILT_IN, Right, known


class Role(models.Model):
    """A role: built in, or made by an operator. Members point at its slug."""

    AGENT, LEAD, LEADER, OPERATOR, LIGHT = "agent", "lead", "leader", "operator", "light"

    slug = models.SlugField(max_length=40, primary_key=True)
    name = models.CharField(max_length=60, blank=True)
    own_rights = models.JSONField(default=list, blank=True)
    # Days until a second factor is asked of them; None: not asked for.
    second_factor_after = models.PositiveSmallIntegerField(null=True, blank=True)
    second_factor_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=now)

    values: ClassVar[tuple[str, ...]] = tuple(BUILT_IN)

    class Meta:
        ordering = ["created_at", "slug"]

    def __str__(self) -> str:
        return str(self.title)

    @property
    def is_built_in(self) -> bool:
        return self.slug in BUILT_IN

    @property
    def title(self) -> "str | LazyText":
        return BUILT_IN[self.slug].name if self.is_built_in else self.name

    @property
    def about(self) -> "str | LazyText":
        return BUILT_IN[self.slug].about if self.is_built_in else ""

    @property
    def rights(self) -> frozenset[Right]:
        return BUILT_IN[self.slug].rights if self.is_built_in else known(self.own_rights)

    @classmethod
    def with_right(cls, right: Right) -> list[str]:
        """The slugs of every role that has the right."""
        built_in = [slug for slug, role in BUILT_IN.items() if right in role.rights]
        return built_in + [each.slug for each in cls.made() if right in each.rights]

    @classmethod
    def made(cls) -> "models.QuerySet[Role]":
        """The roles that operators made."""
        return cls.objects.exclude(slug__in=BUILT_IN)

    @classmethod
    def ensure_built_in(cls) -> None:
        """Let the rows of the built-in roles be there."""
        rows = [Role(slug=slug) for slug in BUILT_IN]
        Role.objects.bulk_create(rows, ignore_conflicts=True)
