"""Web push: a message that only the browser can read (RFC 8291), from a desk that it knows
(VAPID, RFC 8292)."""

from __future__ import annotations

import base64
import json
import os
import struct
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import requests
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from goodword.core.outward import inside_sentence, led_inside, outside
from goodword.core.refusals import Refused
from goodword.notifying.outward import TIMEOUT, Gone, NotSent
from goodword.notifying.wording import Word

CURVE = ec.SECP256R1()
# https://csrc.nist.gov/pubs/sp/800/186/final, P-256: the number of its points
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LIVES = 12 * 3600
_RECORD = 4096


def read_subscription(typed: dict[str, Any]) -> dict[str, str]:
    """As `PushSubscription.toJSON()` gives it. Refused where it cannot be one."""
    try:
        keys = typed["keys"]
        found = {"endpoint": typed["endpoint"], "p256dh": keys["p256dh"], "auth": keys["auth"]}
        _theirs(found["p256dh"])
        scheme = urlsplit(found["endpoint"]).scheme
        schemes = {"https", "http"} if settings.PUSH_PRIVATE else {"https"}
        assert scheme in schemes and len(found["endpoint"]) < 1000
        assert len(_unb64(found["auth"])) == 16
    except (KeyError, TypeError, ValueError, AssertionError) as error:
        sentence = _("What the browser sent is no place for web push. Try it again.")
        raise Refused("NO_PUSH", sentence, 422) from error
    return found


def public_key() -> str:
    """The desk's key, as a browser wants it."""
    return _b64(_point(_own().public_key()))


def send(address: dict[str, Any], word: Word) -> None:
    """Raises NotSent, or Gone where the browser took its permission back."""
    said = {"title": word.title, "body": word.body, "path": word.path, "tag": word.tag}
    headers = {
        "Authorization": _vapid(address["endpoint"]),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LIVES),
        "Topic": word.tag[:32],
        "Urgency": "high" if word.is_urgent else "normal",
    }
    led_inside()
    try:
        with outside():
            answer = requests.post(
                address["endpoint"],
                data=sealed(json.dumps(said).encode(), address["p256dh"], address["auth"]),
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
            )
    except (requests.RequestException, OSError) as error:
        said_why = inside_sentence() if led_inside() else _("The browser’s maker did not answer.")
        raise NotSent(said_why) from error
    _judge(answer.status_code)


def _judge(status: int) -> None:
    if status in (404, 410):
        raise Gone(_("This browser does not take notifications any more. Add it again there."))
    if not 200 <= status < 300:
        raise NotSent(_("The browser’s maker did not take it (%(status)s).") % {"status": status})


def sealed(words: bytes, p256dh: str, auth: str) -> bytes:
    """The body of the request: RFC 8188 with the keys of RFC 8291, section 3.4."""
    theirs, ours, salt = _theirs(p256dh), ec.generate_private_key(CURVE), os.urandom(16)
    sender = _point(ours.public_key())
    info = b"WebPush: info\0" + _point(theirs) + sender
    key = _derive(_unb64(auth), ours.exchange(ec.ECDH(), theirs), info, 32)
    cipher = AESGCM(_derive(salt, key, b"Content-Encoding: aes128gcm\0", 16))
    nonce = _derive(salt, key, b"Content-Encoding: nonce\0", 12)
    head = salt + struct.pack("!IB", _RECORD, len(sender)) + sender
    return head + cipher.encrypt(nonce, words + b"\x02", None)


def _vapid(endpoint: str) -> str:
    to = urlsplit(endpoint)
    about = (
        settings.PUBLIC_URL if settings.PUBLIC_URL.startswith("https") else "mailto:desk@invalid"
    )
    claims = {
        "aud": f"{to.scheme}://{to.netloc}",
        "exp": int(timezone.now().timestamp()) + LIVES,  # the browser's maker knows no demo clock
        "sub": about,
    }
    head = _b64(json.dumps({"typ": "JWT", "alg": "ES256"}).encode())
    signed = f"{head}.{_b64(json.dumps(claims).encode())}"
    r, s = decode_dss_signature(_own().sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    token = f"{signed}.{_b64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"
    return f"vapid t={token}, k={public_key()}"


def _own() -> ec.EllipticCurvePrivateKey:
    return _own_of(settings.SECRET_KEY)


@lru_cache(maxsize=4)
def _own_of(secret: str) -> ec.EllipticCurvePrivateKey:
    """From the installation's key: every process has the same, and nothing more is to be kept."""
    made = salted_hmac("goodword.vapid", "v1", secret=secret, algorithm="sha512").digest()
    return ec.derive_private_key(int.from_bytes(made, "big") % (_ORDER - 1) + 1, CURVE)


def _theirs(p256dh: str) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(CURVE, _unb64(p256dh))


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
