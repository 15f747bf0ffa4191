"""A certificate authority of this one machine, so that phones in the same network get https.

Browsers give camera, offline storage and our cookies to https alone (and to localhost). The CA may sign for private
addresses and local names only, so that its key, if it is ever stolen, opens nothing on the internet.
"""

from __future__ import annotations

import array
import datetime as dt
import fcntl
import http.server
import ipaddress
import os
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_DAYS, LEAF_DAYS = 3650, 397  # phones refuse longer server certificates
RENEW_DAYS = 30
PRIVATE_NETWORKS = [
    ipaddress.ip_network(text)
    for text in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10")
]
LOCAL_DOMAINS = ("localhost", "local", "lan", "home.arpa")
SIOCGIFCONF, IFREQ_BYTES = 0x8912, 40


def lan_names() -> list[str]:
    """How others in the network reach this machine: its private IPv4 addresses, then its name under .local.

    The address of the default route comes first; a machine without a network has 127.0.0.1.
    """
    addresses = [text for text in _addresses() if not text.startswith(("127.", "169.254.")) and _is_private(text)]
    host = socket.gethostname().split(".")[0].lower()
    names = [*sorted(addresses, key=_route_first()), *([f"{host}.local"] if host and host != "localhost" else [])]
    return names if addresses else ["127.0.0.1", *names]


class LocalCA:
    """The CA kept in `folder`: `ca.crt` for phones, keys 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate, self.ca_key = folder / "ca.crt", folder / "ca.key"
        self.chain, self.leaf_key = folder / "server.crt", folder / "server.key"

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the CA's certificate, as phones show it."""
        digest = _load(self.certificate).fingerprint(hashes.SHA256()).hex().upper()
        return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))

    def days_left(self) -> int:
        """Whole days until the server's certificate ends; negative when it has."""
        return (_load(self.chain).not_valid_after_utc - _now()).days

    def issue(self, names: list[str]) -> bool:
        """See to it that the server's certificate covers exactly `names` and localhost; True when one was made."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not (self.certificate.exists() and self.ca_key.exists()) or _ends_soon(_load(self.certificate)):
            self._make_ca()
        wanted = {"localhost", "127.0.0.1", *names}
        if self.chain.exists() and self.leaf_key.exists():
            held = _load(self.chain)
            is_ours = held.issuer == _load(self.certificate).subject
            if is_ours and _names_of(held) == wanted and not _ends_soon(held):
                return False
        self._make_leaf(sorted(wanted))
        return True

    def _make_ca(self) -> None:
        key, serial = ec.generate_private_key(ec.SECP256R1()), x509.random_serial_number()
        # The serial is part of the name: a CA made anew is another one to every phone.
        name = x509.Name(
            [x509.NameAttribute(NameOID.COMMON_NAME, f"linli {socket.gethostname()} {serial % 10**6:06d}"[:64])]
        )
        allowed: list[x509.GeneralName] = [x509.DNSName(domain) for domain in LOCAL_DOMAINS]
        allowed += [x509.IPAddress(network) for network in PRIVATE_NETWORKS]
        certificate = (
            _builder(name, name, key, CA_DAYS)
            .serial_number(serial)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .add_extension(x509.NameConstraints(permitted_subtrees=allowed, excluded_subtrees=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        _write(self.ca_key, _pem(key), 0o600)
        _write(self.certificate, certificate.public_bytes(serialization.Encoding.PEM), 0o644)

    def _make_leaf(self, names: list[str]) -> None:
        ca, ca_key = _load(self.certificate), serialization.load_pem_private_key(self.ca_key.read_bytes(), None)
        assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "linli")])
        certificate = (
            _builder(subject, ca.subject, key, LEAF_DAYS)
            .serial_number(x509.random_serial_number())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
            .sign(ca_key, hashes.SHA256())
        )
        _write(self.leaf_key, _pem(key), 0o600)
        pem = serialization.Encoding.PEM
        _write(self.chain, certificate.public_bytes(pem) + ca.public_bytes(pem), 0o644)


def serve(certificate: Path, port: int) -> None:
    """Give `certificate`, and nothing else, to whoever asks over plain http; people compare its fingerprint."""
    body = certificate.read_bytes()

    class Page(http.server.BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/linli-ca.crt" else 404)
            self.send_header("Content-Type", "application/x-x509-ca-cert")
            self.end_headers()
            if self.path == "/linli-ca.crt":
                self.wfile.write(body)

        def log_message(self, *_args: Any) -> None:
            pass

    http.server.ThreadingHTTPServer(("0.0.0.0", port), Page).serve_forever()  # noqa: S104 - for phones


# -- certificates


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, days: int
) -> x509.CertificateBuilder:
    now = _now()
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .not_valid_before(now - dt.timedelta(days=1))  # phones' clocks are late, too
        .not_valid_after(now + dt.timedelta(days=days - 1))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _names_of(certificate: x509.Certificate) -> set[str]:
    held = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in held}


def _now() -> dt.datetime:
    # Certificates live in real time, whatever clock a demo or a test has set.
    return dt.datetime.fromtimestamp(time.time(), dt.UTC)


def _ends_soon(certificate: x509.Certificate) -> bool:
    return certificate.not_valid_after_utc - _now() < dt.timedelta(days=RENEW_DAYS)


def _load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    form = serialization.PrivateFormat.PKCS8  # the only one granian reads
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def _write(path: Path, content: bytes, mode: int) -> None:
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    new.rename(path)


# -- this machine's addresses


def _is_private(address: str) -> bool:
    return any(ipaddress.ip_address(address) in network for network in PRIVATE_NETWORKS)


def _addresses() -> set[str]:
    """All IPv4 addresses of this machine: from the interfaces on Linux, else as its name resolves."""
    found = {_address_towards("192.0.2.1")} - {""}
    with suppress(OSError):
        found |= {str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    if sys.platform == "linux":
        buffer = array.array("B", bytes(IFREQ_BYTES * 64))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            asked = struct.pack("iL", len(buffer), buffer.buffer_info()[0])
            used = struct.unpack("iL", fcntl.ioctl(probe.fileno(), SIOCGIFCONF, asked))[0]
        held = buffer.tobytes()[:used]
        found |= {socket.inet_ntoa(held[i + 20 : i + 24]) for i in range(0, used, IFREQ_BYTES)}
    return found


def _address_towards(target: str) -> str:
    """Our address on the way to `target`; connecting a datagram socket sends nothing. "" without a route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((target, 9))
            return str(probe.getsockname()[0])
        except OSError:
            return ""


def _route_first() -> Any:
    main = _address_towards("192.0.2.1")
    return lambda address: (address != main, address)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    serve(Path(sys.argv[1]), int(sys.argv[2]))
