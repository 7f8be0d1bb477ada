"""The sentence of a notification, by the kind of its entry, or by kind and subject.

Names only: it may be shown on a locked screen.
"""

from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext_lazy as _

SENTENCES: dict[str, "str | LazyText"] = {
    "mentioned": _("%(who)s called you to a note about %(customer)s"),
    "handing_over": _("%(who)s asks you to take the case of %(customer)s"),
    "handed_over:asked": _("%(who)s gave you the case of %(customer)s"),
    "handed_over": _("%(who)s took over the case of %(customer)s"),
    "hand_over_declined": _("%(who)s did not accept the case of %(customer)s"),
    "given_back": _("The case of %(customer)s was given back and waits for you"),
    "watched": _("%(who)s asks you to watch the case of %(customer)s"),
    "received:new": _("A new case from %(who)s"),
    "received": _("%(who)s wrote"),
    "side_heard": _("Somebody outside answered about the case of %(customer)s"),
    "settled": _("%(who)s says that it is settled"),
    "verdict_undone": _("%(who)s: “that is not what I said”"),
    "withdrawn": _("%(who)s withdrew the case"),
    "move_answered": _("An answer about moving our word to %(customer)s"),
    "promise_broken": _("Our word to %(customer)s was broken"),
    "mayday_paged": _("MAYDAY: the business of %(customer)s is stopped"),
    "escalated": _("Nobody has made good our broken word to %(customer)s; it goes up to you"),
    "forewarned": _("%(who)s warns that our word to %(customer)s will not be kept"),
    "sweep_opened": _("Before closing: not everybody has heard from us (%(waiting)s)"),
    "promise_disputed": _("%(who)s: “this has not happened”"),
    "promise_held_to": _("%(who)s was warned, and holds us to our word"),
    "promise_forgiven": _("%(who)s let the lateness go"),
    "promise_offered": _("%(who)s asks you to keep a promise to %(customer)s"),
    "promise_offer_declined": _("%(who)s did not take over a promise to %(customer)s"),
    "wait_refused": _("%(who)s says that we should not wait"),
    "recollection_confirmed": _("%(who)s agreed to the time for what they remember"),
    "recollection_refused": _("%(who)s said no to the time for what they remember"),
    "bounced": _("Our message to %(customer)s did not arrive"),
    "given_up": _("Our message to %(customer)s could not be delivered"),
    "schedule_held": _("A message to %(customer)s for later is held"),
    "snooze_ended": _("The case of %(customer)s is back"),
    "sent": _("%(who)s wrote to %(customer)s"),
    "noted": _("%(who)s left a note about %(customer)s"),
    "mailbox_trouble": _("A mailbox could not be read"),
}
