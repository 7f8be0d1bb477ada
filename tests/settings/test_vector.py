"""An SVG as logo: its shapes stay, nothing that acts does, and what is served does nothing."""

import io
import re
from urllib.parse import quote, unquote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, Route

from goodword.core.refusals import Refused
from goodword.settings.vector import MOST_ELEMENTS, built_anew
from goodword.staff.models import Business
from tests.cast import Desk
from tests.desk.conftest import signed_in

HEAD = (
    '<?xml version="1.0"?><!-- Generator: Adobe Illustrator -->'
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 40 40"'
)
SOUND = (
    f"{HEAD}><title>Harbour</title><style>.st0, .st1 {{ fill: #123456; }}</style>"
    '<defs><linearGradient id="g"><stop offset="0" stop-color="#fff"/></linearGradient>'
    '<path id="p" d="M0 0h9v9z"/></defs><rect class="st0" width="40" height="40"/>'
    '<circle r="9" style="fill: url(#g); stroke-width: 2px"/><use xlink:href="#p" x="3"/></svg>'
)
ACTS = "document.documentElement.setAttribute('acted','1');fetch('https://leak.example/')"
HOSTILE = {
    "script": f"><script>{ACTS}</script>",
    "onload": f' onload="{ACTS}">',
    "handler": f'><rect width="9" height="9" onclick="{ACTS}" onmouseover="{ACTS}"/>',
    "link": f'><a xlink:href="javascript:{ACTS}"><rect width="40" height="40"/></a>',
    "foreign": "><foreignObject><body xmlns='http://www.w3.org/1999/xhtml'>"
    f"<script>{ACTS}</script><iframe src='https://leak.example/'/></body></foreignObject>",
    "image": '><image href="https://leak.example/a.png" width="9" height="9"/>',
    "use": '><use href="https://leak.example/a.svg#x"/><use href="data:image/svg+xml,x#y"/>',
    "sheet": '><style>@import url("https://leak.example/a.css");</style>',
    "class": "><style>.a{fill:url(https://leak.example/a)}</style><rect class='a' width='9'/>",
    "style": "><rect style='fill:\\75rl(https://leak.example/a)' fill='URL(//leak.example)'/>",
    "animate": '><a id="a"><set attributeName="href" to="javascript:alert(1)"/></a>'
    '<animate attributeName="href" values="https://leak.example/"/>',
    "filter": '><filter id="f"><feImage href="https://leak.example/"/></filter>',
    "handler element": f'><handler type="text/ecmascript">{ACTS}</handler>',
    "namespace": f'><x:script xmlns:x="http://www.w3.org/2000/svg">{ACTS}</x:script>',
    "html": f'><h:script xmlns:h="http://www.w3.org/1999/xhtml">{ACTS}</h:script>',
    "command": '><?xml-stylesheet href="https://leak.example/a.css"?>',
    "text": f"><text>&lt;script&gt;{ACTS}&lt;/script&gt;</text>",
}

BAD = ["leak", "script", "acted", "http:", "https:", "on", "style", "data:", "<?", "foreign"]


def test_the_drawing_stays_with_its_colours_and_a_second_cleaning_changes_nothing() -> None:
    clean = built_anew(SOUND.encode())
    assert built_anew(clean) == clean
    text = clean.decode()
    assert 'fill="#123456"' in text and 'fill="url(#g)"' in text and 'href="#p"' in text
    assert "Illustrator" not in text and "style" not in text and "class" not in text


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_that_acts_or_points_elsewhere_is_left(name: str) -> None:
    drawn = f'{HEAD}{HOSTILE[name]}<path d="M0 0h9"/></svg>'
    text = built_anew(drawn.encode()).decode()
    words = re.sub(r"<text>.*?</text>", "", text)
    for bad in BAD:
        assert bad not in words.replace("http://www.w3.org/2000/svg", ""), bad
    assert 'd="M0 0h9"' in text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (f"{HEAD}></svg>", "nothing to draw"),
        ('<!DOCTYPE svg [<!ENTITY a "b">]>' + SOUND[21:], "cannot be read"),
        ('<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>', "cannot be"),
        (f"{HEAD}>{'<g>' * 60}<path/>{'</g>' * 60}</svg>", "too deep"),
        (f"{HEAD}>{'<path/>' * (MOST_ELEMENTS + 1)}</svg>", "too many parts"),
        (SOUND[:200], "cannot be read"),
        (SOUND + "x" * 600_000, "512"),
        ("<html><svg/></html>", "is no picture"),
        (SOUND.replace(' viewBox="0 0 40 40"', ""), "how large"),
    ],
    ids=["empty", "entity", "file", "deep", "many", "cut", "large", "html", "no size"],
)
def test_what_is_no_drawing_gets_a_sentence(content: str, said: str) -> None:
    with pytest.raises(Refused, match=said):
        built_anew(content.encode())


def test_uses_of_uses_do_not_grow_without_end() -> None:
    doubled = "".join(
        f'<g id="g{n}"><use href="#g{n - 1}"/><use href="#g{n - 1}"/></g>' for n in range(1, 30)
    )
    text = built_anew(f'{HEAD}><g id="g0"><path d="M0 0"/></g>{doubled}</svg>'.encode()).decode()
    assert text.count("<use") == 2


def sent(desk: Desk, content: bytes, **more: str) -> int:
    olu = signed_in(desk.olu)
    seen = olu.get("/settings/look/").context["editing"].seen
    file = SimpleUploadedFile("logo.svg", content)
    form = {"seen": seen, "logo": file, **more}
    return int(olu.post("/settings/look/logo/", form).status_code)


def test_one_logo_stands_by_day_and_another_by_night(desk: Desk) -> None:
    night = io.BytesIO()
    Image.new("RGB", (90, 30), (250, 250, 250)).save(night, "PNG")
    assert sent(desk, SOUND.encode()) == sent(desk, night.getvalue(), which="logo_night") == 302
    business = Business.current()
    page = Client().get(desk.link(desk.heard()).path).content.decode()
    assert f'by-day" src="/settings/logo/{business.logo}"' in page
    assert f'by-night" src="/settings/logo/{business.chosen["logo_night"]}"' in page
    answer = Client().get(f"/settings/logo/{business.logo}")
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert Client().get(f"/settings/logo/{business.chosen['logo_night']}").status_code == 200


def test_in_a_browser_no_hostile_drawing_does_anything(page: Page) -> None:
    """Opened by itself, where an SVG may act, and without the sandbox that the desk adds."""
    asked: list[str] = []
    page.route("https://**", lambda route: (asked.append(route.request.url), route.abort())[1])
    drawn = {
        name: built_anew(f'{HEAD}{part}<path d="M0 0h9"/></svg>'.encode())
        for name, part in HOSTILE.items()
    }

    def serve(route: Route) -> None:
        name = unquote(route.request.url.rpartition("/")[2])
        route.fulfill(content_type="image/svg+xml", body=drawn[name])

    page.route("http://logo.example/**", serve)
    for name in drawn:
        page.goto(f"http://logo.example/{quote(name)}")
        assert page.evaluate("document.documentElement.getAttribute('acted')") is None, name
        assert page.evaluate("document.querySelector('path').getBoundingClientRect().width") > 0
    assert asked == []
