"""The S3 server of the tests: MinIO's own wherever the run demands it and Go is there."""

import io
import os
import shutil

import pytest
from minio import Minio

from tests.s3 import MINIO, S3Server


@pytest.mark.s3
def test_the_s3_server_keeps_what_it_is_given(s3_server: S3Server) -> None:
    client = Minio(
        s3_server.endpoint.removeprefix("http://"),
        access_key=s3_server.access_key,
        secret_key=s3_server.secret_key,
        secure=False,
        region="us-east-1",
    )
    client.make_bucket("a-bucket")
    client.put_object("a-bucket", "key", io.BytesIO(b"content"), 7)
    answer = client.get_object("a-bucket", "key")
    try:
        assert answer.read() == b"content"
    finally:
        answer.close()
        answer.release_conn()


@pytest.mark.skipif(not os.environ.get("REQUIRE_S3"), reason="asked for by REQUIRE_S3=1 only")
@pytest.mark.skipif(shutil.which("go") is None, reason="without Go there is no MinIO, only moto")
def test_where_s3_is_required_and_go_is_there_the_server_is_minio(s3_server: S3Server) -> None:
    assert s3_server.kind == "minio", f"{MINIO} was not built; see .tools/minio.log"
