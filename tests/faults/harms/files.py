"""The store of files fails while people upload and certificates are drawn."""

import hashlib
import io
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

import boto3
from PIL import Image

from learninghub.storage.arrivals import FOLDER
from sandbox import s3
from sandbox.tcp import Manner
from tests.faults import asking
from tests.faults.asking import Answer, Down
from tests.faults.fleet import Fleet
from tests.faults.trial import Trial, fault
from tests.support.forms import CONTENT_TYPE, multipart

UPLOADERS = 2
EDGE = 160  # pixels of a picture of noise: some 70 kB, more than one piece
TRUNCATED_AT = 30_000
PUT_OFF = "s3.failed"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
# What the house says that it keeps, and what it has not come to an end with.
KEPT = """
select sha256 from media_asset where state = 'ready'
union select sha256 from media_rendition union select sha256 from certificates_certificate where state = 'rendered'
"""
UNFINISHED = """
select (select count(*) from media_asset where state = 'pending' and completed_at is not null),
       (select count(*) from certificates_certificate where state <> 'rendered'),
       (select count(*) from media_asset a where state = 'ready' and width is not null and not is_animated
        and (select count(*) from media_rendition r where r.asset_id = a.id) <> 6)
"""


@fault("F18", "S3 answers 500, is slow, breaks uploads off, hangs up, 10 s each")
def store_fails(trial: Trial) -> Iterator[None]:
    line = trial.fleet.servers.files
    seconds = trial.times(10, 4)
    with _Uploaders(trial) as people:
        trial.wait_for(lambda: people.kept, "nobody uploads anything")
        line.answer = BROKEN
        line.manner = Manner.ANSWER
        trial.pass_time(seconds)
        line.seconds, line.manner = 6.0, Manner.DELAY  # longer than we wait
        trial.pass_time(seconds)
        line.manner = Manner.CUT_SENT
        for _ in range(seconds * 2):
            line.bytes_left = TRUNCATED_AT
            trial.pass_time(0.5)
        line.manner = Manner.RESET
        trial.pass_time(seconds)
        line.manner = Manner.PASS
    yield
    trial.note(uploads=people.kept, uploads_asked_again=people.refused)
    trial.expect(people.refused, "no upload was harmed")
    trial.expect(not people.errors, f"an upload was given up: {people.errors[:1]}")
    failed = [one for one in trial.crowd.tries if not 0 < one.status < 500]
    trial.expect(not failed, f"{len(failed)} requests of learners failed: {failed[:3]}")
    _judge(trial)


def _judge(trial: Trial) -> None:
    """What is said to be kept is there, byte for byte, and nothing waits any more."""
    fleet = trial.fleet
    held = _objects(fleet)
    said = {key for (key,) in fleet.ask(KEPT)}
    trial.note(objects=len(held), named=len(said))
    trial.expect(said <= held.keys(), f"{len(said - held.keys())} files are said to be kept and are not there")
    spoilt = [key for key, digest in held.items() if key != digest]
    trial.expect(not spoilt, f"{len(spoilt)} objects hold other bytes than their key says")
    trial.expect(fleet.ask(UNFINISHED) == [(0, 0, 0)], f"not brought to an end: {fleet.ask(UNFINISHED)}")


def _objects(fleet: Fleet) -> dict[str, str]:
    """The key of each object, and the SHA-256 of what it holds."""
    client = boto3.session.Session().client("s3", **s3.options(fleet.servers.store_port))
    with closing(client):
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=s3.BUCKET)
        every = [found["Key"] for page in pages for found in page.get("Contents", ())]
        names = [name for name in every if not name.startswith(f"{FOLDER}/")]  # what was not looked at has no hash yet
        return {
            name.rpartition("/")[2]: hashlib.sha256(
                client.get_object(Bucket=s3.BUCKET, Key=name)["Body"].read()
            ).hexdigest()
            for name in names
        }


class _Uploaders:
    """People who send pictures of themselves, one after another, and each until it is taken.

    `kept` counts the pictures that were taken, `refused` the requests that had to be made again.
    """

    def __init__(self, trial: Trial) -> None:
        self.kept = 0
        self.refused = 0
        self.errors: list[BaseException] = []
        self._trial = trial
        self._over = threading.Event()
        who = {"email": "lin@learninghub.example", "password": "open-the-books"}
        self._token = self._ask("POST", "/api/v1/auth/token/", who).json["access"]
        trial.known.append(self._ask("GET", "/api/v1/users/me/").json["id"])
        self._threads = [threading.Thread(target=self._go_on, args=(n,), daemon=True) for n in range(UPLOADERS)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _go_on(self, number: int) -> None:
        count = 0
        try:
            while not self._over.is_set():
                count += 1
                self._upload(_picture(f"{self._trial.row.seed} {number} {count}"))
                self.kept += 1
                self._trial.pass_time(0.5)
        except BaseException as error:  # noqa: BLE001  looked at in the end
            self.errors.append(error)

    def _upload(self, picture: bytes) -> None:
        words = {"filename": "me.png", "media_type": "image/png", "size": len(picture), "purpose": "avatar"}
        key = str(uuid4())
        form = self._until_taken(lambda: self._ask("POST", "/api/v1/media/uploads/", words, key=key), 201).json

        def send() -> Answer:
            self._send(form, picture)
            return self._ask("POST", f"/api/v1/media/uploads/{form['asset_id']}/complete/", {})

        self._until_taken(send, 202)

    def _send(self, form: dict[str, Any], picture: bytes) -> None:
        """Posts the form to where it says: to us, or to the store itself."""
        url = urlsplit(form["url"])
        body = multipart(form["fields"], file=picture)
        path = url.path + (f"?{url.query}" if url.query else "")
        if url.hostname:
            asking.ask((url.hostname, url.port or 80), "POST", path, body, content_type=CONTENT_TYPE)
        else:
            self._trial.fleet.request("POST", path, body, content_type=CONTENT_TYPE)

    def _until_taken(self, attempt: Callable[[], Answer], status: int) -> Answer:
        while True:
            try:
                answer = attempt()
            except Down:
                answer = None
            if answer is not None and answer.status == status:
                return answer
            assert answer is None or answer.status in {409, 422}, (answer.status, answer.content)
            self.refused += 1
            self._trial.pass_time(0.5)

    def _ask(self, method: str, path: str, body: Any = None, *, key: str | None = None) -> Answer:
        token = getattr(self, "_token", None)
        return self._trial.fleet.request(method, path, body, token=token, key=key, caller="192.0.2.8")


def _picture(words: str) -> bytes:
    """A picture of noise that nobody else has."""
    noise = hashlib.shake_256(words.encode()).digest(EDGE * EDGE * 3)
    picture = io.BytesIO()
    Image.frombytes("RGB", (EDGE, EDGE), noise).save(picture, "PNG")
    return picture.getvalue()
