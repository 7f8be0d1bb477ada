"""What several tests of the lines share."""

import ssl
import subprocess
from pathlib import Path

import pytest

CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 "
    "-subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out cert.pem"
)


@pytest.fixture(scope="session")
def authority(tmp_path_factory) -> tuple[Path, ssl.SSLContext]:
    """A certificate for localhost, its authority made by ourselves."""
    folder = tmp_path_factory.mktemp("ca")
    subprocess.run(
        CERTIFICATE.split(),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return folder / "cert.pem", context
