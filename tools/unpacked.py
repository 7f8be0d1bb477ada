"""Debian packages in a folder of ours: for a person who may not install anything."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

# Dovecot's parts find each other by absolute paths that were compiled in, so it gets a private
# view of the file system in which our /usr lies over the machine's.
BY_OVERLAY = frozenset({"dovecot"})

DIRECT = """#!/bin/sh
# Written by `make test`.
here={here}
export LD_LIBRARY_PATH={libraries}
export FONTCONFIG_FILE="$here/fonts.conf"
export PERL5LIB="$here/root/usr/share/perl5"
exec {program} "$@"
"""

OVERLAID = """#!/bin/sh
# Written by `make test`.
exec unshare --user --map-root-user --mount sh -c '
    mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr || exit 1
    shift
    exec unshare --user --map-user={uid} --map-group={gid} "$@"
' overlay {root} {program} "$@"
"""

FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>/usr/share/fonts</dir>
  <dir>{root}/usr/share/fonts</dir>
  <cachedir>{here}/font-cache</cachedir>
</fontconfig>
"""


def apt_options(folder: Path) -> list[str]:
    """Return what makes apt-get keep its lists and archives in `folder`, without root."""
    for name in ("lists/partial", "archives/partial"):
        (folder / "apt" / name).mkdir(parents=True, exist_ok=True)
    options = {
        "Dir::State": folder / "apt",
        "Dir::State::lists": folder / "apt/lists",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Dir::Cache": folder / "apt",
        "Dir::Cache::archives": folder / "apt/archives",
        "Debug::NoLocking": "1",
        "APT::Sandbox::User": "",
        "APT::Update::Post-Invoke": "",
    }
    return [part for name, value in options.items() for part in ("-o", f"{name}={value}")]


def unpack(folder: Path, names: Iterable[str]) -> None:
    """Unpack every fetched archive and write a starter in `folder`/bin for each of `names`."""
    root = folder / "root"
    root.mkdir(exist_ok=True)
    for archive in sorted((folder / "apt/archives").glob("*.deb")):
        subprocess.run(["dpkg-deb", "--extract", str(archive), str(root)], check=True)
        archive.unlink()
    _join_usr(root)
    (folder / "fonts.conf").write_text(FONTS.format(root=root, here=folder))
    (folder / "bin").mkdir(exist_ok=True)
    libraries = ":".join(_library_folders(root))
    for name in names:
        program = _program(root, name)
        if program:
            _write_starter(folder, name, program, libraries)


def _join_usr(root: Path) -> None:
    # Older packages bring /lib and /bin, which on a machine of today are links into /usr.
    for name in ("lib", "bin", "sbin"):
        old = root / name
        if old.is_dir() and not old.is_symlink():
            shutil.copytree(old, root / "usr" / name, symlinks=True, dirs_exist_ok=True)
            shutil.rmtree(old)


def _library_folders(root: Path) -> list[str]:
    return sorted({str(library.parent) for library in (root / "usr/lib").rglob("lib*.so*")})


def _program(root: Path, name: str) -> Path | None:
    # /usr/bin/chromium is a script that knows only the paths of an installed Chromium.
    places = ("usr/lib/chromium", "usr/lib/postgresql/*/bin", "usr/bin", "usr/sbin")
    found = [path for place in places for path in root.glob(f"{place}/{name}") if path.is_file()]
    return found[0] if found else None


def _write_starter(folder: Path, name: str, program: Path, libraries: str) -> None:
    root = folder / "root"
    if name in BY_OVERLAY:
        inside = "/" + str(program.relative_to(root))
        text = OVERLAID.format(root=_quoted(root), program=inside, uid=os.getuid(), gid=os.getgid())
    else:
        text = DIRECT.format(
            here=_quoted(folder), libraries=_quoted(libraries), program=_quoted(program)
        )
    starter = folder / "bin" / name
    starter.write_text(text)
    starter.chmod(0o755)


def _quoted(path: object) -> str:
    return "'" + str(path).replace("'", "'\\''") + "'"
