"""What can go wrong with files, by name."""

from learninghub.errors import Conflict, DomainError, Forbidden, Gone, Invalid, NotFound, Outage, Unavailable


class AssetNotFound(NotFound):
    """There is no such file."""


class EmptyFile(Invalid):
    """The file is empty."""


class UnreadablePicture(Invalid):
    """The file says it is a picture, but no picture can be read from it."""


class PictureTooLarge(Invalid):
    """A picture may have at most 25 megapixels."""


class PicturesUnavailable(Unavailable):
    """Pictures cannot be read just now."""


class TypeNotTaken(Invalid):
    """Files of this type are not taken for this purpose."""


class ChecksumDiffers(Invalid):
    """The file that arrived has another checksum than was told."""


class QuotaExceeded(Forbidden):
    """There is no room left for this file."""


class MalwareFound(Invalid):
    """The file carries malware."""


class ScannerUnavailable(Outage):
    """Files cannot be looked through for malware just now."""


class FileTooLarge(DomainError):
    """The file is larger than was agreed."""

    status = 413


class ForgedAddress(Forbidden):
    """This address was not made by us, or was changed."""


class AddressExpired(Gone):
    """This address has expired; ask for a new one."""


class UploadIncomplete(Conflict):
    """The file has not arrived, or not as announced."""


class UploadClosed(Conflict):
    """This upload is already complete."""


class StillRendering(Unavailable):
    """The picture is being prepared; try again in a moment."""


class AssetInUse(Conflict):
    """Something still uses this file."""


class RangeNotSatisfiable(DomainError):
    """The file does not have these bytes."""

    status = 416

    def __init__(self, size: int) -> None:
        super().__init__()
        self.headers = {"Content-Range": f"bytes */{size}"}


class PurposeNotYours(Forbidden):
    """Files for courses are uploaded by instructors."""
