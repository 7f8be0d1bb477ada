"""A small OpenID Connect provider on loopback: discovery, consent, tokens signed with its own key,
PKCE and the client's secret checked. What it says of a person, a test decides."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "goodword", "between us two"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@dataclass
class Provider:
    """`claims` is who is at the screen; `lie` changes the token after everything was right."""

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    signs_with: rsa.RSAPrivateKey = field(default_factory=new_key)
    shows: rsa.RSAPrivateKey | None = None
    lie: dict[str, Any] = field(default_factory=dict)
    refuses: bool = False
    asked: dict[str, dict[str, str]] = field(default_factory=dict)

    def settings(self) -> dict[str, Any]:
        app = {
            "provider_id": "company", "name": "Harbour Lane Group", "client_id": CLIENT,
            "secret": SECRET,
            "settings": {"server_url": self.url, "oauth_pkce_enabled": True},
        }  # fmt: skip
        return {"openid_connect": {"APPS": [app]}}

    def configuration(self) -> dict[str, Any]:
        ends = ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri")
        paths = ("authorize", "token", "userinfo", "keys")
        found = {end: f"{self.url}/{path}" for end, path in zip(ends, paths, strict=True)}
        methods = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
        return {"issuer": self.url, **found, **methods}

    def authorize(self, asked: dict[str, str]) -> str:
        back = {"state": asked["state"]}
        if self.refuses:
            return f"{asked['redirect_uri']}?{urlencode({**back, 'error': 'access_denied'})}"
        code = secrets.token_urlsafe(12)
        self.asked[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({**back, 'code': code})}"

    def token(self, sent: dict[str, str]) -> dict[str, Any] | None:
        asked = self.asked.pop(sent.get("code", ""), None)
        if asked is None or (sent["client_id"], sent["client_secret"]) != (CLIENT, SECRET):
            return None
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return None
        return {"access_token": "opaque", "token_type": "Bearer", "id_token": self.signed()}

    def signed(self) -> str:
        at = int(time.time())
        said = {"iss": self.url, "aud": CLIENT, "iat": at, "exp": at + 300,
                "jti": secrets.token_hex(8), **self.claims, **self.lie}  # fmt: skip
        return jwt.encode(said, self.signs_with, algorithm="RS256", headers={"kid": "one"})

    def keys(self) -> dict[str, Any]:
        public = (self.shows or self.signs_with).public_key()
        key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(public))
        return {"keys": [{**key, "kid": "one", "alg": "RS256", "use": "sig"}]}


@contextmanager
def provider() -> Iterator[Provider]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    found = Provider(f"http://127.0.0.1:{server.server_port}")
    server.provider = found  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Answers(BaseHTTPRequestHandler):
    @property
    def _provider(self) -> Provider:
        return self.server.provider  # type: ignore[attr-defined, no-any-return]

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        if asked.path == "/authorize":
            query = {name: values[0] for name, values in parse_qs(asked.query).items()}
            self.send_response(302)
            self.send_header("Location", self._provider.authorize(query))
            self.end_headers()
            return
        answers = {
            "/.well-known/openid-configuration": self._provider.configuration,
            "/keys": self._provider.keys,
            "/userinfo": lambda: self._provider.userinfo,
        }
        self._json(answers[asked.path]())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        sent = {name: values[0] for name, values in parse_qs(body).items()}
        self._json(self._provider.token(sent))

    def _json(self, content: Any) -> None:
        body = json.dumps(content or {"error": "invalid_grant"}).encode()
        self.send_response(200 if content else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass
