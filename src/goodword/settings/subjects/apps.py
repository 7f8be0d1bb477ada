"""The app that is registered at a provider of mail: all of it but its secret."""

from django.utils.translation import gettext as _

from goodword.channels.mail.models import MailApp
from goodword.channels.mail.oauth.providers import (
    ANOTHER,
    PROVIDERS,
    Provider,
    checked,
    forget_app,
    keep_app,
)
from goodword.core.refusals import Refused
from goodword.settings.changing import Subject, Values
from goodword.staff.models import Member

OF_ANOTHER = ("authorize_url", "token_url", "revoke_url", "scope")


class AppSubject(Subject):
    """The app at that provider. Its secret is kept apart, and an undo brings none back."""

    kind = "app"
    public = frozenset({"client_id", "tenant", *OF_ANOTHER})

    @property
    def provider(self) -> Provider:
        found = PROVIDERS.get(self.key)
        if found is None:
            sentence = _("There is no provider “%(name)s”; these are: %(known)s.")
            facts = {"name": self.key[:40], "known": ", ".join(PROVIDERS)}
            raise Refused("NO_PROVIDER", sentence % facts, 422)
        return found

    def fields(self) -> list[str]:
        if self.key == ANOTHER:
            return ["client_id", *OF_ANOTHER]
        named = PROVIDERS.get(self.key)
        return ["client_id", "tenant"] if named and named.has_tenant else ["client_id"]

    def values(self) -> Values | None:
        app = MailApp.objects.filter(provider=self.key).first()
        return None if app is None else {name: getattr(app, name) for name in self.fields()}

    def normal(self, to: Values) -> Values:
        known = self.fields()
        for name, value in to.items():
            if name not in known or not isinstance(value, str):
                sentence = _("“%(name)s” is no setting of this app, or no text.")
                raise Refused("BAD_SETTING", sentence % {"name": name}, 422)
        found = checked(self.provider, to)
        return {name: found[name] for name in known}

    def put(self, to: Values | None, *, by: Member | str) -> None:
        if to is None:
            forget_app(self.provider, by=by)
        else:
            keep_app(self.provider, to, by=by)
