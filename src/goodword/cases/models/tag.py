"""Tag: a word of ours on a case, for finding it again. The customer never sees one."""

from __future__ import annotations

import zlib

from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.core.time import now
from goodword.journal.recording import record
from goodword.staff.models import Member, Team

LONGEST_NAME = 40


class TagQuerySet(models.QuerySet["Tag"]):
    def in_use(self) -> TagQuerySet:
        """Those that may be put on a case: neither retired nor merged into another."""
        return self.filter(retired_at=None, merged_into=None)

    def for_team(self, team: int) -> TagQuerySet:
        return self.filter(Q(team=None) | Q(team=team))

    def family_of(self, slug: str) -> TagQuerySet:
        """The tag of that search word with every tag that stands for the same."""
        named = Tag.objects.filter(slug=slug).values(first=Coalesce("root_id", "pk"))
        return self.annotate(first=Coalesce("root_id", "pk")).filter(first__in=named)


class Tag(models.Model):
    """A merged tag stays on its cases and stands for `root`, so that a merge can be undone."""

    name = models.CharField(max_length=LONGEST_NAME)
    slug = models.SlugField(max_length=60, unique=True, allow_unicode=True)  # never changes
    hue = models.PositiveSmallIntegerField()
    team = models.ForeignKey(Team, models.PROTECT, null=True, blank=True, related_name="tags")
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged"
    )
    root = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField(default=now)

    objects = TagQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def word(self) -> str:
        """As a search writes it."""
        return f"tag:{self.slug}"

    @classmethod
    @transaction.atomic
    def make(
        cls, name: str, *, by: Member | str, team: Team | None = None, hue: int | None = None
    ) -> Tag:
        """A new tag. Refused where there is one of that name, in use or not."""
        name = clean_name(name)
        slug = slug_of(name)
        try:
            with transaction.atomic():
                shade = zlib.crc32(slug.encode()) % 360 if hue is None else hue % 360
                tag = cls.objects.create(name=name, slug=slug, team=team, hue=shade)
        except IntegrityError as error:
            sentence = _("There is a tag “%(name)s” already.") % {"name": name}
            raise Refused("TAG_TAKEN", sentence) from error
        record(None, "tag_made", by=by, facts={"tag": tag.pk})
        return tag

    @transaction.atomic
    def alter(
        self,
        *,
        by: Member | str,
        name: str,
        hue: int,
        team: Team | None = None,
        seen: str | None = None,
    ) -> bool:
        """Another name, colour or team; its search word stays, so that no list loses it.

        `seen` is the name that the form showed: refused where somebody changed it meanwhile.
        """
        was = {"name": seen} if seen is not None else {}
        to = {"name": clean_name(name), "hue": hue % 360, "team": team}
        if (self.name, self.hue, self.team) == tuple(to.values()):
            return False
        if not change(self, was, to):
            raise Refused("CHANGED", _("Somebody else changed this tag meanwhile. Look again."))
        record(None, "tag_changed", by=by, facts={"tag": self.pk})
        return True

    @transaction.atomic
    def merge_into(self, other: Tag, *, by: Member | str) -> bool:
        """From now on this stands for `other`; what carries it counts as carrying that."""
        first = other.root or other
        if first.pk in {self.pk, self.root_id}:
            raise Refused("SAME_TAG", _("Choose another tag to merge it into."), 422)
        if other.retired_at or other.merged_into_id:
            sentence = _("“%(name)s” is not in use. Choose one that is.") % {"name": other.name}
            raise Refused("RETIRED", sentence, 422)
        was = {"merged_into": None, "retired_at": None}
        if not change(self, was, {"merged_into": other, "root": other}):
            return False
        Tag.objects.filter(root=self).update(root=other)
        record(None, "tag_merged", by=by, facts={"tag": self.pk, "into": other.pk})
        return True

    @transaction.atomic
    def part(self, *, by: Member | str) -> bool:
        """Undo the merge: it stands for itself again, with whatever had been merged into it."""
        if not change(self, {"merged_into__isnull": False}, {"merged_into": None, "root": None}):
            return False
        mine = [self.pk]
        while mine:
            Tag.objects.filter(merged_into__in=mine).update(root=self)
            mine = list(Tag.objects.filter(merged_into__in=mine).values_list("pk", flat=True))
        record(None, "tag_parted", by=by, facts={"tag": self.pk})
        return True

    @transaction.atomic
    def retire(self, *, by: Member | str) -> bool:
        """Nobody puts it on a case any more; the cases that carry it keep it."""
        if not change(self, {"retired_at": None, "merged_into": None}, {"retired_at": now()}):
            return False
        record(None, "tag_retired", by=by, facts={"tag": self.pk})
        return True

    @transaction.atomic
    def restore(self, *, by: Member | str) -> bool:
        if not change(self, {"retired_at__isnull": False}, {"retired_at": None}):
            return False
        record(None, "tag_restored", by=by, facts={"tag": self.pk})
        return True


class Tagging(models.Model):
    """One tag on one case."""

    case = models.ForeignKey("cases.Case", models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="taggings")
    by = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "tag"], name="tagging_once")]
        indexes = [models.Index(fields=["tag", "case"], name="tagging_tag_case")]


def clean_name(name: str) -> str:
    """The name on one line. Refused (422) where it is empty, too long, or only signs."""
    name = " ".join(name.replace("\0", "").split()).lstrip("#")
    if not name or not slug_of(name):
        raise Refused("NO_TEXT", _("Write the tag’s name: a word or two."), 422)
    if len(name) > LONGEST_NAME:
        sentence = _("A tag has %(most)s characters at most; this has %(there)s.")
        facts = {"most": LONGEST_NAME, "there": len(name)}
        raise Refused("TOO_LONG", sentence % facts, 422)
    return name


def slug_of(name: str) -> str:
    """The search word: small letters and hyphens, in any script."""
    return slugify(name, allow_unicode=True)[:60]
