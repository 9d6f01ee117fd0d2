"""What can go wrong, as one tree.

::

    EssaysError
    ├── UsageError              the command, the settings or a path are wrong
    │   └── ContentMissing      the content folder is not there
    ├── IndexUnavailable        no generation answers
    │   ├── IndexMissing        nothing was built yet
    │   ├── IndexUnreachable    the cluster that keeps it does not answer, or not us
    │   └── IndexDamaged        a file of the index is not what the writer wrote
    │       └── IndexOutdated   it has another format: another version of this program wrote it
    ├── IndexLocked             another build is writing the same index
    ├── IndexUnwritable         the system does not let us write the index
    ├── FileRefused             a content file is a link that leads where it may not, or no file
    ├── MissingExtra            an optional package that a command needs is not installed
    ├── PullFailed              git could not fetch what was pushed
    ├── QueueUnusable           the queue of builds cannot be read or written
    └── SearchesUnreadable      the file of searches that found nothing is none

Errors of libraries are translated into these where the library is called. What is wrong with a
*content file* is never an exception: it is a :class:`indexer.essay.Problem`, and the build goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class EssaysError(Exception):
    """Something a person should read: ``str(error)`` is one sentence, ``hint`` the way out."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class UsageError(EssaysError):
    """The command, the settings or a path are wrong."""


class ContentMissing(UsageError):
    """The content folder is not there or is not a folder."""


class IndexUnavailable(EssaysError):
    """No generation of the index answers."""


class IndexMissing(IndexUnavailable):
    """Nothing was built yet at this place."""


class IndexUnreachable(IndexUnavailable):
    """The cluster that keeps the index does not answer, or refuses to."""


class IndexDamaged(IndexUnavailable):
    """A file of the index is not what the writer wrote."""


class IndexOutdated(IndexDamaged):
    """The index has another format: another version of this program wrote it."""


class IndexLocked(EssaysError):
    """Another build is writing the same index."""


class IndexUnwritable(EssaysError):
    """No index can be written at this place; ``full`` where space is missing."""

    def __init__(self, message: str, hint: str = "", *, full: bool = False) -> None:
        super().__init__(message, hint)
        self.full = full


class FileRefused(EssaysError):
    """A content file that is not read: a link that leads where it may not, or no regular file.
    Whoever asks makes a problem or a 404 of it."""


class MissingExtra(EssaysError):
    """An optional package that a command needs is not installed."""


@contextmanager
def of_extra(name: str, user: str) -> Iterator[None]:
    """Import in the block what the extra ``name`` installs; ``user`` needs it. Raises
    :class:`MissingExtra` where it is not there.

    >>> with of_extra("metrics", "Metrics"):
    ...     import a_package_that_nobody_has
    Traceback (most recent call last):
    ...
    indexer.errors.MissingExtra: Metrics: a package that is needed is not installed (a_package_that_nobody_has).
    """  # noqa: E501
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("app", "indexer"):
            raise
        raise MissingExtra(
            f"{user}: a package that is needed is not installed ({error.name}).",
            f"Run: pip install 'essay-search[{name}]'",
        ) from error


class PullFailed(EssaysError):
    """Git could not fetch what was pushed."""


class QueueUnusable(EssaysError):
    """The queue of builds cannot be read or written."""


class SearchesUnreadable(EssaysError):
    """The file of remembered searches is not what was written."""
