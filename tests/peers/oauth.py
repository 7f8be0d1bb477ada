"""A small OAuth 2 server on loopback: authorize, token with PKCE and the client's secret, refresh
with rotation, and the introspection that Dovecot asks. What it refuses, a test decides."""

import base64
import hashlib
import json
import secrets
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit

CLIENT, SECRET = "goodword-desk", "between the two of us"


@dataclass
class Authority:
    """`account` is who is at the screen. `answer` stands in for whatever it would say."""

    url: str
    account: str = "support@harbourlane.example"
    seconds: int = 3600
    rotates: bool = True
    gives_refresh: bool = True
    answer: tuple[int, bytes] | None = None
    gate: threading.Event | None = None  # a question waits here, as at a slow provider
    arrived: threading.Event = field(default_factory=threading.Event)
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    good: dict[str, str] = field(default_factory=dict)  # access token → account
    lasting: dict[str, str] = field(default_factory=dict)  # refresh token → account
    seen: list[dict[str, str]] = field(default_factory=list)

    def app(self) -> dict[str, str]:
        return {
            "client_id": CLIENT,
            "secret": SECRET,
            "authorize_url": f"{self.url}/authorize",
            "token_url": f"{self.url}/token",
            "revoke_url": f"{self.url}/revoke",
            "scope": "mail offline_access openid email",
        }

    def revoke(self) -> None:
        """The person took the access away in their account."""
        self.good.clear()
        self.lasting.clear()

    def taken_back(self, sent: dict[str, str]) -> int:
        """RFC 7009: 200, whether or not the token was known; all that came of it is void."""
        if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            return 401
        account = self.lasting.pop(sent["token"], None)
        self.good = {access: who for access, who in self.good.items() if who != account}
        return 200

    def refreshes(self) -> int:
        return sum(each.get("grant_type") == "refresh_token" for each in self.seen)

    def consent(self, address: str, *, refuse: bool = False) -> str:
        """What a browser would be sent back to, once the person at the screen has said yes."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
        if refuse or asked["client_id"] != CLIENT:
            told = {"error": "access_denied"}
        else:
            told = {"code": secrets.token_urlsafe(12)}
            self.asked[told["code"]] = asked
        return f"{asked['redirect_uri']}?{urlencode({'state': asked['state'], **told})}"

    def token(self, sent: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            return 401, {"error": "invalid_client"}
        if sent["grant_type"] == "refresh_token":
            account = self.lasting.get(sent["refresh_token"])
            if account is not None and self.rotates:
                del self.lasting[sent["refresh_token"]]
            is_new = self.rotates
        else:
            account, is_new = self._of_code(sent), self.gives_refresh
        if account is None:
            return 400, {"error": "invalid_grant", "error_description": f"{sent} is not good"}
        access = secrets.token_urlsafe(24)
        self.good[access] = account
        said = {"access_token": access, "token_type": "Bearer", "expires_in": self.seconds}
        if is_new:
            said["refresh_token"] = secrets.token_urlsafe(24)
            self.lasting[said["refresh_token"]] = account
        if sent["grant_type"] == "authorization_code":
            said["id_token"] = f"e30.{_base64(json.dumps({'email': account}).encode())}.x"
        return 200, said

    def _of_code(self, sent: dict[str, str]) -> str | None:
        asked = self.asked.pop(sent["code"], None)
        if asked is None or asked["redirect_uri"] != sent["redirect_uri"]:
            return None
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        return self.account if _base64(digest) == asked["code_challenge"] else None


def _base64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


@contextmanager
def authority() -> Iterator[Authority]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    found = Authority(f"http://127.0.0.1:{server.server_port}")
    server.authority = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield found
    finally:
        if found.gate is not None:
            found.gate.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_request: Any) -> None:
        return None


def walk(address: str) -> str:
    """Go to the provider as a browser does; where it sends the browser back to."""
    try:
        urllib.request.build_opener(_Stay).open(address, timeout=5)
    except HTTPError as answer:
        assert answer.code == 302
        return str(answer.headers["Location"])
    raise AssertionError("it did not send the browser back")


class _Answers(BaseHTTPRequestHandler):
    @property
    def _authority(self) -> Authority:
        return self.server.authority  # type: ignore[attr-defined, no-any-return]

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/introspect":
            account = self._authority.good.get(parse_qs(asked.query).get("token", [""])[0])
            said = {"active": "true", "email": account} if account else {"active": "false"}
            self._say(200, json.dumps(said).encode())
            return
        self.send_response(302)
        self.send_header("Location", self._authority.consent(self.path))
        self.end_headers()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        there = self._authority
        there.seen.append(sent)
        there.arrived.set()
        if there.gate is not None:
            there.gate.wait(5)
        if there.answer is not None:
            self._say(*there.answer)
            return
        if self.path == "/revoke":
            self._say(there.taken_back(sent), b"")
            return
        status, said = there.token(sent)
        self._say(status, json.dumps(said).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass
