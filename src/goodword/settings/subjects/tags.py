"""A tag: its name, colour and team, and the one that it stands for."""

from django.utils.translation import gettext as _

from goodword.cases.models.tag import Tag, clean_name, slug_of
from goodword.core.compare import change
from goodword.core.refusals import Refused
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Member, Team


class TagSubject(Subject):
    """The tag of that search word; a retired one is not there, and comes back when it is put."""

    kind = "tag"
    public = frozenset({"hue", "team", "into"})
    defaults = {"name": "", "hue": 264, "team": "", "into": ""}

    def tag(self) -> Tag | None:
        return Tag.objects.filter(slug=self.key).select_related("team", "root").first()

    def values(self) -> Values | None:
        tag = self.tag()
        if tag is None or tag.retired_at:
            return None
        return {
            "name": tag.name,
            "hue": tag.hue,
            "team": tag.team.slug if tag.team else "",
            "into": tag.root.slug if tag.root else "",
        }

    def normal(self, to: Values) -> Values:
        whole = {**self.defaults, **to}
        if not (isinstance(whole["hue"], int) and 0 <= whole["hue"] < 360):
            raise Refused("BAD_SETTING", _("A hue is a number from 0 to 359."), 422)
        return {**whole, "name": clean_name(str(whole["name"]))}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        tag = self.tag()
        if to is None:
            if tag is not None:
                tag.retire(by=by)
            return
        team = _team(to["team"])
        tag = tag or self._made(to["name"], by=by)
        tag.restore(by=by)
        tag.alter(by=by, name=to["name"], hue=to["hue"], team=team)
        if to["into"] != (tag.root.slug if tag.root else ""):
            tag.part(by=by)
            if to["into"]:
                tag.merge_into(_other(to["into"]), by=by)

    def _made(self, name: str, *, by: Member | str) -> Tag:
        if slug_of(self.key) != self.key:
            sentence = _("“%(word)s” is no search word: small letters and hyphens.")
            raise Refused("BAD_SETTING", sentence % {"word": self.key}, 422)
        tag = Tag.make(self.key, by=by)
        change(tag, {}, {"name": name})
        return tag


def _team(slug: str) -> Team | None:
    if not slug:
        return None
    found = Team.objects.filter(slug=slug).first()
    if found is None:
        raise Refused("NO_TEAM", _("There is no team “%(team)s”.") % {"team": slug}, 422)
    return found


def _other(slug: str) -> Tag:
    found = Tag.objects.filter(slug=slug).first()
    if found is None:
        raise Refused("NO_TAG", _("There is no tag “%(tag)s”.") % {"tag": slug}, 422)
    return found
