"""Where the pages listen: on this machine alone, or for a proxy that stands before them."""

import errno
import ipaddress
import socket

from chartkeeper.webui.errors import AddressUnusable, PortTaken, PublicHost

# The machine has no such address, no name stands for one, or this account has no right to the port.
UNUSABLE = {
    *(errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EACCES, errno.EPERM),
    *(socket.EAI_NONAME, socket.EAI_AGAIN),
}


def refuse_public(host: str, *, behind_proxy: bool) -> None:
    """Raises PublicHost for an address that other machines reach, unless a proxy is before it."""
    if not (behind_proxy or is_loopback(host)):
        raise PublicHost(host)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises PortTaken, AddressUnusable."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise PortTaken(port) from error
        if error.errno in UNUSABLE:
            raise AddressUnusable(host, port) from error
        raise
