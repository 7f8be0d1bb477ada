"""The words of an outgoing mail, as plain text and as HTML, from one source."""

from collections.abc import Sequence

from goodword.cases.models import Message
from goodword.channels.mail.looks import paragraphs
from goodword.core.formatting import formatted, plain


class Words:
    """What a mail says: the message, its signature, and `added`, which the desk puts under it.

    What the desk adds may hold a customer's words, which nobody meant as Markdown.
    """

    def __init__(self, message: Message, added: Sequence[str]) -> None:
        self._message, self._added = message, added
        inline = message.attachments.filter(is_inline=True).exclude(content_id="")
        self._pictures = {each.pk: each.content_id for each in inline}

    def plain(self) -> str:
        message = self._message
        text = plain(message.text) if message.is_formatted else message.text
        return "\n\n".join(filter(None, (text, plain(message.signature), *self._added)))

    def html(self) -> str | None:
        """None where the plain words say it all."""
        message = self._message
        if not (message.is_formatted or message.signature):
            return None
        text = message.text
        parts = [
            formatted(text, "mail", picture=self._cid)
            if message.is_formatted
            else paragraphs(text),
            formatted(message.signature, "mail"),
            *(paragraphs(each) for each in self._added),
        ]
        return "\n".join(filter(None, parts))

    def _cid(self, number: int) -> str:
        found = self._pictures.get(number)
        return f"cid:{found}" if found else ""
