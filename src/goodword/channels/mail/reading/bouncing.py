"""Reports that a mail of ours was not delivered: RFC 3464, and what servers write instead."""

from __future__ import annotations

import re
from email import message_from_bytes

from . import headers, limits, machines, words
from .kinds import Bounce
from .tree import Part, headers_at_start

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.#:-])([45]\d\d)(?=[ \-#(])(?![ -]?\d{3,})")
_QUOTED_MAIL = re.compile(
    r"(?im)^\W{0,10}(?:-{2,}\s*)?(?:this is a copy of (?:the|your) message"
    r"|below this line is a copy"
    r"|original message|the (?:header|text|body) (?:part )?of (?:the|your) (?:original )?message"
    r"|unsent message|message header|your message follows|undelivered message"
    r"|message (?:content|text) follows|included is a copy|return-path:|received:).{0,200}$"
)
_MESSAGE_ID = re.compile(r"(?im)^[>\s|]{0,8}message-id:\s{0,20}(<[^<>\s]{1,990}>)")
_FAILED_AT = re.compile(
    r"(?im)^\s{0,12}(?:<|to:\s{0,3}<?|recipient:\s{0,3}<?|rcpt to:\s{0,3}<?)?"
    r"([^\s<>@()\"',:;]{1,64}@[a-z0-9.\-]{1,250}[a-z0-9])>?\s*(?::|\.\.\.|$|\()"
)
_FAILED_IN_LINE = re.compile(
    r"(?i)(?:<|to |for |recipient |address |user |mailto:)\s{0,3}"
    r"([^\s<>@()\"',:;]{1,64}@[a-z0-9.\-]{1,250}[a-z0-9])"
)

# Whether the address itself is dead, by what the other server said. The words win over the code:
# many servers answer 5.7.1 for an unknown user and 5.1.1 for a full mailbox.
_GONE = re.compile(
    r"(?i)user unknown|unknown user|unknown (?:local[ -]?part|recipient|address|mailbox|account)"
    r"|no such (?:user|recipient|mailbox|address|person|account|local|domain|host)|no such \S+ here"
    r"|(?:user|mailbox|recipient|address|account|email account|alias)\b.{0,60}?"
    r"(?:does ?n[o']t exist|not found|not exist|is unknown|unknown|not known"
    r"|no longer (?:exists|valid|available|in use|on server)|is not valid|invalid"
    r"|does not have an? \S+ account|unrouteable)"
    r"|(?:invalid|bad|nonexistent|non-existent) (?:recipient|mailbox|user|destination|address)"
    r"|doesn't have (?:an?|this) \S+ account|no mailbox here|this user doesn't have"
    r"|not a valid mailbox"
    r"|mailbox unavailable or access denied|unrouteable (?:mail )?(?:domain|address)"
    r"|not a (?:valid|known) (?:user|recipient|address)|not our customer|undeliverable address"
    r"|host (?:unknown|not found|or domain name not found)|unknown (?:host|domain)"
    r"|name or service not"
    r"|domain (?:not found|does not exist|must exist|of recipient)|illegal host/domain"
    r"|can(?:no|')t find (?:any host|a valid mx)|couldn't find any host|nxdomain|no route to domain"
    r"|has moved|have moved|user moved|address (?:has )?changed|no longer (?:works"
    r"|employed|with us)"
    r"|null mx|does not accept (?:mail|e-?mail|any)"
    r"|(?:smtp )?protocol returned a permanent error 556"
    r"|account (?:has been )?(?:closed|deleted|terminated)"
    r"|\b[a-z0-9.-]+\.[a-z]{2,20} does not exist"
    r"|5\.4\.1 .{0,200}recipient address rejected"  # Exchange Online's word for no such recipient
)
# An address that was accepted at RCPT exists: what is refused at MAIL or DATA is the message.
_ABOUT_SENDER = re.compile(
    r"(?i)domain of sender|sender (?:address|domain|verify|rejected|denied)|after mail from|"
    r"reply to (?:end of )?(?:data|mail from)|after (?:end of )?data|>>> data\s*<<<"
    r"|after sending data"
)
_NOT_ABOUT_THE_ADDRESS = re.compile(
    r"(?i)mailbox (?:is )?(?:full|quota)|over ?quota|quota exceed|exceed\w* (?:storage"
    r"|quota)|disk full"
    r"|insufficient (?:disk|storage|system)|greylist|graylist|spam|blacklist|block(?:ed|ing| ?list)"
    r"|reputation|dnsbl|rbl|spf|dkim|dmarc|authenticat|too (?:large|big|many)|size (?:limit|exceed)"
    r"|virus|policy|access denied|relay|reverse dns|ptr |client host|client address"
    r"|try again|timed out"
    r"|timeout|time limit|temporar|connection (?:refused|reset|lost|timed)|rate limit|throttl"
    r"|suspended|sender (?:address|domain|denied|rejected)|unknown sender|header"
)
_FULL = re.compile(
    r"(?i)receiving (?:mail|messages?) (?:at a rate|too)|malformed|mailbox (?:is )?full|over ?quota"
    r"|quota exceed|exceed\w* (?:storage|quota)"
)
_DEAD_CODES = re.compile(r"^5\.1\.(?:0|1|2|3|6|10)$|^5\.2\.1$|^5\.4\.4$|^5\.1\.10$")
_RETURNED_TYPES = {"message/rfc822", "text/rfc822-headers", "message/rfc822-headers",
                   "message/global", "message/global-headers"}  # fmt: skip
