"""How-to blocks in messages: `[[howto:12.3]]` names the third version of block 12.

The message keeps the name, so that it shows for good which words were sent; a version is never
edited, so what was read of it once is kept.
"""

from functools import lru_cache
from typing import TYPE_CHECKING

from goodword.articles.models import Article
from goodword.articles.models.article import Kind
from goodword.articles.models.kept import ArticleVersion
from goodword.articles.models.use import BlockUse
from goodword.core.formatting import Quoted, blocks_in
from goodword.staff.models import Member

if TYPE_CHECKING:
    from goodword.cases.models import Message

KEPT = 512


def name_of(article: Article) -> str:
    """What puts the version that is read now into a message; empty for what is no block."""
    if not (article.is_block and article.shown):
        return ""
    return f"[[howto:{article.pk}.{article.shown.number}]]"


def quoted(name: str) -> Quoted | None:
    """The words of a block that a line of a message names; None where there is no such block."""
    kind, _colon, place = name.partition(":")
    pk, _dot, number = place.partition(".")
    if kind != "howto" or not number:
        return None
    try:
        return _words_of(int(pk), int(number))
    except ArticleVersion.DoesNotExist:
        return None


def note_uses(message: "Message", *, by: Member) -> None:
    """Each block that the message holds says from now on where it went."""
    for name in blocks_in(message.text):
        if found := quoted(name):
            BlockUse.objects.get_or_create(
                message=message, version_id=found.key, defaults={"by": by}
            )


@lru_cache(maxsize=KEPT)
def _words_of(pk: int, number: int) -> Quoted:
    blocks = ArticleVersion.objects.filter(article__kind=Kind.BLOCK)
    version = blocks.exclude(article__published_at=None).get(article=pk, number=number)
    return Quoted(version.title, version.number, version.text, f"/articles/{pk}/", version.pk)


def forget_words() -> None:
    """For tests, in which one number is many blocks, one after the other."""
    _words_of.cache_clear()
