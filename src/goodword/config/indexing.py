"""Filling the index of the search from the command line, with a bar."""

from goodword.config.progress import progress
from goodword.finding import keeping
from goodword.finding.index import index
from goodword.finding.models import Filling


def fill_with_progress(*, anew: bool) -> str:
    """Fill the index to its end; a line that says what was done."""
    index().prepare()
    is_half_done = Filling.objects.filter(below__gt=1).exists()
    if anew or not is_half_done:
        keeping.fill_anew()
    with progress(counted=False) as bar:
        task = bar.add_task("Reading", total=1.0)
        while keeping.freshen() or keeping.fill():
            bar.update(task, completed=keeping.share_filled())
    return f"Messages read: {_whole()}. All that is stored can be found."


def _whole() -> int:
    from goodword.cases.models import Message

    return Message.objects.count()