_EXPIRED = re.compile(
    r"(?i)in the queue too long|retry (?:time|timeout) (?:not reached|exceeded)|timed out|expired"
    r"|could not be delivered for|delay(?:ed)? (?:in delivery|delivery)|still in queue"
)
_STILL_TRYING = re.compile(
    r"(?i)(?:will (?:be )?(?:retried|retry|keep trying|continue to try)|warning message only"
    r"|do(?:es)? not need to (?:resend|do anything)|has not (?:yet )?been delivered|still trying"
    r"|no action is required on your part)"
)


def is_bounce(root: Part, text: str) -> bool:
    """Whether this is a report of non-delivery (or of a delay), not a person who passes one on."""
    if _delivery_status(root) is not None:
        return any(_action(group) != "delivered" for group in _groups(root)) or not _groups(root)
    if root.first("x-failed-recipients") and not root.first("in-reply-to"):
        return True
    author = headers.author(root, [])
    is_daemon = bool(machines.DAEMON.match(author.address)) or (
        bool(machines.DAEMON_NAME.search(author.name)) and not author.address
    )
    is_null = "".join(words.unfolded(root.first("return-path")).split()) == "<>"
    says_so = bool(machines.BOUNCE_SUBJECT.search(headers.subject(root)))
    if is_daemon or is_null or machines.DAEMON_NAME.search(author.name):
        return says_so or bool(_reads_like_one(text))
    return text.lstrip().startswith("Hi. This is the qmail-send program")


def _reads_like_one(text: str) -> bool:
    head = text[:3000]
    return bool(re.search(
        r"(?i)could not be delivered|wasn't able to deliver|was not delivered|not be delivered to"
        r"|permanent (?:fatal )?errors?|undeliverable|delivery to the following recipient"
        r"|transcript of session|message that you sent|rejected your message"
        r"|returned to sender", head))  # fmt: skip


def bounce_of(root: Part, text: str) -> Bounce:
    """What a bounce says. Recipient, status and id are "" where it does not say them."""
    text = text[: limits.REPORT_CHARACTERS]
    told = _told(text)
    group = _worst(_groups(root))
    recipient = _recipient(group) or _failed_recipients(root) or _recipient_in(told)
    diagnostic = group.get("diagnostic-code", "")
    diagnostic = (diagnostic.partition(";")[2] or diagnostic).strip()
    about = diagnostic or _about(told, recipient)
    status = _status(group, about, told)
    still_trying = _action(group) == "delayed" or (not group and bool(_STILL_TRYING.search(told)))
    return Bounce(
        recipient=recipient or _scanned(root) or _addressee_of_original(root),
        status=status,
        hard=not still_trying
        and _is_hard(status, f"{diagnostic}\n{about}\n{told if not diagnostic else ''}"),
        original_message_id=_original_id(root, text),
        diagnostic=words.one_line(about, 1_000),
        still_trying=still_trying,
    )


def _told(text: str) -> str:
    """What the server says, without the mail that it returns."""
    match = _QUOTED_MAIL.search(text, 1)
    return text[: match.start()] if match and match.start() > 80 else text


def _delivery_status(root: Part) -> Part | None:
    for part in root.walk():
        if part.content_type in ("message/delivery-status", "message/global-delivery-status"):
            return part
    return None


