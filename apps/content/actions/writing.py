"""The writer of imports: brings a course to what its source says, through the doors, by the difference alone."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.assessments import api as assessments
from apps.content.actions.ledger import Ledger, digest_of
from apps.content.actions.lessons import sync_resources, write_lesson
from apps.content.actions.texts import resolve, resolve_quiz
from apps.content.errors import CourseNoLongerYours
from apps.content.models import CourseSource
from apps.content.queries.imports import COVER, FILE
from apps.content.readers.statics import path_of
from apps.content.types import BodyFormat, ImportedCourse, ImportedLesson, ImportedModule, ImportResult
from apps.courses import api as courses
from apps.courses.types import Outline
from apps.media import api as media

MODULE, LESSON, BODY, QUIZ, COURSE, ORDER, SHOWN_COVER = (
    "module",
    "lesson",
    "body",
    "quiz",
    "course",
    "order",
    "shown_cover",
)


@transaction.atomic
def write_course(*, imported: ImportedCourse, assets: Mapping[str, UUID], by: UUID, now: datetime) -> ImportResult:
    """Makes the course that the source says, or brings the one it became to it; all or nothing.

    `assets` names the kept file of each path. The same source again: nothing is written and no fact stated. Lessons
    keep their ids, those that left the source are retired, what people changed or added by hand stays. Locks the
    source, then the course. Raises CourseNoLongerYours, and what the doors raise.
    """
    digest = digest_of(_words(imported), imported.modules, sorted(assets.items()))
    source = _locked_source(imported, by=by)
    course_id = _living_course(source, by=by)
    if course_id and source.digest == digest:
        return ImportResult(course_id=course_id, written=0, report=imported.report)
    is_new = course_id is None
    if course_id is None:
        course_id = _new_course(source, imported, by=by, now=now)
    courses.hold_course(course_id=course_id)
    writer = _Writer(source, course_id, imported, assets, by=by, now=now, written=int(is_new))
    writer.write()
    source.digest = digest
    source.save(update_fields=["digest", "updated_at"])
    return ImportResult(course_id=course_id, written=writer.written, report=imported.report)


def _locked_source(imported: ImportedCourse, *, by: UUID) -> CourseSource:
    rows = CourseSource.objects.filter(owner_id=by, format=imported.format, key=imported.key)
    found = rows.select_for_update(no_key=True).first()
    if found is None:
        new = CourseSource(owner_id=by, format=imported.format, key=imported.key)
        # Two first imports at once: the second waits for the first one's row and goes on from what that made.
        CourseSource.objects.bulk_create([new], ignore_conflicts=True)
        found = rows.select_for_update(no_key=True).get()
    return found


def _living_course(source: CourseSource, *, by: UUID) -> UUID | None:
    course_id = source.course_id
    if course_id is None or not courses.get_cards(ids=[course_id]):
        return None
    if not courses.teaches(user_id=by, course_id=course_id):
        raise CourseNoLongerYours
    return course_id


def _new_course(source: CourseSource, imported: ImportedCourse, *, by: UUID, now: datetime) -> UUID:
    course_id = courses.create_course(
        title=imported.title,
        summary=imported.summary,
        description=imported.description,
        language=imported.language,
        by=by,
        now=now,
    )
    # Where an earlier course was deleted, nothing of it is known any more.
    source.elements.all().delete()
    source.course_id = course_id
    source.save(update_fields=["course", "updated_at"])
    return course_id


def _words(imported: ImportedCourse) -> tuple[str, ...]:
    return imported.title, imported.summary, imported.description, imported.language


@dataclass(frozen=True, slots=True)
class _Wanted:
    lesson: ImportedLesson
    digests: Mapping[str, str]


@dataclass(slots=True)
class _Writer:
    source: CourseSource
    course_id: UUID
    imported: ImportedCourse
    assets: Mapping[str, UUID]
    _: KW_ONLY
    by: UUID
    now: datetime
    written: int
    ledger: Ledger = field(init=False)
    modules: dict[str, UUID] = field(default_factory=dict)
    lessons: dict[str, UUID] = field(default_factory=dict)
    alive: set[UUID] = field(default_factory=set)

    def write(self) -> None:
        self.ledger = Ledger(self.source)
        outline = courses.get_outline(course_id=self.course_id)
        self.alive = {module.id for module in outline.modules} | {lesson.id for lesson in outline.lessons}
        self._find_renamed()
        self._write_words()
        for module in self.imported.modules:
            self._write_module(module)
        self._order()
        # Last, so that a module whose lessons have moved on is empty by now.
        self._retire()
        self._note_files()
        self._write_cover()
        self.ledger.keep()

    def _find_renamed(self) -> None:
        # Another form of the same course (folder, single file) names its elements otherwise; their titles stay.
        self.ledger.rename(MODULE, {module.key: digest_of(module.title) for module in self.imported.modules})
        titles = {lesson.key: digest_of(lesson.title) for lesson in self.imported.lessons}
        self.ledger.rename(LESSON, titles, also=[BODY, QUIZ])

    def _write_words(self) -> None:
        digest = digest_of(_words(self.imported))
        if self.ledger.is_same(COURSE, "", digest):
            return
        if self.ledger.target(COURSE, ""):
            courses.edit_course(
                course_id=self.course_id,
                title=self.imported.title,
                summary=self.imported.summary,
                description=self.imported.description,
                language=self.imported.language,
                by=self.by,
                now=self.now,
            )
            self.written += 1
        self.ledger.note(COURSE, "", digest, self.course_id)

    def _write_module(self, module: ImportedModule) -> None:
        digest = digest_of(module.title)
        is_same = self.ledger.is_same(MODULE, module.key, digest)
        module_id = self.ledger.target(MODULE, module.key)
        if module_id in self.alive and not is_same:
            courses.edit_module(module_id=module_id, title=module.title, by=self.by, now=self.now)
            self.written += 1
        for lesson in module.lessons:
            wanted = _Wanted(lesson, self._digests(lesson))
            if self._was_removed_by_hand(wanted):
                continue
            if module_id not in self.alive:
                module_id = courses.add_module(course_id=self.course_id, title=module.title, by=self.by, now=self.now)
                self.alive.add(module_id)
                self.written += 1
            self.lessons[lesson.key] = self._write_lesson(wanted, module_id=module_id)
        if module_id:
            self.modules[module.key] = module_id
            self.ledger.note(MODULE, module.key, digest, module_id)

    def _digests(self, lesson: ImportedLesson) -> dict[str, str]:
        downloads = [(self.assets.get(download.path), download.title) for download in lesson.downloads]
        return {
            LESSON: digest_of(lesson.title),
            BODY: digest_of(
                resolve(lesson.html, assets=self.assets), self._film_id(lesson) or lesson.video_url, downloads
            ),
            QUIZ: digest_of(resolve_quiz(lesson.quiz, assets=self.assets)),
        }

    def _was_removed_by_hand(self, wanted: _Wanted) -> bool:
        # What people took out comes back only when the source has something new to say about it.
        same = [self.ledger.is_same(kind, wanted.lesson.key, digest) for kind, digest in wanted.digests.items()]
        return all(same) and self.ledger.target(LESSON, wanted.lesson.key) not in self.alive

    def _write_lesson(self, wanted: _Wanted, *, module_id: UUID) -> UUID:
        lesson, digests = wanted.lesson, wanted.digests
        lesson_id = self.ledger.target(LESSON, lesson.key)
        is_new = lesson_id is None or lesson_id not in self.alive
        if lesson_id is None or is_new:
            lesson_id = courses.add_lesson(module_id=module_id, title=lesson.title, by=self.by, now=self.now)
            self.alive.add(lesson_id)
            self.written += 1
        elif not self.ledger.is_same(LESSON, lesson.key, digests[LESSON]):
            courses.edit_lesson(lesson_id=lesson_id, by=self.by, now=self.now, title=lesson.title)
            self.written += 1
        if is_new or not self.ledger.is_same(BODY, lesson.key, digests[BODY]):
            self._write_body(lesson, lesson_id)
        if is_new or not self.ledger.is_same(QUIZ, lesson.key, digests[QUIZ]):
            self._write_quiz(lesson, lesson_id, is_new=is_new)
        for kind, digest in digests.items():
            self.ledger.note(kind, lesson.key, digest, lesson_id)
        return lesson_id

    def _film_id(self, lesson: ImportedLesson) -> UUID | None:
        return self.assets.get(path_of(lesson.video_url) or "")

    def _write_body(self, lesson: ImportedLesson, lesson_id: UUID) -> None:
        film_id = self._film_id(lesson)
        film = media.get_asset(asset_id=film_id) if film_id else None
        write_lesson(
            lesson_id=lesson_id,
            source=resolve(lesson.html, assets=self.assets),
            written_in=BodyFormat.HTML,
            video_url="" if path_of(lesson.video_url) else lesson.video_url,
            film_id=film.id if film and film.is_film else None,
            by=self.by,
            now=self.now,
        )
        wanted = {
            self.assets[download.path]: download.title for download in lesson.downloads if download.path in self.assets
        }
        if film and not film.is_film:  # it only had the name of one
            wanted.setdefault(film.id, film.filename)
        self.written += 1 + sync_resources(lesson_id=lesson_id, wanted=wanted, by=self.by, now=self.now)

    def _write_quiz(self, lesson: ImportedLesson, lesson_id: UUID, *, is_new: bool) -> None:
        quiz = resolve_quiz(lesson.quiz, assets=self.assets)
        if quiz:
            synced = assessments.sync_quiz(lesson_id=lesson_id, spec=quiz, by=self.by, now=self.now)
            self.written += synced.written
        elif not is_new:
            assessments.remove_quiz(lesson_id=lesson_id, by=self.by, now=self.now)
            self.written += 1

    def _retire(self) -> None:
        for lesson_id in self.ledger.gone(LESSON).values():
            if lesson_id in self.alive:
                courses.remove_lesson(lesson_id=lesson_id, by=self.by, now=self.now)
                self.written += 1
        outline = courses.get_outline(course_id=self.course_id)
        left = set(self.ledger.gone(MODULE).values())
        for module in outline.modules:
            if module.id in left and not module.lessons:
                courses.remove_module(module_id=module.id, by=self.by, now=self.now)
                self.written += 1

    def _order(self) -> None:
        order = [(module.key, [lesson.key for lesson in module.lessons]) for module in self.imported.modules]
        digest = digest_of(order)
        if not self.ledger.is_same(ORDER, "", digest):
            outline = courses.get_outline(course_id=self.course_id)
            wanted = self._wanted_order(outline)
            if wanted != [(module.id, [lesson.id for lesson in module.lessons]) for module in outline.modules]:
                courses.reorder(course_id=self.course_id, modules=wanted, by=self.by, now=self.now)
                self.written += 1
        self.ledger.note(ORDER, "", digest, self.course_id)

    def _wanted_order(self, outline: Outline) -> list[tuple[UUID, list[UUID]]]:
        """The source's modules and lessons in its order; what people added by hand stays, after them."""
        placed = {
            self.modules[module.key]: [self.lessons[item.key] for item in module.lessons if item.key in self.lessons]
            for module in self.imported.modules
            if module.key in self.modules
        }
        ours = {lesson_id for lesson_ids in placed.values() for lesson_id in lesson_ids}
        present = {module.id: [lesson.id for lesson in module.lessons] for module in outline.modules}
        wanted = [module_id for module_id in placed if module_id in present]
        wanted += [module_id for module_id in present if module_id not in placed]
        return [
            (
                module_id,
                [*placed.get(module_id, []), *(key for key in present[module_id] if key not in ours)],
            )
            for module_id in wanted
        ]

    def _note_files(self) -> None:
        for file in self.imported.files:
            if file.path in self.assets:
                kind = COVER if file.path == self.imported.cover else FILE
                self.ledger.note(kind, file.path, file.sha256, self.assets[file.path])

    def _write_cover(self) -> None:
        asset_id = self.assets.get(self.imported.cover or "")
        digest = digest_of(asset_id)
        if not self.ledger.is_same(SHOWN_COVER, "", digest) and (asset_id or self.ledger.target(SHOWN_COVER, "")):
            courses.set_cover(course_id=self.course_id, asset_id=asset_id, by=self.by, now=self.now)
            self.written += 1
        self.ledger.note(SHOWN_COVER, "", digest, self.course_id)
