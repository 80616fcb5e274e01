# Copyright (c) 2026 the tenantops.migration contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """The options that say where DNS is and how to talk to it, for all modules of the group dns."""

    DOCUMENTATION = r"""
options:
  dns_provider:
    description:
      - Where the zone is kept, and so how its records are read and written.
      - V(rfc2136) asks and updates the primary name server of the zone (RFC 2136), by the other
        options of this kind.
      - V(manual) writes nothing by itself. It tells what to publish, and waits until it is seen.
      - V(route53) is Amazon Route 53. It needs the Python package boto3.
      - V(azure) is Azure DNS. It needs the Python packages azure-mgmt-dns and azure-identity.
      - V(cloudflare) is Cloudflare. It needs the Python package cloudflare.
      - V(godaddy) is GoDaddy. It needs the Python package requests.
      - V(google) is Google Cloud DNS. It needs the Python packages google-auth and requests.
      - If not set, the E(TENANTOPS_DNS_PROVIDER) environment variable is used.
    type: str
    choices: [rfc2136, manual, route53, azure, cloudflare, godaddy, google]
    default: rfc2136
    version_added: 1.2.0
  dns_provider_credentials:
    description:
      - How to prove to the company of O(dns_provider) who we are. Which of these are needed
        differs; one that belongs to another company is an error.
      - Without any, V(route53), V(azure) and V(google) look for credentials as their own tools do,
        in the environment, in files and at the machine's own identity.
      - If not set, the E(TENANTOPS_DNS_PROVIDER_CREDENTIALS) environment variable is used, as JSON.
    type: dict
    version_added: 1.2.0
    suboptions:
      access_key_id:
        description: The id of an access key, for V(route53).
        type: str
      secret_access_key:
        description: The secret of the access key, for V(route53).
        type: str
      session_token:
        description: The token that comes with temporary credentials, for V(route53).
        type: str
      tenant_id:
        description: The tenant of the application that signs in, for V(azure).
        type: str
      client_id:
        description: The id of the application that signs in, for V(azure).
        type: str
      client_secret:
        description: The secret of the application that signs in, for V(azure).
        type: str
      api_token:
        description: An API token that may read the zone and edit its DNS, for V(cloudflare).
        type: str
      api_key:
        description: The key of a production API key, for V(godaddy).
        type: str
      api_secret:
        description: The secret of the API key, for V(godaddy).
        type: str
      service_account:
        description:
          - The key file of a service account, for V(google). Its content, as text or as a
            dictionary.
        type: raw
  dns_provider_settings:
    description:
      - Where the zone is at the company of O(dns_provider), and how to reach it. Which of these are
        needed differs; one that belongs to another company is an error.
      - If not set, the E(TENANTOPS_DNS_PROVIDER_SETTINGS) environment variable is used, as JSON.
    type: dict
    version_added: 1.2.0
    suboptions:
      zone_id:
        description:
          - The zone, where the account has more than one of the same name. The id of the hosted
            zone for V(route53), that of the zone for V(cloudflare), the name of the managed zone
            for V(google).
          - By default it is found by the name of the record.
        type: str
      profile:
        description: The profile of the AWS configuration to take credentials from, for V(route53).
        type: str
      subscription_id:
        description: The subscription that the zone is in, for V(azure). It is needed there.
        type: str
      resource_group:
        description: The resource group that the zone is in, for V(azure). It is needed there.
        type: str
      project:
        description:
          - The project that the zone is in, for V(google). By default that of the credentials.
        type: str
      url:
        description:
          - Where the company's API is, if not at its usual place, such as a national cloud or a
            test environment. It begins with C(https).
        type: str
      authority:
        description:
          - Where to sign in, if not at C(https://login.microsoftonline.com), for V(azure).
        type: str
      ca_path:
        description:
          - A file with the certificate authorities to trust instead of the usual ones, for example
            that of a company's own proxy.
        type: path
      retry_time:
        description:
          - For how many seconds in all to try again when the company says that there were too many
            requests.
        type: float
        default: 120.0
      instructions_file:
        description: The file that V(manual) writes for whoever is to publish the records.
        type: path
  dns_server:
    description:
      - The primary name server of the zone, as a host name or an address.
      - By default the one that the zone's SOA record names (its MNAME), looked up at
        O(dns_resolvers).
      - With O(dns_auth=gss_tsig) it must be the server's name as Kerberos knows it, or
        O(dns_server_name) must be.
      - If not set, the E(TENANTOPS_DNS_SERVER) environment variable is used.
    type: str
  dns_port:
    description:
      - The port of the primary name server.
      - If not set, the E(TENANTOPS_DNS_PORT) environment variable is used.
    type: int
    default: 53
  dns_resolvers:
    description:
      - The resolvers that are asked for the zone and its primary, each as V(host), V(host:port) or
        V([v6]:port). They are tried in order until one answers.
      - By default those of the system.
      - If not set, the E(TENANTOPS_DNS_RESOLVERS) environment variable is used, as a
        comma-separated list.
    type: list
    elements: str
  dns_auth:
    description:
      - How to prove to the primary who we are. Questions are signed like updates, so that wrong
        credentials show in check mode too.
      - V(tsig) signs with a shared secret (RFC 8945). It needs O(dns_key_name) and
        O(dns_key_secret).
      - V(gss_tsig) signs with a key negotiated by Kerberos (RFC 3645), as Active Directory wants
        it. It needs the Python package gssapi.
      - V(none) does not sign; the server goes by the address that the task comes from.
      - If not set, the E(TENANTOPS_DNS_AUTH) environment variable is used.
    type: str
    choices: [tsig, gss_tsig, none]
    default: tsig
  dns_key_name:
    description:
      - The name of the TSIG key.
      - If not set, the E(TENANTOPS_DNS_KEY_NAME) environment variable is used.
    type: str
  dns_key_secret:
    description:
      - The secret of the TSIG key, in base64 as in the server's key file.
      - If not set, the E(TENANTOPS_DNS_KEY_SECRET) environment variable is used.
    type: str
  dns_key_algorithm:
    description:
      - The algorithm of the TSIG key. V(hmac-sha224), V(hmac-sha1) and V(hmac-md5) are only for old
        servers.
      - If not set, the E(TENANTOPS_DNS_KEY_ALGORITHM) environment variable is used.
    type: str
    choices: [hmac-sha256, hmac-sha384, hmac-sha512, hmac-sha224, hmac-sha1, hmac-md5]
    default: hmac-sha256
  dns_kerberos_principal:
    description:
      - The Kerberos principal to be with O(dns_auth=gss_tsig).
      - By default the one of the credential cache, or the first of the keytab.
      - If not set, the E(TENANTOPS_DNS_KERBEROS_PRINCIPAL) environment variable is used.
    type: str
  dns_kerberos_keytab:
    description:
      - The keytab with the key of O(dns_kerberos_principal). Tickets got with it are kept in
        memory, or in O(dns_kerberos_ccache) if that is given too.
      - If not set, the E(TENANTOPS_DNS_KERBEROS_KEYTAB) environment variable is used.
    type: path
  dns_kerberos_ccache:
    description:
      - The credential cache with a ticket, as Kerberos names it, for example
        V(FILE:/run/user/1000/krb5cc).
      - By default the one that the Kerberos library uses.
      - If not set, the E(TENANTOPS_DNS_KERBEROS_CCACHE) environment variable is used.
    type: str
  dns_server_name:
    description:
      - The primary's host name in its Kerberos service principal C(DNS/<host>), where O(dns_server)
        is an address or another name.
      - If not set, the E(TENANTOPS_DNS_SERVER_NAME) environment variable is used.
    type: str
  dns_unverified_answers:
    description:
      - What to do when the signature of an answer does not verify though the key was negotiated by
        Kerberos. Some versions of Samba sign their answers wrongly.
      - V(fail) fails, in check mode too.
      - V(read_back) believes the answers and warns. An update then counts as made only when an
        unsigned question shows what was written. It makes no difference to a server whose answers
        verify, and none to O(dns_auth=tsig).
      - If not set, the E(TENANTOPS_DNS_UNVERIFIED_ANSWERS) environment variable is used.
    type: str
    choices: [fail, read_back]
    default: fail
  dns_transport:
    description:
      - What to send messages over. V(udp) goes over to TCP for messages that are too long for it.
      - If not set, the E(TENANTOPS_DNS_TRANSPORT) environment variable is used.
    type: str
    choices: [tcp, udp]
    default: tcp
  dns_timeout:
    description:
      - How many seconds to wait for each answer.
      - If not set, the E(TENANTOPS_DNS_TIMEOUT) environment variable is used.
    type: float
    default: 10.0
"""
