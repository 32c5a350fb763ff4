"""What a worker does with arrivals, in a process of its own, which tells its peak of memory and the darkroom's."""

import json
import re
import sys
from pathlib import Path

import django

django.setup()

from apps.media import rules  # noqa: E402  needs the settings
from apps.media.actions import inspecting  # noqa: E402
from apps.media.models import Asset  # noqa: E402
from apps.media.readers import pictures  # noqa: E402
from learninghub.storage import store  # noqa: E402


def look_at(path: Path, *, media_type: str, purpose: str) -> bool:
    """Whether it is kept, and made smaller where it is a picture."""
    asset = Asset(media_type=media_type, purpose=purpose, filename="file", size=path.stat().st_size)
    with path.open("rb") as arrived:
        try:
            inspecting._check(asset, arrived, sha256="")
        except inspecting._REFUSALS:
            return False
        arrived.seek(0)
        store.put(arrived, media_type=asset.media_type)
        if asset.width:
            for kind in (rules.WEBP,) if asset.is_animated else (rules.WEBP, rules.AVIF):
                for edge in rules.EDGES.values():
                    pictures.shrink(arrived, media_type=asset.media_type, edge=edge, written_as=kind)
    return True


def peak(pid: int | str) -> int:
    [kilobytes] = re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(kilobytes) * 1024


if __name__ == "__main__":
    kept = [
        look_at(Path(path), media_type=media_type, purpose=purpose)
        for path, media_type, purpose in json.load(sys.stdin)
    ]
    peaks = {"worker": peak("self"), "darkroom": peak(pictures._darkroom._process._popen.pid)}
    json.dump({"looked_at": len(kept), "kept": sum(kept), **peaks}, sys.stdout)
