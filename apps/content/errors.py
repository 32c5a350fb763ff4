"""What can go wrong with lessons and imports, by name."""

from learninghub.errors import Forbidden, Invalid, NotFound


class LessonNotFound(NotFound):
    """There is no such lesson, or it is not yours to see."""


class NotEnrolled(Forbidden):
    """Enrol in the course to see this lesson."""


class FileNotUsable(Invalid):
    """A lesson can only show files that are ready and belong to those who teach the course."""


class DownloadNotFound(NotFound):
    """There is no such download in this lesson."""


class ImportNotFound(NotFound):
    """There is no such import, or it is not yours to see."""


class CourseNoLongerYours(Forbidden):
    """You no longer teach the course that this source became."""


class SourceRefused(Invalid):
    """The course could not be read."""


class NotAnArchive(SourceRefused):
    """The file is neither a tar, tar.gz or zip archive nor a course in one XML file."""


class ArchiveDamaged(SourceRefused):
    """The archive is damaged or cut short."""


class ArchiveEncrypted(SourceRefused):
    """The archive is encrypted."""


class UnsafePath(SourceRefused):
    """The archive holds a path that leads out of it or that no system could store safely."""


class HoldsLink(SourceRefused):
    """The source holds a symbolic or hard link."""


class HoldsSpecialFile(SourceRefused):
    """The source holds something that is neither a file nor a folder."""


class DuplicatePath(SourceRefused):
    """The archive holds the same path twice."""


class TooManyFiles(SourceRefused):
    """The source holds more files than a course may have."""


class TooLarge(SourceRefused):
    """The source, or one file of it, is larger than a course may be."""


class CompressionBomb(SourceRefused):
    """The archive unpacks to far more than its size allows."""


class DeclaresEntities(SourceRefused):
    """An XML file declares a document type or entities, which a course has no need of."""


class MalformedXml(SourceRefused):
    """An XML file that the course depends on cannot be parsed."""


class TooManyElements(SourceRefused):
    """The course has more elements, or nests them deeper, than can be imported."""


class NoCourse(SourceRefused):
    """The source holds no course in a format that is known here."""


class SeveralCourses(SourceRefused):
    """The source holds more than one course."""


class NothingToImport(SourceRefused):
    """Nothing in the course can be taken over."""
