"""An S3-shaped server on localhost, which keeps objects in memory and checks no signature."""

import contextlib
from collections.abc import Iterator

import boto3
from moto.server import ThreadedMotoServer

REGION = "eu-central-1"


@contextlib.contextmanager
def serve(*, bucket: str = "files") -> Iterator[int]:
    """Serves one bucket; gives the port."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    try:
        client = boto3.session.Session().client("s3", **options(port))
        # What it keeps belongs to the Python process: a second server finds the first one's bucket.
        with contextlib.closing(client), contextlib.suppress(client.exceptions.BucketAlreadyOwnedByYou):
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield port
    finally:
        server.stop()


def options(port: int) -> dict[str, str]:
    """How boto3 reaches the server."""
    return {
        "endpoint_url": f"http://127.0.0.1:{port}",
        "region_name": REGION,
        "aws_access_key_id": "sandbox",
        "aws_secret_access_key": "sandbox",
    }
