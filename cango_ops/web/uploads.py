"""Turns an upload away by its announced size, before a byte of it is kept; nobody has to send larger files."""

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

LIMIT_BYTES: Final = 5 << 20


class Limited(FileUploadHandler):
    """The first of the upload handlers."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, boundary: Any, encoding: str | None = None
    ) -> None:
        if content_length > LIMIT_BYTES:
            raise RequestDataTooBig(f"Files of at most {LIMIT_BYTES >> 20} MiB are taken.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
