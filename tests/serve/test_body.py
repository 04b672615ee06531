"""A photo cut off by a lost signal is refused, whatever the server says about the stream."""

from io import BytesIO

from werkzeug.exceptions import ClientDisconnected
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request, Response

from app.web.body import KnownLength


def _read(body: bytes, length: str) -> str:
    @Request.application
    def read(request: Request) -> Response:
        try:
            return Response(str(len(request.stream.read())))
        except ClientDisconnected:
            return Response("cut off")

    environ = EnvironBuilder(method="POST").get_environ() | {
        "wsgi.input": BytesIO(body),
        "wsgi.input_terminated": True,
        "CONTENT_LENGTH": length,
    }
    return b"".join(KnownLength(read)(environ, lambda *_: lambda _: None)).decode()


def test_a_body_shorter_than_its_length_is_cut_off() -> None:
    assert _read(b"a" * 300, "1000") == "cut off"


def test_a_whole_body_arrives_whole() -> None:
    assert _read(b"a" * 1000, "1000") == "1000"


def test_a_body_sent_in_chunks_has_no_length_and_arrives() -> None:
    assert _read(b"a" * 1000, "") == "1000"
