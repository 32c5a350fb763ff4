"""Reads a course in OLX (a folder of XML files, or the single-file form) into the frozen types of an import."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from apps.content import errors
from apps.content.readers import markup, statics
from apps.content.readers.archive import Source
from apps.content.readers.markup import Element
from apps.content.readers.olx_blocks import Block, Blocks
from apps.content.readers.olx_outline import Outline
from apps.content.readers.olx_rest import MAX_SUMMARY, Rest
from apps.content.readers.olx_units import Units
from apps.content.readers.report import Report
from apps.content.readers.statics import Statics
from apps.content.types import ImportedCourse, ImportedFile, ImportedModule

FORMAT: Final = "olx"
MIN_SUMMARY: Final = 40
SINGLE_FILE_ROOTS: Final = frozenset({"xbundle", "course"})
# Where Open edX looks for the picture of a course that names none, and where older courses kept it.
DEFAULT_COVERS: Final = ("images_course_image.jpg", "images/course_image.jpg")

_SUMMARY = "about/short_description.html"
_OVERVIEW = "about/overview.html"


def is_olx(source: Source) -> bool:
    """Tell whether the source looks like OLX: a `course.xml`, or one XML file and nothing else."""
    return any(PurePosixPath(path).name == "course.xml" for path in source.files) or _only_file(source) is not None


def read_course(source: Source) -> ImportedCourse:
    """Read the course; a child of SourceRefused where there is none that could be taken over."""
    reader = _CourseReader(source)
    course = reader.read()
    if not course.lessons:
        raise errors.NothingToImport("None of its pages and problems can be taken over.")
    return course


class _CourseReader:
    def __init__(self, source: Source) -> None:
        self._whole = source
        self._folder, self._entry = _find_entry(source)
        self._source = source.below(self._folder)
        self._report = Report()
        self._statics = Statics.among(self._source.files)
        self._blocks = Blocks(self._source, self._report)
        self._texts: dict[str, str] = {}

    def read(self) -> ImportedCourse:
        root = self._blocks.read_xml(self._entry)
        is_single_file = markup.tag_of(root) == "xbundle"
        element = root.find("course") if is_single_file else root
        if element is None or markup.tag_of(element) != "course":
            raise errors.NoCourse(f"{self._entry} holds no course.")
        run = element.get("url_name") or element.get("semester") or ""
        policy = self._read_policy(run, root if is_single_file else None)
        self._blocks.use_policy(policy)
        course = self._course(element)
        self._report.open(course.source)
        units = Units(self._blocks, self._statics)
        modules = Outline(self._blocks, units).read(course)
        stated = policy.get(f"course/{run}", {})
        title = course.title.strip() or str(element.get("course") or course.element.get("number") or "Course")
        return self._finish(course, element, modules, title=title, stated=stated)

    def _course(self, element: Element) -> Block:
        found = self._blocks.resolve(element, path=self._entry, parent_key="")
        if found is None or markup.is_blank(found.element):
            raise errors.NoCourse(f"{self._entry} names a course that is not in the source or is empty.")
        if found.path != self._entry:
            self._report.settle("file", self._entry, "", changes=[f"it names the course, which is in {found.path}"])
        return found

    def _finish(
        self,
        course: Block,
        entry: Element,
        modules: tuple[ImportedModule, ...],
        *,
        title: str,
        stated: Mapping[str, Any],
    ) -> ImportedCourse:
        rest = Rest(self._whole, self._folder, self._blocks, self._statics, self._texts)
        description = rest.description(_OVERVIEW)
        summary = rest.summary(_SUMMARY) or _first_sentences(description)
        named = str(stated.get("course_image") or course.element.get("course_image") or "")
        cover = self._cover(named)
        attributes: dict[str, str] = {
            str(name): str(value) for name, value in [*course.element.items(), *entry.items()]
        }
        changes = [] if not named or cover else [f"its picture {named} is not in the source"]
        self._report.settle("course", course.source, title, changes=changes)
        rest.sweep()
        parts = (attributes.get("org", ""), attributes.get("course") or attributes.get("number", ""))
        run = attributes.get("url_name") or attributes.get("semester", "")
        return ImportedCourse(
            format=FORMAT,
            key="/".join(str(part) for part in (*parts, run))[:300],
            title=title,
            summary=summary,
            description=description,
            language=_language(str(stated.get("language") or attributes.get("language") or "")),
            cover=cover,
            modules=modules,
            files=tuple(self._file(path) for path in self._statics.used),
            report=self._report.lines(),
        )

    def _cover(self, named: str) -> str | None:
        for candidate in (named, *DEFAULT_COVERS):
            path = self._statics.find(candidate) if candidate else None
            if path and PurePosixPath(path).suffix.lower() in statics.IMAGES:
                self._statics.used[path] = None
                return path
        return None

    def _file(self, path: str) -> ImportedFile:
        location = self._source.location(path)
        with location.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        return ImportedFile(
            path=path,
            filename=PurePosixPath(path).name,
            sha256=digest,
            size=self._source.files[path],
            location=location,
        )

    def _read_policy(self, run: str, bundle: Element | None) -> dict[str, dict[str, Any]]:
        if bundle is not None:
            return self._read_bundle(bundle)
        for path in (f"policies/{run}/policy.json", f"policies/{run}.json"):
            if path in self._source.files:
                self._blocks.visited.add(path)
                text = markup.decode(self._source.read(path, limit=markup.MAX_MARKUP))
                policy = _json_object(text)
                if policy is None:
                    self._report.leave_out("file", path, "", reason="it cannot be parsed")
                    return {}
                words = "names and the picture were read; dates, grading and tabs have no counterpart here yet"
                self._report.settle("file", path, "", changes=[words])
                return policy
        return {}

    def _read_bundle(self, bundle: Element) -> dict[str, dict[str, Any]]:
        policy: dict[str, dict[str, Any]] = {}
        for element in bundle.iterfind("metadata//*"):
            source = self._report.locate(self._entry, element)
            name = element.get("filename") or ""
            if element.tag == "policy":
                policy |= _json_object(markup.raw_text(element)) or {}
                words = "names and the picture were read; dates, grading and tabs have no counterpart here yet"
                self._report.settle("policy", source, "", changes=[words])
            elif element.tag == "file" and f"about/{name}" in {_SUMMARY, _OVERVIEW}:
                self._texts[f"about/{name}"] = markup.raw_text(element)
                self._report.settle("about", source, name)
            elif element.tag not in {"policies", "about"}:
                self._report.leave_out(str(element.tag), source, name, reason="it has no counterpart here")
        return policy


def _first_sentences(description: str) -> str:
    # A course cannot be published without a summary; headings say too little.
    telling = (line for line in description.split("\n") if len(line) >= MIN_SUMMARY)
    return next(telling, "")[:MAX_SUMMARY]


def _language(tag: str) -> str:
    tag = tag.replace("_", "-")
    return tag if re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?", tag) else "en"


def _find_entry(source: Source) -> tuple[str, str]:
    found = sorted(
        (PurePosixPath(path) for path in source.files if PurePosixPath(path).name == "course.xml"),
        key=lambda path: (len(path.parts), str(path)),
    )
    if len(found) > 1 and len(found[0].parts) == len(found[1].parts):
        raise errors.SeveralCourses(f"{found[0]} and {found[1]} both name a course.")
    if found:
        folder = found[0].parent.as_posix()
        return "" if folder == "." else folder, "course.xml"
    only = _only_file(source)
    if only is None:
        raise errors.NoCourse("There is no course.xml in the source.")
    folder = PurePosixPath(only).parent.as_posix()
    return "" if folder == "." else folder, PurePosixPath(only).name


def _only_file(source: Source) -> str | None:
    plain = [path for path in source.files if not PurePosixPath(path).name.startswith(".")]
    return plain[0] if len(plain) == 1 and plain[0].lower().endswith(".xml") else None


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    return {str(name): value if isinstance(value, dict) else {} for name, value in found.items()}
