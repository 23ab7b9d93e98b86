"""What can go wrong between a browser and the records; each message says what to do."""


class WebError(Exception):
    """An expected failure of the web pages; the message may be shown to anybody."""


class NotAllowed(WebError):
    """The account's role does not open this page."""

    def __init__(self) -> None:
        super().__init__(
            "Your account does not open this page. The attempt was noted in the access log. "
            "If your work needs it, ask a records administrator."
        )


class FileOfSeveral(WebError):
    """The whole file would show more than the document that was asked for."""

    def __init__(self) -> None:
        super().__init__(
            "The file in which this document came also holds papers of others, or papers of which "
            "it is not known whose they are, or that are restricted. Your account opens the pages "
            "of this document, which "
            "you can print, but not the whole file. The attempt was noted in the access log. If "
            "your work needs the file, ask a records clerk."
        )


class FormExpired(WebError):
    """A form came back without the mark that this session put into it."""

    def __init__(self) -> None:
        super().__init__(
            "This form was opened in an earlier session, or did not come from these pages. "
            "Nothing was changed. Open the page again and repeat the step."
        )


class FormInvalid(WebError):
    """A form came back with something in it that cannot be used."""


class DateMissing(FormInvalid):
    """A document whose type needs a date was to be filed without one."""

    def __init__(self) -> None:
        super().__init__(
            "A document of this type must not be filed without its date. Write the date, or tick "
            "“The date is not on the paper” and file again."
        )


class PageNotThere(WebError):
    """The document has no page of this number."""

    def __init__(self) -> None:
        super().__init__("The document has no page of this number.")


class SearchForgotten(WebError):
    """A search of this name is not kept for this account."""

    def __init__(self) -> None:
        super().__init__(
            "This search is not one of yours. Searches cannot be handed on; start a new one."
        )


class PublicHost(WebError):
    """The pages would be reachable from other machines without encryption."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"Refusing to listen on {host}: other machines would reach the charts without "
            "encryption. Listen on 127.0.0.1, or put a proxy with TLS in front and say "
            "behind_proxy."
        )


class AddressUnusable(WebError):
    """The machine has no such address, or the account may not use the port."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            f"The web pages cannot listen on {host}, port {port}: this machine has no such address "
            "(yet), or this account may not use the port. Correct host and port in "
            "chartkeeper.toml, and take a port above 1023."
        )


class PortTaken(WebError):
    """Another program listens there already."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} is taken by another program. Stop that one, or set another port in "
            "chartkeeper.toml."
        )
