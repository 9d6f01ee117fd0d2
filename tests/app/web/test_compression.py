"""What goes over the wire? A text as gzip for those who ask for it, everything else as it is."""

from __future__ import annotations

import gzip

import pytest
from flask.testing import FlaskClient

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize(
    "path", ["/search", "/essay/shap", "/static/style.css", "/static/search.js", "/api/v1/search"]
)
def test_a_text_goes_compressed_to_those_who_can_read_it(client: FlaskClient, path: str) -> None:
    plain, packed = client.get(path, buffered=True), client.get(path, headers=GZIP, buffered=True)
    assert plain.headers.get("Content-Encoding") is None
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.content_length == len(packed.data) < len(plain.data) / 2
    unpacked = gzip.decompress(packed.data)
    assert len(unpacked) == pytest.approx(len(plain.data), abs=8)  # the time it took is said
    for answer in (plain, packed):
        assert answer.vary.find("accept-encoding") >= 0, "a cache keeps both"
        assert answer.mimetype == plain.mimetype


@pytest.mark.parametrize(
    ("path", "accepted"),
    [("/search", "identity"), ("/search", "gzip;q=0"), ("/search", "br"),
     ("/media/birds/owl.png", "gzip"), ("/healthz", "gzip"), ("/static/favicon.svg", "gzip")],
)  # fmt: skip
def test_what_is_refused_no_text_or_short_goes_as_it_is(
    client: FlaskClient, path: str, accepted: str
) -> None:
    answer = client.get(path, headers={"Accept-Encoding": accepted}, buffered=True)
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers


def test_an_error_is_compressed_as_well(client: FlaskClient) -> None:
    answer = client.get("/essay/no-such-essay", headers=GZIP)
    assert answer.status_code == 404
    assert b"Page not found" in gzip.decompress(answer.data)


def test_what_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    """The tag of compressed bytes is a weak one, and known again."""
    first = client.get("/static/style.css", headers=GZIP, buffered=True)
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    known = GZIP | {"If-None-Match": tag}
    again = client.get("/static/style.css", headers=known, buffered=True)
    assert (again.status_code, again.data) == (304, b"")


def test_a_part_of_a_file_is_a_part_of_its_own_bytes(client: FlaskClient) -> None:
    whole = client.get("/static/style.css", buffered=True).data
    wanted = GZIP | {"Range": "bytes=0-1999"}
    part = client.get("/static/style.css", headers=wanted, buffered=True)
    assert part.status_code == 206
    assert part.data == whole[:2000]
    assert "Content-Encoding" not in part.headers
