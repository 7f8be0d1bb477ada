"""In which language a customer reads: as they or a member chose, else as their mail tells.

A guess never overrules a choice, and a later mail may correct a guess.
"""

from django.db import transaction
from django.utils.translation import gettext as _

from goodword.core.compare import change
from goodword.core.languages import offered
from goodword.core.refusals import Refused
from goodword.journal.recording import record
from goodword.people.models import Customer
from goodword.staff.models import Business

BY_MAIL, BY_PAGE = "mail", "page"


def told_by_mail(customer: Customer, language: str) -> bool:
    """Their mail is in this language; whether anything changed by that."""
    is_chosen = bool(customer.language) and customer.language_by != BY_MAIL
    if not language or is_chosen:
        return False
    if language.split("-")[0] == Business.current().language.split("-")[0]:
        language = ""
    how = BY_MAIL if language else ""
    if (customer.language, customer.language_by) == (language, how):
        return False
    return _write(customer, language, how, by="system")


@transaction.atomic
def chosen_on_page(customer: Customer, language: str) -> bool:
    """They chose it themselves, on their page."""
    if language not in offered():
        raise Refused("NO_LANGUAGE", _("Choose one of the languages."), 422)
    return _write(customer, language, BY_PAGE, by=customer)


@transaction.atomic
def _write(customer: Customer, language: str, how: str, *, by: Customer | str) -> bool:
    before = {"language": customer.language, "language_by": customer.language_by}
    after = {"language": language, "language_by": how}
    if before == after or not change(customer, before, after):
        return False
    facts = {"customer": customer.pk, "language": language, "how": how}
    record(None, "customer_reads", by=by, facts=facts)
    return True
