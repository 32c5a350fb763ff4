"""Which service this process is: said after imports and before the URLs, so that children of one parent differ."""

from learninghub.registry import BY_NAME, Service


class _Shape:
    service: Service | None = None
    is_settled = False


def choose(name: str) -> Service:
    """Makes this process the service of that name; RuntimeError where it is settled that it is another or all."""
    service = BY_NAME[name]
    if _Shape.is_settled and _Shape.service != service:
        raise RuntimeError(f"{name} comes too late: this process has been asked already what it is")
    _Shape.service, _Shape.is_settled = service, True
    return service


def chosen() -> Service | None:
    """This process's service; None where it stands for all thirteen. The first to ask settles it."""
    _Shape.is_settled = True
    return _Shape.service