def _groups(root: Part) -> list[dict[str, str]]:
    """The per-recipient fields of a delivery status (RFC 3464 § 2.3)."""
    # A server that forgot its MIME header sends the report as plain text.
    part = _delivery_status(root) or root
    if part is root and b"\nFinal-Recipient:" not in root.body[: limits.REPORT_CHARACTERS]:
        return []
    content = words.clean(words.decoded(part.content()[0][: limits.REPORT_CHARACTERS]))
    groups = []
    for block in re.split(r"\n[ \t]*\n", content):
        unfolded = re.sub(r"\n[ \t]+", " ", block)
        fields = dict(re.findall(r"(?m)^([A-Za-z-]{1,60})[ \t]{0,9}:[ \t]{0,9}(.*)$", unfolded))
        fields = {name.lower(): value.strip() for name, value in fields.items()}
        if "final-recipient" in fields or "original-recipient" in fields or "action" in fields:
            groups.append(fields)
    return groups


def _action(group: dict[str, str]) -> str:
    action = group.get("action", "").split(" ")[0].strip("();").lower()
    return "delivered" if action in ("delivered", "relayed", "expanded") else action


def _worst(groups: list[dict[str, str]]) -> dict[str, str]:
    order = {"failed": 0, "": 1, "delayed": 2, "delivered": 3}
    return min(groups, key=lambda group: order.get(_action(group), 1), default={})


def _recipient(group: dict[str, str]) -> str:
    # The original recipient is the address that we wrote to; the final one may be an alias of it.
    for name in ("original-recipient", "final-recipient", "x-actual-recipient"):
        address = headers.normal_address(group.get(name, "").rpartition(";")[2])
        if address:
            return address
    return ""


def _failed_recipients(root: Part) -> str:
    return next((box.address for box in headers.address_lists(root, "x-failed-recipients", [])), "")


def _recipient_in(told: str) -> str:
    match = _FAILED_AT.search(told) or _FAILED_IN_LINE.search(told)
    return headers.normal_address(match.group(1)) if match else ""


def _scanned(root: Part) -> str:
    """Formats of servers that are seen rarely are left to flufl.bounce, on a small piece."""
    from flufl.bounce import all_failures

    try:
        message = message_from_bytes(root.raw[: limits.REPORT_CHARACTERS])
        temporary, permanent = all_failures(message)
    except Exception:  # It raises on a From that the standard library cannot read.
        return ""
    found = sorted(permanent or temporary)
    return headers.normal_address(words.decoded(found[0])) if found else ""


def _about(told: str, recipient: str) -> str:
    """The lines that say why, from the failed address on."""
    at = told.lower().find(recipient.lower()) if recipient else -1
    return told[at : at + 1500] if at >= 0 else told[:1500]


def _status(group: dict[str, str], about: str, told: str) -> str:
    """The enhanced code. What the other server said is closer to the truth than our own server's
    summary, which is often a bare 5.0.0; a reply code alone gives the class."""
    summary = _STATUS.search(group.get("status", ""))
    stated = summary.group(1) if summary else ""
    said = _STATUS.findall(about) or ([] if stated else _STATUS.findall(told))
    precise = [each for each in said if not each.endswith(".0.0")]
    if precise and "diagnostic-code" in group:
        return str(precise[0])
    if (not stated or stated.endswith((".0.0", ".5.0"))) and (precise or said):
        return str((precise or said)[0])
    if stated:
        return stated
    reply = _REPLY.search(about) or _REPLY.search(told)
    if reply is None and _EXPIRED.search(told):
        return "4.4.7"
    # RFC 3463 § 3.1: x.0.0 is a failure of which nothing more is known.
    return f"{reply.group(1)[0]}.0.0" if reply else "5.0.0"


def _is_hard(status: str, why: str) -> bool:
    if _FULL.search(why) or _ABOUT_SENDER.search(why) or status in ("5.1.7", "5.1.8"):
        return False
    if _GONE.search(why):
        return True
    return bool(_DEAD_CODES.match(status)) and not _NOT_ABOUT_THE_ADDRESS.search(why)


def _original(root: Part) -> Part | None:
    """The headers of the mail that came back, where it is a part of the report."""
    for part in root.walk():
        if part.depth and part.content_type in _RETURNED_TYPES:
            return headers_at_start(part.content()[0].lstrip())
    return None


def _addressee_of_original(root: Part) -> str:
    original = _original(root)
    to = headers.address_lists(original, "to", []) if original else []
    return to[0].address if len(to) == 1 else ""


def _original_id(root: Part, text: str) -> str:
    """The Message-ID of the mail that came back, wherever the server put its headers."""
    original = _original(root)
    if original and (found := headers.message_id(original)):
        return found
    match = _MESSAGE_ID.search(text) or _MESSAGE_ID.search(
        words.decoded(root.body[: limits.REPORT_CHARACTERS]))  # fmt: skip
    return match.group(1) if match else ""
