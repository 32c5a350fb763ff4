"""An S3-shaped server, which keeps objects in memory and checks the signatures of presigned addresses alone.

By hand: `python -m sandbox.s3 --port 9000 --bucket files`, and the house with `S3_BUCKET=files`,
`S3_REGION=eu-central-1`, `sandbox` for both keys, and `http://127.0.0.1:9000` for S3_ENDPOINT_URL and S3_PUBLIC_URL.
"""

import argparse
import contextlib
import logging
import sys
import threading
from collections.abc import Iterator

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from sandbox.presigned import Checked
from sandbox.standing import stand

KEY = SECRET = "sandbox"  # noqa: S105  known to all
REGION = "eu-central-1"
BUCKET = "files"


@contextlib.contextmanager
def serve(*buckets: str, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """Serves these buckets, BUCKET where none is named; gives the port."""
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # a line for every request else
    application = Checked(DomainDispatcherApplication(create_backend_app), secrets={KEY: SECRET})
    server = make_server(host, port, application, threaded=True, request_handler=MotoRequestHandler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    port = server.server_port
    try:
        client = boto3.session.Session().client("s3", **options(port))
        # What it keeps belongs to the Python process: a second server finds the first one's bucket.
        with contextlib.closing(client):
            for bucket in buckets or (BUCKET,):
                with contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
                    client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def options(port: int) -> dict[str, str]:
    """How boto3 reaches the server."""
    return {
        "endpoint_url": f"http://127.0.0.1:{port}",
        "region_name": REGION,
        "aws_access_key_id": KEY,
        "aws_secret_access_key": SECRET,
    }


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--host", default="127.0.0.1")
    asked.add_argument("--port", type=int, default=9000)
    asked.add_argument("--bucket", action="append", default=[])
    chosen = asked.parse_args()
    with serve(*chosen.bucket, host=chosen.host, port=chosen.port) as port:
        return stand(f"Listening on http://{chosen.host}:{port}")


if __name__ == "__main__":
    sys.exit(main())
