from tests.fixtures.s3 import s3_server  # noqa: F401 - a fixture
