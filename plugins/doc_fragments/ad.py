# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options of the connection to a directory: Active Directory, or another LDAP server."""

    DOCUMENTATION = r"""
options:
  ad_servers:
    description:
      - The domain controllers to connect to, tried in this order, as names or IP addresses, with
        V(:port) where it is not O(ad_port). An IPv6 address with a port is written
        V([2001:db8::10]:636).
      - The next one is tried only where a server cannot be reached or says that it is not ready. A
        server that refuses the credentials, or cannot prove its identity, ends the task, so that a
        wrong password does not lock the account out.
      - If not set, the E(TENANTOPS_AD_SERVERS) environment variable is used, with commas between
        the servers.
    type: list
    elements: str
  ad_encryption:
    description:
      - How the connection is protected.
      - If not set, the E(TENANTOPS_AD_ENCRYPTION) environment variable is used.
    type: str
    choices:
      ldaps: TLS from the first byte (port 636, global catalog 3269).
      start_tls: TLS begun on a plain connection, before any credentials are sent (port 389, global
        catalog 3268).
      none: No encryption. Needs O(ad_allow_unencrypted_bind). Domain controllers normally refuse
        it.
    default: ldaps
  ad_port:
    description:
      - The port of the servers that have none of their own in O(ad_servers).
      - The default depends on O(ad_encryption), V(636) or V(389).
      - If not set, the E(TENANTOPS_AD_PORT) environment variable is used.
    type: int
  ad_server_name:
    description:
      - The name to look for in the server's certificate, and in its Kerberos service principal,
        where it is not the one under which the server is reached, for example because
        O(ad_servers) has addresses.
      - If not set, the E(TENANTOPS_AD_SERVER_NAME) environment variable is used.
    type: str
  ad_ca_path:
    description:
      - A file with the certificates, in PEM form, of the authorities that are trusted. The default
        are those that the operating system trusts.
      - If not set, the E(TENANTOPS_AD_CA_PATH) environment variable is used.
    type: path
  ad_validate_certs:
    description:
      - Whether the server's certificate and name are checked. If not, whoever answers in the
        server's place gets the credentials.
      - If not set, the E(TENANTOPS_AD_VALIDATE_CERTS) environment variable is used.
    type: bool
    default: true
  ad_auth:
    description:
      - How to log in.
      - If not set, the E(TENANTOPS_AD_AUTH) environment variable is used.
    type: str
    choices:
      simple: With O(ad_username) and O(ad_password).
      kerberos: With a Kerberos ticket, from O(ad_kerberos_ccache) or by O(ad_kerberos_keytab).
        Needs the Python package gssapi. The realm's servers are found as C(krb5.conf) says.
      certificate: With O(ad_client_certificate), by SASL EXTERNAL, where the server offers that.
    default: simple
  ad_username:
    description:
      - The account, as a user principal name, as C(DOMAIN\name), or as a distinguished name.
      - Used with O(ad_auth=simple).
      - If not set, the E(TENANTOPS_AD_USERNAME) environment variable is used.
    type: str
  ad_password:
    description:
      - The password of O(ad_username).
      - If not set, the E(TENANTOPS_AD_PASSWORD) environment variable is used.
    type: str
  ad_kerberos_principal:
    description:
      - The principal to log in as, for example V(svc-tenantops@CORP.EXAMPLE.COM). Needed with
        O(ad_kerberos_keytab); else the default is the principal of the credential cache.
      - If not set, the E(TENANTOPS_AD_KERBEROS_PRINCIPAL) environment variable is used.
    type: str
  ad_kerberos_keytab:
    description:
      - A keytab with the key of O(ad_kerberos_principal). The tickets are kept in memory, unless
        O(ad_kerberos_ccache) is given as well.
      - If not set, the E(TENANTOPS_AD_KERBEROS_KEYTAB) environment variable is used.
    type: path
  ad_kerberos_ccache:
    description:
      - A credential cache, as Kerberos names it, for example V(FILE:/run/user/1000/krb5cc). The
        default is the default cache of the user who runs the task.
      - If not set, the E(TENANTOPS_AD_KERBEROS_CCACHE) environment variable is used.
    type: str
  ad_client_certificate:
    description:
      - A file with the certificate to log in with, in PEM form, and with its key, unless
        O(ad_client_key) is given.
      - Used with O(ad_auth=certificate).
      - If not set, the E(TENANTOPS_AD_CLIENT_CERTIFICATE) environment variable is used.
    type: path
  ad_client_key:
    description:
      - A file with the key of O(ad_client_certificate), in PEM form, not encrypted.
      - If not set, the E(TENANTOPS_AD_CLIENT_KEY) environment variable is used.
    type: path
  ad_allow_unencrypted_bind:
    description:
      - Whether O(ad_encryption=none) is allowed. Everybody on the way to the server can then read
        the credentials and change the data.
      - If not set, the E(TENANTOPS_AD_ALLOW_UNENCRYPTED_BIND) environment variable is used.
    type: bool
    default: false
  ad_connect_timeout:
    description:
      - How many seconds to wait for a server to accept a connection.
      - If not set, the E(TENANTOPS_AD_CONNECT_TIMEOUT) environment variable is used.
    type: int
    default: 10
  ad_timeout:
    description:
      - How many seconds to wait for a server's answer.
      - If not set, the E(TENANTOPS_AD_TIMEOUT) environment variable is used.
    type: int
    default: 60
"""
