"""An S3 server in its own process that checks signatures: moto, with one user who has all rights."""

import json
import os
import socket
import subprocess
import sys
from contextlib import suppress
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import boto3
from botocore.config import Config

from tests.harness.deadline import eventually
from tests.harness.server import free_port

NAME = "chat-files"
UNCHECKED = 4  # calls without a signature: create the user, the policy, the key and the bucket
START_SECONDS = 30.0
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


class BucketServer:
    """`url` is a value for FILES_URL."""

    def start(self) -> Self:
        self.port = free_port()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        environment = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(UNCHECKED)}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(self._listens, START_SECONDS)
        self._prepare()
        return self

    def _listens(self) -> bool:
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def _prepare(self) -> None:
        anybody = {"aws_access_key_id": "nobody", "aws_secret_access_key": "nothing"}
        iam = self._client("iam", **anybody)
        iam.create_user(UserName="chat")
        iam.put_user_policy(UserName="chat", PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING))
        made = iam.create_access_key(UserName="chat")["AccessKey"]
        self.key, self.secret = made["AccessKeyId"], made["SecretAccessKey"]
        self._client("s3", **anybody).create_bucket(Bucket=NAME)
        self.url = self.url_with(self.key, self.secret)

    def _client(self, service: str, **credentials: str) -> Any:
        endpoint = f"http://127.0.0.1:{self.port}"
        config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
        return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", config=config, **credentials)

    def url_with(self, key: str, secret: str, bucket: str = NAME) -> str:
        return f"s3://{quote(key, safe='')}:{quote(secret, safe='')}@127.0.0.1:{self.port}/{bucket}?region=us-east-1&tls=0"

    def keys(self) -> set[str]:
        """The keys in the bucket."""
        client = self._client("s3", aws_access_key_id=self.key, aws_secret_access_key=self.secret)
        return {found["Key"] for found in client.list_objects_v2(Bucket=NAME).get("Contents", [])}

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()
