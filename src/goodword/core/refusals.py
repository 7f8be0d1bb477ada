"""A refusal: something that the rules do not allow, said so that a person knows what to do."""

from django.utils.functional import Promise as LazyText


class Refused(Exception):
    """Raised by verbs. `code` is stable (domain.md, “Refusals”); `sentence` is for people.

    `status` is the HTTP status that a view answers with: 403 not yours to do, 409 the state
    does not allow it, 422 something is missing, 423 a gate is shut.
    """

    def __init__(self, code: str, sentence: "str | LazyText", status: int = 409) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.status = status

    def __str__(self) -> str:
        return f"{self.code}: {self.sentence}"
