# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lab's own certificate authority."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from .files import write_private

if TYPE_CHECKING:
    import trustme


@dataclass(frozen=True)
class CertificateFiles:
    """A certificate and its key, in PEM."""

    certificate: Path
    private_key: Path


class Authority:
    """Issues the lab's certificates; made once per lab and kept in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _ca(self) -> trustme.CA:
        # Here, because most commands issue nothing and should not wait for the import.
        import trustme

        certificate = self._folder / "ca.pem"
        key = self._folder / "ca.key"
        if certificate.exists():
            return trustme.CA.from_pem(certificate.read_bytes(), key.read_bytes())
        ca = trustme.CA(
            organization_name="Rehearsal lab", organization_unit_name="tenantops.migration"
        )
        write_private(key, ca.private_key_pem.bytes().decode("ascii"))
        write_private(certificate, ca.cert_pem.bytes().decode("ascii"))
        return ca

    def server_certificate(self, name: str, identities: Sequence[str]) -> CertificateFiles:
        """Issue, or find, a certificate for host names and addresses."""
        files = CertificateFiles(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        if not _exist(files):
            _write(self._ca.issue_cert(*identities), files)
        return files

    def client_certificate(self, name: str, common_name: str) -> CertificateFiles:
        """Issue, or find, a certificate that a client signs in to a server with."""
        files = CertificateFiles(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        if not _exist(files):
            issued = self._ca.issue_cert(
                f"{name}.clients.example.test",
                common_name=common_name,
                organization_name="Rehearsal lab",
                organization_unit_name="clients",
            )
            _write(issued, files)
        return files

    def application_certificate(self, folder: Path, common_name: str) -> CertificateFiles:
        """Issue, or find, a certificate for an application in Entra.

        The certificate is RSA, which Entra asks for; ``app.pem`` holds both it and its key, the
        form in which azure-identity wants them.
        """
        files = CertificateFiles(folder / "app.crt", folder / "app.pem")
        if not _exist(files):
            import trustme

            issued = self._ca.issue_cert(
                f"{common_name}.apps.example.test",
                common_name=common_name,
                key_type=trustme.KeyType.RSA,
            )
            write_private(files.certificate, issued.cert_chain_pems[0].bytes().decode("ascii"))
            both = issued.private_key_pem.bytes() + issued.cert_chain_pems[0].bytes()
            write_private(files.private_key, both.decode("ascii"))
        return files


def _exist(files: CertificateFiles) -> bool:
    return files.certificate.exists() and files.private_key.exists()


def _write(issued: trustme.LeafCert, files: CertificateFiles) -> None:
    chain = b"".join(pem.bytes() for pem in issued.cert_chain_pems)
    write_private(files.certificate, chain.decode("ascii"))
    write_private(files.private_key, issued.private_key_pem.bytes().decode("ascii"))
