"""The bad line of `make soak` tells requests and answers apart as it must."""

import pytest

from tools.soak.proxy import Request, is_complete


def test_a_request_goes_on_alone_and_its_address_has_no_ids() -> None:
    first = b"PUT /sync/photos/0b6a2f0e-1111-4111-8111-111111111111?x=1 HTTP/1.1\r\n"
    request = Request.read(first + b"Host: a\r\nConnection: keep-alive\r\nContent-Length: 12\r\n\r\n")
    assert (request.method, request.length, request.is_write) == ("PUT", 12, True)
    assert request.shape == "PUT /sync/photos/ID"
    assert request.head.endswith(b"Host: a\r\nContent-Length: 12\r\nConnection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("answer", "whole"),
    [
        (b"", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{", False),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", True),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", False),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
    ],
)
def test_half_an_answer_is_known_from_a_whole_one(answer: bytes, whole: bool) -> None:
    assert is_complete(answer) is whole
