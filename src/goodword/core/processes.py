"""Which of the processes of a desk this is, for logs and figures."""

_name = "desk"


def name_this_process(name: str) -> None:
    """As “web-2”. Once, before anything else runs in it."""
    global _name
    _name = name


def this_process() -> str:
    return _name
