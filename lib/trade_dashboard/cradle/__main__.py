"""`python -m trade_dashboard.cradle SOCKET OWNER`: serve who holds the other end of the socket, and die with the owner."""

import gc
import os
import signal
import socket
import sys

# as ipykernel's own launcher does: nothing is imported from the folder that we happen to be in
if not sys.flags.safe_path:
    del sys.path[0]

from trade_dashboard.cradle.serve import serve
from trade_dashboard.runs.stop import die_with_parent


def main() -> None:
    # our owner may have blocked signals for a moment; that would be inherited
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    control, owner = socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2])
    die_with_parent(owner)
    gc.disable()
    plain = dict(os.environ)
    from trade_dashboard.cradle.become import become
    from trade_dashboard.cradle.warm import warm

    warm()
    brought = {name: value for name, value in os.environ.items() if name not in plain}
    gc.freeze()
    become(serve(control), brought)


if __name__ == "__main__":
    main()
