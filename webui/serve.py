"""The pages on a port, by waitress."""

import logging

import waitress
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from chartkeeper.webui.address import listening, refuse_public

MAX_REQUEST_BYTES = 1 << 20
CHANNEL_TIMEOUT_SECONDS = 60
CONNECTION_LIMIT = 200


def serve(
    app: Flask, host: str, port: int, threads: int = 4, *, behind_proxy: bool = False
) -> None:
    """Answer browsers on `host` and `port` until the process is told to stop.

    Raises PublicHost for an address that other machines reach, unless `behind_proxy` says that a
    proxy with TLS stands in front; its word on where a request came from is then believed, one
    hop far. Raises PortTaken if another program listens there, AddressUnusable.
    """
    refuse_public(host, behind_proxy=behind_proxy)
    if behind_proxy:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    socket = listening(host, port)
    logging.getLogger(__name__).info("listening on port %d", port)
    waitress.serve(
        app,
        sockets=[socket],
        threads=threads,
        ident="",
        max_request_body_size=MAX_REQUEST_BYTES,
        channel_timeout=CHANNEL_TIMEOUT_SECONDS,
        connection_limit=CONNECTION_LIMIT,
        # The headers of the proxy are ProxyFix's to read; without a proxy waitress drops them.
        clear_untrusted_proxy_headers=not behind_proxy,
    )
