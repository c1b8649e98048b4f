"""Fetches the packages of `packages.tsv` through the clients of their registries, and unpacks them.

A package goes to `DIR/<registry>/<name>-<version>`, without the `@` of a scope and with `-` for its `/`.
What is there already is not fetched again.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

LIST = Path(__file__).resolve().parent / "packages.tsv"

# A source distribution may need a build to tell its name, which may need a compiler: not longer than this.
PATIENCE = 120


def listed():
    """The packages: registry, name, version."""
    rows = LIST.read_text(encoding="utf-8").splitlines()[1:]
    return [tuple(row.split("\t")) for row in rows]


def place(directory, registry, name, version):
    """Where a package is unpacked."""
    return directory / registry / f"{name.replace('@', '').replace('/', '-')}-{version}"


def run(directory):
    failed = 0
    for registry, name, version in listed():
        target = place(directory, registry, name, version)
        if target.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
            try:
                tree = CLIENTS[registry](Path(scratch), name, version)
                tree.rename(target)
                print(f"{registry} {name} {version}")
            except (subprocess.SubprocessError, OSError, IndexError, tarfile.TarError, zipfile.BadZipFile) as error:
                failed += 1
                print(f"{registry} {name} {version} could not be fetched: {error}", file=sys.stderr)
    return 3 if failed else 0


def cargo(scratch, name, version):
    # `cargo info` unpacks the crate that it tells of, and that one alone.
    client(["cargo", "info", "--quiet", f"{name}@{version}"], scratch)
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    unpacked = sorted((home / "registry/src").glob(f"*/{name}-{version}"))[0]
    return Path(shutil.copytree(unpacked, scratch / "tree", symlinks=True))


def pip(scratch, name, version):
    download = ["pip", "download", "--quiet", "--no-deps", "--dest", scratch / "archive"]
    try:
        client([*download, "--no-binary", name, f"{name}=={version}"], scratch)
    except subprocess.SubprocessError:
        client([*download, f"{name}=={version}"], scratch)
    return unpack(next((scratch / "archive").iterdir()), scratch)


def npm(scratch, name, version):
    client(["npm", "pack", "--silent", f"{name}@{version}"], scratch)
    return unpack(next(scratch.glob("*.tgz")), scratch)


def client(command, cwd):
    subprocess.run(command, cwd=cwd, check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def unpack(archive, scratch):
    """Unpacks an archive; where all is in one directory, that is the tree."""
    tree = scratch / "tree"
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as file:
            file.extractall(tree)
    else:
        with tarfile.open(archive) as file:
            file.extractall(tree, filter="data")
    entries = list(tree.iterdir())
    return entries[0] if len(entries) == 1 and entries[0].is_dir() else tree


CLIENTS = {"crates.io": cargo, "npm": npm, "pypi": pip}
