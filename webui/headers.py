"""What every answer says to the browser about itself."""

from flask import Response, request

from chartkeeper.webui import current

CONTENT_POLICY = (
    "default-src 'self'; img-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
# What came from outside is shown or saved, and runs nothing.
OUTSIDE_POLICY = "default-src 'none'; sandbox; base-uri 'none'; frame-ancestors 'none'"
POLICY = "Content-Security-Policy"
HEADERS = {
    POLICY: CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}

# A year: whoever came by https once is not led to an address in the clear by a mistyped link.
HTTPS_ALONE = "max-age=31536000"


def from_outside(response: Response) -> Response:
    """Mark an answer whose content came from outside, such as an original or a page of one."""
    response.headers[POLICY] = OUTSIDE_POLICY
    return response


def harden(response: Response) -> Response:
    """Add the headers; only style sheets, scripts and icons may stay in a browser's memory.

    An answer that brings a stricter content policy of its own keeps it.
    """
    own_policy = response.headers.get(POLICY)
    response.headers.update(HEADERS)
    if own_policy:
        response.headers[POLICY] = own_policy
    if current.parts().secure_cookies:
        response.headers["Strict-Transport-Security"] = HTTPS_ALONE
    if request.endpoint == "static" and response.status_code < 400:
        response.headers["Cache-Control"] = "public, max-age=3600"
    else:
        response.headers["Cache-Control"] = "no-store"
    return response
