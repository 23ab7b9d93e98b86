"""Loaded by the fork server of the children, and by nothing else: a stop is not for that server.

A stop of the service often goes to all of its processes at once. A fork server that ended of it
would leave its service unable to start a child over a file at which it just looks; it ends when
the service does. The children begin as it is and leave stopping to the service too.
"""

import signal

for number in (signal.SIGTERM, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
