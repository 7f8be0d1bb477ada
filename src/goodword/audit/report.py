"""The report: one HTML file that holds everything, for an owner to read and to forward."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from importlib.resources import files

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from goodword.audit.findings import Audit, Silence, Word
from goodword.audit.pictures import Bar, bars, shares

MOST_ROWS = 200
TONES = {
    "in time": "good",
    "late": "late",
    "nothing": "bad",
    "still open": "open",
    "no time named": "ink",
}
LABELS = {
    "in time": "Something followed in time",
    "late": "Something followed, late",
    "nothing": "Nothing followed",
    "still open": "Still to come",
    "no time named": "No time named; something followed",
}
STEPS = (
    ("within an hour", timedelta(hours=1)),
    ("within four hours", timedelta(hours=4)),
    ("within eight hours", timedelta(hours=8)),
    ("within sixteen hours", timedelta(hours=16)),
    ("within forty hours", timedelta(hours=40)),
    ("longer", timedelta.max),
)


def headline(audit: Audit) -> str:
    """The one sentence to remember."""
    oldest = audit.oldest_silence
    silence = (
        f"the oldest silence is {days(oldest.wall_time)}"
        if oldest
        else "nobody waits for an answer"
    )
    times = "once" if audit.given == 1 else f"{audit.given} times"
    follow = "has no follow-up" if audit.unfollowed == 1 else "have no follow-up"
    return f"You gave your word {times}; {audit.unfollowed} {follow}; {silence}."


def summary(audit: Audit) -> list[str]:
    """The findings as lines of text, for the terminal."""
    lines = [
        headline(audit),
        f"{audit.letters} mails in {audit.threads} talks with people outside, {span(audit)}.",
        f"“We” are {audit.ours}. Opening hours: {audit.schedule.zone}.",
        f"{len(audit.answers)} questions answered"
        + (f", half of them within {length(median)}" if (median := audit.median_answer) else "")
        + f" of open time; {len(audit.silences)} never answered.",
    ]
    if audit.late_turns:
        lines.append(
            f"Of {audit.late_turns} mails in the last hour of a day"
            f" {audit.late_answered} heard something the same day."
        )
    lines += [f"Not counted: {count} {why}." for why, count in audit.left_out.items()]
    return lines


def as_html(audit: Audit, made_at: datetime) -> str:
    """The whole report; nothing in it is fetched from anywhere, and no name is ranked."""
    style = (files("goodword.audit") / "report.css").read_text("utf-8")
    parts = (_figures(audit), _answers(audit), _silences(audit), _words(audit), _method(audit))
    page = format_html(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="robots" content="noindex"><title>Your word so far</title>'
        '<style>{}</style></head><body><main><p class="soft">Your word so far · {} · read on {}</p>'
        "<h1>{}</h1>{}</main></body></html>",
        mark_safe(style),  # noqa: S308  our own file
        span(audit),
        made_at.astimezone(audit.schedule.zone_info).strftime("%d %B %Y"),
        headline(audit),
        format_html_join("", "{}", ((part,) for part in parts)),
    )
    return str(page)


def _figures(audit: Audit) -> SafeString:
    median = audit.median_answer
    figures = (
        (str(audit.given), "times you gave your word"),
        (str(audit.unfollowed), "of them nothing followed"),
        (length(median) if median is not None else "–", "of open time to half of all answers"),
        (str(len(audit.silences)), "people never answered"),
    )
    inside = format_html_join("", "<div><b>{}</b>{}</div>", figures)
    return format_html('<section class="figures">{}</section>', inside)


def _answers(audit: Audit) -> SafeString:
    rows = _steps(audit)
    late = (
        format_html(
            "<p>Of <b>{}</b> mails that came in the last hour before closing, <b>{}</b> heard"
            " something the same day.</p>",
            audit.late_turns,
            audit.late_answered,
        )
        if audit.late_turns
        else ""
    )
    picture = bars("How fast questions were answered, in open time", rows)
    return format_html(
        "<h2>How fast people were answered</h2><figure>{}<figcaption>Open time from the first"
        " unanswered mail to your next word. Nights, weekends and holidays do not count."
        "</figcaption></figure>{}",
        picture,
        late,
    )


def _steps(audit: Audit) -> list[Bar]:
    counts = [0] * len(STEPS)
    for answer in audit.answers:
        step = next(n for n, (_, most) in enumerate(STEPS) if answer.open_time <= most)
        counts[step] += 1
    rows = [
        Bar(label, count, str(count), "good" if n < 3 else "late")
        for n, ((label, _), count) in enumerate(zip(STEPS, counts, strict=True))
    ]
    return [*rows, Bar("never", len(audit.silences), str(len(audit.silences)), "bad")]


def _silences(audit: Audit) -> SafeString:
    if not audit.silences:
        return format_html("<h2>Silences</h2><section>{}</section>", "Everybody heard something.")
    picture = bars("The oldest silences", [_silence_bar(each) for each in audit.silences[:10]])
    rows = ((_silence_row(each, audit)) for each in audit.silences[:MOST_ROWS])
    return format_html(
        "<h2>Silences, the oldest first</h2><figure>{}</figure>{}{}",
        picture,
        _table(("Since", "Who", "What they wrote about"), rows),
        _more(len(audit.silences)),
    )


def _silence_bar(each: Silence) -> Bar:
    who = each.asked.sender_name or each.asked.sender
    return Bar(who[:28], each.wall_time.total_seconds(), days(each.wall_time), "bad")


def _silence_row(each: Silence, audit: Audit) -> tuple[object, ...]:
    who = each.asked.sender_name or each.asked.sender
    return moment(each.asked.at, audit), who, each.asked.subject or "(no subject)"


def _words(audit: Audit) -> SafeString:
    rows = [
        Bar(LABELS[state], audit.count(state), str(audit.count(state)), tone)
        for state, tone in TONES.items()
        if audit.count(state)
    ]
    if not rows:
        return format_html("<h2>Your word</h2><section>{}</section>", "No promise was found.")
    worst = sorted(audit.words, key=lambda word: (word.state != "nothing", word.letter.at))
    table = _table(
        ("Said", "In these words", "By when", "What followed"),
        (_word_row(word, audit) for word in worst[:MOST_ROWS]),
    )
    return format_html(
        "<h2>Your word, and what followed</h2><figure>{}</figure>{}{}",
        shares("What became of your promises", rows),
        table,
        _more(len(audit.words)),
    )


def _word_row(word: Word, audit: Audit) -> tuple[object, ...]:
    due = moment(word.found.due, audit) if word.found.due else (word.found.when or "no time named")
    followed = f"{LABELS[word.state]}"
    if word.followed_at and word.state in ("late", "in time"):
        followed = f"{followed}: {moment(word.followed_at, audit)}"
    return (
        moment(word.letter.at, audit),
        format_html("<q>{}</q>", " ".join(word.found.text.split())[:300]),
        due,
        followed,
    )


def _method(audit: Audit) -> SafeString:
    left_out = ", ".join(f"{count} {why}" for why, count in audit.left_out.items()) or "nothing"
    return format_html(
        '<h2>How this was counted</h2><section class="soft"><p>{} mails were read; “we” are {}.'
        " Left out: {}. Opening hours are those of {}.</p><p>Promises were found by rules, not by"
        " a model; some will be wrong, and a call that kept one leaves no trace in a mailbox."
        " “Nothing followed” means: no later mail from us in the same thread. Nobody is ranked, and"
        " nothing left this machine.</p></section>",
        audit.letters,
        audit.ours,
        left_out,
        audit.schedule.zone,
    )


def _table(heads: Sequence[str], rows: Iterable[tuple[object, ...]]) -> SafeString:
    head = format_html_join("", "<th scope=col>{}</th>", ((each,) for each in heads))
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows),
    )
    return format_html(
        '<section class="scroll"><table><thead><tr>{}</tr></thead>'
        "<tbody>{}</tbody></table></section>",
        head,
        body,
    )


def _more(count: int) -> SafeString | str:
    if count <= MOST_ROWS:
        return ""
    return format_html('<p class="soft">{} more are in the JSON (--json).</p>', count - MOST_ROWS)


def moment(at: datetime, audit: Audit) -> str:
    return at.astimezone(audit.schedule.zone_info).strftime("%a %d %b %Y %H:%M")


def span(audit: Audit) -> str:
    zone = audit.schedule.zone_info
    first, last = (each.astimezone(zone) for each in (audit.since, audit.until))
    return f"{first:%d %b %Y} to {last:%d %b %Y}"


def days(length: timedelta) -> str:
    """“19 days”, “1 day”, “5 hours”."""
    for size, name in ((86_400, "day"), (3600, "hour"), (60, "minute")):
        count = int(length.total_seconds() // size)
        if count:
            return f"{count} {name}" + ("s" if count > 1 else "")
    return "a moment"


def length(open_time: timedelta) -> str:
    """Open time as “2 h 10 min”."""
    hours, rest = divmod(int(open_time.total_seconds()), 3600)
    minutes = rest // 60
    return (
        f"{hours} h {minutes} min"
        if hours and minutes
        else f"{hours} h"
        if hours
        else f"{minutes} min"
    )
