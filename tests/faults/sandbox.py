"""Small disks and networks of our own, undone at the end; or the reason why there are none."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.faults.processes import NotRunError, run

NOBODY = "02:00:00:00:00:99"  # an address on the wire that nobody has
MEGABYTE = 1 << 20
PREFIX = "xhh-faults-"


def need(*programs: str) -> None:
    """Say which program, or right, is missing for a fault."""
    packages = {"ip": "iproute2", "strace": "strace", "mount": "mount", "mkfs.ext4": "e2fsprogs"}
    if os.geteuid() != 0:
        raise NotRunError("needs root")
    for program in programs:
        if shutil.which(program) is None:
            package = packages.get(program, program)
            raise NotRunError(f"{program} is missing: apt-get install {package}")


def work_folder() -> Path:
    """Return a new folder for a run, after what killed runs left was undone."""
    for left in Path("/tmp").glob(f"{PREFIX}*-*"):
        owner = left.name.removeprefix(PREFIX).partition("-")[0]
        if owner.isdigit() and not Path(f"/proc/{owner}").exists():
            _undo(left, owner)
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-", dir="/tmp"))
    made.chmod(0o755)
    return made


def _undo(left: Path, owner: str) -> None:
    for disk in left.glob("run-*/disk"):
        with suppress(NotRunError):
            run("umount", "--lazy", disk)
    for end in ("web", "db"):
        with suppress(NotRunError, FileNotFoundError):
            run("ip", "netns", "delete", f"xhh-{end}-{owner}")
    shutil.rmtree(left, ignore_errors=True)


@contextmanager
def loop_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """Yield a small ext4 file system in a file."""
    need("mount", "mkfs.ext4")
    image = folder / "disk.image"
    with image.open("wb") as file:
        file.truncate(megabytes * MEGABYTE)
    run("mkfs.ext4", "-q", "-F", "-m", "0", image)
    with _mounted(folder / "disk", "-o", "loop", image) as place:
        yield place


@contextmanager
def memory_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """Yield a file system in memory of a certain size."""
    need("mount")
    options = ("-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs")
    with _mounted(folder / "disk", *options) as place:
        yield place


@contextmanager
def _mounted(place: Path, *what: str | Path) -> Iterator[Path]:
    place.mkdir()
    run("mount", *what, place)
    try:
        yield place
    finally:
        with suppress(NotRunError):
            run("umount", "--lazy", place)


def fill(disk: Path) -> Path:
    """Write a file that takes the last byte of a disk, and return it."""
    filler = disk / "filler"
    handle = os.open(filler, os.O_WRONLY | os.O_CREAT, 0o600)
    size = MEGABYTE
    try:
        while size >= 512:
            try:
                os.write(handle, bytes(size))
            except OSError:
                size //= 2
    finally:
        with suppress(OSError):
            os.fsync(handle)
        os.close(handle)
    return filler


class Network:
    """Two namespaces joined by a cable: the application in one, the database in the other."""

    APPLICATION, DATABASE = "10.231.77.1", "10.231.77.2"

    def __init__(self) -> None:
        self.web, self.database = (f"xhh-{end}-{os.getpid()}" for end in ("web", "db"))

    def _in(self, namespace: str, *words: str) -> None:
        run("ip", "-n", namespace, *words)

    def _ends(self) -> list[tuple[str, str, str, str]]:
        return [
            (self.web, "web0", self.APPLICATION, self.DATABASE),
            (self.database, "db0", self.DATABASE, self.APPLICATION),
        ]

    def build(self) -> None:
        """Make the namespaces and the cable."""
        run("ip", "netns", "add", self.web)
        run("ip", "netns", "add", self.database)
        cable = ("type", "veth", "peer", "name", "db0", "netns", self.database)
        self._in(self.web, "link", "add", "web0", *cable)
        for namespace, device, own, _ in self._ends():
            self._in(namespace, "address", "add", f"{own}/24", "dev", device)
            self._in(namespace, "link", "set", device, "up")
            self._in(namespace, "link", "set", "lo", "up")

    def cut(self) -> None:
        """Have every packet vanish, in both directions and without a word to either end."""
        for namespace, device, _, other in self._ends():
            neighbour = ("lladdr", NOBODY, "dev", device, "nud", "permanent")
            self._in(namespace, "neigh", "replace", other, *neighbour)

    def mend(self) -> None:
        """Let packets arrive again."""
        for namespace, device, _, other in self._ends():
            self._in(namespace, "neigh", "del", other, "dev", device)

    def remove(self) -> None:
        """Take everything down."""
        for namespace in (self.web, self.database):
            with suppress(NotRunError):
                run("ip", "netns", "delete", namespace)


@contextmanager
def network() -> Iterator[Network]:
    """Yield two namespaces with a cable between them."""
    need("ip")
    made = Network()
    try:
        made.build()
        yield made
    finally:
        made.remove()
