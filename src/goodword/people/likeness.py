"""What points of one person are likely to have in common, though they are written differently."""

from goodword.people.models.points import ContactPoint

# Shorter tails of numbers would be shared by strangers; longer ones hold a country's code.
TAIL = 9
_GOOGLE = {"gmail.com", "googlemail.com"}


def likeness(kind: str, value: str) -> str:
    """Equal for “ellen+x@a.example” and “ellen@a.example”, and for 020 7946 0142 and +44 20 …"""
    if kind == ContactPoint.Kind.PHONE:
        return value.removeprefix("+")[-TAIL:]
    local, _at, domain = value.rpartition("@")
    local = local.partition("+")[0] or local
    if domain in _GOOGLE:
        return local.replace(".", "") + "@gmail.com"
    return f"{local}@{domain}"
