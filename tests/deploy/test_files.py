"""What stands in deploy/ is true: each setting and command exists, and the programs accept it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from goodword.config.cli import commands
from goodword.config.options import OPTIONS

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
SETTINGS = {option.name for option in OPTIONS}


def program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join((os.environ["PATH"], "/usr/sbin")))
    if found is None:
        pytest.skip(f"{name} is not installed, so what is written for it was not tried")
    return found


def tried(*command: str | Path, **more: Any) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, **more)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def composed() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return content


def test_every_setting_that_is_named_is_one() -> None:
    named: dict[str, set[str]] = {}
    for path in [each for each in DEPLOY.rglob("*") if each.is_file()]:
        named[path.name] = set(re.findall(r"\bGOODWORD_[A-Z_]+", path.read_text()))
        assert named[path.name] <= SETTINGS, path
    assert len(named["goodword.env.example"]) > 5
    assert "GOODWORD_DATA" in named["goodword.service"]


def test_every_command_that_is_run_is_one() -> None:
    run = {each["command"][0] for each in composed()["services"].values() if "command" in each}
    for unit in UNITS:
        run |= set(
            re.findall(r"^ExecStart=/opt/goodword/bin/goodword (\S+)$", unit.read_text(), re.M)
        )
    run |= set(re.findall(r'^CMD \["(\w+)"\]', (DEPLOY / "Containerfile").read_text(), re.M))
    assert run == {"serve", "web", "mail", "worker"}
    assert run <= set(commands.commands)


def test_the_parts_of_the_compose_file_share_what_they_must() -> None:
    services = composed()["services"]
    for name in ("web", "mail", "worker"):
        assert services[name]["volumes"] == ["data:/data"]
        assert "@database/" in services[name]["environment"]["GOODWORD_DATABASE_URL"]
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
    assert set(composed()["volumes"]) == {"data", "database"}
    for service in services.values():
        # to this machine alone; the proxy and the mail server stand in front
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))


def test_what_the_image_is_built_from_is_there() -> None:
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Containerfile").read_text(), re.M)
    names = [name for line in copied for name in line.split()]
    assert {"src", "pyproject.toml", "constraints.txt"} <= set(names)
    assert all((ROOT / name).exists() for name in names)


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_accepts_the_units_and_finds_them_hardened(unit: Path, tmp_path: Path) -> None:
    systemd = program("systemd-analyze")
    here = tmp_path / unit.name
    here.write_text(unit.read_text().replace("/opt/goodword/bin/goodword", sys.executable))
    said = tried(systemd, "verify", "--man=no", "--recursive-errors=no", here)
    assert unit.name not in said, said
    tried(systemd, "security", "--offline=true", "--threshold=20", here)


def test_nginx_accepts_its_file(tmp_path: Path) -> None:
    nginx = program("nginx")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    tried(
        program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
        "-subj", "/CN=desk.example.com", "-keyout", key, "-out", certificate,
    )  # fmt: skip
    ours = (DEPLOY / "nginx.conf").read_text().replace("/var/log/nginx", str(tmp_path))
    ours = ours.replace("/etc/ssl/desk.example.com.pem", str(certificate))
    ours = ours.replace("/etc/ssl/desk.example.com.key", str(key))
    (tmp_path / "goodword.conf").write_text(ours)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    places = "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in kinds)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/error.log; events {{}}\n"
        f"http {{ access_log off; {places} include {tmp_path}/goodword.conf; }}"
    )
    assert "successful" in tried(nginx, "-t", "-c", tmp_path / "nginx.conf", "-p", tmp_path)


def test_caddy_accepts_its_file(tmp_path: Path) -> None:
    caddy = program("caddy")
    home = {**os.environ, "HOME": str(tmp_path)}
    said = tried(
        caddy, "validate", "--adapter", "caddyfile", "--config", DEPLOY / "Caddyfile", env=home
    )
    assert "Valid configuration" in said
