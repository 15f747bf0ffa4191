"""The local CA of `./run --lan`."""

from __future__ import annotations

import ipaddress

from cryptography import x509

from linli.ops.local_ca import PRIVATE_NETWORKS, LocalCA, lan_names


def test_the_ca_signs_for_private_names_alone(tmp_path):
    ca = LocalCA(tmp_path)
    ca.issue(["192.168.1.20", "house.local"])
    root = x509.load_pem_x509_certificate(ca.certificate.read_bytes())

    allowed = root.extensions.get_extension_for_class(x509.NameConstraints)
    assert allowed.critical and {n.value for n in allowed.value.permitted_subtrees} >= set(PRIVATE_NETWORKS)
    assert root.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
    for key in (ca.ca_key, ca.leaf_key):
        assert key.stat().st_mode & 0o777 == 0o600


def test_a_certificate_is_made_anew_when_the_addresses_change_and_not_before(tmp_path):
    ca = LocalCA(tmp_path)
    assert ca.issue(["192.168.1.20"])
    root = ca.certificate.read_bytes()

    assert not ca.issue(["192.168.1.20"])
    assert ca.issue(["192.168.1.21"])

    assert ca.certificate.read_bytes() == root  # phones that trust it go on trusting it
    assert 300 < ca.days_left() < 398


def test_the_names_for_the_lan_are_private():
    assert lan_names()
    for name in lan_names():
        assert name.endswith(".local") or any(ip_in(name, network) for network in PRIVATE_NETWORKS)


def ip_in(text: str, network: object) -> bool:
    return ipaddress.ip_address(text) in network  # type: ignore[operator]
