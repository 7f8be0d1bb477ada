"""What happened at Harbour Lane up to Thursday 19 November 2026, 16:33."""

from collections.abc import Iterator

from goodword.config.demo.stage import Stage, Story
from goodword.config.demo.stories import ellen, everyday, knowing, loops, silence, workshop


def all_stories(stage: Stage) -> Iterator[Story]:
    for module in (ellen, workshop, loops, silence, everyday, knowing):
        for story in module.STORIES:
            yield story(stage)
