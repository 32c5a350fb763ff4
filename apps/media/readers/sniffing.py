"""What some bytes are, told from the bytes alone."""

import json
from typing import IO

import filetype

HEAD_BYTES = 8192
_MARKUP = (b"<!doctype html", b"<html", b"<script", b"<body", b"<head", b"<iframe", b"<style", b"<img", b"<a ")
_BY_ENDING = {"csv": "text/csv", "css": "text/css", "md": "text/markdown", "srt": "application/x-subrip"}
_SAME = {"audio/x-wav": "audio/wav", "audio/m4a": "audio/mp4", "video/x-m4v": "video/mp4"}


def sniff(content: IO[bytes], *, filename: str) -> str:
    """The media type of the bytes; the name only tells kinds of plain text apart. Leaves the file at its start."""
    content.seek(0)
    head = content.read(HEAD_BYTES)
    content.seek(0)
    if (markup := _markup(head)) is not None:
        return markup
    guessed = filetype.guess(head)
    if guessed is not None:
        media_type: str = guessed.mime
        return _SAME.get(media_type, media_type)
    return _text(head, filename) if _is_text(head) else "application/octet-stream"


def _markup(head: bytes) -> str | None:
    """Programs in the clothes of documents, wherever a browser would look for them."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        start = start[2:].replace(b"\x00", b"").lstrip()
    if not start.startswith(b"<"):
        return None
    if b"<svg" in start[:2048]:
        return "image/svg+xml"
    if any(mark in start[:2048] for mark in _MARKUP):
        return "text/html"
    return "application/xml" if start.startswith(b"<?xml") else None


def _is_text(head: bytes) -> bool:
    if b"\x00" in head:
        return False
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        # The head may end within a character.
        return len(head) == HEAD_BYTES and error.start >= HEAD_BYTES - 4
    return True


def _text(head: bytes, filename: str) -> str:
    if head.removeprefix(b"\xef\xbb\xbf").startswith(b"WEBVTT"):
        return "text/vtt"
    ending = filename.rpartition(".")[2].lower()
    if ending == "json" and (len(head) == HEAD_BYTES or _is_json(head)):
        return "application/json"
    return _BY_ENDING.get(ending, "text/plain")


def _is_json(text: bytes) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
