"""`FileID`: the name of a file in a job store, with the size that everyone asks for next."""

from __future__ import annotations

from typing import Any


class FileID(str):
    """A job store file's ID; a plain string with a size in bytes and an executable bit.

    :param fileStoreID: the ID as the job store knows it.
    :param size: the file's size in bytes, or None where it is not known.
    :param executable: whether a copy of the file is to be executable.
    """

    size: int | None
    executable: bool

    def __new__(cls, fileStoreID: str, *args: Any, **kwargs: Any) -> FileID:
        return super().__new__(cls, fileStoreID)

    def __init__(self, fileStoreID: str, size: int | None = None, executable: bool = False) -> None:
        super().__init__()
        self.size = size
        self.executable = executable

    def __reduce__(self) -> tuple[type[FileID], tuple[str, int | None, bool]]:
        return (FileID, (str(self), self.size, self.executable))

    def pack(self) -> str:
        """Return one string from which `unpack` restores the ID, its size and its executable bit."""
        from urllib.parse import quote

        size = "" if self.size is None else str(self.size)
        return f"{size}:{int(self.executable)}:{quote(self, safe='/')}"

    @classmethod
    def unpack(cls, packedFileStoreID: str) -> FileID:
        """Restore what `pack` made.

        :raises ValueError: if the string was not made by `pack`.
        """
        from urllib.parse import unquote

        size, executable, name = packedFileStoreID.split(":", 2)
        return cls(unquote(name), int(size) if size else None, executable == "1")
