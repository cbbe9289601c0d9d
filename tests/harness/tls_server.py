"""A server that terminates TLS in gunicorn, with a self-signed certificate."""

import ssl
import subprocess
from pathlib import Path

import httpx

from tests.harness.server import PROBE_SECONDS, Server

DAYS = "2"


class Certificate:
    """A key and a certificate for 127.0.0.1 in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.key, self.file = folder / "key.pem", folder / "certificate.pem"
        new = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", DAYS]
        named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        subprocess.run([*new, *named, "-keyout", str(self.key), "-out", str(self.file)], check=True, capture_output=True)

    @property
    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


class TlsServer(Server):
    """The same gunicorn, with TLS."""

    def __init__(self, database_url: str, redis_url: str, certificate: Certificate) -> None:
        arguments = f"--certfile={certificate.file} --keyfile={certificate.key}"
        super().__init__(database_url, redis_url, settings={"GUNICORN_CMD_ARGS": arguments})
        self.url = self.url.replace("http:", "https:")
        self.certificate = certificate

    def transport(self) -> httpx.HTTPTransport:
        """For a client that trusts the certificate."""
        return httpx.HTTPTransport(verify=self.certificate.trusted)

    def is_ready(self) -> bool:
        assert self.is_running(), "gunicorn has ended"
        try:
            with httpx.Client(transport=self.transport(), timeout=PROBE_SECONDS, trust_env=False) as http:
                return http.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False
